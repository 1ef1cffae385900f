"""What a reader's predictions cost on real text, word by word, exactly (A language with a known entropy)."""

import numpy as np

from ..checks import instance, real_number
from .automaton import LOST, Automaton, check_sources, checked_pages

ROWS = 500  # pages that a model reads at once


def excess(predictions, real, pages):
    """Excess loss of predictions over the entropy of the real source, (pages, length), in nats.

    The mean over the next word is exact: KL(P1(. | text before) || prediction), at each word of each page.

    predictions : log-probabilities (pages, length, words), or of a reader of the mixture, see :func:`mixture_reader`.
    real : an automaton.  pages : real pages, tokens (pages, length).

    Raises ValueError or TypeError naming the argument.
    """
    states, taken = instance("real", real, Automaton).branches(pages)
    if (taken == LOST).any():
        raise ValueError("pages must be text that real can write")
    if np.shape(predictions) != (*states.shape, len(real.words)):
        raise ValueError(f"predictions must have shape {(*states.shape, len(real.words))}, got {np.shape(predictions)}")
    truth = real.probabilities[states]
    predicted = np.take_along_axis(predictions, real.tokens[states], axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(truth > 0, truth * (np.log(truth) - predicted), 0).sum(axis=2)


def mixture_reader(real, synthetic, p2, pages):
    """log M(word | text before), (pages, length, words), and the probability that the writer is synthetic, (pages, length).

    M is the mixture p1 P1 + p2 P2 of whole pages: a reader who knows both sources and infers from the text which one writes.
    After a text that the mixture cannot write both are nan.

    Implements: prop-who-speaks (chapter "A language with a known entropy").
    """
    check_sources(real, synthetic)
    p2 = real_number("p2", p2, low=0, high=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        before = [np.pad(s.log_probabilities(pages).cumsum(axis=1)[:, :-1], ((0, 0), (1, 0))) for s in (real, synthetic)]
        weights = np.log([1 - p2, p2])[:, None, None] + before
        weights = np.exp(weights - np.logaddexp(*weights))
        mixed = sum(w[:, :, None] * source.conditionals(pages) for w, source in zip(weights, (real, synthetic)))
        return np.log(mixed), weights[1]


def model_reader(model, pages):
    """log-probabilities of a GPT for each word given the page before it, (pages, length, words)."""
    import torch

    from .gpt import GPT

    sizes = instance("model", model, GPT).config
    pages = checked_pages(pages, sizes.vocabulary)
    if pages.shape[1] > sizes.context:
        raise ValueError(f"pages must have at most {sizes.context} words, got {pages.shape[1]}")
    inputs = torch.from_numpy(np.pad(pages[:, :-1].astype(np.int64), ((0, 0), (1, 0))))
    device = next(model.parameters()).device
    with torch.no_grad():
        parts = [model(rows.to(device)).float().log_softmax(dim=-1).cpu() for rows in inputs.split(ROWS)]
    return torch.cat(parts).numpy()
