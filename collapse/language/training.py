"""Training of a GPT, in one process or many. Serves "A language with a known entropy" and "Stories".

An interrupted training goes on from its last checkpoint and ends with the same bits: the rows of a step and the random
numbers of its dropout are functions of the step, so that weights, optimiser and step are all there is to keep.
"""

import contextlib
import math
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters

from .. import live
from ..checks import instance, real_number, whole_number
from ..results import folder_to_write
from . import checkpoints
from .gpt import GPT, GPTConfig
from .interrupts import whole
from .parallel import processes

PAUSE = 30.0  # seconds of training between two checkpoints, at least
WRITING = 0.05  # share of the time that checkpoints may take
TOGETHER = 20  # steps whose losses are looked at together, so that a GPU need not wait for each
LOGITS = {"cpu": 1 << 28, "cuda": 1 << 32}  # bytes of logits in float32: what a batch has more is worked on part by part
BLOW_UP = 10.0  # a loss of so many times log(vocabulary), the loss of a reader who knows nothing, has diverged


@dataclass(frozen=True)
class Recipe:
    """How a GPT is trained; the defaults are the paper's, where it says (its Figs. 8-9).

    batch : rows in a step.  steps : steps of AdamW.
    lr : the highest learning rate. It rises linearly over ``warmup`` steps, then falls along a cosine to ``final`` times lr.
    weight_decay : of matrices; vectors (biases, norms) have none.  clip : the longest gradient; a longer one is shortened.
    betas : AdamW's memory of the mean gradient and of its square.
    """

    batch: int
    steps: int
    lr: float = 5e-3
    weight_decay: float = 0.1
    warmup: int = 2000
    clip: float = 1.0
    betas: tuple = (0.9, 0.95)
    final: float = 0.0

    def __post_init__(self):
        whole_number("batch", self.batch, low=1)
        whole_number("steps", self.steps, low=1)
        real_number("lr", self.lr, low=0, low_is_allowed=False)
        real_number("weight_decay", self.weight_decay, low=0)
        if whole_number("warmup", self.warmup, low=0) > self.steps:
            raise ValueError(f"warmup must be <= the {self.steps} steps, got {self.warmup} (2000 where it is not given)")
        real_number("clip", self.clip, low=0, low_is_allowed=False)
        if len(instance("betas", self.betas, tuple)) != 2:
            raise ValueError(f"betas must be two numbers, got {self.betas}")
        for beta in self.betas:
            if real_number("each of betas", beta, low=0) >= 1:
                raise ValueError(f"each of betas must be < 1, got {beta:g}")
        real_number("final", self.final, low=0, high=1)

    def rate(self, step):
        """The learning rate in step 0, 1, ..., steps - 1."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        gone = (step + 1 - self.warmup) / (self.steps - self.warmup)
        return self.lr * (self.final + (1 - self.final) * (1 + math.cos(math.pi * gone)) / 2)


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained ``model`` (a GPT, in evaluation mode) and the ``losses`` (steps,) of its batches, nats per token."""

    model: GPT
    losses: np.ndarray


def train(config, data, recipe, seed, folder=None, device=None, progress=True):
    """A GPT of ``config`` trained on ``data`` by ``recipe``, as :class:`Trained`.

    Parameters
    ----------
    config : a GPTConfig.
    data : an object with ``batch(step, rows)``, whole numbers (rows, context + 1), a function of its arguments alone; and
        ``digest``, text that tells this data from any other.
    recipe : a Recipe.
    seed : whole number >= 0: of the first weights and of dropout.
    folder : where a checkpoint is kept every 30 s or more, and on Ctrl-C, so that an interrupted call, made again, goes on
        from there; on a CPU it ends with the same bits. A checkpoint of another config, data, recipe or seed is not used.
        The last one holds the trained weights: a call that was completed before returns them at once.
    device : "cpu" (default), "cuda", ... On cuda the model is compiled and its matrix products are bfloat16.
    progress : whether to show a progress bar, if there is a terminal.

    Under torchrun each process takes its rows of a batch, and the gradients are averaged; only dropout differs from what
    one process does. The processes need one folder.

    Raises FloatingPointError, naming the step, where the loss or its gradient is no longer finite or the loss explodes: the
    last checkpoint before it is kept. ValueError or TypeError naming the argument.
    """
    instance("config", config, GPTConfig)
    instance("recipe", recipe, Recipe)
    seed = whole_number("seed", seed, low=0)
    for name in ("batch", "digest"):
        if not hasattr(data, name):
            raise TypeError(f"data must have batch(step, rows) and digest, {type(data).__name__} has no {name}")
    folder = None if folder is None else folder_to_write(folder)
    progress = instance("progress", progress, bool)
    return _Training(config, data, recipe, seed, folder, device).run(progress)


