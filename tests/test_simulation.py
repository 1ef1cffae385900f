"""The simulation does what it says: exact expectations given the inputs, on reproducible designs."""

import importlib

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from collapse import Setting, simulate
from collapse.simulate.estimate import generator
from collapse.theory import Source, Target

from .zscores import BOUND, PARTS, TRIALS

LAM = np.array([0.0, 1e-3, 1.0])
P2 = np.array([0.0, 0.3, 0.5, 1.0])[:, None]


def small(d, p2=P2):
    return Setting.power_law(d, p2, 0.7, noise=(0.5, 0.2), beta=1.0, r=1.5, q=0.5)


def designs(setting, n, trials, seed, dtype=torch.float64):
    """The same inputs that simulate.ridge draws, (trials, n, d)."""
    stream = generator(seed, (n,), "cpu")
    z = [torch.randn(n, setting.d, generator=stream, dtype=dtype).double().numpy() for _ in range(trials)]
    return np.array(z) * np.sqrt(setting.spectrum)


def learner(x, lam):
    """The matrix A of the student A y, by least squares on n rows and d rows of sqrt(lam) I: no eigenbasis, no dual."""
    n, d = x.shape
    if lam == 0:
        return np.linalg.pinv(x)
    rows = np.vstack([x / np.sqrt(n), np.sqrt(lam) * np.eye(d)])
    return np.linalg.lstsq(rows, np.vstack([np.eye(n) / np.sqrt(n), np.zeros((d, n))]), rcond=None)[0]


def exact_parts(x, setting, p2, lam):
    """Bias, variance and shift on inputs x, from the student's matrix."""
    n, d = x.shape
    synthetic = np.arange(n) >= round((1 - p2) * n)
    a = learner(x, lam)

    def error(matrix, weights):
        return np.sum(setting.spectrum[:, None] * matrix**2 * weights)

    noise = np.where(synthetic, setting.noise[1], setting.noise[0])
    drifted = a @ (synthetic[:, None] * x)
    return error(a @ x - np.eye(d), setting.teacher), error(a, noise), error(drifted, setting.shift)


@pytest.mark.parametrize("dtype, accuracy", [(torch.float64, 1e-8), (torch.float32, 1e-2)], ids=["float64", "float32"])
@pytest.mark.parametrize("d, n", [(5, 9), (5, 7), (7, 5), (9, 5), (6, 2), (1, 6)])
def test_each_trial_is_an_exact_expectation(d, n, dtype, accuracy):
    """Primal and dual, every lam and share at once, against one least-squares problem for each of them."""
    setting, trials = small(d), 3
    samples = simulate.ridge(setting, n, LAM, trials, seed=11, dtype=dtype).samples
    for t, x in enumerate(designs(setting, n, trials, 11, dtype)):
        for i, j in np.ndindex(len(P2), len(LAM)):
            expected = exact_parts(x, setting, P2[i, 0], LAM[j])
            for part, value in zip(PARTS, expected):
                error = abs(getattr(samples, part)[t, i, j] - value)
                assert error <= accuracy * sum(expected), (part, t, i, j)


@pytest.mark.proves("def-setting")
@pytest.mark.parametrize("n", [4, 10])
def test_explicit_data_sets_have_the_error_of_the_setting(n):
    """Teachers, shifts and labels drawn one by one as the definition says, on one design."""
    setting, lam, draws = small(6, p2=0.4), 0.1, 200
    simulated = simulate.ridge(setting, n, lam, trials=1, seed=12).samples.total[0]
    x = designs(setting, n, 1, 12)[0]
    synthetic = np.arange(n) >= n - round(0.4 * n)
    rng = np.random.default_rng(13)
    shape = (TRIALS, draws, setting.d)
    w1 = rng.standard_normal(shape) * np.sqrt(setting.teacher)
    w2 = w1 + rng.standard_normal(shape) * np.sqrt(setting.shift)
    noise = rng.standard_normal((TRIALS, draws, n)) * np.sqrt(np.where(synthetic, setting.noise[1], setting.noise[0]))
    y = np.where(synthetic, w2 @ x.T, w1 @ x.T) + noise
    student = np.linalg.solve(x.T @ x / n + lam * np.eye(setting.d), x.T @ y[..., None] / n)[..., 0]
    errors = ((student - w1) ** 2 @ setting.spectrum).mean(axis=1)
    assert abs(errors.mean() - simulated) / (errors.std(ddof=1) / np.sqrt(TRIALS)) < BOUND


