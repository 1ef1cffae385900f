"""Theorem 2 and the mixture with projections against Monte Carlo, over both sides of every threshold.

Doubling a problem doubles rows and projections too: S (2m, 2d) has entries N(0, 1/(2d)), so gamma and lam stay.

What is left out, and why: at a threshold (m = n < d, n = d <= m) a sample resolves the ridge only if n sqrt(lam) is not
small. Below that rare designs make the mean, their error has no expansion in 1/n, and its variance may be infinite. There
the smallest ridge is 1e-3, n sqrt(lam) >= 2.5; elsewhere it is 1e-6, as without projections.
"""

from functools import lru_cache

import numpy as np
import pytest

from collapse import simulate

from .test_theory_against_simulation import (
    KINDS,
    LAM,
    MIXTURE_LAM,
    P2,
    doubled,
    doubled_source,
    setting,
    sources,
)
from .zscores import TRIALS, assert_agreement, extrapolated

ORDERS = {  # (d, n, m); n is a multiple of 10, so that every share is a whole number of rows
    "m < n < d": (120, 80, 40),
    "m < n < d, close": (110, 80, 64),
    "n < m < d": (120, 40, 80),
    "n < m < d, close": (110, 60, 76),
    "n < d < m": (90, 60, 130),
    "n < d << m": (60, 30, 900),
    "m < d < n": (80, 140, 45),
    "m < d < n, close": (80, 120, 64),
    "d < m < n": (60, 140, 90),
    "d < n < m": (60, 90, 140),
    "d = m < n": (60, 100, 60),
}
THRESHOLDS = {"m = n < d": (110, 80, 80), "n = d < m": (80, 80, 140), "m = n = d": (80, 80, 80)}
THRESHOLD_LAM = np.array([1e-3, 1e-2, 1e-1, 1.0])


@lru_cache
def simulated_projection(kind, order):
    lam = THRESHOLD_LAM if order in THRESHOLDS else LAM
    d, n, m = {**ORDERS, **THRESHOLDS}[order]
    problem = setting(kind, d)
    small = simulate.projection(problem, n, m, lam, TRIALS, seed=31)
    large = simulate.projection(doubled(problem), 2 * n, 2 * m, lam, TRIALS, seed=32)
    return (problem, n, m, lam), extrapolated(small, large)


@pytest.mark.proves("thm-projection", "def-projection")
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_projection(theory, kind, order):
    problem, simulated = simulated_projection(kind, order)
    assert_agreement(theory.projection(*problem), simulated)


@pytest.mark.proves("thm-projection")
@pytest.mark.parametrize("order", THRESHOLDS)
@pytest.mark.parametrize("kind", KINDS[:2])
def test_projection_at_a_threshold(theory, kind, order):
    problem, simulated = simulated_projection(kind, order)
    assert_agreement(theory.projection(*problem), simulated)


MIXTURES = {  # m/n; the rows for d = 60 are between 30 and 150
    "rotated shift": (0.25, 2.0),
    "unequal noise": (0.5, 2.5),
    "weights": (0.25, 0.75),
    "weights, few rows": (0.5, 4.0),
    "covariate shift": (0.3, 1.5),
    "covariate shift, few rows": (0.5, 2.0),
    "another test": (0.4, 1.5),
    "three sources": (0.4, 2.0),
    "correlated shift": (0.4,),
    "one source": (1.5,),
    "fixed teachers": (0.5, 3.0),
}
MIXTURE_CASES = [(name, psi) for name, ratios in MIXTURES.items() for psi in ratios]


@lru_cache
def simulated_mixture(name, psi):
    problem, test, ratio = sources(name)
    n = round(ratio * len(problem[0].covariance) / 10) * 10
    m = round(psi * n)
    twice = [doubled_source(source) for source in problem]
    twice_test = None if test is None else doubled_source(test)
    small = simulate.mixture(problem, n, MIXTURE_LAM, TRIALS, seed=33, test=test, m=m)
    large = simulate.mixture(twice, 2 * n, MIXTURE_LAM, TRIALS, seed=34, test=twice_test, m=2 * m)
    return (problem, n, MIXTURE_LAM, test, m), extrapolated(small, large)


@pytest.mark.proves("thm-projection-mixture")
@pytest.mark.parametrize("name, psi", MIXTURE_CASES)
def test_mixture(theory, name, psi):
    problem, simulated = simulated_mixture(name, psi)
    assert_agreement(theory.mixture(*problem), simulated)


def settings():
    """Number of settings compared here: shares, ridges, sizes and spectra."""
    projections = len(KINDS) * len(ORDERS) * LAM.size + len(KINDS[:2]) * len(THRESHOLDS) * THRESHOLD_LAM.size
    return projections * P2.size + len(MIXTURE_CASES) * MIXTURE_LAM.size


def test_both_sides_of_every_threshold_are_there():
    d, n, m = np.array(list(ORDERS.values())).T
    for one, other in ((n, d), (m, n), (m, d)):
        assert (one < other).sum() >= 2 and (one > other).sum() >= 2
    assert settings() >= 80
