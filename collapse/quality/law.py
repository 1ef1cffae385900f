"""How an estimate of c2 scatters: its law, its standard error and its interval (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincinv

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)  # Gauss's rule, for the mean over the chance of a value of s
KNOWN = 1e9  # more degrees of freedom make no difference
DOUBLINGS, HALVINGS = 60, 40


@dataclass(frozen=True)
class Law:
    """The law of an unbiased estimate of c2. Every field is a number or an array over replications.

    An estimate is a square less the part of it that is noise, and that part is itself estimated: the true noise is s
    times what was measured, where spare/s follows a chi-squared law with ``spare`` degrees of freedom (inf: s = 1). Given
    s, the estimate has mean c2 + (s - 1) noise, and its variance and third cumulant are polynomials:

        variance[0] s^2 + variance[1] s c2 + variance[2] c2^2,
        third[0] s^3 + third[1] s^2 c2 + third[2] s c2^2 + third[3] c2^3.

    It is taken to be a shifted Gamma variable with these three moments. For c2 = 0, and directions that are all equally
    noisy, this is the F test.
    """

    variance: tuple
    third: tuple
    noise: np.ndarray
    spare: np.ndarray

    def stderr(self, c2):
        """Standard deviation of the estimate where the truth is ``c2``; a negative c2 counts as 0."""
        return np.sqrt(_polynomial(self.variance, 1.0, c2) + 2 * self.noise**2 / self.spare)

    def truth(self, estimate, level):
        """The c2 from which an estimate below ``estimate`` has probability ``level``; inf if there is none. By bisection."""
        chance = (1 + NODES.reshape(-1, *[1] * np.ndim(estimate))) / 2
        half = np.minimum(self.spare, KNOWN) / 2
        scale = half / gammaincinv(half, chance)

        def too_small(c2):
            return self._below(estimate, c2, scale) > level

        step = self.stderr(estimate)
        low, high = estimate - step, estimate + step
        for _ in range(DOUBLINGS):
            step = 2 * step
            more, less = too_small(high), ~too_small(low)
            if not (more | less).any():
                break
            low, high = np.where(less, low - step, low), np.where(more, high + step, high)
        unbounded = too_small(high)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            right = too_small(middle)
            low, high = np.where(right, middle, low), np.where(right, high, middle)
        return np.where(unbounded, np.inf, (low + high) / 2)

    def _below(self, estimate, c2, scale):
        """Probability of an estimate below ``estimate`` where the truth is ``c2``."""
        stderr = np.sqrt(_polynomial(self.variance, scale, c2))
        skewness = np.maximum(_polynomial(self.third, scale, c2) / stderr**3, 1e-3)
        shape = 4 / skewness**2
        from_mean = (estimate - c2 - (scale - 1) * self.noise) / stderr
        return np.tensordot(WEIGHTS / 2, gammainc(shape, np.maximum(shape + np.sqrt(shape) * from_mean, 0.0)), 1)


def _polynomial(coefficients, scale, c2):
    """Sum of coefficients[k] scale^(last - k) c2^k; a negative c2 counts as 0."""
    last, c2 = len(coefficients) - 1, np.maximum(c2, 0.0)
    return sum(each * scale ** (last - k) * c2**k for k, each in enumerate(coefficients))
