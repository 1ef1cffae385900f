"""n-gram models, the linear regression of language: counts, and what they cost exactly (A language with a known entropy)."""

import numpy as np

from ..checks import real_list, real_number, whole_number
from ..live import progress
from .automaton import Automaton, check_sources, checked_pages, checked_words

CHUNK = 20_000  # pages that are sampled and counted at once


def ngram_codes(pages, k, vocabulary):
    """The code of each word with the k words before it, (pages, length), as :meth:`Automaton.ngrams` has it."""
    padded = np.pad(np.asarray(pages, np.int64), ((0, 0), (k, 0)))
    codes = padded[:, : padded.shape[1] - k]
    for shift in range(1, k + 1):
        codes = codes * vocabulary + padded[:, shift : padded.shape[1] - k + shift]
    return codes


def learned(counts, codes, vocabulary, k, prior=1.0):
    """What an n-gram model predicts for each run of k + 1 words, (..., M), from its counts (..., M).

    The prediction for k words of context is (count + prior * prediction for k - 1 words) / (count of the context + prior),
    down to 1/vocabulary: with ``prior`` imaginary words, what was never seen is left to shorter contexts.
    """
    predicted = np.full(counts.shape, 1 / vocabulary)
    for order in range(1, k + 2):
        suffixes = codes % vocabulary**order
        seen, context = (_pooled(counts, part) for part in (suffixes, suffixes // vocabulary))
        predicted = (seen + prior * predicted) / (context + prior)
    return predicted


def ngram_excess(real, synthetic, p2, n, k, length, seed, prior=1.0):
    """Excess loss of n-gram models of context k on real text, in nats per word, (shares, sizes): exact given their counts.

    The loss is measured from the k-word entropy of the real source: 0 is the best that k words of context allow. Pages are
    sampled once; every model of a larger n, or of another share, sees the pages of the others too.

    real, synthetic : automata.  p2 : shares (shares,).  n : words to learn from (sizes,), rounded to whole pages.
    length : words of a page.  prior : imaginary words, by which what was seen seldom is left to shorter histories.

    Implements: prop-context-floor, obs-ngram-plateau (chapter "A language with a known entropy").
    """
    check_sources(real, synthetic)
    p2, n = real_list("p2", p2, low=0, high=1), real_list("n", n, low=1)
    seed = whole_number("seed", seed, low=0)
    k, length = whole_number("k", k, low=0), whole_number("length", length, low=1)
    prior = real_number("prior", prior, low=0, low_is_allowed=False)
    vocabulary = len(real.words)
    known = [source.ngrams(k + 1, length) for source in (real, synthetic)]
    codes = np.union1d(known[0][0], known[1][0])
    pages = np.rint(np.stack([np.outer(share, n) for share in (1 - p2, p2)]) / length).astype(np.int64)
    counts = sum(
        _counts(source, part, codes, k, length, [seed, i]) for i, (source, part) in enumerate(zip((real, synthetic), pages))
    )
    truth = np.zeros(len(codes))
    truth[np.searchsorted(codes, known[0][0])] = known[0][1]
    inside = truth > 0
    best = truth[inside] / _pooled(truth, codes // vocabulary)[inside]
    predicted = learned(counts, codes, vocabulary, k, prior)[..., inside]
    return (truth[inside] * np.log(best / predicted)).sum(axis=-1)


def parrot(pages, k, words):
    """The automaton that repeats each word after the k words before it as often as in ``pages``: an n-gram model's own text.

    pages : (pages, length) tokens.  words : the vocabulary. A run that only ended pages is followed by END.
    """
    words = checked_words(words)
    vocabulary = len(words)
    pages = checked_pages(pages, vocabulary)
    if vocabulary ** (whole_number("k", k, low=0) + 1) >= 2**63:
        raise ValueError(f"k must be smaller: {vocabulary} words to the power {k + 1} overflow, got {k}")
    codes, counts = np.unique(ngram_codes(pages, k, vocabulary), return_counts=True)
    tokens, goals = codes % vocabulary, codes % vocabulary**k
    contexts = np.union1d(codes // vocabulary, goals)  # all END, where a page begins, is the first
    states = np.searchsorted(contexts, codes // vocabulary)
    branch = np.arange(len(codes)) - np.searchsorted(states, states)
    shape = len(contexts), branch.max() + 1
    table, targets, probabilities = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
    table[states, branch], targets[states, branch] = tokens, np.searchsorted(contexts, goals)
    probabilities[states, branch] = counts
    probabilities[probabilities.sum(axis=1) == 0, 0] = 1
    return Automaton(words, table, probabilities / probabilities.sum(axis=1, keepdims=True), targets)


def _pooled(masses, keys):
    """For each run the sum of the masses (..., M) of all runs with the same key."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sums = np.add.reduceat(masses[..., order], starts, axis=-1)
    places = np.empty(len(keys), np.int64)
    places[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(keys)))
    return sums[..., places]


def _counts(source, pages, codes, k, length, seed):
    """How often each code occurs in the first so many ``pages``, (..., M), of one stream of pages."""
    wanted, places = np.unique(pages, return_inverse=True)
    found, total, done = [], np.zeros(len(codes)), 0
    with progress(total=int(wanted[-1]), unit="page", leave=False) as bar:
        for goal in wanted:
            while done < goal:
                size = int(min(CHUNK, goal - done))
                text = source.sample(size, length, [*seed, done])
                total += np.bincount(
                    np.searchsorted(codes, ngram_codes(text, k, len(source.words)).ravel()), minlength=len(codes)
                )
                done += size
                bar.update(size)
            found.append(total.copy())
    return np.stack(found)[places.reshape(pages.shape)]
