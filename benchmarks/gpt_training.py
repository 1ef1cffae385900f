"""Training a GPT: language.train against Hugging Face's GPT2LMHeadModel in a plain loop, tokens a second.

    python benchmarks/gpt_training.py [--quick]

The loop is what a user would write: the model's logits, cross-entropy, torch.optim.AdamW, clipping, a scheduler. Both get
the same first weights and the same rows, so that their losses agree to rounding, and take turns. On a CPU both compute in
float32; on a GPU both in bfloat16, and the share of its peak that the model's products take is printed.
"""

import argparse
from statistics import median
from time import perf_counter

import machine
import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from transformers import GPT2Config, GPT2LMHeadModel

from collapse.language.gpt import GPT, GPT2_SMALL, GPTConfig
from collapse.language.gpt2_weights import to_gpt2
from collapse.language.training import Recipe, train

# Sizes, rows of a step, steps of a round, and the ratio that is the goal.
CHAPTERS = [
    (GPTConfig(201, 40, 2, 2, 64), 32, 40, 1.3),  # A language with a known entropy
    (GPTConfig(1024, 64, 2, 2, 64), 4, 100, 1.3),  # Stories: quick, laptop, the largest student
    (GPTConfig(2048, 128, 3, 4, 128), 4, 40, 1.3),
    (GPTConfig(2048, 128, 4, 8, 256), 4, 15, 1.3),
    (GPTConfig(200, 64, 2, 4, 64), 32, 30, 1.3),  # others like them
    (GPTConfig(200, 64, 2, 2, 128), 32, 20, 1.3),
    (GPTConfig(1000, 128, 2, 4, 128), 16, 20, 1.3),
    (GPTConfig(4096, 128, 4, 4, 128), 16, 8, 1.3),
    (GPTConfig(4096, 256, 4, 4, 128), 8, 8, 1.3),
]
SMALL = {"cpu": (GPT2_SMALL, 1, 2, 1.0), "cuda": (GPT2_SMALL, 16, 60, 1.0)}
FIRST = {"cpu": 1, "cuda": 20}  # steps before the clock starts: memory is taken, on a GPU the model is compiled
PEAK = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # bfloat16 products a second, from the data sheets
SEED = 0


class Clock:
    """Rows of random tokens, and the moment at which the first timed step asked for its rows."""

    digest = "random tokens"

    def __init__(self, config, device):
        self.config, self.device = config, device

    def batch(self, step, rows):
        if step == FIRST[self.device]:
            synchronise(self.device)
            self.start = perf_counter()
        return np.random.default_rng(step).integers(self.config.vocabulary, size=(rows, self.config.context + 1))

    def seconds(self):
        synchronise(self.device)
        return perf_counter() - self.start


def hugging_face(config):
    """Their model with the first weights of ours."""
    sizes = dict(vocab_size=config.vocabulary, n_positions=config.context, n_layer=config.layers)
    drop = dict(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(GPT2Config(**sizes, n_head=config.heads, n_embd=config.width, **drop))
    model.load_state_dict(to_gpt2(GPT(config, SEED)))
    return model.train()


def loop(config, recipe, device):
    """(seconds, losses) of Hugging Face's model, as a user would train it."""
    model, clock = hugging_face(config).to(device), Clock(config, device)
    matrices = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    vectors = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: recipe.rate(step) / recipe.lr)
    losses = torch.zeros(recipe.steps, device=device)
    for step in range(recipe.steps):
        tokens = torch.as_tensor(clock.batch(step, recipe.batch)).to(device)
        with torch.autocast("cuda", torch.bfloat16, enabled=device == "cuda"):
            logits = model(tokens[:, :-1]).logits
            loss = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses[step] = loss.detach()
    return clock.seconds(), losses.cpu().numpy()


def ours(config, recipe, device):
    """(seconds, losses) of language.train."""
    clock = Clock(config, device)
    losses = train(config, clock, recipe, SEED, device=device, progress=False).losses
    return clock.seconds(), losses


def synchronise(device):
    if device == "cuda":
        torch.cuda.synchronize()


def utilisation(config, rate):
    """The share of the GPU's peak: 6 products for each weight and token, 12 for each pair of tokens, layer and width."""
    peak = next((value for name, value in PEAK.items() if name in torch.cuda.get_device_name()), None)
    products = 6 * config.parameters + 12 * config.layers * config.width * config.context
    return "" if peak is None else f" | {products * rate / peak:.0%} of the GPU's peak"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, without GPT-2 small; the ratio is less certain")
    quick = parser.parse_args().quick
    machine.describe("numpy", "torch", "transformers", threads=torch.get_num_threads())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"tokens a second on {device}, median of the rounds; ratio: median, smallest and largest of the rounds")
    print("vocabulary context layers width rows | language.train   the loop   ratio            | losses differ by")
    for config, rows, steps, target in CHAPTERS + ([] if quick else [SMALL[device]]):
        recipe = Recipe(rows, FIRST[device] + steps, lr=1e-3, warmup=1)
        rounds = 2 if config is GPT2_SMALL or quick else 7
        found = [(ours(config, recipe, device), loop(config, recipe, device)) for _ in range(rounds)]
        tokens = steps * rows * config.context
        rates = [median(tokens / pair[i][0] for pair in found) for i in (0, 1)]
        ratios = sorted(theirs[0] / mine[0] for mine, theirs in found)
        gap = max(np.abs(mine[1] / theirs[1] - 1).max() for mine, theirs in found)
        print(
            f"{config.vocabulary:10d} {config.context:7d} {config.layers:6d} {config.width:5d} {rows:4d} "
            f"| {rates[0]:14,.0f} {rates[1]:10,.0f} {median(ratios):7.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) | {gap:9.0e}   "
            f"target {target}: {'met' if median(ratios) >= target else 'MISSED'}"
            f"{utilisation(config, rates[0]) if device == 'cuda' else ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()
