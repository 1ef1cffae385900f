"""The best weights of real and synthetic rows, without and with a ridge (chapter "Weighting").

At a given kappa the error is an explicit function of the weights, and so is lam: no root is solved.
"""

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .best import minimise
from .fixed_point import Sizes, Spectrum, solve
from .traces import Traces
from .weighting import Rows, more_rows_than_rank

LARGEST_RATIO = 1e12  # of a synthetic row's weight to a real row's, or the other way round


def best_share(setting, n):
    """The share of the synthetic rows in the mean student with the smallest ridgeless test error, and that error.

    With many rows, v_k = sigma_k^2 d/n_k small: share = v1/(c2 + v1 + v2) and 1/E = 1/v1 + 1/(c2 + v2). With many real and
    any number of synthetic rows, the same with v2 = (sigma2^2 + c2) d/n2, if v1 is small next to sigma2^2 + c2. However
    many the synthetic rows, they are worth d (sigma1^2 + E)/c2 real rows at most: so many more real rows alone would
    reach E.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > rank Sigma.
    n and setting.p2 broadcast.

    Returns (share, Risk), both of the broadcast shape; the search covers ratios of weights from 1e-12 to 1e12.

    Implements: prop-inverse-variance, prop-unlimited (chapter "Weighting").
    """
    setting, spectrum, n, p2 = more_rows_than_rank(setting, n)
    shape, n, p2 = n.shape, n.reshape(-1, 1), p2.reshape(-1, 1)
    traces = Traces.of(setting, spectrum, np.zeros(n.shape))
    rows, c = _best_weights(setting, traces, n, p2)
    risk = rows.risk(setting, traces, c)
    share = p2 * rows.learned_kept(c, traces.df1)[0][1]
    return share.reshape(shape)[()], Risk(*(part.reshape(shape)[()] for part in (risk.bias, risk.variance, risk.shift)))


def best_weighting(setting, n):
    """The ridge and the weights with the smallest test error, and that error.

    The search covers kappa from 1e-14 of the smallest positive eigenvalue to a million times the largest (from the
    ridgeless one, if n < rank Sigma), and ratios of weights from 1e-12 to 1e12.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > 0.
    n and setting.p2 broadcast.

    Returns (lam, alpha, Risk) of the broadcast shape, with lam and alpha (per row) as in theory.weighted; alpha = p2 where
    p2 is 0 or 1. lam has unit [x]^2.

    Implements: prop-spring (chapter "Weighting").
    """
    instance("setting", setting, Setting)
    n, p2 = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    spectrum = Spectrum(setting.spectrum)
    smallest = solve(spectrum, Sizes(n, np.full(n.shape, np.inf), np.zeros(n.shape)))
    low = np.where(smallest > 0, smallest, 1e-14 * spectrum.s[0])
    points = zip(n.flat, p2.flat, low.flat)
    found = np.array([_best_ridge_and_weights(setting, spectrum, *point) for point in points])
    lam, alpha, *parts = found.T.reshape(5, *n.shape)
    return lam[()], alpha[()], Risk(*parts)


def _best_weights(setting, traces, n, p2):
    """The best weights at a given kappa, as Rows, and c; n, p2 and the traces are (p, 1)."""

    def rows(ratio):
        total = (1 - p2) + p2 * ratio
        one = Rows(n, p2, 1 / total, ratio / total)
        return one, one.root(np.minimum(traces.df1 / n, 1))

    def error(ratio):
        weights, c = rows(ratio)
        return weights.risk(setting, traces, c).total

    return rows(minimise(error, np.full(n.shape, 1 / LARGEST_RATIO), LARGEST_RATIO))


def _best_ridge_and_weights(setting, spectrum, n, p2, low):
    """lam, alpha, bias, variance and shift at one n and p2."""

    def at_kappa(kappa):
        traces = Traces.of(setting, spectrum, kappa)
        rows, c = _best_weights(setting, traces, np.full(kappa.shape, n), p2)
        return rows, c, rows.risk(setting, traces, c)

    kappa = minimise(lambda kappa: at_kappa(kappa.T)[2].total.T, np.array([[low]]), 1e6 * spectrum.s[-1])
    rows, c, risk = at_kappa(kappa)
    alpha = rows.synthetic / (rows.real + rows.synthetic) if 0 < p2 < 1 else p2
    return [np.squeeze(value) for value in (kappa * c, alpha, risk.bias, risk.variance, risk.shift)]
