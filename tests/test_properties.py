"""What every right formula must satisfy: reductions, invariances, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collapse import Setting

from .strategies import assert_same, powers_of_ten, problems, properties, ridges, rows, scales, shares, shuffled_with_zeros


def factors(setting):
    """Factors of the two teachers, w1 = W1 g and w2 = W2 g with one g."""
    gamma, delta = np.diag(np.sqrt(setting.teacher)), np.diag(np.sqrt(setting.shift))
    return np.hstack([gamma, 0 * delta]), np.hstack([gamma, delta])


def rotation(d, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def three_sources(theory, setting, seed, turn=None, split=False):
    """Three sources that differ in everything, and a test distribution; all turned by ``turn``."""
    rng = np.random.default_rng(seed)
    d = setting.d
    turn = np.eye(d) if turn is None else turn
    own = [rotation(d, seed + k) for k in range(3)]
    covariances = [turn @ basis @ np.diag(setting.spectrum) @ basis.T @ turn.T for basis in own]
    teachers = [turn @ rng.standard_normal((d, 2)) for _ in range(3)]
    share, noise, weight = (0.5, 0.3, 0.2), (0.1, 0.4, 0.2), (1.0, 0.3, 2.0)
    sources = [theory.Source((c + c.T) / 2, *rest) for c, *rest in zip(covariances, teachers, noise, share, weight)]
    if split:
        last = sources.pop()
        for part in (0.25, 0.75):
            sources.append(theory.Source(last.covariance, last.teacher, last.noise, part * last.share, last.weight))
    return sources, theory.Target(turn @ turn.T, turn @ rng.standard_normal((d, 2)))


# Reductions


@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_without_synthetic_rows_it_is_classical_ridge(theory, setting, n, lam):
    s, kappa = setting.spectrum, theory.fixed_point(setting.spectrum, n, lam)
    u = np.sum((s / (s + kappa)) ** 2) / n
    risk = theory.ridge(setting.replace(p2=0.0), n, lam)
    assert risk.bias == pytest.approx(np.sum(setting.teacher * s * (kappa / (s + kappa)) ** 2) / (1 - u), rel=1e-8)
    assert risk.variance == pytest.approx(setting.noise[0] * u / (1 - u), rel=1e-8)
    assert risk.shift == 0


@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_with_synthetic_rows_only_it_is_a_clean_problem_measured_against_w1(theory, setting, n, lam):
    """One source with teacher w2, so no label inconsistency: only the drift of the teacher is left."""
    real, synthetic = factors(setting)
    covariance = np.diag(setting.spectrum)
    clean = theory.Source(covariance, synthetic, setting.noise[1], 1.0)
    expected = theory.mixture([clean], n, lam, test=theory.Target(covariance, real))
    assert_same(theory.ridge(setting.replace(p2=1.0), n, lam), expected)


@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_one_source_is_classical_ridge(theory, setting, n, lam):
    only = theory.Source(np.diag(setting.spectrum), np.diag(np.sqrt(setting.teacher)), setting.noise[0], 1.0)
    assert_same(theory.mixture([only], n, lam), theory.ridge(setting.replace(p2=0.0), n, lam))


@given(setting=problems(p2=shares), n=rows, lam=ridges)
@properties
def test_mixture_of_a_pair_is_theorem_1(theory, setting, n, lam):
    assert_same(theory.mixture(theory.Source.pair(setting), n, lam), theory.ridge(setting, n, lam))


@given(setting=problems(p2=shares), n=rows)
@properties
def test_mixture_of_a_pair_is_theorem_1_without_a_ridge(theory, setting, n):
    n = n if abs(n - setting.d) > 0.3 else n + 0.6
    assert_same(theory.mixture(theory.Source.pair(setting), n, 0.0), theory.ridge(setting, n, 0.0), relative=1e-6)


@given(setting=problems(p2=shares), n=rows, lam=ridges)
@properties
def test_sources_with_the_same_law_are_one_source(theory, setting, n, lam):
    """A shift of zero and equal noises: the split into real and synthetic rows is in name only."""
    same = setting.replace(shift=np.zeros(setting.d), noise=(setting.noise[0],) * 2)
    assert_same(theory.mixture(theory.Source.pair(same), n, lam), theory.ridge(same.replace(p2=0.0), n, lam))


@given(setting=problems(), seed=st.integers(0, 99), n=rows, lam=ridges)
@properties
def test_a_source_may_be_split_in_two(theory, setting, seed, n, lam):
    whole, test = three_sources(theory, setting, seed)
    halves, _ = three_sources(theory, setting, seed, split=True)
    assert_same(theory.mixture(halves, n, lam, test=test), theory.mixture(whole, n, lam, test=test))


@given(setting=problems(), seed=st.integers(0, 99), n=rows, lam=ridges, order=st.permutations(range(3)))
@properties
def test_sources_may_come_in_any_order(theory, setting, seed, n, lam, order):
    sources, test = three_sources(theory, setting, seed)
    shuffled = [sources[k] for k in order]
    assert_same(theory.mixture(shuffled, n, lam, test=test), theory.mixture(sources, n, lam, test=test))


# Invariances


@given(setting=problems(), n=rows, lam=ridges, scale=scales)
@properties
def test_units_of_x_do_not_matter(theory, setting, n, lam, scale):
    scaled = setting.replace(spectrum=scale * setting.spectrum, teacher=setting.teacher / scale, shift=setting.shift / scale)
    assert_same(theory.ridge(scaled, n, scale * lam), theory.ridge(setting, n, lam))


@given(setting=problems(), n=rows, lam=ridges, scale=scales)
@properties
def test_units_of_y_multiply_the_error(theory, setting, n, lam, scale):
    scaled = setting.replace(
        teacher=scale * setting.teacher, shift=scale * setting.shift, noise=tuple(scale * np.array(setting.noise))
    )
    risk, expected = theory.ridge(scaled, n, lam), theory.ridge(setting, n, lam)
    for part in ("bias", "variance", "shift"):
        assert getattr(risk, part) == pytest.approx(scale * getattr(expected, part), rel=1e-8)


@given(setting=problems(), seed=st.integers(0, 99), n=rows, lam=ridges, scale=scales)
@properties
def test_weights_matter_only_next_to_lam(theory, setting, seed, n, lam, scale):
    sources, test = three_sources(theory, setting, seed)
    heavier = [theory.Source(s.covariance, s.teacher, s.noise, s.share, scale * s.weight) for s in sources]
    assert_same(theory.mixture(heavier, n, scale * lam, test=test), theory.mixture(sources, n, lam, test=test))


@given(setting=problems(), seed=st.integers(0, 99), n=rows, lam=ridges)
@properties
def test_a_rotation_of_everything_changes_nothing(theory, setting, seed, n, lam):
    sources, test = three_sources(theory, setting, seed)
    turned, turned_test = three_sources(theory, setting, seed, turn=rotation(setting.d, seed + 7))
    assert_same(theory.mixture(turned, n, lam, test=turned_test), theory.mixture(sources, n, lam, test=test))


@given(setting=problems(), seed=st.integers(0, 99), n=rows, lam=ridges)
@properties
def test_order_and_zeros_of_the_spectrum_do_not_matter(theory, setting, seed, n, lam):
    """Where inputs do not vary, teacher and shift are never seen."""
    shuffled = shuffled_with_zeros(setting, seed)
    assert_same(theory.ridge(shuffled, n, lam), theory.ridge(setting, n, lam))
    assert_same(theory.ridge(shuffled, n + setting.d, 0.0), theory.ridge(setting, n + setting.d, 0.0))


@given(setting=problems(), n=rows, lam=ridges, other=st.floats(0, 10), factor=scales)
@properties
def test_shift_part_is_linear_in_delta(theory, setting, n, lam, other, factor):
    def shift_part(delta):
        return theory.ridge(setting.replace(shift=delta), n, lam).shift

    second = other * setting.shift[::-1]
    assert shift_part(setting.shift + second) == pytest.approx(shift_part(setting.shift) + shift_part(second), rel=1e-8)
    scaled = theory.ridge(setting, n, lam).scale_shift(factor)
    assert_same(scaled, theory.ridge(setting.replace(shift=factor * setting.shift), n, lam))


@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_noises_enter_through_their_average_over_rows(theory, setting, n, lam):
    average = setting.p1 * setting.noise[0] + setting.p2 * setting.noise[1]
    assert_same(theory.ridge(setting, n, lam), theory.ridge(setting.replace(noise=(average, average)), n, lam))


@given(setting=problems(), n=rows, lam=ridges)
@properties
def test_total_is_the_sum_of_its_parts(theory, setting, n, lam):
    risk = theory.ridge(setting, n, lam)
    assert min(risk.bias, risk.variance, risk.shift) >= 0
    assert risk.total == risk.bias + risk.variance + risk.shift


# Limits


@given(setting=problems(), away=powers_of_ten(0, 2), fewer=st.booleans())
@properties
def test_no_ridge_is_the_limit_of_a_small_ridge(theory, setting, away, fewer):
    n = setting.d / (1 + away) if fewer else setting.d * (1 + away)
    limit = theory.ridge(setting, n, 0.0)
    errors = []
    for lam in (1e-6, 1e-9):
        risk = theory.ridge(setting, n, lam * setting.spectrum.min())
        errors.append(max(abs(getattr(risk, part) - getattr(limit, part)) for part in ("bias", "variance", "shift")))
    assert errors[1] <= 1e-3 * errors[0] * 1.01 + 1e-13 * limit.total


@given(setting=problems(), n=rows)
@properties
def test_too_much_ridge_predicts_nothing(theory, setting, n):
    risk = theory.ridge(setting, n, 1e12)
    assert risk.bias == pytest.approx(setting.r2, rel=1e-8)
    assert risk.variance + risk.shift <= 1e-8


@given(setting=problems(), lam=ridges)
@properties
def test_many_rows_leave_the_ridge_and_the_drift(theory, setting, lam):
    """n -> infinity at fixed lam: kappa = lam, no variance, and the shift enters through p2^2."""
    s = setting.spectrum
    risk = theory.ridge(setting, 1e14, lam)
    assert risk.bias == pytest.approx(np.sum(setting.teacher * s * (lam / (s + lam)) ** 2), rel=1e-8)
    assert risk.shift == pytest.approx(setting.p2**2 * np.sum(setting.shift * s * (s / (s + lam)) ** 2), rel=1e-8)
    assert risk.variance <= 1e-8 * max(setting.noise)


@pytest.mark.proves("prop-overparameterised")
@given(d=st.integers(2, 60), share=st.floats(0.02, 0.98), p2=st.floats(0, 1), c2=st.floats(0, 4), r2=st.floats(0, 4))
@properties
def test_interpolation_of_isotropic_data(theory, d, share, p2, c2, r2):
    """phi > 1, lam = 0: (1 - 1/phi) r2, sigma^2/(phi - 1), c2 p2 (1 - p2/phi)/(phi - 1)."""
    setting = Setting.isotropic(d, p2, c2, noise=(0.5, 0.2), r2=r2)
    phi = 1 / share
    risk = theory.ridge(setting, share * d, 0.0)
    assert risk.bias == pytest.approx((1 - 1 / phi) * r2, rel=1e-9)
    assert risk.variance == pytest.approx((0.5 * (1 - p2) + 0.2 * p2) / (phi - 1), rel=1e-9)
    assert risk.shift == pytest.approx(c2 * p2 * (1 - p2 / phi) / (phi - 1), rel=1e-9, abs=1e-12)


@given(tenths=st.integers(0, 10), ratio=st.sampled_from([0.2, 0.5, 2.0, 3.0]), c2=st.floats(0.1, 4), r2=st.floats(0.1, 4))
@properties
def test_exact_formulas_tend_to_theorem_1(theory, tenths, ratio, c2, r2):
    """Twice the size, half the error, in every part: the ratio tends to 2 as 1/size."""
    gaps = []
    for d in (400, 800, 1600):
        setting = Setting.isotropic(d, tenths / 10, c2, noise=0.3, r2=r2)
        exact, limit = theory.ridgeless_exact(setting, ratio * d), theory.ridge(setting, ratio * d, 0.0)
        gaps.append([getattr(exact, part) - getattr(limit, part) for part in ("bias", "variance", "shift")])
    first, second, third = np.array(gaps)
    rounding = 1e-12 * (r2 + c2 + 0.3)
    assert (np.abs(first - 2 * second) <= 0.05 * np.abs(first) + rounding).all()
    assert (np.abs(second - 2 * third) <= 0.025 * np.abs(second) + rounding).all()


# Arrays


def test_broadcasting_is_a_loop(theory):
    p2 = np.array([0.0, 0.3, 1.0])[:, None, None]
    n = np.array([3.0, 8.0, 20.0, 1e4])[:, None]
    lam = np.array([0.0, 1e-8, 1e-2, 1.0, 1e3])
    setting = Setting.power_law(9, p2, 0.5, noise=(0.3, 0.1), beta=1.4, r=1.8)
    table = theory.ridge(setting, n, lam)
    best_lam, best = theory.best_ridge(setting.replace(p2=p2[:, 0]), n[:, 0])
    assert table.total.shape == (3, 4, 5) and best_lam.shape == best.total.shape == (3, 4)
    for i, share in enumerate(p2.ravel()):
        single = setting.replace(p2=share)
        assert theory.onset(setting)[i, 0, 0] == pytest.approx(theory.onset(single), rel=1e-9)
        assert theory.plateau(setting)[i, 0, 0] == theory.plateau(single)
        for j, size in enumerate(n.ravel()):
            np.testing.assert_allclose(best.total[i, j], theory.best_ridge(single, size)[1].total, rtol=1e-12)
            for k, ridge in enumerate(lam):
                expected = theory.ridge(single, size, ridge)
                for part in ("bias", "variance", "shift"):
                    np.testing.assert_allclose(getattr(table, part)[i, j, k], getattr(expected, part), rtol=1e-10)


def test_broadcasting_of_mixtures_is_a_loop(theory):
    sources, test = three_sources(theory, Setting.power_law(5, 0.5, 0.5, noise=0.1, beta=1.0, r=1.5), seed=1)
    n, lam = np.array([2.0, 9.0])[:, None], np.array([0.0, 0.1, 1.0])
    table = theory.mixture(sources, n, lam, test=test)
    assert table.total.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        expected = theory.mixture(sources, n[i, 0], lam[j], test=test)
        assert_same(expected, type(table)(table.bias[i, j], table.variance[i, j], table.shift[i, j]), relative=1e-12)


def test_broadcasting_of_the_exact_formulas_is_a_loop(theory):
    setting = Setting.isotropic(10, [[0.0], [0.5], [1.0]], 0.5, noise=(0.3, 0.1))
    n = np.array([4, 8, 12, 100])
    table = theory.ridgeless_exact(setting, n)
    for i, j in np.ndindex(3, 4):
        expected = theory.ridgeless_exact(setting.replace(p2=setting.p2[i, 0]), n[j])
        assert table.total[i, j] == expected.total
