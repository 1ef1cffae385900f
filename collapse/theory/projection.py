"""Theorem 2: ridge regression on m random projections of the inputs (chapter "Random projections")."""

import numpy as np

from ..checks import instance, real_array
from ..setting import Risk, Setting
from .fixed_point import Sizes, Spectrum, solve
from .ridge import at_sizes
from .traces import Traces


def projection(setting, n, m, lam):
    """Test error of ridge regression on m random projections, in the limit of many rows, dimensions and projections.

    The model is f(x) = v.(S x), where S (m, d) has independent entries N(0, 1/d) and stays as it is drawn.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, real and synthetic together, > 0.
    m : number of random projections, the size of the model, > 0. At m = inf with a fixed lam the ridge has no effect: it
        is theory.ridge at lam = 0. To approach theory.ridge at a ridge mu > 0, take lam = mu m/d.
    lam : ridge >= 0 of (1/n) ||X S' v - y||^2 + lam ||v||^2; lam = 0 is the ridgeless limit. Unit [x]^2.
    n, m, lam and setting.p2 broadcast.

    At finite size the error differs from the limit by a relative O(1/n), near a peak by more.

    Returns a Risk of the broadcast shape. Where the ridgeless error diverges (m = n <= rank Sigma, n = rank <= m), the
    parts that diverge are inf.

    Raises ValueError or TypeError naming the argument.

    Implements: def-projection, thm-projection, cor-projection-isotropic, cor-projection-ridgeless,
    prop-projection-limit (chapter "Random projections"), prop-size-beyond, prop-size-below, prop-size-isotropic,
    prop-size-normalisation (chapter "Does a larger model help?").
    """
    if m is None:
        raise TypeError("m must hold real numbers, got None; theory.ridge is the model without projections")
    return at_sizes(setting, n, lam, m)


def peak(setting, n, lam):
    """Height of the double-descent peak at m = n < rank Sigma: the leading order of theory.projection as lam -> 0.

    Parameters
    ----------
    setting : Setting.
    n : number of rows and of random projections, > 0, < rank Sigma.
    lam : ridge > 0. Unit [x]^2.
    n, lam and setting.p2 broadcast.

    Returns a Risk of the broadcast shape, each part proportional to lam^(-1/2). It is close to theory.projection only while
    lam is far below kappa at lam = 0.

    Implements: prop-peak (chapter "Does a larger model help?").
    """
    instance("setting", setting, Setting)
    lam = real_array("lam", lam, low=0, low_is_allowed=False)
    sizes = Sizes.checked(setting.d, n, lam, p2=setting.p2)
    spectrum, p2 = Spectrum(setting.spectrum), setting.p2
    if (sizes.n >= spectrum.rank).any():
        raise ValueError(f"n must be < {spectrum.rank:g}, the rank of Sigma, or there is no peak, got {sizes.n.max():g}")
    kappa = solve(spectrum, Sizes(sizes.n, sizes.m, np.zeros(sizes.n.shape)))
    traces = Traces.of(setting, spectrum, kappa)
    gain = np.sqrt(sizes.n / setting.d * kappa / sizes.ridge) / 2
    sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
    contradiction, missed = (1 - p2) * p2 * setting.c2, p2**2 * (traces.missed_shift + traces.shift_scatter)
    return Risk((traces.bias + traces.bias_scatter) * gain, sigma2 * gain, (contradiction + missed) * gain)
