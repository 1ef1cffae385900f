"""Exact errors at any finite size, without a ridge (chapters "Strong model collapse", "Random projections")."""

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .fixed_point import model_size


def ridgeless_exact(setting, n, m=None):
    """The exact test error of the ridgeless student, averaged over Gaussian designs of n rows (and over projections).

    Two regimes have a closed form: more rows than parameters, n > k + 1 with k = min(m, d), and, without projections,
    interpolation, n < d - 1. Between them the mean is infinite. The spectrum must be flat, except for n > d + 1 with
    m >= d or without projections: there the student is least squares.

    Parameters
    ----------
    setting : Setting; its spectrum has no zeros.
    n : number of rows, whole, >= 2; p2 n must be whole too.
    m : number of random projections, whole, or inf; None is the model without projections.
    n, m and setting.p2 broadcast.

    Returns a Risk of the broadcast shape.

    Raises ValueError where no formula holds.

    Implements: prop-exact-ols, prop-exact-interpolation (chapter "Strong model collapse"), prop-exact-projection
    (chapter "Random projections").
    """
    instance("setting", setting, Setting)
    d, interpolation = setting.d, m is None
    n, p2, m = broadcast(n=real_array("n", n, low=2), p2=setting.p2, m=model_size(np.inf if interpolation else m))
    n2, k = p2 * n, np.minimum(m, d)
    for name, value in (("n", n), ("p2 n", n2), ("m", k)):
        fraction = np.abs(value - np.round(value)) > 1e-9 * np.maximum(n, k)
        if fraction.any():
            raise ValueError(f"{name} must be a whole number, got {value[fraction].flat[0]:g}")
    many, flat = n > k + 1, np.ptp(setting.spectrum) == 0
    allowed = many | (n < d - 1) if interpolation else many
    if not allowed.all():
        rule = f"d + 1 = {d + 1} or less than d - 1 = {d - 1}" if interpolation else "min(m, d) + 1"
        raise ValueError(f"n must be more than {rule}, got {n[~allowed].flat[0]:g}")
    if not flat and (n <= d + 1).any():
        raise ValueError(f"n must be more than d + 1 = {d + 1} where the spectrum is not flat, got {n.min():g}")
    if not flat and (k < d).any():
        raise ValueError(f"m must be at least d = {d} where the spectrum is not flat, got {k.min():g}")
    if setting.spectrum.min() == 0:
        raise ValueError("spectrum must be positive, got a zero eigenvalue")
    sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
    regimes = zip(_more_rows(n, n2, k, d), _interpolation(n, n2, d))
    bias, noise, shift = (np.where(many, more, fewer) for more, fewer in regimes)
    return Risk(bias * setting.r2, noise * sigma2, shift * setting.c2)


def _more_rows(n, n2, k, d):
    """Factors of r2, sigma^2 and c2 for n > k + 1: what the k projections express, and the rest as label noise."""
    noise = k / np.where(n > k + 1, n - k - 1, 1)
    expressed = k / d
    return (1 - expressed) * (1 + noise), noise, (1 - expressed) * n2 / n * noise + expressed * _least_squares(n, n2, k)


def _least_squares(n, n2, k):
    """Factor of c2 for n > k + 1 rows in k dimensions, from the second moments of a matrix-beta block."""
    inverse_wishart = 1.0 / np.where(n > k + 1, n - k - 1, 1)
    off = (n - n2) * n2 / (n * (n + 2) * (n - 1))
    diagonal = off + n2 * (n2 - 1) / (n * (n - 1))
    return diagonal + off * (1 + (n * k - 2) * inverse_wishart)


def _interpolation(n, n2, d):
    """Factors of r2, sigma^2 and c2 for n < d - 1 and a flat spectrum, from a Schur complement."""
    inverse_wishart = 1.0 / np.where(n < d - 1, d - n - 1, 1)
    return 1 - n / d, n * inverse_wishart, (n2 + (n - n2) * n2 * inverse_wishart) / d
