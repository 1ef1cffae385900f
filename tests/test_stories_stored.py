"""The observations of "Stories", as stored."""

import numpy as np
import pytest

from collapse import language, results

HALF = 0.5


def stored(name):
    return results.load(f"stories-{name}").arrays


def curve(found, p2):
    """Numbers of tokens, and the mean loss over the seeds."""
    rows = found["p2"] == p2
    tokens = np.unique(found["tokens"][rows])
    return tokens, np.array([found["loss"][rows & (found["tokens"] == n)].mean() for n in tokens])


@pytest.mark.proves("obs-short-memory-stories")
@pytest.mark.parametrize("k, last_useful", [(0, 1 << 15), (1, 1 << 19), (2, 1 << 20)])
def test_to_short_memories_synthetic_stories_are_worth_less_and_less_and_then_nothing(k, last_useful):
    found = stored("ngrams")
    losses = language.per_token(found["nats"][found["k"] == k], found["counted"])[0]
    column = found["p2"].tolist().index(HALF)
    late = [language.delay(found["tokens"], loss[column], found["tokens"], loss[0]) for loss in losses]
    worth = language.worth(np.mean(late, axis=0), HALF)[1:]
    assert (np.diff(worth) < 0).all()
    assert found["tokens"][1:][worth > 0].tolist() == [1 << power for power in range(14, last_useful.bit_length())]


@pytest.mark.proves("obs-short-memory-stories")
def test_without_memory_the_price_of_the_mixture_is_a_constant():
    found = stored("ngrams")
    nats = found["nats"][found["k"] == 0]
    column = found["p2"].tolist().index(HALF)
    extra = language.per_token(nats[:, column] - nats[:, 0], found["counted"])[0]
    late = extra[:, found["tokens"] >= 1 << 19]
    assert (np.abs(late / late.mean() - 1) < 0.05).all() and (extra[:, 1:3].mean(axis=0) > 1.1 * late.mean()).all()


def delays(found, p2):
    """The delay at each number of tokens; nan where the loss is outside the clean curve."""
    tokens, clean = curve(found, 0)
    return language.delay(tokens, curve(found, p2)[1], tokens, clean)


@pytest.mark.proves("obs-stories-delay")
@pytest.mark.parametrize("p2", [HALF, 1.0])
def test_with_stories_by_the_generator_the_delay_grows(p2):
    late = delays(stored("generated"), p2)[1:]
    assert len(late) == 4 and late[0] > 1 and (np.diff(late) > 0).all()


@pytest.mark.proves("obs-stories-delay")
def test_with_half_of_the_stories_by_llama_it_does_not_and_with_all_it_is_long():
    found = stored("llm")
    late = delays(found, HALF)[-3:]
    assert (late > 1.3).all() and (late < 1.4).all()
    alone, few = delays(found, 1.0)[-2:], delays(found, 0.1)[1:]
    assert 6 < alone[0] < alone[1] and (np.diff(few) > 0).all()


@pytest.mark.proves("obs-stories-delay")
@pytest.mark.parametrize("name", ["generated", "llm"])
def test_half_of_the_stories_being_synthetic_is_better_than_to_leave_them_out(name):
    found = stored(name)
    (tokens, clean), mixed = curve(found, 0), curve(found, HALF)[1]
    assert tokens[1:].tolist() == (2 * tokens[:-1]).tolist() and (mixed[1:] < clean[:-1]).all()


@pytest.mark.proves("obs-stories-size")
def test_with_synthetic_stories_alone_the_middle_size_is_ahead():
    found = stored("size")
    assert (found["p2"] == 1).all()
    tokens = np.unique(found["tokens"])
    narrow, middle, wide = (
        np.array([found["loss"][(found["width"] == width) & (found["tokens"] == n)].item() for n in tokens])
        for width in (64, 128, 256)
    )
    assert (middle < narrow).all() and (middle < wide).all()
    assert wide[-1] - middle[-1] < wide[-2] - middle[-2]
