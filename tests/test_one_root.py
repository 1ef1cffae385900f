"""The effective ridge kappa with random projections, against exact rational arithmetic.

Of the product (n - df1) (m - df1) = lam d n/kappa only the roots with df1 <= min(n, m) count, and there is one: on that
side both factors and kappa grow with kappa.
"""

import importlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from .strategies import powers_of_ten, properties, ridges, rows, scales
from .test_fixed_point import TRILLIONTH, lams, near_or_far, spectra, to_rank

distances = st.one_of(st.none(), to_rank)
factors = st.one_of(powers_of_ten(-1.5, 1.5), st.sampled_from([1e12, np.inf]))


def spare(spectrum, n, m, kappa):
    """(n - df1, m - df1) without rounding; (n - df1, inf) for m = inf."""
    df1 = sum(Fraction(s) / (Fraction(s) + kappa) for s in spectrum)
    return Fraction(n) - df1, np.inf if m == np.inf else Fraction(m) - df1


def right_of_root(spectrum, n, m, lam, kappa):
    """Whether kappa exceeds the admissible root, without rounding."""
    spare_n, spare_m = spare(spectrum, n, m, kappa)
    if min(spare_n, spare_m) <= 0:
        return False
    return m == np.inf or kappa * spare_n * spare_m > Fraction(lam) * len(spectrum) * Fraction(n)


def assert_bracketed(theory, spectrum, n, m, lam):
    kappa = Fraction(float(theory.fixed_point(spectrum, n, lam, m)))
    assert not right_of_root(spectrum, n, m, lam, kappa * (1 - TRILLIONTH))
    assert right_of_root(spectrum, n, m, lam, kappa * (1 + TRILLIONTH))


@pytest.mark.proves("prop-one-root")
@given(spectrum=spectra, rows=factors, row_gap=distances, size=factors, size_gap=distances, lam=lams)
@example(spectrum=[1.0] * 4, rows=1.0, row_gap=0.0, size=1.0, size_gap=0.0, lam=1e-300)
@example(spectrum=[1.0] * 4, rows=0.5, row_gap=None, size=0.5, size_gap=None, lam=1e-300)
@example(spectrum=[1e-20, 1e5], rows=1.0, row_gap=-1.0, size=1.0, size_gap=-1.0, lam=0.0)
@example(spectrum=[1.0, 0.1], rows=1.0, row_gap=None, size=1e12, size_gap=None, lam=1e-6)
@example(spectrum=[1e3, 1e-17], rows=0.5, row_gap=None, size=np.inf, size_gap=None, lam=0.0)
@properties
def test_rows_to_spare_are_known_to_a_trillionth(theory, spectrum, rows, row_gap, size, size_gap, lam):
    """At kappa, exact, the rows to spare are within N/10^12 of a solution of the quadratic, N = min(n, m)."""
    n, m = near_or_far(spectrum, min(rows, 1e12), row_gap), near_or_far(spectrum, size, size_gap)
    kappa = Fraction(float(theory.fixed_point(spectrum, n, lam, m)))
    ridgeless = lam == 0 or m == np.inf
    assert (kappa == 0) == (ridgeless and min(n, m) >= len(spectrum))
    if kappa == 0:
        return
    left = spare(spectrum, n, m, kappa)
    slack = TRILLIONTH * Fraction(min(n, m))

    def excess(moved):
        """Of (n - df1) (m - df1) over lam d n/kappa, or of n - df1 over nothing, with df1 moved."""
        if m == np.inf:
            return left[0] + moved
        return (left[0] + moved) * (left[1] + moved) - Fraction(lam) * len(spectrum) * Fraction(n) / kappa

    assert min(left) >= -slack, "the branch df1 <= min(n, m)"
    assert excess(slack) >= 0
    assert min(left) < slack or excess(-slack) <= 0


