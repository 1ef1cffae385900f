"""The students of real and synthetic rows: their ridges, what theory says of their errors, and their weights.

A ridge pulls towards 0. So does a shift against the real teacher, and then the two mistakes add. Theory takes the shift to
have no direction; here errors are those of theory.mixture, which knows w1'S delta. With rows of covariance 1 they depend on
d and n by n/d only, so one dimension is enough.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .. import theory
from ..quality import Noise
from ..quality.predictions import Prediction, moved
from ..setting import Setting
from ..theory.best import minimise
from ..theory.weighting import row_weights

NOISELESS = 1e-9  # relative to the variance of the labels: less noise is taken for this much
NAMES = ("real only", "pooled", "best weight", "careful weight", "joint fit")


@dataclass(frozen=True, eq=False)
class Student:
    """One way to use the rows.

    name : one of NAMES. "best weight" is best at the measured c2, "careful weight" at the upper end of its interval.
    alpha : weight of a synthetic row, against 1 - alpha of a real one, as in theory.weighted; None in the joint fit.
    lam : ridge, as in theory.weighted or theory.hierarchical, for rows in coordinates in which their covariance is 1:
        the penalty is lam w'Sw, with S the covariance of all rows.
    tau2 : as in theory.hierarchical; None elsewhere.
    error : predicted excess error, a Prediction with its interval: squared, without the noise of the label; unit [y]^2.
    ratio : predicted error over that of "real only", a Prediction.
    weights, intercept : the fitted student, y = intercept + x.weights.
    """

    name: str
    alpha: float | None
    lam: float
    tau2: float | None
    error: Prediction
    ratio: Prediction
    weights: np.ndarray
    intercept: float

    def __repr__(self):
        value, low, high = self.error
        return f"Student({self.name}: error {value:.3g}, interval {low:.3g} to {high:.3g})"


@dataclass(frozen=True)
class Problem:
    """n1 real and n2 synthetic rows without means, in d columns; r2 is the signal."""

    n1: int
    n2: int
    d: int
    r2: float
    least: float  # noise, and signal
    most: float  # c2: where the upper end of an interval is larger, this much is bad enough

    @classmethod
    def of(cls, pair, found):
        """r2 is the variance of real labels less their noise, and at least the error of least squares, sigma1^2 d/n1."""
        n1, n2, variance = pair.real.n, pair.synthetic.n, pair.real.size
        least, noise = NOISELESS * variance, found.noise[0].value
        return cls(n1, n2, found.d, max(variance - noise, noise * found.d / n1, least), least, 1e3 * variance)

    @property
    def n(self):
        return self.n1 + self.n2

    def setting(self, c2, noise1, noise2, r2=None):
        noise = tuple(np.maximum([noise1, noise2], self.least))
        r2 = self.r2 if r2 is None else max(r2, self.least)
        return Setting.isotropic(self.d, self.n2 / self.n, min(c2, self.most), noise, r2)


class Signal(NamedTuple):
    """A measured r2, ``value``: the variance of the real labels less their noise, and not too small."""

    value: float
    variance: Noise
    noise: float

    def interval(self, level):
        """(low, high): what the interval of the variance leaves above the noise."""
        return tuple(end - self.noise for end in self.variance.interval(level))


def predicted(problem, found, overlap, signal, level):
    """The ridges, weights and tau2 of the students, their errors and error ratios, and the worth in real rows.

    Each student is chosen at the measured c2 and noises; its intervals say what the same student does at other ones.
    """
    noise = [each.value for each in found.noise]
    high = found.interval(level)[1]
    ways = chosen(problem, *(problem.setting(max(c2, 0.0), *noise) for c2 in (found.c2, high)))
    parts = np.array([coefficients(problem, **each) for each in ways])

    def numbers(c2, noise1, noise2, overlap, r2):
        at = problem.setting(c2, noise1, noise2, r2)
        errors = parts @ causes(at, overlap)
        return np.concatenate([errors, errors / errors[0], [worth_in_rows(at, problem)]])

    every = moved(numbers, found, (*found.noise, overlap, signal), level)
    *both, worth = (Prediction(float(value), max(float(low), 0.0), float(high)) for value, low, high in zip(*every))
    return ways, both[: len(ways)], both[len(ways) :], worth


def students(problem, pair, predictions):
    """The students, fitted."""
    found = []
    for name, given, error, ratio in zip(NAMES, *predictions):
        weights = _fitted(pair, problem, **given)
        intercept = pair.real.label - float(pair.real.mean @ weights)
        given = {key: None if given[key] is None else float(given[key]) for key in given}
        found.append(Student(name, **given, error=error, ratio=ratio, weights=weights, intercept=intercept))
    return tuple(found)


def chosen(problem, setting, worst):
    """alpha, lam and tau2 of each student: the best at ``setting``, and for the careful one at ``worst``."""
    n = problem.n
    ridge = setting.noise[0] * problem.d / setting.r2
    pool, _ = theory.best_ridge(setting, n)
    weighted = [theory.best_weighting(each, n)[:2] for each in (setting, worst)]
    tau2 = minimise(lambda tau2: theory.hierarchical(setting, n, ridge / n, tau2).total, np.array([[1e-6]]), 1e6)
    return (
        dict(alpha=0.0, lam=ridge / problem.n1, tau2=None),
        dict(alpha=0.5, lam=pool, tau2=None),
        *(dict(alpha=alpha, lam=lam, tau2=None) for lam, alpha in weighted),
        dict(alpha=None, lam=ridge / n, tau2=tau2.item()),
    )


def coefficients(problem, alpha, lam, tau2):
    """The error of a student is the sum of these (5,) times ``causes``: r2, both noises, c2 and w1'S delta.

    Implements: prop-one-dimension (chapter "Measuring quality, deciding").
    """
    aside = _mixture(problem, [0.0, 1.0], (1.0, 0.0), alpha, lam, tau2)
    along = _mixture(problem, [1.0, 0.0], (0.0, 1.0), alpha, lam, tau2)
    return np.array([aside.bias, aside.variance, along.variance, aside.shift, along.shift - aside.shift])


def causes(setting, overlap):
    """What makes errors, (5,), where w1'S delta is ``overlap``, or as near to it as r2 and c2 let it be."""
    most = np.sqrt(setting.c2 * setting.r2)
    return np.array([setting.r2, *setting.noise, setting.c2, np.clip(overlap, -most, most)])


