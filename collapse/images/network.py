"""Two-layer ReLU networks trained by mini-batch SGD, many runs as one batched model. Serves "Digits at scale".

f(x) = W2' relu(W1'x + b1) + b2. The parameters of all runs that step together are stacked along a leading axis, and the
gradient is written out: each step of SGD is one fused matrix product, W1 <- W1 - lr X'G.

Most pixels of a batch carry no ink: they add nothing to f, and their weights get no gradient. The pixels are sorted by how
often they do, so that a step touches only the first rows of W1, up to the last pixel with ink in this batch.
"""

import hashlib
import time
import warnings
from dataclasses import dataclass

import numpy as np
import torch

from .. import live
from ..checks import instance, real_array, real_number, whole_number
from ..results import folder_to_write, read_arrays, replace_file
from .memory import require

TOGETHER = {"cpu": 1 << 23, "cuda": 1 << 33}  # bytes of the runs that step together: a processor's cache should hold them
PAUSE = 20.0  # seconds of training between two checkpoints, at least
BLOW_UP = 1e3  # a training whose loss grows by this factor has diverged: all hidden units may be off for good
ROWS = 4096  # images that predict holds in the hidden layer at once


@dataclass(frozen=True)
class Recipe:
    """How networks are trained: hidden units, passes over the images, images in a batch, first learning rate.

    A step subtracts lr times the gradient of the mean of |y - f(x)|^2 over the batch. lr falls linearly to 0 over the run.
    """

    width: int = 2000
    epochs: int = 20
    batch: int = 16
    lr: float = 0.1

    def __post_init__(self):
        for name in ("width", "epochs", "batch"):
            whole_number(name, getattr(self, name), low=1)
        real_number("lr", self.lr, low=0, low_is_allowed=False)


@dataclass(frozen=True, eq=False, repr=False)
class Networks:
    """Trained networks, one for each run, as float32 arrays.

    first (runs, d, width) and first_bias (runs, width); second (runs, width, k) and second_bias (runs, k);
    losses (runs, epochs): the mean of |y - f(x)|^2 over an epoch, each batch before its own step.
    """

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray
    losses: np.ndarray

    def predict(self, x):
        """f(x), (runs, N, k), for images ``x`` (N, d). Raises ValueError or TypeError naming x."""
        x = _pixels(x)
        if x.shape[1] != self.first.shape[1]:
            raise ValueError(f"x must have {self.first.shape[1]} pixels a row, as in training, got {x.shape[1]}")
        parts = [torch.from_numpy(part) for part in (self.first_bias, self.first, self.second_bias, self.second)]
        answers = [
            torch.cat([torch.addmm(b2, torch.addmm(b1, rows, w1).relu_(), w2) for rows in torch.from_numpy(x).split(ROWS)])
            for b1, w1, b2, w2 in zip(*parts)
        ]
        return torch.stack(answers).numpy()

    def __repr__(self):
        runs, d, width = self.first.shape
        return f"Networks({runs} runs, {d} pixels, width {width}, {self.second.shape[2]} outputs)"


def train(x, targets, recipe, seeds, device=None, folder=None, progress=True):
    """Networks of ``recipe`` trained on images ``x``, as :class:`Networks`: one for each run.

    Parameters
    ----------
    x : (n, d), the images as rows of pixels in 0..1.
    targets : (runs, n, k), what each run is to answer for each image: one-hot or soft labels.
    recipe : a Recipe.
    seeds : (runs,) whole numbers >= 0. The same seed gives the same initial weights and the same order of the images,
        so that runs on different targets can be compared in pairs. Which other runs are trained does not matter.
    device : "cpu" (default), "cuda", ...
    folder : where the state of the training is kept, so that an interrupted call, made again, goes on from there and
        ends with the same bits. It may be deleted afterwards.
    progress : whether to show a progress bar, if there is a terminal.

    Raises FloatingPointError where a loss blows up; MemoryError if ``images.network.peak_memory_bytes(...)`` is more than
    there is; ValueError or TypeError naming the argument.
    """
    recipe, x = instance("recipe", recipe, Recipe), _pixels(x)
    targets = real_array("targets", targets, ndim=3).astype(np.float32)
    seeds = [whole_number("each of seeds", seed, low=0) for seed in np.atleast_1d(seeds).tolist()]
    if targets.shape[1] != len(x):
        raise ValueError(f"targets must have shape (runs, n, k) with n = {len(x)}, the rows of x, got {targets.shape}")
    if len(seeds) != len(targets):
        raise ValueError(f"seeds must have one number for each of the {len(targets)} runs of targets, got {len(seeds)}")
    require(peak_memory_bytes(*x.shape, targets.shape[2], len(targets), recipe), device)
    device = torch.empty(0, device=device).device
    folder = None if folder is None else folder_to_write(folder)
    progress = instance("progress", progress, bool)

    images = _Images(x, device)
    size = together(x.shape[1], targets.shape[2], recipe.width, device)
    trained = []
    with live.progress(total=len(seeds) * recipe.epochs, unit="epoch", shown=progress) as bar:
        for start in range(0, len(seeds), size):
            group = _Group(images, targets[start : start + size], recipe, seeds[start : start + size])
            group.run(folder, bar)
            trained.append(group.networks())
    return Networks(*(np.concatenate(parts) for parts in zip(*trained)))


