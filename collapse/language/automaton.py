"""A source of text whose next state follows from its state and the next word (A language with a known entropy).

A page is the first ``length`` words of a source that tells one story after the other; END stands after each story, and
before the page's first word.
"""

import hashlib
import reprlib
from functools import cached_property

import numpy as np

from ..checks import instance, read_only, real_array, whole_number

END = "<|endoftext|>"  # token 0 of every source
LOST = -1  # the state after a word that the source cannot write
MOST_WORDS = 2**15 - 1  # of a vocabulary: pages are int16


class Automaton:
    """A unifilar source: in state s it writes tokens[s, j] with probability probabilities[s, j] and goes to targets[s, j].

    words : the vocabulary, END first; a token is an index into it.  tokens, probabilities, targets : (states, branches);
    branches that are not used have probability 0 and stand last; their tokens and targets become 0. A page begins in
    state 0.

    Raises ValueError naming the argument if rows of probabilities do not add to 1 or tokens of a state are not distinct.
    """

    def __init__(self, words, tokens, probabilities, targets):
        self.words = checked_words(words)
        self.probabilities = read_only(real_array("probabilities", probabilities, low=0, high=1, ndim=2))
        tokens, targets = np.asarray(tokens), np.asarray(targets)
        if not tokens.shape == targets.shape == self.probabilities.shape:
            raise ValueError("tokens, probabilities and targets must have the same shape (states, branches)")
        if not np.allclose(self.probabilities.sum(axis=1), 1, rtol=0, atol=1e-12):
            raise ValueError("probabilities must add to 1 in each state")
        used = self.probabilities > 0
        for name, values, end in ("tokens", tokens, len(self.words)), ("targets", targets, len(targets)):
            if values.dtype.kind not in "iu" or not ((values >= 0) & (values < end))[used].all():
                raise ValueError(f"{name} must be whole numbers from 0 to {end - 1}")
        if (used[:, 1:] > used[:, :-1]).any():
            raise ValueError("probabilities must have the branches that are not used last in their row")
        self.tokens, self.targets = (read_only(np.where(used, values, 0).astype(np.int64)) for values in (tokens, targets))
        if (np.diff(np.sort(np.where(used, self.tokens, -1 - np.arange(used.shape[1])), axis=1)) == 0).any():
            raise ValueError("tokens of a state must be distinct, or the text would not tell the state")

    def __repr__(self):
        return f"Automaton({len(self.words)} words, {len(self.tokens)} states)"

    @property
    def states(self):
        """How many there are."""
        return len(self.tokens)

    @cached_property
    def digest(self):
        """sha256 of all that the source is."""
        parts = " ".join(self.words).encode(), self.tokens.tobytes(), self.targets.tobytes(), self.probabilities.tobytes()
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def sample(self, pages, length, seed):
        """``pages`` independent pages, as tokens (pages, length) of dtype int16.

        seed : anything that numpy.random.default_rng takes.
        """
        pages, length = whole_number("pages", pages, low=1), whole_number("length", length, low=1)
        try:
            rng = np.random.default_rng(seed)
        except (TypeError, ValueError) as error:
            raise ValueError(f"seed must be what numpy.random.default_rng takes, got {seed!r}") from error
        text, states = np.empty((length, pages), np.int16), np.zeros(pages, np.int64)
        thresholds, tokens, targets, widest = self._sampling
        for t in range(length):
            chance = rng.random(pages, np.float32)
            branch = states * widest
            for column in thresholds:
                branch += chance >= column[states]
            text[t], states = tokens[branch], targets[branch]
        return np.ascontiguousarray(text.T)

    @cached_property
    def _sampling(self):
        sums = np.minimum(self.probabilities.cumsum(axis=1), 1)
        sums[:, 1:][self.probabilities[:, 1:] == 0] = 1
        columns = [np.where(sums[:, j] >= 1 - 1e-12, 2, sums[:, j]).astype(np.float32) for j in range(sums.shape[1] - 1)]
        return columns, self.tokens.astype(np.int16).ravel(), self.targets.ravel(), sums.shape[1]

    def branches(self, pages):
        """(states, branches) at each word of ``pages`` (pages, length): where the source stands, and the branch it takes.

        The branch is LOST for the first word that the source cannot write; after it both are.
        """
        pages = checked_pages(pages, len(self.words))
        states, taken = np.full((2, *pages.shape[::-1]), LOST)
        state = np.zeros(len(pages), np.int64)
        for t, words in enumerate(pages.T):
            branch = np.where(state == LOST, LOST, self.branch_of[state, words])
            states[t], taken[t] = state, branch
            state = np.where(branch == LOST, LOST, self.targets[state, branch])
        return states.T, taken.T

    def log_probabilities(self, pages):
        """log P(word | all words before it), (pages, length), in nats; -inf from the first word on that is impossible."""
        states, taken = self.branches(pages)
        with np.errstate(divide="ignore"):
            return np.where(taken == LOST, -np.inf, np.log(self.probabilities[states, taken]))

    def conditionals(self, pages):
        """P(each word of the vocabulary | all words before it), (pages, length, words); 0 after an impossible word."""
        states, _ = self.branches(pages)
        found = np.zeros((*states.shape, len(self.words)))
        page, place = np.nonzero(states != LOST)
        known = states[page, place]
        for token, probability in zip(self.tokens.T, self.probabilities.T):
            found[page, place, token[known]] += probability[known]
        return found

    def occupancy(self, length):
        """Probability of each state before each word of a page, (length, states)."""
        found = np.zeros((whole_number("length", length, low=1), self.states))
        found[0, 0] = 1
        for t in range(1, length):
            mass = found[t - 1][:, None] * self.probabilities
            found[t] = np.bincount(self.targets.ravel(), mass.ravel(), minlength=self.states)
        return found

    def entropy(self, length):
        """Entropy of each word given all words before it, (length,), in nats."""
        with np.errstate(divide="ignore", invalid="ignore"):
            surprise = -np.where(self.probabilities > 0, self.probabilities * np.log(self.probabilities), 0).sum(axis=1)
        return self.occupancy(length) @ surprise

    def ngrams(self, order, length):
        """How often each run of ``order`` words ends at a word of a page that is chosen at random.

        The page has END before its first word, as often as needed. Returns (codes, frequencies): a code is the number
        whose digits to the base len(words) are the tokens, the last one the lowest; codes ascend, frequencies add to 1.
        """
        order, length = whole_number("order", order, low=1), whole_number("length", length, low=order)
        if len(self.words) ** order * self.states >= 2**63:
            raise ValueError(f"order must be smaller: {len(self.words)} words to the power {order} overflow, got {order}")
        visits = self.occupancy(length)[: length - order + 1].sum(axis=0)
        runs = [self._continued(visits, order)]
        runs += [self._continued(np.eye(1, self.states)[0], words) for words in range(1, order)]
        codes, places = np.unique(np.concatenate([codes for codes, _ in runs]), return_inverse=True)
        return codes, np.bincount(places, np.concatenate([mass for _, mass in runs])) / length

    def _continued(self, mass, words):
        """Codes and masses of the next ``words`` words, from states with these masses."""
        states = np.flatnonzero(mass)
        codes, mass = np.zeros(len(states), np.int64), mass[states]
        for _ in range(words):
            weights = mass[:, None] * self.probabilities[states]
            used = weights > 0
            codes = (codes[:, None] * len(self.words) + self.tokens[states])[used]
            states, mass = self.targets[states][used], weights[used]
            keys, places = np.unique(codes * self.states + states, return_inverse=True)
            codes, states = np.divmod(keys, self.states)
            mass = np.bincount(places, mass)
        codes, places = np.unique(codes, return_inverse=True)
        return codes, np.bincount(places, mass)

    @cached_property
    def branch_of(self):
        """The branch that writes a word in a state, (states, words) of dtype int16; LOST if there is none."""
        table = np.full((self.states, len(self.words)), LOST, np.int16)
        states, branches = np.nonzero(self.probabilities)
        table[states, self.tokens[states, branches]] = branches
        return table


