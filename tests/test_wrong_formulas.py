"""The tests are tested: each deliberately wrong formula must make a named test fail.

A mutant is a copy of collapse/theory with one expression replaced. The named test is called with the copy as its
``theory`` and must raise AssertionError; simulations are shared with the ordinary run.
"""

import pytest

from .wrong_formulas import (
    BEST_RIDGE,
    BEST_SIZE,
    CUBES,
    HIGH,
    INTERPOLATION,
    LARGE,
    LEAST_SQUARES,
    ONE_ROOT,
    RIDGE,
    WRONG,
    mixture,
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("file, right, wrong, killer", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_formula_is_killed(mutant, file, right, wrong, killer):
    test, arguments = killer
    theory = mutant(file, right, wrong)
    with pytest.raises((AssertionError, ArithmeticError)):
        test(theory, **arguments)


FAITHFUL = [RIDGE, LEAST_SQUARES, INTERPOLATION, mixture("weights"), LARGE, ONE_ROOT, HIGH, BEST_RIDGE, BEST_SIZE, CUBES]


@pytest.mark.parametrize("killer", FAITHFUL)
def test_faithful_copy_survives(mutant, killer):
    """A copy with nothing replaced passes: what kills a mutant is its formula, not the copying."""
    test, arguments = killer
    test(mutant("traces.py", "p2**2 * (self.drift", "p2**2 * (self.drift"), **arguments)
