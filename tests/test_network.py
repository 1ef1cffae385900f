"""Networks trained as one batched model: against autograd and torch.optim, one by one, and after kill -9."""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from collapse import data
from collapse.images import Networks, Recipe, memory, network, train
from collapse.results import read_arrays

from .waiting import LIMIT, wait_until

ROOT = Path(__file__).resolve().parents[1]
FIELDS = ("first", "first_bias", "second", "second_bias", "losses")
RECIPE = Recipe(width=20, epochs=3, batch=16, lr=0.1)
N, D, K = 50, 12, 3


def pixels(n=N, seed=0):
    """Images with much paper and little ink; the first pixel never has any."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, D)) * (rng.random((n, D)) < np.linspace(0, 0.8, D))
    x[0] = 0
    return x


def labels(runs=3, n=N, seed=1):
    return np.random.default_rng(seed).standard_normal((runs, n, K))


def trained(x=None, targets=None, recipe=RECIPE, seeds=(5, 5, 7), **others):
    return train(pixels() if x is None else x, labels() if targets is None else targets, recipe, seeds, **others)


def assert_same_bits(found, expected):
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def assert_close(found, expected, tolerance=1e-5):
    for name in FIELDS:
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=tolerance, err_msg=name)


def together(monkeypatch, runs, recipe=RECIPE):
    """From now on that many runs step together."""
    monkeypatch.setitem(network.TOGETHER, "cpu", runs * 4 * recipe.width * (D + K))


def plain_loop(x, targets, recipe, seed):
    """One run as a user would write it, in float64: autograd, torch.optim.SGD, a scheduler."""
    x, targets = torch.as_tensor(x), torch.as_tensor(targets)
    model = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], recipe.width), torch.nn.ReLU(), torch.nn.Linear(recipe.width, targets.shape[1])
    ).double()
    with torch.no_grad():
        drawn = network.initial_weights(x.shape[1], targets.shape[1], recipe.width, seed)
        for parameter, value in zip(model.parameters(), drawn):
            parameter.copy_(torch.as_tensor(value.T))
    optimiser = torch.optim.SGD(model.parameters(), lr=recipe.lr)
    steps = recipe.epochs * -(-len(x) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    losses = np.zeros(recipe.epochs)
    for epoch in range(recipe.epochs):
        for batch in torch.as_tensor(network.image_order(len(x), seed, epoch + 1)).split(recipe.batch):
            optimiser.zero_grad()
            loss = (model(x[batch]) - targets[batch]).square().sum(dim=1).mean()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses[epoch] += loss.item() * len(batch) / len(x)
    first, first_bias, second, second_bias = (value.detach().numpy() for value in model.parameters())
    return Networks(first.T, first_bias, second.T, second_bias, losses), model


# Against the plain loop, and one by one


def test_each_run_is_a_plain_loop_of_autograd_and_sgd():
    """With a last batch that is smaller, a pixel without ink, an image without ink, two runs of one seed."""
    nets, x, targets = trained(), pixels(), labels()
    assert repr(nets) == "Networks(3 runs, 12 pixels, width 20, 3 outputs)"
    new = pixels(30, seed=9)
    for run, seed in enumerate((5, 5, 7)):
        expected, model = plain_loop(x, targets[run], RECIPE, seed)
        one = Networks(*(getattr(nets, name)[run] for name in FIELDS))
        assert_close(one, expected)
        np.testing.assert_allclose(nets.predict(new)[run], model(torch.as_tensor(new)).detach(), atol=1e-5)


def test_other_runs_do_not_matter(monkeypatch):
    nets, targets = trained(), labels()
    for run, seed in enumerate((5, 5, 7)):
        alone = trained(targets=targets[[run]], seeds=[seed])
        assert_close(alone, Networks(*(getattr(nets, name)[[run]] for name in FIELDS)))
    for runs in (1, 2):
        together(monkeypatch, runs)
        assert_close(trained(), nets)
    backwards = trained(targets=targets[::-1], seeds=(7, 5, 5))
    assert_close(Networks(*(getattr(backwards, name)[::-1] for name in FIELDS)), nets)


def test_runs_in_groups_are_really_trained_in_groups(monkeypatch):
    sizes = []
    step = network._Group._step
    monkeypatch.setattr(network._Group, "_step", lambda group, *args: sizes.append(len(group.seeds)) or step(group, *args))
    together(monkeypatch, 2)
    trained()
    assert set(sizes) == {1, 2}
    together(monkeypatch, 3)
    sizes.clear()
    trained()
    assert set(sizes) == {3}


# Seeds


def test_a_seed_fixes_every_bit_and_another_seed_changes_everything():
    nets = trained()
    assert_same_bits(trained(), nets)
    other = trained(seeds=(6, 6, 8))
    for name in FIELDS:
        assert not np.isclose(getattr(nets, name), getattr(other, name)).all(axis=-1).any()


def test_one_seed_gives_paired_runs():
    """The same weights and the same order: on the same targets, the same answers. A pixel without ink keeps its weights."""
    nets = trained(targets=labels()[[0, 0, 1]], seeds=(5, 5, 5))
    for name in FIELDS:
        np.testing.assert_allclose(getattr(nets, name)[0], getattr(nets, name)[1], atol=1e-6)
        assert not np.allclose(getattr(nets, name)[0], getattr(nets, name)[2])
    np.testing.assert_array_equal(nets.first[0, 0], nets.first[2, 0])
    np.testing.assert_array_equal(nets.first[0, 0], network.initial_weights(D, K, RECIPE.width, 5)[0][0])


def test_initial_weights_are_uniform_within_one_over_the_root_of_the_fan_in():
    for weights, fan_in in zip(network.initial_weights(400, 30, 900, seed=3), (400, 400, 900, 900)):
        scaled = weights * np.sqrt(fan_in)
        assert np.abs(scaled).max() <= 1 + 1e-6
        assert abs(scaled.mean()) < 5 / np.sqrt(3 * scaled.size)
        assert abs((scaled**2).mean() - 1 / 3) < 5 * np.sqrt(4 / 45 / scaled.size)


def test_each_epoch_sees_every_image_once_in_a_new_order():
    orders = [network.image_order(100, seed, epoch) for seed in (1, 2) for epoch in (1, 2)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(100))
    assert len({tuple(order) for order in orders}) == 4


# What must hold


def test_a_network_learns_what_no_linear_predictor_can():
    """Digits: on its 1,000 images it nearly answers the labels, and elsewhere it beats least squares by far."""
    digits = data.digits()
    x, y = digits.pixels.reshape(len(digits.pixels), -1) / 255, np.eye(10)[digits.labels]
    nets = train(x[:1000], y[None, :1000], Recipe(width=100, epochs=30, batch=4, lr=0.2), [0])
    rows = np.column_stack([x, np.ones(len(x))])
    linear = rows @ np.linalg.lstsq(rows[:1000], y[:1000], rcond=None)[0]
    errors = ((nets.predict(x)[0] - y) ** 2).sum(axis=1)
    assert errors[:1000].mean() < 0.05
    assert errors[1000:].mean() < 0.5 * ((linear - y)[1000:] ** 2).sum(axis=1).mean()
    assert nets.losses[0, 0] > 10 * nets.losses[0, -1]


def test_the_mean_of_the_targets_is_learnt_where_the_images_tell_nothing():
    targets = labels(1, 64)
    nets = train(np.zeros((64, D)), targets, Recipe(width=5, epochs=40, batch=64, lr=0.3), [0])
    np.testing.assert_allclose(nets.predict(np.zeros((1, D)))[0, 0], targets[0].mean(axis=0), atol=1e-3)


def test_predict_in_blocks_is_predict(monkeypatch):
    nets, x = trained(), pixels()
    whole = nets.predict(x)
    assert whole.shape == (3, N, K)
    hidden = np.maximum(x @ nets.first + nets.first_bias[:, None], 0)
    np.testing.assert_allclose(whole, hidden @ nets.second + nets.second_bias[:, None], atol=1e-5)
    monkeypatch.setattr(network, "ROWS", 7)
    np.testing.assert_allclose(nets.predict(x), whole, atol=1e-6)


@pytest.mark.parametrize("lr", [2.0, 40.0])
def test_a_training_that_diverges_stops_and_says_where(lr):
    """At the smaller rate the loss would come back to a finite one, that of a network with all hidden units off."""
    with pytest.raises(FloatingPointError) as error:
        trained(recipe=Recipe(width=20, epochs=50, batch=16, lr=lr))
    found = re.fullmatch(
        r"training with seed (5|7) diverged: the loss is (\S+) at step (\d+), where the learning rate is (\S+); "
        r"lr \((2|40)\) must be smaller",
        str(error.value),
    )
    step, steps = int(found[3]), 50 * 4
    assert 1 < step <= steps
    assert not float(found[2]) < 1e3
    assert float(found[4]) == pytest.approx(lr * (1 - (step - 1) / steps), rel=1e-2)


def test_a_training_that_first_overshoots_goes_on():
    losses = trained(recipe=Recipe(width=200, epochs=20, batch=16, lr=0.3)).losses
    assert (losses[:, -1] < losses[:, 0]).all()


@pytest.mark.parametrize("terminal, progress, shown", [(True, True, True), (True, False, False), (False, True, False)])
def test_progress_is_shown_if_wanted_and_there_is_a_terminal(capsys, monkeypatch, terminal, progress, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    trained(progress=progress)
    told = capsys.readouterr().err
    assert "9/9" in told if shown else not told


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_networks(tmp_path):
    assert_close(trained(device="cuda", folder=tmp_path), trained(), tolerance=1e-4)


# Memory


def test_a_run_that_does_not_fit_is_refused_before_it_begins(monkeypatch):
    needed = network.peak_memory_bytes(N, D, K, 3, RECIPE)
    monkeypatch.setattr(memory, "available", lambda device: needed)
    trained()
    monkeypatch.setattr(memory, "available", lambda device: needed - 1)
    with pytest.raises(MemoryError, match="the run would take .* GB, this machine has .* GB: make it smaller"):
        trained()


def test_available_memory_is_some_of_this_machine():
    assert 0 < memory.available() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_available_memory_without_meminfo_is_all_there_is(monkeypatch):
    monkeypatch.setattr(memory, "_MEMINFO", Path("/nowhere"))
    assert memory.available() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


MEASURE = """
import re, sys
import numpy as np
from collapse.images import Recipe, network, train

