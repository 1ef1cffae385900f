"""n-gram models against counting by hand, and the laws by which they learn."""

import numpy as np
import pytest

from .small_language import LENGTH, ROUNDING, SYNTHETIC, bigram_source, both_sources, listed, runs, z
from .zscores import BOUND

CHUNK = 5  # pages that are counted at once, where a test says so


def counted(pages, k):
    """{(k words, the word after them): how often}, END before each page."""
    found = {}
    for run, frequency in runs(pages, np.ones(len(pages)), k + 1).items():
        found[run[:-1], run[-1]] = round(frequency * pages.shape[1])
    return found


def predicted(counts, context, word, vocabulary, prior):
    """What is predicted after ``context``; counts[k] holds those with k words of context."""
    k = len(context)
    shorter = predicted(counts, context[1:], word, vocabulary, prior) if k else 1 / vocabulary
    total = sum(count for (seen, _), count in counts[k].items() if seen == context)
    return (counts[k].get((context, word), 0) + prior * shorter) / (total + prior)


def streamed(source, goals, seed):
    """{goal: the first so many pages of the stream that is sampled from one goal to the next, at most CHUNK at once}."""
    pages, found = np.zeros((0, LENGTH), int), {}
    for goal in sorted(goals):
        while len(pages) < goal:
            size = min(CHUNK, goal - len(pages))
            pages = np.concatenate([pages, source.sample(size, LENGTH, [*seed, len(pages)])])
        found[goal] = pages
    return found


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", SYNTHETIC)
def test_excess_against_counting_by_hand(language, monkeypatch, name, k):
    monkeypatch.setattr(language.ngrams, "CHUNK", CHUNK)
    sources = both_sources(language, name)
    shares, sizes, prior = [0.0, 0.25, 1.0], [48, 24, 96], 0.7
    found = language.ngram_excess(*sources, shares, sizes, k, LENGTH, seed=3, prior=prior)
    pages = np.array([[[share * n / LENGTH for n in sizes] for share in (1 - p2, p2)] for p2 in shares])
    assert found.shape == (3, 3) and (pages == pages.round()).all()
    streams = [streamed(source, set(pages[:, i].ravel().astype(int)), [3, i]) for i, source in enumerate(sources)]
    frequencies = runs(*listed(sources[0]), k + 1)
    for i, j in np.ndindex(found.shape):
        seen = np.concatenate([stream[int(pages[i, source, j])] for source, stream in enumerate(streams)])
        counts = [counted(seen, order) for order in range(k + 1)]
        expected = 0.0
        for run, frequency in frequencies.items():
            known = sum(other for each, other in frequencies.items() if each[:-1] == run[:-1])
            guess = predicted(counts, run[:-1], run[-1], len(sources[0].words), prior)
            expected += frequency * np.log(frequency / known / guess)
        assert found[i, j] == pytest.approx(expected, rel=1e-11)  # rounding of a sum of terms of both signs


@pytest.mark.parametrize("k", [0, 1, 2])
def test_predictions_add_to_one_after_each_context(language, k):
    vocabulary = 5
    codes = np.arange(vocabulary ** (k + 1))
    counts = np.random.default_rng(0).integers(0, 3, (2, len(codes))) * (codes % 3 > 0)
    found = language.ngrams.learned(counts, codes, vocabulary, k, prior=0.3)
    assert (found > 0).all()
    np.testing.assert_allclose(found.reshape(2, -1, vocabulary).sum(axis=2), 1, rtol=ROUNDING)


def test_what_was_never_seen_is_left_to_shorter_contexts(language):
    """Codes of two words of three; after word 2 nothing was seen, after word 0 only word 1."""
    counts = np.array([0, 4, 0, 1, 1, 2, 0, 0, 0])
    found = language.ngrams.learned(counts, np.arange(9), 3, k=1, prior=2.0)
    singles = (np.array([1, 5, 2]) + 2 / 3) / (8 + 2)
    np.testing.assert_allclose(found[6:], singles, rtol=ROUNDING)
    np.testing.assert_allclose(found[:3], (np.array([0, 4, 0]) + 2 * singles) / (4 + 2), rtol=ROUNDING)


# Laws of learning


