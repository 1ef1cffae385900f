"""Sources of text against lists of all their pages, and against the grammar read aloud, word by word."""

import re
from collections import Counter

import numpy as np
import pytest

from collapse.language import WORDS as STORY_WORDS
from collapse.language import story_source

from .small_language import LENGTH, ROUNDING, RULES, WORDS, both_sources, coin, extended, listed, runs, z
from .zscores import BOUND

STORY_PAGES, STORY_LENGTH = 10_000, 40
LISTS = {slot: set(words.split()) for slot, words in STORY_WORDS.items()}


@pytest.fixture
def source(language):
    return both_sources(language)[0]


@pytest.fixture(scope="module")
def stories():
    """The story source, and pages of it."""
    source = story_source()
    return source, source.sample(STORY_PAGES, STORY_LENGTH, seed=1)


def read_aloud(length, end):
    """{text: probability} of all pages of RULES and WORDS, by their notation alone."""

    def harmonic(options):
        return zip(options, 1 / np.arange(1, len(options) + 1) / sum(1 / i for i in range(1, len(options) + 1)))

    found, todo = Counter(), [((), ["[tale]"], {}, 1.0)]
    while todo:
        text, items, known, chance = todo.pop()
        if len(text) == length:
            found[text] += chance
            continue
        item, rest = items[0] if items else end, items[1:]
        name, _, key = item.strip("[]<>{}").partition("|")
        if not items:
            todo.append(((*text, end), ["[tale]"], {}, chance))
        elif item[0] == "[":
            todo += [(text, choice.split() + rest, known, chance * p) for choice, p in harmonic(RULES[name])]
        elif item[0] == "<":
            options = WORDS[f"{name}|{known[key]}" if key else name].split()
            todo += [((*text, word), rest, {**known, name: word}, chance * p) for word, p in harmonic(options)]
        else:
            todo.append(((*text, known[name] if item[0] == "{" else item), rest, known, chance))
    return found


def test_probabilities_are_those_of_the_grammar_read_aloud(language):
    source = both_sources(language)[0]
    pages, probabilities = listed(source)
    found = {tuple(source.words[token] for token in page): p for page, p in zip(pages, probabilities)}
    assert found == pytest.approx(dict(read_aloud(LENGTH, language.END)), rel=ROUNDING)
    assert probabilities.sum() == pytest.approx(1, rel=ROUNDING)


def test_an_impossible_word_is_the_end_of_all_probability(source):
    every = np.indices((len(source.words),) * 4).reshape(4, -1).T  # all texts of four words
    logarithms, (states, taken) = source.log_probabilities(every), source.branches(every)
    impossible = np.isinf(logarithms)
    assert impossible.any() and not impossible.all()
    np.testing.assert_array_equal(impossible, np.maximum.accumulate(impossible, axis=1))
    np.testing.assert_array_equal(taken == -1, impossible)
    np.testing.assert_array_equal(states[:, 1:] == -1, impossible[:, :-1])
    assert (states[:, 0] == 0).all()
    assert np.exp(logarithms.sum(axis=1)).sum() == pytest.approx(1, rel=ROUNDING)
    assert not source.conditionals(every)[states == -1].any()


def test_conditionals_are_ratios_of_probabilities_of_texts(language):
    source = both_sources(language, "leaky")[1]
    for length in range(LENGTH):
        before, probabilities = listed(source, length=length) if length else (np.zeros((1, 0), int), np.ones(1))
        after = extended(before, len(source.words))
        expected = np.exp(source.log_probabilities(after).sum(axis=1)).reshape(len(before), -1) / probabilities[:, None]
        found = source.conditionals(after[:: len(source.words)])[:, -1]
        np.testing.assert_allclose(found, expected, rtol=ROUNDING)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=ROUNDING)


