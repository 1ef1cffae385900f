"""Estimators of c2: unbiased, intervals that cover, and equal to what their formulas say when written out."""

from functools import lru_cache

import numpy as np
import pytest
from scipy import stats

from collapse import Setting, theory

from .zscores import BOUND

REPLICATIONS = 2000
CHUNK = 250  # replications that are held in memory together
LEVELS = (0.0, 0.3, 3.0)  # of c2

# rows n1, n2, dimension, noises, signal r2
SIZES = {
    "ols": (60, 40, 20, (1.0, 0.5), 1.0),
    "ols, few real rows": (30, 200, 20, (0.5, 1.0), 1.0),
    "ols, hardly more rows than columns": (24, 26, 20, (1.0, 0.5), 1.0),
    "ols, three columns": (40, 40, 3, (1.0, 1.0), 1.0),
    "ols, many columns": (80, 90, 60, (0.5, 0.5), 1.0),
    "holdout": (10, 60, 20, (1.0, 1.0), 1.0),
    "holdout, more real rows": (60, 40, 20, (0.5, 0.5), 1.0),
    "holdout, many columns": (30, 200, 80, (0.5, 0.5), 1.0),
    "u_statistic": (80, 60, 100, (0.5, 0.3), 1.0),
    "u_statistic, few columns": (60, 60, 20, (1.0, 0.5), 0.5),
    "u_statistic, pool": (50, 40, 60, (0.5, 0.3), 1.0),
    "leave_one_out": (50, 80, 40, (0.5, 0.5), 1.0),
    "leave_one_out, few rows": (50, 80, 100, (0.5, 0.5), 1.0),
}
POOL = 180
RIDGES = {"leave_one_out": 0.01, "leave_one_out, few rows": 5e-4}
WIDE = {"leave_one_out, few rows"}  # intervals that are wider than they need be
COMPARED = len(SIZES) * len(LEVELS) + 7  # by assert_mean and against the bound


def replications(rng, count, n1, n2, d, noise, r2, c2):
    """``count`` problems with the same c2: pairs (X, y) and covariance; shifts in all directions of Sigma^1/2 alike."""
    deviation = np.arange(1, d + 1.0) ** -0.5
    teacher = rng.standard_normal((count, d, 1)) * np.sqrt(r2 / d)
    shift = rng.standard_normal((count, d, 1))
    shift *= np.sqrt(c2) / np.linalg.norm(shift, axis=1, keepdims=True)
    pairs = []
    for n, weights, sigma2 in ((n1, teacher, noise[0]), (n2, teacher + shift, noise[1])):
        white = rng.standard_normal((count, n, d))
        labels = (white @ weights)[..., 0] + np.sqrt(sigma2) * rng.standard_normal((count, n))
        pairs.append((white * deviation, labels))
    return *pairs, deviation


def estimator(quality, name, deviation, rng):
    """The estimator of many problems at once."""
    kind, d = name.partition(",")[0], deviation.size
    if kind == "leave_one_out":
        return lambda real, synthetic: quality.ridge.compared(real, quality.ridge.LeftOut.of(*synthetic, RIDGES[name]))
    if name.endswith("pool"):
        pool = rng.standard_normal((CHUNK, POOL, d)) * deviation
        covariance = np.swapaxes(pool, 1, 2) @ pool / (POOL - d - 1)
        return lambda real, synthetic: quality.moments.stacked_u_statistic(real, synthetic, covariance, POOL)
    if kind == "u_statistic":
        return lambda real, synthetic: quality.moments.stacked_u_statistic(real, synthetic, np.diag(deviation**2))
    return stacked(quality, kind)


def stacked(quality, kind):
    """``ols`` or ``holdout`` of many problems at once."""
    function, labelled = getattr(quality.fits, f"{kind}_of"), quality.samples.Labelled
    return lambda real, synthetic: function(labelled(*real), labelled(*synthetic))


