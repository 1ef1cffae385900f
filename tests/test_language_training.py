"""Training of a GPT: against a plain loop of torch, after kill -9, in two processes, and where the loss blows up."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors
import torch

from collapse.language import checkpoints, training
from collapse.language.gpt import GPT, GPTConfig
from collapse.language.parallel import Processes
from collapse.language.training import Recipe, train

from .waiting import LIMIT, wait_until

ROOT = Path(__file__).resolve().parents[1]
CONFIG = GPTConfig(vocabulary=7, context=6, layers=2, heads=2, width=8)
RECIPE = Recipe(batch=4, steps=30, lr=0.01, warmup=5, clip=0.5, final=0.1)
ROUNDING = 3e-6  # 30 steps, each of which rounds to 1e-7


class Rows:
    """Text whose next word is the last one plus 1 or 2, with equal chances."""

    def __init__(self, config=CONFIG, seed=0):
        self.config, self.seed, self.digest = config, seed, f"steps of 1 or 2, seed {seed}"

    def batch(self, step, rows):
        moves = np.random.default_rng([self.seed, step]).integers(1, 3, (rows, self.config.context + 1))
        return moves.cumsum(axis=1) % self.config.vocabulary


def trained(config=CONFIG, data=None, recipe=RECIPE, seed=3, **others):
    return train(config, Rows() if data is None else data, recipe, seed, progress=False, **others)


def weights(model):
    return {name: part.detach().cpu().numpy() for name, part in model.named_parameters()}


def logits(model):
    """What the model says of some text: a key's bias changes nothing, so that its gradient, and its value, are rounding."""
    return model(torch.as_tensor(Rows(seed=9).batch(0, 50))[:, :-1]).detach().cpu().numpy()


def assert_same_bits(found, expected):
    np.testing.assert_array_equal(found.losses, expected.losses)
    for name, part in weights(expected.model).items():
        np.testing.assert_array_equal(weights(found.model)[name], part, err_msg=name)


def plain_loop(config, data, recipe, seed):
    """The training as a user would write it: torch.optim.AdamW, a scheduler, clipping."""
    model = GPT(config, seed)
    groups = [{"params": [part]} | ({"weight_decay": 0.0} if part.ndim == 1 else {}) for part in model.parameters()]
    optimiser = torch.optim.AdamW(groups, lr=recipe.lr, weight_decay=recipe.weight_decay, betas=recipe.betas, foreach=False)
    left = recipe.steps - recipe.warmup
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: (step + 1) / recipe.warmup),
        torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, left, recipe.final * recipe.lr),
    ]
    schedule = torch.optim.lr_scheduler.SequentialLR(optimiser, schedules, [recipe.warmup - 1])
    losses, rates = [], []
    for step in range(recipe.steps):
        rates.append(optimiser.param_groups[0]["lr"])
        tokens = torch.as_tensor(data.batch(step, recipe.batch))
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return model, losses, rates


def test_it_is_a_plain_loop_of_torch():
    model, losses, rates = plain_loop(CONFIG, Rows(), RECIPE, 3)
    found = trained()
    assert not found.model.training
    np.testing.assert_allclose([RECIPE.rate(step) for step in range(RECIPE.steps)], rates, rtol=1e-12)
    np.testing.assert_allclose(found.losses, losses, atol=ROUNDING)
    np.testing.assert_allclose(logits(found.model), logits(model), atol=ROUNDING)


def test_a_large_batch_is_worked_on_in_parts(monkeypatch):
    sizes, whole, expected = [], GPT.loss, trained(recipe=replace(RECIPE, batch=5))
    monkeypatch.setitem(training.LOGITS, "cpu", 2 * 4 * CONFIG.vocabulary * CONFIG.context)
    monkeypatch.setattr(GPT, "loss", lambda model, tokens: (sizes.append(len(tokens)), whole(model, tokens))[1])
    found = trained(recipe=replace(RECIPE, batch=5))
    assert sizes == [2, 2, 1] * RECIPE.steps
    np.testing.assert_allclose(found.losses, expected.losses, atol=ROUNDING)
    np.testing.assert_allclose(logits(found.model), logits(expected.model), atol=ROUNDING)


