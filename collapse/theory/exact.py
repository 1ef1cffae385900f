"""Exact errors at any finite size, without a ridge (chapter "Strong model collapse")."""

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting


def ridgeless_exact(setting, n):
    """The exact test error of the ridgeless student, averaged over Gaussian designs of n rows.

    Two regimes have a closed form: n > d + 1 with any spectrum without zeros (least squares), and n < d - 1 with a
    flat spectrum (interpolation). Between them the mean is infinite.

    Parameters
    ----------
    setting : Setting; its p2 broadcasts with n.
    n : number of rows, whole, >= 2; p2 n must be whole too.

    Returns a Risk of the broadcast shape.

    Raises ValueError where no formula holds.

    Implements: prop-exact-ols, prop-exact-interpolation (chapter "Strong model collapse").
    """
    instance("setting", setting, Setting)
    n, p2 = broadcast(n=real_array("n", n, low=2), p2=setting.p2)
    n2 = p2 * n
    for name, value in (("n", n), ("p2 n", n2)):
        fraction = np.abs(value - np.round(value)) > 1e-9 * n
        if fraction.any():
            raise ValueError(f"{name} must be a whole number of rows, got {value[fraction].flat[0]:g}")
    d = setting.d
    near = np.abs(n - d) <= 1
    if near.any():
        raise ValueError(f"n must be more than d + 1 = {d + 1} or less than d - 1 = {d - 1}, got {n[near].flat[0]:g}")
    flat = np.ptp(setting.spectrum) == 0
    if (n < d).any() and not flat:
        raise ValueError(f"n must be more than d + 1 = {d + 1} where the spectrum is not flat, got {n[n < d].flat[0]:g}")
    if setting.spectrum.min() == 0:
        raise ValueError("spectrum must be positive, got a zero eigenvalue")
    sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
    many, few = _least_squares(n, n2, d), _interpolation(n, n2, d)
    bias, noise, shift = (np.where(n > d, a, b) for a, b in zip(many, few))
    return Risk(bias * setting.r2, noise * sigma2, shift * setting.c2)


def _least_squares(n, n2, d):
    """Factors of r2, sigma^2 and c2 for n > d + 1, from the second moments of a matrix-beta block."""
    inverse_wishart = 1.0 / np.where(n > d + 1, n - d - 1, 1)
    off = (n - n2) * n2 / (n * (n + 2) * (n - 1))
    diagonal = off + n2 * (n2 - 1) / (n * (n - 1))
    return np.zeros(n.shape), d * inverse_wishart, diagonal + off * (1 + (n * d - 2) * inverse_wishart)


def _interpolation(n, n2, d):
    """Factors of r2, sigma^2 and c2 for n < d - 1 and a flat spectrum, from a Schur complement."""
    inverse_wishart = 1.0 / np.where(n < d - 1, d - n - 1, 1)
    return 1 - n / d, n * inverse_wishart, (n2 + (n - n2) * n2 * inverse_wishart) / d
