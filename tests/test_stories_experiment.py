"""The paper's experiment with stories, on a made-up corpus: what is learnt from what, the filter, resuming, the command."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from collapse import data, experiments, results
from collapse.language import stories, story_plans
from collapse.language.__main__ import main, table
from collapse.language.copies import without_copies
from collapse.language.corpus import TokenFile
from collapse.language.gpt import GPT, GPTConfig
from collapse.language.quality_filter import LOOP, PERIOD, RULES, SHORTEST, fault
from collapse.language.story_plans import PLANS, Plan
from collapse.language.tokenisers import BytePairs

from .mirror import isolate

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 60  # seconds for processes that should end at once
BYTES = BytePairs([bytes([i]) for i in range(256)], 257)  # a tokeniser that needs no file
END = BYTES.end
ROUNDING = 1e-5  # of single precision, in a training of a few steps
STEP = 4 * 16  # tokens
PLAN = Plan(
    real="real",
    test=6,
    judged=40,
    vocabulary=257,
    context=16,
    dropout=0.0,
    model=(1, 2, 8),
    batch=4,
    lr=0.01,
    warmup=5,
    generator=60 * STEP,
    drawn=6,
    longest=70,
    parts=3,
    synthetic=("generated", "llm"),
    mixtures=((12 * STEP, (0.0, 0.5, 1.0), 1), (4 * STEP, (0.0, 0.5, 1.0), 2)),
    models=((4 * STEP, ((1, 2, 8), (1, 1, 4)), 1),),
)
JOB = {"size": "quick", "synthetic": "generated", "tokens": 12 * STEP, "layers": 1, "heads": 2, "width": 8, "seed": 0}
NOUNS = ["cat", "dog", "cow", "hen", "fox", "ant", "bee", "owl"]


def story(number, first=0):
    """A story whose words all end in its number, so that a few tokens of it tell which one it is."""
    rng = np.random.default_rng(number)
    return " ".join(f"{noun}{number:03d}" for noun in rng.choice(NOUNS, 30)[first:])


def write_corpus(folder):
    """Texts of 40 real stories, numbered from 0, and of 20 by a larger model, from 500."""
    for name, numbers in ("real", range(40)), ("llm", range(500, 520)):
        (folder / f"{name}.txt").write_text("".join(f"{story(number)}\n<|endoftext|>\n" for number in numbers))


def use_corpus(folder, patch):
    """The written corpus is what is read; PLAN is the quick size."""
    patch.setattr(data, "stories", lambda name: folder / f"{name}.txt")
    patch.setattr(stories, "byte_pairs", lambda vocabulary: BYTES)
    for size in ("quick", "laptop"):
        patch.setitem(PLANS, size, PLAN)
    stories.texts.cache_clear()
    stories.llm_stories.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the experiment keeps its files; the corpus is the made-up one."""
    write_corpus(tmp_path)
    use_corpus(tmp_path, monkeypatch)
    yield str(tmp_path / "parts")
    stories.texts.cache_clear()
    stories.llm_stories.cache_clear()


def numbers(rows):
    """The numbers of the stories that these rows of tokens come from."""
    texts = [BYTES.decode(row) for row in np.atleast_2d(np.asarray(rows, int))]
    return {int(found) for text in texts for found in re.findall(r"[a-z]{3}(\d{3})", text)}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


# What is learnt from what


def test_the_texts_have_no_story_in_common(folder):
    for_generator, for_students, test = (numbers(file.tokens) for file in stories.texts(PLAN, folder))
    assert (len(for_generator), len(for_students), len(test)) == (17, 17, 6)
    assert for_generator | for_students | test == set(range(40))


def test_another_edition_of_a_held_out_story_is_not_learnt_from(folder, tmp_path):
    editions = [story(7, first=5), story(8).replace("cat", "kit"), story(200), story(505)]  # cut, edited, other ones
    (tmp_path / "test.txt").write_text("".join(f"{text}\n<|endoftext|>\n" for text in editions))
    for_generator, for_students, test = stories.texts(replace(PLAN, test="test"), folder)
    learnt = numbers(for_generator.tokens) | numbers(for_students.tokens)
    assert learnt == set(range(40)) - {7, 8} and numbers(test.tokens) == {7, 8, 200, 505}
    llm = stories.llm_stories(replace(PLAN, test="test"), folder)
    assert numbers(llm.tokens) == set(range(500, 520)) - {505}


