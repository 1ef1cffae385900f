"""Does a larger model help? The statements of that chapter against formulas typed here, simulations and the stored run."""

from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collapse import Risk, Setting, experiments, results, simulate

from .strategies import powers_of_ten, problems, properties, ridges, rows
from .test_theory_against_simulation import doubled
from .zscores import BOUND, TRIALS

shares_of_rank = st.floats(0.05, 0.95)
uneven = problems().filter(lambda setting: setting.d >= 2)


def missed(setting, kappa):
    """kappa tr A Sigma (Sigma + kappa)^-1 for A = Gamma and A = Delta."""
    weight = setting.spectrum * kappa / (setting.spectrum + kappa)
    return setting.teacher @ weight, setting.shift @ weight


def noise_seen(setting, kappa):
    """L: label noise, contradiction, and what of the student's mean teacher is not learned."""
    p2, (real, synthetic) = setting.p2, setting.noise
    teacher, shift = missed(setting, kappa)
    return (1 - p2) * real + p2 * synthetic + (1 - p2) * p2 * setting.c2 + teacher + p2**2 * shift


def largest_model(theory, setting, n):
    """kappa0, and the total error of the infinite model without a ridge."""
    return theory.fixed_point(setting.spectrum, n, 0.0), theory.ridge(setting, n, 0.0).total


# Below the threshold


@pytest.mark.proves("prop-size-below")
@given(setting=problems(), n=rows, share=shares_of_rank)
@properties
def test_below_the_threshold_the_error_is_that_of_endless_rows_and_a_surcharge(theory, setting, n, share):
    m = share * min(n, setting.d)
    kappa = theory.fixed_point(setting.spectrum, m, 0.0)
    teacher, shift = missed(setting, kappa)
    drift = setting.p2**2 * (setting.c2 - shift)
    surcharge = m / (n - m) * noise_seen(setting, kappa)
    risk = theory.projection(setting, n, m, 0.0)
    assert risk.total == pytest.approx(teacher + drift + surcharge, rel=1e-8)
    expected = drift + m / (n - m) * setting.p2 * (setting.c2 - setting.p2 * (setting.c2 - shift))
    assert risk.shift == pytest.approx(expected, rel=1e-8, abs=1e-12)


@pytest.mark.proves("prop-size-below")
@given(phi=st.floats(0.1, 3), p2=st.floats(0.05, 1))
@properties
def test_isotropic_shift_grows_up_to_the_threshold_with_one_exception(theory, phi, p2):
    n = 1000
    m = np.arange(1, np.ceil(n * min(1, phi)))
    shift = theory.projection(Setting.isotropic(round(phi * n), p2, 1.0, noise=0.1), n, m, 0.0).shift
    phi = round(phi * n) / n
    if 0.5 < phi < 1 and p2 > phi / (1 - 2 * (1 - phi) ** 2):
        assert p2 > (2 + np.sqrt(2)) / 4 - 1e-9
        assert abs(m[shift.argmax()] / n - (1 - np.sqrt((1 - phi / p2) / 2))) <= 1 / n
        assert shift[-1] < shift.max() or shift.argmax() >= m.size - 2
    else:
        assert (np.diff(shift) > 0).all()


@pytest.mark.proves("prop-size-below")
@pytest.mark.parametrize("p2, falls", [(1.0, True), (0.95, True), (0.91, False), (0.5, False)])
def test_the_exception_is_there_in_the_exact_error(theory, p2, falls):
    """phi = 0.9, where the shift falls next to m = d if p2 > 0.918; p2 = 0.91 > phi is not enough."""
    setting = Setting.isotropic(1800, p2, 1.0, noise=0.0)
    shift = theory.ridgeless_exact(setting, 2000, np.arange(1, 1801)).shift
    assert (shift[-1] < shift.max()) == falls
    if falls:
        assert abs((shift.argmax() + 1) / 2000 - (1 - np.sqrt((1 - 0.9 / p2) / 2))) < 0.005


# Beyond the threshold, and at it


@pytest.mark.proves("prop-size-beyond")
@given(setting=uneven, share=shares_of_rank, larger=powers_of_ten(-2, 4))
@properties
def test_beyond_the_threshold_the_surcharge_is_the_noise_seen(theory, setting, share, larger):
    n = share * setting.d
    kappa, infinite = largest_model(theory, setting, n)
    error = theory.projection(setting, n, n * (1 + larger), 0.0).total
    assert error == pytest.approx(infinite + noise_seen(setting, kappa) / larger, rel=1e-8)


