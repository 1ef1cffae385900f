"""The exact finite-size formulas against simulation, and the limits they tend to."""

import numpy as np
import pytest

from collapse import Setting, simulate

from .zscores import BOUND, PARTS, ROUNDING

LEAST_SQUARES = ((2, 8, 0.5), (6, 20, 0.2), (20, 50, 0.2), (20, 50, 0.9), (40, 50, 0.4), (80, 90, 0.1))
PROJECTIONS = (  # (d, m, n, p2)
    (6, 1, 10, 0.5),
    (6, 5, 12, 0.5),
    (30, 12, 20, 0.2),
    (20, 19, 50, 0.9),
    (40, 10, 90, 0.1),
    (3, 2, 8, 1.0),
    (50, 49, 60, 0.4),
    (20, 5, 40, 0.0),
)
INTERPOLATION = ((8, 2, 0.5), (20, 5, 0.2), (50, 20, 0.2), (50, 20, 0.9), (50, 40, 0.4), (90, 80, 0.1))


def designs(d):
    """Enough for a standard error well below one percent, in a second or two."""
    return 100_000 // d


def agree(exact, estimate):
    for part in PARTS:
        value = getattr(exact, part)
        spread = np.hypot(getattr(estimate.stderr, part), ROUNDING * abs(value) + 1e-30)
        assert abs(getattr(estimate.mean, part) - value) / spread < BOUND, part


@pytest.mark.proves("prop-exact-ols")
@pytest.mark.parametrize("d, n, p2", LEAST_SQUARES)
def test_least_squares_is_exact_at_any_size_and_spectrum(theory, d, n, p2):
    setting = Setting.power_law(d, p2, 0.8, noise=(0.5, 0.1), beta=1.0, r=1.5, q=0.7)
    agree(theory.ridgeless_exact(setting, n), simulate.ridge(setting, n, 0.0, designs(max(d, n)), seed=7))


@pytest.mark.proves("prop-exact-interpolation")
@pytest.mark.parametrize("d, n, p2", INTERPOLATION)
def test_interpolation_is_exact_for_a_flat_spectrum(theory, d, n, p2):
    setting = Setting.isotropic(d, p2, 0.8, noise=(0.5, 0.1))
    agree(theory.ridgeless_exact(setting, n), simulate.ridge(setting, n, 0.0, designs(max(d, n)), seed=8))


@pytest.mark.proves("prop-exact-projection")
@pytest.mark.parametrize("d, m, n, p2", PROJECTIONS)
def test_projections_are_exact_for_a_flat_spectrum(theory, d, m, n, p2):
    setting = Setting.isotropic(d, p2, 0.8, noise=(0.5, 0.1))
    estimate = simulate.projection(setting, n, m, 0.0, designs(max(d, n)), seed=9)
    agree(theory.ridgeless_exact(setting, n, m), estimate)


@pytest.mark.proves("prop-exact-projection")
@pytest.mark.parametrize("m", (6, 7, 40, 10**6))
def test_projections_do_not_matter_once_there_are_d_of_them(theory, m):
    """Least squares then, at any spectrum: design by design, and so in the formula."""
    setting = Setting.power_law(6, 0.25, 0.8, noise=(0.5, 0.1), beta=1.0, r=1.5, q=0.7)
    exact = theory.ridgeless_exact(setting, 20, m)
    agree(exact, simulate.projection(setting, 20, m, 0.0, 4000, seed=10))
    for part in PARTS:
        assert getattr(exact, part) == getattr(theory.ridgeless_exact(setting, 20), part)


@pytest.mark.proves("cor-projection-ridgeless", "prop-exact-projection")
@pytest.mark.parametrize("gamma", (0.1, 0.5, 0.9, 1.5))
@pytest.mark.parametrize("psi", (0.25, 0.5, 0.8))
def test_exact_projections_tend_to_theorem_2_like_one_over_n(theory, gamma, psi):
    gaps = []
    for d in (200, 400, 800):
        setting = Setting.isotropic(d, 0.4, 0.8, noise=(0.5, 0.1))
        m = round(gamma * d)
        n = round(min(m, d) / psi)
        exact, limit = theory.ridgeless_exact(setting, n, m), theory.projection(setting, n, m, 0.0)
        gaps.append([getattr(exact, part) - getattr(limit, part) for part in PARTS])
    gaps = np.array(gaps)[:, (0 if gamma < 1 else 1) :]  # no bias at all once m >= d
    assert (np.abs(gaps) > 0).all()
    remainder = np.abs(gaps[:-1] / gaps[1:] - 2)
    assert (remainder[1] < 0.6 * remainder[0]).all(), "the ratio of gaps must tend to 2"


