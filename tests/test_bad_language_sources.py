"""Bad input to the sources of language and their floors gives an error that names the argument, the value and the rule."""

import re
from pathlib import Path

import numpy as np
import pytest

from collapse import language
from collapse.language import END, plateau
from collapse.language.grammar import compiled

WORDS = [END, "tick", "tock"]
REAL = language.Automaton(WORDS, [[1, 2]], [[0.5, 0.5]], [[0, 0]])
OTHER = language.Automaton(WORDS, [[1, 2]], [[0.25, 0.75]], [[0, 0]])
STRANGER = language.Automaton([END, "tock", "tick"], [[1, 2]], [[0.5, 0.5]], [[0, 0]])
PAGES = REAL.sample(5, 4, seed=0)
PREDICTIONS = np.zeros((5, 4, 3))
MODEL = language.GPT(language.GPTConfig(3, 4, layers=1, heads=1, width=4), seed=0)


def automaton(**changes):
    arguments = dict(words=WORDS, tokens=[[1, 2]], probabilities=[[0.5, 0.5]], targets=[[0, 0]])
    return language.Automaton(**(arguments | changes))


def grammar(**changes):
    arguments = dict(rules={"tale": ["<pet> ran"]}, words={"pet": "cat dog"}, taste=0.0, rng=np.random.default_rng(0))
    return compiled(**(arguments | changes))


def told(*alternatives, **words):
    """The grammar of one rule and lists of words; "_" in a name stands for "|"."""
    return grammar(rules={"tale": list(alternatives)}, words={name.replace("_", "|"): text for name, text in words.items()})


def page_floor(**changes):
    return language.page_floor(**(dict(real=REAL, synthetic=OTHER, p2=0.5, length=4, pages=10, seed=0) | changes))


def context_floor(**changes):
    return language.context_floor(**(dict(real=REAL, synthetic=OTHER, p2=0.5, k=1, length=4) | changes))


def context_divergences(**changes):
    return language.context_divergences(**(dict(real=REAL, synthetic=OTHER, k=1, length=4) | changes))


def page_divergences(**changes):
    return language.page_divergences(**(dict(real=REAL, synthetic=OTHER, length=4) | changes))


def ngram_excess(**changes):
    return language.ngram_excess(**(dict(real=REAL, synthetic=OTHER, p2=0.5, n=40, k=1, length=4, seed=0) | changes))


def parrot(**changes):
    return language.parrot(**(dict(pages=PAGES, k=1, words=WORDS) | changes))


def excess(**changes):
    return language.excess(**(dict(predictions=PREDICTIONS, real=REAL, pages=PAGES) | changes))


def mixture_reader(**changes):
    return language.mixture_reader(**(dict(real=REAL, synthetic=OTHER, p2=0.5, pages=PAGES) | changes))


def mixed_pages(**changes):
    return language.MixedPages(**(dict(real=REAL, synthetic=OTHER, p2=0.5, length=4, seed=0) | changes))


def plateau_run(**changes):
    arguments = dict(generator="taste", p2=0.5, tokens=10_000, width=16, layers=1, seed=0)
    return language.plateau_run(**(arguments | changes))


P2 = "p2 must be finite and >= 0 and <= 1, got "
PAGES_ARE = "pages must be tokens (pages, length), got "
SAME_WORDS = "synthetic must have the words of real, in the same order"