@pytest.mark.parametrize("k, parameters, seeds", [(1, 6, 400), (2, 18, 400)])
def test_excess_falls_like_the_number_of_parameters_over_twice_the_number_of_words(language, k, parameters, seeds):
    """Wilks: 2 n KL is chi-squared with one degree of freedom for each parameter, if the model can be right."""
    source, n = bigram_source(language), 12_000
    excess = [language.ngram_excess(source, source, 0.0, n, k, 60, seed)[0, 0] for seed in range(seeds)]
    scaled = 2 * n * np.array(excess) / parameters
    assert abs(z(scaled, 1.0)) < BOUND
    assert abs(z((scaled - scaled.mean()) ** 2, 2 / parameters)) < BOUND


@pytest.mark.proves("prop-context-floor")
@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_model_that_has_counted_for_ever_is_at_the_context_floor(language, name, k):
    real, synthetic = both_sources(language, name)
    (codes, first), (others, second) = (source.ngrams(k + 1, LENGTH) for source in (real, synthetic))
    together, shares = np.union1d(codes, others), np.array([0.0, 0.01, 0.5, 0.99])
    masses = np.zeros((2, len(together)))
    masses[0, np.searchsorted(together, codes)], masses[1, np.searchsorted(together, others)] = first, second
    counts = 1e20 * np.column_stack([1 - shares, shares]) @ masses
    found = language.ngrams.learned(counts, together, len(real.words), k)
    inside = masses[0] > 0
    _, places = np.unique(together[inside] // len(real.words), return_inverse=True)
    best = first / np.bincount(places, first)[places]
    floors = (first * np.log(best / found[:, inside])).sum(axis=1)
    np.testing.assert_allclose(floors, language.context_floor(real, synthetic, shares, k, LENGTH), rtol=1e-11, atol=ROUNDING)


@pytest.mark.proves("prop-context-floor")
@pytest.mark.parametrize("name, k, seeds", [("copy", 2, 300), ("leaky", 1, 300)])
def test_excess_comes_down_to_the_context_floor_like_one_over_n(language, name, k, seeds):
    sources, p2 = both_sources(language, name), 0.3
    floor = language.context_floor(*sources, p2, k, LENGTH)[0]
    means, stderrs = [], []
    for n in (3_000, 12_000):
        excess = [language.ngram_excess(*sources, p2, n, k, LENGTH, seed)[0, 0] for seed in range(seeds)]
        above = n * (np.array(excess) - floor)
        means.append(above.mean())
        stderrs.append(above.std(ddof=1) / seeds**0.5)
    assert means[0] > BOUND * np.hypot(*stderrs), "the excess must be resolved to say how it falls"
    assert abs(means[1] - means[0]) < BOUND * np.hypot(*stderrs)


# Parrots


@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_parrot_repeats_each_word_as_often_as_it_has_read_it(language, k):
    source = both_sources(language)[0]
    pages = source.sample(20, LENGTH, seed=1)
    parrot = language.parrot(pages, k, source.words)
    assert parrot.words == source.words
    counts = counted(pages, k)
    conditionals = parrot.conditionals(pages)
    for page, rows in zip(pages.tolist(), conditionals):
        padded = [0] * k + page
        for t, row in enumerate(rows):
            context = tuple(padded[t : t + k])
            heard = np.array([counts.get((context, word), 0) for word in range(len(source.words))])
            np.testing.assert_allclose(row, heard / heard.sum(), rtol=ROUNDING)


def test_a_parrot_writes_only_what_it_has_read(language):
    source = both_sources(language)[0]
    pages = source.sample(20, LENGTH, seed=1)
    text = language.parrot(pages, 2, source.words).sample(1000, 50, seed=2)
    read, written = set(counted(pages, 2)), counted(text, 2)
    last = {tuple(page[-2:]) for page in pages.tolist()}
    for context, word in written:
        ends = context in last and word == 0
        begins = context[1] == 0 and ((0, 0), word) in read
        assert (context, word) in read or ends or begins


def test_a_parrot_ends_what_it_has_only_read_at_the_end_of_a_page(language):
    words = [language.END, "tick", "tock"]
    parrot = language.parrot(np.array([[1, 2]]), 1, words)
    np.testing.assert_array_equal(parrot.sample(2, 6, seed=0), [[1, 2, 0, 1, 2, 0]] * 2)