@pytest.mark.proves("def-quality")
@pytest.mark.parametrize("q", [0.0, 0.5, 3.0])
def test_quality_is_the_error_of_the_labeller(q):
    """c2 = tr(Sigma Delta) = E (x.delta)^2, and r2 = E (x.w1)^2, from draws of x, delta and w1."""
    setting = Setting.power_law(20, 0.5, 0.7, noise=0.1, beta=1.2, r=1.7, q=q, r2=1.3)
    assert setting.c2 == pytest.approx(0.7, rel=1e-12) and setting.r2 == pytest.approx(1.3, rel=1e-12)
    rng = np.random.default_rng(14)
    x, delta, w1 = (
        rng.standard_normal((TRIALS, 500, setting.d)) * np.sqrt(scale)
        for scale in (setting.spectrum, setting.shift, setting.teacher)
    )
    for vector, expected in ((delta, 0.7), (w1, 1.3)):
        batches = ((x * vector).sum(axis=2) ** 2).mean(axis=1)
        assert abs(batches.mean() - expected) / (batches.std(ddof=1) / np.sqrt(TRIALS)) < BOUND


@pytest.mark.proves("def-quality")
def test_natural_shift_is_the_error_of_least_squares():
    """A labeller fitted by least squares on n0 real rows has Delta = sigma^2 Sigma^-1/(n0 - d - 1), the form q = 0."""
    d, n0, noise = 5, 12, 0.3
    setting = Setting.power_law(d, 0.5, noise * d / (n0 - d - 1), noise=noise, beta=1.0, r=1.5)
    rng = np.random.default_rng(15)
    x = rng.standard_normal((TRIALS, 400, n0, d)) * np.sqrt(setting.spectrum)
    delta = (np.linalg.pinv(x) @ rng.standard_normal((TRIALS, 400, n0, 1)))[..., 0] * np.sqrt(noise)
    batches = (delta**2).mean(axis=1)
    z = (batches.mean(axis=0) - setting.shift) / (batches.std(axis=0, ddof=1) / np.sqrt(TRIALS))
    assert np.abs(z).max() < BOUND


# Reproducible, whatever is asked at once


def same(one, other, rtol=1e-9):
    for part in PARTS:
        np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=rtol, atol=1e-13)


