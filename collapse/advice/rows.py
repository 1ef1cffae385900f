"""The rows that the calculator works with: without their means, in coordinates in which their covariance is 1.

A sample of n rows without its mean is n - 1 rows: the reflection that turns (1, ..., 1) to the first axis leaves the mean in
the first row and Gaussian rows, with independent noise of unchanged variance, in the others. So all that is true of rows
without intercept holds for n - 1 rows.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from ..quality.samples import DEPENDENT, samples
from .differences import check_units

LARGEST = 1e100  # squares of larger numbers overflow
BLOCK = 2**17  # numbers that are centred together


def checked(real, synthetic, names):
    """Both samples as arrays, and the names of the columns, or an error that names the argument and the column."""
    real, synthetic = samples(real, synthetic)
    d = real[0].shape[1]
    names = tuple(f"column {j}" for j in range(d)) if names is None else tuple(names)
    if len(names) != d:
        raise ValueError(f"names must have one name for each of the {d} columns, got {len(names)}")
    for word, (x, y) in (("real", real), ("synthetic", synthetic)):
        for letter, array in (("X", x), ("y", y)):
            extreme = max(array.min(), array.max(), key=abs)
            if abs(extreme) > LARGEST:
                raise ValueError(f"{word} {letter} must be between {-LARGEST:g} and {LARGEST:g}, got {extreme:g}")
        if len(y) < 3:
            raise ValueError(f"{word} X must have at least 3 rows, got {len(y)}")
        if np.ptp(y) == 0:
            raise ValueError(f"{word} y must have labels that differ, got {y[0]:g} in each row")
        if not np.ptp(x, axis=0).all():
            name = names[int(np.argmin(np.ptp(x, axis=0)))]
            raise ValueError(f"{word} X must have no constant column, got one: {name}; the intercept needs none")
    n1, n2 = len(real[1]), len(synthetic[1])
    if max(n1, n2) < d + 3:
        raise ValueError(
            f"real or synthetic X must have at least d + 3 = {d + 3} rows, for {d} columns, an intercept and the noise, "
            f"got {n1} and {n2}"
        )
    return real, synthetic, names


@dataclass(frozen=True)
class Sample:
    """Labelled rows (n, d) without their means, n - 1 rows to least squares: as quality.samples.Labelled.

    A large array is neither copied nor written to: means are taken off block by block.

    mean, label : the means.
    back : (d, d), from weights in the coordinates of ``gram`` and ``moment`` to those of the columns.

    Implements: prop-centred-rows (chapter "Measuring quality, deciding").
    """

    x: np.ndarray
    y: np.ndarray
    mean: np.ndarray
    label: float
    gram: np.ndarray
    moment: np.ndarray
    size: float
    back: np.ndarray

    @classmethod
    def of(cls, x, y):
        d = x.shape[1]
        mean, label = x.mean(axis=0), float(y.mean())
        gram, moment = np.zeros((d, d)), np.zeros(d)
        for rows, labels in _centred(x, y, mean, label):
            gram += rows.T @ rows
            moment += labels @ rows
        return cls(x, y, mean, label, gram, moment, float(np.sum((y - label) ** 2)) / (len(y) - 1), np.eye(d))

    @property
    def n(self):
        return len(self.y) - 1

    @property
    def d(self):
        return len(self.mean)

    def seen_in(self, back):
        """The sample in other coordinates."""
        return replace(self, gram=back.T @ self.gram @ back, moment=back.T @ self.moment, back=back)

    def missed(self, weights):
        """Mean square, over n - 1 rows, of what the weights leave of the labels."""
        weights = self.back @ weights
        blocks = _centred(self.x, self.y, self.mean, self.label)
        return sum(float(np.sum((labels - rows @ weights) ** 2)) for rows, labels in blocks) / self.n


def _centred(x, y, mean, label):
    """Rows and labels without these means, in blocks of about a megabyte."""
    step = -(-BLOCK // x.shape[1])
    for start in range(0, len(y), step):
        yield x[start : start + step] - mean, y[start : start + step] - label


@dataclass(frozen=True)
class Overlap:
    """A measured w1'S delta: negative where synthetic labels follow the real teacher with too small weights; unit [y]^2."""

    value: float
    stderr: float

    def interval(self, level):
        """(low, high): covers the truth with probability ``level``, by the normal law."""
        step = -ndtri((1 - level) / 2) * self.stderr
        return self.value - step, self.value + step


@dataclass(frozen=True)
class Pair:
    """What students learn from: both samples, in coordinates in which all rows together have covariance 1.

    real, synthetic : Samples in these coordinates.
    """

    real: Sample
    synthetic: Sample

    @classmethod
    def of(cls, real, synthetic, names):
        pair = [Sample.of(*each) for each in (real, synthetic)]
        check_units(*pair, names)
        count, gram = sum(each.n for each in pair), sum(each.gram for each in pair)
        scale = np.sqrt(np.diag(gram) / count)
        values, vectors = np.linalg.eigh(gram / count / np.outer(scale, scale))
        if values[0] < DEPENDENT:
            column = names[int(np.argmax(np.abs(vectors[:, 0])))]
            raise ValueError(
                f"X must have columns that do not depend on each other: {column} follows from others, leave it out"
            )
        back = vectors / np.sqrt(values) / scale[:, None]
        return cls(*(each.seen_in(back) for each in pair))

    @property
    def back(self):
        return self.real.back

    @property
    def grams(self):
        return self.real.gram, self.synthetic.gram

    @property
    def moments(self):
        return self.real.moment, self.synthetic.moment

    def overlap(self, noise):
        """An Overlap, unbiased, from two least-squares fits; unknown where a sample has too few rows. noise: of each."""
        if min(np.linalg.eigvalsh(gram)[0] for gram in self.grams) <= DEPENDENT * max(map(np.trace, self.grams)):
            return Overlap(0.0, np.inf)
        one, two = (np.linalg.solve(gram, moment) for gram, moment in zip(self.grams, self.moments))
        error1, error2 = (each * np.trace(np.linalg.inv(gram)) for each, gram in zip(noise, self.grams))
        d, shift = len(one), two - one
        variance = np.sum((shift - one) ** 2) * error1 + np.sum(one**2) * error2 + error1 * error2 + 2 * error1**2
        return Overlap(float(one @ shift + error1), float(np.sqrt(variance / d)))

    def fit(self, weights, n, lam):
        """Weights (d,) of the columns: least squares with row weights ``weights`` (real, synthetic) and a ridge."""
        gram = weights[0] * self.grams[0] + weights[1] * self.grams[1] + n * lam * np.eye(len(self.back))
        return self.back @ np.linalg.solve(gram, weights[0] * self.moments[0] + weights[1] * self.moments[1])

    def joint_fit(self, n, lam, tau2):
        """Weights (d,) of the columns for real rows, from the joint fit of theory.hierarchical with tau2 > 0."""
        (one, two), eye = self.grams, n * lam * np.eye(len(self.back))
        gram = np.block([[one + two + eye, two], [two, two + eye / tau2]])
        return self.back @ np.linalg.solve(gram, np.concatenate([sum(self.moments), self.moments[1]]))[: len(eye)]
