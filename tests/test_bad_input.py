"""Bad input gives an error that names the argument, the value and the rule."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from collapse import Risk, Setting, simulate, theory
from collapse.simulate import Estimate
from collapse.theory import Source, Target

FLAT = Setting.isotropic(6, 0.5, 0.5, noise=0.1)
STEEP = Setting.power_law(6, 0.5, 0.5, noise=0.1, beta=1.5, r=2.0)
EYE = np.eye(3)
RISK = Risk(np.ones(3), np.ones(3), np.ones(3))


def setting(**changes):
    return Setting(**{**dict(spectrum=[2, 1], teacher=[1, 1], shift=[1, 0], p2=0.5, noise=(0.1, 0.2)), **changes})


def isotropic(**changes):
    return Setting.isotropic(**{**dict(d=5, p2=0.5, c2=0.5, noise=0.1), **changes})


def power_law(**changes):
    return Setting.power_law(**{**dict(d=5, p2=0.5, c2=0.5, noise=0.1, beta=1.5, r=2.0), **changes})


def source(**changes):
    return Source(**{**dict(covariance=EYE, teacher=np.ones(3), noise=0.1, share=1.0), **changes})


def listed(**changes):
    arguments = dict(x=EYE, real=EYE, synthetic=EYE, n=4, p2=0.5, lam=0.1)
    return theory.population_ridge(**(arguments | changes))


def simulated(**changes):
    return simulate.ridge(**{**dict(setting=FLAT, n=4, lam=0.1, trials=2, seed=1), **changes})


def projected(**changes):
    return simulate.projection(**{**dict(setting=FLAT, n=4, m=3, lam=0.1, trials=2, seed=1), **changes})


def simulated_mixture(**changes):
    return simulate.mixture(**{**dict(sources=[source()], n=4, lam=0.1, trials=2, seed=1), **changes})


CASES = [
    # Setting
    (lambda: setting(spectrum=[1, -2]), ValueError, "spectrum must be finite and >= 0, got -2"),
    (lambda: setting(spectrum=[1, np.nan]), ValueError, "spectrum must be finite and >= 0, got nan"),
    (lambda: setting(spectrum=[1, np.inf]), ValueError, "spectrum must be finite and >= 0, got inf"),
    (lambda: setting(spectrum=[0, 0]), ValueError, "spectrum must have a positive entry"),
    (lambda: setting(spectrum=[]), ValueError, "spectrum must not be empty"),
    (lambda: setting(spectrum=2.0), ValueError, "spectrum must have 1 dimension(s), got an array of shape ()"),
    (lambda: setting(spectrum=np.eye(2)), ValueError, "spectrum must have 1 dimension(s), got an array of shape (2, 2)"),
    (lambda: setting(spectrum=["a", "b"]), TypeError, "spectrum must hold real numbers, got ['a', 'b']"),
    (lambda: setting(spectrum=[1, 2j]), TypeError, "spectrum must hold real numbers"),
    (lambda: setting(spectrum=[True, True]), TypeError, "spectrum must hold real numbers"),
    (lambda: setting(spectrum=[[1, 2], [3]]), TypeError, "spectrum must hold real numbers"),
    (lambda: setting(spectrum=None), TypeError, "spectrum must hold real numbers, got None"),
    (lambda: setting(teacher=[1, 1, 1]), ValueError, "teacher must have as many entries as spectrum (2), got 3"),
    (lambda: setting(teacher=[1, -1]), ValueError, "teacher must be finite and >= 0, got -1"),
    (lambda: setting(shift=[1]), ValueError, "shift must have as many entries as spectrum (2), got 1"),
    (lambda: setting(shift=[1, -1e-9]), ValueError, "shift must be finite and >= 0, got -1e-09"),
    (lambda: setting(p2=1.01), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.01"),
    (lambda: setting(p2=[0.5, -0.1]), ValueError, "p2 must be finite and >= 0 and <= 1, got -0.1"),
    (lambda: setting(p2=np.nan), ValueError, "p2 must be finite and >= 0 and <= 1, got nan"),
    (lambda: setting(p2=[]), ValueError, "p2 must not be empty"),
    (lambda: setting(p2=True), TypeError, "p2 must hold real numbers, got True"),
    (lambda: setting(p2="half"), TypeError, "p2 must hold real numbers, got 'half'"),
    (
        lambda: setting(noise=(1, 2, 3)),
        ValueError,
        "noise must be the pair (sigma1^2, sigma2^2) or one number, got (1, 2, 3)",
    ),
    (lambda: setting().replace(c2=0.5), TypeError, "replace can change spectrum, teacher, shift, p2 and noise, got ['c2']"),
    (lambda: simulated(n=1, setting=FLAT.replace(p2=0.1)), ValueError, "n must be larger: a share of 0.1 rounds to no row"),
    (lambda: theory.ridge(FLAT.replace(p2=[0.1, 0.2]), [5, 6, 7], 0.1), ValueError, "n (3,), lam (), p2 (2,)"),
    (lambda: setting(noise=(0.1, -0.1)), ValueError, "noise must be finite and >= 0, got -0.1"),
    (lambda: setting(noise=(0.1, None)), TypeError, "noise must hold real numbers"),
    (lambda: setting(colour=1), TypeError, "colour"),
    (lambda: FLAT.replace(colour=1), TypeError, "colour"),
    (lambda: FLAT.replace(p2=2), ValueError, "p2 must be finite and >= 0 and <= 1, got 2"),
    # its constructors
    (lambda: isotropic(d=0), ValueError, "d must be >= 1, got 0"),
    (lambda: isotropic(d=5.0), TypeError, "d must be a whole number, got 5.0"),
    (lambda: isotropic(d=True), TypeError, "d must be a whole number, got True"),
    (lambda: isotropic(d="5"), TypeError, "d must be a whole number, got '5'"),
    (lambda: isotropic(c2=-0.5), ValueError, "c2 must be finite and >= 0, got -0.5"),
    (lambda: isotropic(c2=[0.1, 0.2]), ValueError, "c2 must be one number, got an array of shape (2,)"),
    (lambda: isotropic(r2=np.inf), ValueError, "r2 must be finite and >= 0, got inf"),
    (lambda: isotropic(noise=-1), ValueError, "noise must be finite and >= 0, got -1"),
    (lambda: isotropic(beta=1.5), TypeError, "beta"),
    (lambda: power_law(d=2.5), TypeError, "d must be a whole number, got 2.5"),
    (lambda: power_law(beta=-1), ValueError, "beta must be finite and >= 0 and <= 150, got -1"),
    (lambda: power_law(beta=200), ValueError, "beta must be finite and >= 0 and <= 150, got 200"),
    (lambda: power_law(r=np.nan), ValueError, "r must be finite and >= -150 and <= 150, got nan"),
    (lambda: power_law(q="flat"), TypeError, "q must hold real numbers, got 'flat'"),
    # Risk
    (lambda: Risk("a", 1, 1), TypeError, "bias must hold real numbers, got 'a'"),
    (lambda: Risk(1, 1j, 1), TypeError, "variance must hold real numbers"),
    (lambda: Risk(1, 1, np.nan), ValueError, "shift must not be nan"),
    (lambda: Risk([1, 2], [1, 2, 3], 1), ValueError, "bias (2,), variance (3,), shift ()"),
    (lambda: RISK.scale_shift(-1), ValueError, "factor must be finite and >= 0, got -1"),
    (lambda: RISK.scale_shift("2"), TypeError, "factor must hold real numbers, got '2'"),
    (lambda: RISK.scale_shift([1, 2]), ValueError, "shift (3,), factor (2,)"),
    # theory.df, theory.fixed_point
    (lambda: theory.df([-1.0], 1), ValueError, "spectrum must be finite and >= 0, got -1"),
    (lambda: theory.df([0.0], 1), ValueError, "spectrum must have a positive entry"),
    (lambda: theory.df([1.0], -1), ValueError, "kappa must be finite and >= 0, got -1"),
    (lambda: theory.df([1.0], 1, order=0), ValueError, "order must be >= 1, got 0"),
    (lambda: theory.df([1.0], 1, order=1.5), TypeError, "order must be a whole number, got 1.5"),
    (lambda: theory.fixed_point([[1.0]], 1, 1), ValueError, "spectrum must have 1 dimension(s)"),
    (lambda: theory.fixed_point([1.0], 0, 1), ValueError, "n must be finite and > 0, got 0"),
    (lambda: theory.fixed_point([1.0], 1, -1e-9), ValueError, "lam must be finite and >= 0, got -1e-09"),
    (lambda: theory.fixed_point([1.0], 1, []), ValueError, "lam must not be empty"),
    (lambda: theory.fixed_point([1.0], [1, 2], [1, 2, 3]), ValueError, "n (2,), lam (3,)"),
    (lambda: theory.fixed_point([1.0], 1, 1j), TypeError, "lam must hold real numbers"),
    (lambda: theory.fixed_point([1.0], 1, 1, m=0), ValueError, "m must be a number and > 0, got 0"),
    (lambda: theory.fixed_point([1.0], 1, 1, m=-np.inf), ValueError, "m must be a number and > 0, got -inf"),
    (lambda: theory.fixed_point([1.0], 1, 1, m=[]), ValueError, "m must not be empty"),
    (lambda: theory.fixed_point([1.0], 1, 1, m="big"), TypeError, "m must hold real numbers, got 'big'"),
    (lambda: theory.fixed_point([1.0], [1, 2], 1, m=[1, 2, 3]), ValueError, "n (2,), lam (), m (3,)"),
    # theory.ridge, theory.best_ridge
    (lambda: theory.ridge("digits", 4, 0.1), TypeError, "setting must be a Setting, got str"),
    (lambda: theory.ridge(FLAT, 0, 0.1), ValueError, "n must be finite and > 0, got 0"),
    (lambda: theory.ridge(FLAT, np.inf, 0.1), ValueError, "n must be finite and > 0, got inf"),
    (lambda: theory.ridge(FLAT, None, 0.1), TypeError, "n must hold real numbers, got None"),
    (lambda: theory.ridge(FLAT, 4, -0.1), ValueError, "lam must be finite and >= 0, got -0.1"),
    (lambda: theory.ridge(FLAT, 4, np.nan), ValueError, "lam must be finite and >= 0, got nan"),
    (lambda: theory.ridge(FLAT, [4, 5], [0.1, 0.2, 0.3]), ValueError, "n (2,), lam (3,)"),
    (lambda: theory.ridge(FLAT.replace(p2=[0.1, 0.2, 0.3]), [4, 5], 0.1), ValueError, "p2 (3,)"),
    (lambda: theory.ridge(FLAT, 4, 0.1, p2=0.5), TypeError, "p2"),
    (lambda: theory.best_ridge(None, 4), TypeError, "setting must be a Setting, got NoneType"),
    (lambda: theory.best_ridge(FLAT, -4), ValueError, "n must be finite and > 0, got -4"),
    (lambda: theory.best_ridge(FLAT.replace(p2=[0.1, 0.2, 0.3]), [4, 5]), ValueError, "n (2,), p2 (3,)"),
    (lambda: theory.best_ridge(FLAT, 4, 0), ValueError, "m must be finite and > 0, got 0"),
    (lambda: theory.best_ridge(FLAT, 4, np.inf), ValueError, "m must be finite and > 0, got inf"),
    (lambda: theory.best_ridge(FLAT, [4, 5], [1, 2, 3]), ValueError, "n (2,), p2 (), m (3,)"),
    # theory.projection, theory.peak, theory.best_size
    (lambda: theory.projection(None, 4, 3, 0.1), TypeError, "setting must be a Setting, got NoneType"),
    (lambda: theory.projection(FLAT, 4, None, 0.1), TypeError, "m must hold real numbers, got None; theory.ridge is"),
    (lambda: theory.projection(FLAT, 4, -1, 0.1), ValueError, "m must be a number and > 0, got -1"),
    (lambda: theory.projection(FLAT, 4, [3, np.nan], 0.1), ValueError, "m must be a number and > 0, got nan"),
    (lambda: theory.projection(FLAT, 4, True, 0.1), TypeError, "m must hold real numbers, got True"),
    (lambda: theory.projection(FLAT, np.inf, 3, 0.1), ValueError, "n must be finite and > 0, got inf"),
    (lambda: theory.projection(FLAT, 4, 3, -0.1), ValueError, "lam must be finite and >= 0, got -0.1"),
    (lambda: theory.projection(FLAT, [4, 5], [1, 2, 3], 0.1), ValueError, "n (2,), lam (), m (3,), p2 ()"),
    (lambda: theory.projection(FLAT.replace(p2=[0.1, 0.2]), 4, [1, 2, 3], 0.1), ValueError, "m (3,), p2 (2,)"),
    (lambda: theory.peak(EYE, 4, 0.1), TypeError, "setting must be a Setting, got ndarray"),
    (lambda: theory.peak(FLAT, 4, 0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: theory.peak(FLAT, 0, 0.1), ValueError, "n must be finite and > 0, got 0"),
    (lambda: theory.peak(FLAT, [4, 6], 0.1), ValueError, "n must be < 6, the rank of Sigma, or there is no peak, got 6"),
    (lambda: theory.peak(FLAT, [4, 5], [0.1, 0.2, 0.3]), ValueError, "n (2,), lam (3,), p2 ()"),
    (lambda: theory.best_size(EYE, 4, 0.1), TypeError, "setting must be a Setting, got ndarray"),
    (lambda: theory.best_size(FLAT, 0, 0.1), ValueError, "n must be finite and > 0, got 0"),
    (lambda: theory.best_size(FLAT, 4, -1), ValueError, "lam must be finite and >= 0, got -1"),
    (lambda: theory.best_size(FLAT.replace(p2=[0.1, 0.2, 0.3]), [4, 5], 0.1), ValueError, "n (2,), lam (), p2 (3,)"),
    # theory.leave_one_out
    (lambda: theory.leave_one_out(np.ones(3), np.ones(3), 1), ValueError, "x must have 2 dimension(s)"),
    (lambda: theory.leave_one_out(EYE, np.ones(2), 1), ValueError, "y must have one label for each of the 3 rows"),
    (lambda: theory.leave_one_out(EYE, [1, 2, np.nan], 1), ValueError, "y must be finite, got nan"),
    (lambda: theory.leave_one_out(EYE, np.ones(3), 0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: theory.leave_one_out(EYE, np.ones(3), [1, 2]), ValueError, "lam must be one number"),
    (lambda: theory.leave_one_out(EYE, np.ones(3), 1, weight=-1), ValueError, "weight must be finite and > 0, got -1"),
    (lambda: theory.leave_one_out(EYE, np.ones(3), 1, weight=[1, 2]), ValueError, "weight must be one number or one"),
    # theory.ridgeless_exact
    (lambda: theory.ridgeless_exact(EYE, 4), TypeError, "setting must be a Setting, got ndarray"),
    (lambda: theory.ridgeless_exact(FLAT, 1), ValueError, "n must be finite and >= 2, got 1"),
    (lambda: theory.ridgeless_exact(FLAT, 9.5), ValueError, "n must be a whole number, got 9.5"),
    (lambda: theory.ridgeless_exact(FLAT, 9), ValueError, "p2 n must be a whole number, got 4.5"),
    (
        lambda: theory.ridgeless_exact(FLAT, [4, 6]),
        ValueError,
        "n must be more than d + 1 = 7 or less than d - 1 = 5, got 6",
    ),
    (lambda: theory.ridgeless_exact(STEEP, 4), ValueError, "where the spectrum is not flat, got 4"),
    (
        lambda: theory.ridgeless_exact(setting(spectrum=[1, 0]), 8),
        ValueError,
        "spectrum must be positive, got a zero eigenvalue",
    ),
    (lambda: theory.ridgeless_exact(FLAT, 12, 2.5), ValueError, "m must be a whole number, got 2.5"),
    (lambda: theory.ridgeless_exact(FLAT, 12, 0), ValueError, "m must be a number and > 0, got 0"),
    (lambda: theory.ridgeless_exact(FLAT, [6, 4], 3), ValueError, "n must be more than min(m, d) + 1, got 4"),
    (
        lambda: theory.ridgeless_exact(STEEP, 12, [6, 3]),
        ValueError,
        "m must be at least d = 6 where the spectrum is not flat",
    ),
    (
        lambda: theory.ridgeless_exact(STEEP, 4, 2),
        ValueError,
        "n must be more than d + 1 = 7 where the spectrum is not flat",
    ),
    (lambda: theory.ridgeless_exact(FLAT, [12, 14], [1, 2, 3]), ValueError, "n (2,), p2 (), m (3,)"),
    # theory.population_ridge
    (lambda: theory.population_ridge(EYE, EYE, EYE, 0, 0.5, 0.1), ValueError, "n must be finite and > 0, got 0"),
    (lambda: listed(x=np.ones(3)), ValueError, "x must have 2 dimension(s), got an array of shape (3,)"),
    (lambda: listed(x=0 * EYE), ValueError, "x must have an entry that is not zero"),
    (lambda: listed(x=np.nan * EYE), ValueError, "x must be finite, got nan"),
    (lambda: listed(x="images"), TypeError, "x must hold real numbers, got 'images'"),
    (lambda: listed(real=np.ones(3)), ValueError, "real must have 2 dimension(s), got an array of shape (3,)"),
    (lambda: listed(real=EYE[1:]), ValueError, "real must have one target for each of the 3 rows of x, got shape (2, 3)"),
    (lambda: listed(synthetic=np.ones(3)), ValueError, "synthetic must have shape (..., 3, 3), as real, got (3,)"),
    (
        lambda: listed(synthetic=np.ones((2, 3, 1))),
        ValueError,
        "synthetic must have shape (..., 3, 3), as real, got (2, 3, 1)",
    ),
    (lambda: listed(synthetic=EYE > 0), TypeError, "synthetic must hold real numbers"),
    (lambda: listed(p2=1.5), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: listed(lam=0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: listed(n=[4, 5], lam=[0.1, 0.2, 0.3]), ValueError, "n (2,), p2 (), lam (3,)"),
    (lambda: listed(unequal_leverage="yes"), TypeError, "unequal_leverage must be a bool, got str"),
    (lambda: listed(unequal_misfit=1), TypeError, "unequal_misfit must be a bool, got int"),
    # theory.plateau, theory.onset, theory.exponents
    (lambda: theory.plateau(0.5), TypeError, "setting must be a Setting, got float"),
    (lambda: theory.onset([FLAT]), TypeError, "setting must be a Setting, got list"),
    (lambda: theory.onset(FLAT, tuned="no"), TypeError, "tuned must be a bool, got str"),
    (lambda: theory.exponents(1.0, 2.0), ValueError, "beta must be finite and > 1, got 1"),
    (lambda: theory.exponents(1.5, 0.9), ValueError, "r must be finite and > 1, got 0.9"),
    (lambda: theory.exponents(1.5, [2.0, 3.0]), ValueError, "r must be one number, got an array of shape (2,)"),
    # theory.Source, theory.Target
    (lambda: source(covariance=np.ones(3)), ValueError, "covariance must have 2 dimension(s), got an array of shape (3,)"),
    (lambda: source(covariance=np.ones((3, 2))), ValueError, "covariance must be square, got shape (3, 2)"),
    (lambda: source(covariance=np.triu(np.ones((3, 3)))), ValueError, "covariance must be symmetric"),
    (lambda: source(covariance=np.diag([1.0, 1, -1])), ValueError, "covariance must be positive semidefinite"),
    (lambda: source(covariance=0 * EYE), ValueError, "covariance must be positive semidefinite and not zero"),
    (lambda: source(covariance=np.full((3, 3), np.nan)), ValueError, "covariance must be finite, got nan"),
    (lambda: source(covariance=EYE.astype(complex)), TypeError, "covariance must hold real numbers"),
    (lambda: source(teacher=np.ones(2)), ValueError, "teacher must have shape (3,) or (3, q), got (2,)"),
    (lambda: source(teacher=np.ones((3, 1, 1))), ValueError, "teacher must have shape (3,) or (3, q), got (3, 1, 1)"),
    (lambda: source(teacher=[1, 1, np.inf]), ValueError, "teacher must be finite, got inf"),
    (lambda: source(noise=-0.1), ValueError, "noise must be finite and >= 0, got -0.1"),
    (lambda: source(noise=(0.1, 0.1)), ValueError, "noise must be one number, got an array of shape (2,)"),
    (lambda: source(share=0), ValueError, "share must be finite and > 0 and <= 1, got 0"),
    (lambda: source(share=1.5), ValueError, "share must be finite and > 0 and <= 1, got 1.5"),
    (lambda: source(weight=0), ValueError, "weight must be finite and > 0, got 0"),
    (lambda: source(weight="heavy"), TypeError, "weight must hold real numbers, got 'heavy'"),
    (lambda: Target(np.eye(2), np.ones(3)), ValueError, "teacher must have shape (2,) or (2, q), got (3,)"),
    (lambda: Source.pair(FLAT.replace(p2=[0.1, 0.2])), ValueError, "p2 must be one number, got an array of shape (2,)"),
    (lambda: Source.pair(FLAT.replace(p2=0)), ValueError, "p2 must be > 0 and < 1, so that there are two sources, got 0"),
    (lambda: Source.pair(FLAT.replace(p2=1)), ValueError, "p2 must be > 0 and < 1, so that there are two sources, got 1"),
    (lambda: Source.pair(source()), TypeError, "setting must be a Setting, got Source"),
    # theory.mixture
    (lambda: theory.mixture([], 4, 0.1), ValueError, "sources must hold at least one Source, got none"),
    (lambda: theory.mixture(source(), 4, 0.1), TypeError, "sources must be a Sequence, got Source"),
    (lambda: theory.mixture([Target(EYE, np.ones(3))], 4, 0.1), TypeError, "each of sources must be a Source, got Target"),
    (lambda: theory.mixture([source(share=0.4)] * 2, 4, 0.1), ValueError, "share must sum to 1 over the sources, got 0.8"),
    (
        lambda: theory.mixture([source(share=0.5), source(share=0.5, teacher=EYE)], 4, 0.1),
        ValueError,
        "teacher must have the same shape in all sources and in test, got [(3, 1), (3, 3)]",
    ),
    (lambda: theory.mixture([source()], 4, 0.1, test=EYE), TypeError, "test must be a Target, got ndarray"),
    (
        lambda: theory.mixture([source()], 4, 0.1, test=Target(np.eye(2), np.ones(2))),
        ValueError,
        "teacher must have the same shape in all sources and in test",
    ),
    (lambda: theory.mixture([source()], 3, 0), ValueError, "lam must be > 0 where n equals the rank or m (3)"),
    (lambda: theory.mixture([source()], -1, 0.1), ValueError, "n must be finite and > 0, got -1"),
    (lambda: theory.mixture([source()], 4, "small"), TypeError, "lam must hold real numbers, got 'small'"),
    (lambda: theory.mixture([source()], [4, 5], [1, 2, 3]), ValueError, "n (2,), lam (3,)"),
    (lambda: theory.mixture([source()], 4, 0.1, m=0), ValueError, "m must be a number and > 0, got 0"),
    (lambda: theory.mixture([source()], 4, 0.1, m="3"), TypeError, "m must hold real numbers, got '3'"),
    (lambda: theory.mixture([source()], [2, 4], 0, m=2), ValueError, "lam must be > 0 where n equals the rank or m (2)"),
    (lambda: theory.mixture([source()], [4, 5], 0.1, m=[1, 2, 3]), ValueError, "n (2,), lam (), m (3,)"),
    # theory.Pencil, theory.dyson, theory.projection_pencil; more of them in test_free_probability.py
    (lambda: theory.Pencil({}, {}, {}, {}), ValueError, "gaussian must hold at least one pair of blocks, got none"),
    (lambda: theory.dyson(EYE), TypeError, "pencil must be a Pencil, got ndarray"),
    (lambda: theory.projection_pencil([-1.0], 4, 3, 0.1), ValueError, "spectrum must be finite and >= 0, got -1"),
    # simulate.ridge
    (lambda: simulated(setting=[source()]), TypeError, "setting must be a Setting, got list"),
    (lambda: simulated(n=4.5), ValueError, "n must be a whole number of rows, got 4.5"),
    (lambda: simulated(n=0), ValueError, "n must be finite and >= 1"),
    (lambda: simulated(n=1e12), ValueError, "n must be <= 357913941, so that a design with d = 6 fits in memory, got 1e+12"),
    (lambda: simulated(lam=-1), ValueError, "lam must be finite and >= 0, got -1"),
    (lambda: simulated(n=[4, 5], lam=[1, 2, 3]), ValueError, "n (2,), lam (3,)"),
    (lambda: simulated(trials=0), ValueError, "trials must be >= 1, got 0"),
    (lambda: simulated(trials=2.0), TypeError, "trials must be a whole number, got 2.0"),
    (lambda: simulated(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: simulated(seed=True), TypeError, "seed must be a whole number, got True"),
    (lambda: simulated(seed=None), TypeError, "seed must be a whole number, got None"),
    (lambda: simulated(device="abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
    (lambda: simulated(device=1.5), ValueError, "device must be a torch device of this machine, got 1.5"),
    (lambda: simulated(dtype=torch.float16), ValueError, "dtype must be torch.float32 or torch.float64, got torch.float16"),
    (lambda: simulated(dtype="float32"), ValueError, "dtype must be torch.float32 or torch.float64, got 'float32'"),
    (
        lambda: simulated(setting=power_law(d=40, beta=4), n=80, lam=0, dtype=torch.float32),
        ValueError,
        "lam must be larger, n further from rank Sigma, or dtype more precise",
    ),
    # simulate.projection
    (lambda: projected(setting=[source()]), TypeError, "setting must be a Setting, got list"),
    (lambda: projected(m=None), TypeError, "m must be a whole number of projections, got None; simulate.ridge is"),
    (lambda: projected(m=2.5), ValueError, "m must be a whole number of projections, got 2.5"),
    (lambda: projected(m=0), ValueError, "m must be finite and >= 1 and <= 9.0072e+15, got 0"),
    (lambda: projected(m=np.inf), ValueError, "m must be finite and >= 1 and <= 9.0072e+15, got inf"),
    (lambda: projected(m="3"), TypeError, "m must hold real numbers, got '3'"),
    (lambda: projected(n=[4, 5], m=[1, 2, 3]), ValueError, "n (2,), lam (), p2 (), m (3,)"),
    (lambda: projected(n=4.5), ValueError, "n must be a whole number of rows, got 4.5"),
    (lambda: projected(lam=-1), ValueError, "lam must be finite and >= 0, got -1"),
    (lambda: projected(n=1, setting=FLAT.replace(p2=0.1)), ValueError, "n must be larger: a share of 0.1 rounds to no row"),
    (lambda: projected(trials=0), ValueError, "trials must be >= 1, got 0"),
    (lambda: projected(seed=1.0), TypeError, "seed must be a whole number, got 1.0"),
    (lambda: projected(device="abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
    (lambda: projected(dtype=torch.float16), ValueError, "dtype must be torch.float32 or torch.float64"),
    (
        lambda: projected(setting=power_law(d=40, beta=4), n=80, m=60, lam=1e-8, dtype=torch.float32),
        ValueError,
        "lam must be larger, n further from rank Sigma, or dtype more precise",
    ),
    # simulate.mixture
    (lambda: simulated_mixture(sources=[]), ValueError, "sources must hold at least one Source, got none"),
    (lambda: simulated_mixture(sources=3), TypeError, "sources must be a Sequence, got int"),
    (lambda: simulated_mixture(sources=[source(share=0.9)]), ValueError, "share must sum to 1 over the sources, got 0.9"),
    (lambda: simulated_mixture(n=2.5), ValueError, "n must be a whole number of rows, got 2.5"),
    (lambda: simulated_mixture(lam=np.inf), ValueError, "lam must be finite and >= 0, got inf"),
    (lambda: simulated_mixture(trials="many"), TypeError, "trials must be a whole number, got 'many'"),
    (lambda: simulated_mixture(test=source().teacher), TypeError, "test must be a Target, got ndarray"),
    (
        lambda: simulated_mixture(sources=[source(covariance=np.diag([1.0, 1, 0]))], lam=0),
        ValueError,
        "lam must be larger, n further from rank Sigma, or dtype more precise",
    ),
    (lambda: simulated_mixture(m=2.5), ValueError, "m must be a whole number of projections, got 2.5"),
    (lambda: simulated_mixture(n=[4, 5], m=[1, 2, 3]), ValueError, "n (2,), lam (), m (3,)"),
    # Estimate
    (lambda: Estimate([1, 2]), TypeError, "samples must be a Risk, got list"),
    (lambda: Estimate(Risk(1, 1, 1)), ValueError, "samples must have a leading axis over designs"),
    (lambda: simulated(trials=1).stderr, ValueError, "trials must be >= 2, got 1"),
    (lambda: simulated().scale_shift(-1), ValueError, "factor must be finite and >= 0, got -1"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[text for _, _, text in CASES])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_every_public_function_is_tried():
    files = (path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_bad_*.py")))
    table = "".join(text.split("\nCASES = [")[1].split("\n]\n")[0] for text in files if "\nCASES = [" in text)
    calls = {
        "ridge": "simulated",
        "projection": "projected",
        "mixture": "simulated_mixture",
        "iterate": "simulated_rounds",
        "accumulate": "simulated_generations",
        "weighted": "simulated_weighted",
        "hierarchical": "simulated_joint_fit",
    }
    for name in set(theory.__all__) - {"Exponents", "Source", "Target"}:  # Exponents are only ever returned
        assert f"lambda: theory.{name}(" in table, f"theory.{name} has no case"
    assert "lambda: source(" in table and "lambda: Source.pair(" in table and "lambda: Target(" in table
    for name in simulate.__all__:
        assert f"lambda: {calls.get(name, name)}(" in table, f"simulate.{name} has no case"
    assert len(CASES) >= 60


@pytest.mark.parametrize("kind", [int, float, np.float32, np.int64, np.array, torch.tensor])
def test_numbers_of_any_usual_kind_are_welcome(kind):
    np.testing.assert_array_equal(theory.ridge(FLAT, kind(4), kind(1)).total, theory.ridge(FLAT, 4.0, 1.0).total)
