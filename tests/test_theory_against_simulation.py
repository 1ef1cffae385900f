"""Theorem 1 and the general mixture against Monte Carlo, over both sides of every threshold."""

from functools import lru_cache

import numpy as np
import pytest

from collapse import Setting, simulate
from collapse.theory import Source, Target

from . import zscores
from .zscores import TRIALS, assert_agreement, extrapolated

SIZES = {0.2: (120, 600), 0.5: (120, 240), 0.9: (180, 200), 1.5: (120, 80), 3.0: (120, 40)}  # phi: (d, n)
LAM = np.array([1e-6, 1e-3, 1e-1, 1.0])
P2 = np.array([0.1, 0.5, 0.9])[:, None]
KINDS = ("isotropic", "power-law", "aligned")


def setting(kind, d):
    if kind == "isotropic":
        return Setting.isotropic(d, P2, 0.7, noise=(0.5, 0.2))
    if kind == "power-law":
        return Setting.power_law(d, P2, 0.7, noise=(0.5, 0.2), beta=1.2, r=1.8)
    return Setting.power_law(d, P2, 0.7, noise=(0.2, 0.5), beta=0.8, r=1.5, q=1.5)


def doubled(problem):
    """The same problem with every eigenvalue repeated: its limit is the same at twice the rows."""
    return problem.replace(
        spectrum=np.repeat(problem.spectrum, 2),
        teacher=np.repeat(problem.teacher, 2) / 2,
        shift=np.repeat(problem.shift, 2) / 2,
    )


@lru_cache
def simulated_ridge(kind, phi):
    d, n = SIZES[phi]
    problem = setting(kind, d)
    small = simulate.ridge(problem, n, LAM, TRIALS, seed=1)
    large = simulate.ridge(doubled(problem), 2 * n, LAM, TRIALS, seed=2)
    return problem, n, extrapolated(small, large)


