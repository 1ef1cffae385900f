"""The simulation of random projections does what it says: exact expectations given X and S, on reproducible designs."""

import importlib
from itertools import product

import numpy as np
import pytest
import torch

from collapse import Setting, simulate
from collapse.simulate.designs import mixing_matrix
from collapse.simulate.estimate import generator
from collapse.theory import Source

from .test_simulation import LAM, P2, learner, same, small, three_sources
from .zscores import BOUND, PARTS, TRIALS

SHAPES = [(5, 9, 3), (5, 3, 9), (9, 5, 4), (9, 4, 5), (4, 9, 5), (8, 4, 12), (4, 8, 60), (6, 2, 1), (1, 4, 3)]  # (d, n, m)


def explicit(mixing, m, rng):
    """S (m, d) with S'S = L L': itself for m <= d; for m > d the factor L' in a random frame of R^m."""
    if m <= len(mixing):
        return mixing.T
    return np.linalg.qr(rng.standard_normal((m, len(mixing))))[0] @ mixing.T


def drawn(setting, n, m, trials, seed, dtype=torch.float64):
    """The same X (n, d) and S (m, d) that simulate.projection draws, one pair for each trial."""
    stream, rng = generator(seed, (n, m), "cpu"), np.random.default_rng(seed)
    for _ in range(trials):
        x = torch.randn(n, setting.d, generator=stream, dtype=dtype).double().numpy() * np.sqrt(setting.spectrum)
        mixing = mixing_matrix(m, setting.d, setting.d**-0.5, stream, dtype).double().numpy()
        yield x, explicit(mixing, m, rng)


def exact_parts(x, s, setting, p2, lam):
    """Bias, variance and shift by least squares on the m features: no eigenbasis, no dual, no factor of S'S."""
    synthetic = np.arange(len(x)) >= round((1 - p2) * len(x))
    student = s.T @ learner(x @ s.T, lam)

    def error(matrix, weights):
        return np.sum(setting.spectrum[:, None] * matrix**2 * weights)

    noise = np.where(synthetic, setting.noise[1], setting.noise[0])
    bias = error(student @ x - np.eye(setting.d), setting.teacher)
    return bias, error(student, noise), error(student @ (synthetic[:, None] * x), setting.shift)


def assert_exact(setting, n, m, lams, trials, seed, dtype, accuracy):
    samples = simulate.projection(setting, n, m, lams, trials, seed, dtype=dtype).samples
    for t, (x, s) in enumerate(drawn(setting, n, m, trials, seed, dtype)):
        for i, j in np.ndindex(len(P2), len(lams)):
            expected = exact_parts(x, s, setting, P2[i, 0], lams[j])
            for part, value in zip(PARTS, expected):
                assert abs(getattr(samples, part)[t, i, j] - value) <= accuracy * sum(expected), (part, t, i, j)


@pytest.mark.parametrize("dtype, accuracy", [(torch.float64, 1e-8), (torch.float32, 2e-2)], ids=["float64", "float32"])
@pytest.mark.parametrize("d, n, m", SHAPES)
def test_each_trial_is_an_exact_expectation(d, n, m, dtype, accuracy):
    """Primal and dual, every lam and share at once, against one least-squares problem for each of them."""
    assert_exact(small(d), n, m, LAM, 3, 41, dtype, accuracy)


@pytest.mark.parametrize("d, n, m", [(40, 25, 60), (25, 40, 60), (25, 60, 40), (20, 50, 200), (60, 20, 30)])
def test_tiny_ridges_are_exact_in_float64(d, n, m):
    """lam = 1e-8, where the condition number of the primal problem is up to 1e10 with fewer rows than dimensions."""
    setting = Setting.power_law(d, P2, 0.7, noise=(0.5, 0.2), beta=1.2, r=1.8)
    assert_exact(setting, n, m, np.array([1e-12, 1e-8]), 2, 42, torch.float64, 1e-7)


@pytest.mark.parametrize("d, n, m", [(40, 15, 60), (15, 60, 40), (60, 40, 15), (20, 50, 200)])
def test_float32_is_right_where_it_is_accepted(d, n, m):
    """Far from a threshold, also with fewer rows than dimensions, where the primal form would return garbage."""
    assert_exact(Setting.isotropic(d, P2, 0.7, noise=(0.5, 0.2)), n, m, np.array([1e-8, 1e-2]), 3, 43, torch.float32, 1e-3)


def test_float32_is_right_or_refused():
    """At and near every threshold and at any condition number: never a wrong answer without a word."""
    refused = []
    shapes = [(20, 20, 40), (20, 22, 40), (40, 20, 20), (20, 40, 19), (20, 40, 100), (20, 10, 40)]
    for beta, (d, n, m) in product([0.0, 1.0, 2.0, 4.0], shapes):
        setting = Setting.power_law(d, P2, 0.7, noise=(0.5, 0.2), beta=beta, r=2.0)
        try:
            assert_exact(setting, n, m, np.array([1e-8]), 2, 44, torch.float32, 1e-3)
        except ValueError as error:
            assert "dtype more precise" in str(error)
            assert_exact(setting, n, m, np.array([1e-8]), 2, 44, torch.float64, 1e-6)
            refused.append((d, n, m))
    assert 0 < len(refused) < 4 * len(shapes)