def checked_pages(pages, vocabulary):
    """``pages`` as an array (pages, length) of tokens below ``vocabulary``, or a clear error."""
    pages = np.asarray(pages)
    if pages.ndim != 2 or pages.dtype.kind not in "iu" or pages.size == 0:
        raise ValueError(f"pages must be tokens (pages, length), got {pages.dtype} of shape {pages.shape}")
    if pages.min() < 0 or pages.max() >= vocabulary:
        raise ValueError(f"pages must hold tokens from 0 to {vocabulary - 1}, got {pages.min()} to {pages.max()}")
    return pages


def check_sources(real, synthetic):
    """A clear error unless both are automata of one vocabulary."""
    for name, source in ("real", real), ("synthetic", synthetic):
        instance(name, source, Automaton)
    if real.words != synthetic.words:
        raise ValueError("synthetic must have the words of real, in the same order")


def checked_words(words):
    """``words`` as a tuple, or a clear error if they are no vocabulary."""
    words = tuple(words) if np.iterable(words) and not isinstance(words, str) else (words,)
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"words must be text, got {reprlib.repr(words)}")
    if words[:1] != (END,) or len(set(words)) < len(words) or " ".join(words).split() != list(words):
        raise ValueError(f"words must begin with {END}, be distinct, and have no white space in them")
    if len(words) > MOST_WORDS:
        raise ValueError(f"words must be at most {MOST_WORDS}, got {len(words)}")
    return words
