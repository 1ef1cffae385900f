"""Time to a 1 % standard error of a whole panel: simulate.ridge against a loop with scikit-learn and fresh data.

    python benchmarks/ridge_panel.py [--quick]

The panel has 6 p2 x 4 c2 x 8 lam x 8 n = 1536 points, d = 300. The loop draws inputs, teachers, shift and noise afresh for
each point and trial. It may stop at each point as soon as that point has its 1 %. It is timed on a sample of points and
trials, and the rest is extrapolated from its measured scatter and time; simulate.ridge is run in full.
"""

import argparse
from time import perf_counter

import machine
import numpy as np
import torch
from panel import largest_z, sampled_loop, trials_needed
from sklearn.linear_model import Ridge

from collapse import Setting, simulate

D = 300
P2 = np.array([0.0, 0.01, 0.1, 0.3, 0.6, 1.0])
C2 = np.array([0.1, 0.3, 1.0, 3.0])
LAM = np.geomspace(1e-3, 3, 8)
N = np.array([75, 150, 225, 300, 450, 600, 1200, 2400])
SHAPE = (C2.size, P2.size, LAM.size)  # at each n
ERROR = 0.01
TARGET = 300


def setting(p2, c2):
    return Setting.isotropic(D, p2, c2, noise=(0.5, 0.5))


def ours(n, trials, seed):
    """Total errors (trials, c2, p2, lam) of one run at n, and its time."""
    start = perf_counter()
    estimate = simulate.ridge(setting(P2[:, None], 1.0), n, LAM, trials, seed)
    totals = np.stack([estimate.scale_shift(c2).samples.total for c2 in C2], axis=1)
    return totals, perf_counter() - start


def one_fit(problem, n, lam, rng):
    """The test error of one student on one fresh data set, as a user would write it."""
    x = rng.standard_normal((n, D)) * np.sqrt(problem.spectrum)
    w1 = rng.standard_normal(D) * np.sqrt(problem.teacher)
    w2 = w1 + rng.standard_normal(D) * np.sqrt(problem.shift)
    real = n - round(problem.p2 * n)
    y = np.r_[x[:real] @ w1, x[real:] @ w2]
    y += rng.standard_normal(n) * np.sqrt(np.r_[np.full(real, problem.noise[0]), np.full(n - real, problem.noise[1])])
    student = Ridge(alpha=n * lam, fit_intercept=False).fit(x, y).coef_
    return ((student - w1) ** 2) @ problem.spectrum


def loop(n, points, trials, seed):
    """As panel.sampled_loop, over (c2, p2, lam)."""
    return sampled_loop(
        lambda i, j, k, rng: one_fit(setting(P2[j], C2[i]), n, LAM[k], rng), SHAPE, points, trials, [seed, n]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer trials and points; the ratio is less certain")
    pilot, points, trials = (8, 4, 10) if parser.parse_args().quick else (30, 12, 40)

    machine.describe("numpy", "scipy", "torch", "scikit-learn", threads=torch.get_num_threads())
    ours(75, 1, seed=0), loop(75, 1, 1, seed=0)  # warm-up
    print("     n |  simulate.ridge: trials for 1 %            |  loop: trials for 1 %, a point          | largest")
    print("       |  worst point   mean     s a trial  s in all |  mean    largest   ms a fit   s in all  | |z|")
    worst = on_average = theirs = 0.0
    for n in N:
        scatter, _ = ours(n, pilot, seed=1)
        needed = trials_needed(scatter, axis=0, error=ERROR)
        enough = max(2, int(np.ceil(needed.max())))
        totals, seconds = ours(n, enough, seed=2)
        worst += seconds
        on_average += seconds / enough * max(2.0, needed.mean())

        errors, chosen, sampled = loop(n, points, trials, seed=3)
        asked, fit = trials_needed(errors, axis=1, error=ERROR), sampled / errors.size
        seconds_loop = np.prod(SHAPE) * asked.mean() * fit
        theirs += seconds_loop

        z = largest_z(errors, totals[(slice(None), *chosen)])
        print(
            f"{n:6d} | {needed.max():11.1f} {needed.mean():8.2f} {seconds / enough:11.4f} {seconds:10.2f} "
            f"| {asked.mean():8.0f} {asked.max():8.0f} {fit * 1e3:10.2f} {seconds_loop:10.0f}  | {z:5.1f}"
        )
    print(f"loop, every point to 1 %                              {theirs:10.1f} s  (extrapolated)")
    for rule, seconds in (("every point to 1 %", worst), ("1 % in root mean square", on_average)):
        print(f"simulate.ridge, {rule:26s}            {seconds:10.2f} s  ratio {theirs / seconds:8.0f}")
    print(f"target: ratio >= {TARGET}, " + ("met at every point" if theirs / worst >= TARGET else "MISSED at every point"))


if __name__ == "__main__":
    main()