@pytest.mark.parametrize("synthetic, p2", [("generated", 0.0), ("generated", 0.5), ("llm", 0.5), ("llm", 1.0)])
def test_nobody_is_trained_on_held_out_stories(folder, monkeypatch, synthetic, p2):
    seen = []

    def watched(config, rows, recipe, seed, *others):
        seen.append(numbers(np.concatenate([rows.batch(step, recipe.batch) for step in range(200)])))
        return train(config, rows, recipe, seed, *others)

    train = stories.train
    monkeypatch.setattr(stories, "train", watched)
    stories.student(**JOB | {"synthetic": synthetic}, p2=p2, folder=folder)
    by_student = seen[-1]
    for_generator, for_students, test = (numbers(file.tokens) for file in stories.texts(PLAN, folder))
    wanted = for_students if p2 < 1 else set()
    if synthetic == "generated":
        assert seen[0] == for_generator
        written = numbers(stories.generated_stories(PLAN, folder)[0].tokens)  # it makes up numbers: it has learnt little
        wanted = wanted | (written if p2 > 0 else set())
    else:
        wanted = wanted | set(range(500, 520))
        assert not wanted & test
    assert by_student == wanted


def test_without_synthetic_rows_it_does_not_matter_who_writes_them(folder):
    one = stories.student(**JOB, p2=0.0, folder=folder)
    before = set(Path(folder, "checkpoints").iterdir())
    other = stories.student(**JOB | {"synthetic": "llm"}, p2=0.0, folder=folder)
    np.testing.assert_array_equal(one["nats"], other["nats"])
    assert set(Path(folder, "checkpoints").iterdir()) == before, "the same training, found there"
    assert one["synthetic_tokens"] != other["synthetic_tokens"] and (other["dropped"] == 0).all()


# Copies


def token_file(*parts):
    return TokenFile(np.concatenate([[*part, END] for part in parts]).astype(np.uint16), END, 257)


def test_copies_are_stories_with_a_tenth_of_their_passages_in_common():
    rng = np.random.default_rng(0)
    theirs, ours, mine = (rng.integers(256, size=3000) for _ in range(3))
    other = token_file(ours, rng.integers(256, size=500))
    twentieth, third = ([*mine[: 3000 - count], *ours[-count:]] for count in (150, 1000))
    found = without_copies(token_file(theirs, ours, twentieth, third, [1]), other)
    np.testing.assert_array_equal(found.tokens, token_file(theirs, twentieth, [1]).tokens)
    assert without_copies(found, other) is found
    with pytest.raises(ValueError, match="file must have a story that is not in other, all of its 1 are"):
        without_copies(token_file(ours), other)


def test_a_passage_belongs_to_the_story_that_it_ends_in():
    rng = np.random.default_rng(6)
    theirs, ours = rng.integers(256, size=(2, 50, 20))
    found = without_copies(token_file(*np.stack([theirs, ours], axis=1).reshape(100, 20)), token_file(*ours))
    kept = {tuple(text) for text in np.split(found.tokens, found.ends[:-1])}
    assert kept >= {(*text, END) for text in theirs} and len(kept) < 90


def test_parts_of_a_long_text_are_looked_at_as_the_whole(monkeypatch):
    rng = np.random.default_rng(1)
    parts = [rng.integers(256, size=400) for _ in range(20)]
    whole = without_copies(token_file(*parts), token_file(*parts[::3]))
    assert len(whole.ends) == 13
    monkeypatch.setattr("collapse.language.copies.TOGETHER", 7)
    np.testing.assert_array_equal(without_copies(token_file(*parts), token_file(*parts[::3])).tokens, whole.tokens)


# The filter

FINE = np.random.default_rng(2).permutation(256)


@pytest.mark.parametrize(
    "text, expected",
    [
        (FINE, None),
        ([*FINE[:SHORTEST], END], None),
        ([*FINE[: SHORTEST - 1], END], "short"),
        (FINE[: SHORTEST - 1], None),  # stopped, not ended
        ([END], "short"),
        ([*FINE, *[7] * (LOOP + 1), *FINE], "repeats"),
        ([*FINE, *[7] * LOOP, *FINE], None),
        ([*FINE[:PERIOD]] * 7, "repeats"),
        ([*FINE[: PERIOD + 1]] * 7, None),
        ([*FINE[:3]] * 30 + [END], "repeats"),
    ],
)
def test_the_rules_of_the_filter(text, expected):
    assert fault(np.array(text), END) == expected
    assert expected is None or expected in RULES