@pytest.mark.proves("thm-strong-collapse", "thm-classical-ridge")
@pytest.mark.parametrize("phi", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_ridge(theory, kind, phi):
    problem, n, simulated = simulated_ridge(kind, phi)
    assert_agreement(theory.ridge(problem, n, LAM), simulated)


def random_covariance(rng, d, beta):
    basis = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return (basis * np.arange(1, d + 1.0) ** -beta) @ basis.T


def random_factors(rng, d, c2):
    """Factors of a random real teacher and of random shifts of size about c2, in general directions."""
    teacher = rng.standard_normal((d, 2 * d)) * np.r_[np.ones(d), np.zeros(d)] / d
    drift = rng.standard_normal((d, 2 * d)) * np.r_[np.zeros(d), np.ones(d)] * np.sqrt(c2) / d
    return teacher, drift


def sources(name, d=60):
    """Problems whose covariances, shifts, noises, weights and test inputs differ; (sources, test, rows per dimension)."""
    rng = np.random.default_rng(3)
    eye = np.eye(d)
    one, two, three = (random_covariance(rng, d, beta) for beta in (0.5, 1.0, 0.2))
    teacher, drift = random_factors(rng, d, 0.8)
    other = random_factors(rng, d, 0.5)[1]
    return {
        "rotated shift": ([Source(one, teacher, 0.3, 0.6), Source(one, teacher + drift, 0.3, 0.4)], None, 2),
        "unequal noise": ([Source(one, teacher, 0.1, 0.5), Source(one, teacher + drift, 0.9, 0.5)], None, 0.6),
        "weights": ([Source(one, teacher, 0.3, 0.5, 1.0), Source(one, teacher + drift, 0.2, 0.5, 0.25)], None, 2.5),
        "weights, few rows": ([Source(eye, teacher, 0.3, 0.5, 3.0), Source(eye, teacher + drift, 0.2, 0.5, 0.5)], None, 0.5),
        "covariate shift": ([Source(one, teacher, 0.3, 0.5), Source(two, teacher + drift, 0.3, 0.5)], None, 2),
        "covariate shift, few rows": ([Source(one, teacher, 0.3, 0.4), Source(two, teacher + drift, 0.3, 0.6)], None, 0.7),
        "another test": (
            [Source(one, teacher, 0.3, 0.5), Source(two, teacher + drift, 0.1, 0.5)],
            Target(three, teacher),
            1.5,
        ),
        "three sources": (
            [
                Source(one, teacher, 0.2, 0.5, 1.0),
                Source(two, teacher + drift, 0.4, 0.3, 0.5),
                Source(three, teacher - drift + other, 0.1, 0.2, 2.0),
            ],
            Target(eye, teacher),
            1.6,
        ),
        "correlated shift": ([Source(one, teacher, 0.2, 0.5), Source(one, 0.7 * teacher, 0.2, 0.5)], None, 1.8),
        "one source": ([Source(two, teacher, 0.4, 1.0)], None, 1.3),
        "fixed teachers": (
            [Source(eye, teacher.sum(axis=1), 0.2, 0.5), Source(two, (teacher + drift).sum(axis=1), 0.2, 0.5)],
            None,
            1.4,
        ),
    }[name]


MIXTURES = (
    "rotated shift",
    "unequal noise",
    "weights",
    "weights, few rows",
    "covariate shift",
    "covariate shift, few rows",
    "another test",
    "three sources",
    "correlated shift",
    "one source",
    "fixed teachers",
)
MIXTURE_LAM = np.array([1e-4, 1e-2, 1.0])


def doubled_source(source):
    twice = dict(covariance=np.kron(source.covariance, np.eye(2)), teacher=np.kron(source.teacher, np.eye(2)) / np.sqrt(2))
    if isinstance(source, Source):
        return Source(**twice, noise=source.noise, share=source.share, weight=source.weight)
    return Target(**twice)


@lru_cache
def simulated_mixture(name):
    problem, test, ratio = sources(name)
    n = round(ratio * len(problem[0].covariance) / 10) * 10
    small = simulate.mixture(problem, n, MIXTURE_LAM, TRIALS, seed=4, test=test)
    large = simulate.mixture(
        [doubled_source(source) for source in problem],
        2 * n,
        MIXTURE_LAM,
        TRIALS,
        seed=5,
        test=None if test is None else doubled_source(test),
    )
    return problem, test, n, extrapolated(small, large)


@pytest.mark.proves("thm-mixture")
@pytest.mark.parametrize("name", MIXTURES)
def test_mixture(theory, name):
    problem, test, n, simulated = simulated_mixture(name)
    assert_agreement(theory.mixture(problem, n, MIXTURE_LAM, test=test), simulated)


def settings():
    """Number of settings compared here: shares, ridges, ratios d/n and spectra."""
    return len(KINDS) * len(SIZES) * LAM.size * P2.size + len(MIXTURES) * MIXTURE_LAM.size


def test_finite_size_error_halves_when_the_size_doubles(theory):
    """The extrapolation rests on it: the error is resolved, and it falls like 1/n."""
    problem, lam = Setting.isotropic(20, 0.5, 0.7, noise=0.3), 1e-2
    limit = theory.ridge(problem, 40, lam).total
    errors, stderrs = [], []
    for size in range(3):
        estimate = simulate.ridge(problem, 40 * 2**size, lam, 2000 // 2**size, seed=6)
        errors.append(estimate.mean.total / limit - 1)
        stderrs.append(estimate.stderr.total / limit)
        problem = doubled(problem)
    errors, stderrs = np.array(errors), np.array(stderrs)
    assert (errors / stderrs > zscores.BOUND).all(), "the error must be resolved to say how it falls"
    halving = (errors[:-1] - 2 * errors[1:]) / np.hypot(stderrs[:-1], 2 * stderrs[1:])
    assert np.abs(halving).max() < zscores.BOUND
