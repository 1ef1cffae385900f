"""Time to a given standard error at every point of a panel: what ridge_panel.py and projection_panel.py share."""

from time import perf_counter

import numpy as np


def sampled_loop(one_fit, shape, points, trials, seed):
    """Errors (points, trials) of one_fit(*index, rng) at some of the points of the panel, those points, and the time."""
    rng = np.random.default_rng(seed)
    chosen = np.array(np.unravel_index(rng.choice(np.prod(shape), points, replace=False), shape))
    start = perf_counter()
    errors = [[one_fit(*index, rng) for _ in range(trials)] for index in chosen.T]
    return np.array(errors), tuple(chosen), perf_counter() - start


def trials_needed(errors, axis, error):
    """Trials for a relative standard error of ``error``, from the scatter over ``axis``; a real number."""
    return errors.var(axis=axis, ddof=1) / errors.mean(axis=axis) ** 2 / error**2


def largest_z(errors, ours):
    """Largest |z| between the loop's errors (points, trials) and ours (trials, points)."""
    gap = errors.mean(axis=1) - ours.mean(axis=0)
    spread = np.hypot(errors.std(axis=1, ddof=1) / errors.shape[1] ** 0.5, ours.std(axis=0, ddof=1) / len(ours) ** 0.5)
    return np.abs(gap / spread).max()
