"""What an estimator of c2 returns (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv

from ..checks import real_number
from .law import KNOWN, Law


class Noise(NamedTuple):
    """A measured variance of label noise: ``spare`` * value / truth follows a chi-squared law of so many degrees of freedom;
    inf: the truth."""

    value: np.ndarray
    spare: np.ndarray

    def interval(self, level):
        """(low, high): covers the truth with probability ``level``."""
        half = np.minimum(self.spare, KNOWN) / 2
        return tuple(self.value * half / gammaincinv(half, (1 + side * level) / 2) for side in (1, -1))


@dataclass(frozen=True, repr=False)
class Quality:
    """A measured quality c2 of synthetic labels; unit [y]^2.

    c2 : unbiased, so it is sometimes negative where the truth is small.
    stderr : its standard error, at c2 (at 0 where c2 is negative).
    d : number of columns of X.
    estimator : the function that measured it, and ``why``: the reason that it applies.
    noise : the pair of label-noise variances (sigma1^2, sigma2^2), each a Noise; None if not measured.
    law : the Law of c2.
    """

    c2: float
    d: int
    estimator: str
    why: str
    law: Law
    noise: tuple | None = None

    @property
    def stderr(self):
        return self.law.stderr(self.c2)[()]

    def interval(self, level=0.95):
        """(low, high): covers the true c2 with probability ``level``, in (0, 1); half of the misses on either side.

        Each end is the c2 from which an estimate this far off has probability (1 - level)/2, rows and noise being Gaussian.
        The ends may be negative, as the estimate may; high is inf where too few rows exclude nothing.
        """
        level = chance("level", level)
        tail = (1 - level) / 2
        return tuple(self.law.truth(self.c2, each)[()] for each in (1 - tail, tail))

    def __repr__(self):
        if np.ndim(self.c2):
            return f"Quality({np.size(self.c2)} replications of {self.estimator})"
        low, high = self.interval()
        numbers = f"c2={self.c2:.3g}, stderr={self.stderr:.2g}, 95 % interval {low:.3g} to {high:.3g}"
        return f"Quality({numbers}; {self.estimator}: {self.why})"


def chance(name, value):
    """``value`` as a float in (0, 1), or a clear error."""
    value = real_number(name, value, low=0, low_is_allowed=False)
    if value >= 1:
        hint = f"; did you mean {value / 100:g}?" if 1 < value < 100 else ""
        raise ValueError(f"{name} must be less than 1, got {value:g}{hint}")
    return value
