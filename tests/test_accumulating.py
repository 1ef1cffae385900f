"""Generations that replace or add data, and labels that are checked: exact formulas."""

import numpy as np
import pytest

from collapse import Setting, simulate

from .zscores import BOUND

GENERATIONS = {  # d, sizes, noise, fresh
    "equal sizes": (5, [12] * 6, 0.4, True),
    "the same inputs": (5, [12] * 6, 0.4, False),
    "growing, unequal noise": (4, [10, 5, 30, 2, 50], [0.3, 1.0, 0.1, 4.0, 0.2], True),
    "the same inputs, unequal noise": (4, [10] * 4, [0.3, 1.0, 0.1, 4.0], False),
    "shrinking": (10, [40, 20, 10, 5], 1.0, True),
    "one dimension": (1, [7, 3, 1], 0.5, True),
}


def comparisons():
    """Number of comparisons with simulation here: the generations, and the labels that are counted."""
    return sum(len(sizes) for _, sizes, _, _ in GENERATIONS.values()) + 1


@pytest.mark.proves("prop-generations")
@pytest.mark.parametrize("name", GENERATIONS)
def test_accumulated_generations(theory, name):
    d, sizes, noise, fresh = GENERATIONS[name]
    estimate = simulate.accumulate(d, sizes, noise, 8000 // d, seed=71, fresh=fresh)
    z = (estimate.mean.total - theory.accumulate(d, sizes, noise, fresh)) / estimate.stderr.total
    assert np.abs(z).max() < BOUND


@pytest.mark.proves("prop-generations")
def test_replacing_is_iterating_without_real_rows(theory):
    """Rounds without real rows, from the truth on, are generations, exactly: V at each, and nothing is forgotten."""
    setting = Setting.isotropic(6, 1.0, 0.5, noise=0.3)
    step = theory.ridgeless_exact(setting, 20)
    assert step.shift == pytest.approx(setting.c2, rel=1e-12)
    np.testing.assert_allclose(theory.replace(6, 20, 0.3, 5), step.variance * np.arange(1, 6), rtol=1e-12)


def test_one_generation_is_least_squares_on_real_rows(theory):
    one = theory.ridgeless_exact(Setting.isotropic(6, 0.0, 0.5, noise=0.3), 20).total
    for errors in (
        theory.replace(6, 20, 0.3, 1),
        theory.accumulate(6, [20], 0.3),
        theory.accumulate(6, [20], 0.3, fresh=False),
    ):
        np.testing.assert_allclose(errors, [one], rtol=1e-12)


def test_published_numbers(theory):
    """d = 20, T = 60, eight generations: the same inputs .7833, as published, and fresh ones .7154."""
    assert theory.accumulate(20, [60] * 8, 1.0, fresh=False)[-1] == pytest.approx(0.7833, abs=5e-5)
    assert theory.accumulate(20, [60] * 8, 1.0)[-1] == pytest.approx(0.7154, abs=5e-5)


@pytest.mark.proves("prop-generations")
def test_the_same_inputs_add_at_most_two_thirds(theory):
    """sum 1/j^2 tends to pi^2/6; what is missing after i generations is between 1/(i + 1) and 1/i."""
    errors = theory.accumulate(20, [60] * 2000, 1.0, fresh=False)
    missing = np.pi**2 / 6 - errors / errors[0]
    i = np.arange(1, 2001)
    assert (missing > 1 / (i + 1)).all() and (missing < 1 / i).all()


@pytest.mark.proves("prop-generations")
@pytest.mark.parametrize("growth", (0.01, 0.5, 1.0, 3.0))
def test_geometric_growth(theory, growth):
    """With many rows the error tends to 1 + 1/(1 + growth) times that of the first generation."""
    sizes = [1e12]
    for _ in range(3000 if growth < 0.1 else 200):
        sizes.append(max(1.0, np.round(growth * sum(sizes))) if sum(sizes) < 1e60 else 1e60)
    errors = theory.accumulate(10, sizes, 1.0)
    assert errors[-1] / errors[0] == pytest.approx(1 + 1 / (1 + growth), rel=1e-6)


@pytest.mark.proves("prop-generations")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("d, first", ((10, 12), (10, 30), (1, 3), (10, 1_000_000)))
def test_no_schedule_more_than_doubles_the_error(theory, seed, d, first):
    """From d + 2 rows on, the differences 1/(N - d - 1) telescope."""
    rng = np.random.default_rng(seed)
    sizes = np.ceil(np.exp(rng.uniform(0, 12, (100, 50))))
    sizes[0] = first
    errors = theory.accumulate(d, sizes, 0.7)
    assert (np.diff(errors, axis=0) > 0).all() and (errors[-1] < 2 * errors[0]).all()
    single = theory.accumulate(d, np.r_[first, np.ones(1000)], 0.7)
    assert single[-1] < 2 * single[0]


def test_schedules_stand_side_by_side(theory):
    sizes = np.stack([np.full(7, 30), np.arange(30, 37)], axis=1)
    errors = theory.accumulate(5, sizes, 0.4)
    assert errors.shape == (7, 2)
    for k in (0, 1):
        np.testing.assert_array_equal(errors[:, k], theory.accumulate(5, sizes[:, k], 0.4))
    assert theory.replace(5, [20, 30], [[0.1], [0.2]], 4).shape == (4, 2, 2)


@pytest.mark.proves("prop-breakdown")
@pytest.mark.parametrize("keep_right, keep_wrong", ((0.9, 0.3), (0.5, 0.5), (0.2, 0.8), (1.0, 0.0)))
def test_most_kept_labels_are_right_below_the_breakdown(theory, keep_right, keep_wrong):
    p = theory.breakdown(keep_right, keep_wrong)
    assert p == pytest.approx(1 / (1 + keep_wrong / keep_right), rel=1e-14)
    if keep_wrong > 0:
        assert theory.kept(p, keep_right, keep_wrong) == pytest.approx(0.5, rel=1e-12)
        assert theory.kept(p - 1e-6, keep_right, keep_wrong) > 0.5 > theory.kept(p + 1e-6, keep_right, keep_wrong)


@pytest.mark.proves("prop-breakdown")
def test_kept_labels_are_counted(theory):
    """A million labels, checked one by one."""
    rng = np.random.default_rng(72)
    wrong = rng.random(1_000_000) < 0.7
    keep = rng.random(wrong.size) < np.where(wrong, 0.2, 0.6)
    share = theory.kept(0.7, 0.6, 0.2)
    spread = np.sqrt(share * (1 - share) / keep.sum())
    assert abs((~wrong[keep]).mean() - share) < BOUND * spread
