"""Weighted rows and the joint fit of teacher and shift: against the mixture theorem, simulation, and what beats what."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collapse import Setting, simulate
from collapse.simulate import Estimate

from .strategies import assert_same, powers_of_ten, problems, properties, ridges, rows, shares
from .test_theory_against_simulation import doubled
from .zscores import TRIALS, assert_agreement, extrapolated

KINDS = ("isotropic", "aligned")
PHIS = {0.25: (40, 160), 0.6: (48, 80), 2.0: (48, 24)}  # phi: (d, n)
LAM = np.array([1e-3, 1e-1])
ALPHA = np.array([0.1, 0.8])[:, None]
TAU2 = 0.4

weights = st.floats(0.001, 0.999)
per = st.sampled_from(["row", "source"])
ratios = powers_of_ten(-3, 3)
learnable = problems(p2=shares).filter(lambda problem: problem.r2 > 0)  # or the best ridge is the largest that is tried


def setting(kind, d, p2=0.25):
    if kind == "isotropic":
        return Setting.isotropic(d, p2, 0.7, noise=(0.5, 0.2))
    return Setting.power_law(d, p2, 0.7, noise=(0.2, 0.5), beta=0.8, r=1.5, q=1.5)


def real_only(problem):
    return problem.replace(p2=0.0)


def pair(theory, problem, alpha, per):
    """The two sources, with weights as the docstring of theory.weighted defines them."""
    p2 = problem.p2
    real, synthetic = (1 - alpha, alpha) if per == "row" else ((1 - alpha) / (1 - p2), alpha / p2)
    total = (1 - p2) * real + p2 * synthetic
    return [replace(s, weight=w / total) for s, w in zip(theory.Source.pair(problem), (real, synthetic))]


# Against simulation


@lru_cache
def simulated_weighted(kind, phi):
    d, n = PHIS[phi]
    problem = setting(kind, d)
    small = simulate.weighted(problem, n, LAM, ALPHA, TRIALS, seed=11)
    large = simulate.weighted(doubled(problem), 2 * n, LAM, ALPHA, TRIALS, seed=12)
    return problem, n, extrapolated(small, large)


@pytest.mark.proves("prop-weighted")
@pytest.mark.parametrize("phi", PHIS)
@pytest.mark.parametrize("kind", KINDS)
def test_weighted_rows(theory, kind, phi):
    problem, n, simulated = simulated_weighted(kind, phi)
    assert_agreement(theory.weighted(problem, n, LAM, ALPHA), simulated)


@lru_cache
def simulated_joint_fit(kind, phi):
    d, n = PHIS[phi]
    problem = setting(kind, d)
    small = simulate.hierarchical(problem, n, LAM, TAU2, TRIALS, seed=13)
    large = simulate.hierarchical(doubled(problem), 2 * n, LAM, TAU2, TRIALS, seed=14)
    return problem, n, extrapolated(small, large)


@pytest.mark.proves("prop-joint-fit")
@pytest.mark.parametrize("phi", PHIS)
@pytest.mark.parametrize("kind", KINDS)
def test_joint_fit(theory, kind, phi):
    problem, n, simulated = simulated_joint_fit(kind, phi)
    assert_agreement(theory.hierarchical(problem, n, LAM, TAU2), simulated)


def settings():
    """Number of settings compared here."""
    return len(KINDS) * len(PHIS) * LAM.size * (ALPHA.size + 1) + 2


def same_designs(one: Estimate, other: Estimate):
    for part in ("bias", "variance", "shift"):
        np.testing.assert_allclose(getattr(one.samples, part), getattr(other.samples, part), rtol=1e-9, atol=1e-12)


def test_simulated_weights_are_those_of_the_mixture(theory):
    problem, run = setting("aligned", 6), dict(trials=3, seed=3)
    for alpha, how in ((0.1, "row"), (0.5, "row"), (0.7, "source")):
        mixture = simulate.mixture(pair(theory, problem, alpha, how), 12, 0.1, **run)
        same_designs(simulate.weighted(problem, 12, 0.1, alpha, per=how, **run), mixture)


def test_simulated_rows_without_weight_are_no_rows():
    problem, run = setting("aligned", 6, p2=np.array([0.0, 0.25, 1.0])), dict(trials=3, seed=3)
    pooled = simulate.weighted(problem, 12, [[0.0], [0.1]], 0.5, **run)
    same_designs(pooled, simulate.weighted(problem, 12, [[0.0], [0.1]], problem.p2, per="source", **run))
    for alpha, p2, n in ((0.0, 0.0, 9), (1.0, 1.0, 3)):
        alone = simulate.weighted(problem.replace(p2=0.25), 12, [0.1, 1.0], alpha, **run)
        same_designs(alone, simulate.ridge(problem.replace(p2=p2), n, [0.1, 1.0], **run))


# The mixture theorem with two sources


@pytest.mark.proves("prop-weighted")
@given(problem=problems(p2=shares), n=rows, lam=ridges, alpha=weights, per=per)
@properties
def test_weighted_rows_are_a_mixture(theory, problem, n, lam, alpha, per):
    assert_same(theory.weighted(problem, n, lam, alpha, per), theory.mixture(pair(theory, problem, alpha, per), n, lam))


@given(problem=problems(p2=shares), n=rows, alpha=weights, per=per)
@properties
def test_weighted_rows_are_a_mixture_without_a_ridge(theory, problem, n, alpha, per):
    n = n if abs(n - problem.d) > 0.3 else n + 0.6
    expected = theory.mixture(pair(theory, problem, alpha, per), n, 0.0)
    assert_same(theory.weighted(problem, n, 0.0, alpha, per), expected, relative=1e-6)


@given(problem=problems(), n=rows, lam=st.one_of(st.just(0.0), ridges))
@properties
def test_equal_weights_are_theorem_1(theory, problem, n, lam):
    n = n if abs(n - problem.d) > 0.3 else n + 0.6
    expected = theory.ridge(problem, n, lam)
    assert_same(theory.weighted(problem, n, lam, 0.5), expected, relative=1e-10)
    assert_same(theory.weighted(problem, n, lam, problem.p2, per="source"), expected, relative=1e-10)


@given(problem=problems(p2=shares), n=rows, lam=ridges, per=per)
@properties
def test_rows_without_weight_are_no_rows(theory, problem, n, lam, per):
    for alpha, count in ((0.0, n * problem.p1), (1.0, n * problem.p2)):
        expected = theory.ridge(problem.replace(p2=alpha), count, lam)
        assert_same(theory.weighted(problem, n, lam, alpha, per), expected)
    for p2 in (0.0, 1.0):
        expected = theory.ridge(problem.replace(p2=p2), n, lam)
        assert_same(theory.weighted(problem.replace(p2=p2), n, lam, 0.3, per), expected)


@pytest.mark.proves("prop-weight-interpolation")
@given(problem=problems(p2=shares, largest=20), ratio=st.floats(0.1, 0.9), alpha=weights, per=per)
@properties
def test_interpolating_students_ignore_weights(theory, problem, ratio, alpha, per):
    n = ratio * problem.d
    assert_same(theory.weighted(problem, n, 0.0, alpha, per), theory.ridge(problem, n, 0.0))


@pytest.mark.filterwarnings("error")
def test_a_divergence_is_infinite_and_nothing_else_is(theory):
    """Without a ridge at n = rank Sigma, and at n1 = rank if the synthetic rows have no weight; (1 - 0.7) 20 are 6 rows."""
    risk = theory.weighted(setting("aligned", 6, p2=np.array([0.0, 0.4])), 6, 0.0, 0.3)
    assert risk.variance.tolist() == [np.inf, np.inf] and risk.shift.tolist() == [0.0, np.inf]
    assert risk.bias.tolist() == [0.0, 0.0]
    risk = theory.weighted(setting("aligned", 6, p2=0.7), 20, 0.0, [0.0, 1e-6, 1.0])
    assert risk.variance[0] == np.inf and np.isfinite(risk.total[1:]).all() and risk.shift[0] == 0


@given(problem=problems(p2=shares), n=rows, alpha=st.sampled_from([0.0, 1e-9, 0.3, 1 - 1e-9, 1.0]))
@properties
def test_any_ridge_and_any_weight_is_solved(theory, problem, n, alpha):
    """From far below to far above the spectrum: the error is that of no ridge at one end, and of no student at the other."""
    lam = 10.0 ** np.arange(-14, 9)
    risk = theory.weighted(problem, n, lam, alpha)
    assert np.isfinite(risk.total).all()
    assert risk.bias[-1] == pytest.approx(problem.r2, rel=1e-5)


# Corollary 2 and what escapes it


@pytest.mark.proves("cor-fixed-weights")
@pytest.mark.parametrize("how", ["row", "source"])
@pytest.mark.parametrize("p2", [0.01, 0.5])
@pytest.mark.parametrize("vanishing", [0.0, 1.0])
def test_fixed_weights_do_not_escape_the_plateau(theory, how, p2, vanishing):
    problem = setting("aligned", 50, p2)
    alpha = np.array([0.01, 0.2, 0.9, 1.0])
    n = np.array([1e7, 1e8, 1e9])[:, None]
    plateau = theory.share(p2, alpha, how) ** 2 * problem.c2
    excess = theory.weighted(problem, n, vanishing / n, alpha, how).total / plateau - 1
    np.testing.assert_allclose(excess[:-1] / excess[1:], 10, rtol=0.05)
    by_hand = alpha if how == "source" else alpha * p2 / ((1 - alpha) * (1 - p2) + alpha * p2)
    np.testing.assert_allclose(theory.share(p2, alpha, how), by_hand, rtol=1e-14)


@pytest.mark.proves("prop-vanishing-weights")
def test_weights_that_vanish_like_one_over_n_escape_it(theory):
    """With alpha = n^-power the error is share^2 c2 + v1, up to a share that vanishes: like 1/n from power 1/2 on."""
    problem, n = setting("aligned", 50, 0.5), 10.0 ** np.arange(5, 9)
    v1 = problem.noise[0] * 50 / (0.5 * n)
    for power in (0.25, 0.5, 1.0, 3.0):
        error = theory.weighted(problem, n, 0.0, n**-power).total
        gap = np.abs(error / (theory.share(0.5, n**-power) ** 2 * problem.c2 + v1) - 1)
        assert (gap[1:] < 0.4 * gap[:-1]).all()


@pytest.mark.proves("prop-weight-share")
@given(problem=problems(p2=shares), ratio=st.floats(1.1, 40), alpha=weights)
@properties
def test_the_error_at_a_given_share(theory, problem, ratio, alpha):
    """The share that weights give, by bisection of their ratio; the error in closed form; the weighted student."""
    p1, p2, n, c2 = problem.p1, problem.p2, ratio * problem.d, problem.c2
    phi, odds = 1 / ratio, alpha / (1 - alpha)

    def odds_of(pi):
        return pi / (p2 - pi * phi) * (p1 - (1 - pi) * phi) / (1 - pi)

    low, high = max(0.0, 1 - p1 / phi), min(1.0, p2 / phi)
    for _ in range(200):
        pi = (low + high) / 2
        low, high = (pi, high) if odds_of(pi) < odds else (low, pi)
    noise = (1 - pi) ** 2 * problem.noise[0] / p1 + pi**2 * problem.noise[1] / p2
    spread = phi / (1 - phi * ((1 - pi) ** 2 / p1 + pi**2 / p2))
    drift = pi**2 * c2 + spread * c2 * pi**2 * (1 - pi) ** 2 / (p1 * p2)
    by_share = theory.weighted_by_share(problem, n, pi)
    assert by_share.total == pytest.approx(drift + spread * noise, rel=1e-9)
    assert by_share.bias == 0 and by_share.shift == pytest.approx(drift, rel=1e-9)
    assert_same(by_share, theory.weighted(problem, n, 0.0, alpha), relative=1e-6)


# The best share


@pytest.mark.proves("prop-inverse-variance")
@given(problem=problems(p2=st.floats(0, 1)), ratio=st.floats(1.05, 40))
@properties
def test_no_share_beats_the_best(theory, problem, ratio):
    n = ratio * problem.d
    share, best = theory.best_share(problem, n)
    low, high = max(0.0, 1 - problem.p1 * ratio), min(1.0, problem.p2 * ratio)
    others = low + (high - low) * np.linspace(0.001, 0.999, 997)
    others = np.append(others, np.clip([share - 1e-4, share + 1e-4], others[0], others[-1]))
    assert best.total <= theory.weighted_by_share(problem, n, others).total.min() * (1 + 1e-9)
    assert best.total <= theory.ridge(problem, n, 0.0).total * (1 + 1e-9)
    assert_same(best, theory.weighted_by_share(problem, n, np.clip(share, low, high)), relative=1e-6)


@pytest.mark.proves("prop-inverse-variance")
@pytest.mark.parametrize("p2", [0.1, 0.5, 0.9])
def test_with_many_rows_it_is_inverse_variance_weighting(theory, p2):
    """Share, error and gain over the real rows alone, up to a relative O(d/n) that is a matter of the smaller source."""
    problem, n = setting("aligned", 20, p2), 20 * 10.0 ** np.arange(2, 6)
    v1, v2 = (sigma2 * problem.d / (p * n) for sigma2, p in zip(problem.noise, (1 - p2, p2)))
    share, best = theory.best_share(problem, n)
    gain = 1 - best.total / theory.ridge(real_only(problem), (1 - p2) * n, 0.0).total
    assert (gain > 0).all()
    for value, limit in (
        (share, v1 / (problem.c2 + v1 + v2)),
        (1 / best.total, 1 / v1 + 1 / (problem.c2 + v2)),
        (gain, v1 / problem.c2),
    ):
        assert (np.abs(value / limit - 1) < 5 * problem.d / (min(p2, 1 - p2) * n)).all()


@pytest.mark.proves("prop-inverse-variance")
@pytest.mark.parametrize("odds", [1.0, 10.0, 1000.0])
def test_what_synthetic_rows_are_worth_next_to_many_real_ones(theory, odds):
    """n2 sigma1^2/(sigma2^2 + c2 (1 + n2/d)) real rows, up to a relative O(d/n1), at fixed sigma2^2 and c2 = odds v1."""
    d, n2, noise = 20, np.array([3.0, 20.0, 200.0, 1e4]), (0.5, 0.3)
    for n1 in d * 10.0 ** np.arange(2, 5):
        c2 = odds * noise[0] * d / n1
        error = theory.best_share(Setting.isotropic(d, n2 / (n1 + n2), c2, noise), n1 + n2)[1].total
        worth = d * (1 + noise[0] / error) - n1
        assert (np.abs(worth / (n2 * noise[0] / (noise[1] + c2 * (1 + n2 / d))) - 1) < 3 * d / n1).all()


@pytest.mark.proves("prop-unlimited")
@given(problem=problems(p2=shares), ratio=st.floats(1.05, 40), alpha=weights)
@properties
def test_no_synthetic_rows_are_worth_more(theory, problem, ratio, alpha):
    """1/E <= 1/c2 + n1/(d (sigma1^2 + E)), for any weights."""
    n = ratio * problem.d
    error = theory.weighted(problem, n, 0.0, alpha).total
    known = 1 + problem.c2 * problem.p1 * ratio / (problem.noise[0] + error)  # times c2
    assert problem.c2 <= error * known * (1 + 1e-9)


@pytest.mark.proves("prop-unlimited")
@pytest.mark.parametrize("n1", [4, 12, 50, 1000])
def test_what_unlimited_synthetic_data_are_worth(theory, n1):
    """As many real rows as d (sigma1^2 + E)/c2: more than sigma1^2 d/c2, to which it tends as n1 grows."""
    d, c2, noise = 10, 0.8, (0.5, 0.3)
    n = n1 * 10.0 ** np.arange(6, 9)
    problem = Setting.isotropic(d, 1 - n1 / n, c2, noise)
    error = theory.best_share(problem, n)[1].total
    same_error = d * (1 + noise[0] / error)  # so many real rows alone: sigma1^2 d/(n - d) = error
    np.testing.assert_allclose(same_error[-1] - n1, d * (noise[0] + error[-1]) / c2, rtol=1e-5)
    assert theory.ridge(real_only(problem), same_error[-1], 0.0).total == pytest.approx(error[-1], rel=1e-12)
    assert same_error[-1] - n1 > noise[0] * d / c2


@pytest.mark.proves("prop-first-row")
@pytest.mark.parametrize("d, n1", [(10, 15.0), (10, 200.0)])
def test_the_first_synthetic_row_helps_if_it_is_good_enough(theory, d, n1):
    """Pooled with n1 real rows, no ridge: iff c2 < sigma^2/(1 - d/n1)."""
    sigma2, n2 = 0.5, 1e-6
    limit = sigma2 / (1 - d / n1)
    for factor, helps in ((0.999, True), (1.001, False)):
        problem = Setting.isotropic(d, n2 / (n1 + n2), factor * limit, sigma2)
        gain = theory.ridge(real_only(problem), n1, 0.0).total - theory.ridge(problem, n1 + n2, 0.0).total
        assert (gain > 0) == helps


@pytest.mark.proves("prop-first-row")
@pytest.mark.parametrize("ratio", [0.7, 1.0, 5.0])
def test_how_many_rows_to_pool(theory, ratio):
    """With many real rows and c2 = ratio v1, pooled synthetic rows help most at n2/n1 = v1/(2 c2 - v1)."""
    d, n1, sigma2 = 10, 1e8, 0.5
    best = 1 / (2 * ratio - 1)
    odds = best * np.array([0.99, 1.0, 1.01])
    problem = Setting.isotropic(d, odds / (1 + odds), ratio * sigma2 * d / n1, sigma2)
    error = theory.ridge(problem, n1 * (1 + odds), 0.0).total
    assert error.argmin() == 1 and error[1] < sigma2 * d / n1


@pytest.mark.proves("prop-first-row")
@pytest.mark.parametrize("c2, helps", [(0.05, True), (0.2, True), (0.4, True), (0.6, False)])
def test_how_many_rows_to_pool_with_a_worse_teacher(theory, c2, helps):
    """With many real rows and c2 far above v1: d (sigma^2 - c2)/(2 c2) if c2 < sigma^2, else none."""
    d, n1, sigma2 = 10, 1e6, 0.5
    best = d * (sigma2 - c2) / (2 * c2) if helps else 1.0
    n2 = best * np.array([0.0, 0.99, 1.0, 1.01])
    problem = Setting.isotropic(d, n2 / (n1 + n2), c2, sigma2)
    assert theory.ridge(problem, n1 + n2, 0.0).total.argmin() == (2 if helps else 0)


@pytest.mark.proves("prop-unlimited")
@pytest.mark.parametrize("real", [0.5, 2.5])
def test_the_worth_of_many_synthetic_rows_in_simulation(theory, real):
    """At the weights of the best share, with 50 synthetic rows and fewer or more than one real row a dimension."""
    runs = []
    for d in (24, 48):
        n1, n2 = int(real * d), 50 * d
        problem, n = Setting.isotropic(d, n2 / (n1 + n2), 0.5, (0.5, 0.3)), n1 + n2
        share, best = theory.best_share(problem, n)
        odds = share / (n2 - share * d) * (n1 - (1 - share) * d) / (1 - share)
        runs.append(simulate.weighted(problem, n, 0.0, odds / (1 + odds), TRIALS, seed=d))
    assert_agreement(best, extrapolated(*runs))


# The best ridge and weights


@given(problem=learnable, n=rows, seed=st.integers(0, 99))
@properties
def test_no_weighting_beats_the_best(theory, problem, n, seed):
    lam, alpha, best = theory.best_weighting(problem, n)
    assert_same(theory.weighted(problem, n, lam, alpha), best, relative=1e-6)
    rng = np.random.default_rng(seed)
    others = theory.weighted(problem, n, 10.0 ** rng.uniform(-6, 3, 300), rng.uniform(0, 1, 300))
    near = theory.weighted(problem, n, lam * np.array([0.99, 1.01])[:, None], alpha * np.array([0.99, 1.0]))
    for rival in (others, near, theory.best_ridge(problem, n)[1], theory.best_ridge(real_only(problem), problem.p1 * n)[1]):
        assert best.total <= rival.total.min() * (1 + 1e-9)


def test_best_weighting_broadcasts_and_leaves_one_source_alone(theory):
    problem = setting("aligned", 6, p2=np.array([0.0, 0.4, 1.0]))
    n = np.array([[4.0], [20.0]])
    lam, alpha, best = theory.best_weighting(problem, n)
    assert lam.shape == alpha.shape == best.total.shape == (2, 3)
    assert (alpha[:, 0] == 0).all() and (alpha[:, 2] == 1).all()
    expected = theory.best_ridge(problem, n)[1].total
    np.testing.assert_allclose(best.total[:, [0, 2]], expected[:, [0, 2]], rtol=1e-9)
    assert (best.total[:, 1] < expected[:, 1]).all()
    one = theory.best_weighting(problem.replace(p2=0.4), 20)
    assert one[0] == lam[1, 1] and one[1] == alpha[1, 1] and one[2].total == best.total[1, 1]


# The joint fit


@pytest.mark.proves("prop-joint-fit")
@given(problem=problems(p2=shares), n=rows, lam=ridges, tau2=ratios)
@properties
def test_joint_fit_is_a_mixture_in_twice_the_dimensions(theory, problem, n, lam, tau2):
    """Covariances f f' x Sigma, a common teacher, and test rows like the real ones."""
    d, tau = problem.d, np.sqrt(tau2)
    real, synthetic = theory.Source.pair(problem)
    common = np.vstack([real.teacher, (synthetic.teacher - real.teacher) / tau])
    blocks = [np.kron([[1, 0], [0, 0]], real.covariance), np.kron([[1, tau], [tau, tau2]], real.covariance)]
    sources = [theory.Source(b, common, s.noise, s.share) for b, s in zip(blocks, (real, synthetic))]
    expected = theory.mixture(sources, n, lam)
    risk = theory.hierarchical(problem, n, lam, tau2)
    assert expected.shift == pytest.approx(0, abs=1e-9 * expected.total)
    assert risk.bias + risk.shift == pytest.approx(expected.bias, rel=1e-7)
    assert risk.variance == pytest.approx(expected.variance, rel=1e-7)
    without = theory.hierarchical(problem.replace(shift=np.zeros(d)), n, lam, tau2)
    assert without.shift == 0 and without.bias == pytest.approx(risk.bias, rel=1e-12)


