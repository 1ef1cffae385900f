"""Time to a 2 % standard error of the whole of Figure 2: simulate.projection against a loop with scikit-learn.

    python benchmarks/projection_panel.py [--quick]

The panel has 4 p2 x 4 c2 x 16 m = 256 points, n = 500 rows, d = 600. The loop draws projections, inputs, teachers, shift
and noise afresh for each point and trial: project, fit Ridge, score. It may stop at each point as soon as that point has
its 2 %. It is timed on a sample of points and trials, and the rest is extrapolated from its measured scatter and time;
simulate.projection is run in full.
"""

import argparse
from time import perf_counter

import machine
import numpy as np
import torch
from panel import largest_z, sampled_loop, trials_needed
from sklearn.linear_model import Ridge

from collapse import Setting, simulate

D, ROWS, LAM, NOISE = 600, 500, 1e-3, 0.1
P2 = np.array([0.0, 0.1, 0.5, 0.9])
C2 = np.array([0.0, 0.1, 0.5, 2.0])
M = np.array([10, 25, 50, 100, 200, 300, 400, 450, 500, 550, 600, 750, 1000, 1500, 2500, 5000])
SHAPE = (C2.size, P2.size)  # at each m
ERROR = 0.02
TARGET = 100


def ours(m, trials, seed):
    """Total errors (trials, c2, p2) of one run at m, and its time."""
    start = perf_counter()
    estimate = simulate.projection(Setting.isotropic(D, P2, 1.0, noise=NOISE), ROWS, m, LAM, trials, seed)
    return np.stack([estimate.scale_shift(c2).samples.total for c2 in C2], axis=1), perf_counter() - start


def one_fit(p2, c2, m, rng):
    """The test error of one student on one fresh data set, as a user would write it."""
    x, s = rng.standard_normal((ROWS, D)), rng.standard_normal((m, D)) / np.sqrt(D)
    w1 = rng.standard_normal(D) / np.sqrt(D)
    w2 = w1 + rng.standard_normal(D) * np.sqrt(c2 / D)
    real = ROWS - round(p2 * ROWS)
    y = np.r_[x[:real] @ w1, x[real:] @ w2] + rng.standard_normal(ROWS) * np.sqrt(NOISE)
    student = Ridge(alpha=ROWS * LAM, fit_intercept=False).fit(x @ s.T, y).coef_
    return np.sum((s.T @ student - w1) ** 2)


def loop(m, points, trials, seed):
    """As panel.sampled_loop, over (c2, p2)."""
    return sampled_loop(lambda i, j, rng: one_fit(P2[j], C2[i], m, rng), SHAPE, points, trials, [seed, m])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer trials and points; the ratio is less certain")
    pilot, points, trials = (4, 2, 6) if parser.parse_args().quick else (10, 4, 20)

    machine.describe("numpy", "scipy", "torch", "scikit-learn", threads=torch.get_num_threads())
    ours(25, 1, seed=0), loop(25, 1, 1, seed=0)  # warm-up
    print("     m |  simulate.projection: trials for 2 %     |  loop: trials for 2 %, a point          | largest")
    print("       |  worst point     s a trial   s in all   |  mean    largest   ms a fit   s in all  | |z|")
    total = theirs = 0.0
    for m in M:
        scatter, _ = ours(m, pilot, seed=1)
        needed = trials_needed(scatter, axis=0, error=ERROR).max()
        enough = max(2, int(np.ceil(needed)))
        totals, seconds = ours(m, enough, seed=2)
        total += seconds

        errors, chosen, sampled = loop(m, points, trials, seed=3)
        asked, fit = trials_needed(errors, axis=1, error=ERROR), sampled / errors.size
        seconds_loop = np.prod(SHAPE) * asked.mean() * fit
        theirs += seconds_loop

        z = largest_z(errors, totals[(slice(None), *chosen)])
        print(
            f"{m:6d} | {needed:11.1f} {seconds / enough:13.4f} {seconds:10.2f}   "
            f"| {asked.mean():8.0f} {asked.max():8.0f} {fit * 1e3:10.2f} {seconds_loop:10.0f}  | {z:5.1f}"
        )
    print(f"loop, every point to 2 %                  {theirs:10.1f} s  (extrapolated)")
    print(f"simulate.projection, every point to 2 %   {total:10.1f} s  ratio {theirs / total:8.0f}")
    print(f"target: ratio >= {TARGET}, " + ("met" if theirs / total >= TARGET else "MISSED"))


if __name__ == "__main__":
    main()
