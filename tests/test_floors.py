"""Mixture floors against lists of all pages, and the statements about them."""

import numpy as np
import pytest
import torch

from .small_language import LENGTH, ROUNDING, SYNTHETIC, both_sources, coin, divergence, extended, listed, runs
from .zscores import BOUND

SHARES = np.array([0.0, 0.01, 0.3, 0.5, 0.9, 1.0])
INSIDE = SHARES[1:-1]
SHRINKING = 2.0 ** -np.arange(1, 10)
LEAKY = {"leaky", "other"}  # these write what the real source never would
GAPPY = {"silent", "other"}  # these never write all that the real source may


def first_words(real, synthetic, p2):
    """KL(P1 || mixture) of the first 1, 2, ... words of a page, (length,), by its definition."""
    found = []
    for length in range(1, LENGTH + 1):
        _, first, second = listed(real, synthetic, length=length)
        found.append(divergence(first, (1 - p2) * first + p2 * second))
    return np.array(found)


def word_by_word(real, synthetic, p2):
    """The same of each word given all before it; inf from the first word on that the mixture may never write."""
    whole = first_words(real, synthetic, p2)
    return np.where(np.isinf(whole), np.inf, np.diff(np.nan_to_num(whole, posinf=0), prepend=0))


def ideal_excess(language, real, synthetic, p2):
    """Excess of the ideal reader of the mixture on all real pages, (pages, length), and the pages' probabilities."""
    pages, probabilities = listed(real)
    predictions, _ = language.mixture_reader(real, synthetic, p2, pages)
    return language.excess(predictions, real, pages), probabilities


def floor_of_ideal_reader(language, real, synthetic, p2):
    """In nats per page, exact."""
    losses, probabilities = ideal_excess(language, real, synthetic, p2)
    return probabilities @ losses.sum(axis=1)


def both_runs(real, synthetic, order):
    """How often each run of ``order`` words ends at a word of a page, in either source; order 0: that a word is there."""
    pages, *chances = listed(real, synthetic)
    if order == 0:
        return np.ones((2, 1))
    return np.array([list(runs(pages, each, order).values()) for each in chances])


def both_contexts(real, synthetic, k):
    """How often each run of k words stands before a word of a page, in either source."""
    pages, *chances = listed(real, synthetic)
    found = []
    for each in chances:
        seen = {}
        for run, chance in runs(pages, each, k + 1).items():
            seen[run[:-1]] = seen.get(run[:-1], 0.0) + chance
        found.append(list(seen.values()))
    return np.array(found)


def chi2_and_leak(first, second):
    inside = first > 0
    return ((second - first)[inside] ** 2 / first[inside]).sum(), second[~inside].sum()


def moments(first, second, power):
    """sum of (P2/P1 - 1)^power P1 over the support of P1, and the same of its absolute value."""
    change = second[first > 0] / first[first > 0] - 1
    return np.array([change**power, np.abs(change) ** power]) @ first[first > 0]


# Floors and divergences against lists of all pages


@pytest.mark.parametrize("name", SYNTHETIC)
def test_page_floor_against_all_pages(language, name):
    real, synthetic = both_sources(language, name)
    floor = language.page_floor(real, synthetic, SHARES, LENGTH, 100_000, seed=1)
    for i, share in enumerate(SHARES):
        expected = np.array([first_words(real, synthetic, share)[-1] / LENGTH, *word_by_word(real, synthetic, share)])
        means = np.array([floor.mean[i], *floor.by_position[i]])
        stderrs = np.array([floor.stderr[i], *floor.by_position_stderr[i]])
        finite = np.isfinite(expected)
        np.testing.assert_array_equal(finite, np.isfinite(means))
        gaps = np.abs(means[finite] - expected[finite])
        assert (gaps <= BOUND * stderrs[finite] + ROUNDING).all(), f"p2 = {share}: {gaps} with {stderrs[finite]}"
        assert finite.all() == (share < 1 or name not in GAPPY)
    np.testing.assert_array_equal(floor.by_position[0], 0)
    np.testing.assert_allclose(floor.by_position.mean(axis=1), floor.mean, rtol=ROUNDING)


def test_page_floor_of_a_perfect_copy_is_zero_without_scatter(language):
    real, _ = both_sources(language)
    floor = language.page_floor(real, real, SHARES, LENGTH, 100, seed=1)
    for values in (floor.mean, floor.stderr, floor.by_position, floor.by_position_stderr):
        np.testing.assert_allclose(values, 0, atol=ROUNDING)
    assert repr(language.page_floor(real, real, 0.0, LENGTH, 100, seed=1)) == "Floor(0 ± 0 nats per word)"


