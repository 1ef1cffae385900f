"""The digits experiment: its pieces against independent computations, its curves against what must hold."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from collapse import data, images

from .marks import real_mnist
from .zscores import BOUND, COMPARISONS, FALSE_ALARM, TRIALS


@pytest.fixture(scope="module")
def digits():
    source = data.digits()
    return images.Population(images.features(images.pool(source.pixels, 4)), source.labels)


@pytest.fixture(scope="module")
def synthetic(digits):
    return digits.x @ images.ridge_labeller(digits, n0=60, lam=1e-6, seed=0)


def rng():
    return np.random.default_rng(7)


# Pooling and features


def test_pool_is_the_mean_of_each_block():
    pixels = rng().integers(256, size=(5, 6, 6), dtype=np.uint8)
    pooled = images.pool(pixels, 3)
    assert pooled.shape == (5, 3, 3)
    for row in range(3):
        for column in range(3):
            block = pixels[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] / 255
            np.testing.assert_allclose(pooled[:, row, column], block.mean(axis=(1, 2)), rtol=1e-14)
    np.testing.assert_array_equal(images.pool(pixels, 6), pixels / 255)


def test_features_drop_constant_pixels_and_add_a_one():
    pooled = rng().random((4, 2, 2))
    pooled[:, 0, 1] = 0.5
    np.testing.assert_array_equal(
        images.features(pooled), np.column_stack([pooled[:, 0, 0], pooled[:, 1, 0], pooled[:, 1, 1], np.ones(4)])
    )


# The population


def test_best_linear_predictor_against_lstsq(digits):
    expected = np.linalg.lstsq(digits.x, digits.y, rcond=None)[0]
    np.testing.assert_allclose(digits.x @ digits.best, digits.x @ expected, atol=1e-10)


def test_error_splits_into_misfit_and_excess(digits):
    weights = digits.best + 0.1 * rng().standard_normal(digits.best.shape)
    assert digits.error(weights) == pytest.approx(digits.misfit + digits.excess(weights), rel=1e-12)


def test_excess_is_over_the_last_two_axes(digits):
    weights = rng().standard_normal((2, 3, *digits.best.shape))
    excess = digits.excess(weights)
    assert excess.shape == (2, 3)
    assert excess[1, 2] == pytest.approx(((digits.x @ (weights[1, 2] - digits.best)) ** 2).sum(axis=1).mean(), rel=1e-12)


def test_quality_of_the_truth_is_zero_and_of_a_linear_labeller_its_excess(digits, synthetic):
    weights = images.ridge_labeller(digits, n0=60, lam=1e-6, seed=0)
    assert digits.quality(digits.y) == 0
    assert digits.quality(synthetic) == pytest.approx(digits.excess(weights), rel=1e-9)


def test_quality_sees_only_the_linear_part_of_a_hard_labeller(digits, synthetic):
    hard = np.eye(10)[synthetic.argmax(axis=1)]
    linear_part = digits.x @ digits.best_linear(hard)
    assert digits.quality(hard) == pytest.approx(digits.quality(linear_part), rel=1e-9)
    assert digits.quality(hard) < ((hard - digits.x @ digits.best) ** 2).sum(axis=1).mean()


def test_accuracy_counts(digits):
    assert digits.accuracy(digits.best) == np.mean([row.argmax() for row in digits.x @ digits.best] == digits.labels)


# Labellers and students


def test_labeller_is_ridge_on_its_rows(digits):
    rows = np.random.default_rng(3).integers(len(digits.x), size=80)
    expected = Ridge(alpha=80 * 1e-3, fit_intercept=False).fit(digits.x[rows], digits.y[rows]).coef_.T
    np.testing.assert_allclose(images.ridge_labeller(digits, 80, 1e-3, seed=3), expected, atol=1e-9)


def test_labeller_chooses_the_penalty_that_leave_one_out_prefers(digits):
    lams, n0 = np.geomspace(1e-5, 10, 7), 40
    rows = np.random.default_rng(3).integers(len(digits.x), size=n0)
    x, y = digits.x[rows], digits.y[rows]
    errors = []
    for lam in lams:
        model = Ridge(alpha=n0 * lam, fit_intercept=False)
        left_out = [y[i] - model.fit(np.delete(x, i, 0), np.delete(y, i, 0)).predict(x[i : i + 1])[0] for i in range(n0)]
        errors.append(np.sum(np.square(left_out)))
    expected = images.ridge_labeller(digits, n0, lams[np.argmin(errors)], seed=3)
    np.testing.assert_allclose(images.ridge_labeller(digits, n0, lams, seed=3), expected, atol=1e-9)


@pytest.mark.parametrize("replace", [True, False])
def test_students_are_ridge_on_the_mixture(digits, synthetic, replace):
    n, shares, lams = 50, [0, 0.3, 1], [1e-3, 1e-1]
    weights = images.students(digits, synthetic, n, shares, lams, rng(), replace)
    assert weights.shape == (3, 2, *digits.best.shape)
    size = len(digits.x)
    rows = rng().integers(size, size=n) if replace else rng().permutation(size)[:n]
    for i, n1 in enumerate([50, 35, 0]):
        y = np.concatenate([digits.y[rows[:n1]], synthetic[rows[n1:]]])
        for j, lam in enumerate(lams):
            expected = Ridge(alpha=n * lam, fit_intercept=False).fit(digits.x[rows], y).coef_.T
            np.testing.assert_allclose(weights[i, j], expected, atol=1e-9)


def test_learning_curve_is_the_excess_of_students_and_its_statistics(digits, synthetic):
    curve = images.learning_curve(digits, synthetic, [40, 80], [0, 0.5], [1e-4, 1e-2, 1], trials=3, seed=5)
    assert curve.samples.shape == (3, 2, 2, 3)
    drawn = np.random.default_rng([5, 2]).spawn(2)[1]
    weights = images.students(digits, synthetic, 80, [0, 0.5], [1e-4, 1e-2, 1], drawn)
    np.testing.assert_array_equal(curve.samples[2, 1], digits.excess(weights))
    for i in range(2):
        for j in range(2):
            samples = curve.samples[:, i, j]
            best = samples.mean(axis=0).argmin()
            assert curve.mean[i, j] == samples[:, best].mean()
            assert curve.stderr[i, j] == pytest.approx(np.std(samples[:, best], ddof=1) / np.sqrt(3))
            assert curve.best_lam[i, j] == curve.lam[best]


# What must hold


def test_excess_tends_to_the_plateau(digits, synthetic):
    """2 E(2n) - E(n) is free of the 1/n part of the excess: what is left is p2^2 c2, within the suite's bound."""
    shares, n = np.array([0.1, 0.3]), [50_000, 100_000]
    curve = images.learning_curve(digits, synthetic, n, shares, 1e-10, trials=TRIALS, seed=0)
    limit = 2 * curve.mean[1] - curve.mean[0]
    stderr = np.hypot(2 * curve.stderr[1], curve.stderr[0])
    assert np.all(np.abs(limit - shares**2 * digits.quality(synthetic)) < BOUND * stderr)


