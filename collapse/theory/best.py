"""The best ridge and the best model size (chapters "Strong model collapse", "Does a larger model help?")."""

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .fixed_point import Sizes, Spectrum, solve
from .traces import Traces

COARSE, FINE, ZOOMS = 200, 21, 6


def best_ridge(setting, n, m=None):
    """The ridge with the smallest test error, and that error.

    The error is an explicit function of kappa, so the search runs over kappa and reads off lam: no root is solved.
    It covers lam = 0 and every kappa up to a million times the largest eigenvalue.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > 0.
    m : number of random projections, > 0 and finite; None is the model without projections.
    n, m and setting.p2 broadcast.

    Returns (lam, Risk), both of the broadcast shape; lam has unit [x]^2.

    Implements: prop-regularisation (chapter "Strong model collapse"), prop-size-tuned (chapter "Does a larger model help?").
    """
    instance("setting", setting, Setting)
    arrays = dict(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    if m is not None:
        arrays["m"] = real_array("m", m, low=0, low_is_allowed=False)
    n, p2, *sizes = broadcast(**arrays)
    shape = n.shape
    n, p2, *sizes = (array.reshape(-1, 1) for array in (n, p2, *sizes))
    m = sizes[0] if sizes else np.inf
    spectrum = Spectrum(setting.spectrum)

    def at_kappa(kappa):
        traces = Traces.of(setting, spectrum, kappa)
        spare_n, spare_m = np.maximum(n - traces.df1, 0), np.maximum(m - traces.df1, 0)
        lam = kappa * spare_n / n * (spare_m / setting.d if sizes else 1.0)
        return lam, traces.risk(setting, p2, n, spare_n, spare_m)

    smallest = solve(spectrum, Sizes(n, m + 0 * n, 0 * n))
    low = np.where(smallest > 0, smallest, 1e-14 * spectrum.s[0])
    found = minimise(lambda kappa: at_kappa(kappa)[1].total, low, 1e6 * spectrum.s[-1])
    lam, risk = at_kappa(np.concatenate([smallest, found], axis=1))
    return _pick(risk.total, shape, lam, risk)


def best_size(setting, n, lam):
    """The number of random projections with the smallest test error at a given ridge, and that error.

    The search covers m from 1 to 1e8 max(n, d, lam d/s) with s the largest eigenvalue, and m = inf.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > 0.
    lam : ridge >= 0. Unit [x]^2.
    n, lam and setting.p2 broadcast.

    Returns (m, Risk), both of the broadcast shape; m is a real number: inf where ever larger models are ever better, 1 where
    ever smaller ones are, so that no model at all may be better still (its error is setting.r2).

    Implements: prop-size-isotropic (chapter "Does a larger model help?").
    """
    instance("setting", setting, Setting)
    n, lam, p2 = broadcast(
        n=real_array("n", n, low=0, low_is_allowed=False), lam=real_array("lam", lam, low=0), p2=setting.p2
    )
    shape = n.shape
    n, lam, p2 = (array.reshape(-1, 1) for array in (n, lam, p2))
    spectrum = Spectrum(setting.spectrum)

    def at_size(m):
        sizes = Sizes(*np.broadcast_arrays(n, m, lam * setting.d / m))
        kappa = solve(spectrum, sizes)
        return Traces.of(setting, spectrum, kappa).risk(setting, p2, sizes.n, *sizes.spare(kappa, spectrum.rank))

    largest = 1e8 * max(n.max(), setting.d, lam.max() * setting.d / spectrum.s[-1])
    found = minimise(lambda m: at_size(m).total, np.ones(n.shape), largest)
    m = np.concatenate([np.full(n.shape, np.inf), found], axis=1)
    risk = at_size(m)
    return _pick(risk.total, shape, m, risk)


def minimise(objective, low, high):
    """Where ``objective``, (p, k) -> (p, k), is least between low (p, 1) and high: one grid in the logarithm, then zooms."""
    floor = np.log(low)
    grid = np.linspace(floor.min(), np.log(high), COARSE)[None, :]
    for _ in range(ZOOMS):
        value = np.where(grid >= floor, objective(np.exp(grid)), np.inf)
        best = value.argmin(axis=1)[:, None]
        grid = np.broadcast_to(grid, value.shape)
        found = np.take_along_axis(grid, best, axis=1)
        left = np.take_along_axis(grid, np.maximum(best - 1, 0), axis=1)
        right = np.take_along_axis(grid, np.minimum(best + 1, grid.shape[1] - 1), axis=1)
        grid = np.maximum(left, floor) + (right - np.maximum(left, floor)) * np.linspace(0, 1, FINE)
    return np.exp(found)


def _pick(value, shape, argument, risk):
    """The argument and the Risk where value (p, k) is least, of the given shape."""
    winner = value.argmin(axis=1)[:, None]

    def pick(values):
        return np.take_along_axis(values, winner, axis=1).reshape(shape)[()]

    return pick(argument), Risk(pick(risk.bias), pick(risk.variance), pick(risk.shift))