def _mixture(problem, shift, noise, alpha, lam, tau2):
    """The Risk for a real teacher (1, 0) in one dimension, with ``shift`` and ``noise``."""
    n, p2, one = problem.n / problem.d, problem.n2 / problem.n, np.ones((1, 1))
    teacher, shift = np.array([[1.0, 0.0]]), np.array([shift])
    if alpha == 0:
        return theory.mixture([theory.Source(one, teacher, noise[0], 1.0)], problem.n1 / problem.d, lam)
    if alpha is None:
        tau = np.sqrt(tau2)
        both, alone = np.vstack([teacher, shift / tau]), np.vstack([teacher, 0 * shift])
        first, second = (np.outer(each, each) for each in ([1.0, 0.0], [1.0, tau]))
        sources = [theory.Source(first, both, noise[0], 1 - p2), theory.Source(second, both, noise[1], p2)]
        return theory.mixture(sources, n, lam, theory.Target(first, alone))
    weights = row_weights(np.float64(p2), alpha, "row")
    first = theory.Source(one, teacher, noise[0], 1 - p2, weights[0])
    return theory.mixture([first, theory.Source(one, teacher + shift, noise[1], p2, weights[1])], n, lam)


def _fitted(pair, problem, alpha, lam, tau2):
    n = problem.n1 if alpha == 0 else problem.n
    if alpha is None:
        return pair.joint_fit(n, lam, tau2)
    return (
        pair.fit(row_weights(np.float64(problem.n2 / problem.n), alpha, "row"), problem.n, lam)
        if alpha
        else pair.fit((1, 0), n, lam)
    )


def worth_in_rows(setting, problem):
    """Real rows that the synthetic ones replace: least squares on N real rows has the error sigma1^2 d/(N - d)."""
    error = theory.best_share(setting, problem.n)[1].total
    return problem.d * (1 + setting.noise[0] / error) - problem.n1
