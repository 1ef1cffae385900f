"""Ridge on real and synthetic rows, simulated (chapter "Strong model collapse")."""

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .designs import Designs
from .estimate import Estimate, checked_counts, checked_run, generator, groups, whole_rows, whole_sizes


def ridge(setting, n, lam, trials, seed, device=None, dtype=None):
    """Test error of ridge regression on simulated designs.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, whole, >= 1. The first round(p1 n) of them are real; choose n with whole p1 n to compare with theory.
    lam : ridge >= 0 of (1/n) ||X w - y||^2 + lam ||w||^2; lam = 0 is the ridgeless (minimum-norm) solution. Unit [x]^2.
    trials : independent designs for each n, >= 1.
    seed : whole number >= 0; the same seed gives the same designs on the same kind of device.
    device : torch device, by default torch's default device.
    dtype : torch.float64 (default) or torch.float32.
    n, lam and setting.p2 broadcast; points with the same n share their designs.

    Returns an Estimate; its samples have shape (trials, *broadcast shape).

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.
    """
    return simulated(setting, n, None, lam, trials, seed, device, dtype)


def simulated(setting, n, m, lam, trials, seed, device, dtype):
    """The Estimate of the student with m random projections, or without any if m is None."""
    instance("setting", setting, Setting)
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    arrays = dict(n=whole_rows(n, setting.d), lam=real_array("lam", lam, low=0), p2=setting.p2)
    if m is not None:
        arrays["m"] = whole_sizes(m)
    n, lam, p2, *sizes = broadcast(**arrays)
    synthetic = checked_counts(n - np.round((1 - p2) * n).astype(int), p2)

    samples = np.empty((3, trials, *n.shape))
    for here, shape in groups(n, *sizes):
        lams, lam_index = np.unique(lam[here], return_inverse=True)
        counts, count_index = np.unique(synthetic[here], return_inverse=True)
        designs = Designs(setting, *shape, lams=lams, counts=counts, device=device, dtype=dtype)
        parts = designs.run(trials, generator(seed, shape, device))
        samples[:, :, here] = parts[:, :, count_index, lam_index]
    return Estimate(Risk(*samples))
