"""The one bound of the suite: how many comparisons it covers, and that it finds what is wrong by a few standard errors."""

import numpy as np
import pytest

from collapse import Risk
from collapse.simulate import Estimate

from . import (
    test_accumulating,
    test_exact,
    test_iterating,
    test_projection_against_simulation,
    test_quality,
    test_theory_against_simulation,
    test_weighting,
)
from .zscores import BOUND, COMPARISONS, FALSE_ALARM, PARTS, TRIALS, assert_agreement, extrapolated

OTHERS = 1300  # moments of S'S in test_projected_designs.py, and what test_free_probability, test_floors, ... compare


def test_number_of_comparisons_is_within_the_bound_of_the_suite():
    limits = test_theory_against_simulation.settings() + test_projection_against_simulation.settings()
    exact = len(test_exact.LEAST_SQUARES) + len(test_exact.INTERPOLATION) + len(test_exact.PROJECTIONS)
    assert test_theory_against_simulation.settings() >= 60 and test_projection_against_simulation.settings() >= 80
    limits += test_weighting.settings()
    rounds = test_iterating.settings() * len(PARTS) + test_accumulating.comparisons()
    rounds += test_quality.COMPARED
    assert (limits + exact) * len(PARTS) + rounds + OTHERS <= COMPARISONS


def simulated(rng, comparisons, limit, error):
    """Estimates of two sizes whose means are the limit and an error that halves, and whose designs scatter by 1."""
    parts = [[limit + error / size + rng.standard_normal((TRIALS, comparisons)) for _ in range(3)] for size in (1, 2)]
    return extrapolated(*(Estimate(Risk(*part)) for part in parts))


def test_the_bound_keeps_what_is_right_and_finds_what_is_not():
    """A right theory passes a whole suite of comparisons; one off by twice the bound in one part fails."""
    rng = np.random.default_rng(0)
    comparisons = COMPARISONS // len(PARTS)
    right = np.full(comparisons, 10.0)
    estimate = simulated(rng, comparisons, 10.0, error=3.0)
    assert_agreement(Risk(right, right, right), estimate)
    wrong = right.copy()
    wrong[7] += 2 * BOUND * np.sqrt(5 / TRIALS)
    with pytest.raises(AssertionError, match="largest"):
        assert_agreement(Risk(right, wrong, right), estimate)
    assert 5 < BOUND < 6 and FALSE_ALARM <= 1e-3
