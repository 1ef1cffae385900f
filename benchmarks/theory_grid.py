"""Theorem 1 over a grid of 100 x 100 values of n and lam, d = 1000, one core: theory.ridge against a loop with brentq.

python benchmarks/theory_grid.py [--quick]
"""

import argparse
from time import perf_counter

import machine
import numpy as np
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

from collapse import Setting, theory

TARGET = 50e-6  # seconds for a point


def with_brentq(setting, n, lam):
    """The total error at one point, as a user would write it."""
    s, p2 = setting.spectrum, setting.p2
    kappa = brentq(lambda kappa: kappa * (1 - np.sum(s / (s + kappa)) / n) - lam, lam, lam + s.sum() / n, xtol=1e-300)
    u = np.sum((s / (s + kappa)) ** 2) / n
    sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
    missed = (kappa / (s + kappa)) ** 2
    bias = np.sum(setting.teacher * s * missed) / (1 - u)
    drift = p2**2 * np.sum(setting.shift * s * (s / (s + kappa)) ** 2)
    inconsistency = (1 - p2) * p2 * setting.c2 + p2**2 * np.sum(setting.shift * s * missed)
    return bias + (sigma2 + inconsistency) * u / (1 - u) + drift


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="time the loop on 100 of the points instead of 1000")
    points = 100 if parser.parse_args().quick else 1000

    setting = Setting.power_law(1000, 0.1, 0.5, noise=(0.3, 0.1), beta=1.5, r=1.8)
    n, lam = np.meshgrid(np.geomspace(10, 1e5, 100), np.geomspace(1e-8, 10, 100), indexing="ij")

    times = []
    for _ in range(5):
        start = perf_counter()
        risk = theory.ridge(setting, n, lam)
        times.append(perf_counter() - start)
    ours = min(times) / n.size

    sample = np.random.default_rng(0).choice(n.size, points, replace=False)
    start = perf_counter()
    loop = np.array([with_brentq(setting, n.flat[i], lam.flat[i]) for i in sample])
    theirs = (perf_counter() - start) / points

    machine.describe("numpy", "scipy", threads=1)
    print(f"theory.ridge, {n.size} points      {ours * 1e6:8.1f} us a point   (target <= {TARGET * 1e6:.0f})")
    print(f"loop with brentq, {points:4d} points  {theirs * 1e6:8.1f} us a point")
    print(f"ratio                           {theirs / ours:8.1f}")
    print(f"largest relative difference     {np.abs(risk.total.flat[sample] / loop - 1).max():8.1e}")
    print("target met" if ours <= TARGET else "TARGET MISSED")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
