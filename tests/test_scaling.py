"""Scaling laws, plateaus and onsets: what holds exactly, and how fast the limits are approached.

An exponent is a statement about infinitely many dimensions and rows. Here it is the slope of the error between n and
1.2 n; it may differ from the exponent, but by less and less as n grows.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collapse import Setting

from .strategies import assert_same, powers_of_ten, problems, properties, rows

LAWS = ((1.5, 1.8), (1.5, 2.5), (2.0, 7.0), (3.0, 2.0))  # (beta, r); the third is saturated, r - 1 > 2 beta
STEP = 1.2


def slope(errors):
    """Minus the slope between n and STEP n, for errors (2, k)."""
    return -np.log(errors[1] / errors[0]) / np.log(STEP)


def assert_tends_to(values, limit, last, per_doubling):
    """The relative gap to the limit falls at least by ``per_doubling`` each time, and ends below ``last``."""
    gaps = np.abs(np.asarray(values) / limit - 1)
    assert (gaps[1:] < per_doubling * gaps[:-1]).all() and gaps[-1] < last, f"gaps {gaps}"


@pytest.mark.proves("prop-power-law")
@pytest.mark.parametrize("beta, r", LAWS[1:])  # with r = 1.8 too much of the signal lies beyond d = 5000
def test_exponent_without_noise_and_ridge(theory, beta, r):
    """d = n^3, so that what lies beyond d weighs no more than the 1/n of a finite n."""
    slopes = []
    for n in (4, 8, 16, 32):
        setting = Setting.power_law(n**3, 0.0, 0.0, noise=0.0, beta=beta, r=r)
        slopes.append(slope(theory.ridge(setting, [n, STEP * n], 0.0).total))
    assert_tends_to(slopes, theory.exponents(beta, r).ridgeless, last=0.03, per_doubling=0.7)


def effective_rows(theory, beta, r):
    """Rows at which the best ridge learns 8, 16, 32 and 64 dimensions, up to a constant: far fewer than d = 5000."""
    return np.array([8.0, 16, 32, 64]) ** (1 + theory.exponents(beta, r).ridgeless)


@pytest.mark.proves("prop-power-law")
@pytest.mark.parametrize("beta, r", LAWS[1:])  # with r = 1.8 too much of the signal lies beyond d = 5000
def test_exponent_with_noise_and_the_best_ridge(theory, beta, r):
    setting = Setting.power_law(5000, 0.0, 0.0, noise=0.1, beta=beta, r=r)
    n = effective_rows(theory, beta, r)
    errors = theory.best_ridge(setting, np.array([n, STEP * n]))[1].total
    assert_tends_to(slope(errors), theory.exponents(beta, r).tuned, last=0.1, per_doubling=0.8)


@pytest.mark.proves("prop-onset", "prop-power-law")
@pytest.mark.parametrize("beta, r", LAWS[1:])
def test_exponent_of_the_onset(theory, beta, r):
    """The plateaus are p2^2 c2 with c2 = 1, at the height of the errors above."""
    laws = theory.exponents(beta, r)
    p2 = effective_rows(theory, beta, r) ** (-laws.tuned / 2)
    setting = Setting.power_law(5000, np.array([p2, p2 / np.sqrt(STEP)]), 1.0, noise=0.1, beta=beta, r=r)
    assert_tends_to(-slope(theory.onset(setting)), laws.onset, last=0.1, per_doubling=0.8)


@pytest.mark.proves("prop-onset")
@given(setting=problems(), share=st.floats(0.01, 1), height=st.floats(0.001, 0.999))
@properties
def test_clean_data_reach_the_plateau_at_the_onset(theory, setting, share, height):
    """The equation that defines n*, for every plateau below tr(Sigma Gamma), to the last step of the search over kappa."""
    assume(setting.r2 > 0 and setting.c2 > 0)
    shift = setting.shift * height * setting.r2 / (share**2 * setting.c2)
    setting = setting.replace(p2=share, shift=shift)
    clean, plateau = setting.replace(p2=0.0), theory.plateau(setting)
    assert plateau == pytest.approx(height * setting.r2)
    assert theory.best_ridge(clean, theory.onset(setting))[1].total == pytest.approx(plateau, rel=5e-6)
    assert theory.ridge(clean, theory.onset(setting, tuned=False), 0.0).total == pytest.approx(plateau, rel=1e-8)


def test_onset_at_its_ends(theory):
    setting = Setting.isotropic(20, [0.0, 0.5, 1.0], 1.0, noise=0.2, r2=0.5)
    n = theory.onset(setting)
    assert n[0] == np.inf, "no synthetic rows, no plateau"
    assert 0 < n[1] < np.inf
    assert n[2] == 0, "a plateau above the error of predicting nothing"
    assert theory.onset(setting, tuned=False)[1] == pytest.approx(20 * (1 + 0.2 / 0.25))


@pytest.mark.proves("prop-regularisation")
@given(
    p2=st.floats(0.05, 1),
    c2=powers_of_ten(-1, 1),
    r2=powers_of_ten(-1, 1),
    noise=powers_of_ten(-2, 0),
    d=st.integers(1, 50),
)
@properties
def test_best_ridge_lowers_the_isotropic_plateau_but_does_not_remove_it(theory, p2, c2, r2, noise, d):
    """r2 p2^2 c2/(r2 + p2^2 c2), approached like 1/n, at lam = p2^2 c2/r2."""
    setting = Setting.isotropic(d, p2, c2, noise=noise, r2=r2)
    height = r2 * theory.plateau(setting) / (r2 + theory.plateau(setting))
    lam, risk = theory.best_ridge(setting, d * np.array([1e6, 1e7]))
    excess = risk.total / height - 1
    assert excess[0] == pytest.approx(10 * excess[1], rel=1e-2, abs=1e-9) and abs(excess[1]) < 1e-3
    assert lam[1] == pytest.approx(theory.plateau(setting) / r2, rel=1e-2)


@pytest.mark.proves("prop-regularisation")
@given(setting=problems(), n=rows)
@properties
def test_best_ridge_is_no_worse_than_none_or_infinitely_much(theory, setting, n):
    best = theory.best_ridge(setting, n)[1].total
    assert best <= setting.r2 * (1 + 1e-9) + 1e-5 * (setting.c2 + max(setting.noise))
    assert best <= theory.ridge(setting, n, 0.0).total * (1 + 1e-9)


@pytest.mark.proves("prop-regularisation")
@given(setting=problems(), n=rows)
@properties
def test_no_ridge_beats_the_best(theory, setting, n):
    """Within the range that it promises to search, which ends at kappa = 1e6 times the largest eigenvalue."""
    lam, best = theory.best_ridge(setting, n)
    others = theory.ridge(setting, n, np.r_[0, setting.spectrum.max() * np.logspace(-12, 5, 400)])
    assert (others.total >= best.total * (1 - 1e-9)).all()
    assert_same(theory.ridge(setting, n, lam), best, relative=1e-6)


@pytest.mark.proves("prop-tempered")
@pytest.mark.parametrize("beta", (1.5, 2.0, 3.0))
def test_an_interpolating_student_has_a_higher_plateau(theory, beta):
    """V -> (beta - 1) sigma^2 and zeta -> c2 (p2^2 + p1 p2 (beta - 1)), with d = n^3 and a shift along the spectrum."""
    p2, c2, noise = 0.3, 0.5, 0.1
    variances, shifts = [], []
    for n in (8, 16, 32):
        risk = theory.ridge(Setting.power_law(n**3, p2, c2, noise, beta=beta, r=2.0, q=2.0), n, 0.0)
        variances.append(risk.variance)
        shifts.append(risk.shift)
    assert_tends_to(variances, (beta - 1) * noise, last=0.04, per_doubling=0.85)
    assert_tends_to(shifts, c2 * (p2**2 + (1 - p2) * p2 * (beta - 1)), last=0.08, per_doubling=0.85)
