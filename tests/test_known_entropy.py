"""The observations of "A language with a known entropy": n-gram models and GPTs on mixtures, as computed and as stored."""

import numpy as np
import pytest

from collapse import language, results
from collapse.language import plateau

LENGTH = plateau.LENGTH


@pytest.fixture(scope="module")
def sources():
    return language.generators()


@pytest.fixture(scope="module")
def stored():
    return results.load("plateau").arrays


def rows(stored, generator="taste", p2=None, tokens=None, width=64):
    wanted = (stored["generator"] == generator) & (stored["width"] == width)
    wanted &= True if p2 is None else stored["p2"] == p2
    wanted &= True if tokens is None else stored["tokens"] == tokens
    return np.flatnonzero(wanted)


@pytest.mark.proves("obs-ngram-plateau")
@pytest.mark.parametrize("generator", ["taste", "parrot"])
def test_ngram_models_end_on_the_floor_of_their_memory(sources, generator):
    real, synthetic = sources
    for k in (1, 2):
        runs = [
            language.ngram_excess(real, synthetic[generator], [0, 0.1, 0.5], 3e6, k, LENGTH, seed) for seed in range(10, 14)
        ]
        excess = np.mean(runs, axis=0)[:, 0]
        floor = language.context_floor(real, synthetic[generator], [0.1, 0.5], k, LENGTH)
        assert (np.abs((excess[1:] - excess[0]) / floor - 1) < 0.03).all()


@pytest.mark.proves("obs-gpt-floor")
def test_stored_gpts_pass_the_floors_of_short_memories(stored, sources):
    real, synthetic = sources
    most = stored["tokens"].max()
    for p2 in (0.5, 0.9):
        loss = stored["excess"][rows(stored, p2=p2, tokens=most)].mean(axis=1)
        pages = real.sample(1000, LENGTH, seed=4)
        with np.errstate(divide="ignore"):  # words that neither writes
            never_asks = np.log((1 - p2) * real.conditionals(pages) + p2 * synthetic["taste"].conditionals(pages))
        assert (loss < language.excess(never_asks, real, pages).mean()).all()
        for k, share in ((1, 0.5), (2, 0.5), (4, 1)):
            assert (loss < share * language.context_floor(real, synthetic["taste"], p2, k, LENGTH)[0]).all()


@pytest.mark.proves("obs-gpt-floor")
def test_stored_gpts_come_down_towards_the_ideal_reader_and_not_below(stored):
    for p2 in np.unique(stored["p2"][stored["p2"] < 1]):
        mine = rows(stored, p2=p2)
        budgets = np.unique(stored["tokens"][mine])
        gaps = [stored["gap"][mine[stored["tokens"][mine] == budget]].mean() for budget in budgets]
        assert (np.diff(gaps) < 0).all()
    most = rows(stored, tokens=stored["tokens"].max())
    assert (stored["gap"][most].mean(axis=1) > -4 * stored["page_gap_stderr"][most]).all()


@pytest.mark.proves("obs-gpt-floor")
def test_stored_floors_are_those_of_the_ideal_reader(stored, sources):
    real, synthetic = sources
    shares = [0.1, 0.5, 0.9]
    floor = language.page_floor(real, synthetic["taste"], shares, LENGTH, pages=20_000, seed=3)
    for i, p2 in enumerate(shares):
        row = rows(stored, p2=p2, tokens=stored["tokens"].max())[0]
        ideal = (stored["excess"][row] - stored["gap"][row]).mean()
        assert abs(ideal - floor.mean[i]) < 5 * np.hypot(floor.stderr[i], stored["page_stderr"][row])


@pytest.mark.proves("obs-gpt-floor")
def test_a_run_is_a_training_and_a_judgement_on_real_pages(sources):
    real, synthetic = sources
    asked = {"width": 8, "layers": 1, "seed": 3}
    run = language.plateau_run("parrot", 0.5, 4000, **asked)
    again = language.plateau_run("parrot", 0.5, 4000, **asked)
    assert all(np.array_equal(run[name], again[name]) for name in run)
    pages = real.sample(plateau.JUDGED, LENGTH, 0)
    ideal = language.excess(language.mixture_reader(real, synthetic["parrot"], 0.5, pages)[0], real, pages).mean(axis=0)
    np.testing.assert_allclose(run["excess"] - run["gap"], ideal, atol=1e-9)  # two sums of 4,000 numbers below 10
    surprise = run["excess"] + real.entropy(LENGTH)
    assert abs(surprise.mean() - np.log(len(real.words))) < 0.5, "after 100 pages it knows next to nothing"