def test_the_standard_error_of_page_floor_is_its_scatter(language):
    real, synthetic = both_sources(language)
    expected, seeds = first_words(real, synthetic, 0.4)[-1] / LENGTH, 500
    floors = [language.page_floor(real, synthetic, 0.4, LENGTH, 400, seed) for seed in range(seeds)]
    scores = np.array([(floor.mean[0] - expected) / floor.stderr[0] for floor in floors])
    assert abs((scores**2).sum() - seeds) < BOUND * (2 * seeds) ** 0.5


@pytest.mark.proves("prop-context-floor")
@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", SYNTHETIC)
def test_context_floor_against_all_pages(language, name, k):
    """KL of the next word given k words, averaged over contexts, is that of the runs minus that of the contexts."""
    real, synthetic = both_sources(language, name)
    (first, second), (before, before_second) = both_runs(real, synthetic, k + 1), both_contexts(real, synthetic, k)
    expected = [
        divergence(first, (1 - p2) * first + p2 * second) - divergence(before, (1 - p2) * before + p2 * before_second)
        for p2 in SHARES[:-1]
    ]
    found = language.context_floor(real, synthetic, SHARES, k, LENGTH)
    np.testing.assert_allclose(found[:-1], expected, rtol=ROUNDING, atol=ROUNDING)
    assert found[0] == 0 and (found[-1] == np.inf) == (divergence(first, second) == np.inf)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_context_of_the_whole_page_has_the_floor_of_the_page(language, name):
    """A page of stories never has two ENDs in a row, so that what fills the gap before it tells where the page begins."""
    real, synthetic = both_sources(language, name)
    found = language.context_floor(real, synthetic, INSIDE, LENGTH - 1, LENGTH)
    expected = [first_words(real, synthetic, share)[-1] / LENGTH for share in INSIDE]
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_page_divergences_against_all_pages(language, name):
    real, synthetic = both_sources(language, name)
    found = language.page_divergences(real, synthetic, LENGTH)
    _, first, second = listed(real, synthetic)
    chi2, leak = chi2_and_leak(first, second)
    assert found.kl == pytest.approx(divergence(first, second), rel=ROUNDING)
    assert found.chi2 == pytest.approx(chi2, rel=ROUNDING)
    assert found.leak == pytest.approx(leak, rel=ROUNDING, abs=ROUNDING) and found.leak >= 0
    assert (found.kl == np.inf) == (name in GAPPY) and (leak > 0) == (name in LEAKY)


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", SYNTHETIC)
def test_context_divergences_against_all_pages(language, name, k):
    real, synthetic = both_sources(language, name)
    found = language.context_divergences(real, synthetic, k, LENGTH)
    (first, second), (before, before_second) = both_runs(real, synthetic, k + 1), both_contexts(real, synthetic, k)
    (chi2, leak), (before_chi2, before_leak) = chi2_and_leak(first, second), chi2_and_leak(before, before_second)
    kl = divergence(first, second)
    assert found.kl == pytest.approx(kl if kl == np.inf else kl - divergence(before, before_second), rel=ROUNDING)
    assert found.chi2 == pytest.approx(chi2 - before_chi2, rel=ROUNDING)
    assert found.leak == pytest.approx(leak - before_leak, rel=ROUNDING, abs=ROUNDING)


# The ideal reader


@pytest.mark.parametrize("name", SYNTHETIC)
@pytest.mark.parametrize("p2", [0.0, 0.3, 1.0])
def test_the_ideal_reader_predicts_by_the_probabilities_of_texts(language, name, p2):
    """M(word | text) = M(text, word)/M(text), and the belief is Bayes' rule, for all texts that the mixture may write."""
    real, synthetic = both_sources(language, name)
    for length in range(1, LENGTH):
        texts, first, second = listed(real, synthetic, length=length)
        mixed = (1 - p2) * first + p2 * second
        texts, second, mixed = texts[mixed > 0], second[mixed > 0], mixed[mixed > 0]
        longer = extended(texts, len(real.words))
        chances = [np.exp(source.log_probabilities(longer).sum(axis=1)) for source in (real, synthetic)]
        predictions, belief = language.mixture_reader(real, synthetic, p2, longer[:: len(real.words)])
        expected = ((1 - p2) * chances[0] + p2 * chances[1]).reshape(len(texts), -1) / mixed[:, None]
        np.testing.assert_allclose(np.exp(predictions[:, -1]), expected, rtol=ROUNDING, atol=ROUNDING)
        np.testing.assert_allclose(belief[:, -1], p2 * second / mixed, rtol=ROUNDING)
        np.testing.assert_allclose(belief[:, 0], p2, rtol=ROUNDING)