CASES = [
    # automata
    (lambda: automaton(words=["tick", END, "tock"]), ValueError, f"words must begin with {END}"),
    (lambda: automaton(words=[]), ValueError, f"words must begin with {END}"),
    (lambda: automaton(words=[END, "tick", "tick"]), ValueError, "words must begin with <|endoftext|>, be distinct"),
    (lambda: automaton(words=[END, "tick", "t o"]), ValueError, "and have no white space in them"),
    (lambda: automaton(words=[END, "tick", ""]), ValueError, "and have no white space in them"),
    (lambda: automaton(words=[END, 1, 2]), TypeError, "words must be text, got ('<|endoftext|>', 1, 2)"),
    (lambda: automaton(words=[END, *map(str, range(40_000))]), ValueError, "words must be at most 32767, got 40001"),
    (lambda: automaton(tokens=[[1, 3]]), ValueError, "tokens must be whole numbers from 0 to 2"),
    (lambda: automaton(tokens=[[-1, 1]]), ValueError, "tokens must be whole numbers from 0 to 2"),
    (lambda: automaton(tokens=[[1.0, 2.0]]), ValueError, "tokens must be whole numbers from 0 to 2"),
    (lambda: automaton(tokens=[[1, 1]]), ValueError, "tokens of a state must be distinct"),
    (lambda: automaton(tokens=[[1, 2, 0]]), ValueError, "tokens, probabilities and targets must have the same shape"),
    (lambda: automaton(targets=[[0, 1]]), ValueError, "targets must be whole numbers from 0 to 0"),
    (lambda: automaton(targets=[[0, None]]), ValueError, "targets must be whole numbers from 0 to 0"),
    (lambda: automaton(probabilities=[[0.5, 0.4]]), ValueError, "probabilities must add to 1 in each state"),
    (lambda: automaton(probabilities=[[1.5, -0.5]]), ValueError, "probabilities must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: automaton(probabilities=[[np.nan, 1]]), ValueError, "probabilities must be finite and >= 0 and <= 1, got nan"),
    (lambda: automaton(probabilities=[[0, 1]]), ValueError, "probabilities must have the branches that are not used last"),
    (lambda: automaton(probabilities=[0.5, 0.5]), ValueError, "probabilities must have 2 dimension(s)"),
    (lambda: automaton(probabilities="even"), TypeError, "probabilities must hold real numbers, got 'even'"),
    (lambda: REAL.sample(0, 4, 0), ValueError, "pages must be >= 1, got 0"),
    (lambda: REAL.sample(2.0, 4, 0), TypeError, "pages must be a whole number, got 2.0"),
    (lambda: REAL.sample(2, 0, 0), ValueError, "length must be >= 1, got 0"),
    (lambda: REAL.sample(2, 4, -1), ValueError, "seed must be what numpy.random.default_rng takes, got -1"),
    (lambda: REAL.sample(2, 4, "seed"), ValueError, "seed must be what numpy.random.default_rng takes, got 'seed'"),
    (lambda: REAL.branches([1, 2]), ValueError, f"{PAGES_ARE}int64 of shape (2,)"),
    (lambda: REAL.branches([[]]), ValueError, f"{PAGES_ARE}float64 of shape (1, 0)"),
    (lambda: REAL.log_probabilities([[0.5]]), ValueError, f"{PAGES_ARE}float64 of shape (1, 1)"),
    (lambda: REAL.log_probabilities([[1, 3]]), ValueError, "pages must hold tokens from 0 to 2, got 1 to 3"),
    (lambda: REAL.conditionals([[-1, 2]]), ValueError, "pages must hold tokens from 0 to 2, got -1 to 2"),
    (lambda: REAL.conditionals([["tick"]]), ValueError, PAGES_ARE),
    (lambda: REAL.occupancy(0), ValueError, "length must be >= 1, got 0"),
    (lambda: REAL.entropy(2.5), TypeError, "length must be a whole number, got 2.5"),
    (lambda: REAL.ngrams(0, 4), ValueError, "order must be >= 1, got 0"),
    (lambda: REAL.ngrams(5, 4), ValueError, "length must be >= 5, got 4"),
    (lambda: REAL.ngrams(40, 40), ValueError, "order must be smaller: 3 words to the power 40 overflow, got 40"),
    # grammars
    (lambda: language.story_source(-1), ValueError, "taste must be finite and >= 0 and <= 100, got -1"),
    (lambda: language.story_source([1, 2]), ValueError, "taste must be one number"),
    (lambda: language.story_source(1, seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: language.story_source(1, seed=0.5), TypeError, "seed must be a whole number, got 0.5"),
    (lambda: grammar(taste="sweet"), TypeError, "taste must hold real numbers, got 'sweet'"),
    (lambda: grammar(rng=0), TypeError, "rng must be a Generator, got int"),
    (lambda: grammar(rules=["<pet> ran"]), TypeError, "rules must be a dict, got list"),
    (lambda: grammar(rules={}), ValueError, "rules must have at least one rule, and each rule at least one alternative"),
    (lambda: grammar(rules={"tale": []}), ValueError, "rules must have at least one rule, and each rule"),
    (lambda: grammar(rules={"tale": "a dog"}), TypeError, "rule 'tale' must be a list, got str"),
    (lambda: grammar(rules={"tale": [3]}), TypeError, "an alternative of 'tale' must be a str, got int"),
    (lambda: grammar(words="cat dog"), TypeError, "words must be a dict, got str"),
    (lambda: told("<pet> ran", pet=["cat"]), TypeError, "words of 'pet' must be a str, got list"),
    (lambda: told("<pet> ran", pet=" "), ValueError, "words of 'pet' must be one word or more, and not <|endoftext|>"),
    (lambda: told("<pet> ran", pet=f"cat {END}"), ValueError, "words of 'pet' must be one word or more, and not"),
    (lambda: told("<pet ran", pet="cat"), ValueError, "rule 'tale' has <pet, which must end in >"),
    (lambda: told("a [rest"), ValueError, "rule 'tale' has [rest, which must end in ]"),
    (lambda: told("a <"), ValueError, "rule 'tale' has <, which must end in >"),
    (lambda: told("a [rest]"), ValueError, "rule 'tale' goes on with [rest], but there is no such rule"),
    (lambda: told("a [tale] b"), ValueError, "rule 'tale' has [tale] before the end of an alternative"),
    (lambda: told("[tale]"), ValueError, "rules must not lead back to themselves without a word"),
    (lambda: told("a <pet>"), ValueError, "rule 'tale' has <pet>, but there is no such list of words"),
    (lambda: told("a <pet|kind>", pet_big="dog"), ValueError, "there is no list of words 'pet|kind'"),
    (lambda: told("a <she>"), ValueError, "there is no list of words 'she'"),
    (lambda: told("<pet> <did|pet>", pet="cat dog", did_cat="ran"), ValueError, "there is no list of words 'did|dog'"),
    (lambda: told("a {pet}", pet="cat"), ValueError, "these slots are recalled before they are filled: ['pet']"),
    (lambda: told("a {she}", child="girl"), ValueError, "these slots are recalled before they are filled: ['child']"),
    (lambda: told("a <child> {she}", child="girl robot"), ValueError, "for a child that is one of girl, boy only"),
    (
        lambda: told("a cat", "a dog"),
        ValueError,
        "two continuations begin with the same word at (('tale', None, 0), ()): ['a', 'a']",
    ),
    (lambda: told("<pet> ran", pet="cat cat"), ValueError, "two continuations begin with the same word"),
    # floors
    (lambda: page_floor(real=None), TypeError, "real must be an Automaton, got NoneType"),
    (lambda: page_floor(synthetic="taste"), TypeError, "synthetic must be an Automaton, got str"),
    (lambda: page_floor(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: page_floor(p2=1.5), ValueError, f"{P2}1.5"),
    (lambda: page_floor(p2=[0.5, np.nan]), ValueError, f"{P2}nan"),
    (lambda: page_floor(p2=[[0.5]]), ValueError, "p2 must have 1 dimension(s), got an array of shape (1, 1)"),
    (lambda: page_floor(p2=[]), ValueError, "p2 must not be empty"),
    (lambda: page_floor(p2=None), TypeError, "p2 must hold real numbers, got None"),
    (lambda: page_floor(length=0), ValueError, "length must be >= 1, got 0"),
    (lambda: page_floor(pages=3), ValueError, "pages must be >= 4, got 3"),
    (lambda: page_floor(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: page_floor(seed=None), TypeError, "seed must be a whole number, got None"),
    (lambda: context_floor(real=REAL.words), TypeError, "real must be an Automaton, got tuple"),
    (lambda: context_floor(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: context_floor(p2=-0.1), ValueError, f"{P2}-0.1"),
    (lambda: context_floor(p2=[[0.5]]), ValueError, "p2 must have 1 dimension(s), got an array of shape (1, 1)"),
    (lambda: context_floor(k=-1), ValueError, "k must be >= 0, got -1"),
    (lambda: context_floor(k=0.5), TypeError, "k must be a whole number, got 0.5"),
    (lambda: context_floor(k=4), ValueError, "length must be >= 5, got 4"),
    (lambda: context_divergences(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: context_divergences(k=-1), ValueError, "k must be >= 0, got -1"),
    (lambda: context_divergences(length=4.0), TypeError, "length must be a whole number, got 4.0"),
    (lambda: page_divergences(real=3), TypeError, "real must be an Automaton, got int"),
    (lambda: page_divergences(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: page_divergences(length=0), ValueError, "length must be >= 1, got 0"),
    # n-grams
    (lambda: ngram_excess(real=None), TypeError, "real must be an Automaton, got NoneType"),
    (lambda: ngram_excess(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: ngram_excess(p2=2), ValueError, f"{P2}2"),
    (lambda: ngram_excess(p2=[[0.5]]), ValueError, "p2 must have 1 dimension(s), got an array of shape (1, 1)"),
    (lambda: ngram_excess(n=0), ValueError, "n must be finite and >= 1, got 0"),
    (lambda: ngram_excess(n=np.inf), ValueError, "n must be finite and >= 1, got inf"),
    (lambda: ngram_excess(n=[]), ValueError, "n must not be empty"),
    (lambda: ngram_excess(n="many"), TypeError, "n must hold real numbers, got 'many'"),
    (lambda: ngram_excess(k=-1), ValueError, "k must be >= 0, got -1"),
    (lambda: ngram_excess(k=4), ValueError, "length must be >= 5, got 4"),
    (lambda: ngram_excess(length=0), ValueError, "length must be >= 1, got 0"),
    (lambda: ngram_excess(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: ngram_excess(seed="0"), TypeError, "seed must be a whole number, got '0'"),
    (lambda: ngram_excess(prior=0), ValueError, "prior must be finite and > 0, got 0"),
    (lambda: parrot(pages=PAGES[0]), ValueError, f"{PAGES_ARE}int16 of shape (4,)"),
    (lambda: parrot(pages=PAGES / 2), ValueError, f"{PAGES_ARE}float64 of shape (5, 4)"),
    (lambda: parrot(pages=PAGES + 1), ValueError, "pages must hold tokens from 0 to 2, got 2 to 3"),
    (lambda: parrot(k=-1), ValueError, "k must be >= 0, got -1"),
    (lambda: parrot(k=1.0), TypeError, "k must be a whole number, got 1.0"),
    (lambda: parrot(k=60), ValueError, "k must be smaller: 3 words to the power 61 overflow, got 60"),
    (lambda: parrot(words=["tick", "tock", END]), ValueError, f"words must begin with {END}"),
    (lambda: parrot(words=3), TypeError, "words must be text, got (3,)"),
    # readers
    (lambda: excess(real=None), TypeError, "real must be an Automaton, got NoneType"),
    (lambda: excess(pages=PAGES[0]), ValueError, f"{PAGES_ARE}int16 of shape (4,)"),
    (lambda: excess(pages=PAGES * 0), ValueError, "pages must be text that real can write"),
    (lambda: excess(pages=np.array([[1, 2, 1, 0]] * 5)), ValueError, "pages must be text that real can write"),
    (lambda: excess(predictions=PREDICTIONS[:4]), ValueError, "predictions must have shape (5, 4, 3), got (4, 4, 3)"),
    (lambda: excess(predictions=PREDICTIONS[:, :, :2]), ValueError, "predictions must have shape (5, 4, 3), got (5, 4, 2)"),
    (lambda: excess(predictions=None), ValueError, "predictions must have shape (5, 4, 3), got ()"),
    (lambda: mixture_reader(real=None), TypeError, "real must be an Automaton, got NoneType"),
    (lambda: mixture_reader(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: mixture_reader(p2=-1), ValueError, f"{P2}-1"),
    (lambda: mixture_reader(p2=[0.1, 0.2]), ValueError, "p2 must be one number, got an array of shape (2,)"),
    (lambda: mixture_reader(pages=PAGES + 1), ValueError, "pages must hold tokens from 0 to 2, got 2 to 3"),
    (lambda: language.model_reader(REAL, PAGES), TypeError, "model must be a GPT, got Automaton"),
    (lambda: language.model_reader(MODEL, PAGES[0]), ValueError, f"{PAGES_ARE}int16 of shape (4,)"),
    (lambda: language.model_reader(MODEL, PAGES + 1), ValueError, "pages must hold tokens from 0 to 2, got 2 to 3"),
    (lambda: language.model_reader(MODEL, np.tile(PAGES, 2)), ValueError, "pages must have at most 4 words, got 8"),
    # streams
    (lambda: mixed_pages(real=None), TypeError, "real must be an Automaton, got NoneType"),
    (lambda: mixed_pages(synthetic=STRANGER), ValueError, SAME_WORDS),
    (lambda: mixed_pages(p2=1.1), ValueError, f"{P2}1.1"),
    (lambda: mixed_pages(p2=[0.1]), ValueError, "p2 must be one number, got an array of shape (1,)"),
    (lambda: mixed_pages(length=0), ValueError, "length must be >= 1, got 0"),
    (lambda: mixed_pages(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: mixed_pages().batch(-1, 2), ValueError, "step must be >= 0, got -1"),
    (lambda: mixed_pages().batch(0.0, 2), TypeError, "step must be a whole number, got 0.0"),
    (lambda: mixed_pages().batch(0, 0), ValueError, "rows must be >= 1, got 0"),
    # the experiment
    (lambda: plateau.generators(-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: plateau_run(generator="owl"), ValueError, "generator must be one of taste, parrot, got 'owl'"),
    (lambda: plateau_run(p2=1.5), ValueError, f"{P2}1.5"),
    (lambda: plateau_run(tokens=100), ValueError, "tokens must be >= 1280, got 100"),
    (lambda: plateau_run(tokens=1e5), TypeError, "tokens must be a whole number, got 100000.0"),
    (lambda: plateau_run(width=0), ValueError, "width must be >= 1, got 0"),
    (lambda: plateau_run(layers=1.5), TypeError, "layers must be a whole number, got 1.5"),
    (lambda: plateau_run(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: plateau_run(folder=3), TypeError, "folder must be a path, got 3"),
    (lambda: plateau_run(device="abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
]


@pytest.fixture(autouse=True)
def small_generators(monkeypatch):
    """The generators of the experiment, in the language of two words."""
    monkeypatch.setattr(plateau, "story_source", lambda taste=0.0, seed=0: OTHER if taste else REAL)


@pytest.mark.parametrize("call, error, text", CASES, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(CASES)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_the_table_tries_every_function():
    table = Path(__file__).read_text(encoding="utf-8")
    for name in ("story_source", "page_floor", "context_floor", "context_divergences", "page_divergences", "ngram_excess"):
        assert f"language.{name}(" in table
    for name in ("parrot", "excess", "mixture_reader", "model_reader", "MixedPages", "plateau_run", "Automaton"):
        assert f"language.{name}(" in table


def test_arguments_are_not_modified():
    pages, predictions, shares = PAGES.copy(), PREDICTIONS.copy(), np.array([0.0, 0.5])
    page_floor(p2=shares), context_floor(p2=shares), ngram_excess(p2=shares), parrot(), excess(), mixture_reader()
    np.testing.assert_array_equal(pages, PAGES)
    np.testing.assert_array_equal(predictions, PREDICTIONS)
    np.testing.assert_array_equal(shares, [0.0, 0.5])
