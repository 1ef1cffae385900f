"""Bad input to the functions of the chapter "Weighting" gives an error that names the argument, the value and the rule."""

import re

import numpy as np
import pytest
import torch

from collapse import Setting, simulate, theory

FLAT = Setting.isotropic(6, 0.25, 0.5, noise=0.1)
THIN = FLAT.replace(spectrum=[1, 1, 1, 1, 1, 0])
STEEP = Setting.power_law(6, 0.25, 0.5, noise=0.1, beta=1.5, r=2.0)


def weighted(**changes):
    return theory.weighted(**{**dict(setting=FLAT, n=12, lam=0.1, alpha=0.3), **changes})


def hierarchical(**changes):
    return theory.hierarchical(**{**dict(setting=FLAT, n=12, lam=0.1, tau2=0.3), **changes})


def simulated_weighted(**changes):
    return simulate.weighted(**{**dict(setting=FLAT, n=12, lam=0.1, alpha=0.3, trials=2, seed=1), **changes})


def simulated_joint_fit(**changes):
    return simulate.hierarchical(**{**dict(setting=FLAT, n=12, lam=0.1, tau2=0.3, trials=2, seed=1), **changes})


CASES = [
    # theory.weighted
    (lambda: theory.weighted(0.5, 12, 0.1, 0.3), TypeError, "setting must be a Setting, got float"),
    (lambda: weighted(n=0), ValueError, "n must be finite and > 0, got 0"),
    (lambda: weighted(n=np.inf), ValueError, "n must be finite and > 0, got inf"),
    (lambda: weighted(lam=-0.1), ValueError, "lam must be finite and >= 0, got -0.1"),
    (lambda: weighted(lam="small"), TypeError, "lam must hold real numbers, got 'small'"),
    (lambda: weighted(alpha=-1e-9), ValueError, "alpha must be finite and >= 0 and <= 1, got -1e-09"),
    (lambda: weighted(alpha=[0.5, 1.5]), ValueError, "alpha must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: weighted(alpha=np.nan), ValueError, "alpha must be finite and >= 0 and <= 1, got nan"),
    (lambda: weighted(alpha=None), TypeError, "alpha must hold real numbers, got None"),
    (lambda: weighted(alpha=[]), ValueError, "alpha must not be empty"),
    (lambda: weighted(n=[5, 6, 7], alpha=[0.1, 0.2]), ValueError, "n (3,), lam (), p2 (), alpha (2,)"),
    (lambda: weighted(per="sample"), ValueError, 'per must be "row" or "source", got \'sample\''),
    (lambda: weighted(per=None), ValueError, 'per must be "row" or "source", got None'),
    (
        lambda: weighted(setting=FLAT.replace(p2=0.0), alpha=1.0),
        ValueError,
        "alpha must be < 1 where p2 = 0, or no row has a weight, got 1",
    ),
    (
        lambda: weighted(setting=FLAT.replace(p2=[0.5, 1.0]), alpha=0.0, per="source"),
        ValueError,
        "alpha must be > 0 where p2 = 1, or no row has a weight, got 0",
    ),
    # theory.share, theory.weighted_by_share, theory.best_share
    (lambda: theory.share(1.5, 0.5), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: theory.share(0.5, 2), ValueError, "alpha must be finite and >= 0 and <= 1, got 2"),
    (lambda: theory.share(0.5, "half"), TypeError, "alpha must hold real numbers, got 'half'"),
    (lambda: theory.share([0.5, 0.2], [0.1, 0.2, 0.3]), ValueError, "p2 (2,), alpha (3,)"),
    (lambda: theory.share(0.5, 0.5, per="rows"), ValueError, 'per must be "row" or "source", got \'rows\''),
    (lambda: theory.weighted_by_share(None, 12, 0.1), TypeError, "setting must be a Setting, got NoneType"),
    (lambda: theory.weighted_by_share(FLAT, 6, 0.1), ValueError, "n must be > 6, the rank of Sigma, got 6"),
    (lambda: theory.weighted_by_share(FLAT, 12, 1.1), ValueError, "share must be finite and >= 0 and <= 1, got 1.1"),
    (lambda: theory.weighted_by_share(FLAT, 12, [0.1, 0.6]), ValueError, "share must be >= 0 and <= 0.5"),
    (lambda: theory.weighted_by_share(FLAT, 7, [0.1, 0.2]), ValueError, "share must be >= 0.125 and <= 0.291667"),
    (lambda: theory.weighted_by_share(FLAT.replace(p2=0.0), 12, 0.1), ValueError, "share must be >= 0 and <= 0"),
    (lambda: theory.weighted_by_share(FLAT, [12, 13], [0.1] * 3), ValueError, "n (2,), p2 (2,), share (3,)"),
    (lambda: theory.best_share(FLAT, [12, 5]), ValueError, "n must be > 6, the rank of Sigma, got 5"),
    (lambda: theory.best_share([1.0], 12), TypeError, "setting must be a Setting, got list"),
    # theory.best_weighting
    (lambda: theory.best_weighting(FLAT, -3), ValueError, "n must be finite and > 0, got -3"),
    (lambda: theory.best_weighting(FLAT, "12"), TypeError, "n must hold real numbers, got '12'"),
    (lambda: theory.best_weighting(FLAT.replace(p2=[0.1, 0.2]), [5, 6, 7]), ValueError, "n (3,), p2 (2,)"),
    (lambda: theory.best_weighting(3, 12), TypeError, "setting must be a Setting, got int"),
    # theory.hierarchical
    (lambda: theory.hierarchical(3, 12, 0.1, 0.3), TypeError, "setting must be a Setting, got int"),
    (lambda: hierarchical(lam=0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: hierarchical(tau2=-1), ValueError, "tau2 must be finite and >= 0, got -1"),
    (lambda: hierarchical(tau2=np.inf), ValueError, "tau2 must be finite and >= 0, got inf"),
    (lambda: hierarchical(tau2="large"), TypeError, "tau2 must hold real numbers, got 'large'"),
    (lambda: hierarchical(n=np.nan), ValueError, "n must be finite and > 0, got nan"),
    (lambda: hierarchical(n=[5, 6, 7], tau2=[0.1, 0.2]), ValueError, "n (3,), lam (), p2 (), tau2 (2,)"),
    # theory.bayes_hierarchical
    (lambda: theory.bayes_hierarchical(FLAT, 0), ValueError, "n must be finite and > 0, got 0"),
    (lambda: theory.bayes_hierarchical("FLAT", 12), TypeError, "setting must be a Setting, got str"),
    (lambda: theory.bayes_hierarchical(STEEP, 12), ValueError, "teacher must be flat where inputs vary, got entries from"),
    (
        lambda: theory.bayes_hierarchical(FLAT.replace(shift=[1, 1, 1, 1, 1, 2]), 12),
        ValueError,
        "shift must be flat where inputs vary, got entries from 1 to 2",
    ),
    (
        lambda: theory.bayes_hierarchical(FLAT.replace(teacher=np.zeros(6)), 12),
        ValueError,
        "teacher must be positive where inputs vary, got 0",
    ),
    (
        lambda: theory.bayes_hierarchical(FLAT.replace(noise=(0.1, 0.2)), 12),
        ValueError,
        "noise must be positive and the same for real and synthetic rows, got (0.1, 0.2)",
    ),
    (lambda: theory.bayes_hierarchical(FLAT.replace(noise=0), 12), ValueError, "noise must be positive and the same"),
    (lambda: theory.bayes_hierarchical(FLAT.replace(p2=[0.1, 0.2]), [5, 6, 7]), ValueError, "n (3,), p2 (2,)"),
    # simulate.weighted
    (lambda: simulated_weighted(setting=None), TypeError, "setting must be a Setting, got NoneType"),
    (lambda: simulated_weighted(n=12.5), ValueError, "n must be a whole number of rows, got 12.5"),
    (lambda: simulated_weighted(lam=-1), ValueError, "lam must be finite and >= 0, got -1"),
    (lambda: simulated_weighted(alpha=1.5), ValueError, "alpha must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: simulated_weighted(per="mean"), ValueError, 'per must be "row" or "source", got \'mean\''),
    (lambda: simulated_weighted(trials="many"), TypeError, "trials must be a whole number, got 'many'"),
    (lambda: simulated_weighted(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: simulated_weighted(dtype=torch.int32), ValueError, "dtype must be torch.float32 or torch.float64"),
    (lambda: simulated_weighted(n=1), ValueError, "n must be larger: a share of 0.25 rounds to no row"),
    (lambda: simulated_weighted(n=1, alpha=1.0), ValueError, "n must be larger: a share of 0.25 rounds to no row"),
    (lambda: simulated_weighted(setting=THIN, lam=0), ValueError, "lam must be larger, n further from rank Sigma"),
    (lambda: simulated_weighted(n=[5, 6, 7], alpha=[0.1, 0.2]), ValueError, "n (3,), lam (), alpha (2,), p2 ()"),
    # simulate.hierarchical
    (lambda: simulated_joint_fit(setting=3), TypeError, "setting must be a Setting, got int"),
    (lambda: simulated_joint_fit(setting=FLAT.replace(p2=1.0)), ValueError, "p2 must be > 0 and < 1"),
    (lambda: simulated_joint_fit(setting=FLAT.replace(p2=[0.1, 0.2])), ValueError, "p2 must be one number"),
    (lambda: simulated_joint_fit(tau2=0), ValueError, "tau2 must be finite and > 0, got 0"),
    (lambda: simulated_joint_fit(tau2=[0.1, 0.2]), ValueError, "tau2 must be one number, got an array of shape (2,)"),
    (lambda: simulated_joint_fit(lam="some"), TypeError, "lam must hold real numbers, got 'some'"),
    (lambda: simulated_joint_fit(trials=0), ValueError, "trials must be >= 1, got 0"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[text for _, _, text in CASES])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()