@pytest.mark.proves("def-projection")
@pytest.mark.parametrize("n, m", [(4, 9), (10, 3), (7, 4)])
def test_explicit_networks_have_the_error_of_the_setting(n, m):
    """The model as it is defined: a frozen layer S, then v by ridge on S x; teachers and labels drawn one by one."""
    setting, lam, draws = small(6, p2=0.4), 0.1, 200
    simulated = simulate.projection(setting, n, m, lam, trials=1, seed=45).samples.total[0]
    x, s = next(drawn(setting, n, m, 1, 45))
    synthetic = np.arange(n) >= n - round(0.4 * n)
    rng = np.random.default_rng(46)
    shape = (TRIALS, draws, setting.d)
    w1 = rng.standard_normal(shape) * np.sqrt(setting.teacher)
    w2 = w1 + rng.standard_normal(shape) * np.sqrt(setting.shift)
    noise = rng.standard_normal((TRIALS, draws, n)) * np.sqrt(np.where(synthetic, setting.noise[1], setting.noise[0]))
    y = np.where(synthetic, w2 @ x.T, w1 @ x.T) + noise
    z = x @ s.T
    v = np.linalg.solve(z.T @ z / n + lam * np.eye(m), z.T @ y[..., None] / n)[..., 0]
    errors = ((v @ s - w1) ** 2 @ setting.spectrum).mean(axis=1)
    assert abs(errors.mean() - simulated) / (errors.std(ddof=1) / np.sqrt(TRIALS)) < BOUND


# The law of S'S


def wisharts(d, m, scale=1.0, draws=10_000):
    stream = generator(47, (d, m), "cpu")
    factors = torch.stack([mixing_matrix(m, d, scale, stream, torch.float64) for _ in range(draws)]).numpy()
    return factors @ factors.transpose(0, 2, 1)


def assert_mean(samples, expected):
    z = (samples.mean(axis=0) - expected) / (samples.std(axis=0, ddof=1) / np.sqrt(len(samples)))
    assert np.abs(z).max() < BOUND, np.round(z, 1)


@pytest.mark.parametrize("m", [2, 4, 9, 10**8])
def test_first_and_second_moments_of_the_mixing_matrix(m):
    """E W = m, and (W - m)/sqrt(m) has covariances d_ik d_jl + d_il d_jk, for every pair of entries, at every m."""
    d = 3
    centred = (wisharts(d, m) - m * np.eye(d)) / np.sqrt(m)
    assert_mean(centred, np.zeros((d, d)))
    eye = np.eye(d)
    pairs = np.einsum("tij,tkl->tijkl", centred, centred)
    assert_mean(pairs, np.einsum("ik,jl->ijkl", eye, eye) + np.einsum("il,jk->ijkl", eye, eye))


def test_inverse_and_third_moment_of_the_mixing_matrix():
    """What tells a Wishart matrix from its Gaussian limit: E W^-1 = 1/(m - d - 1), E (W_11 - m)^3 = 8 m."""
    d, m, scale = 4, 9, 0.5
    w = wisharts(d, m, scale)
    assert_mean(np.linalg.inv(w), np.eye(d) / (m - d - 1) / scale**2)
    diagonal = np.diagonal(w, axis1=1, axis2=2) / scale**2
    assert_mean((diagonal - m) ** 3, np.full(d, 8.0 * m))


@pytest.mark.parametrize("d, n, m", [(6, 9, 8), (6, 4, 10)])
def test_an_explicit_first_layer_gives_the_same_errors_in_law(d, n, m):
    """simulate.projection against S (m, d) drawn entry by entry, with inputs and projections of its own."""
    setting, lam = small(d, p2=0.5 if n % 2 == 0 else 1 / 3), 0.05
    estimate = simulate.projection(setting, n, m, lam, 2000, seed=48)
    rng = np.random.default_rng(49)
    explicit_parts = []
    for _ in range(1000):
        x = rng.standard_normal((n, d)) * np.sqrt(setting.spectrum)
        explicit_parts.append(exact_parts(x, rng.standard_normal((m, d)) / np.sqrt(d), setting, setting.p2, lam))
    explicit_parts = np.array(explicit_parts)
    for part, values in zip(PARTS, explicit_parts.T):
        stderr = np.hypot(getattr(estimate.stderr, part), values.std(ddof=1) / np.sqrt(len(values)))
        assert abs(getattr(estimate.mean, part) - values.mean()) / stderr < BOUND, part


# Reproducible, whatever is asked at once


