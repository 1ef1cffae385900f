"""Labellers: their quality measured without bias, their labels mixed in the right share, everyone on images of his own."""

import numpy as np
import pytest
from scipy.optimize import nnls

from collapse import data, images

from .zscores import BOUND, TRIALS


@pytest.fixture(scope="module")
def world():
    """A list of digits as a population, a labeller that is not linear in x, and its exact c^2 for linear students."""
    source = data.digits()
    population = images.Population(images.features(images.pool(source.pixels, 4)), source.labels)
    labels = images.hard(population.x @ images.ridge_labeller(population, 60, 1e-6, seed=0))
    return population, labels, population.quality(labels)


def draws(world, count, trials=TRIALS, seed=0):
    population, labels, _ = world
    for rng in np.random.default_rng(seed).spawn(trials):
        rows = rng.integers(len(population.x), size=count)
        yield labels[rows], population.y[rows], population.x[rows]


def z(samples, expected):
    samples = np.asarray(samples)
    return (samples.mean() - expected) / (samples.std(ddof=1) / np.sqrt(len(samples)))


# Quality


@pytest.mark.proves("prop-unbiased-quality", "def-labeller-quality")
@pytest.mark.parametrize("count", [3, 10, 200])
def test_quality_for_linear_students_is_unbiased_even_with_fewer_images_than_features(world, count):
    found = [images.quality(*drawn, world[0].sigma).c2 for drawn in draws(world, count, 10 * TRIALS)]
    assert abs(z(found, world[2])) < BOUND


@pytest.mark.proves("prop-unbiased-quality")
def test_putting_the_estimate_into_the_definition_is_biased_and_this_test_sees_it(world):
    sigma = world[0].sigma
    found = []
    for labels, truth, x in draws(world, 200):
        moment = x.T @ (labels - truth) / len(x)
        found.append(np.sum(moment * np.linalg.solve(sigma, moment)))
    assert z(found, world[2]) > BOUND


@pytest.mark.proves("def-labeller-quality")
def test_quality_for_students_of_everything_is_the_mean_squared_difference(world):
    population, labels, _ = world
    expected = ((labels - population.y) ** 2).sum(axis=1).mean()
    found = [images.quality(drawn[0], drawn[1]).c2 for drawn in draws(world, 20)]
    assert abs(z(found, expected)) < BOUND


@pytest.mark.parametrize("linear", [False, True])
def test_the_standard_error_is_the_scatter_over_independent_images(world, linear):
    found = np.array(
        [
            images.quality(drawn[0], drawn[1], *((drawn[2], world[0].sigma) if linear else ()))
            for drawn in draws(world, 400, 400)
        ]
    )
    variances = found[:, 1] ** 2
    centred = (found[:, 0] - found[:, 0].mean()) ** 2
    gap = variances - centred * len(found) / (len(found) - 1)
    tolerance = 0.1 * centred.mean() if linear else 0  # the jackknife of a U-statistic overestimates by a term of order 1/N
    assert abs(gap.mean()) < tolerance + BOUND * gap.std(ddof=1) / np.sqrt(len(found))


@pytest.mark.proves("prop-any-class")
@pytest.mark.parametrize("p2", [0.1, 0.7, 1.0])
def test_least_squares_on_a_mixture_ends_at_p2_squared_c2_without_any_gaussian(world, p2):
    population, labels, c2 = world
    twice = np.vstack([population.x] * 2) * np.sqrt(np.repeat([1 - p2, p2], len(labels)))[:, None]
    both = np.vstack([population.y, labels]) * np.sqrt(np.repeat([1 - p2, p2], len(labels)))[:, None]
    student = np.linalg.lstsq(twice, both, rcond=None)[0]
    assert population.excess(student) == pytest.approx(p2**2 * c2, rel=1e-8)
    assert population.excess(student) != pytest.approx(p2 * c2, rel=1e-3) or p2 == 1


