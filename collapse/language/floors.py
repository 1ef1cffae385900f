"""What the best reader of a mixture loses on real text: mixture floors, exact (A language with a known entropy)."""

from dataclasses import dataclass

import numpy as np

from ..checks import real_list, whole_number
from .automaton import LOST, check_sources


@dataclass(frozen=True, eq=False, repr=False)
class Floor:
    """A mixture floor for each share, in nats per word.

    mean, stderr (shares,): average over the words of a page, and its standard error over sampled pages; by_position and
    by_position_stderr (shares, length): the same at each word of the page.
    """

    mean: np.ndarray
    stderr: np.ndarray
    by_position: np.ndarray
    by_position_stderr: np.ndarray

    def __repr__(self):
        return "Floor(" + ", ".join(f"{m:.3g} ± {2 * s:.1g}" for m, s in zip(self.mean, self.stderr)) + " nats per word)"


@dataclass(frozen=True)
class Divergences:
    """How far a synthetic source P2 is from the real one P1, over one kind of text.

    kl = KL(P1 || P2) in nats; chi2 = sum of (P2 - P1)^2/P1 over P1's support; leak = mass of P2 outside P1's support.
    """

    kl: float
    chi2: float
    leak: float


def page_floor(real, synthetic, p2, length, pages, seed):
    """KL(P1 || p1 P1 + p2 P2) of whole pages, per word and word by word, as a :class:`Floor`.

    With M the mixture and r = P1/M <= 1/p1 it is the mean over M of r log r - r + 1, which is never negative and never
    large: half of the ``pages`` sampled are real, half synthetic, and each half is weighted by its share.

    real, synthetic : automata.  p2 : shares (shares,) or one, in [0, 1]; at 1 it is inf from the word on where P1 writes
    what P2 cannot.  length : words of a page.  seed : whole number >= 0.

    Implements: prop-mixture-floor (chapter "A language with a known entropy").
    """
    check_sources(real, synthetic)
    p2, seed = real_list("p2", p2, low=0, high=1), whole_number("seed", seed, low=0)
    half = whole_number("pages", pages, low=4) // 2
    samples = [source.sample(half, length, [seed, i]) for i, source in enumerate((real, synthetic))]
    ratios = [_log_ratio(real, synthetic, pages) for pages in samples]
    found = []
    for share in p2.tolist():
        losses = [_loss(ratio, share) for ratio in ratios] if share < 1 else [-ratios[0], np.zeros_like(ratios[1])]
        weights = (1 - share, share) if share < 1 else (1, 0)
        with np.errstate(invalid="ignore"):  # inf - inf at p2 = 1
            by_word = [np.diff(loss, axis=1, prepend=0) for loss in losses]  # loss is of the first t words
            by_word = [np.where(np.isnan(change), np.inf, change) for change in by_word]
            whole = [loss[:, -1] / length for loss in losses]
            found.append([*_weighted_mean(whole, weights), *_weighted_mean(by_word, weights)])
    return Floor(*map(np.array, zip(*found)))


