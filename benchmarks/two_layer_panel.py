"""A panel of two-layer networks: images.train against a plain loop, one run after the other.

    python benchmarks/two_layer_panel.py [--quick]

6 p2 x 3 seeds, on MNIST (on the 8x8 digits if it is not to be had), on the CPU and on the GPU if there is one. The loop is
what a user would write: nn.Sequential, a DataLoader over a TensorDataset, torch.optim.SGD and a scheduler. Both get the same
initial weights and the same order of images, so that their losses agree to rounding. Both train every run in full.
"""

import argparse
from time import perf_counter

import machine
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from collapse import data
from collapse.images import Recipe, network, train

P2 = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
SEEDS = (0, 1, 2)
WIDTHS = (64, 256, 2000)
EPOCHS = 5
TARGET = 5


def panel(n):
    """Images (n, d), targets (18, n, 10) and seeds (18,): a share p2 of the rows has random labels."""
    source = data.images()
    x = source.pixels[:n].reshape(n, -1) / 255
    rng = np.random.default_rng(0)
    real, synthetic = np.eye(10)[source.labels[:n]], np.eye(10)[rng.integers(10, size=n)]
    mixed = [np.where(rng.random((n, 1)) < p2, synthetic, real) for p2 in P2]
    return x, np.repeat(mixed, len(SEEDS), axis=0), np.tile(SEEDS, len(P2))


class EpochOrder:
    """A sampler: the order of the images in each epoch, as images.train has it."""

    def __init__(self, n, seed):
        self.n, self.seed, self.epoch = n, seed, 0

    def __len__(self):
        return self.n

    def __iter__(self):
        self.epoch += 1
        return iter(network.image_order(self.n, self.seed, self.epoch).tolist())


def one_run(x, y, recipe, seed, device):
    """The last epoch's loss of one network, as a user would train it."""
    d, k = x.shape[1], y.shape[1]
    model = nn.Sequential(nn.Linear(d, recipe.width), nn.ReLU(), nn.Linear(recipe.width, k))
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), network.initial_weights(d, k, recipe.width, seed)):
            parameter.copy_(torch.as_tensor(value.T))
    model.to(device)
    loader = DataLoader(TensorDataset(x, y), recipe.batch, sampler=EpochOrder(len(x), seed))
    optimiser = torch.optim.SGD(model.parameters(), lr=recipe.lr)
    steps = recipe.epochs * len(loader)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    for _ in range(recipe.epochs):
        total = 0.0
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            optimiser.zero_grad()
            loss = (model(images) - labels).square().sum(dim=1).mean()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(images)
    return total / len(x)


def products(runs, n, d, recipe, device):
    """Seconds that the two products with W1, forward and update, take in a whole panel: torch.bmm alone, on all pixels.

    The runs are batched as images.train batches them.
    """
    together = min(runs, network.together(d, 10, recipe.width, device))
    x, w = torch.rand(together, recipe.batch, d, device=device), torch.rand(together, d, recipe.width, device=device)
    hidden = torch.bmm(x, w)
    seconds = []
    for _ in range(30):
        synchronise(device)
        start = perf_counter()
        torch.bmm(x, w, out=hidden)
        torch.baddbmm(w, x.mT, hidden, alpha=-1e-9, out=w)
        synchronise(device)
        seconds.append(perf_counter() - start)
    return np.median(seconds) * runs / together * recipe.epochs * n / recipe.batch


def synchronise(device):
    if device == "cuda":
        torch.cuda.synchronize()


def one_after_another(x, targets, recipe, seeds, device):
    return [one_run(x, labels, recipe, seed, device) for labels, seed in zip(targets, seeds)]


def timed(function, *arguments):
    start = perf_counter()
    found = function(*arguments)
    return found, perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer images; the ratio is less certain")
    n = 480 if parser.parse_args().quick else 2400

    machine.describe("numpy", "torch", threads=torch.get_num_threads())
    x, targets, seeds = panel(n)
    d, runs = x.shape[1], len(seeds)
    print(f"{runs} runs, {n} images of {d} pixels, {EPOCHS} epochs")
    print("device width |  images.train   the loop   ratio | bmm alone: s, of images.train, loop / bmm | losses differ by")
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        one_run(torch.zeros(64, d), torch.zeros(64, 10), Recipe(16, 1), 0, device)  # warm-up
        train(x[:64], targets[:, :64], Recipe(16, 1), seeds, device, progress=False)
        for width in WIDTHS:
            recipe = Recipe(width, EPOCHS)
            nets, ours = timed(train, x, targets, recipe, seeds, device, None, False)
            rows, labels = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(targets, dtype=torch.float32)
            losses, theirs = timed(one_after_another, rows, labels, recipe, seeds, device)
            alone = products(runs, n, d, recipe, device)
            gap = np.abs(nets.losses[:, -1] / losses - 1).max()
            print(
                f"{device:>6} {width:5d} | {ours:10.2f} s {theirs:9.2f} s {theirs / ours:7.1f} "
                f"| {alone:10.2f} s {alone / ours:12.0%} {theirs / alone:17.1f}  | {gap:9.0e}  "
                f"target {TARGET}: {'met' if theirs / ours >= TARGET else 'MISSED'}"
            )


if __name__ == "__main__":
    main()