def test_excess_is_the_divergence_of_the_next_word(language):
    real, _ = both_sources(language)
    pages, _ = listed(real)
    rng = np.random.default_rng(0)
    predictions = rng.random((*pages.shape, len(real.words)))
    predictions /= predictions.sum(axis=2, keepdims=True)
    truth = real.conditionals(pages)
    expected = [[divergence(*both) for both in zip(*rows)] for rows in zip(truth, predictions)]
    np.testing.assert_allclose(language.excess(np.log(predictions), real, pages), expected, rtol=ROUNDING)
    np.testing.assert_allclose(language.excess(_logarithms(truth), real, pages), 0, atol=ROUNDING)


def test_a_model_reads_each_word_from_the_words_before_it(language):
    """A page at a time, without what comes later, gives the same log-probabilities to the rounding of float32."""
    real, _ = both_sources(language)
    model = language.GPT(language.GPTConfig(len(real.words), LENGTH, layers=2, heads=2, width=16), seed=0).eval()
    pages = real.sample(7, LENGTH, seed=0)
    found = language.model_reader(model, pages)
    assert found.shape == (7, LENGTH, len(real.words))
    np.testing.assert_allclose(np.exp(found).sum(axis=2), 1, rtol=1e-5)
    for page, rows in zip(pages, found):
        for t in range(LENGTH):
            with torch.no_grad():
                logits = model(torch.tensor([[0, *page[:t].tolist()]]))[0, -1]
            np.testing.assert_allclose(rows[t], logits.log_softmax(dim=0).numpy(), rtol=1e-5, atol=1e-6)


def _logarithms(probabilities):
    with np.errstate(divide="ignore"):
        return np.log(probabilities)


# Statements


@pytest.mark.proves("prop-mixture-floor")
@pytest.mark.parametrize("name", SYNTHETIC)
def test_no_reader_of_the_mixture_is_better_than_the_mixture(language, name):
    """Noise is added to the logarithms of the ideal reader's predictions, a function of the text before, small or large."""
    real, synthetic = both_sources(language, name)
    pages, first, second = listed(real, synthetic)
    mixed, rng = (first + second) / 2, np.random.default_rng(0)
    best, _ = language.mixture_reader(real, synthetic, 0.5, pages)

    def loss(predictions):
        return -mixed @ np.take_along_axis(predictions, pages[:, :, None], axis=2)[:, :, 0].sum(axis=1)

    assert loss(best) == pytest.approx(-(mixed * np.log(mixed)).sum(), rel=ROUNDING)
    for size in (0.01, 0.1, 1.0, 3.0):
        noise = np.empty_like(best)
        for t in range(LENGTH):
            texts = pages[:, :t] @ len(real.words) ** np.arange(t)
            _, places = np.unique(texts, return_inverse=True)
            noise[:, t] = size * rng.standard_normal((places.max() + 1, best.shape[2]))[places]
        other = best + noise
        other -= np.logaddexp.reduce(other, axis=2, keepdims=True)
        assert loss(other) > loss(best) + 1e-6
    for share in (0.45, 0.55):
        assert loss(language.mixture_reader(real, synthetic, share, pages)[0]) > loss(best) + 1e-5


@pytest.mark.proves("prop-mixture-floor")
@pytest.mark.parametrize("name", SYNTHETIC)
def test_the_floor_is_the_ideal_readers_excess_and_is_convex_and_increases(language, name):
    real, synthetic = both_sources(language, name)
    _, first, second = listed(real, synthetic)
    shares = np.linspace(0, 1, 41)[:-1]
    floors = [floor_of_ideal_reader(language, real, synthetic, share) for share in shares]
    expected = [divergence(first, (1 - share) * first + share * second) for share in shares]
    np.testing.assert_allclose(floors, expected, rtol=ROUNDING, atol=ROUNDING)
    floors.append(language.page_divergences(real, synthetic, LENGTH).kl)
    assert abs(floors[0]) < ROUNDING
    assert (np.diff(floors) > 0).all() and (np.diff(floors, 2) > 0).all()


