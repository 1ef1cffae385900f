"""Text drawn from a GPT: its distribution against the model's probabilities, computed without the cache."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from collapse.language import generation
from collapse.language.generation import draw, generate
from collapse.language.gpt import GPTConfig, Past

from .test_gpt import assert_near, model, texts
from .zscores import COMPARISONS, FALSE_ALARM

CONFIG = GPTConfig(4, 6, 2, 2, 8)
LONG = GPTConfig(5, 40, 2, 2, 8)
COUNT, LENGTH = 20_000, 3


def probability(ours, prompt, text, temperature, top_p):
    """Of ``text`` after ``prompt``, token by token from the full forward pass and the definition of top-p."""
    total = 1.0
    for i, token in enumerate(text):
        with torch.no_grad():
            logits = ours(torch.tensor([[*prompt, *text[:i]]]))[0, -1].numpy() / temperature
        chances = np.exp(logits) / np.exp(logits).sum()
        kept, mass = [], 0.0
        for best in np.argsort(-chances):
            if mass < top_p:
                kept.append(best)
                mass += chances[best]
        total *= chances[token] / mass if token in kept else 0.0
    return total


@pytest.mark.parametrize("temperature, top_p", [(1.0, 1.0), (0.6, 1.0), (1.7, 1.0), (1.0, 0.75), (0.8, 0.9)])
@pytest.mark.parametrize("prompt", [(2,), (1, 0, 3)])
def test_each_text_is_drawn_as_often_as_the_model_says(prompt, temperature, top_p):
    ours = model(CONFIG, seed=7)
    start = prompt[0] if len(prompt) == 1 else np.tile(prompt, (COUNT, 1))
    drawn = generate(ours, COUNT, LENGTH, 0, start, temperature, top_p)
    assert drawn.shape == (COUNT, LENGTH)
    every = list(itertools.product(range(CONFIG.vocabulary), repeat=LENGTH))
    expected = np.array([probability(ours, prompt, text, temperature, top_p) for text in every])
    found = np.bincount(np.ravel_multi_index(drawn.T, (CONFIG.vocabulary,) * LENGTH), minlength=len(every))
    assert abs(expected.sum() - 1) < 1e-12  # rounding of float64
    assert (found[expected == 0] == 0).all() and ((expected == 0).any() == (top_p < 1))
    often = COUNT * expected >= 10
    cells = [np.append(values[often], values[~often].sum()) for values in (found, COUNT * expected)]
    seen = cells[1] > 0
    assert seen.sum() > 4 and expected.max() > 2 / len(every)  # many texts, not equally likely: or the test could not tell
    assert stats.chisquare(cells[0][seen], cells[1][seen]).pvalue > FALSE_ALARM / COMPARISONS


@pytest.mark.parametrize("prompt", [1, 5])
def test_logits_with_the_cache_are_those_without(prompt):
    ours, tokens = model(LONG), texts(LONG, rows=6)
    past = [Past(ours, 6, LONG.context) for _ in ours.blocks]
    rows = torch.arange(6)
    with torch.no_grad():
        expected = ours(tokens)
        assert_near(ours.following(tokens[:, :prompt], past), expected[:, prompt - 1])
        for position in range(prompt, LONG.context):
            if position == 20:
                rows = torch.tensor([4, 1])
                for block in past:
                    block.keep(rows)
            found = ours.following(tokens[rows, position : position + 1], past)
            assert_near(found, expected[rows, position])


def test_every_row_follows_its_own_prompt():
    ours = model(CONFIG, seed=7)
    prompts = texts(CONFIG, rows=30, length=2).numpy()
    together = generate(ours, 30, 4, 0, prompts, temperature=1e-3)
    for prompt, row in zip(prompts, together):
        text = list(prompt)
        for token in row:
            with torch.no_grad():
                assert token == int(ours(torch.tensor([text]))[0, -1].argmax())
            text.append(token)


def test_a_row_ends_with_its_first_stop():
    ours = model(LONG)
    free = generate(ours, 200, LONG.context, 0, 0)
    stopped = generate(ours, 200, LONG.context, 0, 0, stop=2)
    ends = [row.tolist().index(2) if 2 in row else LONG.context for row in free]
    assert len(set(ends)) > 10 and max(ends) > 20  # rows of many lengths: some leave while others go on
    for row, whole, end in zip(stopped, free, ends):
        np.testing.assert_array_equal(row[: end + 1], whole[: end + 1])
        assert (row[end:] == 2).all()


def test_rows_that_are_ended_take_no_more_work(monkeypatch):
    ours = model(LONG)
    rows = []
    following = ours.following
    monkeypatch.setattr(ours, "following", lambda tokens, past: rows.append(len(tokens)) or following(tokens, past))
    stopped = generate(ours, 200, LONG.context, 0, 0, stop=2)
    going = (stopped != 2).sum(axis=0)  # at each place
    assert len(rows) < LONG.context
    for before, drawn in zip(going, rows[1:]):
        assert before <= drawn <= 2 * before


def test_groups_of_rows_do_not_matter(monkeypatch):
    ours = model(LONG)
    prompts = texts(LONG, rows=50, length=3).numpy()
    whole = generate(ours, 50, 30, 1, prompts, stop=4)
    assert generation.together(ours, 30) > 50
    monkeypatch.setattr(generation, "FEWEST", 7)
    monkeypatch.setitem(generation.TOGETHER, "cpu", 0)
    assert generation.together(ours, 30) == 7
    np.testing.assert_array_equal(generate(ours, 50, 30, 1, prompts, stop=4), whole)
    np.testing.assert_array_equal(generate(ours, 20, 30, 1, prompts[:20], stop=4), whole[:20])


def test_the_seed_decides():
    ours = model(LONG)
    first, second, other = (generate(ours, 10, 30, seed, 0) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_the_model_is_left_as_it_was():
    ours = model(GPTConfig(5, 8, 2, 2, 8, dropout=0.5)).train()
    without = model(GPTConfig(5, 8, 2, 2, 8))
    state, weights = torch.get_rng_state(), [parameter.clone() for parameter in ours.parameters()]
    np.testing.assert_array_equal(generate(ours, 50, 8, 0, 0), generate(without, 50, 8, 0, 0))
    assert ours.training and torch.equal(torch.get_rng_state(), state)
    for before, parameter in zip(weights, ours.parameters()):
        assert torch.equal(before, parameter) and parameter.requires_grad
    ours.loss(texts(ours.config)).backward()


def test_chances_at_the_ends_draw_nothing_impossible():
    never = -torch.inf
    logits = torch.tensor([[never, 0.0, 1.0, never]]).repeat(2, 1)
    chances = torch.tensor([2.0**-53, 1.0], dtype=torch.float64)
    assert draw(logits, 1.0, chances).tolist() == [1, 2]
    assert draw(logits, 0.99, chances).tolist() == [2, 1]  # the most probable first
    assert draw(logits, 0.5, chances).tolist() == [2, 2]


def test_rows_drawn_together_fit_their_memory():
    ours = model(LONG)
    row = sum(Past(ours, 1, 30).both.nbytes for _ in ours.blocks)
    rows = generation.together(ours, 30)
    assert rows * row <= generation.TOGETHER["cpu"] < (rows + 1) * row