@pytest.mark.parametrize("n", [6, 14])
def test_points_asked_together_are_points_asked_one_by_one(n):
    setting = small(9)
    sizes = np.array([n, 2 * n])[:, None, None]
    table = simulate.ridge(setting, sizes, LAM[1:], 4, seed=16).samples
    assert table.total.shape == (4, 2, len(P2), 2)
    for k, i, j in np.ndindex(2, len(P2), 2):
        single = simulate.ridge(setting.replace(p2=P2[i, 0]), sizes[k, 0, 0], LAM[1 + j], 4, seed=16).samples
        for part in PARTS:
            np.testing.assert_allclose(getattr(table, part)[:, k, i, j], getattr(single, part), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("n", [6, 14])
def test_same_seed_same_designs_whatever_the_batch(monkeypatch, n):
    first = simulate.ridge(small(9), n, LAM, 5, seed=17).samples
    again = simulate.ridge(small(9), n, LAM, 5, seed=17).samples
    np.testing.assert_array_equal(first.total, again.total)
    monkeypatch.setattr(importlib.import_module("collapse.simulate.designs"), "BATCH_DOUBLES", {"cpu": 2 * n * 9})
    same(simulate.ridge(small(9), n, LAM, 5, seed=17).samples, first)
    more = simulate.ridge(small(9), n, LAM, 8, seed=17).samples
    np.testing.assert_allclose(more.total[:5], first.total, rtol=1e-9)


def test_other_seeds_and_other_trials_are_other_designs():
    totals = [simulate.ridge(small(9, 0.5), 6, 0.1, 4, seed=seed).samples.total for seed in (18, 19)]
    assert len(np.unique(np.concatenate(totals))) == 8


def test_rows_are_the_rounded_share():
    one = simulate.ridge(small(5, 0.3), 9, 0.1, 3, seed=20).samples  # 2.7 synthetic rows become 3
    same(one, simulate.ridge(small(5, 3 / 9), 9, 0.1, 3, seed=20).samples)


@pytest.mark.parametrize("n", [6, 14])
def test_shift_can_be_scaled_afterwards(n):
    setting = small(9)
    stronger = setting.replace(shift=4 * setting.shift)
    estimate = simulate.ridge(setting, n, LAM, 3, seed=21).scale_shift(4)
    same(estimate.samples, simulate.ridge(stronger, n, LAM, 3, seed=21).samples)


def test_mean_and_standard_error_are_over_designs():
    estimate = simulate.ridge(small(9), 14, LAM, 6, seed=22)
    assert estimate.trials == 6
    for part in PARTS:
        values = getattr(estimate.samples, part)
        np.testing.assert_allclose(getattr(estimate.mean, part), values.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(getattr(estimate.stderr, part), values.std(axis=0, ddof=1) / np.sqrt(6), rtol=1e-12)


def test_directions_that_never_vary_are_never_seen():
    setting = small(5)
    arrays = {name: np.r_[getattr(setting, name), 0.0, 0.0] for name in ("spectrum", "teacher", "shift")}
    padded = simulate.ridge(setting.replace(**arrays), 8, LAM, 3, seed=23)
    same(padded.samples, simulate.ridge(setting, 8, LAM, 3, seed=23).samples)


# Mixtures


def three_sources(d):
    rng = np.random.default_rng(24)
    covariances = [np.cov(rng.standard_normal((d, 3 * d))) for _ in range(4)]
    teachers = rng.standard_normal((4, d, 2))
    settings = zip(covariances, teachers, (0.5, 0.1, 0.3), (0.5, 0.25, 0.25), (1.0, 0.3, 2.0))
    return [Source(*values) for values in settings], Target(covariances[3], teachers[3])


@pytest.mark.parametrize("n", [4, 8, 20])
def test_each_trial_of_a_mixture_is_an_exact_expectation(n):
    d, lams, trials = 6, [0.0, 1e-2, 1.0], 2
    sources, test = three_sources(d)
    samples = simulate.mixture(sources, n, lams, trials, seed=25, test=test).samples
    counts = [round(source.share * n) for source in sources]
    source_of_row = np.repeat(range(3), counts)
    stream = generator(25, (n,), "cpu")
    for t in range(trials):
        x = np.vstack(
            [
                torch.randn(count, d, generator=stream, dtype=torch.float64).numpy() @ sqrtm(source.covariance).real
                for count, source in zip(counts, sources)
            ]
        )
        root_weight = np.sqrt([sources[k].weight for k in source_of_row])[:, None]
        labels = np.array([x[i] @ sources[k].teacher for i, k in enumerate(source_of_row)])
        for j, lam in enumerate(lams):
            a = learner(root_weight * x, lam) * root_weight.T

            def error(matrix):
                return np.trace(matrix.T @ test.covariance @ matrix)

            bias, total = error(a @ x @ test.teacher - test.teacher), error(a @ labels - test.teacher)
            variance = error(a * np.sqrt([sources[k].noise for k in source_of_row]))
            expected = dict(bias=bias, variance=variance, shift=total - bias)
            for part, value in expected.items():
                assert getattr(samples, part)[t, j] == pytest.approx(value, rel=1e-8, abs=1e-8 * abs(total)), part


@pytest.mark.parametrize("n, p2", [(15, 0.4), (60, 0.4), (15, 0.1), (25, 0.1), (35, 0.3)])
def test_mixture_of_a_pair_simulates_the_same_problem(n, p2):
    """Also where p2 n ends in a half, which both must round the same way."""
    setting, lam = small(30, p2), np.array([1e-3, 1.0])
    one = simulate.ridge(setting, n, lam, TRIALS, seed=26)
    other = simulate.mixture(Source.pair(setting), n, lam, TRIALS, seed=27)
    for part in PARTS:
        gap = getattr(one.mean, part) - getattr(other.mean, part)
        z = gap / np.hypot(getattr(one.stderr, part), getattr(other.stderr, part))
        assert np.abs(z).max() < BOUND, part