def taken():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

def run(n, d, k, runs, width):
    recipe = Recipe(width, epochs=1, batch=1000, lr=0.01)
    train(np.full((n, d), 0.5), np.zeros((runs, n, k)), recipe, [0] * runs, progress=False)
    return network.peak_memory_bytes(n, d, k, runs, recipe)

run(10, 10, 1, 1, 10)
before = taken()
bound = run(*map(int, sys.argv[1:]))
print(taken() - before, bound)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("sizes", [(20_000, 700, 2, 1, 10), (20_000, 10, 100, 8, 10), (10, 1000, 10, 10, 1000)])
def test_the_memory_bound_is_kept_and_not_far_off(sizes):
    command = [sys.executable, "-c", MEASURE, *map(str, sizes)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=LIMIT)
    used, bound = map(int, found.stdout.split())
    assert used <= 1.05 * bound, "a twentieth for the libraries' own buffers"
    assert bound <= 2 * used


# Interruptions


KILLED = Recipe(width=40, epochs=600, batch=25, lr=0.01)


def interrupted(folder):
    """A long training in two groups, with a checkpoint after each epoch."""
    network.PAUSE = 0.0
    network.TOGETHER["cpu"] = 2 * 4 * KILLED.width * (D + K)
    return trained(recipe=KILLED, folder=folder, progress=False)


