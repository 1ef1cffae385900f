"""Where the plateau is when synthetic inputs have another covariance than real ones."""

import numpy as np
import pytest

from collapse import theory


def sources(p2, seed):
    """Covariances that do not commute, teachers with a correlated shift, and what the plateau depends on: a_j and u_j."""
    rng = np.random.default_rng(seed)
    one, two = (np.cov(rng.standard_normal((12, 40))) for _ in range(2))
    two *= 3
    teacher, shift = rng.standard_normal((2, 12))
    values, vectors = np.linalg.eigh(one)
    root = vectors * np.sqrt(values) @ vectors.T
    inverse = np.linalg.inv(root)
    a, basis = np.linalg.eigh(inverse @ two @ inverse)
    pair = [theory.Source(one, teacher, 0.3, 1 - p2), theory.Source(two, teacher + shift, 0.7, p2)]
    return pair, a, basis.T @ root @ shift


@pytest.mark.proves("prop-input-shift")
@pytest.mark.parametrize("p2", [0.02, 0.3, 0.9])
def test_each_direction_has_its_own_share(p2):
    """Up to the term of order d/n, which is divided by 10 if n grows by 10."""
    pair, a, u = sources(p2, seed=1)
    plateau = np.sum((p2 * a / (1 - p2 + p2 * a) * u) ** 2)
    far, farther = (theory.mixture(pair, n, 0.0).total - plateau for n in (1e6, 1e7))
    assert 0 < abs(far) < 1e-2 * plateau
    np.testing.assert_allclose(far / farther, 10, rtol=1e-3)


def test_the_plateau_is_at_most_c2_on_real_rows():
    for p2 in (0.1, 0.5, 0.999):
        pair, _, u = sources(p2, seed=2)
        assert theory.mixture(pair, 1e9, 0.0).total < np.sum(u**2)
    np.testing.assert_allclose(theory.mixture(pair, 1e9, 0.0).total, np.sum(u**2), rtol=0.02)


def test_neither_c2_gives_the_plateau_of_a_small_share():
    pair, a, u = sources(0.001, seed=3)
    plateau = theory.mixture(pair, 1e12, 0.0).total / 0.001**2
    np.testing.assert_allclose(plateau, np.sum(a**2 * u**2), rtol=0.02)
    assert plateau > 1.5 * np.sum(a * u**2) > 1.5 * np.sum(u**2)
