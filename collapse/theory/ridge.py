"""Theorem 1: ridge regression on a mixture of real and synthetic rows (chapter "Strong model collapse")."""

from ..checks import instance
from ..setting import Setting
from .fixed_point import Sizes, Spectrum, solve
from .traces import Traces


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
    return at_sizes(setting, n, lam, None)


def at_sizes(setting, n, lam, m):
    """The Risk of the student with m random projections, or without any if m is None."""
    instance("setting", setting, Setting)
    sizes = Sizes.checked(setting.d, n, lam, m, p2=setting.p2)
    spectrum = Spectrum(setting.spectrum)
    kappa = solve(spectrum, sizes)
    return Traces.of(setting, spectrum, kappa).risk(setting, setting.p2, sizes.n, *sizes.spare(kappa, spectrum.rank))