def peak_memory_bytes(n, d, k, runs, recipe):
    """Bytes that :func:`train` takes at its peak, the arguments in float64 and the networks included."""
    arguments = n * d * (8 + 3 * 4 + 2) + runs * n * k * (8 + 8 + 4)
    networks = 4 * 3 * (runs + 1) * recipe.width * (d + k + 2)
    steps = 4 * 3 * runs * min(n, recipe.batch) * (recipe.width + d)
    return arguments + networks + steps


def together(d, k, width, device):
    """How many runs step together: as many as TOGETHER holds, at least one."""
    return max(1, TOGETHER.get(torch.device(device).type, TOGETHER["cpu"]) // (4 * width * (d + k)))


def initial_weights(d, k, width, seed):
    """W1 (d, width), b1 (width,), W2 (width, k), b2 (k,): uniform within 1/sqrt(fan-in), torch's default for Linear."""
    rng = np.random.default_rng([seed, 0])
    shapes = ((d, width), d), (width, d), ((width, k), width), (k, width)
    return [(2 * rng.random(shape, np.float32) - 1) * np.float32(fan_in**-0.5) for shape, fan_in in shapes]


def image_order(n, seed, epoch):
    """The order in which a run sees its n images in epoch 1, 2, ..."""
    return np.random.default_rng([seed, epoch]).permutation(n)


class _Images:
    """Images with a constant 1 in front, for the bias, and their pixels sorted by how often they carry ink.

    ``reach``: for each image, the number of columns up to its last one with ink.
    """

    def __init__(self, x, device):
        self.digest = hashlib.sha256(f"{x.shape}".encode() + x.tobytes())
        self.pixels = np.argsort(-(x != 0).sum(axis=0), kind="stable")
        rows = np.ones((len(x), 1 + x.shape[1]), np.float32)
        rows[:, 1:] = x[:, self.pixels]
        self.reach = rows.shape[1] - np.argmax(rows[:, ::-1] != 0, axis=1)
        self.x = torch.as_tensor(rows, device=device)


class _Group:
    """Runs that step together. Row 0 of ``first`` is the bias, the others are in the order of the sorted pixels."""

    def __init__(self, images, targets, recipe, seeds):
        self.images, self.recipe, self.seeds = images, recipe, seeds
        device, d, k = images.x.device, len(images.pixels), targets.shape[2]
        self.targets = torch.as_tensor(targets, device=device)
        self.runs = torch.arange(len(seeds), device=device)[:, None]
        self.digest = images.digest.copy()
        self.digest.update(f"{targets.shape} {recipe} {seeds}".encode() + targets.tobytes())

        drawn = [initial_weights(d, k, recipe.width, seed) for seed in seeds]
        first = [np.vstack([b1, w1[images.pixels]]) for w1, b1, _, _ in drawn]
        weights = (first, [w2 for _, _, w2, _ in drawn], [b2[None] for _, _, _, b2 in drawn])
        self.first, self.second, self.bias = (torch.as_tensor(np.stack(part), device=device) for part in weights)
        self.losses = np.zeros((len(seeds), recipe.epochs), np.float32)
        self.epoch = 0

    def run(self, folder, bar):
        """All epochs that are left, with a checkpoint now and then."""
        path = None if folder is None else folder / f"{self.digest.hexdigest()}.npz"
        if path is not None and path.exists():
            self._restore(path)
        bar.update(self.epoch * len(self.seeds))
        kept = time.monotonic()
        while self.epoch < self.recipe.epochs:
            self._run_epoch()
            bar.update(len(self.seeds))
            if path is not None and (self.epoch == self.recipe.epochs or time.monotonic() - kept > PAUSE):
                self._keep(path)
                kept = time.monotonic()

    def networks(self):
        """The fields of Networks."""
        first, second, bias = (value.cpu().numpy() for value in self._weights().values())
        weights = np.empty_like(first[:, 1:])
        weights[:, self.images.pixels] = first[:, 1:]
        return weights, first[:, 0], second, bias[:, 0], self.losses

    def _weights(self):
        return {"first": self.first, "second": self.second, "bias": self.bias}

    def _keep(self, path):
        state = {name: value.cpu().numpy() for name, value in self._weights().items()}
        replace_file(path, lambda stream: np.savez(stream, **state, losses=self.losses, epoch=self.epoch))

    def _restore(self, path):
        try:
            state = read_arrays(path)
            parts = {name: torch.as_tensor(state[name], device=value.device) for name, value in self._weights().items()}
            self.losses, self.epoch = state["losses"], int(state["epoch"])
        except Exception as error:  # zipfile, zlib and numpy each have their own
            warnings.warn(f"{path} is damaged ({error}): its runs are trained again", stacklevel=4)
        else:
            self.first, self.second, self.bias = parts.values()

    def _run_epoch(self):
        n, size = len(self.images.x), self.recipe.batch
        steps = -(-n // size)
        rows = np.stack([image_order(n, seed, self.epoch + 1) for seed in self.seeds])
        inked = np.maximum.reduceat(self.images.reach[rows].max(axis=0), np.arange(0, n, size)).tolist()
        rates = self.recipe.lr * (1 - (self.epoch * steps + np.arange(steps)) / (steps * self.recipe.epochs))
        batches = torch.as_tensor(rows, device=self.images.x.device).split(size, dim=1)
        losses = [self._step(*step) for step in zip(batches, inked, rates.tolist())]
        losses = torch.stack(losses, dim=1).cpu().numpy()
        self._check(losses / [len(batch[0]) for batch in batches], rates)
        self.losses[:, self.epoch] = losses.sum(axis=1) / n
        self.epoch += 1

    def _step(self, batch, inked, rate):
        """One step of SGD on images ``batch`` (runs, size): the squared error of each run before it, a sum."""
        x = self.images.x.index_select(0, batch.reshape(-1)).view(*batch.shape, -1)[..., :inked]
        first = self.first[:, :inked]
        hidden = torch.bmm(x, first).relu_()
        gap = torch.baddbmm(self.bias, hidden, self.second).sub_(self.targets[self.runs, batch])
        slope = gap * (2 / batch.shape[1])
        back = torch.bmm(slope, self.second.mT).mul_(hidden.sign())
        self.second.baddbmm_(hidden.mT, slope, alpha=-rate)
        self.bias.sub_(slope.sum(dim=1, keepdim=True), alpha=rate)
        first.baddbmm_(x.mT, back, alpha=-rate)
        return gap.square_().sum(dim=(1, 2))

    def _check(self, losses, rates):
        """A clear error at the first step whose loss is BLOW_UP times the first one, in later epochs the first epoch's."""
        wrong = ~(losses <= BLOW_UP * (self.losses if self.epoch else losses)[:, :1])
        if wrong.any():
            step = int(wrong.any(axis=0).argmax())
            run = int(wrong[:, step].argmax())
            raise FloatingPointError(
                f"training with seed {self.seeds[run]} diverged: the loss is {losses[run, step]:.3g} at step "
                f"{self.epoch * losses.shape[1] + step + 1}, where the learning rate is {rates[step]:.3g}; "
                f"lr ({self.recipe.lr:g}) must be smaller"
            )


def _pixels(x):
    return real_array("x", x, ndim=2, low=0, high=1).astype(np.float32)