@given(problem=problems(), n=rows, lam=ridges)
@properties
def test_joint_fit_runs_from_pooled_to_real_rows_only(theory, problem, n, lam):
    assert_same(theory.hierarchical(problem, n, lam, 0.0), theory.ridge(problem, n, lam))
    if problem.p2 < 0.95:
        expected = theory.ridge(real_only(problem), n * problem.p1, lam / problem.p1)
        assert_same(theory.hierarchical(problem, n, lam, 1e12), expected)


@pytest.mark.proves("prop-posterior")
@given(
    spectrum=problems(p2=shares),
    n=rows,
    gamma=powers_of_ten(-1, 1),
    delta=powers_of_ten(-1, 1),
    sigma2=powers_of_ten(-2, 1),
    seed=st.integers(0, 99),
)
@properties
def test_nothing_beats_the_posterior_mean(theory, spectrum, n, gamma, delta, sigma2, seed):
    flat = np.ones(spectrum.d)
    problem = spectrum.replace(teacher=gamma * flat, shift=delta * flat, noise=(sigma2, sigma2))
    lam, tau2, best = theory.bayes_hierarchical(problem, n)
    assert lam == pytest.approx(sigma2 / (n * gamma)) and tau2 == pytest.approx(delta / gamma)
    assert_same(best, theory.hierarchical(problem, n, lam, tau2))
    factors = np.concatenate(
        [np.exp(np.random.default_rng(seed).normal(size=(2, 200))), [[1.01, 1, 0.99, 1], [1, 1.01, 1, 0.99]]], 1
    )
    others = theory.hierarchical(problem, n, lam * factors[0], tau2 * factors[1])
    weighting = theory.best_weighting(problem, n)[2]
    assert best.total <= min(others.total.min(), weighting.total) * (1 + 1e-9)


