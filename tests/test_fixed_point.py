"""The effective ridge kappa, against exact rational arithmetic."""

import importlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from .strategies import powers_of_ten, properties, scales

TRILLIONTH = Fraction(1, 10**12)

spectra = st.lists(st.one_of(powers_of_ten(-20, 5), st.just(1.0)), min_size=1, max_size=8)
lams = st.one_of(st.just(0.0), powers_of_ten(-300, 3))
to_rank = st.sampled_from([-1.0, -1e-3, -1e-6, -1e-9, 0.0, 1e-9, 1e-6, 1e-3, 1.0])


def near_or_far(spectrum, factor, distance):
    """Rows: either ``factor`` times the rank, or the rank plus ``distance``."""
    rank = len(spectrum)
    return factor * rank if distance is None else max(rank + distance, 0.5)


def residual(spectrum, n, lam, kappa):
    """kappa (1 - df1(kappa)/n) - lam without rounding; negative left of the right root, positive right of it."""
    df1 = sum(Fraction(s) / (Fraction(s) + kappa) for s in spectrum)
    return kappa * (1 - df1 / Fraction(n)) - Fraction(lam)


@pytest.mark.proves("prop-fixed-point")
@given(spectrum=spectra, factor=st.floats(0.05, 20), distance=st.one_of(st.none(), to_rank), lam=lams)
@example(spectrum=[1.0] * 4, factor=1.0, distance=0.0, lam=1e-300)
@example(spectrum=[1e-20, 1e5], factor=1.0, distance=-1.0, lam=0.0)
@properties
def test_the_equation_holds_to_a_trillionth(theory, spectrum, factor, distance, lam):
    """1 - df1/n = lam/kappa, both sides exact given kappa."""
    n = near_or_far(spectrum, factor, distance)
    kappa = Fraction(float(theory.fixed_point(spectrum, n, lam)))
    assert abs(residual(spectrum, n, lam, kappa)) <= TRILLIONTH * kappa
    assert (kappa == 0) == (lam == 0 and n >= len(spectrum))


@pytest.mark.proves("prop-fixed-point")
@given(spectrum=spectra, excess=st.one_of(st.floats(0, 100), st.sampled_from([1e-9, 1e-3])), lam=powers_of_ten(-300, 3))
@properties
def test_the_root_is_known_to_a_trillionth_with_enough_rows(theory, spectrum, excess, lam):
    """The left side is convex and starts below lam, so where it rises through lam there is one root and no other.

    With fewer rows than dimensions and a gap in the spectrum, df1 is flat in kappa: its rounding moves the root further.
    """
    n = len(spectrum) + excess
    kappa = Fraction(float(theory.fixed_point(spectrum, n, lam)))
    assert residual(spectrum, n, lam, kappa * (1 - TRILLIONTH)) < 0
    assert residual(spectrum, n, lam, kappa * (1 + TRILLIONTH)) > 0


@pytest.mark.proves("prop-fixed-point")
@given(spectrum=st.lists(powers_of_ten(-1, 1), min_size=3, max_size=8), missing=st.floats(0.5, 2), lam=lams)
@properties
def test_the_root_is_known_to_a_trillionth_with_too_few_rows(theory, spectrum, missing, lam):
    n = len(spectrum) - missing
    kappa = Fraction(float(theory.fixed_point(spectrum, n, lam)))
    assert residual(spectrum, n, lam, kappa * (1 - TRILLIONTH)) < 0
    assert residual(spectrum, n, lam, kappa * (1 + TRILLIONTH)) > 0


@pytest.mark.proves("prop-fixed-point")
@given(spectrum=spectra, factor=st.floats(0.05, 20), distance=st.one_of(st.none(), to_rank), lam=lams)
@properties
def test_the_right_root_never_learns_more_than_n(theory, spectrum, factor, distance, lam):
    n = near_or_far(spectrum, factor, distance)
    kappa = theory.fixed_point(spectrum, n, lam)
    assert kappa >= lam * (1 - 1e-12)
    assert theory.df(spectrum, kappa) <= n * (1 + 1e-12)


@given(spectrum=spectra, n=st.floats(0.5, 20), lam=lams, factor=st.floats(1, 10))
@properties
def test_kappa_grows_with_lam_and_falls_with_n(theory, spectrum, n, lam, factor):
    kappa, more_ridge, more_rows = theory.fixed_point(spectrum, [n, n, factor * n], [lam, factor * lam, lam])
    assert more_ridge >= kappa * (1 - 1e-12)
    assert more_rows <= kappa * (1 + 1e-12)


def test_at_most_thirty_steps_at_any_size(theory):
    """The solver raises ArithmeticError after MAX_STEPS steps; here it never does, from nothing to far too much ridge."""
    assert importlib.import_module(f"{theory.__name__}.fixed_point").MAX_STEPS <= 30
    j = np.arange(1, 1001.0)
    lam = np.r_[0, 10.0 ** np.arange(-300, 4, 4)]
    n = np.array([1, 10, 998, 999, 1000, 1001, 1e4, 1e9])[:, None]
    for spectrum in (np.ones(1000), j**-1.5, j**-8, np.exp(-j / 20), np.r_[j**-1.5, np.zeros(500)]):
        kappa = theory.fixed_point(spectrum, n, lam)
        assert (kappa >= lam * (1 - 1e-12)).all() and (theory.df(spectrum, kappa) <= n * (1 + 1e-12)).all()


@given(spectrum=spectra, n=st.floats(0.5, 20), lam=powers_of_ten(-6, 3), scale=scales)
@properties
def test_kappa_has_the_unit_of_the_spectrum(theory, spectrum, n, lam, scale):
    scaled = theory.fixed_point(scale * np.array(spectrum), n, scale * lam)
    np.testing.assert_allclose(scaled, scale * theory.fixed_point(spectrum, n, lam), rtol=1e-12)


@given(spectrum=spectra, n=st.floats(0.5, 20), lam=lams, seed=st.integers(0, 99))
@properties
def test_kappa_sees_neither_order_nor_zeros_of_the_spectrum(theory, spectrum, n, lam, seed):
    shuffled = np.random.default_rng(seed).permutation(np.r_[spectrum, np.zeros(3)])
    assert theory.fixed_point(shuffled, n, lam) == theory.fixed_point(spectrum, n, lam)
    assert theory.df(shuffled, 1.0, order=2) == theory.df(spectrum, 1.0, order=2)


@given(spectrum=spectra, kappa=powers_of_ten(-20, 5), order=st.integers(1, 4))
@properties
def test_degrees_of_freedom_are_their_definition(theory, spectrum, kappa, order):
    exact = sum((Fraction(s) / (Fraction(s) + Fraction(kappa))) ** order for s in spectrum)
    assert theory.df(spectrum, kappa, order) == pytest.approx(float(exact), rel=1e-12)


def test_broadcasting_is_a_loop(theory):
    spectrum, n, lam = np.arange(1, 30.0) ** -1.3, np.array([5.0, 29, 80])[:, None], np.array([0, 1e-9, 1e-3, 1.0])
    table = theory.fixed_point(spectrum, n, lam)
    assert table.shape == (3, 4)
    for i, j in np.ndindex(table.shape):
        np.testing.assert_allclose(table[i, j], theory.fixed_point(spectrum, n[i, 0], lam[j]), rtol=1e-12)
    np.testing.assert_allclose(theory.df(spectrum, table)[1, 2], theory.df(spectrum, table[1, 2]), rtol=1e-12)