@pytest.mark.proves("prop-one-root")
@given(
    spectrum=spectra,
    excess=st.one_of(st.floats(0, 100), st.sampled_from([0.0, 1e-9, 1e-3])),
    larger=st.one_of(st.floats(0, 100), st.sampled_from([0.0, 1e-9, 1e12])),
    swap=st.booleans(),
    lam=powers_of_ten(-300, 3),
)
@example(spectrum=[1.0, 1e-3], excess=0.0, larger=0.0, swap=False, lam=1e-300)
@example(spectrum=[1.0], excess=0.0, larger=1e-9, swap=False, lam=1e-20)
@properties
def test_the_root_is_bracketed_to_a_trillionth_with_enough_of_both(theory, spectrum, excess, larger, swap, lam):
    n, m = len(spectrum) + excess, len(spectrum) + larger
    assert_bracketed(theory, spectrum, *((m, n) if swap else (n, m)), lam)


@pytest.mark.proves("prop-one-root")
@given(
    spectrum=st.lists(powers_of_ten(-1, 1), min_size=3, max_size=8),
    missing=st.floats(0.5, 2),
    larger=st.one_of(st.floats(0, 100), st.sampled_from([0.0, 1e-9, 1e12])),
    swap=st.booleans(),
    lam=lams,
)
@example(spectrum=[1.0, 0.5, 0.2], missing=1.0, larger=0.0, swap=False, lam=1e-300)
@properties
def test_the_root_is_bracketed_to_a_trillionth_with_too_few_of_one(theory, spectrum, missing, larger, swap, lam):
    """Too few rows, too few projections, or as many of one as of the other."""
    n = len(spectrum) - missing
    m = n + larger
    assert_bracketed(theory, spectrum, *((m, n) if swap else (n, m)), lam)


def three_roots():
    """1/j in 200 dimensions, n = 60, m = 90, lam = 1e-4: the product equation, and its roots from small to large."""
    spectrum, n, m, lam = 1 / np.arange(1, 201.0), 60, 90, 1e-4

    def product(log_kappa):
        df1 = np.sum(spectrum / (spectrum + np.exp(log_kappa)))
        return (1 - df1 / m) * (1 - df1 / n) - lam * len(spectrum) / m * np.exp(-log_kappa)

    grid = np.log(10.0 ** np.arange(-6, 2.1, 0.25))
    values = np.array([product(x) for x in grid])
    changes = np.flatnonzero(values[:-1] * values[1:] < 0)
    return spectrum, n, m, lam, np.exp([brentq(product, grid[i], grid[i + 1], xtol=1e-14) for i in changes])


@pytest.mark.proves("prop-one-root")
def test_the_spurious_roots_are_not_taken(theory):
    """Where df1 exceeds n and m both brackets are negative and their product is positive."""
    spectrum, n, m, lam, roots = three_roots()
    np.testing.assert_allclose(roots, [8e-5, 0.0148, 0.0351], rtol=0.05)
    df1 = [np.sum(spectrum / (spectrum + root)) for root in roots]
    assert min(df1[:2]) > max(n, m) and df1[2] < min(n, m)
    assert theory.fixed_point(spectrum, n, lam, m) == pytest.approx(roots[2], rel=1e-10)
    assert theory.fixed_point(spectrum, m, lam * n / m, n) == pytest.approx(roots[2], rel=1e-10)


@pytest.mark.proves("def-projection-constants")
@given(spectrum=st.lists(powers_of_ten(-1, 1), min_size=1, max_size=8), n=rows, m=rows, lam=powers_of_ten(-1, 2))
@properties
def test_kappa_is_the_pair_of_constants_of_the_two_layers(theory, spectrum, n, m, lam):
    """1/e = 1 + psi tau tr Sigma K^-1/d, 1/tau = 1 + e tr Sigma K^-1/d, K = gamma tau e Sigma + lam, by plain iteration.

    Then kappa = lam/(gamma tau e).
    """
    s, d = np.array(spectrum), len(spectrum)
    e = tau = 1.0
    for _ in range(20_000):
        trace = np.mean(s / (m / d * tau * e * s + lam))
        new = 1 / (1 + m / n * tau * trace), 1 / (1 + e * trace)
        settled = abs(new[0] - e) < 1e-14 and abs(new[1] - tau) < 1e-14
        e, tau = (e + new[0]) / 2, (tau + new[1]) / 2
        if settled:
            break
    assume(settled)
    kappa = theory.fixed_point(spectrum, n, lam, m)
    assert kappa == pytest.approx(lam / (m / d * tau * e), rel=1e-9)
    assert (1 - theory.df(spectrum, kappa) / n, 1 - theory.df(spectrum, kappa) / m) == pytest.approx((e, tau), rel=1e-8)


