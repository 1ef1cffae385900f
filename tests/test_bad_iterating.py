"""Bad input to rounds and generations gives an error that names the argument, the value and the rule."""

import re

import numpy as np
import pytest
import torch

from collapse import Setting, simulate, theory

FLAT = Setting.isotropic(6, 0.5, 0.5, noise=0.1)


def iterated(**changes):
    return theory.iterate(**{**dict(setting=FLAT, n=20, rounds=3), **changes})


def limit(**changes):
    return theory.iterate_limit(**{**dict(setting=FLAT, n=20), **changes})


def best(**changes):
    return theory.best_iterated_share(**{**dict(setting=FLAT, n=20), **changes})


def replaced(**changes):
    return theory.replace(**{**dict(d=5, rows=20, noise=0.1, generations=3), **changes})


def accumulated(**changes):
    return theory.accumulate(**{**dict(d=5, sizes=[20, 20], noise=0.1), **changes})


def simulated_rounds(**changes):
    return simulate.iterate(**{**dict(setting=FLAT, n=20, rounds=2, trials=2, seed=1), **changes})


def simulated_generations(**changes):
    return simulate.accumulate(**{**dict(d=5, sizes=[20, 20], noise=0.1, trials=2, seed=1), **changes})


CASES = [
    (lambda: theory.iterate(6, 20, 3), TypeError, "setting must be a Setting, got int"),
    (lambda: iterated(n=0), ValueError, "n must be finite and > 0, got 0"),
    (lambda: iterated(n="20"), TypeError, "n must hold real numbers, got '20'"),
    (lambda: iterated(n=[20, np.nan]), ValueError, "n must be finite and > 0, got nan"),
    (lambda: iterated(n=6), ValueError, "n must differ from rank Sigma = 6 where lam = 0"),
    (lambda: iterated(n=6, reuse="real"), ValueError, "n must be more than rank Sigma = 6 where rows are used again, got 6"),
    (lambda: iterated(rounds=-1), ValueError, "rounds must be >= 0, got -1"),
    (lambda: iterated(rounds=2.0), TypeError, "rounds must be a whole number, got 2.0"),
    (lambda: iterated(lam=-1), ValueError, "lam must be finite and >= 0, got -1"),
    (lambda: iterated(lam=0.1, reuse="inputs"), ValueError, "lam must be 0 where rows are used again (reuse = 'inputs')"),
    (lambda: iterated(reuse="all"), ValueError, "reuse must be one of nothing, real, inputs, everything, got 'all'"),
    (lambda: iterated(reuse=None), ValueError, "reuse must be one of nothing, real, inputs, everything, got None"),
    (lambda: iterated(n=[8, 9], lam=[0, 1, 2]), ValueError, "n (2,), lam (3,), p2 ()"),
    (lambda: limit(setting=FLAT.replace(p2=[0.5, 1.0])), ValueError, "p2 must be < 1, got 1"),
    (lambda: limit(reuse="real", n=12), ValueError, "p1 n must be more than rank Sigma = 6 where real rows are used again"),
    (lambda: limit(reuse="frozen"), ValueError, "reuse must be one of"),
    (lambda: theory.iterate_limit(FLAT, 6), ValueError, "n must differ from rank Sigma = 6"),
    (lambda: theory.best_iterated_share(FLAT, 6), ValueError, "n must be more than rank Sigma = 6, got 6"),
    (lambda: best(n=6.5), ValueError, "n must be larger, got 6.5: the error grows at every share"),
    (lambda: best(setting=FLAT.replace(p2=0.0)), ValueError, "p2 must lie between 0 and 1, got 0.0"),
    (lambda: best(setting=FLAT.replace(noise=(0.1, 0.0))), ValueError, "noise must be > 0, got (0.1, 0.0)"),
    (lambda: theory.replace(0, 20, 0.1, 3), ValueError, "d must be >= 1, got 0"),
    (lambda: replaced(rows=6), ValueError, "rows must be more than d + 1 = 6, got 6"),
    (lambda: replaced(rows=20.5), ValueError, "rows must be a whole number, got 20.5"),
    (lambda: replaced(noise=-1), ValueError, "noise must be finite and >= 0, got -1"),
    (lambda: replaced(generations=0), ValueError, "generations must be >= 1, got 0"),
    (lambda: replaced(rows=[20, 30], noise=[1, 2, 3]), ValueError, "rows (2,), noise (3,)"),
    (lambda: accumulated(d=5.0), TypeError, "d must be a whole number, got 5.0"),
    (lambda: theory.accumulate(5, 20, 0.1), ValueError, "sizes must have one entry for each generation, got a number"),
    (lambda: accumulated(sizes=[]), ValueError, "sizes must not be empty"),
    (lambda: accumulated(sizes=[6, 20]), ValueError, "sizes[0] must be more than d + 1 = 6, got 6"),
    (lambda: accumulated(sizes=[20, 0]), ValueError, "sizes must be finite and >= 1, got 0"),
    (lambda: accumulated(sizes=[20, 2.5]), ValueError, "sizes must be a whole number, got 2.5"),
    (lambda: accumulated(noise=[1, 2, 3]), ValueError, "sizes (2,), noise (3,)"),
    (lambda: accumulated(sizes=[20, 30], fresh=False), ValueError, "sizes must all be equal"),
    (lambda: accumulated(fresh=1), TypeError, "fresh must be a bool, got int"),
    (lambda: theory.kept(1.5, 1, 1), ValueError, "p must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: theory.kept(0.5, -0.1, 1), ValueError, "keep_right must be finite and >= 0 and <= 1, got -0.1"),
    (lambda: theory.kept(0.5, 0, 0), ValueError, "keep_right and keep_wrong must keep some labels"),
    (lambda: theory.kept(1.0, 0.9, 0), ValueError, "keep_right and keep_wrong must keep some labels"),
    (lambda: theory.breakdown(0, 0), ValueError, "keep_right and keep_wrong must not both be 0"),
    (lambda: theory.breakdown(0.5, 2), ValueError, "keep_wrong must be finite and >= 0 and <= 1, got 2"),
    (lambda: simulated_rounds(n=6), ValueError, "n must be more than rank Sigma = 6 where lam = 0, got 6"),
    (lambda: simulated_rounds(n=7.5), ValueError, "n must be a whole number of rows, got 7.5"),
    (lambda: simulated_rounds(n=7, setting=FLAT.replace(p2=0.01)), ValueError, "a share of 0.01 rounds to no row"),
    (lambda: simulated_rounds(rounds=-1), ValueError, "rounds must be >= 0, got -1"),
    (lambda: simulated_rounds(trials=0), ValueError, "trials must be >= 1, got 0"),
    (lambda: simulated_rounds(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: simulated_rounds(reuse="noise"), ValueError, "reuse must be one of"),
    (lambda: simulated_rounds(device="abacus"), ValueError, "device must be a torch device of this machine"),
    (lambda: simulated_rounds(dtype=torch.float16), ValueError, "dtype must be torch.float32 or torch.float64"),
    (
        lambda: simulated_rounds(setting=Setting.power_law(6, 0.5, 0.5, noise=0.1, beta=9.0, r=2.0), dtype=torch.float32),
        ValueError,
        "lam must be larger, n further from rank Sigma, or dtype more precise",
    ),
    (lambda: simulated_generations(sizes=[[20, 20]]), ValueError, "sizes must have 1 dimension(s)"),
    (lambda: simulated_generations(sizes=[20, 5.5]), ValueError, "sizes must be a whole number, got 5.5"),
    (lambda: simulated_generations(trials=1.0), TypeError, "trials must be a whole number, got 1.0"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[text for _, _, text in CASES])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()