def test_poor_stories_are_dropped_and_counted(folder, monkeypatch):
    short, stuck, cut, ended = FINE[:5], [7] * 70, FINE[:70], FINE[:60]
    texts = iter([[[*short, END], stuck], [cut, stuck], [[*ended, END], [*short, END]]])
    monkeypatch.setattr(stories, "write", lambda *_: [np.array(text) for text in next(texts)])
    found, dropped = stories.generated_stories(PLAN, folder)
    np.testing.assert_array_equal(found.tokens, token_file(cut, ended).tokens)
    np.testing.assert_array_equal(dropped, [2 / 6, 2 / 6])
    with pytest.raises(ValueError, match="writes poor stories only"):
        monkeypatch.setattr(stories, "write", lambda *_: [np.array(stuck)])
        stories.generated_stories(replace(PLAN, drawn=3), folder)


# Long stories


def counting(model, count, length, seed, start, stop):
    """What a model would draw that counts on from the last token it sees; up to 99 minus the row, where the story ends."""
    assert start.shape[1] + length - 1 <= model.config.context
    drawn = start[:, -1:] % 257 + np.arange(1, length + 1) if (start != stop).all() else 100 * np.arange(count)[:, None]
    drawn = drawn if (start != stop).all() else drawn + np.arange(length)
    rows = drawn // 100
    return np.where(drawn - 100 * rows >= 40 + 30 * rows, stop, drawn)


def test_a_story_longer_than_the_context_goes_on_from_its_last_tokens(monkeypatch):
    monkeypatch.setattr(stories, "generate", counting)
    model = GPT(GPTConfig(257, 16, 1, 1, 4), 0)
    first, second = stories.write(model, 2, 60, seed=0, end=END)
    np.testing.assert_array_equal(first, [*range(40), END])
    np.testing.assert_array_equal(second, range(100, 160))


def test_stories_are_seeded_and_differ():
    model = GPT(GPTConfig(257, 16, 1, 1, 4), 0)
    first, again, other = (stories.write(model, 4, 50, seed, END) for seed in (1, 1, 2))
    for one, two in zip(first, again):
        np.testing.assert_array_equal(one, two)
    assert len({text.tobytes() for text in [*first, *other]}) == 8
    assert all((text[:-1] != END).all() and (len(text) == 50 or text[-1] == END) for text in first + other)
    pieces = [first[0][at : at + 9].tobytes() for at in (0, 16, 25, 34)]  # where it goes on, new numbers are drawn
    assert len(set(pieces)) == 4


# The loss