class _Training:
    """The state of a training: the model, the optimiser, the losses so far and the number of the next step."""

    def __init__(self, config, data, recipe, seed, folder, device):
        self.config, self.data, self.recipe, self.seed = config, data, recipe, seed
        self.processes = processes("cpu" if device is None else device)
        if recipe.batch % self.processes.count:
            raise ValueError(f"batch must be a multiple of the {self.processes.count} processes, got {recipe.batch}")
        self.device = _device(device)
        self.model = GPT(config, seed).to(self.device).train()
        self.parameters = dict(self.model.named_parameters())
        groups = [
            {"params": [part for part in self.parameters.values() if part.ndim >= 2], "weight_decay": recipe.weight_decay},
            {"params": [part for part in self.parameters.values() if part.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas, fused=True)
        self.losses = torch.zeros(recipe.steps, device=self.device)
        self.step = 0

        on_gpu = self.device.type == "cuda"
        logits = 4 * config.vocabulary * config.context * (recipe.batch // self.processes.count)
        self.parts = math.ceil(logits / LOGITS.get(self.device.type, LOGITS["cpu"]))
        self.loss = torch.compile(self.model.loss) if on_gpu else self.model.loss
        self.precision = torch.autocast("cuda", torch.bfloat16) if on_gpu else contextlib.nullcontext()
        self.told = {"config": asdict(config), "recipe": asdict(recipe), "seed": seed, "data": data.digest}
        self.path = None if folder is None else folder / f"{checkpoints.digest(self.told)}.safetensors"

    def run(self, progress):
        """All steps that are left, with a checkpoint now and then, and one where Ctrl-C ends them."""
        if self.path is not None and self.path.exists():
            self._restore()
        try:
            self._run_steps(progress and self.processes.first)
        except KeyboardInterrupt:
            if self.path is not None and self.processes.first and self.step > 0:
                self._checked_loss()
                self._keep()
                done = f"{self.step} of {self.recipe.steps} steps of a training are kept in {self.path}"
                print(f"Stopped: {done}; call again for the rest.", file=sys.stderr)
            raise
        return Trained(self.model.eval(), self.losses.cpu().numpy())

    def _run_steps(self, shown):
        tokens = self.recipe.batch * self.config.context
        bar = live.progress(
            total=self.recipe.steps * tokens,
            initial=self.step * tokens,
            unit=" tokens",
            unit_scale=True,
            shown=shown,
        )
        devices = [self.device] if self.device.type == "cuda" else []
        with bar, torch.random.fork_rng(devices, enabled=self.config.dropout > 0):
            kept, pause = time.monotonic(), PAUSE
            while self.step < self.recipe.steps:
                self._run_step()
                bar.update(tokens)
                done = self.step == self.recipe.steps
                due = self.path is not None and self.processes.first and (done or time.monotonic() - kept > pause)
                if due or done or self.step % TOGETHER == 0:
                    bar.set_postfix(loss=f"{self._checked_loss():.4f}", refresh=False)
                if due:
                    start = time.monotonic()
                    self._keep()
                    kept = time.monotonic()
                    pause = max(PAUSE, (kept - start) / WRITING)
                if done:
                    self.processes.wait()  # a training that is complete for one of them is complete for all

    def _run_step(self):
        if self.config.dropout:
            numbers = np.random.SeedSequence([self.seed, self.step, self.processes.rank])
            torch.manual_seed(int(numbers.generate_state(1, np.uint64)[0]))
        loss = torch.zeros((), device=self.device)
        rows = self._rows()
        for part in rows.chunk(self.parts):
            with self.precision:
                share = self.loss(part) * (len(part) / len(rows))
            share.backward()
            loss += share.detach()
        if self.processes.count > 1:
            gradients = [part.grad for part in self.parameters.values()]
            every = parameters_to_vector(gradients)
            self.processes.average_(every)
            vector_to_parameters(every, gradients)
            self.processes.average_(loss)
        length = clip_grad_norm_(self.parameters.values(), self.recipe.clip)
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(self.step)
        with whole():
            self.optimiser.step()
            self.optimiser.zero_grad()
            self.losses[self.step] = loss + 0 * length  # nan where the gradient is not finite
            self.step += 1

    def _rows(self):
        """This process's rows of the batch, (its rows, context + 1)."""
        batch = np.asarray(self.data.batch(self.step, self.recipe.batch))
        shape, top = (self.recipe.batch, self.config.context + 1), self.config.vocabulary - 1
        if batch.shape != shape or batch.dtype.kind not in "iu":
            raise ValueError(
                f"data.batch must be whole numbers of shape {shape}, got {batch.dtype} of shape {batch.shape} "
                f"(the batch, and config.context + 1)"
            )
        if batch.min() < 0 or batch.max() > top:
            raise ValueError(f"data.batch must be tokens from 0 to {top}, got {batch.min()} to {batch.max()}")
        rows = torch.from_numpy(batch[self.processes.rank :: self.processes.count].astype(np.int64))
        return rows.pin_memory().to(self.device, non_blocking=True) if self.device.type == "cuda" else rows.to(self.device)

    def _checked_loss(self):
        """The mean loss of the last steps, or a clear error at the first step that went wrong."""
        first = max(0, self.step - TOGETHER)
        losses = self.losses[first : self.step].cpu().numpy()
        wrong = ~(losses <= BLOW_UP * math.log(self.config.vocabulary))
        if wrong.any():
            step = first + int(wrong.argmax())
            loss = losses[step - first]
            told = f"the loss is {loss:.3g}" if np.isfinite(loss) else "the loss or its gradient is not finite"
            kept = f"; the last good checkpoint is {self.path}" if self.path is not None and self.path.exists() else ""
            raise FloatingPointError(
                f"training with seed {self.seed} diverged: {told} at step {step + 1}, where the learning rate is "
                f"{self.recipe.rate(step):.3g}; lr ({self.recipe.lr:g}) must be smaller{kept}"
            )
        return losses.mean()

    def _keep(self):
        tensors = {f"model.{name}": part for name, part in self.parameters.items()}
        if self.step < self.recipe.steps:
            for name, part in self.parameters.items():
                for memory in ("exp_avg", "exp_avg_sq"):
                    tensors[f"{memory}.{name}"] = self.optimiser.state[part][memory]
        checkpoints.write(self.path, tensors | {"losses": self.losses}, self.told | {"step": self.step})

    def _restore(self):
        found = checkpoints.read(self.path)
        if found is None:
            return
        tensors, about = found
        self.step = about["step"]
        self.losses.copy_(tensors["losses"])
        with torch.no_grad():
            for name, part in self.parameters.items():
                part.copy_(tensors[f"model.{name}"])
        if self.step < self.recipe.steps:
            for name, part in self.parameters.items():
                self.optimiser.state[part] = {
                    "step": torch.tensor(float(self.step), device=self.device),
                    "exp_avg": tensors[f"exp_avg.{name}"].to(self.device),
                    "exp_avg_sq": tensors[f"exp_avg_sq.{name}"].to(self.device),
                }


def _device(device):
    try:
        return torch.empty(0, device=device).device
    except (TypeError, RuntimeError, AssertionError) as error:
        raise ValueError(f"device must be a torch device of this machine, got {device!r} ({error})") from error
