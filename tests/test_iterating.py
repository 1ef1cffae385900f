"""Rounds of training on the labels of earlier students: trajectories, what they tend to, and the best weights."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from collapse import Setting, simulate
from collapse.theory import Source

from .strategies import problems, properties, ridges
from .test_theory_against_simulation import doubled
from .zscores import BOUND, PARTS, TRIALS, assert_agreement, extrapolated

REUSE = ("nothing", "real", "inputs", "everything")
AGAIN = REUSE[1:]

# Fresh rounds with a ridge: spectra, on both sides of n = d.
ROUNDS = 4
FRESH = {"more rows": (24, 60), "few rows": (40, 20)}
KINDS = ("isotropic", "power-law")
LAM = np.array([1e-2, 0.3])
P2 = np.array([0.5, 0.9])[:, None]
# Rows that are used again; also fewer real rows than dimensions, p1 < phi.
AGAIN_ROUNDS = 6
AGAIN_SIZES = {0.15: (24, 160), 0.4: (40, 100), 0.6: (60, 100)}  # phi: (d, n)
AGAIN_P2 = np.array([0.3, 0.7])
# Exact at any size.
EXACT = ((1, 12, 0.5), (6, 20, 0.2), (6, 40, 0.9), (20, 50, 0.4), (12, 30, 1.0))


def settings():
    """Number of settings compared with simulation here: rounds, shares, ridges, sizes, spectra, and what is used again."""
    fresh = len(FRESH) * len(KINDS) * LAM.size * P2.size * ROUNDS
    return fresh + len(AGAIN) * len(AGAIN_SIZES) * AGAIN_P2.size * AGAIN_ROUNDS + len(EXACT) * ROUNDS + LOOPS


def fresh_setting(kind, d):
    if kind == "isotropic":
        return Setting.isotropic(d, P2, 0.7, noise=(0.5, 0.2))
    return Setting.power_law(d, P2, 0.7, noise=(0.2, 0.5), beta=1.2, r=1.8, q=0.5)


@lru_cache
def simulated_fresh(kind, rows):
    d, n = FRESH[rows]
    problem = fresh_setting(kind, d)
    small = simulate.iterate(problem, n, ROUNDS, TRIALS, seed=61, lam=LAM)
    large = simulate.iterate(doubled(problem), 2 * n, ROUNDS, TRIALS, seed=62, lam=LAM)
    return (problem, n, ROUNDS, LAM), extrapolated(small, large)


@pytest.mark.parametrize("rows", FRESH)
@pytest.mark.parametrize("kind", KINDS)
def test_fresh_rounds(theory, kind, rows):
    problem, simulated = simulated_fresh(kind, rows)
    assert_agreement(theory.iterate(*problem), simulated)


@lru_cache
def simulated_again(reuse, phi):
    d, n = AGAIN_SIZES[phi]
    problem = Setting.power_law(d, AGAIN_P2, 0.7, noise=(0.5, 0.2), beta=1.0, r=1.5, q=0.7)
    small = simulate.iterate(problem, n, AGAIN_ROUNDS, TRIALS, seed=63, reuse=reuse)
    large = simulate.iterate(doubled(problem), 2 * n, AGAIN_ROUNDS, TRIALS, seed=64, reuse=reuse)
    return problem, n, extrapolated(small, large)


@pytest.mark.proves("prop-reused-rounds", "obs-figure-10")
@pytest.mark.parametrize("phi", AGAIN_SIZES)
@pytest.mark.parametrize("reuse", AGAIN)
def test_rounds_that_use_rows_again(theory, reuse, phi):
    problem, n, simulated = simulated_again(reuse, phi)
    assert_agreement(theory.iterate(problem, n, AGAIN_ROUNDS, reuse=reuse), simulated)


@lru_cache
def simulated_least_squares(d, n, p2):
    setting = Setting.power_law(d, p2, 0.8, noise=(0.5, 0.1), beta=1.0, r=1.5, q=0.7)
    return setting, simulate.iterate(setting, n, ROUNDS, 30_000 // (10 + d), seed=65)


@pytest.mark.proves("prop-fresh-rounds")
@pytest.mark.parametrize("d, n, p2", EXACT)
def test_fresh_rounds_of_least_squares_repeat_one_exact_round(theory, d, n, p2):
    """E_t = V + r E_(t-1) at any size and spectrum, V and r from one round."""
    setting, estimate = simulated_least_squares(d, n, p2)
    step = theory.ridgeless_exact(setting, n)
    errors = [setting.c2]
    for _ in range(ROUNDS):
        errors.append(step.variance + step.shift / setting.c2 * errors[-1])
    z = (estimate.mean.total - errors)[1:] / estimate.stderr.total[1:]
    assert np.abs(z).max() < BOUND


LOOP_TRIALS, LOOP_ROUNDS, LOOP_RIDGES = 400, 3, (0.0, 0.2)
LOOPS = len(REUSE) * len(LOOP_RIDGES) * LOOP_ROUNDS


def one_loop(setting, n, lam, reuse, rng):
    """The errors of one sequence of fits, as a reader would write it."""
    real = n - round(setting.p2 * n)

    def rows(count):
        return rng.standard_normal((count, setting.d)) * np.sqrt(setting.spectrum)

    teacher = rng.standard_normal(setting.d) * np.sqrt(setting.teacher)
    student = teacher + rng.standard_normal(setting.d) * np.sqrt(setting.shift)
    errors = []
    for t in range(LOOP_ROUNDS):
        if t == 0 or reuse == "nothing":
            x1 = rows(real)
            y1 = x1 @ teacher + np.sqrt(setting.noise[0]) * rng.standard_normal(real)
        if t == 0 or reuse in ("nothing", "real"):
            x2 = rows(n - real)
        if t == 0 or reuse != "everything":
            noise = np.sqrt(setting.noise[1]) * rng.standard_normal(n - real)
        x, y = np.r_[x1, x2], np.r_[y1, x2 @ student + noise]
        student = np.linalg.solve(x.T @ x / n + lam * np.eye(setting.d), x.T @ y / n)
        errors.append((student - teacher) ** 2 @ setting.spectrum)
    return errors


@pytest.mark.parametrize("lam", LOOP_RIDGES)
@pytest.mark.parametrize("reuse", REUSE)
def test_the_simulation_is_what_a_loop_of_fits_gives(reuse, lam):
    setting = Setting.power_law(4, 0.6, 0.8, noise=(0.5, 0.3), beta=1.0, r=1.5)
    rng = np.random.default_rng(66)
    loop = np.array([one_loop(setting, 20, lam, reuse, rng) for _ in range(LOOP_TRIALS)])
    ours = simulate.iterate(setting, 20, LOOP_ROUNDS, LOOP_TRIALS, seed=67, lam=lam, reuse=reuse)
    spread = np.hypot(loop.std(axis=0, ddof=1) / LOOP_TRIALS**0.5, ours.stderr.total[1:])
    assert np.abs((loop.mean(axis=0) - ours.mean.total[1:]) / spread).max() < BOUND


# One round, and very many.


@properties
@given(problems(), st.floats(0.3, 40), ridges)
def test_the_first_round_is_ridge_regression(theory, setting, n, lam):
    first, one = theory.iterate(setting, n, 1, lam=lam), theory.ridge(setting, n, lam)
    for part in PARTS:
        np.testing.assert_allclose(getattr(first, part)[1], getattr(one, part), rtol=1e-9, atol=1e-12)
    assert first.total[0] == pytest.approx(setting.c2, rel=1e-14)


@pytest.mark.parametrize("reuse", AGAIN)
def test_the_first_round_does_not_know_what_will_be_used_again(theory, reuse):
    n = np.array([25, 70, 500.0])[:, None]
    setting = Setting.power_law(20, [0.0, 0.3, 0.95, 1.0], 0.8, noise=(0.5, 0.2), beta=1.0, r=1.5)
    first, one = theory.iterate(setting, n, 1, reuse=reuse), theory.ridge(setting, n, 0.0)
    for part in PARTS:
        np.testing.assert_allclose(getattr(first, part)[1], getattr(one, part), rtol=1e-12, atol=1e-15)


@pytest.mark.proves("prop-fixed-rounds")
@pytest.mark.parametrize("reuse", REUSE)
def test_rounds_tend_to_their_limit(theory, reuse):
    """With p1 > 3 phi the rounds forget fast enough for 400 of them."""
    n = np.array([100, 300, 4000.0])[:, None]
    setting = Setting.isotropic(12, [0.0, 0.1, 0.4, 0.6], 0.8, noise=(0.5, 0.2))
    last, limit = theory.iterate(setting, n, 400, reuse=reuse), theory.iterate_limit(setting, n, reuse=reuse)
    for part in PARTS:
        np.testing.assert_allclose(getattr(last, part)[-1], getattr(limit, part), rtol=1e-10, atol=1e-12)


@properties
@given(problems(p2=st.floats(0, 0.7)), st.floats(2, 40), ridges)
def test_fresh_rounds_with_a_ridge_tend_to_their_limit(theory, setting, ratio, lam):
    """From two rows per dimension on, a round keeps at most 0.7 of the error: 150 rounds forget it to rounding."""
    n = ratio * setting.d
    last, limit = theory.iterate(setting, n, 150, lam=lam), theory.iterate_limit(setting, n, lam=lam)
    for part in PARTS:
        np.testing.assert_allclose(getattr(last, part)[-1], getattr(limit, part), rtol=1e-10, atol=1e-12)


@pytest.mark.proves("prop-iterated-ridge")
@pytest.mark.parametrize("lam", (0.03, 1.0))
def test_the_bias_that_stays_is_that_of_a_larger_ridge(theory, lam):
    """That of kappa/p1 in the fit without noise and without scatter: n so large that kappa = lam."""
    setting = Setting.power_law(15, 0.6, 0.8, noise=0.3, beta=1.3, r=1.7)
    clean = setting.replace(p2=0.0)
    limit, larger = theory.iterate_limit(setting, 1e12, lam=lam), theory.ridge(clean, 1e12, lam / 0.4)
    assert limit.bias == pytest.approx(larger.bias, rel=1e-9)


def test_the_error_may_grow_from_round_to_round(theory):
    """Fresh rounds settle while p2 phi/(1 - phi) < 1 + p2."""
    p2 = 0.8
    edge = (1 + p2) / (1 + 2 * p2)  # phi
    setting = Setting.isotropic(100, p2, 0.5, noise=0.3)
    below, above = theory.iterate_limit(setting, 100 / (edge * np.array([1 - 1e-6, 1 + 1e-6]))).total
    assert 1e4 < below < np.inf and above == np.inf
    quiet = theory.iterate_limit(Setting.isotropic(100, p2, 0.0, noise=0.0), 101)
    assert quiet.total == 0


# What the rounds tend to.


@pytest.mark.proves("prop-fixed-rounds", "cor-iterated-mixing")
@pytest.mark.parametrize(
    "phi, real_half, table",
    (
        (0.01, 2.04, (1.35, 2.72, 2.72, 4.17)),
        (0.1, 2.50, (1.54, 3.35, 3.38, 6.41)),
        (0.2, 3.33, (1.82, 4.51, 4.57, 12.6)),
        (0.3, 5.00, (2.22, 6.82, 7.01, 36.3)),
        (1e-6, 2.0, (4 / 3, 8 / 3, 8 / 3, 4.0)),
    ),
)
def test_table_of_limits(theory, phi, real_half, table):
    """E/(phi sigma^2) at p1 = p2 = 1/2, sigma1 = sigma2; three digits, as the table has them."""
    setting = Setting.isotropic(10, 0.5, 0.7, noise=0.4)
    limits = [theory.iterate_limit(setting, 10 / phi, reuse=reuse).total / (0.4 * phi) for reuse in REUSE]
    alone = theory.ridge(setting.replace(p2=0.0), 5 / phi, 0.0).total / (0.4 * phi)
    np.testing.assert_allclose([alone, *limits], [real_half, *table], rtol=2.5e-3)


SHARES, RATIOS = np.array([0.05, 0.3, 0.5, 0.8]), np.array([0.02, 0.1, 0.19])[:, None]


@pytest.mark.proves("prop-real-half")
def test_noise_free_labels_lead_back_to_the_real_rows_alone(theory):
    setting = Setting.isotropic(30, SHARES, 0.7, noise=(0.4, 0.0))
    alone = theory.ridge(setting.replace(p2=0.0), (1 - SHARES) * 30 / RATIOS, 0.0).total
    for reuse in AGAIN:
        np.testing.assert_allclose(theory.iterate_limit(setting, 30 / RATIOS, reuse=reuse).total, alone, rtol=1e-9)


@pytest.mark.proves("cor-iterated-mixing")
def test_reused_real_rows_and_noisy_labels_are_worse_than_the_real_rows_alone_and_fresh_ones_better(theory):
    setting = Setting.isotropic(30, SHARES, 0.7, noise=0.4)
    alone = theory.ridge(setting.replace(p2=0.0), (1 - SHARES) * 30 / RATIOS, 0.0).total
    fresh, real, inputs, everything = (theory.iterate_limit(setting, 30 / RATIOS, reuse=reuse).total for reuse in REUSE)
    assert (fresh < alone).all() and (alone < real).all() and (real < inputs).all() and (inputs < everything).all()


def test_with_reused_real_rows_the_error_dips_and_then_rises(theory):
    """A poor first labeller: at first its shift is forgotten; then label noise is learned. Fresh rounds only fall."""
    setting = Setting.isotropic(30, 0.5, 1.0, noise=1.0)
    n = 30 / np.array([0.01, 0.1, 0.3])
    for reuse in AGAIN:
        errors = theory.iterate(setting, n, 200, reuse=reuse).total
        steps, lowest = np.diff(errors, axis=0), errors.argmin(axis=0)
        after = np.arange(200)[:, None] >= lowest
        assert (lowest < 9).all() and (steps[~after] < 0).all() and (steps[after] > -1e-14).all()
        assert (errors.min(axis=0) < 0.99 * errors[-1]).all()
    assert (np.diff(theory.iterate(setting, n, 10).total, axis=0) < 0).all()


def test_with_a_good_first_labeller_the_error_rises_from_the_start(theory):
    setting = Setting.isotropic(30, 0.5, 0.1, noise=1.0)
    for reuse in AGAIN:
        assert (np.diff(theory.iterate(setting, 100, 30, reuse=reuse).total) > 0).all()


def test_the_best_round_comes_later_with_more_rows_and_with_more_synthetic_rows(theory):
    n = 30 * 10.0 ** np.array([2, 3, 5])
    for reuse in AGAIN:
        half, most = (
            theory.iterate(Setting.isotropic(30, p2, 1.0, noise=1.0), n, 120, reuse=reuse).total.argmin(axis=0)
            for p2 in (0.5, 0.9)
        )
        assert (np.diff(half) > 0).all() and (np.diff(most) > 0).all() and (most > half).all() and half[-1] >= 15


@properties
@given(st.floats(0.01, 0.95), st.floats(0.01, 0.99), st.sampled_from(REUSE))
def test_the_first_round_beats_the_real_half_if_the_labeller_is_good_enough(theory, p2, place, reuse):
    """c2 < sigma^2 phi/((p1 - phi)(p2 (1 - phi) + p1 phi)), in every protocol."""
    p1 = 1 - p2
    phi = place * p1
    alone = 0.4 * phi / (p1 - phi)
    enough = alone / (p2 * (1 - phi) + p1 * phi)
    for c2, better in ((enough * (1 - 1e-6), True), (enough * (1 + 1e-6), False)):
        first = theory.iterate(Setting.isotropic(10, p2, c2, noise=0.4), 10 / phi, 1, reuse=reuse).total[1]
        assert (first < alone) == better


@pytest.mark.proves("prop-fresh-rounds")
def test_fresh_rounds_are_worth_a_few_rounds_of_real_rows(theory):
    """1 + p2 + phi p2 (1 - 2 p1)/p1 rounds at equal weights, the golden ratio at the best ones, p2 = 1/2 and many rows."""
    ends = theory.iterate_limit(Setting.isotropic(30, SHARES, 0.7, noise=0.4), 30 / RATIOS).total
    worth = (0.4 * RATIOS / ends + RATIOS) / (1 - SHARES)
    np.testing.assert_allclose(worth, 1 + SHARES + RATIOS * SHARES * (2 * SHARES - 1) / (1 - SHARES), rtol=1e-9)
    _, golden = theory.best_iterated_share(Setting.isotropic(30, 0.5, 0.7, noise=0.4), 30e7)
    assert 2 * (0.4e-7 / golden + 1e-7) == pytest.approx((1 + 5**0.5) / 2, rel=1e-5)


@pytest.mark.proves("prop-fixed-rounds")
@pytest.mark.parametrize("p2", (0.2, 0.5, 0.7))
def test_frozen_noise_in_closed_form(theory, p2):
    """sigma1^2 y/(1 - y) + sigma2^2 (p2/p1) y/(1 - y)^3, y = phi/p1."""
    setting, y = Setting.isotropic(30, p2, 0.7, noise=(0.4, 0.1)), 0.1 / (1 - p2)
    expected = 0.4 * y / (1 - y) + 0.1 * p2 / (1 - p2) * y / (1 - y) ** 3
    assert theory.iterate_limit(setting, 300, reuse="everything").total == pytest.approx(expected, rel=1e-12)


@pytest.mark.proves("prop-slowest")
@pytest.mark.parametrize("phi, jacobi", ((0.01, 0.60), (0.1, 0.80), (0.2, 0.90), (0.3, 0.96)))
@pytest.mark.parametrize("reuse", ("real", "inputs"))
def test_the_first_shift_is_forgotten_at_the_edge_of_a_law(theory, reuse, phi, jacobi):
    """E_t ~ edge^(2t) t^-3/2, from the square root at the edge: a ratio of errors, corrected for the power of t.

    With the same synthetic inputs the edge is that of the Jacobi law; with new ones it is p2 (1 - phi)/(1 - sqrt(p1 phi))^2.
    """
    setting = Setting.isotropic(10, 0.5, 0.7, noise=0.0)
    shift = theory.iterate(setting, 10 / phi, 1000, reuse=reuse).shift
    t = np.array([800, 1000]) if phi > 0.01 else np.array([300, 400])
    rate = (shift[t[1]] / shift[t[0]] * (t[1] / t[0]) ** 1.5) ** (0.5 / (t[1] - t[0]))
    same, new = (np.sqrt(0.5 * (1 - phi)) + np.sqrt(0.5 * phi)) ** 2, 0.5 * (1 - phi) / (1 - np.sqrt(0.5 * phi)) ** 2
    assert new < same == pytest.approx(jacobi, abs=0.005)
    assert rate == pytest.approx(new if reuse == "real" else same, rel=1e-3)


@pytest.mark.proves("prop-fresh-rounds", "cor-iterated-mixing")
@pytest.mark.parametrize("reuse", REUSE)
def test_the_rounds_to_the_floor_grow_like_the_logarithm_of_the_rows(theory, reuse):
    """E_t is within a factor of 2 of its limit after about log(n/d)/log(1/p2^2) rounds."""
    n = 10.0 * 10 ** np.arange(2, 8)
    setting = Setting.isotropic(10, 0.5, 1.0, noise=1.0)
    near = theory.iterate(setting, n, 40, reuse=reuse).total < 2 * theory.iterate_limit(setting, n, reuse=reuse).total
    rounds = near.argmax(axis=0)
    assert near.any(axis=0).all() and np.abs(rounds - np.log(n / 10) / np.log(4)).max() < 1.5


# The laws behind rows that are used again.


@pytest.mark.proves("prop-two-laws")
@pytest.mark.parametrize("p2, phi", ((0.5, 0.1), (0.2, 0.3), (0.7, 0.6), (0.9, 0.5)))
def test_laws_have_the_moments_of_their_densities(theory, p2, phi):
    p1 = 1 - p2

    def moments(density, low, high, atoms):
        inner = [quad(lambda x, k=k: density(x) * x**k, low, high, epsabs=1e-10)[0] for k in range(6)]
        return np.array(inner) + sum(mass * value ** np.arange(6.0) for value, mass in atoms)

    def by_law(law):
        f, means = law.one, []
        for _ in range(6):
            means.append(f[0])
            f = law.times(f)
        return means

    low, high = ((np.sqrt(p2 * (1 - phi)) + sign * np.sqrt(p1 * phi)) ** 2 for sign in (-1, 1))
    few = max(0, 1 - p1 / phi)  # directions that no real row sees
    jacobi = moments(
        lambda b: np.sqrt((high - b) * (b - low)) / (2 * np.pi * phi * b * (1 - b)),
        low,
        high,
        [(1.0, few), (0.0, max(0, 1 - p2 / phi))],
    )
    np.testing.assert_allclose(by_law(theory.laws.synthetic_share(p2, phi, 5)), jacobi, rtol=1e-8)

    bottom, top = ((np.sqrt(p1) + sign * np.sqrt(phi)) ** 2 for sign in (-1, 1))
    c = p2 * (1 - phi)

    def hold(s):
        return (1 - phi) / (s + c)

    pulled = [
        quad(lambda s, k=k: np.sqrt((top - s) * (s - bottom)) / (2 * np.pi * phi * s) * hold(s) ** k, bottom, top)[0]
        for k in range(6)
    ]
    pulled += few * hold(0.0) ** np.arange(6)
    np.testing.assert_allclose(by_law(theory.laws.hold(p2, phi, 5)), pulled, rtol=1e-7)


# The best weights.


@pytest.mark.proves("prop-golden-share")
@pytest.mark.parametrize("phi, share", ((1e-7, (3 - np.sqrt(5)) / 2), (0.1, 0.3840), (0.2, 0.3864), (0.3, 0.3892)))
def test_best_share_is_the_golden_one_with_many_rows(theory, phi, share):
    found, _ = theory.best_iterated_share(Setting.isotropic(10, 0.5, 0.7, noise=0.4), 10 / phi)
    assert found == pytest.approx(share, abs=5e-5)


@properties
@given(st.floats(0.05, 0.95), st.floats(1.5, 50), st.floats(0.05, 5), st.floats(0, 1))
def test_no_share_beats_the_best(theory, p2, ratio, noise, place):
    setting = Setting.isotropic(6, p2, 0.7, noise=(0.5, noise))
    low, high = max(0, 1 - (1 - p2) * ratio), min(1, p2 * ratio)
    share = low + (high - low) * place
    step = theory.weighted_by_share(setting.replace(shift=np.full(6, 1 / 6)), 6 * ratio, share)
    assume(step.shift < 1)
    best, error = theory.best_iterated_share(setting, 6 * ratio)
    assert low <= best <= high
    assert error <= step.variance / (1 - step.shift) * (1 + 1e-9)


@pytest.mark.parametrize("p2, n", ((0.5, 40), (0.2, 25), (0.8, 100)))
def test_best_share_is_a_fixed_point_of_weighted_rounds(theory, p2, n):
    """The mixture theorem, with the weights that give the share, repeats the error it is given."""
    d, noise = 10, (0.5, 0.2)
    share, error = theory.best_iterated_share(Setting.isotropic(d, p2, 0.7, noise), n)
    phi = d / n
    weights = (1 - share) / (1 - p2 - (1 - share) * phi), share / (p2 - share * phi)
    teacher = np.eye(d, 2 * d)
    drift = np.eye(d, 2 * d, d) * np.sqrt(error / d)
    sources = [
        Source(np.eye(d), teacher, noise[0], 1 - p2, weights[0]),
        Source(np.eye(d), teacher + drift, noise[1], p2, weights[1]),
    ]
    assert theory.mixture(sources, n, 1e-11).total == pytest.approx(error, rel=1e-6)
