"""Who sees which images: the students, the labellers, the test. Serves "Digits at scale"."""

from dataclasses import dataclass

import numpy as np

from ..checks import instance, whole_number
from ..data import Images


@dataclass(frozen=True, eq=False)
class Part:
    """Images as rows: ``x`` (N, inputs) pixels in 0..1, ``labels`` (N,) int, ``y`` (N, 10) one-hot."""

    x: np.ndarray
    labels: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint Parts in random order: what students train on, what labellers train on, what tests both."""

    students: Part
    labellers: Part
    test: Part


def split(source, seed):
    """A Split of ``source``, an Images. Its training split goes to the students, and half of the rest to each of the others.

    Where the source has no test split, two fifths of the images take its place. Raises TypeError or ValueError.
    """
    source = instance("source", source, Images)
    rng = np.random.default_rng(whole_number("seed", seed, low=0))
    count = len(source.pixels)
    first = source.n_train if source.n_train < count else count * 3 // 5
    whole = rng.permutation(count) if source.n_train == count else np.arange(count)
    students, rest = rng.permutation(whole[:first]), rng.permutation(whole[first:])
    return Split(*(_part(source, rows) for rows in (students, *np.array_split(rest, 2))))


def _part(source, rows):
    labels = source.labels[rows]
    return Part(source.pixels[rows].reshape(len(rows), -1) / 255, labels, np.eye(source.labels.max() + 1)[labels])