@pytest.mark.proves("prop-any-class")
def test_a_class_that_holds_everything_ends_at_p2_squared_times_the_mean_squared_difference(world):
    """A table with one entry for each image: its mean label over many draws of real and synthetic ones."""
    population, labels, _ = world
    p2, repeats = 0.3, 400
    drawn = np.random.default_rng(1).random((repeats, len(labels))) < p2
    share = drawn.mean(axis=0)[:, None]
    table = (1 - share) * population.y + share * labels
    size = ((labels - population.y) ** 2).sum(axis=1)
    error = ((table - population.y) ** 2).sum(axis=1)
    gap = error - p2**2 * size - p2 * (1 - p2) / repeats * size  # the last term: the noise of the share itself
    assert abs(gap.mean()) < BOUND * gap.std(ddof=1) / np.sqrt(np.count_nonzero(size))


@pytest.mark.proves("prop-any-class")
@pytest.mark.parametrize("p2", [0.3, 1.0])
def test_in_a_convex_class_the_error_is_at_most_p2_squared_times_the_mean_squared_difference_above_the_best(world, p2):
    """Predictors with weights >= 0; labels close to the truth, so that the bound is within a factor of ten."""
    population, labels, _ = world
    x, made = population.x[:, :8], population.y + 0.2 * population.x @ population.best_linear(labels)

    def error(targets):
        weights = np.transpose([nnls(x, column)[0] for column in targets.T])
        return ((x @ weights - population.y) ** 2).sum(axis=1).mean()

    surcharge = error((1 - p2) * population.y + p2 * made) - error(population.y)
    bound = p2**2 * ((made - population.y) ** 2).sum(axis=1).mean()
    assert 0.1 * bound < surcharge <= bound


# Labels


def test_hard_labels_are_the_decision():
    soft = np.array([[[0.2, 0.9, -3.0], [0.5, 0.1, 0.4]]])
    np.testing.assert_array_equal(images.hard(soft), [[[0, 1, 0], [1, 0, 0]]])


def test_more_images_make_a_better_labeller():
    parts = images.split(data.digits(), seed=0)
    features = images.RandomFeatures(300, parts.test.x.shape[1], seed=1)
    labels = images.feature_labels(features, parts.labellers.x, parts.labellers.y, [20, 60, 300], 1e-4, parts.test.x)
    c2 = [images.quality(each, parts.test.y).c2 for each in labels]
    assert labels.shape == (3, len(parts.test.x), 10) and c2[0] > 1.5 * c2[1] > 1.5 * c2[2]


def test_mixed_labels_have_the_share_in_every_prefix_and_grow_with_p2():
    real, synthetic = np.zeros((1000, 1)), np.arange(1.0, 3.0)[:, None, None] * np.ones((1000, 1))
    p2 = [0.0, 0.1, 0.5, 1.0]
    targets = images.mixed(real, synthetic, p2, seed=3)
    assert targets.shape == (1000, 4, 2, 1)
    np.testing.assert_array_equal(targets[:, :, 1], 2 * targets[:, :, 0])
    counts = targets[:, :, 0, 0].cumsum(axis=0)
    assert np.abs(counts - np.arange(1, 1001)[:, None] * p2).max() < 4  # theory: O(log n) for the golden ratio
    assert (np.diff(targets[:, :, 0, 0], axis=1) >= 0).all()
    assert not np.array_equal(targets, images.mixed(real, synthetic, p2, seed=4))


# Who sees what


@pytest.mark.parametrize("n_train", [1797, 1000])
def test_students_labellers_and_test_share_no_image(n_train):
    source = data.digits()
    source = data.Images(source.pixels, source.labels, n_train, source.name)
    source.pixels[:, 0, 0] = np.arange(1797) % 256  # makes each image its own
    source.pixels[:, 0, 7] = np.arange(1797) // 256
    parts = images.split(source, seed=1)
    names = [
        set(map(tuple, np.round(255 * part.x[:, [0, 7]]).astype(int)))
        for part in (parts.students, parts.labellers, parts.test)
    ]
    assert sum(map(len, names)) == 1797 == len(set.union(*names))
    if n_train == 1000:
        assert names[0] == {(i % 256, i // 256) for i in range(1000)}
    for part in (parts.students, parts.labellers, parts.test):
        np.testing.assert_array_equal(part.y.argmax(axis=1), part.labels)
        assert part.x.min() >= 0 and part.x.max() <= 1
