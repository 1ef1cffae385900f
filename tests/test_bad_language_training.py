"""Bad input to the training of language models gives an error that names the argument, the value and the rule."""

import re

import numpy as np
import pytest

from collapse.language.corpus import Mixture, TokenFile, tokenised
from collapse.language.gpt import GPTConfig
from collapse.language.training import Recipe, train

CONFIG = GPTConfig(vocabulary=7, context=6, layers=1, heads=1, width=4)
FILE = TokenFile(np.tile(np.arange(5, dtype=np.uint16), 4), end=4, vocabulary=7)
WINDOWS = FILE.windows(6, seed=0)


def recipe(**changes):
    return Recipe(**(dict(batch=2, steps=3, warmup=1) | changes))


def trained(**changes):
    return train(**(dict(config=CONFIG, data=WINDOWS, recipe=recipe(), seed=0, progress=False) | changes))


def token_file(**changes):
    return TokenFile(**(dict(tokens=FILE.tokens, end=4, vocabulary=7) | changes))


class Always:
    """Data that are always the same."""

    digest = "always"

    def __init__(self, rows):
        self.rows = np.array(rows)

    def batch(self, step, rows):
        return self.rows


class Tokeniser:
    vocabulary, end, digest, encode = 65_537, 0, "too many", list


CASES = [
    (lambda: recipe(batch=0), ValueError, "batch must be >= 1, got 0"),
    (lambda: recipe(batch=2.5), TypeError, "batch must be a whole number, got 2.5"),
    (lambda: recipe(steps=0), ValueError, "steps must be >= 1, got 0"),
    (lambda: recipe(steps=1e3), TypeError, "steps must be a whole number, got 1000.0"),
    (lambda: recipe(lr=0), ValueError, "lr must be finite and > 0, got 0"),
    (lambda: recipe(lr=np.nan), ValueError, "lr must be finite and > 0, got nan"),
    (lambda: recipe(lr=[0.1, 0.2]), ValueError, "lr must be one number"),
    (lambda: recipe(weight_decay=-0.1), ValueError, "weight_decay must be finite and >= 0, got -0.1"),
    (lambda: recipe(warmup=-1), ValueError, "warmup must be >= 0, got -1"),
    (lambda: recipe(warmup=0.5), TypeError, "warmup must be a whole number, got 0.5"),
    (lambda: Recipe(batch=2, steps=100), ValueError, "warmup must be <= the 100 steps, got 2000"),
    (lambda: recipe(clip=0), ValueError, "clip must be finite and > 0, got 0"),
    (lambda: recipe(betas=0.9), TypeError, "betas must be a tuple, got float"),
    (lambda: recipe(betas=(0.9,)), ValueError, "betas must be two numbers, got (0.9,)"),
    (lambda: recipe(betas=(0.9, 1)), ValueError, "each of betas must be < 1, got 1"),
    (lambda: recipe(betas=(-0.1, 0.9)), ValueError, "each of betas must be finite and >= 0, got -0.1"),
    (lambda: recipe(final=1.5), ValueError, "final must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: trained(config=7), TypeError, "config must be a GPTConfig, got int"),
    (lambda: trained(recipe=5), TypeError, "recipe must be a Recipe, got int"),
    (lambda: trained(data=[1, 2]), TypeError, "data must have batch(step, rows) and digest, list has no batch"),
    (lambda: trained(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: trained(seed=None), TypeError, "seed must be a whole number, got None"),
    (lambda: trained(folder=3), TypeError, "folder must be a path, got 3"),
    (lambda: trained(folder=__file__), ValueError, "folder must be a folder, got the file "),
    (lambda: trained(device="abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
    (lambda: trained(progress="yes"), TypeError, "progress must be a bool, got str"),
    (
        lambda: trained(data=FILE.windows(5, seed=0)),
        ValueError,
        "data.batch must be whole numbers of shape (2, 7), got uint16 of shape (2, 6)",
    ),
    (
        lambda: trained(data=Always(np.zeros((2, 7)))),
        ValueError,
        "whole numbers of shape (2, 7), got float64",
    ),
    (lambda: trained(data=Always([[0] * 6 + [7]] * 2)), ValueError, "data.batch must be tokens from 0 to 6, got 0 to 7"),
    (lambda: trained(data=Always([[0] * 6 + [-1]] * 2)), ValueError, "data.batch must be tokens from 0 to 6, got -1 to 0"),
    (lambda: token_file(tokens=[1, 2]), TypeError, "tokens must be a ndarray, got list"),
    (
        lambda: token_file(tokens=np.arange(4)),
        ValueError,
        "tokens must be uint16, (N,) with N >= 1, got int64",
    ),
    (
        lambda: token_file(tokens=FILE.tokens[None]),
        ValueError,
        "(N,) with N >= 1, got uint16 of shape (1, 20)",
    ),
    (
        lambda: token_file(tokens=FILE.tokens[:0]),
        ValueError,
        "(N,) with N >= 1, got uint16 of shape (0,)",
    ),
    (lambda: token_file(end=7), ValueError, "end must be below vocabulary (7), got 7"),
    (lambda: token_file(end=None), TypeError, "end must be a whole number, got None"),
    (lambda: token_file(end=0, vocabulary=4), ValueError, "tokens must be below vocabulary (4), got 4"),
    (lambda: FILE.split(0), ValueError, "held_out must be >= 1, got 0"),
    (lambda: FILE.split(4), ValueError, "held_out must be < 4, the number of stories, got 4"),
    (lambda: FILE.split(0.25), TypeError, "held_out must be a whole number, got 0.25"),
    (lambda: FILE.take(0), ValueError, "count must be >= 1, got 0"),
    (lambda: FILE.take(21), ValueError, "count must be <= 20, the number of tokens, got 21"),
    (lambda: FILE.windows(0, 0), ValueError, "context must be >= 1, got 0"),
    (lambda: FILE.windows(20, 0), ValueError, "context must be < 20, the number of tokens, got 20"),
    (lambda: FILE.windows(6, -1), ValueError, "seed must be >= 0, got -1"),
    (lambda: Mixture(FILE, WINDOWS, 0.5), TypeError, "real must be a Windows, got TokenFile"),
    (lambda: Mixture(WINDOWS, None, 0.5), TypeError, "synthetic must be a Windows, got NoneType"),
    (lambda: Mixture(WINDOWS, FILE.windows(5, 0), 0.5), ValueError, "synthetic must have real's context, 6, got 5"),
    (
        lambda: Mixture(WINDOWS, token_file(vocabulary=9).windows(6, 0), 0.5),
        ValueError,
        "synthetic must have real's vocabulary, 7, got 9",
    ),
    (lambda: tokenised("no-such-file", None, "/tmp"), FileNotFoundError, "path must be a text file, there is none at"),
    (lambda: tokenised(__file__, None, "/tmp"), TypeError, "tokeniser must have encode, vocabulary, end and digest"),
    (lambda: Mixture(WINDOWS, WINDOWS, 1.5), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: Mixture(WINDOWS, WINDOWS, None), TypeError, "p2 must hold real numbers, got None"),
    (
        lambda: tokenised(__file__, Tokeniser(), "/tmp"),
        ValueError,
        "tokeniser must have at most 65536 tokens",
    ),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(CASES)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()
