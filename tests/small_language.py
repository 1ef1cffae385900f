"""Grammars so small that their pages can be listed, and what tests compute from such lists."""

import numpy as np

RULES = {
    "tale": ["a <pet> <did|pet> [rest]", "<pet> sat"],
    "rest": ["and {pet} <did|pet> [rest]", ""],
}
WORDS = {"pet": "cat dog", "did|cat": "ran sat", "did|dog": "hid ran"}
LENGTH = 6  # words of a page
# Synthetic sources: lists of words that are changed, and taste. They have the support of the real one, more, less, or both.
SYNTHETIC = {
    "copy": ({}, 1.0),
    "leaky": ({"did|cat": "sat hid ran"}, 0.5),
    "silent": ({"did|dog": "hid"}, 0.5),
    "other": ({"did|dog": "sat hid", "did|cat": "hid ran"}, 0.0),
}
ROUNDING = 1e-12  # relative; of sums of some hundred products of a few probabilities or of their logarithms


def both_sources(language, name="copy"):
    """The real source and a synthetic one."""
    words, taste = SYNTHETIC[name]
    real = language.grammar.compiled(RULES, WORDS, 0.0, np.random.default_rng(0))
    return real, language.grammar.compiled(RULES, WORDS | words, taste, np.random.default_rng(1))


def bigram_source(language):
    """A source of three words, each of which depends on the one before it alone."""
    probabilities = np.array([[0.2, 0.5, 0.3], [0.3, 0.1, 0.6], [0.6, 0.3, 0.1]])
    tokens = np.tile(np.arange(3), (3, 1))
    return language.Automaton([language.END, "tick", "tock"], tokens, probabilities, tokens)


def coin(language, heads, tails):
    """A source that writes one of two words of four, with equal chances."""
    return language.Automaton([language.END, "a", "b", "c"], [[heads, tails]], [[0.5, 0.5]], [[0, 0]])


def extended(pages, vocabulary):
    """Each page with each word of the vocabulary after it."""
    return np.column_stack([np.repeat(pages, vocabulary, axis=0), np.tile(np.arange(vocabulary), len(pages))])


def listed(*sources, length=LENGTH):
    """The pages that at least one of the sources may write, (pages, length), and their probabilities in each of them."""
    pages = np.zeros((1, 0), int)
    for _ in range(length):
        pages = extended(pages, len(sources[0].words))
        probabilities = [np.exp(source.log_probabilities(pages).sum(axis=1)) for source in sources]
        written = np.any(probabilities, axis=0)
        pages = pages[written]
    return pages, *(chances[written] for chances in probabilities)


def runs(pages, probabilities, order):
    """{run of ``order`` words: how often it ends at a word of a page that is chosen at random}, END before each page."""
    found = {}
    for page, probability in zip(pages.tolist(), probabilities.tolist()):
        padded = [0] * (order - 1) + page
        for t in range(len(page)):
            run = tuple(padded[t : t + order])
            found[run] = found.get(run, 0.0) + probability / len(page)
    return found


def divergence(first, second):
    """KL of two arrays of probabilities, in nats."""
    first, second = first[first > 0], second[first > 0]
    with np.errstate(divide="ignore"):
        return float((first * np.log(first / second)).sum()) if second.all() else np.inf


def z(samples, expected):
    """By how many standard errors the mean of independent samples (samples, ...) is above what is expected."""
    return (samples.mean(axis=0) - expected) / (samples.std(axis=0, ddof=1) / len(samples) ** 0.5)