def epochs(folder):
    """Epochs that are done, over all groups."""
    return sum(int(read_arrays(path)["epoch"]) for path in folder.glob("*.npz"))


def more_epochs(folder, before):
    return epochs(folder) > before


def test_after_kill_9_at_random_moments_every_bit_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(network, "PAUSE", 1e9)
    monkeypatch.setitem(network.TOGETHER, "cpu", 0)  # both restored after the test; interrupted sets its own
    moment, before = random.Random(), 0
    for _ in range(3):
        code = f"from tests.test_network import *; interrupted({str(tmp_path / 'cut')!r})"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        try:
            wait_until(partial(more_epochs, tmp_path / "cut", before))
            time.sleep(moment.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            assert process.wait(LIMIT) == -signal.SIGKILL  # it was still at work
        finally:
            with contextlib.suppress(OSError):
                process.kill()
        assert epochs(tmp_path / "cut") > before
        before = epochs(tmp_path / "cut")
    assert before < 2 * KILLED.epochs
    assert_same_bits(interrupted(tmp_path / "cut"), interrupted(folder=None))
    assert epochs(tmp_path / "cut") == 2 * KILLED.epochs


class Stop(Exception):
    pass


def stop_after(monkeypatch, count):
    """The training stops, as by Ctrl-C, in the middle of its epoch ``count`` + 1 (counted over groups)."""
    whole = network._Group._run_epoch
    done = []

    def run_epoch(group):
        if len(done) == count:
            group.first.mul_(2)  # half-done work
            raise Stop
        done.append(group.epoch)
        whole(group)

    monkeypatch.setattr(network._Group, "_run_epoch", run_epoch)
    return done


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5])
def test_no_finished_epoch_is_run_twice(tmp_path, monkeypatch, count):
    monkeypatch.setattr(network, "PAUSE", 0.0)
    together(monkeypatch, 2)
    expected = trained()
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_after(patch, count)
        trained(folder=tmp_path)
    done = stop_after(monkeypatch, 1000)
    assert_same_bits(trained(folder=tmp_path), expected)
    assert done == [0, 1, 2, 0, 1, 2][count:]
    assert_same_bits(trained(folder=tmp_path), expected)
    assert len(done) == 6 - count