@lru_cache
def measured(quality, name, c2, count=REPLICATIONS):
    """(3, count): estimates, and lower and upper ends of their 95 % intervals."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(count // CHUNK):
        real, synthetic, deviation = replications(rng, CHUNK, *SIZES[name], c2)
        each = estimator(quality, name, deviation, rng)(real, synthetic)
        found.append([each.c2, *each.interval()])
    return np.concatenate(found, axis=1)


def assert_mean(values, expected):
    z = (values.mean() - expected) / values.std(ddof=1) * np.sqrt(values.size)
    assert abs(z) < BOUND, f"z = {z:.1f}: mean {values.mean():.4f} for {expected}"


@pytest.mark.proves("prop-ols-quality", "prop-holdout-quality", "prop-u-statistic", "prop-loo-quality")
@pytest.mark.parametrize("c2", LEVELS)
@pytest.mark.parametrize("name", SIZES)
def test_estimates_are_unbiased(quality, name, c2):
    assert_mean(measured(quality, name, c2)[0], c2)


@pytest.mark.parametrize("c2", LEVELS)
@pytest.mark.parametrize("name", SIZES)
def test_95_percent_intervals_cover_93_to_97_percent(quality, name, c2):
    _, low, high = measured(quality, name, c2)
    covered = np.mean((low <= c2) & (c2 <= high))
    assert 0.93 <= covered <= (0.99 if name in WIDE else 0.97), f"{covered:.4f}"


def problem(n1, n2, d, c2=0.5, noise=(0.3, 0.2), seed=5):
    """One problem: (X1, y1), (X2, y2)."""
    real, synthetic, _ = replications(np.random.default_rng(seed), 1, n1, n2, d, noise, 1.0, c2)
    return tuple((x[0], y[0]) for x, y in (real, synthetic))


def fitted(x, y):
    """Weights by least squares, and the residual sum of squares over n - d."""
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    return weights, np.sum((y - x @ weights) ** 2) / (len(y) - x.shape[1])


@pytest.mark.proves("prop-ols-quality")
def test_ols_written_out(quality):
    (x1, y1), (x2, y2) = real, synthetic = problem(12, 9, 4)
    (w1, s1), (w2, s2) = fitted(x1, y1), fitted(x2, y2)
    noisy = s1 * 4 + s2 * np.trace(np.linalg.inv(x2.T @ x2) @ x1.T @ x1)
    found = quality.ols(real, synthetic)
    np.testing.assert_allclose(found.c2, (np.sum((x1 @ (w2 - w1)) ** 2) - noisy) / 12, rtol=1e-10)
    np.testing.assert_allclose([each.value for each in found.noise], [s1, s2], rtol=1e-10)
    assert [each.spare for each in found.noise] == [8, 5] and found.d == 4


@pytest.mark.proves("prop-holdout-quality")
@pytest.mark.parametrize("n1", [3, 12])
def test_holdout_written_out(quality, n1):
    (x1, y1), (x2, y2) = real, synthetic = problem(n1, 9, 4)
    w2, s2 = fitted(x2, y2)
    leverages = [row @ np.linalg.inv(x2.T @ x2) @ row for row in x1]
    expected = np.mean((y1 - x1 @ w2) ** 2) - s2 * (1 + np.mean(leverages))
    np.testing.assert_allclose(quality.holdout(real, synthetic).c2, expected, rtol=1e-10)


@pytest.mark.proves("prop-u-statistic")
def test_u_statistic_written_out(quality):
    (x1, y1), (x2, y2) = real, synthetic = problem(5, 4, 3)
    pool = np.random.default_rng(1).standard_normal((9, 3))
    for given, inverse in (
        ({"covariance": np.diag([1.0, 2.0, 3.0])}, np.diag([1, 1 / 2, 1 / 3])),
        ({"pool": pool}, (9 - 3 - 1) * np.linalg.inv(pool.T @ pool)),
    ):
        z1, z2 = x1 * y1[:, None], x2 * y2[:, None]
        own1, own2 = (
            np.mean([z[i] @ inverse @ z[j] for i in range(len(z)) for j in range(len(z)) if i != j]) for z in (z1, z2)
        )
        cross = np.mean([one @ inverse @ two for one in z1 for two in z2])
        np.testing.assert_allclose(quality.u_statistic(real, synthetic, **given).c2, own1 + own2 - 2 * cross, rtol=1e-10)


@pytest.mark.proves("prop-loo-quality")
@pytest.mark.parametrize("n2, d", [(9, 4), (7, 10), (6, 6)])
def test_leave_one_out_by_refitting(quality, n2, d):
    (x1, y1), (x2, y2) = real, synthetic = problem(5, n2, d)
    ridge = n2 * 1e-3 * np.eye(d)
    bracket, df1 = [], []
    for j in range(n2):
        x, y = np.delete(x2, j, axis=0), np.delete(y2, j)
        weights = np.linalg.solve(x.T @ x + ridge, x.T @ y)
        bracket.append(np.mean((y1 - x1 @ weights) ** 2) - (y2[j] - x2[j] @ weights) ** 2)
        df1.append(np.trace(np.linalg.solve(x.T @ x + ridge, x.T @ x)))
    found = quality.leave_one_out(real, synthetic, 1e-3)
    np.testing.assert_allclose(found.c2, np.mean(bracket) / (2 * np.mean(df1) / d - 1), rtol=1e-8)
    assert found.noise is None


@lru_cache
def traces(quality, n, spectrum):
    """df1/n and df2/n of ridge fits to random rows, (2, 100)."""
    rng = np.random.default_rng(n)
    x = rng.standard_normal((100, n, len(spectrum))) * np.sqrt(spectrum)
    fits = quality.ridge.LeftOut.of(x, rng.standard_normal((100, n)), 0.05)
    return np.array([fits.df1 / n, fits.learned])


@pytest.mark.parametrize("n", [30, 90])
def test_the_traces_of_ridge_fits_are_those_of_the_theory(quality, n):
    """In the limit of many rows, taken from two sizes as in zscores.py."""
    spectrum = np.arange(1, 41.0) ** -0.5
    small, large = traces(quality, n, tuple(spectrum)), traces(quality, 2 * n, tuple(np.repeat(spectrum, 2)))
    kappa = theory.fixed_point(spectrum, n, 0.05)
    for order, one, two in zip((1, 2), small, large):
        assert_mean(2 * two - one, theory.df(spectrum, kappa, order) / n)


@pytest.mark.parametrize("name", ["ols", "holdout", "u_statistic", "leave_one_out"])
def test_one_problem_is_a_stack_of_one(quality, name):
    real, synthetic = problem(30, 25, 10)
    given = {
        "u_statistic": {"covariance": np.diag(1 / np.arange(1.0, 11))},
        "leave_one_out": {"lam": RIDGES["leave_one_out"]},
    }.get(name, {})
    found = getattr(quality, name)(real, synthetic, **given)
    stacks = [tuple(np.stack([part, part]) for part in pair) for pair in (real, synthetic)]
    both = estimator(quality, name, np.arange(1.0, 11) ** -0.5, None)(*stacks)
    for one, two in zip((found.c2, found.stderr, *found.interval()), (both.c2, both.stderr, *both.interval())):
        assert np.ndim(one) == 0
        np.testing.assert_allclose([one, one], two, rtol=1e-6)
    assert repr(both) == f"Quality(2 replications of {name})"


@pytest.mark.proves("prop-ols-quality")
def test_ols_is_unbiased_for_any_rows_and_takes_c2_on_the_real_ones(quality):
    """Skewed rows with a few large ones, and another covariance in the synthetic sample. With d/(n2 - d - 1), the mean of
    the trace for Gaussian rows of one covariance, in the place of the trace, it would not be."""
    rng = np.random.default_rng(3)
    n1, n2, d, c2 = 40, 30, 10, 0.2
    skewed = [rng.exponential(size=(REPLICATIONS, n, d)) ** 2 * scale for n, scale in ((n1, 1.0), (n2, 0.7))]
    shift = np.full(d, np.sqrt(c2 / (d * 24 + d * (d - 1) * 4)))  # E e^4 = 24, E e^2 = 2
    real, synthetic = (
        (x, x @ weights + 2 * rng.standard_normal(x.shape[:2])) for x, weights in zip(skewed, (np.zeros(d), shift))
    )
    found = stacked(quality, "ols")(real, synthetic)
    assert_mean(found.c2, c2)
    one, two = (quality.samples.Fit.of("real", quality.samples.Labelled(*pair)) for pair in (real, synthetic))
    gap = quality.samples.times(real[0], two.weights - one.weights)
    gaussian = np.sum(gap**2, axis=-1) / n1 - one.noise * d / n1 - two.noise * d / (n2 - d - 1)
    z = (gaussian.mean() - c2) / gaussian.std() * np.sqrt(REPLICATIONS)
    assert abs(z) > BOUND


@pytest.mark.proves("prop-visible-shift")
def test_without_a_shift_the_standard_error_is_that_of_the_two_fits(quality):
    """sqrt(2 d) (sigma1^2/n1 + sigma2^2/(n2 - d)) up to O(d/n), for d << n."""
    found = quality.ols(*problem(4000, 6000, 20, c2=0.0))
    one, two = (each.value for each in found.noise)
    np.testing.assert_allclose(found.law.stderr(0.0), np.sqrt(40) * (one / 4000 + two / 5980), rtol=2 * 20 / 4000)


def test_where_all_directions_are_equally_noisy_the_interval_is_that_of_the_f_test(quality):
    """An F at the end of its tail puts c2 = 0 at the end of the interval, up to 2e-4 in the probability of the tail."""
    for spare in (6.0, 30.0):
        law = quality.law.Law((2 / 10, 4 / 10, 0.0), (8 / 100, 24 / 100, 0.0, 0.0), noise=1.0, spare=spare)
        for chance in (0.025, 0.2, 0.975):
            near = stats.f.ppf([chance - 2e-4, chance + 2e-4], 10, spare) - 1
            below, above = law.truth(near, chance)
            assert below < 0 < above


def test_intervals_are_nested_and_in_the_unit_of_the_labels_squared(quality):
    real, synthetic = problem(30, 25, 10)
    larger = [(7 * x, 3 * y) for x, y in (real, synthetic)]
    for name, given in (("ols", {}), ("holdout", {}), ("leave_one_out", {"lam": 0.005})):
        found = getattr(quality, name)(real, synthetic, **given)
        ends = [found.interval(level) for level in (0.99, 0.95, 0.5)]
        chain = [low for low, _ in ends] + [found.c2] + [high for _, high in ends[::-1]]
        assert np.all(np.diff(chain) > 0)
        scaled = getattr(quality, name)(*larger, **{key: 49 * value for key, value in given.items()})
        np.testing.assert_allclose([scaled.c2, *scaled.interval()], 9 * np.array([found.c2, *ends[1]]), rtol=1e-6)


def test_least_squares_does_not_depend_on_the_basis_of_the_rows(quality):
    real, synthetic = problem(30, 25, 10)
    basis = np.random.default_rng(2).standard_normal((10, 10))
    for name in ("ols", "holdout"):
        found = getattr(quality, name)(real, synthetic)
        mapped = getattr(quality, name)(*((x @ basis, y) for x, y in (real, synthetic)))
        np.testing.assert_allclose([mapped.c2, *mapped.interval()], [found.c2, *found.interval()], rtol=1e-6)


def test_a_small_pool_excludes_no_large_c2(quality):
    pool = np.random.default_rng(4).standard_normal((9, 5))
    low, high = quality.u_statistic(*problem(30, 30, 5), pool=pool).interval()
    assert np.isfinite(low) and high == np.inf


def test_labels_without_noise_are_measured_to_rounding(quality):
    (x1, y1), (x2, _) = problem(30, 25, 10, noise=(0.0, 0.0))
    same = np.linalg.lstsq(x1, y1, rcond=None)[0]
    found = quality.ols((x1, y1), (x2, x2 @ same))
    assert abs(found.c2) < 1e-20 and found.stderr < 1e-10
    ones = np.ones((5, 1))
    found = quality.ols((ones, ones[:, 0]), (ones, 3 * ones[:, 0]))
    np.testing.assert_allclose(found.c2, 4.0)
    assert np.isfinite(found.stderr)


@pytest.mark.parametrize(
    "n1, n2, given, name, reason",
    [
        (30, 25, {}, "ols", "each sample has more rows than columns"),
        (30, 25, {"covariance": np.eye(10)}, "ols", "each sample has more rows than columns"),
        (8, 25, {}, "holdout", "the synthetic rows are"),
        (30, 9, {}, "holdout", "the samples change places"),
        (8, 25, {"covariance": np.eye(10)}, "u_statistic", "there is the covariance of the rows"),
        (8, 5, {"pool": np.random.default_rng(0).standard_normal((20, 10))}, "u_statistic", "a pool of unlabelled rows"),
        (8, 9, {}, "leave_one_out", "n2 is more than d/2"),
    ],
)
def test_the_estimator_that_applies_is_chosen_and_says_why(quality, n1, n2, given, name, reason):
    found = quality.estimate(*problem(n1, n2, 10), **given)
    assert found.estimator == name and reason in found.why
    assert f"{name}: " in repr(found) and "95 % interval" in repr(found)


def test_samples_that_change_places_have_the_same_c2(quality):
    real, synthetic = problem(30, 9, 10)
    assert quality.estimate(real, synthetic).c2 == quality.holdout(synthetic, real).c2


def test_the_chosen_ridge_has_the_smallest_standard_error(quality):
    real, synthetic = problem(20, 18, 20)
    found = quality.estimate(real, synthetic)
    scale = np.mean(synthetic[0] ** 2)
    for lam in (1e-4 * scale, 1e-3 * scale):
        assert found.law.stderr(0.0) <= quality.leave_one_out(real, synthetic, lam).law.stderr(0.0)


# predictions


def test_the_plateau_is_p2_squared_c2(quality):
    found = quality.ols(*problem(60, 50, 10))
    p2 = np.array([0.0, 0.1, 1.0])
    np.testing.assert_allclose(quality.plateau(found, p2), np.multiply.outer([found.c2, *found.interval()], p2**2))
    nothing = quality.ols(*problem(14, 13, 10, c2=0.0, seed=8))
    assert nothing.interval()[0] < 0 == quality.plateau(nothing, 0.5).low


def test_the_onset_is_where_real_data_alone_reach_the_plateau(quality):
    found = quality.ols(*problem(600, 500, 10))
    noise = found.noise[0].value
    setting = Setting.isotropic(10, 0.1, found.c2, noise)
    value, low, high = quality.onset(found, 0.1, noise=noise)
    np.testing.assert_allclose(value, noise * 10 / (0.01 * found.c2), rtol=1e-12)
    np.testing.assert_allclose(value, theory.onset(setting, tuned=False), rtol=20 / value)
    np.testing.assert_allclose([high, low], noise * 10 / (0.01 * np.array(found.interval())), rtol=1e-6)
    measured_noise = quality.onset(found, 0.1)
    assert measured_noise.high - measured_noise.low > high - low
    assert quality.onset(found, 0.0) == (np.inf, np.inf, np.inf)


def test_without_a_visible_shift_the_onset_has_no_upper_end(quality):
    found = quality.ols(*problem(14, 13, 10, c2=0.0, seed=8))
    value, low, high = quality.onset(found, 0.5)
    assert found.interval()[0] < 0 < found.interval()[1] and np.isfinite(low) and high == np.inf


@lru_cache
def many(n1, n2, d, count):
    """Problems with c2 = 0.5 and both noises 0.5."""
    return replications(np.random.default_rng(21), count, n1, n2, d, (0.5, 0.5), 1.0, 0.5)[:2]


@pytest.mark.parametrize("n1, n2, d", [(60, 40, 20), (100, 100, 5)])
def test_intervals_of_the_onset_cover(quality, n1, n2, d):
    _, low, high = quality.onset(stacked(quality, "ols")(*many(n1, n2, d, REPLICATIONS)), 0.3)
    truth = d / 0.3**2
    assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.97


def test_the_best_weight_is_the_best(quality):
    """No other weight has a smaller error, by the formula for weights."""
    found = quality.ols(*problem(60, 50, 10))
    alpha = quality.best_weight(found, 80, 40).value
    setting = Setting.isotropic(10, 1 / 3, found.c2, [each.value for each in found.noise])
    errors = theory.weighted(setting, 120, 0.0, np.array([0.98, 1, 1.02]) * alpha).total
    assert errors[1] < min(errors[0], errors[2])


def test_intervals_of_the_best_weight_cover(quality):
    """Of 200 replications; the share covered is within 3.3 of its standard deviations, 0.0154, of 95 %."""
    real, synthetic = many(60, 40, 20, REPLICATIONS)
    noise = quality.Noise(0.5, np.inf)
    exact = quality.law.Law((0.0, 0.0, 1e-12), (0.0, 0.0, 0.0, 0.0), noise=0.0, spare=np.inf)
    truth = quality.best_weight(quality.Quality(0.5, 20, "exact", "", exact, (noise, noise)), 120, 80).value
    covered = 0
    for k in range(200):
        found = quality.ols(*((x[k], y[k]) for x, y in (real, synthetic)))
        _, low, high = quality.best_weight(found, 120, 80)
        covered += low <= truth <= high
    assert 0.95 - 3.3 * 0.0154 <= covered / 200 <= 0.95 + 3.3 * 0.0154


def test_what_a_measured_share_costs(quality):
    """n1 = n2 = 250, d = 100, c2 = sigma^2 = 0.5: the best share has error 0.2166, real rows alone 0.3333, all rows
    together 0.2812; a share from measured c2 and noises costs about 2 % over the best."""
    setting = Setting.isotropic(100, 0.5, 0.5, 0.5)
    best = theory.best_share(setting, 500)[1].total
    others = [theory.ridge(setting.replace(p2=0.0), 250, 0.0).total, theory.ridge(setting, 500, 0.0).total]
    np.testing.assert_allclose([best, *others], [0.2166, 0.3333, 0.2812], atol=5e-5)  # four digits
    found = stacked(quality, "ols")(*many(250, 250, 100, 200))
    shares = []
    for c2, one, two in zip(found.c2, *(each.value for each in found.noise)):
        shares.append(theory.best_share(Setting.isotropic(100, 0.5, max(c2, 0.0), (one, two)), 500)[0])
    cost = theory.weighted_by_share(setting, 500, np.array(shares)).total / best - 1
    assert cost.min() >= -1e-9
    assert_mean(cost, 0.022)