def test_entropy_of_each_word_is_the_increase_of_the_entropy_of_the_text(language):
    source = both_sources(language)[0]
    entropies = [0.0]
    for length in range(1, LENGTH + 1):
        _, probabilities = listed(source, length=length)
        entropies.append(-(probabilities * np.log(probabilities)).sum())
    np.testing.assert_allclose(source.entropy(LENGTH), np.diff(entropies), rtol=ROUNDING, atol=ROUNDING)


def test_occupancy_is_how_often_a_page_comes_through_each_state(language):
    source = both_sources(language)[0]
    pages, probabilities = listed(source)
    states, _ = source.branches(pages)
    expected = [np.bincount(column, probabilities, minlength=source.states) for column in states.T]
    np.testing.assert_allclose(source.occupancy(LENGTH), expected, rtol=ROUNDING)


@pytest.mark.parametrize("order", [1, 2, 3, LENGTH])
def test_ngrams_are_the_runs_of_words_of_all_pages(language, order):
    source = both_sources(language)[0]
    codes, frequencies = source.ngrams(order, LENGTH)
    digits = [codes // len(source.words) ** place % len(source.words) for place in reversed(range(order))]
    assert (np.diff(codes) > 0).all()
    found = dict(zip(zip(*(digit.tolist() for digit in digits)), frequencies))
    assert found == pytest.approx(runs(*listed(source), order), rel=ROUNDING)
    assert frequencies.sum() == pytest.approx(1, rel=ROUNDING)


def test_sampled_pages_have_their_probabilities(language):
    source, count = both_sources(language)[0], 400_000
    pages, probabilities = listed(source, length=4)
    sampled = source.sample(count, 4, seed=1)
    base = len(source.words) ** np.arange(4)[::-1]
    codes = pages @ base
    places = np.searchsorted(codes, sampled @ base).clip(max=len(codes) - 1)
    np.testing.assert_array_equal(codes[places], sampled @ base, "a page that the source cannot write")
    counts = np.bincount(places, minlength=len(codes))
    assert count * probabilities.min() > 1000, "counts must be close to normal"
    assert np.abs((counts - count * probabilities) / np.sqrt(count * probabilities * (1 - probabilities))).max() < BOUND


def test_samples_follow_from_the_seed(source):
    assert source.sample(5, 7, seed=3).dtype == np.int16
    np.testing.assert_array_equal(source.sample(50, 7, seed=3), source.sample(50, 7, seed=3))
    np.testing.assert_array_equal(source.sample(50, 7, seed=[3, 1]), source.sample(50, 7, np.random.default_rng([3, 1])))
    assert not np.array_equal(source.sample(50, 7, seed=3), source.sample(50, 7, seed=4))


def test_a_source_may_have_one_branch_only(language):
    clock = language.Automaton([language.END, "tick"], [[1], [0]], np.ones((2, 1)), [[1], [0]])
    np.testing.assert_array_equal(clock.sample(3, 5, seed=0), [[1, 0, 1, 0, 1]] * 3)
    np.testing.assert_array_equal(clock.entropy(5), np.zeros(5))


def changed(language, source, **changes):
    names = ("words", "tokens", "probabilities", "targets")
    return language.Automaton(**({name: np.array(getattr(source, name)).tolist() for name in names} | changes))


def test_the_digest_is_of_all_that_the_source_is(language):
    source = both_sources(language)[0]
    tokens, targets, probabilities = source.tokens.copy(), source.targets.copy(), source.probabilities.copy()
    tokens[0, :2], targets[0, :2] = tokens[0, 1::-1], targets[0, 1::-1]
    probabilities[0, :2] += [1e-9, -1e-9]
    words = [source.words[0], source.words[2], source.words[1], *source.words[3:]]
    others = [dict(tokens=tokens), dict(targets=targets), dict(probabilities=probabilities), dict(words=words)]
    digests = {changed(language, source, **change).digest for change in others}
    assert len(digests | {source.digest}) == len(others) + 1
    assert changed(language, source).digest == both_sources(language)[0].digest == source.digest


def test_branches_that_are_not_used_do_not_matter(language):
    source = both_sources(language)[0]
    unused = source.probabilities == 0
    assert unused.any()
    other = changed(
        language, source, tokens=np.where(unused, 99, source.tokens), targets=np.where(unused, -7, source.targets)
    )
    assert other.digest == source.digest
    np.testing.assert_array_equal(other.occupancy(LENGTH), source.occupancy(LENGTH))


def test_a_source_cannot_be_changed(source):
    for array in (source.tokens, source.probabilities, source.targets):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0


# Taste


def test_taste_is_the_standard_deviation_of_what_is_added_to_the_logarithms_of_the_weights(language):
    words, taste = " ".join(f"w{i:04}" for i in range(4000)), 0.7
    plain, bent = (
        language.grammar.compiled({"tale": ["<word>"]}, {"word": words}, t, np.random.default_rng(2)) for t in (0.0, taste)
    )
    np.testing.assert_allclose(plain.probabilities[0] * np.arange(1, 4001), plain.probabilities[0, 0], rtol=ROUNDING)
    added = np.log(bent.probabilities[0] / plain.probabilities[0])
    assert abs(z((added - added.mean()) ** 2, taste**2)) < BOUND


def test_a_copy_tells_the_same_stories_with_other_preferences(stories):
    real, copy = stories[0], story_source(1.0, seed=0)
    assert copy.words == real.words
    for name in ("tokens", "targets"):
        np.testing.assert_array_equal(getattr(copy, name), getattr(real, name))
    np.testing.assert_array_equal(copy.probabilities > 0, real.probabilities > 0)
    different = (np.abs(copy.probabilities - real.probabilities) > 1e-3).any(axis=1)
    np.testing.assert_array_equal(different, real.probabilities[:, 0] < 1)


def test_a_copy_follows_from_its_taste_and_seed(language):
    def copy(taste, seed):
        return language.grammar.compiled(RULES, WORDS, taste, np.random.default_rng(seed))

    real = both_sources(language)[0]
    assert copy(0.0, 5).digest == real.digest
    assert copy(1.0, 5).digest == copy(1.0, 5).digest
    assert len({copy(taste, seed).digest for taste in (0.5, 1.0) for seed in (5, 6)}) == 4
    gaps = [language.page_divergences(real, copy(taste, 5), LENGTH).kl for taste in (0.0, 0.3, 1.0)]
    assert gaps[0] == 0 < gaps[1] < gaps[2]


# Stories


def test_the_entropy_of_each_word_is_the_mean_surprise_of_sampled_pages(stories):
    source, pages = stories
    surprise, entropy = -source.log_probabilities(pages), source.entropy(STORY_LENGTH)
    certain = entropy < ROUNDING
    np.testing.assert_allclose(surprise[:, certain], 0, atol=ROUNDING)
    assert np.abs(z(surprise[:, ~certain], entropy[~certain])).max() < BOUND
    assert abs(z(surprise.mean(axis=1), entropy.mean())) < BOUND


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_entropies_of_short_contexts_are_the_mean_surprise_given_them(stories, k):
    source, pages = stories
    size = len(source.words)
    codes, frequencies = source.ngrams(k + 1, STORY_LENGTH)
    contexts, places = np.unique(codes // size, return_inverse=True)
    surprise = -np.log(frequencies / np.bincount(places, frequencies)[places])
    padded = np.pad(pages.astype(np.int64), ((0, 0), (k, 0)))
    found = sum(padded[:, i : i + STORY_LENGTH] * size ** (k - i) for i in range(k + 1))
    seen = np.searchsorted(codes, found)
    np.testing.assert_array_equal(codes[seen], found)
    assert abs(z(surprise[seen].mean(axis=1), (frequencies * surprise).sum())) < BOUND


def test_more_context_never_hurts_and_the_whole_page_is_the_best(stories):
    source, _ = stories
    entropies = []
    for k in range(4):
        codes, frequencies = source.ngrams(k + 1, STORY_LENGTH)
        places = np.unique(codes // len(source.words), return_inverse=True)[1]
        entropies.append(-(frequencies * np.log(frequencies / np.bincount(places, frequencies)[places])).sum())
    assert (np.diff([*entropies, source.entropy(STORY_LENGTH).mean()]) < 0).all()


def test_children_pets_and_things_stay_what_they_are(stories):
    source, pages = stories
    told = 0
    for page in pages[:2000]:
        for story in " ".join(source.words[token] for token in page).split(source.words[0]):
            words = set(story.split())
            she = bool(words & {"girl", "she", "her", *LISTS["name|girl"]})
            he = bool(words & {"boy", "he", "his", *LISTS["name|boy"]})
            assert not (she and he), story
            for slot in ("pet", "thing", "name|any"):
                assert len(words & LISTS[slot]) <= 1, story
            for pet, sound in re.findall(r"the (\w+) (\w+) and (?:she|he) ", story):
                assert sound in LISTS[f"sound|{pet}"], story
                told += 1
            recalled = re.search(r"found the (\w+)", story)
            if recalled and recalled[1] in LISTS["thing"]:
                assert re.search(rf"(lost (her|his)|took the|wanted a \w+) {recalled[1]}\b", story), story
                told += 1
    assert told > 1000


# Streams of mixed pages


def mixed(language, **changes):
    arguments = dict(real=coin(language, 0, 1), synthetic=coin(language, 2, 3), p2=0.3, length=6, seed=7)
    return language.MixedPages(**(arguments | changes))


def test_a_batch_is_a_function_of_the_step_and_begins_with_an_end(language):
    stream = mixed(language)
    first = [stream.batch(step, 20) for step in (0, 1, 2)]
    again = [mixed(language).batch(step, 20) for step in (2, 0, 1)]
    for batch, same in zip(first, (again[1], again[2], again[0])):
        np.testing.assert_array_equal(batch, same)
        assert batch.shape == (20, 7) and batch.dtype == np.int16 and not batch[:, 0].any()
    assert len({batch.tobytes() for batch in first}) == 3
    assert len(np.unique(np.concatenate(first), axis=0)) > 40


@pytest.mark.parametrize("p2", [0.0, 0.01, 0.3, 0.9, 1.0])
def test_each_page_is_synthetic_with_probability_p2(language, p2):
    batch, count = mixed(language, p2=p2).batch(5, 100_000)[:, 1:], 100_000
    synthetic = batch >= 2
    assert (synthetic == synthetic[:, :1]).all(), "a page has one writer"
    spread = (count * p2 * (1 - p2)) ** 0.5
    assert abs(synthetic[:, 0].sum() - p2 * count) <= BOUND * spread
    assert abs((batch % 2).mean() - 0.5) < BOUND * 0.5 / batch.size**0.5


def test_streams_that_differ_in_p2_alone_have_their_real_pages_in_common(language):
    real, *mixtures, synthetic = [mixed(language, p2=p2).batch(4, 500) for p2 in (0.0, 0.2, 0.7, 1.0)]
    fewer, more = ((batch[:, 1:] >= 2).any(axis=1) for batch in mixtures)
    assert 0 < fewer.sum() < more.sum() and not (fewer & ~more).any()
    for batch, chosen in zip(mixtures, (fewer, more)):
        np.testing.assert_array_equal(batch, np.where(chosen[:, None], synthetic, real))


def test_the_digest_of_a_stream_is_of_all_that_it_is(language):
    real, synthetic = coin(language, 0, 1), coin(language, 2, 3)
    others = [dict(real=synthetic), dict(synthetic=real), dict(p2=0.31), dict(length=7), dict(seed=8)]
    digests = [mixed(language, **change).digest for change in others]
    assert len({*digests, mixed(language).digest}) == len(others) + 1
    assert mixed(language, p2=1).digest == mixed(language, p2=np.float64(1)).digest == mixed(language, p2=1.0).digest
