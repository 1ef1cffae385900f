"""A list of images as a population whose best linear predictor is known exactly. Serves "A first look, on digits"."""

import numpy as np

from ..checks import real_array, whole_number


def pool(pixels, side):
    """Average over square blocks: ``pixels`` (N, h, h) in 0..255 -> (N, side, side) in 0..1.

    Raises ValueError if the images are not square or ``side`` does not divide h.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[1] != pixels.shape[2]:
        raise ValueError(f"pixels must have shape (N, h, h), got {pixels.shape}")
    side = whole_number("side", side, low=1)
    count, height, _ = pixels.shape
    if height % side:
        raise ValueError(f"side must divide the height {height} of the images, got {side}")
    block = height // side
    rows = pixels.reshape(count, side, block, height).sum(axis=2, dtype=np.uint32)
    return rows.reshape(count, side, side, block).sum(axis=3) / (255.0 * block**2)


def features(pooled):
    """Rows for a linear model: pixels that never change are dropped, a constant 1 is added. (N, side, side) -> (N, d)."""
    pooled = real_array("pooled", pooled, ndim=3)
    rows = pooled.reshape(len(pooled), -1)
    varying = rows.min(axis=0) < rows.max(axis=0)
    return np.column_stack([rows[:, varying], np.ones(len(rows))])


class Population:
    """N images, taken to be all there is: a row of data is one of them, drawn with replacement.

    ``x`` (N, d) features and ``labels`` (N,) int. From them: ``y`` (N, k) one-hot targets, ``sigma`` (d, d) = E[x x'],
    ``best`` (d, k) = the best linear predictor w*, ``misfit`` = E|y - w*'x|^2, what no linear predictor can remove
    (a squared error, summed over the k outputs).

    Raises ValueError if the shapes do not fit, a label is not a whole number >= 0, or E[x x'] is singular.
    """

    def __init__(self, x, labels):
        self.x = real_array("x", x, ndim=2)
        self.labels = np.asarray(labels)
        if self.labels.shape != (len(self.x),):
            raise ValueError(f"labels must have shape ({len(self.x)},), one for each row of x, got {self.labels.shape}")
        if self.labels.dtype.kind not in "iu" or self.labels.min() < 0:
            raise ValueError("labels must be whole numbers >= 0")
        self.y = np.eye(self.labels.max() + 1)[self.labels]
        self.sigma = self.x.T @ self.x / len(self.x)
        if np.linalg.matrix_rank(self.sigma, hermitian=True) < self.d:
            raise ValueError("x must have linearly independent columns: E[x x'] is singular")
        self.best = self.best_linear(self.y)
        self.misfit = self.error(self.best)

    @property
    def d(self):
        """Number of features, the constant included."""
        return self.x.shape[1]

    def best_linear(self, targets):
        """The best linear predictor of ``targets`` (N, k) over the population: Sigma^-1 E[x t'], (d, k)."""
        targets = real_array("targets", targets, ndim=2)
        if len(targets) != len(self.x):
            raise ValueError(f"targets must have {len(self.x)} rows, one for each image, got {len(targets)}")
        return np.linalg.solve(self.sigma, self.x.T @ targets / len(self.x))

    def excess(self, weights):
        """E|w'x - w*'x|^2 = tr (w - w*)' Sigma (w - w*) for ``weights`` (..., d, k); shape (...)."""
        gap = weights - self.best
        return (gap * (self.sigma @ gap)).sum(axis=(-2, -1))

    def error(self, weights):
        """E|y - w'x|^2 over the population, straight from its definition, for ``weights`` (d, k)."""
        return float(((self.y - self.x @ weights) ** 2).sum(axis=1).mean())

    def accuracy(self, weights):
        """Share of the population whose largest output is its label, for ``weights`` (d, k)."""
        return float(((self.x @ weights).argmax(axis=1) == self.labels).mean())

    def quality(self, targets):
        """c^2 of a labeller that gives ``targets`` (N, k): the excess of the best linear approximation to it.

        Implements: prop-any-class (chapter "Digits at scale").
        """
        return float(self.excess(self.best_linear(targets)))