def test_points_asked_together_are_points_asked_one_by_one():
    setting, n, m = small(9), np.array([6, 6, 6, 14, 14]), np.array([4, 14, 30, 6, 9])
    table = simulate.projection(setting, n[:, None, None], m[:, None, None], LAM[1:], 4, seed=51).samples
    assert table.total.shape == (4, 5, len(P2), 2)
    for k, i, j in np.ndindex(5, len(P2), 2):
        single = simulate.projection(setting.replace(p2=P2[i, 0]), n[k], m[k], LAM[1 + j], 4, seed=51).samples
        for part in PARTS:
            np.testing.assert_allclose(getattr(table, part)[:, k, i, j], getattr(single, part), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("n, m", [(6, 4), (6, 30), (14, 5), (14, 30)])
def test_same_seed_same_designs_whatever_the_batch(monkeypatch, n, m):
    first = simulate.projection(small(9), n, m, LAM, 5, seed=52).samples
    np.testing.assert_array_equal(simulate.projection(small(9), n, m, LAM, 5, seed=52).samples.total, first.total)
    monkeypatch.setattr(importlib.import_module("collapse.simulate.designs"), "BATCH_DOUBLES", {"cpu": 3 * n * 18})
    same(simulate.projection(small(9), n, m, LAM, 5, seed=52).samples, first)
    more = simulate.projection(small(9), n, m, LAM, 8, seed=52).samples
    np.testing.assert_allclose(more.total[:5], first.total, rtol=1e-9)


def test_other_seeds_sizes_and_trials_are_other_designs():
    setting = small(9, 0.5)
    points = [(53, 6, 12), (54, 6, 12), (53, 6, 13), (53, 8, 12)]
    totals = [simulate.projection(setting, n, m, 0.1, 4, seed=seed).samples.total for seed, n, m in points]
    assert len(np.unique(np.concatenate(totals))) == 16


@pytest.mark.parametrize("m", [4, 40])
def test_shift_can_be_scaled_afterwards(m):
    setting = small(9)
    estimate = simulate.projection(setting, 6, m, LAM, 3, seed=55).scale_shift(4)
    same(estimate.samples, simulate.projection(setting.replace(shift=4 * setting.shift), 6, m, LAM, 3, seed=55).samples)


@pytest.mark.parametrize("n, m", [(3, 4), (9, 4), (9, 12)])
def test_directions_that_never_vary_count_in_d_alone(n, m):
    """The entries of S have variance 1/d, so the ridge is worth more by the same factor; nothing else changes."""
    setting = small(5)
    arrays = {name: np.r_[getattr(setting, name), 0.0, 0.0] for name in ("spectrum", "teacher", "shift")}
    padded = simulate.projection(setting.replace(**arrays), n, m, LAM * 5 / 7, 3, seed=56)
    same(padded.samples, simulate.projection(setting, n, m, LAM, 3, seed=56).samples)


# Mixtures


@pytest.mark.parametrize("n, m", [(4, 3), (4, 9), (20, 4), (20, 9), (8, 500)])
def test_each_trial_of_a_mixture_is_an_exact_expectation(n, m):
    d, lams, trials = 6, [0.0, 1e-2, 1.0], 2
    sources, test = three_sources(d)
    samples = simulate.mixture(sources, n, lams, trials, seed=57, test=test, m=m).samples
    counts = [round(source.share * n) for source in sources]
    source_of_row = np.repeat(range(3), counts)
    root_weight = np.sqrt([sources[k].weight for k in source_of_row])[:, None]
    noise = np.array([sources[k].noise for k in source_of_row])
    stream, rng = generator(57, (n, m), "cpu"), np.random.default_rng(57)
    for t in range(trials):
        blocks = []
        for count, source in zip(counts, sources):
            values, vectors = np.linalg.eigh(source.covariance)
            rows = torch.randn(count, d, generator=stream, dtype=torch.float64).numpy()
            blocks.append(rows @ (vectors * np.sqrt(values)) @ vectors.T)
        x = np.vstack(blocks)
        s = explicit(mixing_matrix(m, d, d**-0.5, stream, torch.float64).numpy(), m, rng)
        labels = np.array([x[i] @ sources[k].teacher for i, k in enumerate(source_of_row)])
        for j, lam in enumerate(lams):
            student = s.T @ learner(root_weight * x @ s.T, lam) * root_weight.T

            def error(matrix):
                return np.trace(matrix.T @ test.covariance @ matrix)

            bias, total = error(student @ x @ test.teacher - test.teacher), error(student @ labels - test.teacher)
            expected = dict(bias=bias, variance=error(student * np.sqrt(noise)), shift=total - bias)
            for part, value in expected.items():
                assert getattr(samples, part)[t, j] == pytest.approx(value, rel=1e-8, abs=1e-8 * abs(total)), part


@pytest.mark.parametrize("n, m, p2", [(15, 40, 0.4), (60, 20, 0.1)])
def test_mixture_of_a_pair_simulates_the_same_problem(n, m, p2):
    setting, lam = small(30, p2), np.array([1e-3, 1.0])
    one = simulate.projection(setting, n, m, lam, TRIALS, seed=58)
    other = simulate.mixture(Source.pair(setting), n, lam, TRIALS, seed=59, m=m)
    for part in PARTS:
        gap = getattr(one.mean, part) - getattr(other.mean, part)
        z = gap / np.hypot(getattr(one.stderr, part), getattr(other.stderr, part))
        assert np.abs(z).max() < BOUND, part
