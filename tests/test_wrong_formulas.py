"""The tests are tested: each deliberately wrong formula must make a named test fail.

A mutant is a copy of collapse/theory with one expression replaced. The named test is called with the copy as its
``theory`` and must raise AssertionError; simulations are shared with the ordinary run.
"""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import collapse.theory

from .wrong_formulas import BEST_RIDGE, BEST_SIZE, HIGH, INTERPOLATION, LARGE, LEAST_SQUARES, ONE_ROOT, RIDGE, WRONG, mixture


@pytest.fixture
def mutant(tmp_path, monkeypatch):
    """A function that returns collapse.theory with one expression of one file replaced."""

    def build(file, right, wrong):
        package = tmp_path / "mutant"
        shutil.copytree(Path(collapse.theory.__file__).parent, package / "theory")
        (package / "__init__.py").touch()
        for shared in ("setting", "checks", "theory.source"):
            (package / f"{shared.replace('.', '/')}.py").write_text(f"from collapse.{shared} import *\n")
        source = package / "theory" / file
        text = source.read_text()
        assert right in text, f"{file} has changed: {right!r} is not in it; update the list of wrong formulas"
        source.write_text(text.replace(right, wrong))
        monkeypatch.syspath_prepend(tmp_path)
        for name in [name for name in sys.modules if name.partition(".")[0] == "mutant"]:
            monkeypatch.delitem(sys.modules, name)
        importlib.invalidate_caches()
        return importlib.import_module("mutant.theory")

    return build


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("file, right, wrong, killer", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_formula_is_killed(mutant, file, right, wrong, killer):
    test, arguments = killer
    theory = mutant(file, right, wrong)
    with pytest.raises((AssertionError, ArithmeticError)):
        test(theory, **arguments)


FAITHFUL = [RIDGE, LEAST_SQUARES, INTERPOLATION, mixture("weights"), LARGE, ONE_ROOT, HIGH, BEST_RIDGE, BEST_SIZE]


@pytest.mark.parametrize("killer", FAITHFUL)
def test_faithful_copy_survives(mutant, killer):
    """A copy with nothing replaced passes: what kills a mutant is its formula, not the copying."""
    test, arguments = killer
    test(mutant("traces.py", "p2**2 * (self.drift", "p2**2 * (self.drift"), **arguments)
