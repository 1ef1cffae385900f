"""Labelled samples: what is asked of them, and a least-squares fit (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..checks import real_array

ROUNDING = 1e-32  # of a variance, relative: noise below is not told from none
DEPENDENT = 1e-10  # relative to columns of length 1: what is left of a direction that rounding could have made


def sample(name, value):
    """``value`` as the pair (X, y) of arrays (n, d) and (n,), not copied where they are float64, or a clear error."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        size = f" of {len(value)}" if isinstance(value, (tuple, list)) else ""
        raise TypeError(f"{name} must be a pair (X, y), got {type(value).__name__}{size}")
    x = real_array(f"{name} X", value[0], ndim=2, copy=False)
    y = real_array(f"{name} y", value[1], ndim=1, copy=False)
    if y.size != len(x):
        raise ValueError(f"{name} y must have one label for each of the {len(x)} rows of {name} X, got {y.size}")
    if not y.any():
        raise ValueError(f"{name} y must have a label that is not 0, got zeros only")
    return x, y


def samples(real, synthetic):
    """The two samples, with the same number of columns."""
    real, synthetic = sample("real", real), sample("synthetic", synthetic)
    d, others = real[0].shape[1], synthetic[0].shape[1]
    if d != others:
        raise ValueError(f"synthetic X must have as many columns as real X ({d}), got {others}")
    return real, synthetic


def enough_rows(name, x, least, why=""):
    """An error unless ``x`` has at least ``least`` rows; ``why``: the number as a formula."""
    if len(x) < least:
        rule = f"{why} = {least}" if why else least
        raise ValueError(f"{name} X must have at least {rule} rows, got {len(x)}")


def independent_columns(name, gram):
    """An error unless ``gram`` = X'X (..., d, d) is that of columns that do not depend on each other."""
    length = np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    if not length.all():
        raise ValueError(f"{name} must have no column of zeros, got one: column {np.argwhere(length == 0)[0, -1]}")
    smallest = np.linalg.eigvalsh(gram / (length[..., None] * length[..., None, :]))[..., 0]
    if (smallest < DEPENDENT).any():
        raise ValueError(f"{name} must have columns that do not depend on each other: leave out those that do")


class Labelled:
    """Rows x (..., n, d) and labels y (..., n), as least squares sees them."""

    def __init__(self, x, y):
        self.x, self.y = x, y
        self.n, self.d = x.shape[-2:]

    @cached_property
    def gram(self):
        """X'X, (..., d, d)."""
        return np.swapaxes(self.x, -1, -2) @ self.x

    @cached_property
    def moment(self):
        """X'y, (..., d)."""
        return times(np.swapaxes(self.x, -1, -2), self.y)

    @cached_property
    def size(self):
        """Mean square of the labels, (...)."""
        return np.mean(self.y**2, axis=-1)

    def missed(self, weights):
        """Mean square of what ``weights`` (..., d) leave of the labels, (...)."""
        return np.mean((self.y - times(self.x, weights)) ** 2, axis=-1)


@dataclass(frozen=True)
class Fit:
    """Least squares on labelled rows, or on many such samples at once.

    gram : (..., d, d) X'X.
    weights : (..., d).
    noise : (...) the residual sum of squares over ``spare`` = n - d: unbiased for the noise variance.
    """

    gram: np.ndarray
    weights: np.ndarray
    noise: np.ndarray
    spare: int

    @classmethod
    def of(cls, name, rows):
        n, d = rows.n, rows.d
        independent_columns(f"{name} X", rows.gram)
        weights = times(np.linalg.inv(rows.gram), rows.moment)
        noise = n * rows.missed(weights) / (n - d)
        return cls(rows.gram, weights, np.maximum(noise, ROUNDING * rows.size), n - d)


def times(matrix, vector):
    """The product of a matrix and a vector, or of stacks of them."""
    return (matrix @ vector[..., None])[..., 0]