@pytest.mark.proves("cor-ridgeless", "prop-overparameterised")
@pytest.mark.parametrize("ratio", (0.25, 0.5, 1.25, 2.0, 8.0))
def test_exact_formulas_tend_to_theorem_1_like_one_over_n(theory, ratio):
    gaps = []
    for d in (200, 400, 800):
        setting = Setting.isotropic(d, 0.4, 0.8, noise=(0.5, 0.1))
        n = round(ratio * d)
        gaps.append(theory.ridgeless_exact(setting, n).total - theory.ridge(setting, n, 0.0).total)
    gaps = np.array(gaps)
    assert (np.abs(gaps) > 0).all()
    remainder = np.abs(gaps[:-1] / gaps[1:] - 2)
    assert remainder[1] < 0.6 * remainder[0], "the ratio of gaps must tend to 2"


@pytest.mark.proves("cor-ridgeless")
@pytest.mark.parametrize("phi", (0.1, 0.5, 0.9))
@pytest.mark.parametrize("p2", (0.0, 0.3, 1.0))
def test_corollary_1(theory, phi, p2):
    """sigma^2 phi/(1-phi) + (p2^2 + p1 p2 phi/(1-phi)) c2, whatever the spectrum and the shape of the shift."""
    setting = Setting.power_law(90, p2, 0.8, noise=(0.5, 0.5), beta=1.3, r=1.7, q=0.9)
    gain = phi / (1 - phi)
    closed_form = 0.5 * gain + (p2**2 + (1 - p2) * p2 * gain) * 0.8
    assert theory.ridge(setting, 90 / phi, 0.0).total == pytest.approx(closed_form, rel=1e-12)


@pytest.mark.proves("cor-plateau")
def test_plateau_is_where_the_ridgeless_error_stops(theory):
    setting = Setting.power_law(50, np.array([0.01, 0.1, 0.5, 1.0]), 0.8, noise=(0.5, 0.2), beta=1.3, r=1.7)
    n = np.array([1e6, 1e7, 1e8])[:, None]
    excess = theory.ridge(setting, n, 0.0).total / theory.plateau(setting) - 1
    assert (excess > 0).all()
    np.testing.assert_allclose(excess[:-1] / excess[1:], 10, rtol=1e-3)


@pytest.mark.proves("prop-loo")
@pytest.mark.parametrize("n, d", ((12, 5), (8, 8), (6, 15)))
def test_leave_one_out_is_what_refitting_gives(theory, n, d):
    rng = np.random.default_rng(9)
    x, y, weight, lam = rng.standard_normal((n, d)), rng.standard_normal(n), rng.uniform(0.2, 3, n), 0.1
    refitted = []
    for i in range(n):
        kept = np.arange(n) != i
        rows = weight[kept, None] * x[kept]
        fit = np.linalg.solve(rows.T @ x[kept] / n + lam * np.eye(d), rows.T @ y[kept] / n)
        refitted.append(y[i] - x[i] @ fit)
    np.testing.assert_allclose(theory.leave_one_out(x, y, lam, weight), refitted, rtol=1e-11, atol=1e-13)


@pytest.mark.proves("cor-plateau")
@pytest.mark.parametrize("d", (1, 5, 40))
def test_distance_to_the_plateau_is_exact_at_fixed_dimension(theory, d):
    """n (E - p2^2 c2) tends to d sigma^2 + (d + 1) p1 p2 c2, with d + 1 and not d."""
    setting = Setting.power_law(d, 0.25, 0.8, noise=(0.5, 0.2), beta=1.3, r=1.7)
    n = 10 ** np.array([4, 5, 6])
    limit = d * (0.75 * 0.5 + 0.25 * 0.2) + (d + 1) * 0.75 * 0.25 * 0.8
    gap = n * (theory.ridgeless_exact(setting, n).total - theory.plateau(setting)) - limit
    np.testing.assert_allclose(gap[:-1] / gap[1:], 10, rtol=0.02)
