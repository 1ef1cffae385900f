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

from . import test_exact, test_theory_against_simulation

RIDGE = [test_theory_against_simulation.test_ridge, dict(kind="power-law", phi=0.5)]
PEAK = [test_theory_against_simulation.test_ridge, dict(kind="isotropic", phi=0.9)]
FEW_ROWS = [test_theory_against_simulation.test_ridge, dict(kind="aligned", phi=3.0)]
LEAST_SQUARES = [test_exact.test_least_squares_is_exact_at_any_size_and_spectrum, dict(d=2, n=8, p2=0.5)]
INTERPOLATION = [test_exact.test_interpolation_is_exact_for_a_flat_spectrum, dict(d=8, n=2, p2=0.5)]
COROLLARY = [test_exact.test_corollary_1, dict(phi=0.5, p2=0.3)]
LEFT_OUT = [test_exact.test_leave_one_out_is_what_refitting_gives, dict(n=12, d=5)]
PLATEAU = [test_exact.test_plateau_is_where_the_ridgeless_error_stops, {}]


def mixture(name):
    return [test_theory_against_simulation.test_mixture, dict(name=name)]


WRONG = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("plateau linear in p2", "ridge.py", "p2**2 * traces.drift", "p2 * traces.drift", RIDGE),
    ("drift multiplied by 1/(1-u)", "ridge.py", "p2**2 * traces.drift +", "p2**2 * traces.drift * inflation +", RIDGE),
    ("no label inconsistency", "ridge.py", "(1 - p2) * p2 * c2 + p2**2", "p2**2", RIDGE),
    ("inconsistency p2 instead of p1 p2", "ridge.py", "(1 - p2) * p2 * c2", "p2 * c2", RIDGE),
    ("missed shift dropped", "ridge.py", "p2 * c2 + p2**2 * traces.missed_shift", "p2 * c2", FEW_ROWS),
    ("missed shift subtracted", "ridge.py", "+ p2**2 * traces.missed_shift", "- p2**2 * traces.missed_shift", FEW_ROWS),
    (
        "noises swapped",
        "ridge.py",
        "(1 - p2) * setting.noise[0] + p2 * setting.noise[1]",
        "(1 - p2) * setting.noise[1] + p2 * setting.noise[0]",
        RIDGE,
    ),
    ("bias not inflated", "ridge.py", "_times(traces.bias, inflation)", "traces.bias", RIDGE),
    ("df1 for df2 in the variance", "ridge.py", "traces.df2 / n * inflation", "traces.df1 / n * inflation", RIDGE),
    ("no self-consistency of the error", "ridge.py", "1 / one_minus_u", "1 / one_minus_u**0", RIDGE),
    ("u from df1", "ridge.py", "leftover + traces.slack / n", "leftover", PEAK),
    (
        "bias with one power of kappa",
        "ridge.py",
        "[df1, learned @ count, slack, missed @ signal,",
        "[df1, learned @ count, slack, missed**0.5 @ signal,",
        RIDGE,
    ),
    ("kappa = lam", "fixed_point.py", "kappa[positive] = np.concatenate(", "kappa[positive] = lam; np.concatenate(", RIDGE),
    (
        "lam multiplied by n",
        "fixed_point.py",
        "step = (spare - n * lam / kappa)",
        "step = (spare - n * n * lam / kappa)",
        FEW_ROWS,
    ),
    ("sign of df1", "fixed_point.py", "n - learned, (n - spectrum.rank) + missed", "n - learned, n + learned", RIDGE),
    ("exact: n for n + 2", "exact.py", "(n * (n + 2) * (n - 1))", "(n * n * (n - 1))", LEAST_SQUARES),
    ("exact: cross moment dropped", "exact.py", "diagonal = off + n2", "diagonal = n2", LEAST_SQUARES),
    ("exact: n d for n d - 2", "exact.py", "(n * d - 2)", "(n * d)", LEAST_SQUARES),
    ("exact: n - d for n - d - 1", "exact.py", "n - d - 1, 1)", "n - d, 1)", LEAST_SQUARES),
    (
        "exact: shares swapped",
        "exact.py",
        "n2 * (n2 - 1) / (n * (n - 1))",
        "(n - n2) * (n2 - 1) / (n * (n - 1))",
        [LEAST_SQUARES[0], dict(d=6, n=20, p2=0.2)],
    ),
    (
        "exact: interpolation without inconsistency",
        "exact.py",
        "(n2 + (n - n2) * n2 * inverse_wishart) / d",
        "n2 / d",
        INTERPOLATION,
    ),
    ("exact: interpolation bias", "exact.py", "return 1 - n / d, n", "return (1 - n / d) ** 2, n", INTERPOLATION),
    ("corollary: p2 for p1 p2", "ridge.py", "(1 - p2) * p2 * c2", "p2 * c2", COROLLARY),
    (
        "leave one out: the residual itself",
        "leave_one_out.py",
        "(labels - hat @ labels) / (1 - np.diag(hat))",
        "(labels - hat @ labels)",
        LEFT_OUT,
    ),
    ("leave one out: the mean leverage", "leave_one_out.py", "(1 - np.diag(hat))", "(1 - np.diag(hat).mean())", LEFT_OUT),
    ("plateau p2 c2", "scaling.py", "setting.p2**2 * setting.c2", "setting.p2 * setting.c2", PLATEAU),
    (
        "mixture: weights ignored",
        "mixture.py",
        "self.share * self.weight / (theta + self.weight * e)",
        "self.share / (theta + e)",
        mixture("weights"),
    ),
    (
        "mixture: coupling transposed",
        "mixture.py",
        "gap = e - np",
        "coupling = coupling.T; gap = e - np",
        mixture("three sources"),
    ),
    (
        "mixture: c for c^2 in the spread",
        "mixture.py",
        "weight = c**2 / (n * self.share)",
        "weight = c / (n * self.share)",
        mixture("covariate shift"),
    ),
    (
        "mixture: tested on the first source",
        "mixture.py",
        "resolvent @ self.test.covariance @ resolvent",
        "resolvent @ self.covariances[0] @ resolvent",
        mixture("another test"),
    ),
    (
        "mixture: cross term dropped",
        "mixture.py",
        "error(missed + pulled - self.shifts, missed + pulled) - bias",
        "error(pulled - self.shifts, pulled)",
        mixture("correlated shift"),
    ),
    (
        "mixture: own shift forgotten",
        "mixture.py",
        "missed + pulled - self.shifts, missed",
        "[missed + pulled] * e.size, missed",
        mixture("rotated shift"),
    ),
    (
        "mixture: noise of the first source for all",
        "mixture.py",
        "source.noise for source",
        "sources[0].noise for source",
        mixture("unequal noise"),
    ),
    (
        "mixture: no self-consistency",
        "mixture.py",
        "np.linalg.solve(np.eye(e.size) - coupling, self.noise)",
        "self.noise",
        mixture("one source"),
    ),
    ("mixture: sign of the missed part", "mixture.py", "missed = -mu", "missed = mu", mixture("correlated shift")),
]


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


@pytest.mark.parametrize("killer", [RIDGE, LEAST_SQUARES, INTERPOLATION, mixture("weights")])
def test_faithful_copy_survives(mutant, killer):
    """A copy with nothing replaced passes: what kills a mutant is its formula, not the copying."""
    test, arguments = killer
    test(mutant("ridge.py", "p2**2 * traces.drift", "p2**2 * traces.drift"), **arguments)
