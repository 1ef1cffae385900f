"""Plateau, onset and power-law exponents (chapter "Scaling laws")."""

from dataclasses import dataclass

import numpy as np

from ..checks import instance, real_number
from ..setting import Setting
from .best import minimise
from .fixed_point import Spectrum
from .traces import Traces


def plateau(setting):
    """Where the test error stops as n grows and lam -> 0: p2^2 c2. Shape of setting.p2; unit [y]^2.

    Implements: cor-plateau (chapter "Strong model collapse").
    """
    instance("setting", setting, Setting)
    return setting.p2**2 * setting.c2


def onset(setting, tuned=True):
    """Rows n* at which clean data alone would reach the plateau p2^2 c2: from there on more of the mixture hardly helps.

    tuned=True takes the best ridge at every n. At a given kappa the clean error reaches the plateau at an n that is
    explicit, so n* is a minimum over kappa and no equation in n is solved. tuned=False is the ridgeless student, past
    its peak at n = rank Sigma.

    Parameters
    ----------
    setting : Setting; the noise of the real rows counts, noise[0].
    tuned : bool.

    Returns an array of the shape of setting.p2: inf without a plateau, 0 where the plateau lies above tr(Sigma Gamma),
    the error of predicting nothing.

    Implements: prop-onset (chapter "Scaling laws").
    """
    height = plateau(setting)
    instance("tuned", tuned, bool)
    level = np.where(height > 0, height, 1.0).reshape(-1, 1)
    sigma2 = setting.noise[0]
    spectrum = Spectrum(setting.spectrum)
    if tuned:

        def rows(kappa):
            traces = Traces.of(setting, spectrum, kappa)
            enough = traces.bias < level
            margin = np.where(enough, level - traces.bias, 1.0)
            return np.where(enough, np.maximum(traces.df2 * (sigma2 + level) / margin, traces.df1), np.inf)

        low = np.full(level.shape, 1e-14 * spectrum.s[0])
        found = minimise(rows, low, 1e6 * spectrum.s[-1])
        n = np.where(level < setting.r2, rows(found), 0.0)
    else:
        n = spectrum.rank * (1 + sigma2 / level)
    return np.where(height > 0, n.reshape(np.shape(height)), np.inf)[()]


@dataclass(frozen=True)
class Exponents:
    """Exponents of a power law: E ~ n^-ridgeless (no noise, lam -> 0), E ~ n^-tuned (noise, best lam),
    n* ~ (p2^2 c2)^-onset (noise, best lam)."""

    ridgeless: float
    tuned: float
    onset: float


def exponents(beta, r):
    """Exponents for s_j ~ j^-beta and s_j Gamma_j ~ j^-r, in the limit of infinitely many dimensions.

    Parameters
    ----------
    beta, r : decay of spectrum and signal, both > 1.

    Returns Exponents.

    Implements: prop-power-law (chapter "Scaling laws").
    """
    beta = real_number("beta", beta, low=1, low_is_allowed=False)
    r = real_number("r", r, low=1, low_is_allowed=False)
    bias = beta * min(2.0, (r - 1) / beta)
    return Exponents(ridgeless=bias, tuned=bias / (1 + bias), onset=(1 + bias) / bias)
