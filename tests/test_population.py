"""Ridge on rows drawn from a list: against the mixture theorem, classical limits, simulation and real digits."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from collapse import data, images
from collapse.theory import Source

from .marks import real_mnist
from .zscores import BOUND, TRIALS

OFF = dict(unequal_leverage=False, unequal_misfit=False)
P2 = np.array([0, 0.1, 0.5, 1])


def uneven(members, m, seed=0):
    """Features (N, m), real and synthetic targets (N, 2): long rows miss their targets by more, and not at random."""
    rng = np.random.default_rng(seed)
    length = np.exp(0.7 * rng.standard_normal((members, 1)))
    x = length * rng.standard_normal((members, m)) * np.arange(1, m + 1) ** -0.4
    teacher, shift = rng.standard_normal((2, m, 2))
    curved = length * np.cos(2 * x[:, :2] / length)
    return x, x @ teacher + curved, x @ (teacher + 0.5 * shift) + 0.3 * length * rng.standard_normal((members, 2))


def excess_of(x, real):
    """The excess error of weights (..., m, k), from its definition."""
    best, sigma = np.linalg.lstsq(x, real, rcond=None)[0], x.T @ x / len(x)
    return lambda weights: ((weights - best) * (sigma @ (weights - best))).sum(axis=(-2, -1))


# Exact: lists on which every member of a group has the same leverage


def cubes(lengths, misfits):
    """All corners of cubes, one cube for each length; the targets miss a linear function by a parity of the corner."""
    corners = np.array(list(product([-1.0, 1.0], repeat=5)))
    rng = np.random.default_rng(1)
    teacher, shift = rng.standard_normal((2, 5, 1))
    parity = corners[:, :2].prod(axis=1)[:, None]
    x = np.concatenate([length * corners for length in lengths])
    real = x @ teacher + np.concatenate([misfit * parity for misfit in misfits])
    synthetic = x @ (teacher + shift) - np.concatenate([0.5 * misfit * parity for misfit in misfits])
    return x, real, synthetic, teacher, shift


@pytest.mark.proves("thm-population-ridge")
@pytest.mark.parametrize("n, lam", [(2.5, 0.01), (4.9, 1e-4), (7, 0.3), (40, 1e-6), (40, 2.0)])
def test_cubes_are_sources_of_the_mixture_theorem(theory, n, lam):
    """By symmetry R is a multiple of I, so that each cube is one source."""
    lengths, misfits, p2 = (0.6, 1.0, 2.5), (0.3, 0.0, 1.7), 0.3
    x, real, synthetic, teacher, shift = cubes(lengths, misfits)
    sources = [
        Source(length**2 * np.eye(5), weights, (scale * misfit) ** 2, share / 3)
        for length, misfit in zip(lengths, misfits)
        for weights, scale, share in [(teacher, 1, 1 - p2), (teacher + shift, 0.5, p2)]
    ]
    target = theory.Target(x.T @ x / len(x), teacher)
    expected = theory.mixture(sources, n, lam, test=target).total
    np.testing.assert_allclose(theory.population_ridge(x, real, synthetic, n, p2, lam), expected, rtol=1e-6)


@pytest.mark.parametrize("n, lam", [(4, 0.1), (7.5, 1e-6), (9, 0.01), (60, 1e-4)])
@pytest.mark.parametrize("p2", [0.2, 0.7])
def test_without_corrections_it_is_a_mixture_of_two_sources(theory, n, lam, p2):
    x, real, synthetic = uneven(300, 8)
    sigma, sources = x.T @ x / len(x), []
    for targets, share in ((real, 1 - p2), (synthetic, p2)):
        weights = np.linalg.lstsq(x, targets, rcond=None)[0]
        sources.append(Source(sigma, weights, ((targets - x @ weights) ** 2).sum(axis=1).mean(), share))
    expected = theory.mixture(sources, n, lam).total
    np.testing.assert_allclose(theory.population_ridge(x, real, synthetic, n, p2, lam, **OFF), expected, rtol=1e-9)


def test_on_one_cube_corrections_change_nothing(theory):
    x, real, synthetic, *_ = cubes([1.5], [0.7])
    problem = x, real, synthetic, np.array([3, 12]), 0.4, 0.05
    np.testing.assert_allclose(theory.population_ridge(*problem), theory.population_ridge(*problem, **OFF), rtol=1e-7)


# Limits


def test_with_all_rows_the_error_is_that_of_the_mean_teacher(theory):
    """n -> infinity: ridge regression on the list itself, with targets p1 y + p2 y~; without a ridge p2^2 c2."""
    x, real, synthetic = uneven(300, 8)
    excess, gram = excess_of(x, real), x.T @ x / len(x)
    for lam in (1e-9, 0.1, 3.0):
        found = theory.population_ridge(x, real, synthetic, 1e12, P2, lam)
        weights = [np.linalg.solve(gram + lam * np.eye(8), x.T @ ((1 - p2) * real + p2 * synthetic) / len(x)) for p2 in P2]
        np.testing.assert_allclose(found, [excess(each) for each in weights], rtol=1e-6, atol=1e-9)


def test_the_way_there_is_the_sandwich(theory):
    """Least squares: what n (excess - plateau) tends to, with h = x' Sigma^-1 x and the residuals r of the mean teacher.

    E[h |r|^2] from the scatter; and from the mean, for long rows count less, -2 E[h r'(mean teacher - best)].
    """
    x, real, synthetic = uneven(300, 8)
    h = (x * np.linalg.solve(x.T @ x / len(x), x.T).T).sum(axis=1)
    best, excess, n = np.linalg.lstsq(x, real, rcond=None)[0], excess_of(x, real), 1e6
    found = theory.population_ridge(x, real, synthetic, n, P2, 1e-13)
    for p2, value in zip(P2, found):
        weights = np.linalg.lstsq(x, (1 - p2) * real + p2 * synthetic, rcond=None)[0]
        own, made = real - x @ weights, synthetic - x @ weights
        mean, square = (1 - p2) * own + p2 * made, (1 - p2) * own**2 + p2 * made**2
        expected = h @ (square - 2 * mean * (x @ (weights - best))).sum(axis=1) / len(x)
        assert n * (value - excess(weights)) == pytest.approx(expected, rel=1e-3)


# What must not matter


def test_order_copies_rotations_units_and_empty_directions_do_not_matter(theory):
    x, real, synthetic = uneven(200, 6)
    n, lam = np.array([4, 20]), 0.02
    expected = theory.population_ridge(x, real, synthetic, n, 0.3, lam)
    rng = np.random.default_rng(2)
    order = np.tile(rng.permutation(200), 2)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    more = np.hstack([x @ turn, np.zeros((200, 3))])
    for other in (
        theory.population_ridge(x[order], real[order], synthetic[order], n, 0.3, lam),
        theory.population_ridge(more, real, synthetic, n, 0.3, lam),
        theory.population_ridge(10 * x, real, synthetic, n, 0.3, 100 * lam),
        theory.population_ridge(x, 10 * real, 10 * synthetic, n, 0.3, lam) / 100,
    ):
        np.testing.assert_allclose(other, expected, rtol=1e-6)


@pytest.mark.parametrize("switches", [{}, OFF])
def test_shapes_are_those_of_the_labellers_and_of_n_p2_and_lam(theory, switches):
    x, real, synthetic = uneven(100, 5)
    labellers = np.array([[synthetic, real, -real], [0 * real, 2 * synthetic, synthetic - real]])
    n, lam = np.array([3, 8])[:, None, None], np.array([0.1, 1.0])[:, None]
    found = theory.population_ridge(x, real, labellers, n, P2, lam, **switches)
    assert found.shape == (2, 3, 2, 2, 4)
    for i, j, k, a, b in [(0, 0, 1, 0, 2), (1, 2, 0, 1, 3), (1, 1, 1, 1, 1)]:
        one = theory.population_ridge(x, real, labellers[i, j], n[k, 0, 0], P2[b], lam[a, 0], **switches)
        assert one.shape == () and one == pytest.approx(found[i, j, k, a, b], rel=1e-12)


def test_true_labels_from_a_labeller_are_true_labels(theory):
    x, real, _ = uneven(100, 5)
    found = theory.population_ridge(x, real, real, 12, P2, 0.01)
    np.testing.assert_allclose(found, found[0], rtol=1e-12)


@pytest.mark.parametrize("n", [3, 29, 30, 31, 60, 1e4])
@pytest.mark.parametrize("lam", [1e-10, 1e-5, 1.0])
def test_it_settles_near_the_peak(theory, n, lam):
    found = theory.population_ridge(*uneven(1000, 30), n, P2, lam)
    assert np.isfinite(found).all() and (found > 0).all()


# Against simulation

ROWS = (0.5, 1.5, 5.0)  # n/m
RIDGES = (1e-3, 0.3)


@cache
def drawn(m):
    """The list of m features, and excess errors (trials, ROWS, RIDGES, P2) on independent draws from it."""
    x, real, synthetic = uneven(1000 * m, m)
    excess, rng = excess_of(x, real), np.random.default_rng(m)
    samples = np.empty((TRIALS, len(ROWS), len(RIDGES), len(P2)))
    for trial, row in np.ndindex(samples.shape[:2]):
        n = round(ROWS[row] * m)
        rows, coin = rng.integers(len(x), size=n), rng.random((n, 1))
        targets = np.hstack([np.where(coin < p2, synthetic[rows], real[rows]) for p2 in P2])
        for column, lam in enumerate(RIDGES):
            weights = np.linalg.solve(x[rows].T @ x[rows] / n + lam * np.eye(m), x[rows].T @ targets / n)
            samples[trial, row, column] = excess(np.array(np.hsplit(weights, len(P2))))
    return (x, real, synthetic), samples


def zscores(theory, small=20, **switches):
    """(2 gap at 2m - gap at m)/stderr with gap = simulated - predicted: free of the error that halves with the size."""
    gaps, stderrs = [], []
    for m in (small, 2 * small):
        problem, samples = drawn(m)
        rows, lam = m * np.array(ROWS)[:, None, None], np.array(RIDGES)[:, None]
        predicted = theory.population_ridge(*problem, rows, P2, lam, **switches)
        gaps.append((samples / predicted - 1).mean(axis=0))
        stderrs.append((samples / predicted).std(axis=0, ddof=1) / np.sqrt(TRIALS))
    return (2 * gaps[1] - gaps[0]) / np.hypot(2 * stderrs[1], stderrs[0])


@pytest.mark.proves("thm-population-ridge")
def test_list_against_simulation(theory):
    z = zscores(theory)
    assert np.isfinite(z).all() and np.abs(z).max() < BOUND, f"z:\n{np.round(z, 1)}"


@pytest.mark.parametrize("missing", [["unequal_leverage"], ["unequal_misfit"], ["unequal_leverage", "unequal_misfit"]])
def test_each_correction_is_needed(theory, missing):
    assert np.abs(zscores(theory, **dict.fromkeys(missing, False))).max() > 2 * BOUND


# Real digits


def median_gaps(theory, population, ridges, trials):
    """Median of |simulated/predicted - 1| with both corrections and with none, over n, p2, lam and two labellers."""
    rows, shares = [round(ratio * population.d) for ratio in (0.5, 1.5, 4, 20)], [0, 0.1, 0.3, 1]
    labellers = [population.x @ images.ridge_labeller(population, n0, lam, seed=0) for n0, lam in [(100, 1e-3), (300, 1e-6)]]
    simulated = np.array(
        [
            images.learning_curve(population, made, rows, shares, ridges, trials, seed=0).samples.mean(axis=0)
            for made in labellers
        ]
    )
    points = np.array(rows)[:, None, None], np.array(shares)[:, None], ridges
    predictions = [
        theory.population_ridge(population.x, population.y, labellers, *points, **switches) for switches in ({}, OFF)
    ]
    return [np.median(np.abs(simulated / predicted - 1)) for predicted in predictions]


def test_small_digits_are_predicted_within_three_percent(theory):
    """The 8 x 8 digits: 62 features, 1797 images."""
    source = data.digits()
    population = images.Population(images.features(images.pool(source.pixels, 8)), source.labels)
    corrected, plain = median_gaps(theory, population, np.array([1e-4, 1e-2]), trials=20)
    assert corrected < 0.03 and corrected < plain


@real_mnist
def test_mnist_is_predicted_within_three_percent(theory):
    """100 random ReLU features of 10,000 images at a small ridge, where without the corrections it is not."""
    source = data.mnist()
    rng = np.random.default_rng(0)
    some = rng.permutation(70_000)[:10_000]
    x = np.maximum(source.pixels[some].reshape(10_000, -1) / 255 @ rng.standard_normal((784, 100)) / 280, 0)
    corrected, plain = median_gaps(theory, images.Population(x, source.labels[some]), np.array([1e-6, 1e-7]), trials=40)
    assert corrected < 0.03 < plain