def test_students_of_a_linear_labeller_alone_become_the_labeller(digits, synthetic):
    weights = images.students(digits, synthetic, 1000, 1, 1e-10, rng())[0, 0]
    np.testing.assert_allclose(digits.x @ weights, synthetic, atol=1e-5)


def test_clean_excess_falls_as_one_over_n_at_the_rate_of_the_sandwich(digits, synthetic):
    """n times the excess of least squares tends to E[x' Sigma^-1 x |residual|^2]."""
    residual = ((digits.y - digits.x @ digits.best) ** 2).sum(axis=1)
    leverage = (digits.x * np.linalg.solve(digits.sigma, digits.x.T).T).sum(axis=1)
    n = np.array([50_000, 200_000])
    curve = images.learning_curve(digits, synthetic, n, 0, 1e-10, trials=TRIALS, seed=1)
    assert np.all(np.abs(n * curve.mean[:, 0] - (leverage * residual).mean()) < BOUND * n * curve.stderr[:, 0])


def test_without_replacement_the_clean_excess_ends_at_zero(digits, synthetic):
    everything = images.students(digits, synthetic, len(digits.x), 0, 1e-12, rng(), replace=False)
    assert digits.excess(everything)[0, 0] < 1e-9 * digits.misfit


# Bad input


@pytest.mark.parametrize(
    "call, complaint",
    [
        (lambda p, t: images.pool(np.zeros((3, 8, 6)), 2), "pixels must have shape"),
        (lambda p, t: images.pool(np.zeros((8, 8)), 2), "pixels must have shape"),
        (lambda p, t: images.pool(np.zeros((3, 8, 8)), 3), "side must divide"),
        (lambda p, t: images.pool(np.zeros((3, 8, 8)), 0), "side must be >= 1"),
        (lambda p, t: images.features(np.zeros((3, 8))), "pooled must have 3"),
        (lambda p, t: images.Population(p.x, p.labels[1:]), "labels must have shape"),
        (lambda p, t: images.Population(p.x, p.labels - 1), "labels must be whole numbers"),
        (lambda p, t: images.Population(p.x, p.labels + 0.5), "labels must be whole numbers"),
        (lambda p, t: images.Population(np.column_stack([p.x, p.x[:, 0]]), p.labels), "x must have linearly independent"),
        (lambda p, t: images.Population(p.x * np.nan, p.labels), "x must be finite"),
        (lambda p, t: p.quality(t[1:]), "targets must have 1797 rows"),
        (lambda p, t: images.ridge_labeller(p, 1, 1e-3, 0), "n0 must be >= 2"),
        (lambda p, t: images.ridge_labeller(p, 50, 0, 0), "lam must be finite and > 0"),
        (lambda p, t: images.ridge_labeller(p, 50, [1e-3, -1], 0), "lam must be finite and > 0"),
        (lambda p, t: images.students(p, t[1:], 50, 0.1, 1e-3, rng()), "synthetic must have the shape"),
        (lambda p, t: images.students(p, t * np.inf, 50, 0.1, 1e-3, rng()), "synthetic must be finite"),
        (lambda p, t: images.students(p, t, 0, 0.1, 1e-3, rng()), "n must be >= 1"),
        (lambda p, t: images.students(p, t, 50, 1.1, 1e-3, rng()), "p2 must be finite and >= 0 and <= 1"),
        (lambda p, t: images.students(p, t, 50, -0.1, 1e-3, rng()), "p2 must be finite and >= 0 and <= 1"),
        (lambda p, t: images.students(p, t, 50, 0.1, 0, rng()), "lam must be finite and > 0"),
        (lambda p, t: images.students(p, t, 1798, 0.1, 1, rng(), replace=False), "n must be <= 1797"),
        (lambda p, t: images.learning_curve(p, t, [50], 0.1, 1e-3, trials=1, seed=0), "trials must be >= 2"),
        (lambda p, t: images.learning_curve(p, t, [50, 0], 0.1, 1e-3, trials=2, seed=0), "n must be >= 1"),
    ],
)
def test_bad_values_are_named(digits, synthetic, call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call(digits, synthetic)


@pytest.mark.parametrize(
    "call, complaint",
    [
        (lambda p, t: images.pool(np.zeros((3, 8, 8)), 2.0), "side must be a whole number"),
        (lambda p, t: images.ridge_labeller(p.x, 50, 1e-3, 0), "population must be a Population"),
        (lambda p, t: images.ridge_labeller(p, 50.0, 1e-3, 0), "n0 must be a whole number"),
        (lambda p, t: images.students(p, t, 50.5, 0.1, 1e-3, rng()), "n must be a whole number"),
        (lambda p, t: images.students(p, t, 50, "0.1", 1e-3, rng()), "p2 must hold real numbers"),
        (lambda p, t: images.learning_curve(p, t, 50, 0.1, 1e-3, trials=2.0, seed=0), "trials must be a whole number"),
    ],
)
def test_wrong_types_are_named(digits, synthetic, call, complaint):
    with pytest.raises(TypeError, match=complaint):
        call(digits, synthetic)


# The real thing


@real_mnist
def test_real_mnist_stops_at_the_plateau():
    """14 x 14 pixels: p2^2 c2 and the first order in 1/n, E[|r|^2 x' Sigma^-1 x]/n, by z-scores over draws."""
    source = data.mnist()
    population = images.Population(images.features(images.pool(source.pixels, 14)), source.labels)
    assert population.x.shape == (70_000, 189)
    assert round(population.misfit, 3) == 0.398
    labeller = images.ridge_labeller(population, n0=300, lam=1e-6, seed=0)
    synthetic = population.x @ labeller
    c2 = population.quality(synthetic)
    n, trials, shares = 1_024_000, 12, (0.0, 0.3, 1.0)
    curve = images.learning_curve(population, synthetic, n, shares, 1e-10, trials, seed=0)

    leverage = (population.x * np.linalg.solve(population.sigma, population.x.T).T).sum(axis=1)
    bound = stats.t.ppf(1 - FALSE_ALARM / COMPARISONS / 2, trials - 1)
    for share, mean, stderr in zip(shares[:2], curve.mean[0], curve.stderr[0]):
        mixed = population.best + share * (labeller - population.best)
        real, other = (((target - population.x @ mixed) ** 2).sum(axis=1) for target in (population.y, synthetic))
        price = (leverage * ((1 - share) * real + share * other)).mean()
        assert abs(mean - share**2 * c2 - price / n) < bound * stderr
    assert curve.mean[0, 2] == pytest.approx(c2, rel=1e-5), "at p2 = 1 the student copies the labeller"