def test_checkpoints_wait_for_their_pause_and_for_the_end(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(network, "replace_file", lambda path, write: written.append(path))
    trained(folder=tmp_path)
    assert len(written) == 1
    monkeypatch.setattr(network, "PAUSE", 0.0)
    trained(folder=tmp_path)
    assert len(written) == 1 + RECIPE.epochs


@pytest.mark.parametrize(
    "change",
    [
        dict(x=pixels(seed=3)),
        dict(targets=labels(seed=3)),
        dict(recipe=Recipe(width=20, epochs=3, batch=16, lr=0.2)),
        dict(seeds=(5, 7, 5)),
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_checkpoint_serves_only_its_own_training(tmp_path, change):
    trained(folder=tmp_path)
    expected = trained(**change)
    assert_same_bits(trained(folder=tmp_path, **change), expected)
    assert len(list(tmp_path.glob("*.npz"))) == 2


DAMAGE = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 2],
    "one byte": lambda whole: whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_checkpoint_is_named_and_not_used(tmp_path, how):
    expected = trained(folder=tmp_path)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    with pytest.warns(UserWarning, match=f"{path.name} is damaged .* trained again"):
        assert_same_bits(trained(folder=tmp_path), expected)
    assert_same_bits(trained(folder=tmp_path), expected)


# Bad input


def with_entry(array, value):
    array = np.array(array, float)
    array.flat[3] = value
    return array


BAD = [
    (lambda: Recipe(width=0), ValueError, "width must be >= 1, got 0"),
    (lambda: Recipe(width=-2000), ValueError, "width must be >= 1, got -2000"),
    (lambda: Recipe(width=2e3), TypeError, "width must be a whole number, got 2000.0"),
    (lambda: Recipe(epochs=0), ValueError, "epochs must be >= 1, got 0"),
    (lambda: Recipe(batch=-1), ValueError, "batch must be >= 1, got -1"),
    (lambda: Recipe(lr=0), ValueError, "lr must be finite and > 0, got 0"),
    (lambda: Recipe(lr=np.nan), ValueError, "lr must be finite and > 0, got nan"),
    (lambda: Recipe(lr=[0.1, 0.2]), ValueError, "lr must be one number"),
    (lambda: trained(recipe=20), TypeError, "recipe must be a Recipe, got int"),
    (lambda: trained(x=data.digits().pixels), ValueError, "x must have 2 dimension(s), got an array of shape (1797, 8, 8)"),
    (lambda: trained(x=255 * pixels()), ValueError, "x must be finite and >= 0 and <= 1, got "),
    (lambda: trained(x=with_entry(pixels(), -0.5)), ValueError, "x must be finite and >= 0 and <= 1, got -0.5"),
    (lambda: trained(x=with_entry(pixels(), np.nan)), ValueError, "x must be finite and >= 0 and <= 1, got nan"),
    (lambda: trained(x="digits"), TypeError, "x must hold real numbers, got 'digits'"),
    (lambda: trained(x=np.zeros((0, D))), ValueError, "x must not be empty"),
    (lambda: trained(x=pixels(N - 1)), ValueError, "targets must have shape (runs, n, k) with n = 49, the rows of x"),
    (lambda: trained(targets=labels()[0]), ValueError, "targets must have 3 dimension(s), got an array of shape (50, 3)"),
    (lambda: trained(targets=with_entry(labels(), np.inf)), ValueError, "targets must be finite, got inf"),
    (lambda: trained(targets=labels() + 1j), TypeError, "targets must hold real numbers"),
    (lambda: trained(targets=labels(2)), ValueError, "seeds must have one number for each of the 2 runs of targets, got 3"),
    (lambda: trained(seeds=5), ValueError, "seeds must have one number for each of the 3 runs of targets, got 1"),
    (lambda: trained(seeds=[5, 5, -7]), ValueError, "each of seeds must be >= 0, got -7"),
    (lambda: trained(seeds=[5, 5, 0.5]), TypeError, "each of seeds must be a whole number, got 5.0"),
    (lambda: trained(seeds=None), TypeError, "each of seeds must be a whole number, got None"),
    (lambda: trained(device="abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
    (lambda: trained(folder=__file__), ValueError, "folder must be a folder, got the file "),
    (lambda: trained(folder=3), TypeError, "folder must be a path, got 3"),
    (lambda: trained(progress="yes"), TypeError, "progress must be a bool, got str"),
    (lambda: trained().predict(pixels()[0]), ValueError, "x must have 2 dimension(s), got an array of shape (12,)"),
    (lambda: trained().predict(pixels()[:, 1:]), ValueError, "x must have 12 pixels a row, as in training, got 11"),
    (lambda: trained().predict(-pixels()), ValueError, "x must be finite and >= 0 and <= 1, got -"),
    (lambda: memory.available("abacus"), ValueError, "device must be a torch device of this machine, got 'abacus'"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(BAD)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_arguments_are_not_modified():
    x, targets, seeds = pixels(), labels(), np.array([5, 5, 7])
    before = x.copy(), targets.copy(), seeds.copy()
    train(x, targets, RECIPE, seeds).predict(x)
    for old, new in zip(before, (x, targets, seeds)):
        np.testing.assert_array_equal(old, new)
