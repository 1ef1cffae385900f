"""What a right Theorem 2 must satisfy: reductions, invariances, limits, and what a larger model or more rows can do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collapse import Setting

from .strategies import assert_same, powers_of_ten, problems, properties, ridges, rows, scales, shares, shuffled_with_zeros
from .test_properties import rotation, three_sources

PARTS = ("bias", "variance", "shift")
sizes = st.one_of(st.floats(0.3, 40), powers_of_ten(2, 8))
ROUNDING = 1e-10


def not_larger(values, relative=ROUNDING):
    """No entry along the first axis exceeds the one before it, up to rounding."""
    return (values[1:] <= values[:-1] * (1 + relative)).all()


# Reductions


@pytest.mark.proves("thm-projection-mixture")
@given(setting=problems(p2=shares), n=rows, m=sizes, lam=ridges)
@properties
def test_mixture_of_a_pair_is_theorem_2(theory, setting, n, m, lam):
    expected = theory.projection(setting, n, m, lam)
    assert_same(theory.mixture(theory.Source.pair(setting), n, lam, m=m), expected, relative=1e-7)


@pytest.mark.proves("thm-projection-mixture", "cor-projection-ridgeless")
@given(setting=problems(p2=shares), one=st.floats(0.1, 0.85), other=st.floats(0.1, 0.85), order=st.permutations("nmd"))
@properties
def test_mixture_of_a_pair_is_theorem_2_without_a_ridge(theory, setting, one, other, order):
    """In each order of n, m and d, with steps of at least 1/0.85 between them."""
    size = dict(zip(order, (one * other, other, 1.0)))
    n, m = (setting.d * size[name] / size["d"] for name in "nm")
    expected = theory.projection(setting, n, m, 0.0)
    assert_same(theory.mixture(theory.Source.pair(setting), n, 0.0, m=m), expected, relative=1e-6)


@pytest.mark.proves("prop-projection-limit", "thm-projection-mixture")
@given(setting=problems(), seed=st.integers(0, 99), n=rows, mu=ridges)
@properties
def test_mixture_without_projections_is_the_limit_of_large_models(theory, setting, seed, n, mu):
    sources, test = three_sources(theory, setting, seed)
    limit = theory.mixture(sources, n, mu, test=test)
    m = max(n, setting.d) * np.array([1e4, 1e5])
    risk = theory.mixture(sources, n, mu * m / setting.d, test=test, m=m)
    for part in PARTS:
        far, near = getattr(risk, part) - getattr(limit, part)
        assert near == pytest.approx(far / 10, rel=0.02, abs=1e-8 * (limit.bias + limit.variance + abs(limit.shift)))


@pytest.mark.proves("thm-projection-mixture")
@given(setting=problems(), seed=st.integers(0, 99), n=rows, m=sizes, lam=ridges)
@properties
def test_a_source_may_be_split_in_two(theory, setting, seed, n, m, lam):
    whole, test = three_sources(theory, setting, seed)
    halves, _ = three_sources(theory, setting, seed, split=True)
    assert_same(theory.mixture(halves, n, lam, test=test, m=m), theory.mixture(whole, n, lam, test=test, m=m))


@given(setting=problems(), n=rows, m=sizes, lam=ridges)
@properties
def test_without_synthetic_rows_there_is_no_shift(theory, setting, n, m, lam):
    clean, same = setting.replace(p2=0.0), setting.replace(shift=np.zeros(setting.d))
    assert theory.projection(clean, n, m, lam).shift == 0
    assert theory.projection(same, n, m, lam).shift == 0
    assert theory.projection(clean, n, m, lam).bias == theory.projection(same, n, m, lam).bias


# Invariances


@given(setting=problems(), n=rows, m=sizes, lam=ridges, scale=scales)
@properties
def test_units_of_x_and_y(theory, setting, n, m, lam, scale):
    expected = theory.projection(setting, n, m, lam)
    x = setting.replace(spectrum=scale * setting.spectrum, teacher=setting.teacher / scale, shift=setting.shift / scale)
    y = setting.replace(
        teacher=scale * setting.teacher, shift=scale * setting.shift, noise=tuple(scale * np.array(setting.noise))
    )
    assert_same(theory.projection(x, n, m, scale * lam), expected)
    for part in PARTS:
        assert getattr(theory.projection(y, n, m, lam), part) == pytest.approx(scale * getattr(expected, part), rel=1e-8)


@given(setting=problems(), seed=st.integers(0, 99), n=rows, m=sizes, lam=ridges)
@properties
def test_order_of_the_spectrum_and_directions_that_never_vary(theory, setting, seed, n, m, lam):
    """The entries of S have variance 1/d: what never varies counts in d alone, as a smaller S and so a smaller ridge."""
    shuffled = shuffled_with_zeros(setting, seed)
    expected = theory.projection(setting, n, m, lam)
    assert_same(theory.projection(shuffled, n, m, lam * setting.d / (setting.d + 2)), expected)


@given(setting=problems(), n=rows, m=sizes, lam=ridges, other=st.floats(0, 10), factor=scales)
@properties
def test_shift_part_is_linear_in_delta(theory, setting, n, m, lam, other, factor):
    def shift_part(delta):
        return theory.projection(setting.replace(shift=delta), n, m, lam).shift

    second = other * setting.shift[::-1]
    assert shift_part(setting.shift + second) == pytest.approx(shift_part(setting.shift) + shift_part(second), rel=1e-8)
    scaled = theory.projection(setting, n, m, lam).scale_shift(factor)
    assert_same(scaled, theory.projection(setting.replace(shift=factor * setting.shift), n, m, lam))


@given(setting=problems(), seed=st.integers(0, 99), n=rows, m=sizes, lam=ridges, scale=scales)
@properties
def test_rotations_and_weights_of_a_mixture(theory, setting, seed, n, m, lam, scale):
    sources, test = three_sources(theory, setting, seed)
    expected = theory.mixture(sources, n, lam, test=test, m=m)
    turned, turned_test = three_sources(theory, setting, seed, turn=rotation(setting.d, seed + 7))
    assert_same(theory.mixture(turned, n, lam, test=turned_test, m=m), expected)
    heavier = [theory.Source(s.covariance, s.teacher, s.noise, s.share, scale * s.weight) for s in sources]
    assert_same(theory.mixture(heavier, n, scale * lam, test=test, m=m), expected)


# Limits


@given(setting=problems(), one=st.floats(0.1, 0.85), other=st.floats(0.1, 0.85), order=st.permutations("nmd"))
@properties
def test_no_ridge_is_the_limit_of_a_small_ridge(theory, setting, one, other, order):
    size = dict(zip(order, (one * other, other, 1.0)))
    n, m = (setting.d * size[name] / size["d"] for name in "nm")
    limit = theory.projection(setting, n, m, 0.0)
    risk = theory.projection(setting, n, m, setting.spectrum.min() * m / setting.d * np.array([1e-6, 1e-9]))
    for part in PARTS:
        far, near = np.abs(getattr(risk, part) - getattr(limit, part))
        assert near <= 1e-3 * far * 1.01 + 1e-12 * limit.total


@given(setting=problems(), n=rows, m=rows)
@properties
def test_too_much_ridge_or_too_small_a_model_predicts_nothing(theory, setting, n, m):
    for risk in (theory.projection(setting, n, m, 1e13), theory.projection(setting, n, 1e-10, 0.0)):
        assert risk.bias == pytest.approx(setting.r2, rel=1e-8, abs=1e-30)
        assert risk.variance + risk.shift <= 1e-7 * (max(setting.noise) + setting.c2)


@pytest.mark.proves("thm-projection")
@given(setting=problems(), m=rows, lam=ridges)
@properties
def test_many_rows_leave_the_projections_and_the_drift(theory, setting, m, lam):
    """n -> infinity: no variance; teacher and shift are learned to the share that m projections at that ridge allow."""
    s, p2 = setting.spectrum, setting.p2
    kappa = theory.fixed_point(s, m, lam * setting.d / m)
    learned, missed = s / (s + kappa), kappa / (s + kappa)
    scatter = np.sum(learned * missed) / (m - np.sum(learned**2))
    risk = theory.projection(setting, 1e14, m, lam)
    bias = np.sum(setting.teacher * s * (missed**2 + scatter * learned * missed))
    drift = p2**2 * np.sum(setting.shift * s * (learned**2 + scatter * learned * missed))
    assert risk.bias == pytest.approx(bias, rel=1e-7)
    assert risk.shift == pytest.approx(drift, rel=1e-7)
    assert risk.variance <= 1e-8 * max(setting.noise)


# What a larger model, and what more rows, can do


@pytest.mark.proves("prop-size-beyond")
@given(setting=problems().filter(lambda setting: setting.d >= 2), share=st.floats(0.05, 0.95))
@properties
def test_ridgeless_beyond_the_threshold_every_part_falls_with_m(theory, setting, share):
    n = share * setting.d
    risk = theory.projection(setting, n, n * np.r_[1 + np.logspace(-3, 8, 60), np.inf], 0.0)
    for part in PARTS:
        assert not_larger(getattr(risk, part)), part
    assert risk.variance[0] > risk.variance[-1] > 0


@pytest.mark.proves("prop-size-below")
@given(setting=problems(p2=shares), n=rows)
@properties
def test_ridgeless_shift_grows_with_m_up_to_half_of_n(theory, setting, n):
    shift = theory.projection(setting, n, n / 2 * np.linspace(0.01, 1, 60), 0.0).shift
    assert not_larger(shift[::-1])
    assert setting.c2 == 0 or shift[-1] > shift[0]


@pytest.mark.proves("prop-size-tuned")
@given(setting=problems(), n=rows, factors=st.lists(st.floats(1, 3), min_size=6, max_size=6))
@properties
def test_with_the_best_ridge_a_larger_model_is_never_worse(theory, setting, n, factors):
    m = 0.3 * np.cumprod(factors)
    errors = theory.best_ridge(setting, n, m)[1].total
    assert not_larger(errors, 1e-7)
    assert theory.best_ridge(setting, n)[1].total <= errors[-1] * (1 + 1e-7)


@pytest.mark.proves("prop-size-tuned")
@given(setting=problems(), m=sizes, factors=st.lists(st.floats(1, 3), min_size=6, max_size=6))
@properties
def test_with_the_best_ridge_more_rows_are_never_worse(theory, setting, m, factors):
    assert not_larger(theory.best_ridge(setting, 0.3 * np.cumprod(factors), m)[1].total, 1e-7)


@pytest.mark.proves("prop-size-tuned")
@given(setting=problems(), n=rows, m=sizes)
@properties
def test_no_ridge_beats_the_best(theory, setting, n, m):
    """Over the range that is searched, which ends at kappa = 1e6 times the largest eigenvalue, lam = kappa m/d."""
    lam, best = theory.best_ridge(setting, n, m)
    others = np.r_[0, m / setting.d * setting.spectrum.max() * np.logspace(-12, 5, 400)]
    assert (theory.projection(setting, n, m, others).total >= best.total * (1 - 1e-9)).all()
    assert_same(theory.projection(setting, n, m, lam), best, relative=1e-6)


@pytest.mark.parametrize("m", [None, 6, 9.5])
def test_without_noise_and_with_enough_of_everything_no_ridge_is_the_best(theory, m):
    clean = Setting.power_law(6, 0.0, 0.5, noise=0.0, beta=1.5, r=2.0)
    lam, risk = theory.best_ridge(clean, 8, m)
    assert lam == 0 and risk.total == 0


@given(setting=problems(), n=rows, lam=st.one_of(st.just(0.0), ridges))
@properties
def test_no_size_beats_the_best(theory, setting, n, lam):
    m, best = theory.best_size(setting, n, lam)
    others = np.r_[np.logspace(0, 8, 400), np.arange(1, 41), np.inf]
    assert m >= 1
    assert (theory.projection(setting, n, others, lam).total >= best.total * (1 - 1e-9)).all()
    if np.isfinite(best.total):  # without a ridge and with n = d = 1 every size diverges
        assert_same(theory.projection(setting, n, m, lam), best, relative=1e-6)


# Arrays


def test_broadcasting_is_a_loop(theory):
    p2 = np.array([0.0, 0.3, 1.0])[:, None, None, None]
    n, m = np.array([3.0, 20.0, 1e4])[:, None, None], np.array([2.0, 8.0, 50.0, np.inf])[:, None]
    lam = np.array([0.0, 1e-8, 1e-2, 1e3])
    setting = Setting.power_law(9, p2, 0.5, noise=(0.3, 0.1), beta=1.4, r=1.8)
    table = theory.projection(setting, n, m, lam)
    best_lam, best = theory.best_ridge(setting, n, m[:3])
    best_m, smallest = theory.best_size(setting, n, lam[1:])
    height = theory.peak(setting, [[[3.0]], [[8.5]]], lam[1:])
    assert (table.total.shape, best_lam.shape, best_m.shape) == ((3, 3, 4, 4), (3, 3, 3, 1), (3, 3, 1, 3))
    for i, share in enumerate(p2.ravel()):
        single = setting.replace(p2=share)
        for j, k, ridge in np.ndindex(3, 4, 4):
            expected = theory.projection(single, n[j, 0, 0], m[k, 0], lam[ridge])
            for part in PARTS:
                np.testing.assert_allclose(getattr(table, part)[i, j, k, ridge], getattr(expected, part), rtol=1e-10)
        for j, k in np.ndindex(3, 3):
            tuned = theory.best_ridge(single, n[j, 0, 0], m[k, 0])[1]
            np.testing.assert_allclose(best.total[i, j, k, 0], tuned.total, rtol=1e-10)
            sized = theory.best_size(single, n[j, 0, 0], lam[1 + k])[1]
            np.testing.assert_allclose(smallest.total[i, j, 0, k], sized.total, rtol=1e-9)
        for j, k in np.ndindex(2, 3):
            expected = theory.peak(single, (3.0, 8.5)[j], lam[1 + k])
            np.testing.assert_allclose(height.total[i, j, 0, k], expected.total, rtol=1e-10)


def test_broadcasting_of_mixtures_is_a_loop(theory):
    sources, test = three_sources(theory, Setting.power_law(5, 0.5, 0.5, noise=0.1, beta=1.0, r=1.5), seed=1)
    n, m, lam = np.array([2.0, 9.0])[:, None, None], np.array([3.0, 20.0, np.inf])[:, None], np.array([0.0, 0.1])
    table = theory.mixture(sources, n, lam, test=test, m=m)
    assert table.total.shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        expected = theory.mixture(sources, n[i, 0, 0], lam[k], test=test, m=m[j, 0])
        for part in PARTS:
            np.testing.assert_allclose(getattr(table, part)[i, j, k], getattr(expected, part), rtol=1e-10, atol=1e-14)
