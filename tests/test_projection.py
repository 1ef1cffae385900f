"""Theorem 2 in other words: the forms it takes without a ridge, for a flat spectrum, for a huge model, at its peak.

Every formula here is typed as the chapters print it, with kappa or t from scipy's brentq: nothing is shared with the code.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from collapse import Risk, Setting

from .strategies import assert_same, powers_of_ten, problems, properties, ridges, rows, shares

PARTS = ("bias", "variance", "shift")
apart = st.floats(0.05, 0.9)  # a ratio that stays away from its threshold 1
shifts = st.fixed_dictionaries(dict(p2=st.floats(0, 1), c2=st.floats(0.1, 4), r2=st.floats(0.1, 4)))


def noise_of(setting):
    return (1 - setting.p2) * setting.noise[0] + setting.p2 * setting.noise[1]


def kappa_where(setting, df1):
    """The kappa at which df1 dimensions are learned, without a ridge."""
    s = setting.spectrum
    log_kappa = brentq(lambda x: np.sum(s / (s + np.exp(x))) - df1, np.log(s.min()) - 40, np.log(s.max()) + 40, xtol=1e-14)
    return np.exp(log_kappa)


@pytest.mark.proves("thm-projection", "def-projection-constants")
@given(setting=problems(), n=rows, m=rows, lam=ridges)
@properties
def test_theorem_2_from_its_constants(theory, setting, n, m, lam):
    """kappa, q and u; then zeta over the common denominator 1 - u, as in the paper."""
    s, p2 = setting.spectrum, setting.p2
    kappa = theory.fixed_point(s, n, lam, m)
    df1, df2 = np.sum(s / (s + kappa)), np.sum((s / (s + kappa)) ** 2)
    q = (m - df1) / (m - df2)
    u = (df2 + (1 - q) * (df1 - df2)) / n
    drifted = s * setting.shift / (s + kappa) ** 2
    zeta = (
        p2**2 * (1 - p2 * u) * np.sum(drifted * s**2)
        + p2 * u * np.sum(drifted * ((1 - p2) * s + kappa) ** 2)
        + p2**2 * (1 - q) * kappa * np.sum(drifted * s)
    )
    bias = np.sum(setting.teacher * s * (kappa**2 + (1 - q) * kappa * s) / (s + kappa) ** 2)
    expected = Risk(bias / (1 - u), noise_of(setting) * u / (1 - u), zeta / (1 - u))
    assert_same(theory.projection(setting, n, m, lam), expected, relative=1e-6)


# Large models


@pytest.mark.proves("prop-projection-limit")
@given(setting=problems(), n=rows, mu=ridges)
@properties
def test_theorem_1_is_the_limit_of_large_models_with_a_ridge_that_grows(theory, setting, n, mu):
    """lam = mu m/d: the distance to theory.ridge at mu falls like 1/m, in every part."""
    limit = theory.ridge(setting, n, mu)
    m = max(n, setting.d) * np.array([1e4, 1e5])
    risk = theory.projection(setting, n, m, mu * m / setting.d)
    for part in PARTS:
        far, near = getattr(risk, part) - getattr(limit, part)
        assert near == pytest.approx(far / 10, rel=0.02, abs=1e-10 * limit.total)
        assert abs(near) <= 0.1 * limit.total


@pytest.mark.proves("prop-projection-limit")
@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_an_infinite_model_with_a_fixed_ridge_is_ridgeless(theory, setting, n, lam):
    n = n if abs(n - setting.d) > 0.1 else n + 0.2
    assert_same(theory.projection(setting, n, np.inf, lam), theory.ridge(setting, n, 0.0), relative=1e-12)
    m = max(n, setting.d) * np.array([1e8, 1e9]) * max(1, lam / setting.spectrum.min())
    limit = theory.ridge(setting, n, 0.0)
    for part in PARTS:
        far, near = getattr(theory.projection(setting, n, m, lam), part) - getattr(limit, part)
        assert near == pytest.approx(far / 10, rel=0.02, abs=1e-10 * limit.total)


@pytest.mark.proves("prop-projection-limit", "cor-projection-ridgeless")
@given(setting=problems(), psi=apart, larger=powers_of_ten(0.1, 6))
@properties
def test_without_a_ridge_more_than_d_projections_are_as_good_as_d(theory, setting, psi, larger):
    n = setting.d / psi
    expected = theory.ridge(setting, n, 0.0)
    assert_same(theory.projection(setting, n, larger * setting.d, 0.0), expected, relative=1e-12)
    gain = psi / (1 - psi)
    assert expected.shift == pytest.approx((setting.p2**2 + (1 - setting.p2) * setting.p2 * gain) * setting.c2, abs=1e-12)


# No ridge, any spectrum


@pytest.mark.proves("cor-projection-ridgeless")
@given(setting=problems(), gamma=apart, psi=apart)
@properties
def test_ridgeless_with_few_projections(theory, setting, gamma, psi):
    """m < min(n, d): all m projections are used, df1 = m, and what they cannot express is noise."""
    m = gamma * setting.d
    s, p2, kappa = setting.spectrum, setting.p2, kappa_where(setting, m)
    expressed = np.sum(setting.shift * s * s / (s + kappa))
    expected = Risk(
        np.sum(setting.teacher * s * kappa / (s + kappa)) / (1 - psi),
        noise_of(setting) * psi / (1 - psi),
        p2 * (p2 * (1 - 2 * psi) * expressed + psi * setting.c2) / (1 - psi),
    )
    assert_same(theory.projection(setting, m / psi, m, 0.0), expected, relative=1e-9)


@pytest.mark.proves("cor-projection-ridgeless")
@given(setting=problems(), share=apart, larger=powers_of_ten(0.05, 4))
@properties
def test_ridgeless_with_few_rows(theory, setting, share, larger):
    """n < min(m, d): every label is fitted, df1 = n, and kappa does not depend on m."""
    n = share * setting.d
    m = larger * n
    s, p2, kappa = setting.spectrum, setting.p2, kappa_where(setting, n)
    learned, missed = s / (s + kappa), kappa / (s + kappa)
    slack = np.sum(learned * missed)
    scatter = slack / (m - n + slack)  # 1 - q
    gain = (n - slack + scatter * slack) / (slack - scatter * slack)  # u/(1 - u)
    error = missed**2 + scatter * learned * missed
    missed_shift = np.sum(setting.shift * s * error)
    drift = np.sum(setting.shift * s * (learned**2 + scatter * learned * missed))
    expected = Risk(
        np.sum(setting.teacher * s * error) * (1 + gain),
        noise_of(setting) * gain,
        p2**2 * drift + gain * ((1 - p2) * p2 * setting.c2 + p2**2 * missed_shift),
    )
    assert_same(theory.projection(setting, n, m, 0.0), expected, relative=1e-9)


# A flat spectrum


@pytest.mark.proves("cor-projection-isotropic")
@given(d=st.integers(1, 60), phi=powers_of_ten(-1, 1), gamma=powers_of_ten(-1, 1.5), lam=powers_of_ten(-2, 2), shift=shifts)
@properties
def test_isotropic_master_formula(theory, d, phi, gamma, lam, shift):
    """t = 1/(1 + kappa) solves lam t = (1 - t)(gamma - t)(1 - phi t); then E is rational in t."""
    setting = Setting.isotropic(d, noise=(0.5, 0.2), **shift)
    p2, c2, r2 = shift["p2"], shift["c2"], shift["r2"]

    def equation(t):
        return (1 - t) * (gamma - t) * (1 - phi * t) - lam * t

    t = brentq(equation, 0, min(1, gamma, 1 / phi), xtol=1e-15)
    square = t**2 * (gamma + 1 - 2 * t) / (gamma - t**2)  # the mean of the squared share that is learned
    u = phi * square
    expected = Risk(
        r2 * (1 - 2 * t + square) / (1 - u),
        noise_of(setting) * u / (1 - u),
        c2 * p2 * square * (p2 + phi - 2 * p2 * phi * t) / (1 - u),
    )
    assert_same(theory.projection(setting, d / phi, gamma * d, lam), expected, relative=1e-7)


@pytest.mark.proves("cor-projection-isotropic", "cor-projection-ridgeless")
@given(d=st.integers(1, 60), one=apart, other=apart, regime=st.sampled_from(["few m", "few d", "few n"]), shift=shifts)
@properties
def test_isotropic_ridgeless_table(theory, d, one, other, regime, shift):
    setting = Setting.isotropic(d, noise=(0.5, 0.2), **shift)
    p2, c2, r2, sigma2 = shift["p2"], shift["c2"], shift["r2"], noise_of(setting)
    if regime == "few m":
        gamma, psi = one, other
        phi = psi / gamma
        expected = Risk(
            r2 * (1 - gamma) / (1 - psi),
            sigma2 * psi / (1 - psi),
            c2 * p2 * gamma * (p2 + phi - 2 * p2 * psi) / (1 - psi),
        )
    elif regime == "few d":
        phi, gamma = one, 1 / other
        gain = phi / (1 - phi)
        expected = Risk(0.0, sigma2 * gain, c2 * (p2**2 + (1 - p2) * p2 * gain))
    else:
        x, psi = one, 1 / other
        phi, gamma = 1 / x, psi * x
        u = (1 - 2 * x + x * psi) / (psi - x)
        gain = (1 - 2 * x + x * psi) / ((1 - x) * (psi - 1))
        expected = Risk(r2 * (1 - 2 * x + x * u) / (1 - u), sigma2 * gain, c2 * p2 * (1 - p2 * x) * gain)
    assert_same(theory.projection(setting, d / phi, gamma * d, 0.0), expected, relative=1e-9)


# The peak


@pytest.mark.proves("prop-peak")
@given(setting=problems(p2=shares).filter(lambda setting: setting.d >= 2), share=st.floats(0.1, 0.9))
@properties
def test_the_peak_is_approached_like_the_root_of_the_ridge(theory, setting, share):
    n, lam = share * setting.d, setting.spectrum.min() * share**2 * (1 - share) ** 2 * np.array([1e-9, 1e-11])
    height, risk = theory.peak(setting, n, lam), theory.projection(setting, n, n, lam)
    for part in PARTS:
        leading, value = getattr(height, part), getattr(risk, part)
        assert leading[1] == pytest.approx(10 * leading[0], rel=1e-9)
        far, near = np.abs(value - leading) / np.maximum(leading, 1e-300) if leading.any() else np.abs(value)
        assert near <= 0.11 * far + 1e-8 and near < 0.01, part


@pytest.mark.proves("prop-peak")
@given(d=st.integers(2, 60), x=st.floats(0.05, 0.95), lam=powers_of_ten(-12, 0), shift=shifts)
@properties
def test_the_isotropic_peak(theory, d, x, lam, shift):
    setting = Setting.isotropic(d, noise=(0.5, 0.2), **shift)
    p2, c2, r2 = shift["p2"], shift["c2"], shift["r2"]
    gain = np.sqrt((1 - x) / lam) / 2
    expected = Risk(r2 * (1 - x) * gain, noise_of(setting) * gain, c2 * p2 * (1 - p2 * x) * gain)
    assert_same(theory.peak(setting, x * d, lam), expected, relative=1e-9)


@pytest.mark.proves("prop-peak")
def test_there_is_a_peak_only_with_fewer_rows_than_dimensions(theory):
    setting = Setting.power_law(50, 0.5, 0.5, noise=0.1, beta=1.0, r=1.5)
    few, many = 30, 70
    for n, peaked in ((few, True), (many, False)):
        errors = theory.projection(setting, n, np.array([0.98 * n, n, 1.02 * n]), 1e-10).total
        assert (errors[1] > 10 * max(errors[0], errors[2])) == peaked
    assert theory.projection(setting, few, few, 0.0).total == np.inf