def test_the_loss_of_each_story_and_band_is_that_of_its_tokens():
    rng = np.random.default_rng(3)
    test = token_file(*(rng.integers(256, size=size) for size in (30, 5, 50, 1, 80)))
    model = GPT(GPTConfig(257, 12, 1, 2, 8), 4).eval()
    for count, windows in ((5, range(0, 14, 1)), (99, range(14))):
        chosen = [i * 14 // 5 for i in range(5)] if count == 5 else windows
        seen, nats, counted = stories.judge(model, test, count)
        assert seen.tolist() == [1, 2, 4]
        expected, numbers_seen = {}, []
        for window in chosen:
            row = test.tokens[12 * window : 12 * window + 13].astype(int)
            losses = -model(torch.tensor(row[None, :-1]))[0].log_softmax(dim=1)[range(12), row[1:]].detach().numpy()
            for place, loss in enumerate(losses, 1):
                whose = np.searchsorted(test.ends, 12 * window + place, side="right")
                numbers_seen.append(whose)
                expected.setdefault((whose, min(2, int(np.log2(place)))), []).append(loss)
        order = sorted(set(numbers_seen))
        assert counted.shape == nats.shape == (len(order), 3) and counted.sum() == 12 * len(chosen)
        for (whose, band), losses in expected.items():
            assert counted[order.index(whose), band] == len(losses)
            assert nats[order.index(whose), band] == pytest.approx(sum(losses), rel=ROUNDING)


def test_the_standard_error_is_that_over_stories():
    rng = np.random.default_rng(4)
    counted = np.full(30, 7)
    nats = rng.normal(14, 3, (5, 30))
    mean, stderr = stories.per_token(nats, counted)
    np.testing.assert_allclose(mean, nats.mean(axis=1) / 7)
    np.testing.assert_allclose(stderr, nats.std(axis=1, ddof=1) / 30**0.5 / 7)
    counted = rng.integers(1, 9, 30)
    mean, stderr = stories.per_token(2.5 * counted, counted)
    assert mean == pytest.approx(2.5) and stderr == pytest.approx(0, abs=1e-12), "all stories are alike"


def test_the_standard_error_of_long_and_short_stories_is_right_on_average():
    rng = np.random.default_rng(5)
    counted = rng.integers(1, 20, (4000, 40))
    nats = counted * rng.normal(3, 1, (4000, 40))
    found = [stories.per_token(*pair) for pair in zip(nats, counted)]
    z = (np.array([mean for mean, _ in found]) - 3) / np.array([stderr for _, stderr in found])
    spread = z.std()  # near 1, and for 40 stories a few percent more, as in Student's t; its own error is 1/sqrt(8000)
    assert 1 - 4 / 8000**0.5 < spread < (39 / 37) ** 0.5 + 4 / 8000**0.5 + 0.02


# Interruptions


def test_the_same_jobs_give_the_same_bits(folder, tmp_path):
    first = stories.student(**JOB, p2=0.5, folder=folder)
    stories.texts.cache_clear()
    assert_same(stories.student(**JOB, p2=0.5, folder=str(tmp_path / "other")), first)
    assert_same(stories.student(**JOB, p2=0.5, folder=folder), first)
    assert not np.array_equal(stories.student(**JOB | {"seed": 1}, p2=0.5, folder=folder)["nats"], first["nats"])


class Stop(Exception):
    pass


def stopping(monkeypatch, name, call):
    """stories.NAME stops at its call number ``call``; returns the list of calls."""
    function, calls = getattr(stories, name), []

    def stopped(*arguments, **others):
        calls.append(arguments)
        if len(calls) == call:
            raise Stop
        return function(*arguments, **others)

    monkeypatch.setattr(stories, name, stopped)
    return calls


@pytest.mark.parametrize("name, call", [("generate", 3), ("write", 1), ("write", 3), ("judge", 1), ("openings", 2)])
def test_an_interrupted_run_goes_on(folder, tmp_path, monkeypatch, name, call):
    expected = stories.student(**JOB, p2=0.5, folder=str(tmp_path / "other"))
    stories.texts.cache_clear()
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stopping(patch, name, call)
        stories.student(**JOB, p2=0.5, folder=folder)
    done = len(list(Path(folder, "drawn").iterdir()))
    with monkeypatch.context() as patch:
        calls = stopping(patch, "write", None)
        assert_same(stories.student(**JOB, p2=0.5, folder=folder), expected)
        assert len(calls) == PLAN.parts - done, "parts that are there are not written again"


def test_a_damaged_part_is_named_and_drawn_again(folder):
    expected = stories.student(**JOB, p2=0.5, folder=folder)
    path = sorted(Path(folder, "drawn").iterdir())[1]
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.warns(UserWarning, match=f"{path.name} is damaged .* drawn again"):
        assert_same(stories.student(**JOB, p2=0.5, folder=folder), expected)


def test_stories_by_other_code_are_not_used(folder, monkeypatch):
    for part in range(PLAN.parts):
        stories.draw("quick", part, folder)
    monkeypatch.setattr(stories, "code", lambda: "other")
    stories.draw("quick", 0, folder)
    assert len(list(Path(folder, "drawn").iterdir())) == PLAN.parts + 1


# The experiment


def experiment(name):
    return replace(experiments.EXPERIMENTS[name], data=lambda size: {})


@pytest.mark.parametrize("name", ["stories-generated", "stories-llm", "stories-size"])
def test_the_experiment_is_its_students(folder, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    found, told = experiments.run(experiment(name))
    jobs = experiment(name).jobs("quick")
    before = {"stories-llm": 1}.get(name, 1 + PLAN.parts)
    assert told["jobs"]["count"] == len(jobs) + before and told["size"] == "quick"
    for index in (0, len(jobs) - 1):
        alone = stories.student(**jobs[index])
        for key in ("loss", "stderr", "nats", "text"):
            np.testing.assert_array_equal(found[key][index], alone[key])
        for key in ("counted", "seen", "prompt", "real", "synthetic", "dropped", "real_tokens", "synthetic_tokens"):
            np.testing.assert_array_equal(found[key], alone[key])
        assert all(found[key][index] == jobs[index][key] for key in ("p2", "tokens", "layers", "width", "seed"))
    assert f"{min(found['tokens']):,}" in table(found)


def test_the_texts_to_read_are_what_they_are_said_to_be(folder):
    found = stories.student(**JOB, p2=0.5, folder=folder)
    test = stories.texts(PLAN, folder)[2]
    held = [text for text in BYTES.decode(test.tokens).split("<|endoftext|>") if text]
    for prompt, real in zip(found["prompt"], found["real"]):
        assert len(prompt) == 4 and any(text.startswith(prompt + real) for text in held)
    assert stories._decoded(PLAN, [[97, 98, END, 99, END], [END, 97, 98]]) == ["ab", ""]
    assert len(found["prompt"]) == len(found["text"]) == len(found["synthetic"]) == stories.SHOWN


def test_the_plans_are_whole():
    for size, plan in PLANS.items():
        assert size in results.SIZES
        for jobs in story_plans.mixture_jobs(size, "generated"), story_plans.model_jobs(size):
            assert len({str(job) for job in jobs}) == len(jobs)
            assert all(job["tokens"] % (plan.batch * plan.context) == 0 for job in jobs)
            assert [job["tokens"] for job in jobs] == sorted((job["tokens"] for job in jobs), reverse=True)
            assert all(job["seed"] == 0 or job["tokens"] < jobs[0]["tokens"] or size == "gpu" for job in jobs)
        assert plan.generator % (plan.batch * plan.context) == 0 and plan.parts <= plan.drawn


def test_the_papers_size_has_the_papers_settings():
    plan = PLANS["paper"]
    assert plan.model == (12, 12, 768) and plan.vocabulary == 50257
    assert (plan.context, plan.lr, plan.dropout, plan.warmup) == (512, 5e-3, 0.05, 2000)
    assert plan.texts("generated") == ["babistories", "tinystories-valid"]
    assert {12, 18, 24} < {job["layers"] for job in story_plans.model_jobs("paper")}
    assert PLANS["laptop"].texts("llm") == ["human", "llm"]


# Several processes

TOGETHER = """
import os, sys
from tests.test_stories_experiment import *

torch.set_num_threads(1)
folder = Path(sys.argv[1])
use_corpus(folder, pytest.MonkeyPatch())
os.chdir(folder)
results._folder = lambda: folder / "results"
write, written = stories.write, []
stories.write = lambda *a: (written.append(a), write(*a))[1]
found, told = experiments.run(experiment("stories-generated"), "laptop")
np.savez(folder / f"{os.environ['RANK']}.npz", **found)
(folder / f"{os.environ['RANK']}.txt").write_text(str(len(written)))
"""


def test_two_processes_walk_through_the_jobs_in_step(folder, tmp_path):
    script = tmp_path / "together.py"
    script.write_text(TOGETHER)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", script, tmp_path]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=LIMIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = (dict(np.load(tmp_path / f"{rank}.npz")) for rank in (0, 1))
    assert_same(first, second)
    assert sorted((tmp_path / f"{rank}.txt").read_text() for rank in (0, 1)) == ["1", "2"], "each writes its parts only"
    assert len(list((tmp_path / "_build" / "runs" / "stories-laptop-parts" / "drawn").iterdir())) == PLAN.parts
    stored = np.load(tmp_path / "results" / "stories-generated.npz")
    assert_same(dict(stored), first)
    alone = stories.student(**story_plans.mixture_jobs("laptop", "generated")[0] | {"folder": folder})
    np.testing.assert_allclose(first["nats"][0], alone["nats"], rtol=ROUNDING)


def test_where_one_process_fails_it_ends_and_torchrun_ends_the_others(monkeypatch):
    with pytest.raises(ValueError, match="size must be one of"):
        stories.prepare("huge", "llm", None)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    for function, arguments in (
        (stories.prepare, ("llm",)),
        (stories.draw, (0,)),
        (stories.student, ("llm", 0, 64, 1, 1, 8, 0)),
    ):
        with pytest.raises(SystemExit, match="ValueError: size must be one of"):
            function("huge", *arguments, None)


# The command line


def command(capsys, *arguments):
    try:
        main(arguments)
        status = 0
    except SystemExit as stop:
        status = stop.code
    return status, *capsys.readouterr()


def test_one_command_prints_the_losses(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("stories-llm", "stories-size"):
        monkeypatch.setitem(experiments.EXPERIMENTS, name, experiment(name))
    status, out, _ = command(capsys, "figure8", "--synthetic", "llm")
    assert status == 0 and re.search(r"tokens +p2=0 1x8 +p2=0.5 1x8 +p2=1 1x8\n +256 .*±.*\n +768 .*±", out)
    status, out, _ = command(capsys, "figure9")
    assert status == 0 and re.search(r"tokens +p2=1 1x4 +p2=1 1x8\n +256 .*±", out) and "Nothing was stored" in out


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["figure7"], "invalid choice: 'figure7'"),
        (["figure8", "--size", "full"], "invalid choice: 'full'"),
        (["figure8", "--synthetic", "human"], "invalid choice: 'human'"),
        (["figure9", "--synthetic", "llm"], "--synthetic is for figure8"),
        (["figure8", "--workers", "0"], "--workers must be >= 1, got 0"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(capsys, arguments, text):
    status, _, err = command(capsys, *arguments)
    assert status == 2 and text in err


def test_processes_and_workers_exclude_each_other(capsys, monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    status, _, err = command(capsys, "figure8", "--workers", "2")
    assert status == 2 and "--workers and torchrun exclude each other" in err


def test_a_size_that_is_not_there_is_told(capsys):
    status, _, _ = command(capsys, "figure8", "--synthetic", "llm", "--size", "paper")
    assert status == "error: size must be one that stories-llm has (quick, laptop, gpu), got 'paper'"


def test_without_the_stories_the_message_says_what_to_do(tmp_path, monkeypatch, capsys):
    isolate(monkeypatch, tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    status, _, _ = command(capsys, "figure8")
    assert status.startswith("error: The corpus of human stories is not on this machine")


@pytest.mark.parametrize(
    "changes, error, text",
    [
        (dict(size="huge"), ValueError, "size must be one of quick, laptop, gpu, paper, got 'huge'"),
        (dict(synthetic="human"), ValueError, "synthetic must be one of generated, llm, got 'human'"),
        (dict(p2=1.5), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.5"),
        (dict(p2=None), TypeError, "p2 must hold real numbers, got None"),
        (dict(tokens=63), ValueError, "tokens must be >= 64, got 63"),
        (dict(tokens=1e6), TypeError, "tokens must be a whole number, got 1000000.0"),
        (dict(heads=3), ValueError, "width must be a multiple of heads (3), got 8"),
        (dict(layers=0), ValueError, "layers must be >= 1, got 0"),
        (dict(seed=-1), ValueError, "seed must be >= 0, got -1"),
        (dict(folder=3), TypeError, "folder must be a path, got 3"),
    ],
)
def test_bad_input_is_named(folder, changes, error, text):
    with pytest.raises(error, match=re.escape(text)):
        stories.student(**JOB | {"p2": 0.5, "folder": folder} | changes)


@pytest.mark.parametrize("text, error", [([1, 2], TypeError), (np.empty(0, int), ValueError), (np.ones((2, 2)), ValueError)])
def test_the_filter_refuses_what_is_no_story(text, error):
    with pytest.raises(error, match="story must be "):
        fault(text, END)


@pytest.mark.parametrize(
    "nats, counted",
    [
        (np.ones((9, 3)), np.ones((9, 3))),
        (np.ones((3, 9)), np.ones((3, 9))),
        (np.ones((9, 3)), np.ones(9)),
        (1.0, np.ones(9)),
    ],
)
def test_losses_that_are_not_one_for_each_story_are_refused(nats, counted):
    with pytest.raises(ValueError, match=re.escape("counted must be (stories,) and nats (..., stories), got ")):
        stories.per_token(nats, counted)


@pytest.mark.parametrize(
    "changes, error, text",
    [
        (dict(model="gpt"), TypeError, "model must be a GPT"),
        (dict(test="real.txt"), TypeError, "test must be a TokenFile"),
        (dict(count=0), ValueError, "count must be >= 1, got 0"),
    ],
)
def test_a_judge_names_what_it_cannot_use(changes, error, text):
    model = GPT(GPTConfig(vocabulary=257, context=16, layers=1, heads=1, width=4), 0)
    test = TokenFile(np.arange(40, dtype=np.uint16), end=39, vocabulary=257)
    with pytest.raises(error, match=re.escape(text)):
        stories.judge(**{"model": model, "test": test, "count": 2} | changes)
