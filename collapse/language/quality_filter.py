"""Which of a generator's stories are poor, by rules that need no reader. Serves "Stories".

The paper filters poor stories out and does not say how. Here one is poor if it
ends before SHORTEST tokens, or
repeats itself endlessly: LOOP tokens in a row, each of them the same as the one PERIOD or fewer tokens before it.
"""

import numpy as np

from ..checks import instance

SHORTEST = 50
LOOP = 50
PERIOD = 10
RULES = ("short", "repeats")


def fault(story, end):
    """The one of RULES that a story is dropped by, the first that is; None if it is kept.

    story : its tokens (n,); if its writer ended it, the last of them is ``end``.
    Raises TypeError or ValueError naming story.
    """
    if instance("story", story, np.ndarray).ndim != 1 or story.size == 0:
        raise ValueError(f"story must be tokens, (n,) with n >= 1, got an array of shape {story.shape}")
    if story[-1] == end and len(story) <= SHORTEST:
        return "short"
    if any(_longest_run(story[period:] == story[:-period]) >= LOOP for period in range(1, PERIOD + 1)):
        return "repeats"
    return None


def _longest_run(same):
    """How many True there are in a row, at most."""
    breaks = np.flatnonzero(~same)
    return int(np.diff(breaks, prepend=-1, append=len(same)).max()) - 1
