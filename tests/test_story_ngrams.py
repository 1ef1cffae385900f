"""n-gram models of stories against counting by hand."""

import numpy as np
import pytest

import collapse.language

from .test_ngrams import ROUNDING, predicted

VOCABULARY, PRIOR = 4, 0.7


def file(language, seed, stories=30, longest=9, vocabulary=VOCABULARY):
    """Stories of random tokens, each of which likes the one before it; 0 ends a story."""
    rng = np.random.default_rng(seed)
    text = []
    for _ in range(stories):
        token = int(rng.integers(1, vocabulary))
        for _ in range(rng.integers(1, longest)):
            text.append(token)
            token = token if rng.random() < 0.5 else int(rng.integers(1, vocabulary))
        text.append(0)
    return language.TokenFile(np.array(text, np.uint16), 0, vocabulary)


def counts(texts, k):
    """{(k tokens, the token after them): how often}, zeros before each text."""
    found = {}
    for text in texts:
        padded = [0] * k + text
        for i in range(len(text)):
            run = tuple(padded[i : i + k]), padded[i + k]
            found[run] = found.get(run, 0) + 1
    return found


@pytest.mark.parametrize("k", [0, 1, 2])
def test_losses_against_counting_by_hand(language, k):
    real, synthetic, test = (file(language, seed) for seed in range(3))
    shares, sizes = [0.0, 0.25, 1.0], [40, 8, 80]
    nats, counted = language.ngram_losses(real, synthetic, test, shares, sizes, k, PRIOR)
    assert nats.shape == (3, 3, 30) and counted.tolist() == np.diff(test.ends, prepend=0).tolist()
    tokens = test.tokens.tolist()
    padded = [0] * k + tokens
    for i, j in np.ndindex(3, 3):
        real_part = round((1 - shares[i]) * sizes[j])
        read = real.tokens[:real_part].tolist(), synthetic.tokens[: sizes[j] - real_part].tolist()
        known = [counts(read, order) for order in range(k + 1)]
        guesses = [predicted(known, tuple(padded[t : t + k]), tokens[t], VOCABULARY, PRIOR) for t in range(len(tokens))]
        loss = np.add.reduceat(-np.log(guesses), test.ends - counted)
        np.testing.assert_allclose(nats[i, j], loss, rtol=ROUNDING)


GOOD = dict(
    real=file(collapse.language, 0),
    synthetic=file(collapse.language, 1),
    test=file(collapse.language, 2),
    p2=[0, 0.5],
    n=[20, 40],
    k=1,
    prior=1.0,
)


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        (dict(real="stories.txt"), TypeError, "real must be"),
        (
            dict(test=file(collapse.language, 2, vocabulary=5)),
            ValueError,
            "test must have real's vocabulary, 4 tokens, got 5",
        ),
        (dict(p2=[2]), ValueError, "p2 must be"),
        (dict(n=[0]), ValueError, "n must be"),
        (dict(n=[10_000]), ValueError, "n must take at most the .* tokens of real, got 10000"),
        (dict(p2=[1], n=[10_000]), ValueError, "n must take at most the .* tokens of synthetic, got 10000"),
        (dict(k=-1), ValueError, "k must be"),
        (dict(k=40), ValueError, "k must be smaller"),
        (dict(prior=0), ValueError, "prior must be"),
    ],
)
def test_bad_input_is_named(language, wrong, error, message):
    with pytest.raises(error, match=message):
        language.ngram_losses(**GOOD | wrong)
