"""Theory against simulation by z-scores: one bound for the whole suite.

A deterministic equivalent is exact only in the limit of infinite size; at n rows its relative error is O(1/n). So each
problem is simulated at two sizes, with every eigenvalue repeated in the larger: (d, n) and (2d, 2n), or (d, n, m) and
(2d, 2n, 2m). The limit is the same, the error is halved, and 2 (large) - (small) is free of it up to O(1/n^2). What is
left is scatter over independent designs, and the bound follows from its law.
"""

import numpy as np
from scipy import stats

TRIALS = 100  # independent designs of each size
COMPARISONS = 6000  # an upper bound on the comparisons in the suite, counted by test_zscores.py
FALSE_ALARM = 1e-3  # chance that a correct theory fails anywhere in the suite
BOUND = stats.t.ppf(1 - FALSE_ALARM / COMPARISONS / 2, TRIALS - 1)
ROUNDING = 1e-9  # relative; for quantities that do not scatter at all

PARTS = ("bias", "variance", "shift", "total")


def extrapolated(small, large):
    """Means and standard errors, by part, of 2 large - small."""
    return {
        part: (
            2 * getattr(large.mean, part) - getattr(small.mean, part),
            np.hypot(2 * getattr(large.stderr, part), getattr(small.stderr, part)),
        )
        for part in PARTS
    }


def zscores(risk, simulated):
    """(parts, ...) array of (simulated - risk)/stderr."""
    values = []
    for part, (mean, stderr) in simulated.items():
        predicted = getattr(risk, part)
        values.append((mean - predicted) / np.hypot(stderr, ROUNDING * np.abs(predicted) + 1e-30))
    return np.array(values)


def assert_agreement(risk, simulated):
    """All parts agree with the simulation within the suite's bound."""
    z = zscores(risk, simulated)
    assert np.isfinite(z).all(), "theory or simulation returned something that is not a number"
    assert np.abs(z).max() < BOUND, f"largest |z| {np.abs(z).max():.1f}, bound {BOUND:.1f}; z by part:\n{np.round(z, 1)}"