def test_the_learning_rate_rises_to_lr_and_falls_to_its_final_share():
    rates = np.array([RECIPE.rate(step) for step in range(RECIPE.steps)])
    assert rates.argmax() == RECIPE.warmup - 1 and (np.diff(rates[RECIPE.warmup - 1 :]) < 0).all()
    np.testing.assert_allclose(rates[[0, 4, 29]], [RECIPE.lr / 5, RECIPE.lr, RECIPE.lr / 10])
    assert Recipe(batch=1, steps=1, warmup=1).rate(0) == 5e-3
    assert Recipe(batch=1, steps=1, warmup=0).rate(0) == 0


def test_the_model_learns_what_comes_next():
    """The entropy is log 2 a word, and log 7 to a reader who does not look back: all but a twentieth of that is learnt."""
    losses = trained(recipe=Recipe(batch=32, steps=300, lr=0.02, warmup=20)).losses
    assert abs(losses[0] - np.log(7)) < 0.01, "the first weights are so small that all words are alike"
    assert np.log(2) < losses[-50:].mean() < np.log(2) + (np.log(7) - np.log(2)) / 20


def test_the_seed_decides_the_weights_and_the_data_do_not_change():
    assert_same_bits(trained(), trained())
    assert not np.array_equal(trained(seed=4).losses, trained().losses)


def test_dropout_is_seeded_and_leaves_other_random_numbers_alone():
    config = replace(CONFIG, dropout=0.2)
    torch.manual_seed(1)
    first = trained(config)
    after = torch.rand(3)
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(3))
    assert_same_bits(trained(config), first)
    assert not np.array_equal(first.losses, trained().losses)
    frozen = trained(config, recipe=replace(RECIPE, lr=1e-30), data=Same())
    assert len(set(frozen.losses.tolist())) == RECIPE.steps, "each step drops others: the rest is the same"


class Same(Rows):
    digest = "the same rows in all steps"

    def batch(self, step, rows):
        return super().batch(0, rows)


