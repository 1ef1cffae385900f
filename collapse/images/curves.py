"""Students of a mixture of real and synthetic labels, and their learning curves. Serves "A first look, on digits"."""

from dataclasses import dataclass

import numpy as np

from ..checks import instance, real_array, whole_number
from .population import Population


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Excess error of ridge students. ``samples`` has shape (trials, len(n), len(p2), len(lam)).

    ``mean`` and ``stderr`` (len(n), len(p2)) are taken over trials at the lam with the smallest mean excess: the most
    favourable choice for the student, which nobody without the true answer can make.
    """

    n: np.ndarray
    p2: np.ndarray
    lam: np.ndarray
    samples: np.ndarray

    def _at_best(self, values):
        choice = self.samples.mean(axis=0).argmin(axis=-1)
        return np.take_along_axis(values, choice[..., None], axis=-1)[..., 0]

    @property
    def mean(self):
        return self._at_best(self.samples.mean(axis=0))

    @property
    def stderr(self):
        return self._at_best(self.samples.std(axis=0, ddof=1) / np.sqrt(len(self.samples)))

    @property
    def best_lam(self):
        """The lam behind ``mean``, (len(n), len(p2))."""
        return self.lam[self.samples.mean(axis=0).argmin(axis=-1)]


def students(population, synthetic, n, p2, lam, rng, replace=True):
    """Ridge weights (len(p2), len(lam), d, k) fitted on one draw of ``n`` images.

    The first n - round(p2 n) rows keep their true label, the others take theirs from ``synthetic`` (N, k). One draw and
    one eigendecomposition serve all ``p2`` and ``lam``. The loss is (1/n) sum |y - w'x|^2 + lam |w|^2.
    ``replace=False`` draws without replacement. Raises ValueError or TypeError on bad input.
    """
    population = instance("population", population, Population)
    synthetic = real_array("synthetic", synthetic, ndim=2)
    if synthetic.shape != population.y.shape:
        raise ValueError(f"synthetic must have the shape {population.y.shape} of the targets, got {synthetic.shape}")
    n = whole_number("n", n, low=1)
    p2 = np.atleast_1d(real_array("p2", p2, low=0, high=1))
    lam = np.atleast_1d(real_array("lam", lam, low=0, low_is_allowed=False))
    size = len(population.x)
    if not replace and n > size:
        raise ValueError(f"n must be <= {size}, the number of images, when drawn without replacement, got {n}")

    rows = rng.integers(size, size=n) if replace else rng.permutation(size)[:n]
    times = np.bincount(rows, minlength=size)  # how often each image was drawn
    used = np.flatnonzero(times)
    root = np.sqrt(times[used])[:, None]
    x = population.x[used]
    x *= root
    targets = []
    for share in p2:
        real = np.bincount(rows[: n - round(share * n)], minlength=size)[used, None]
        targets.append((real * population.y[used] + (times[used, None] - real) * synthetic[used]) / root)

    values, vectors = np.linalg.eigh(x.T @ x / n)
    cross = np.array(np.hsplit(vectors.T @ (x.T @ np.hstack(targets)) / n, len(p2)))
    shrink = 1 / (values.clip(min=0) + lam[:, None])
    return vectors @ (shrink[..., None] * cross[:, None])


def learning_curve(population, synthetic, n, p2, lam, trials, seed, replace=True):
    """Excess error of :func:`students` on ``trials`` independent draws at each ``n``, as a :class:`LearningCurve`.

    ``n``, ``p2`` and ``lam`` are numbers or one-dimensional arrays; arguments as for :func:`students`; trials >= 2.
    """
    n = np.atleast_1d(n)
    trials = whole_number("trials", trials, low=2)
    samples = np.array(
        [
            [
                population.excess(students(population, synthetic, size, p2, lam, rng, replace))
                for size, rng in zip(n.tolist(), np.random.default_rng([seed, trial]).spawn(len(n)))
            ]
            for trial in range(trials)
        ]
    )
    return LearningCurve(n, np.atleast_1d(p2), np.atleast_1d(lam), samples)