def context_floor(real, synthetic, p2, k, length):
    """The same for a reader who sees the last k words only, in nats per word, (shares,): exact, for two automata.

    It is the mean of log P1(x | c) / M(x | c) over the words x of a page of P1, with c the k words before x.

    Implements: prop-context-floor (chapter "A language with a known entropy").
    """
    p2 = real_list("p2", p2, low=0, high=1)[:, None]
    codes, first, second = _aligned(real, synthetic, k, length)
    contexts, places = np.unique(codes // len(real.words), return_inverse=True)
    seen = [np.bincount(places, masses) for masses in (first, second)]
    with np.errstate(invalid="ignore"):  # inf - inf at p2 = 1
        return np.nan_to_num(_kl(first, second, p2) - _kl(*seen, p2), nan=np.inf, posinf=np.inf)


def context_divergences(real, synthetic, k, length):
    """:class:`Divergences` of a word given the k words before it, for two automata: exact.

    Those of the runs of k + 1 words minus those of their first k words, so that for a small share context_floor is
    leak p2 + chi2 p2^2/2, and at p2 = 1 it is kl.

    Implements: prop-small-share (chapter "A language with a known entropy").
    """
    codes, *runs = _aligned(real, synthetic, k, length)
    places = np.unique(codes // len(real.words), return_inverse=True)[1]
    contexts = [np.bincount(places, masses) for masses in runs]
    (chi2, leak), (before_chi2, before_leak) = _chi2_and_leak(*runs), _chi2_and_leak(*contexts)
    return Divergences(float(context_floor(real, synthetic, 1, k, length)[0]), chi2 - before_chi2, leak - before_leak)


def page_divergences(real, synthetic, length):
    """:class:`Divergences` of whole pages of two automata. Exact: a sum over the pairs of states that one text leads to.

    For a small share page_floor is leak p2 + chi2 p2^2/2 for each page.

    Implements: prop-small-share (chapter "A language with a known entropy").
    """
    check_sources(real, synthetic)
    first, second, targets = _pairs(real, synthetic)
    with np.errstate(divide="ignore", invalid="ignore"):
        losses = np.where(first > 0, first * np.log(first / second), 0).sum(axis=1)
        squares = np.where(second > 0, second**2 / first, 0)
    start = np.eye(1, len(targets))[0]
    seen, common, square, kl = start, start, start, 0.0
    for _ in range(whole_number("length", length, low=1)):
        kl += losses[seen > 0] @ seen[seen > 0]
        seen, common, square = (
            np.bincount(targets.ravel(), (mass[:, None] * weights).ravel(), minlength=len(targets))
            for mass, weights in ((seen, np.where(second > 0, first, 0)), (common, second), (square, squares))
        )
    return Divergences(float(kl), float(square.sum() - 2 * common.sum() + 1), max(0.0, float(1 - common.sum())))


def _aligned(real, synthetic, k, length):
    """The runs of k + 1 words of either source: codes, and their frequencies in each."""
    check_sources(real, synthetic)
    order = whole_number("k", k, low=0) + 1
    if len(real.words) ** order * max(real.states, synthetic.states) >= 2**63:
        raise ValueError(f"k must be smaller: runs of {order} of {len(real.words)} words overflow, got {k}")
    codes, masses = zip(*(source.ngrams(order, length) for source in (real, synthetic)))
    union, places = np.unique(np.concatenate(codes), return_inverse=True)
    split = np.split(places, [len(codes[0])])
    return union, *(np.bincount(place, mass, minlength=len(union)) for place, mass in zip(split, masses))


def _pairs(real, synthetic):
    """The pairs of states that a text both sources can write leads to: P1 and P2 of each branch of P1, and its end."""
    keys, todo, found = np.array([0]), np.array([0]), []
    while len(todo):
        a, b = np.divmod(todo, synthetic.states)
        branch = synthetic.branch_of[b[:, None], real.tokens[a]]
        first = real.probabilities[a]
        second = np.where((branch == LOST) | (first == 0), 0, synthetic.probabilities[b[:, None], branch])
        goals = np.where(second > 0, real.targets[a] * synthetic.states + synthetic.targets[b[:, None], branch], 0)
        found.append((todo, first, second, goals))
        todo = np.setdiff1d(goals, keys)
        keys = np.union1d(keys, todo)
    pairs, first, second, goals = (np.concatenate(parts) for parts in zip(*found))
    order = np.argsort(pairs)
    return first[order], second[order], np.searchsorted(keys, goals[order])


def _chi2_and_leak(first, second):
    inside = first > 0
    return float(((second - first)[inside] ** 2 / first[inside]).sum()), float(second[~inside].sum())


def _kl(first, second, p2):
    """KL(first || mixture), (shares,), for masses (M,) and shares (shares, 1)."""
    inside = first > 0
    mixed = (1 - p2) * first[inside] + p2 * second[inside]
    with np.errstate(divide="ignore"):
        return (first[inside] * (np.log(first[inside]) - np.log(mixed))).sum(axis=1)


def _log_ratio(real, synthetic, pages):
    """log P2/P1 of the first 1, 2, ... words of each page; inf where P1 is 0."""
    first, second = (source.log_probabilities(pages).cumsum(axis=1) for source in (real, synthetic))
    with np.errstate(invalid="ignore"):
        return np.where(first == -np.inf, np.inf, second - first)


def _loss(log_ratio, p2):
    """r log r - r + 1 with r = P1/M = 1/(p1 + p2 e^L)."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        inverse = (1 - p2) + p2 * np.exp(log_ratio) if p2 else np.ones_like(log_ratio)
        return np.where(np.isinf(inverse), 1, 1 - (1 + np.log(inverse)) / inverse)


def _weighted_mean(samples, weights):
    """sum over the halves of weight * mean, and its standard error; a half is (pages, ...)."""
    mean = sum(w * half.mean(axis=0) for w, half in zip(weights, samples))
    variance = sum(w**2 * half.var(axis=0, ddof=1) / len(half) for w, half in zip(weights, samples))
    return mean, np.sqrt(variance)