@pytest.mark.proves("prop-one-root")
def test_rows_and_projections_have_equal_roles(theory):
    """(n - df1) (m - df1) = (lam/m) d n m/kappa: swapped, with lam/m kept, nothing changes."""
    spectrum = np.arange(1, 60.0) ** -1.3
    n, m = np.array([0.5, 20, 58, 59, 80, 1e6])[:, None, None], np.array([0.5, 10, 20, 59, 70, 1e12])[:, None]
    lam = np.array([0, 1e-12, 1e-6, 1e-3, 1.0, 1e3])
    one, other = theory.fixed_point(spectrum, n, lam, m), theory.fixed_point(spectrum, m, lam * n / m, n)
    np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.proves("prop-one-root")
def test_at_most_thirty_steps_at_any_size(theory):
    """The solver raises ArithmeticError after MAX_STEPS steps; here it never does, from nothing to far too much ridge."""
    assert importlib.import_module(f"{theory.__name__}.fixed_point").MAX_STEPS <= 30
    j = np.arange(1, 301.0)
    lam = np.r_[0, 10.0 ** np.arange(-300, 4, 6)]
    n = np.array([0.5, 10, 299, 300, 301, 1e4, 1e9])[:, None, None]
    m = np.array([1e-3, 1, 10, 299, 300, 301, 1e4, 1e12, np.inf])[:, None]
    for spectrum in (np.ones(300), j**-1.5, j**-8, np.exp(-j / 10), np.r_[j**-1.5, np.zeros(150)]):
        kappa = theory.fixed_point(spectrum, n, lam, m)
        assert (kappa >= lam * spectrum.size / m * (1 - 1e-12)).all()
        assert (theory.df(spectrum, kappa) <= np.minimum(n, m) * (1 + 1e-12)).all()


@pytest.mark.proves("prop-one-root")
@given(spectrum=spectra, n=rows, m=rows, lam=lams, factor=st.floats(1, 10))
@properties
def test_kappa_grows_with_lam_and_falls_with_n_and_m(theory, spectrum, n, m, lam, factor):
    kappa, ridge, more_rows, larger = theory.fixed_point(
        spectrum, [n, n, factor * n, n], [lam, factor * lam, lam, lam], [m, m, m, factor * m]
    )
    assert ridge >= kappa * (1 - 1e-12)
    assert max(more_rows, larger) <= kappa * (1 + 1e-12)


@pytest.mark.proves("prop-projection-limit")
@given(spectrum=spectra, n=rows, lam=lams)
@properties
def test_an_infinite_model_has_no_ridge(theory, spectrum, n, lam):
    assert theory.fixed_point(spectrum, n, lam, np.inf) == theory.fixed_point(spectrum, n, 0.0)


@given(spectrum=spectra, n=rows, m=rows, lam=ridges, scale=scales, zeros=st.integers(0, 5))
@properties
def test_units_and_zeros_of_the_spectrum(theory, spectrum, n, m, lam, scale, zeros):
    """S has entries of variance 1/d: directions that never vary count in d, and nowhere else."""
    kappa = theory.fixed_point(spectrum, n, lam, m)
    np.testing.assert_allclose(theory.fixed_point(scale * np.array(spectrum), n, scale * lam, m), scale * kappa, rtol=1e-12)
    padded = np.r_[spectrum, np.zeros(zeros)]
    np.testing.assert_allclose(theory.fixed_point(padded, n, lam * len(spectrum) / padded.size, m), kappa, rtol=1e-12)


def test_broadcasting_is_a_loop(theory):
    spectrum, n, m = np.arange(1, 30.0) ** -1.3, np.array([5.0, 29, 80])[:, None, None], np.array([3.0, 29, np.inf])[:, None]
    lam = np.array([0, 1e-9, 1e-3, 1.0])
    table = theory.fixed_point(spectrum, n, lam, m)
    assert table.shape == (3, 3, 4)
    for i, j, k in np.ndindex(table.shape):
        single = theory.fixed_point(spectrum, n[i, 0, 0], lam[k], m[j, 0])
        np.testing.assert_allclose(table[i, j, k], single, rtol=1e-12)
