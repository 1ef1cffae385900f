"""Time to a 1 % standard error of whole trajectories: simulate.iterate against a loop that fits every round of every trial.

    python benchmarks/iterating.py [--quick]

Twenty rounds at d = 100, n = 400, for 3 p2 and the four kinds of reuse. The loop draws teacher, shift, inputs and noise, and
calls numpy.linalg.lstsq for each round. It may stop at each point of the panel as soon as its worst round has its 1 %; it
is timed on a few trials, and the rest is extrapolated from their scatter. simulate.iterate is run in full.
"""

import argparse
from time import perf_counter

import machine
import numpy as np
import torch
from panel import largest_z, trials_needed
from threadpoolctl import threadpool_limits

from collapse import Setting, simulate
from collapse.theory.iterating import REUSE

D, N, ROUNDS = 100, 400, 20
P2 = (0.3, 0.5, 0.7)
ERROR = 0.01
TARGET = 50


def setting(p2):
    return Setting.isotropic(D, p2, 1.0, noise=(0.5, 0.5))


def ours(problem, reuse, trials, seed):
    """Total errors (trials, rounds) of one run, and its time."""
    start = perf_counter()
    estimate = simulate.iterate(problem, N, ROUNDS, trials, seed, reuse=reuse)
    return estimate.samples.total[:, 1:], perf_counter() - start


def one_trial(problem, reuse, rng):
    """The errors of one trajectory, as a user would write it."""
    real, d = N - round(problem.p2 * N), problem.d
    w1 = rng.standard_normal(d) * np.sqrt(problem.teacher)
    student = w1 + rng.standard_normal(d) * np.sqrt(problem.shift)
    x, noise, errors = np.empty((N, d)), np.empty(N), []
    for t in range(ROUNDS):
        if t == 0 or reuse == "nothing":
            x[:real] = rng.standard_normal((real, d)) * np.sqrt(problem.spectrum)
            noise[:real] = rng.standard_normal(real) * np.sqrt(problem.noise[0])
        if t == 0 or reuse in ("nothing", "real"):
            x[real:] = rng.standard_normal((N - real, d)) * np.sqrt(problem.spectrum)
        if t == 0 or reuse != "everything":
            noise[real:] = rng.standard_normal(N - real) * np.sqrt(problem.noise[1])
        labels = np.r_[x[:real] @ w1, x[real:] @ student] + noise
        student = np.linalg.lstsq(x, labels, rcond=None)[0]
        errors.append((student - w1) ** 2 @ problem.spectrum)
    return errors


def loop(problem, reuse, trials, seed):
    """As ours."""
    rng, start = np.random.default_rng(seed), perf_counter()
    errors = np.array([one_trial(problem, reuse, rng) for _ in range(trials)])
    return errors, perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer trials; the ratio is less certain")
    pilot, trials = (10, 10) if parser.parse_args().quick else (40, 40)

    machine.describe("numpy", "torch", threads=torch.get_num_threads())
    ours(setting(0.5), "nothing", 2, seed=0), loop(setting(0.5), "nothing", 1, seed=0)  # warm-up
    print("                   |  simulate.iterate                   |  loop                                | largest |")
    print("reuse          p2  |  trials for 1 %   ms a trial   s   |  trials for 1 %   ms a trial   s     | |z|     | ratio")
    total = np.zeros(2)
    for reuse in REUSE:
        for p2 in P2:
            scatter, _ = ours(setting(p2), reuse, pilot, seed=1)
            enough = max(2, int(np.ceil(trials_needed(scatter, axis=0, error=ERROR).max())))
            errors, seconds = ours(setting(p2), reuse, enough, seed=2)

            sampled, sampling = loop(setting(p2), reuse, trials, seed=3)
            asked = trials_needed(sampled, axis=0, error=ERROR).max()
            theirs = sampling / trials * asked
            total += seconds, theirs
            print(
                f"{reuse:14s} {p2:3.1f} | {enough:12d} {seconds / enough * 1e3:12.1f} {seconds:8.2f}   "
                f"| {asked:12.0f} {sampling / trials * 1e3:12.1f} {theirs:8.1f}    | {largest_z(sampled.T, errors):5.1f}   "
                f"| {theirs / seconds:6.0f}"
            )
    print(f"all: {total[0]:.2f} s against {total[1]:.0f} s (extrapolated), ratio {total[1] / total[0]:.0f}")
    print(f"target: ratio >= {TARGET}, " + ("met" if total[1] >= TARGET * total[0] else "MISSED"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    with threadpool_limits(1):
        main()