@pytest.mark.parametrize("terminal, progress, shown", [(True, True, True), (True, False, False), (False, True, False)])
def test_progress_is_shown_if_wanted_and_there_is_a_terminal(capsys, monkeypatch, terminal, progress, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    found = train(CONFIG, Rows(), RECIPE, 3, progress=progress)
    told = capsys.readouterr().err
    if shown:
        assert "720/720" in told and "tokens/s" in told and f"loss={found.losses[-20:].mean():.4f}" in told
    else:
        assert not told


# Interruptions

DROPOUT = replace(CONFIG, dropout=0.1)
KILLED = replace(RECIPE, steps=400)


def often(patch):
    """From now on there is a checkpoint after each step."""
    patch.setattr(training, "PAUSE", 0.0)
    patch.setattr(training, "WRITING", 1e9)


def interrupted(folder):
    """A long training with a checkpoint after each step."""
    torch.set_num_threads(1)
    often(pytest.MonkeyPatch())
    trained(DROPOUT, recipe=KILLED, folder=folder)


def steps(folder):
    """Steps that are done."""
    for path in folder.glob("*.safetensors"):
        with safetensors.safe_open(path, framework="np") as file:
            return json.loads(file.metadata()["about"])["step"]
    return 0


def test_after_kill_9_at_a_random_moment_every_bit_is_the_same(tmp_path):
    code = f"from tests.test_language_training import *; interrupted({str(tmp_path)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        wait_until(lambda: steps(tmp_path))
        time.sleep(random.Random().uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        assert process.wait(LIMIT) == -signal.SIGKILL  # it was still at work
    finally:
        with contextlib.suppress(OSError):
            process.kill()
    assert 0 < steps(tmp_path) < KILLED.steps
    assert_same_bits(trained(DROPOUT, recipe=KILLED, folder=tmp_path), trained(DROPOUT, recipe=KILLED))
    assert steps(tmp_path) == KILLED.steps


class Stop(Exception):
    pass


class Counted(Rows):
    """Rows that note which step asked for them, and stop the training after some."""

    def __init__(self, until=None, how=Stop):
        super().__init__()
        self.until, self.how, self.asked = until, how, []

    def batch(self, step, rows):
        if step == self.until:
            raise self.how
        self.asked.append(step)
        return super().batch(step, rows)


@pytest.mark.parametrize("until", [0, 1, 17, 29])
def test_no_finished_step_is_run_twice(tmp_path, monkeypatch, until):
    often(monkeypatch)
    expected = trained(DROPOUT)
    with pytest.raises(Stop):
        trained(DROPOUT, Counted(until), folder=tmp_path)
    data = Counted()
    assert_same_bits(trained(DROPOUT, data, folder=tmp_path), expected)
    assert data.asked == list(range(until, RECIPE.steps))
    again = trained(DROPOUT, data, folder=tmp_path)
    assert_same_bits(again, expected)
    assert not again.model.training
    assert len(data.asked) == RECIPE.steps - until


@pytest.mark.parametrize("until", [1, 17])
def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(tmp_path, capsys, until):
    expected = trained(DROPOUT)
    with pytest.raises(KeyboardInterrupt):
        trained(DROPOUT, Counted(until, KeyboardInterrupt), folder=tmp_path)
    (path,) = tmp_path.iterdir()
    told = f"Stopped: {until} of 30 steps of a training are kept in {path}; call again for the rest.\n"
    assert capsys.readouterr().err == told
    data = Counted()
    assert_same_bits(trained(DROPOUT, data, folder=tmp_path), expected)
    assert data.asked == list(range(until, RECIPE.steps))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_ctrl_c_within_an_update_waits_for_its_end(tmp_path, monkeypatch, moment):
    expected, update, updates = trained(), torch.optim.AdamW.step, []

    def interrupted_update(*arguments):
        updates.append(moment)
        if len(updates) == 3 and moment == "before":
            signal.raise_signal(signal.SIGINT)
        update(*arguments)
        if len(updates) == 3 and moment == "after":
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have said to ignore it
    try:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(torch.optim.AdamW, "step", interrupted_update)
            trained(folder=tmp_path)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert steps(tmp_path) == len(updates) == 3
    assert_same_bits(trained(folder=tmp_path), expected)


def test_ctrl_c_leaves_nothing_where_there_is_nothing_to_keep(tmp_path, monkeypatch, capsys):
    with pytest.raises(KeyboardInterrupt):
        trained(data=Counted(0, KeyboardInterrupt), folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        trained(data=Counted(3, KeyboardInterrupt))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training, "processes", lambda device: Processes(rank=1))
        trained(data=Counted(3, KeyboardInterrupt), folder=tmp_path)
    with monkeypatch.context() as patch, pytest.raises(FloatingPointError, match="at step 2,"):
        spoilt(patch, 2, SPOILT["nan"][0])
        trained(data=Counted(3, KeyboardInterrupt), folder=tmp_path)
    assert not list(tmp_path.iterdir()) and not capsys.readouterr().err


def test_a_thread_can_train():
    found = []
    thread = threading.Thread(target=lambda: found.append(trained()))
    thread.start()
    thread.join()
    assert_same_bits(found[0], trained())


def test_checkpoints_wait_for_their_pause_and_for_the_end(tmp_path, monkeypatch):
    written, clock = [], Clock()
    monkeypatch.setattr(training, "time", clock)
    monkeypatch.setattr(checkpoints, "write", lambda path, tensors, about: (written.append(about["step"]), clock.wait(4)))
    data = Counted()
    data.batch = lambda step, rows: (clock.wait(10), Rows.batch(data, step, rows))[1]
    trained(data=data, folder=tmp_path)  # steps of 10 s, writing takes 4 s, 5 % of 80 s
    assert training.PAUSE == 30
    assert written == [4, 13, 22, 30]


class Clock:
    now = 0.0

    def wait(self, seconds):
        self.now += seconds

    def monotonic(self):
        return self.now


def test_a_finished_checkpoint_holds_no_optimiser(tmp_path):
    found = trained(folder=tmp_path)
    (path,) = tmp_path.iterdir()
    tensors, about = checkpoints.read(path)
    assert set(tensors) == {"losses"} | {f"model.{name}" for name, _ in found.model.named_parameters()}
    assert about["config"]["width"] == 8 and about["recipe"]["lr"] == 0.01 and about["data"] == Rows().digest


@pytest.mark.parametrize(
    "change",
    [dict(config=DROPOUT), dict(data=Rows(seed=1)), dict(recipe=replace(RECIPE, weight_decay=0.0)), dict(seed=4)],
    ids=lambda change: next(iter(change)),
)
def test_a_checkpoint_serves_only_its_own_training(tmp_path, change):
    trained(folder=tmp_path)
    assert_same_bits(trained(folder=tmp_path, **change), trained(**change))
    assert len(list(tmp_path.iterdir())) == 2


DAMAGE = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 2],
    "one byte": lambda whole: whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_checkpoint_is_named_and_not_used(tmp_path, how):
    expected = trained(folder=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    with pytest.warns(UserWarning, match=f"{path.name} is damaged .* not used"):
        assert_same_bits(trained(folder=tmp_path), expected)
    assert_same_bits(trained(folder=tmp_path), expected)


# A loss that blows up


def spoilt(monkeypatch, step, spoil):
    """In step ``step`` the loss is what ``spoil`` makes of it and of the embedding."""
    whole, calls = GPT.loss, []

    def loss(model, tokens):
        calls.append(step)
        right = whole(model, tokens)
        return spoil(right, model.embedding) if len(calls) == step else right

    monkeypatch.setattr(GPT, "loss", loss)


SPOILT = {
    "nan": (lambda loss, part: loss * float("nan"), "the loss or its gradient is not finite"),
    "inf": (lambda loss, part: loss * float("inf"), "the loss or its gradient is not finite"),
    "gradient": (lambda loss, part: loss + (part - part.detach()).sum().sqrt(), "its gradient is not finite"),
    "large": (lambda loss, part: loss * 0 + 20, "the loss is 20"),
}


@pytest.mark.parametrize("how, step", [("nan", 1), ("inf", 3), ("gradient", 20), ("large", 30)])
def test_a_loss_that_blows_up_stops_with_its_step(tmp_path, monkeypatch, how, step):
    spoil, told = SPOILT[how]
    often(monkeypatch)
    with monkeypatch.context() as patch:
        spoilt(patch, step, spoil)
        with pytest.raises(FloatingPointError, match=f"seed 3 diverged: .*{told} at step {step},") as raised:
            trained(folder=tmp_path)
        assert ("the last good checkpoint is" in str(raised.value)) == (step > 1)
        assert steps(tmp_path) == step - 1
    assert_same_bits(trained(folder=tmp_path), trained())


def test_between_checkpoints_it_stops_soon(monkeypatch):
    spoilt(monkeypatch, 3, SPOILT["nan"][0])
    data = Counted()
    with pytest.raises(FloatingPointError, match="at step 3, where the learning rate is 0.006; lr .0.01. must be smaller$"):
        trained(data=data)
    assert len(data.asked) == training.TOGETHER


def test_a_learning_rate_that_is_too_large_is_told():
    with pytest.raises(FloatingPointError, match="must be smaller"):
        trained(recipe=replace(RECIPE, lr=100.0, clip=100.0))


# Several processes

TOGETHER = """
from tests.test_language_training import *
torch.set_num_threads(1)
written = []
write = checkpoints.write
checkpoints.write = lambda path, *others: (written.append(path), write(path, *others))
found = trained(folder=sys.argv[1])
file = f"{sys.argv[2]}/{os.environ['RANK']}.npz"
np.savez(file, written=len(written), losses=found.losses, logits=logits(found.model), **weights(found.model))
"""


def test_two_processes_do_what_one_does_and_go_on_from_its_checkpoint(tmp_path, monkeypatch):
    alone = trained()
    with monkeypatch.context() as patch, pytest.raises(Stop):
        often(patch)
        trained(data=Counted(2), folder=tmp_path / "checkpoints")
    script = tmp_path / "together.py"
    script.write_text(TOGETHER)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", script]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, tmp_path / "checkpoints", tmp_path], cwd=ROOT, env=environment, check=True, timeout=LIMIT)
    both = [np.load(tmp_path / f"{rank}.npz") for rank in (0, 1)]
    assert [int(one["written"]) for one in both] == [1, 0], "only the first process writes, once, at the end"
    for name in both[0].files[1:]:
        np.testing.assert_array_equal(both[0][name], both[1][name], err_msg=name)
    np.testing.assert_array_equal(both[0]["losses"][:2], alone.losses[:2])
    np.testing.assert_allclose(both[0]["losses"], alone.losses, atol=ROUNDING)
    np.testing.assert_allclose(both[0]["logits"], logits(alone.model), atol=ROUNDING)


def test_a_batch_that_the_processes_cannot_share_is_refused(monkeypatch):
    monkeypatch.setattr(training, "processes", lambda device: Processes(rank=1, count=3))
    with pytest.raises(ValueError, match="batch must be a multiple of the 3 processes, got 4"):
        trained()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_learns_as_much(tmp_path):
    """bfloat16 has 8 bits; losses are sums over many rounded products."""
    found = trained(device="cuda", folder=tmp_path)
    np.testing.assert_allclose(found.losses, trained().losses, atol=0.05)
    assert_same_bits(trained(device="cuda", folder=tmp_path), found)
