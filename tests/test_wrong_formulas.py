"""The tests are tested: each deliberately wrong formula must make a named test fail.

A mutant is a copy of collapse/theory, collapse/language, collapse/quality or collapse/advice with one expression replaced.
The named test is called with the copy as its ``theory``, ``language``, ``quality`` or ``advice`` and must raise
AssertionError; simulations are shared with the ordinary run.
"""

import pytest

from .wrong_advice import BAYES as BAYES_ADVICE
from .wrong_advice import CENTRED, CHANCES, FITS, OVERLAP, WRONG_ADVICE
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
from .wrong_quality import OLS, PRODUCTS, WRONG_QUALITY
from .wrong_rounds import RIDGE_LIMIT, SHARE, again, fresh, generations, limit
from .wrong_sources import ONE_OVER_N, PAGE_FLOOR, SMALL_SHARE, TASTE, WHO_SPEAKS, WRONG_SOURCES
from .wrong_weighting import BAYES, BEST, JOINT, SHARES, WEIGHTED


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", WRONG_SOURCES, ids=[row[0] for row in WRONG_SOURCES])
def test_wrong_formula_of_language_is_killed(mutant, row):
    _, file, right, wrong, (test, arguments) = row
    language = mutant(file, right, wrong, "language")
    with pytest.raises((AssertionError, ArithmeticError)):
        test(language, **arguments)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", WRONG_QUALITY, ids=[row[0] for row in WRONG_QUALITY])
def test_wrong_estimator_of_quality_is_killed(mutant, row):
    _, file, right, wrong, (test, arguments) = row
    quality = mutant(file, right, wrong, "quality")
    with pytest.raises((AssertionError, ArithmeticError)):
        test(quality, **arguments)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", WRONG_ADVICE, ids=[row[0] for row in WRONG_ADVICE])
def test_wrong_advice_is_killed(mutant, row, monkeypatch):
    _, file, right, wrong, (test, arguments) = row
    advice = mutant(file, right, wrong, "advice")
    with pytest.raises(AssertionError):
        test(advice, **arguments, **({"monkeypatch": monkeypatch} if test is CENTRED[0] else {}))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("file, right, wrong, killer", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_formula_is_killed(mutant, file, right, wrong, killer):
    test, arguments = killer
    theory = mutant(file, right, wrong)
    with pytest.raises((AssertionError, ArithmeticError)):
        test(theory, **arguments)


FAITHFUL = [RIDGE, LEAST_SQUARES, INTERPOLATION, mixture("weights"), LARGE, ONE_ROOT, HIGH, BEST_RIDGE, BEST_SIZE, CUBES]
FAITHFUL += [WEIGHTED, JOINT, SHARES, BEST, BAYES]
FAITHFUL += [fresh(), again("real"), limit("inputs"), RIDGE_LIMIT, SHARE, generations("the same inputs")]


@pytest.mark.parametrize("killer", FAITHFUL)
def test_faithful_copy_survives(mutant, killer):
    """A copy with nothing replaced passes: what kills a mutant is its formula, not the copying."""
    test, arguments = killer
    test(mutant("traces.py", "p2**2 * (self.drift", "p2**2 * (self.drift"), **arguments)


@pytest.mark.parametrize("killer", [PAGE_FLOOR, SMALL_SHARE, WHO_SPEAKS, ONE_OVER_N, TASTE])
def test_faithful_copy_of_language_survives(mutant, killer):
    test, arguments = killer
    test(mutant("floors.py", "- np.log(mixed)", "- np.log(mixed)", "language"), **arguments)


@pytest.mark.parametrize("killer", [OLS, PRODUCTS])
def test_faithful_copy_of_quality_survives(mutant, killer):
    test, arguments = killer
    test(mutant("samples.py", "/ (n - d)", "/ (n - d)", "quality"), **arguments)


@pytest.mark.parametrize("killer", [BAYES_ADVICE, FITS, OVERLAP, CHANCES])
def test_faithful_copy_of_advice_survives(mutant, killer):
    test, arguments = killer
    test(mutant("rows.py", "LARGEST = 1e100", "LARGEST = 1e100", "advice"), **arguments)
