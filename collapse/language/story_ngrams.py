"""n-gram models of real text: readers with a short memory, trained on mixtures of stories. Serves "Stories"."""

import numpy as np

from ..checks import instance, real_list, real_number, whole_number
from ..live import progress
from .corpus import TokenFile
from .ngrams import ngram_codes

PRIOR = 100.0  # of 3, 10, 30 and 100 the best on stories without synthetic ones, from 1e5 to 1e7 tokens, k = 0 to 2


def ngram_losses(real, synthetic, test, p2, n, k, prior=PRIOR):
    """What n-gram models of context k lose on held-out stories: nats summed over each story, and its tokens.

    The model of share p2 and size n has read the first (1 - p2) n tokens of real text and the first p2 n of synthetic text.
    It predicts as :func:`collapse.language.ngrams.learned` does: what was never seen is left to shorter contexts.

    real, synthetic, test : TokenFiles of one vocabulary.  p2 : shares (shares,).  n : tokens to learn from (sizes,).
    k : tokens of context.  prior : imaginary tokens after each context.

    Returns nats (shares, sizes, stories), counted (stories,), for :func:`collapse.language.stories.per_token`.
    Raises ValueError or TypeError naming the argument.

    Implements: obs-short-memory-stories (chapter "Stories").
    """
    for name, file in {"real": real, "synthetic": synthetic, "test": test}.items():
        if instance(name, file, TokenFile).vocabulary != real.vocabulary:
            raise ValueError(f"{name} must have real's vocabulary, {real.vocabulary} tokens, got {file.vocabulary}")
    p2, n = real_list("p2", p2, low=0, high=1), real_list("n", n, low=1)
    k, prior = whole_number("k", k, low=0), real_number("prior", prior, low=0, low_is_allowed=False)
    if real.vocabulary ** (k + 1) >= 2**63:
        raise ValueError(f"k must be smaller: {real.vocabulary} tokens to the power {k + 1} overflow, got {k}")
    cuts = np.rint(np.stack([np.outer(share, n) for share in (1 - p2, p2)])).astype(np.int64)
    for name, file, wanted in zip(("real", "synthetic"), (real, synthetic), cuts):
        if wanted.max() > len(file.tokens):
            raise ValueError(f"n must take at most the {len(file.tokens)} tokens of {name}, got {wanted.max()}")
    predicted, shorter = np.full((*cuts.shape[1:], 1), 1 / real.vocabulary), np.zeros(1, np.int64)
    for order in progress(range(k + 1), desc=f"{k} tokens of context", unit="order", leave=False):
        asked = np.unique(_codes(test.tokens, order, real.vocabulary))
        contexts, place = np.unique(asked // real.vocabulary, return_inverse=True)
        seen, context = 0, 0
        for file, wanted in zip((real, synthetic), cuts):
            codes = _codes(file.tokens[: wanted.max()], order, real.vocabulary)
            seen = seen + _counts(codes, asked, wanted)
            context = context + _counts(codes // real.vocabulary, contexts, wanted)
        backed_off = predicted[..., np.searchsorted(shorter, asked % real.vocabulary**order)]
        predicted, shorter = (seen + prior * backed_off) / (context[..., place] + prior), asked
    loss = -np.log(predicted)[..., np.searchsorted(asked, _codes(test.tokens, k, real.vocabulary))]
    starts = test.ends - np.diff(test.ends, prepend=0)
    return np.add.reduceat(loss, starts, axis=-1), np.diff(test.ends, prepend=0)


def _codes(tokens, k, vocabulary):
    return ngram_codes(tokens[None], k, vocabulary)[0]


def _counts(codes, asked, cuts):
    """How often each of ``asked`` is among the first so many codes, cuts.shape + asked.shape."""
    wanted, places = np.unique(cuts, return_inverse=True)
    index = np.searchsorted(asked, codes[: wanted[-1]]).clip(max=len(asked) - 1)
    index[asked[index] != codes[: wanted[-1]]] = len(asked)
    total, found = np.zeros(len(asked) + 1), []
    for first, last in zip([0, *wanted], wanted):
        total = total + np.bincount(index[first:last], minlength=len(total))
        found.append(total[:-1])
    return np.stack(found)[places.reshape(cuts.shape)]
