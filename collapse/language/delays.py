"""What a mixture costs, in tokens: how late its learning curve is, what a synthetic token is worth. Serves "Stories"."""

import numpy as np

from ..checks import real_list, real_number


def delay(tokens, loss, clean_tokens, clean_loss):
    """By which factor fewer real tokens, without synthetic ones, reach the same loss.

    A mixture that needs 300 tokens for the loss that 200 real ones reach is late by the factor 1.5.

    tokens, loss (...,): numbers of tokens, real and synthetic, and the loss after them.  clean_tokens, clean_loss (k,): the
    learning curve without synthetic tokens; between its points the loss is linear in the logarithm of the tokens.

    Returns (...,), nan where the loss is not between the largest and the smallest of clean_loss.
    Raises ValueError or TypeError naming the argument, ValueError where clean_loss does not fall as clean_tokens grow.

    Implements: prop-delay, obs-stories-delay (chapter "Stories").
    """
    tokens, loss = np.broadcast_arrays(np.asarray(tokens, float), np.asarray(loss, float))
    clean_tokens, clean_loss = real_list("clean_tokens", clean_tokens, low=1), real_list("clean_loss", clean_loss)
    if not (tokens >= 1).all():
        raise ValueError(f"tokens must be >= 1, got {tokens.min()}")
    if clean_tokens.shape != clean_loss.shape:
        raise ValueError(f"clean_loss must have the length of clean_tokens, {len(clean_tokens)}, got {len(clean_loss)}")
    if (np.diff(clean_tokens) <= 0).any() or (np.diff(clean_loss) >= 0).any():
        raise ValueError("clean_loss must fall as clean_tokens grow, and clean_tokens must grow")
    same = np.interp(-loss, -clean_loss, np.log(clean_tokens), left=np.nan, right=np.nan)
    return tokens / np.exp(same)


def worth(delay, p2):
    """How many real tokens a synthetic token replaces, if the mixture is late by the factor ``delay`` (...,).

    1: as good as a real one; 0: the real tokens of the mixture do as well alone; below 0: better without.
    p2 : the share of synthetic tokens, > 0.  Raises ValueError or TypeError naming the argument.

    Implements: prop-delay, obs-short-memory-stories (chapter "Stories").
    """
    p2, delay = real_number("p2", p2, low=0, high=1, low_is_allowed=False), np.asarray(delay, float)
    if (delay <= 0).any():
        raise ValueError(f"delay must be > 0, got {delay.min()}")
    return (1 / delay - (1 - p2)) / p2