@cache
def simulated_sizes(d, n, sizes, lam):
    """Uneven spectrum, half of the rows synthetic."""
    small = Setting.power_law(d // 2, 0.5, 1.0, noise=0.1, beta=1.2, r=1.8, q=1.2)
    return doubled(small), simulate.projection(doubled(small), n, np.array(sizes), lam, TRIALS, seed=41)


def steps(estimate, part):
    """z-scores of the change of a part from one size to the next."""
    mean, stderr = getattr(estimate.mean, part), getattr(estimate.stderr, part)
    return np.diff(mean) / np.hypot(stderr[1:], stderr[:-1])


@pytest.mark.proves("prop-size-below")
def test_simulated_shift_grows_below_the_threshold():
    _, run = simulated_sizes(240, 80, (5, 10, 20, 40, 60, 70), 0.0)
    assert (steps(run, "shift") > BOUND).all()


@pytest.mark.proves("prop-size-beyond")
def test_simulated_parts_fall_beyond_the_threshold():
    _, run = simulated_sizes(240, 80, (95, 110, 140, 240, 1000), 0.0)
    for part in ("bias", "variance", "shift"):
        assert (steps(run, part) < -BOUND).all(), part


@pytest.mark.proves("prop-size-beyond")
def test_simulated_surcharge_is_the_noise_seen(theory):
    """The surcharge at m = 2n and 3n; its error of order 1/(m - n) is removed by doubling the problem."""
    setting, run = simulated_sizes(120, 40, (80, 120), 0.0)
    large = simulate.projection(doubled(setting), 80, np.array([160, 240]), 0.0, TRIALS, seed=42)
    mean = 2 * large.mean.total - run.mean.total
    stderr = np.hypot(2 * large.stderr.total, run.stderr.total)
    kappa, infinite = largest_model(theory, setting, 40)
    expected = infinite + noise_seen(setting, kappa) * np.array([1, 0.5])
    assert (np.abs(mean - expected) / stderr).max() < BOUND
    assert (infinite - mean < -BOUND * stderr).all(), "the surcharge must be resolved"


@pytest.mark.proves("prop-peak")
@given(setting=uneven, share=shares_of_rank, root=st.floats(1e-6, 1e-4))
@properties
def test_the_peak_is_the_noise_seen(theory, setting, share, root):
    """All three parts together: half the root of n kappa0/(d lam), times L."""
    n, lam = share * setting.d, root**2
    kappa, _ = largest_model(theory, setting, n)
    height = np.sqrt(share * kappa / lam) / 2 * noise_seen(setting, kappa)
    assert theory.peak(setting, n, lam).total == pytest.approx(height, rel=1e-8)


@pytest.mark.proves("prop-peak")
@given(setting=problems(), excess=powers_of_ten(-2, 1))
@properties
def test_with_more_rows_than_dimensions_the_error_is_bounded_over_all_sizes(theory, setting, excess):
    n, d = setting.d * (1 + excess), setting.d
    m = d * np.r_[np.linspace(0.01, 0.99, 50), 1 + excess * np.array([0, 0.5, 1, 2]), 1e3, np.inf]
    errors = theory.projection(setting, n, m, 0.0).total
    everything = setting.r2 + setting.p2 * setting.c2 + max(setting.noise)
    assert (errors <= everything * (1 + 1 / excess) * (1 + 1e-9)).all()
    assert errors[50:] == pytest.approx(errors[50], rel=1e-9)


# Isotropic inputs


def brace(phi, psi, p2, c2, sigma2):
    return phi * sigma2 - (1 - phi) + c2 * p2 * (phi + p2 * (1 - 4 * psi + 2 * psi**2))


isotropic = dict(phi=st.floats(0.1, 3), p2=st.floats(0.05, 1), c2=powers_of_ten(-2, 2), sigma2=powers_of_ten(-2, 1))


@pytest.mark.proves("prop-size-isotropic")
@given(**isotropic)
@properties
def test_isotropic_slope_has_the_sign_of_the_brace(theory, phi, p2, c2, sigma2):
    psi, n = min(1, phi) * np.linspace(0.02, 0.98, 49), 1 / phi  # d = 1
    step = 1e-5 * min(1, phi)
    errors = theory.projection(Setting.isotropic(1, p2, c2, sigma2), n, n * (psi + step * np.array([[-1], [1]])), 0.0).total
    slope = (errors[1] - errors[0]) / (2 * step)
    expected = brace(phi, psi, p2, c2, sigma2) / (phi * (1 - psi) ** 2)
    assert slope == pytest.approx(expected, rel=1e-5, abs=1e-5 * errors.max())


@pytest.mark.proves("prop-size-isotropic")
@given(**isotropic)
@properties
def test_isotropic_best_size_is_the_largest_or_none(theory, phi, p2, c2, sigma2):
    """d = 1, so that m = 1e-6 is none and m >= 1 the largest if n > d."""
    assume(abs(phi - 1) > 1e-3)
    n, setting = 1 / phi, Setting.isotropic(1, p2, c2, sigma2)
    m = np.r_[1e-9, min(n, 1) * np.linspace(0.01, 0.999, 100), n * (1 + np.logspace(-3, 6, 60)), np.inf]
    errors = theory.projection(setting, n, m, 0.0).total
    assert errors.min() >= min(errors[0], errors[-1]) * (1 - 1e-9)
    x, a = n, (1 - phi) - phi * sigma2
    if phi < 1:
        limit = a / (1 - phi) / (p2**2 + (1 - p2) * p2 * phi / (1 - phi))
    else:
        limit = ((1 - x) - sigma2) / (p2 * (1 - p2 * x))
    assume(abs(c2 - limit) > 1e-6 * c2)
    assert (errors[-1] < 1) == (c2 < limit)


@pytest.mark.proves("prop-size-isotropic")
@pytest.mark.parametrize("p2", (0.2, 0.4, 0.6))
@pytest.mark.parametrize("side", (0.7, 1.4))
def test_isotropic_boundaries_in_simulated_designs(p2, side):
    """phi = 1/2: on either side of each boundary the simulated errors differ with the sign that it predicts.

    The boundaries are those of a slope at m = 0 and m = d, the simulated slopes are chords, hence the distance.
    """
    phi, sigma2, n, d = 0.5, 0.1, 240, 120
    a, end = (1 - phi) - phi * sigma2, phi + p2 * (1 - 4 * phi + 2 * phi**2)
    run = simulate.projection(Setting.isotropic(d, p2, 1.0, sigma2), n, np.array([4, 112, 120]), 0.0, TRIALS, seed=43)

    def z(c2, here, there):
        scaled = run.scale_shift(c2)
        mean, stderr = (np.append(values.total, value) for values, value in ((scaled.mean, 1.0), (scaled.stderr, 0.0)))
        return (mean[there] - mean[here]) / np.hypot(stderr[there], stderr[here])

    sign = 1 if side > 1 else -1
    none, small, almost, largest = 3, 0, 1, 2
    assert sign * z(side * a / (p2 * (p2 + phi)), none, small) > BOUND
    assert sign * z(side * a / (1 - phi) / (p2**2 + (1 - p2) * p2 * phi / (1 - phi)), none, largest) > BOUND
    assert sign * z(side * a / (p2 * end), almost, largest) > BOUND


# A fixed ridge, and a tuned one


away_from_one = st.one_of(st.floats(0.1, 0.9), st.floats(1.2, 5))


def first_bit_of_ridge(theory, setting, n, lam=0.0):
    """Derivative of the error without projections at ridge lam, by differences to the right."""
    step = 1e-5 * (setting.spectrum.min() + lam)
    errors = theory.ridge(setting, n, lam + step * np.arange(3)).total
    return (4 * errors[1] - errors[2] - 3 * errors[0]) / (2 * step)


@pytest.mark.proves("prop-size-normalisation")
@given(setting=uneven, share=away_from_one, lam=powers_of_ten(-3, 0))
@properties
def test_fixed_ridge_approaches_the_ridgeless_limit_at_the_stated_rate(theory, setting, share, lam):
    n, d = share * setting.d, setting.d
    kappa, infinite = largest_model(theory, setting, n)
    scatter = n * noise_seen(setting, kappa) if share < 1 else 0.0
    fading = d * lam * first_bit_of_ridge(theory, setting, n)
    slopes = [m * (theory.projection(setting, n, m, lam).total - infinite) for m in d * np.array([1e5, 1e6])]
    scale = scatter + abs(fading) + 1e-6 * infinite
    assert abs(slopes[1] - (scatter + fading)) < 2e-3 * scale
    if share > 1:
        assert fading < 0 or infinite == 0


@pytest.mark.proves("prop-size-normalisation")
def test_the_error_rises_with_the_model_beyond_the_critical_ridge(theory):
    setting, n = Setting.power_law(200, 0.5, 1.0, noise=0.1, beta=1.2, r=1.8, q=1.2), 50
    kappa, _ = largest_model(theory, setting, n)
    critical = -n * noise_seen(setting, kappa) / (setting.d * first_bit_of_ridge(theory, setting, n))
    m = n * np.geomspace(1e3, 1e6, 20)
    for factor in (0.9, 1.1):
        assert (np.diff(theory.projection(setting, n, m, factor * critical).total) > 0).all() == (factor > 1)
        assert (np.diff(theory.projection(setting, n, m, factor * critical).total) < 0).all() == (factor < 1)


@pytest.mark.proves("prop-size-normalisation")
@given(setting=uneven, share=away_from_one, mu=powers_of_ten(-2, 1))
@properties
def test_kept_ridge_approaches_its_limit_at_the_stated_rate(theory, setting, share, mu):
    """Penalty mu m/d: A > 0 from the scatter, and mu df1 times the slope of the limit in its ridge."""
    s, n, p2 = setting.spectrum, share * setting.d, setting.p2
    kappa = theory.fixed_point(s, n, mu)
    learned, sources = s / (s + kappa), setting.teacher + p2**2 * setting.shift
    df1, df2 = learned.sum(), np.sum(learned**2)
    noise = (1 - p2) * setting.noise[0] + p2 * setting.noise[1] + (1 - p2) * p2 * setting.c2
    u, half = df2 / n, np.sum(sources * s * learned * (1 - learned))
    by_scatter = half / (1 - u) + (noise + np.sum(sources * s * (1 - learned) ** 2)) * (df1 - df2) / n / (1 - u) ** 2
    scatter, ridge = (df1 - df2) * by_scatter, mu * df1 * first_bit_of_ridge(theory, setting, n, mu)
    limit, m = theory.ridge(setting, n, mu).total, 1e6 * setting.d
    rate = m * (theory.projection(setting, n, m, mu * m / setting.d).total - limit)
    assert abs(rate - (scatter + ridge)) < 2e-3 * (scatter + abs(ridge))


@pytest.mark.proves("prop-size-normalisation")
def test_simulated_error_rises_with_the_model_at_a_fixed_ridge():
    """n > d: for every ridge; here at two, from m = 2d to 1e6 d."""
    setting = Setting.isotropic(40, 0.5, 1.0, noise=0.5)
    run = simulate.projection(setting, 80, np.array([[80], [400], [40_000_000]]), np.array([0.1, 1.0]), 4 * TRIALS, seed=44)
    mean, stderr = run.mean.total, run.stderr.total
    assert ((mean[2] - mean[:2]) / np.hypot(stderr[2], stderr[:2]) > BOUND).all()


@pytest.mark.proves("prop-size-tuned")
@given(setting=problems(), n=rows, share=powers_of_ten(-1, 1), larger=powers_of_ten(-2, 2), lam=ridges)
@properties
def test_a_larger_model_is_worse_only_where_more_ridge_helps(theory, setting, n, share, larger, lam):
    """With the kappa of the smaller model, which takes more ridge, no part of the larger one's error is larger."""
    small, d = share * setting.d, setting.d
    large = small * (1 + larger)
    kappa = theory.fixed_point(setting.spectrum, n, lam, small)
    df1 = theory.df(setting.spectrum, kappa, 1)
    more = kappa * large / d * (1 - df1 / large) * (1 - df1 / n)
    assert more > lam
    before, after = theory.projection(setting, n, small, lam), theory.projection(setting, n, large, more)
    for part in ("bias", "variance", "shift"):
        assert getattr(after, part) <= getattr(before, part) * (1 + 1e-8)


@pytest.mark.proves("prop-size-tuned")
def test_simulated_error_falls_with_the_model_at_the_best_ridge(theory):
    setting, n = Setting.power_law(240, 0.5, 2.0, noise=0.1, beta=1.2, r=1.8, q=1.2), 60
    m = np.array([6, 12, 24, 60, 240])
    lam = theory.best_ridge(setting, n, m)[0]
    assert (steps(simulate.projection(setting, n, m, lam, 4 * TRIALS, seed=45), "total") < -BOUND).all()


# The figures of the paper: the stored run


@cache
def stored():
    """The Estimate at c2 = 1 (runs, sizes, shares), the setting, n, lam, and m (sizes, 1)."""
    arrays = results.load("model-size").arrays
    run = simulate.Estimate(Risk(*(arrays[part] for part in ("bias", "variance", "shift"))))
    setting = experiments.model_size_problem(int(arrays["d"]))
    assert np.array_equal(setting.p2, arrays["p2"])
    return run, setting, float(arrays["n"]), float(arrays["lam"]), arrays["m"][:, None]


@pytest.mark.proves("obs-figures-2-3")
@pytest.mark.parametrize("c2", (0.1, 0.5, 2.0))
def test_figures_2_and_3(theory, c2):
    run, setting, n, lam, m = stored()
    limit, errors = theory.projection(setting, n, m, lam).scale_shift(c2).total, run.scale_shift(c2).mean.total
    assert run.trials == 5
    assert np.sqrt(np.mean((errors / limit - 1) ** 2, axis=0)).max() < 0.02
    assert (m[errors.argmax(axis=0)] == n).all()
    away = (m[:, 0] <= 0.7 * n) | (m[:, 0] >= 2 * n)
    assert (np.diff(errors[away], axis=1) > 0).all()
    lift = errors[:, 1:] - errors[:, :1]
    assert (lift[m[:, 0] == 20 * n] > lift[m[:, 0] == n / 10]).all()
    half, nine = (list(setting.p2).index(p2) for p2 in (0.5, 0.9))
    assert errors[m[:, 0] == n, nine] < errors[m[:, 0] == n, half]


@pytest.mark.proves("obs-figure-1")
@pytest.mark.parametrize("p2", (0.1, 0.5, 0.9))
def test_figure_1(p2):
    run, setting, n, _, m = stored()
    column = list(setting.p2).index(p2)
    assert m[run.mean.total[:, 0].argmin()] == m.max(), "with real rows only the largest is the best"
    for c2, largest_wins in ((0.0, True), (0.1, True), (0.5, p2 == 0.1), (2.0, False)):
        scaled = run.scale_shift(c2)
        mean, stderr = scaled.mean.total[:, column], scaled.stderr.total[:, column]
        best = mean.argmin()
        assert (m[best, 0] == m.max()) == largest_wins
        if not largest_wins:
            assert m[best, 0] < n
            assert (mean[-1] - mean[best]) / np.hypot(stderr[-1], stderr[best]) > 5


@pytest.mark.proves("obs-figure-1")
def test_the_best_size_falls_with_the_share_of_poor_rows():
    run, setting, n, _, m = stored()
    best = m[run.scale_shift(2.0).mean.total.argmin(axis=0), 0] / n
    assert setting.p2 == pytest.approx([0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9])
    assert best[:-1] == pytest.approx([20, 20, 0.2, 0.1, 0.07, 0.04])
    assert best[-1] <= 0.02, "five runs cannot tell n/100 from n/50"


@pytest.mark.proves("obs-figure-1")
def test_contradiction_turns_the_line_where_a_small_model_wins(theory):
    """The c2 above which a size below n beats 20 n, against p2: it falls and then rises, without p1 p2 c2 it falls."""
    shares, quality = np.array([0.3, 0.5, 0.65, 0.8, 1.0]), np.geomspace(0.2, 10, 400)[:, None, None]
    setting = experiments.model_size_problem(2000, shares).replace(noise=1.0)
    m = 500 * np.append(np.geomspace(0.01, 0.99, 200), 20)
    risk = theory.projection(setting, 500, m[:, None], 1e-6)
    contradiction = shares * (1 - shares) * risk.variance  # u/(1 - u), as the noise is 1
    lines = []
    for shift in (risk.shift, risk.shift - contradiction):
        errors = risk.bias + 0.05 * risk.variance + quality * shift
        lines.append(quality[(errors[:, -1] > errors[:, :-1].min(axis=1)).argmax(axis=0), 0, 0])
    assert (np.sign(np.diff(lines[0])) == [-1, -1, 1, 1]).all()
    assert (np.diff(lines[1]) < 0).all()
