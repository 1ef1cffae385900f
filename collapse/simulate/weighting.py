"""Weighted rows and the joint fit of teacher and shift, simulated (chapter "Weighting")."""

from dataclasses import replace

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from ..theory.hierarchical import joint_sources
from ..theory.source import Source
from ..theory.weighting import row_weights
from .estimate import Estimate, checked_counts, checked_run, whole_rows
from .mixture import mixture
from .ridge import ridge


def weighted(setting, n, lam, alpha, trials, seed, per="row", device=None, dtype=None):
    """Test error of ridge regression with weighted rows, on simulated designs.

    Parameters
    ----------
    setting : Setting.
    n, lam, trials, seed, device, dtype : as in simulate.ridge.
    alpha, per : as in theory.weighted; rows without weight are left out.
    n, lam, alpha and setting.p2 broadcast; points with the same n share their designs.

    Returns an Estimate; its samples have shape (trials, *broadcast shape).

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.

    Chapter "Weighting".
    """
    instance("setting", setting, Setting)
    trials, *_ = checked_run(trials, seed, device, dtype)
    arrays = dict(n=whole_rows(n, setting.d), lam=real_array("lam", lam, low=0))
    n, lam, alpha, p2 = broadcast(**arrays, alpha=real_array("alpha", alpha, low=0, high=1), p2=setting.p2)
    real, synthetic = row_weights(p2, alpha, per)
    real_rows = checked_counts(np.round((1 - p2) * n).astype(int), 1 - p2)
    synthetic_rows = checked_counts(n - real_rows, p2)

    samples = np.empty((3, trials, *n.shape))
    for here, problem, weights in _problems(setting, p2, real, synthetic):
        rows, ridges = n[here], lam[here]
        if min(weights) > 0:
            sources = [replace(source, weight=weight) for source, weight in zip(Source.pair(problem), weights)]
            estimate = mixture(sources, rows, ridges, trials, seed, device=device, dtype=dtype)
        else:
            p2_left, rows = (0.0, real_rows[here]) if weights[0] > 0 else (1.0, synthetic_rows[here])
            estimate = ridge(problem.replace(p2=p2_left), rows, ridges, trials, seed, device, dtype)
        samples[:, :, here] = [estimate.samples.bias, estimate.samples.variance, estimate.samples.shift]
    return Estimate(Risk(*samples))


def hierarchical(setting, n, lam, tau2, trials, seed, device=None, dtype=None):
    """Test error of w in the joint fit of w and delta, on simulated designs.

    Parameters
    ----------
    setting : Setting whose p2 is one number strictly between 0 and 1.
    n, lam, trials, seed, device, dtype : as in simulate.ridge.
    tau2 : lam/tau2 is the ridge on delta; one number > 0.
    n and lam broadcast.

    Returns an Estimate, split into parts as theory.hierarchical does.

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.

    Chapter "Weighting".
    """
    sources, test = joint_sources(setting, tau2)
    return mixture(sources, n, lam, trials, seed, test=test, device=device, dtype=dtype)


def _problems(setting, p2, real, synthetic):
    """For each distinct p2 and pair of weights: where it is wanted, the Setting, and the weights, 0 for no rows."""
    weights = np.stack([p2, np.where(p2 < 1, real, 0.0), np.where(p2 > 0, synthetic, 0.0)], axis=-1)
    for point in np.unique(weights.reshape(-1, 3), axis=0):
        yield (weights == point).all(axis=-1), setting.replace(p2=float(point[0])), tuple(point[1:])
