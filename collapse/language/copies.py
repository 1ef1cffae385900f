"""Stories that are in two texts, word for word or nearly: what is learnt must not be what is tested. Serves "Stories"."""

import numpy as np

from ..checks import instance
from .corpus import TokenFile

PASSAGE = 16  # tokens
SHARE = 0.1  # of a copy's passages stand in the other text, at least
TOGETHER = 1 << 22  # tokens looked at at once
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd and without pattern: other tokens, another number
LOOKED_UP = 60  # bits: one number in 16 is below 2^60, and only such passages are looked up


def without_copies(file, other):
    """The TokenFile ``file`` without those of its stories that have a tenth of their passages in common with ``other``.

    Two editions of a story have most passages in common, stories of one kind or one writer hardly one in a hundred.
    Raises ValueError if no story is left, TypeError naming the argument.
    """
    lengths, story, known = np.diff(instance("file", file, TokenFile).ends, prepend=0), [], []
    there = np.unique(np.concatenate([numbers for numbers, _ in _passages(instance("other", other, TokenFile).tokens)]))
    for numbers, places in _passages(file.tokens[: lengths.sum()]):
        story.append(np.searchsorted(file.ends, places, side="right"))
        known.append(np.isin(numbers, there))
    story, known = np.concatenate(story), np.concatenate(known)
    copies = np.bincount(story[known], minlength=len(lengths)) > SHARE * np.bincount(story, minlength=len(lengths))
    if not copies.any():
        return file
    if copies.all():
        raise ValueError(f"file must have a story that is not in other, all of its {len(lengths)} are")
    return TokenFile(file.tokens[: lengths.sum()][np.repeat(~copies, lengths)], file.end, file.vocabulary)


def _passages(tokens):
    """Part after part of the text: a number for each passage to look up, the same for the same tokens, and where it ends."""
    for start in range(0, len(tokens), TOGETHER):
        part = tokens[start : start + TOGETHER + PASSAGE - 1]
        numbers = np.zeros(max(0, len(part) - PASSAGE + 1), np.uint64)
        for place in range(PASSAGE):
            numbers *= FACTOR
            numbers += part[place : place + len(numbers)]
        places = np.flatnonzero(numbers >> np.uint64(LOOKED_UP) == 0)
        yield numbers[places], start + places + PASSAGE - 1