@pytest.mark.proves("prop-spring")
def test_with_unlimited_isotropic_synthetic_data_weighting_is_the_posterior_mean(theory):
    n1, n = np.array([3.0, 8.0, 30.0, 300.0]), 1e9
    problem = Setting.isotropic(10, 1 - n1 / n, 0.8, 0.5)
    weighting, joint = theory.best_weighting(problem, n)[2], theory.bayes_hierarchical(problem, n)[2]
    np.testing.assert_allclose(weighting.total, joint.total, rtol=1e-6)
    known = 1 / problem.r2 + 1 / problem.c2 + n1 / (problem.d * (0.5 + joint.total))
    np.testing.assert_allclose(joint.total * known, 1, rtol=1e-6)


@pytest.mark.proves("prop-joint-fit")
@pytest.mark.parametrize("tau2", [0.01, 100.0])
def test_a_joint_fit_with_fixed_penalties_has_no_plateau(theory, tau2):
    """It ends at the error of the real rows alone."""
    problem, n = setting("aligned", 20), 10.0 ** np.arange(5, 9)
    alone = problem.noise[0] * problem.d / (problem.p1 * n)
    gap = np.abs(theory.hierarchical(problem, n, 1 / n, tau2).total / alone - 1)
    assert (gap[1:] < 0.15 * gap[:-1]).all()


def test_arguments_may_be_read_only_and_broadcast(theory):
    given = [np.array([0.2, 0.5]), np.array([[8.0], [20.0]]), np.array([[[0.1]], [[1.0]]]), np.array([0.3, 0.6])]
    kept = [array.copy() for array in given]
    for array in given:
        array.setflags(write=False)
    p2, n, lam, other = given
    problem = setting("isotropic", 5, p2)
    assert theory.weighted(problem, n, lam, other).total.shape == (2, 2, 2)
    assert theory.hierarchical(problem, n, lam, other).total.shape == (2, 2, 2)
    assert theory.share(p2, other).shape == (2,)
    assert theory.weighted_by_share(problem, n, p2).total.shape == (2, 2)
    assert theory.best_share(problem, n)[0].shape == (2, 2)
    flat = problem.replace(noise=0.1)
    assert theory.bayes_hierarchical(flat, n)[0].shape == theory.bayes_hierarchical(flat, n)[2].total.shape == (2, 2)
    for array, copy in zip(given, kept):
        np.testing.assert_array_equal(array, copy)