@pytest.mark.proves("prop-small-share")
@pytest.mark.parametrize("name", SYNTHETIC)
def test_small_shares_cost_the_leak_and_half_of_chi_squared(language, name):
    """What is left is within the bounds of Taylor's theorem, of third order in p2 and, with the next term, of fourth."""
    real, synthetic = both_sources(language, name)
    _, *chances = listed(real, synthetic)
    floors = [floor_of_ideal_reader(language, real, synthetic, share) for share in SHRINKING]
    found = language.page_divergences(real, synthetic, LENGTH)
    check_expansion(floors, found, [chances])
    assert (found.leak > 0.01) == (name in LEAKY)


@pytest.mark.proves("prop-small-share")
@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", SYNTHETIC)
def test_small_shares_cost_the_same_to_readers_of_short_contexts(language, name, k):
    real, synthetic = both_sources(language, name)
    floors = language.context_floor(real, synthetic, SHRINKING, k, LENGTH)
    parts = [both_runs(real, synthetic, k + 1), both_contexts(real, synthetic, k)]
    check_expansion(floors, language.context_divergences(real, synthetic, k, LENGTH), parts)


def check_expansion(floors, divergences, parts):
    """F = p2 leak + p2^2 chi2/2 + R for shares SHRINKING, F the divergence of the first part minus that of the second."""
    rest = floors - SHRINKING * divergences.leak - SHRINKING**2 * divergences.chi2 / 2
    third = sum(moments(*part, 3)[1] for part in parts) / 3
    assert (np.abs(rest) <= third * SHRINKING**3 / (1 - SHRINKING) ** 3 + ROUNDING).all()
    signed = sum(sign * moments(*part, 3)[0] for sign, part in zip((1, -1), parts)) / 3
    fourth = sum(moments(*part, 4)[1] for part in parts) / 4
    assert (np.abs(rest + SHRINKING**3 * signed) <= fourth * SHRINKING**4 / (1 - SHRINKING) ** 4 + ROUNDING).all()


@pytest.mark.proves("prop-who-speaks")
@pytest.mark.parametrize("name", SYNTHETIC)
@pytest.mark.parametrize("p2", INSIDE)
def test_the_ideal_reader_pays_what_it_learns_about_the_writer(language, name, p2):
    """At each word of each page; b is the reader's belief that the writer is the real one."""
    real, synthetic = both_sources(language, name)
    pages, probabilities = listed(real)
    one_more = np.pad(pages, ((0, 0), (0, 1)))  # to be asked for the belief after the last word
    predictions, belief = language.mixture_reader(real, synthetic, p2, one_more)
    learned = np.diff(np.log(1 - belief), axis=1)
    written = np.take_along_axis(predictions[:, :-1], pages[:, :, None], axis=2)[:, :, 0]
    np.testing.assert_allclose(real.log_probabilities(pages) - written, learned, atol=ROUNDING)

    losses, _ = ideal_excess(language, real, synthetic, p2)
    for t in range(LENGTH):
        _, places = np.unique(pages[:, :t] @ len(real.words) ** np.arange(t), return_inverse=True)
        mean = np.bincount(places, probabilities * learned[:, t]) / np.bincount(places, probabilities)
        np.testing.assert_allclose(losses[:, t], mean[places], atol=ROUNDING)

    total = probabilities @ losses.sum(axis=1)
    assert total == pytest.approx(-np.log(1 - p2) + probabilities @ np.log(1 - belief[:, -1]), abs=ROUNDING)
    assert 0 < total < -np.log(1 - p2)


@pytest.mark.proves("prop-who-speaks")
@pytest.mark.parametrize("length", [1, 40])
def test_very_different_writers_cost_the_logarithm_of_the_share_once_a_page(language, length):
    real, synthetic = coin(language, 0, 1), coin(language, 2, 3)
    floor = language.page_floor(real, synthetic, INSIDE, length, 100, seed=0)
    once = -np.log(1 - INSIDE)
    np.testing.assert_allclose(floor.mean, once / length, rtol=ROUNDING)
    np.testing.assert_allclose(floor.by_position[:, 0], once, rtol=ROUNDING)
    np.testing.assert_allclose(floor.by_position[:, 1:], 0, atol=ROUNDING)
    np.testing.assert_allclose(floor.stderr, 0, atol=ROUNDING)
    assert language.page_floor(real, synthetic, 1.0, length, 100, seed=0).mean == np.inf
