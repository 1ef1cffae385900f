"""What a measured c2 says about training on the mixture, with intervals (chapter "Measuring quality, deciding").

An interval for a function of several measured numbers: each is moved to the ends of its own interval, the others staying
where they are, and the changes are added in squares. This is the delta method with the ends of intervals in the place of
derivatives and standard errors, so it keeps what is uneven about c2's interval (Zou and Donner, 2008).
"""

from typing import NamedTuple

import numpy as np

from ..checks import instance, real_array, whole_number
from ..setting import Setting
from ..theory import best_share
from .result import Noise, Quality, chance


class Prediction(NamedTuple):
    """A predicted number and the ends of its interval."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def plateau(found, p2, level=0.95):
    """The error that more rows of the mixture do not reduce: p2^2 c2; unit [y]^2. A negative c2 counts as 0.

    Parameters
    ----------
    found : Quality.
    p2 : share of synthetic rows, in [0, 1]; a number or an array.
    level : of the interval, in (0, 1).

    Returns a Prediction of the shape of p2.

    Raises ValueError or TypeError naming the argument.
    """
    instance("found", found, Quality)
    p2 = real_array("p2", p2, low=0, high=1)
    ends = found.interval(level)
    return Prediction(*(p2**2 * np.maximum(each, 0.0) for each in (found.c2, *ends)))


def onset(found, p2, level=0.95, noise=None):
    """Rows at which real data alone would reach the plateau, d << n: n* = sigma1^2 d/(p2^2 c2). inf without a plateau.

    Parameters
    ----------
    found, p2, level : as in plateau.
    noise : sigma1^2, if it is known; otherwise what ``found`` has measured. Unit [y]^2.

    Returns a Prediction of the shape of p2. Its ends come from those of c2/sigma1^2.

    Raises ValueError or TypeError naming the argument; ValueError where ``found`` has not measured the noise.
    """
    instance("found", found, Quality)
    p2 = real_array("p2", p2, low=0, high=1)
    ratio = moved(lambda c2, sigma2: c2 / sigma2, found, _noises(found, noise, 1), level)
    per_row = (p2**2 * np.maximum(each, 0.0) / found.d for each in (ratio.value, ratio.high, ratio.low))
    return Prediction(*(np.divide(1.0, each, out=np.full(np.shape(each), np.inf), where=each > 0)[()] for each in per_row))


def best_weight(found, n1, n2, level=0.95, noise=None):
    """The weight alpha of synthetic rows, against 1 - alpha of real ones, with the smallest ridgeless test error.

    Parameters
    ----------
    found, level : as in plateau.
    n1, n2 : numbers of real and synthetic rows to train on, whole, >= 1, with n1 + n2 > d.
    noise : the pair (sigma1^2, sigma2^2), if it is known; otherwise what ``found`` has measured. Unit [y]^2.

    Returns a Prediction: alpha as in theory.weighted, per row; 1/2 is one pool of all rows, 0 is real rows only.

    Raises ValueError or TypeError naming the argument; ValueError where ``found`` has not measured the noise.
    """
    instance("found", found, Quality)
    n1, n2 = whole_number("n1", n1, low=1), whole_number("n2", n2, low=1)
    n, d = n1 + n2, found.d
    if n <= d:
        raise ValueError(f"n1 + n2 must be more than d = {d}, got {n}")

    def alpha(c2, *sigma2):
        share = best_share(Setting.isotropic(d, n2 / n, c2, sigma2), n)[0]
        real, synthetic = (1 - share) * (n2 / n - share * d / n), share * (n1 / n - (1 - share) * d / n)
        return synthetic / (real + synthetic)

    return moved(alpha, found, _noises(found, noise, 2), level)


def _noises(found, noise, count):
    """The first ``count`` noises, each a Noise: given, or measured."""
    if noise is None:
        if found.noise is None:
            raise ValueError(f"noise must be given: {found.estimator} does not measure the noise of the labels")
        return found.noise[:count]
    noise = np.atleast_1d(real_array("noise", noise, low=0, low_is_allowed=False))
    if noise.shape != (count,):
        rule = "sigma1^2, one number" if count == 1 else "the pair (sigma1^2, sigma2^2)"
        raise ValueError(f"noise must be {rule}, got an array of shape {noise.shape}")
    return tuple(Noise(each, np.inf) for each in noise)


def moved(function, found, noises, level):
    """Prediction of ``function(c2, *noises)``; a negative c2 counts as 0."""
    level = chance("level", level)
    measured = [np.maximum(found.c2, 0.0), *(noise.value for noise in noises)]
    ends = [np.maximum(found.interval(level), 0.0), *(noise.interval(level) for noise in noises)]
    value = function(*measured)
    down = up = 0.0
    for k, pair in enumerate(ends):
        changes = [function(*measured[:k], end, *measured[k + 1 :]) - value for end in pair]
        down, up = down + np.minimum(np.minimum(*changes), 0) ** 2, up + np.maximum(np.maximum(*changes), 0) ** 2
    return Prediction(value, value - np.sqrt(down), value + np.sqrt(up))
