"""Theorem 1: ridge regression on a mixture of real and synthetic rows (chapter "Strong model collapse")."""

from dataclasses import dataclass

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .fixed_point import Spectrum, solve


@dataclass(frozen=True)
class Traces:
    """What the risk needs to know of kappa; arrays of the shape of kappa."""

    df1: np.ndarray
    df2: np.ndarray
    slack: np.ndarray  # df1 - df2
    bias: np.ndarray  # kappa^2 tr Gamma Sigma (Sigma + kappa)^-2
    drift: np.ndarray  # tr Delta Sigma^3 (Sigma + kappa)^-2
    missed_shift: np.ndarray  # kappa^2 tr Delta Sigma (Sigma + kappa)^-2

    @classmethod
    def of(cls, setting, spectrum, kappa):
        count = spectrum.count
        signal = spectrum.grouped(setting.spectrum * setting.teacher)
        shift = spectrum.grouped(setting.spectrum * setting.shift)

        def functionals(learned, missed):
            df1 = learned @ count
            slack = (learned * missed) @ count
            learned *= learned
            missed *= missed
            return np.stack([df1, learned @ count, slack, missed @ signal, learned @ shift, missed @ shift], axis=1)

        columns = spectrum.in_blocks(kappa.ravel(), functionals).T
        return cls(*(column.reshape(kappa.shape) for column in columns))


def ridge(setting, n, lam):
    """Test error of ridge regression on the mixture, in the limit of many rows and dimensions (Theorem 1).

    Parameters
    ----------
    setting : Setting.
    n : number of rows, real and synthetic together, > 0.
    lam : ridge >= 0 of (1/n) ||X w - y||^2 + lam ||w||^2; lam = 0 is the ridgeless limit. Unit [x]^2.
    n, lam and setting.p2 broadcast.

    Returns a Risk of the broadcast shape. At lam = 0 and n = rank Sigma, the parts that diverge are inf.

    Raises ValueError or TypeError naming the argument.

    Implements: thm-classical-ridge (chapter "Ridge without synthetic data"), thm-strong-collapse, cor-ridgeless,
    prop-overparameterised (chapter "Strong model collapse"), prop-tempered (chapter "Scaling laws").
    """
    instance("setting", setting, Setting)
    n, lam = real_array("n", n, low=0, low_is_allowed=False), real_array("lam", lam, low=0)
    broadcast(n=n, lam=lam, p2=setting.p2)
    n, lam = broadcast(n=n, lam=lam)
    spectrum = Spectrum(setting.spectrum)
    kappa = solve(spectrum, n.ravel(), lam.ravel()).reshape(n.shape)
    return _risk(setting, setting.p2, n, Traces.of(setting, spectrum, kappa), _leftover(spectrum, n, lam, kappa))


def _leftover(spectrum, n, lam, kappa):
    """1 - df1/n without cancellation: lam/kappa, or 1 - rank/n where kappa = 0."""
    zero = kappa == 0
    return np.where(zero, 1 - spectrum.rank / n, lam / np.where(zero, 1.0, kappa))


def _risk(setting, p2, n, traces, leftover):
    sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
    c2 = setting.c2
    one_minus_u = leftover + traces.slack / n
    with np.errstate(divide="ignore"):
        inflation = 1 / one_minus_u
    gain = traces.df2 / n * inflation
    inconsistency = (1 - p2) * p2 * c2 + p2**2 * traces.missed_shift
    bias = _times(traces.bias, inflation)
    shift = p2**2 * traces.drift + _times(inconsistency, gain)
    return Risk(bias, _times(sigma2, gain), shift)


def _times(amount, factor):
    """amount * factor, where nothing times infinity is nothing."""
    amount, factor = np.broadcast_arrays(amount, factor)
    return np.multiply(amount, factor, where=amount > 0, out=np.zeros(amount.shape))


def best_ridge(setting, n):
    """The ridge with the smallest test error, and that error.

    The error is an explicit function of kappa, so the search runs over kappa and reads off lam: no root is solved.
    It covers lam = 0 and every kappa up to a million times the largest eigenvalue.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > 0; broadcasts with setting.p2.

    Returns (lam, Risk), both of the broadcast shape; lam has unit [x]^2.

    Implements: prop-regularisation (chapter "Strong model collapse").
    """
    instance("setting", setting, Setting)
    n, p2 = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    shape, n, p2 = n.shape, n.reshape(-1, 1), p2.reshape(-1, 1)
    spectrum = Spectrum(setting.spectrum)

    def at_kappa(kappa):
        traces = Traces.of(setting, spectrum, kappa)
        leftover = np.maximum(1 - traces.df1 / n, 0)
        return kappa * leftover, _risk(setting, p2, n, traces, leftover)

    smallest = solve(spectrum, n.ravel(), np.zeros(n.size))[:, None]
    found = best_kappa(spectrum, smallest, lambda kappa: at_kappa(kappa)[1].total)
    lam, risk = at_kappa(np.concatenate([smallest, found], axis=1))
    winner = risk.total.argmin(axis=1)[:, None]

    def pick(values):
        return np.take_along_axis(values, winner, axis=1).reshape(shape)[()]

    return pick(lam), Risk(pick(risk.bias), pick(risk.variance), pick(risk.shift))


COARSE, FINE, ZOOMS = 200, 21, 6


def best_kappa(spectrum, smallest, objective):
    """Where ``objective``, (p, k) -> (p, k), is least among kappa >= smallest (p, 1): one grid for all, then zooms."""
    floor = np.log(np.where(smallest > 0, smallest, 1e-14 * spectrum.s[0]))
    log_kappa = np.linspace(floor.min(), np.log(1e6 * spectrum.s[-1]), COARSE)[None, :]
    for _ in range(ZOOMS):
        value = np.where(log_kappa >= floor, objective(np.exp(log_kappa)), np.inf)
        best = value.argmin(axis=1)[:, None]
        grid = np.broadcast_to(log_kappa, value.shape)
        found = np.take_along_axis(grid, best, axis=1)
        low = np.take_along_axis(grid, np.maximum(best - 1, 0), axis=1)
        high = np.take_along_axis(grid, np.minimum(best + 1, grid.shape[1] - 1), axis=1)
        log_kappa = np.maximum(low, floor) + (high - np.maximum(low, floor)) * np.linspace(0, 1, FINE)
    return np.exp(found)
