"""Bad input to GPT, generation and tokenisers gives an error that names the argument, the value and the rule."""

import re

import numpy as np
import pytest
import torch

from collapse.language import END
from collapse.language.generation import generate
from collapse.language.gpt import GPT, GPTConfig, Past
from collapse.language.gpt2_weights import from_gpt2, to_gpt2
from collapse.language.tokenisers import Words, byte_pairs

SIZES = dict(vocabulary=5, context=8, layers=2, heads=2, width=4)
MODEL = GPT(GPTConfig(**SIZES), 0)
STATE = to_gpt2(MODEL)
TOKENS = torch.zeros(3, 8, dtype=torch.long)
WORDS = Words([END, "the", "dog"])


def config(**changes):
    return GPTConfig(**(SIZES | changes))


def drawn(**changes):
    return generate(**(dict(model=MODEL, count=3, length=4, seed=0, start=1) | changes))


def followed():
    past = [Past(MODEL, 3, 8) for _ in MODEL.blocks]
    MODEL.following(TOKENS[:, :2], past)
    MODEL.following(TOKENS[:, :2], past)


def without(name):
    return {theirs: weight for theirs, weight in STATE.items() if theirs != name}


CASES = [
    (lambda: config(vocabulary=0), ValueError, "vocabulary must be >= 1, got 0"),
    (lambda: config(context=0), ValueError, "context must be >= 1, got 0"),
    (lambda: config(layers=1.5), TypeError, "layers must be a whole number, got 1.5"),
    (lambda: config(heads=0), ValueError, "heads must be >= 1, got 0"),
    (lambda: config(heads=3), ValueError, "width must be a multiple of heads (3), got 4"),
    (lambda: config(width="64"), TypeError, "width must be a whole number, got '64'"),
    (lambda: config(dropout=-0.1), ValueError, "dropout must be finite and >= 0 and <= 1, got -0.1"),
    (lambda: config(dropout=1), ValueError, "dropout must be < 1, got 1"),
    (lambda: config(dropout=np.nan), ValueError, "dropout must be finite"),
    (lambda: GPT(SIZES, 0), TypeError, "config must be a GPTConfig, got dict"),
    (lambda: GPT(config(), -1), ValueError, "seed must be >= 0, got -1"),
    (lambda: GPT(config(), 0.5), TypeError, "seed must be a whole number, got 0.5"),
    (lambda: MODEL(TOKENS.numpy()), TypeError, "tokens must be a torch tensor of whole numbers, got int64"),
    (lambda: MODEL([[1, 2]]), TypeError, "tokens must be a torch tensor of whole numbers, got list"),
    (lambda: MODEL(TOKENS.float()), TypeError, "tokens must be a torch tensor of whole numbers, got torch.float32"),
    (lambda: MODEL(TOKENS.bool()), TypeError, "tokens must be a torch tensor of whole numbers, got torch.bool"),
    (lambda: MODEL(TOKENS[0]), ValueError, "tokens must have shape (rows, length), 1 <= length <= 8, got (8,)"),
    (lambda: MODEL(TOKENS[:, :0]), ValueError, "tokens must have shape (rows, length), 1 <= length <= 8, got (3, 0)"),
    (lambda: MODEL(TOKENS.repeat(1, 2)), ValueError, "tokens must have shape (rows, length), 1 <= length <= 8, got (3, 16)"),
    (lambda: MODEL(TOKENS[:0]), ValueError, "tokens must have shape (rows, length), 1 <= length <= 8, got (0, 8)"),
    (lambda: MODEL(TOKENS - 1), ValueError, "tokens must be from 0 to 4, got -1 to -1"),
    (lambda: MODEL(TOKENS + 5), ValueError, "tokens must be from 0 to 4, got 5 to 5"),
    (lambda: MODEL.loss(TOKENS[:, :1]), ValueError, "tokens must have shape (rows, length), 2 <= length <= 9, got (3, 1)"),
    (lambda: MODEL.loss(TOKENS.repeat(1, 2)), ValueError, "2 <= length <= 9, got (3, 16)"),
    (lambda: MODEL.loss(TOKENS + 5), ValueError, "tokens must be from 0 to 4, got 5 to 5"),
    (followed, ValueError, "tokens must be one for each row where past is not empty, got 2"),
    (lambda: to_gpt2(STATE), TypeError, "model must be a GPT, got dict"),
    (lambda: from_gpt2(MODEL, 2), TypeError, "state must be a dict, got GPT"),
    (lambda: from_gpt2({}, 2), ValueError, "state must be that of a GPT-2, it has no wte.weight"),
    (lambda: from_gpt2(STATE | {"score.weight": torch.zeros(2, 4)}, 2), ValueError, "it has also score.weight"),
    (lambda: from_gpt2(MODEL.state_dict(), 2), ValueError, "state must be that of a GPT-2, it has no wte.weight"),
    (lambda: from_gpt2(without("transformer.wpe.weight"), 2), ValueError, "it has no wpe.weight"),
    (lambda: from_gpt2(without("transformer.h.1.mlp.c_fc.bias"), 2), ValueError, "it has no h.1.mlp.c_fc.bias"),
    (
        lambda: from_gpt2(STATE | {"transformer.ln_f.bias": torch.zeros(3)}, 2),
        ValueError,
        "state must have ln_f.bias of shape (4,), got (3,)",
    ),
    (
        lambda: from_gpt2(STATE | {"lm_head.weight": torch.zeros(5, 4)}, 2),
        ValueError,
        "state must have one embedding for input and output",
    ),
    (lambda: from_gpt2(STATE, 3), ValueError, "width must be a multiple of heads (3), got 4"),
    (lambda: from_gpt2(STATE, 2, dropout=2), ValueError, "dropout must be finite and >= 0 and <= 1, got 2"),
    (lambda: drawn(model=STATE), TypeError, "model must be a GPT, got dict"),
    (lambda: drawn(count=0), ValueError, "count must be >= 1, got 0"),
    (lambda: drawn(length=0), ValueError, "length must be >= 1, got 0"),
    (lambda: drawn(length=9), ValueError, "length must be <= 8, where the context ends, got 9"),
    (lambda: drawn(length=7, start=np.ones((3, 3), int)), ValueError, "length must be <= 6, where the context ends, got 7"),
    (lambda: drawn(start=np.ones((3, 9), int)), ValueError, "start must have at most 8 tokens a row, the context, got 9"),
    (lambda: drawn(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: drawn(start=5), ValueError, "start must be from 0 to 4, got 5"),
    (lambda: drawn(start=-1), ValueError, "start must be from 0 to 4, got -1"),
    (lambda: drawn(start="once"), TypeError, "start must hold whole numbers, got 'once'"),
    (lambda: drawn(start=1.0), TypeError, "start must hold whole numbers, got 1.0"),
    (lambda: drawn(start=[1, 2, 3]), ValueError, "start must be one token or have shape (3, k), k >= 1, got shape (3,)"),
    (lambda: drawn(start=np.ones((2, 1), int)), ValueError, "start must be one token or have shape (3, k)"),
    (lambda: drawn(start=np.ones((3, 0), int)), ValueError, "start must be one token or have shape (3, k), k >= 1"),
    (lambda: drawn(temperature=0), ValueError, "temperature must be finite and > 0, got 0"),
    (lambda: drawn(temperature=np.inf), ValueError, "temperature must be finite and > 0, got inf"),
    (lambda: drawn(top_p=0), ValueError, "top_p must be finite and > 0 and <= 1, got 0"),
    (lambda: drawn(top_p=1.1), ValueError, "top_p must be finite and > 0 and <= 1, got 1.1"),
    (lambda: drawn(stop=5), ValueError, "stop must be from 0 to 4, got 5"),
    (lambda: drawn(stop="."), TypeError, "stop must be a whole number, got '.'"),
    (lambda: Words(["the", "dog"]), ValueError, "words must be distinct, and <|endoftext|> one of them"),
    (lambda: Words([END, "dog", "dog"]), ValueError, "words must be distinct, and <|endoftext|> one of them"),
    (lambda: Words([END, "the dog"]), ValueError, "each of words must be without blanks and not empty, got 'the dog'"),
    (lambda: Words([END, ""]), ValueError, "each of words must be without blanks and not empty, got ''"),
    (lambda: Words([END, 3]), TypeError, "each of words must be a str, got int"),
    (lambda: WORDS.encode("the cat"), ValueError, "text must hold the vocabulary's 3 words only, got 'cat' as word 2"),
    (lambda: WORDS.encode(3), TypeError, "text must be a str, got int"),
    (lambda: WORDS.decode([1, 3]), ValueError, "tokens must be from 0 to 2, got 1 to 3"),
    (lambda: WORDS.decode([-1]), ValueError, "tokens must be from 0 to 2, got -1 to -1"),
    (lambda: WORDS.decode([0.5]), TypeError, "tokens must be whole numbers, (n,), got [0.5]"),
    (lambda: WORDS.decode(3), TypeError, "tokens must be whole numbers, (n,), got 3"),
    (lambda: byte_pairs(256), ValueError, "vocabulary must be from 257 to 50257, got 256"),
    (lambda: byte_pairs(50258), ValueError, "vocabulary must be from 257 to 50257, got 50258"),
    (lambda: byte_pairs(1e3), TypeError, "vocabulary must be a whole number, got 1000.0"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(CASES)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()
