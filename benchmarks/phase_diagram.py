"""Theorem 2 over a phase diagram of 200 x 200 values of n and m, d = 1000, one core: theory.projection against iteration.

python benchmarks/phase_diagram.py [--quick]
"""

import argparse
from time import perf_counter

import machine
import numpy as np
from threadpoolctl import threadpool_limits

from collapse import Setting, theory

SECONDS = 4.0  # target for the whole diagram
RATIO = 100  # target for a point
RESIDUAL = 1e-10


def by_iteration(spectrum, n, m, lam):
    """kappa at one point by damped iteration of the two equations of the paper's kind, e = 1 - df1/n and tau = 1 - df1/m."""
    d, e, tau, steps, worst = spectrum.size, 1.0, 1.0, 0, np.inf
    while worst > RESIDUAL:
        k = lam + (m / d) * tau * e * spectrum
        share = np.sum(spectrum / k) / d
        new_e, new_tau = 1 / (1 + m / n * tau * share), 1 / (1 + e * share)
        worst = max(abs(new_e / e - 1), abs(new_tau / tau - 1))
        e, tau = (e + new_e) / 2, (tau + new_tau) / 2
        steps += 1
    return lam / ((m / d) * tau * e), steps


def residual(spectrum, n, m, lam, kappa):
    """The same residual at kappa, a column."""
    df1 = (spectrum / (spectrum + kappa)).sum(axis=1, keepdims=True)
    return np.abs((1 - df1 / n) * (1 - df1 / m) * kappa * m / spectrum.size / lam - 1).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="time the iteration on 20 points of each kind instead of 200")
    points = 20 if parser.parse_args().quick else 200

    machine.describe("numpy", "scipy", threads=1)
    setting = Setting.power_law(1000, 0.3, 0.5, noise=(0.3, 0.1), beta=1.2, r=1.8)
    rng = np.random.default_rng(0)
    sizes = np.geomspace(20, 5000, 200)
    grid, near = np.meshgrid(sizes, sizes, indexing="ij"), np.geomspace(20, 900, 40_000)
    for lam in (1e-2, 1e-4, 1e-6):
        compare(f"the diagram at lam = {lam:g}", setting, *grid, lam, points, rng)
    compare("m within 2 % of n at lam = 1e-06", setting, near, near * rng.uniform(0.98, 1.02, near.size), 1e-6, points, rng)


def compare(name, setting, n, m, lam, points, rng):
    spectrum = setting.spectrum
    whole = best_of(lambda: theory.projection(setting, n, m, lam))
    point = best_of(lambda: theory.fixed_point(spectrum, n, lam, m)) / n.size

    chosen = rng.choice(n.size, points, replace=False)
    start = perf_counter()
    found = [by_iteration(spectrum, n.flat[i], m.flat[i], lam) for i in chosen]
    theirs = (perf_counter() - start) / points
    kappa = theory.fixed_point(spectrum, n.ravel()[chosen], lam, m.ravel()[chosen])
    left = residual(spectrum, n.ravel()[chosen, None], m.ravel()[chosen, None], lam, kappa[:, None])
    iterated, steps = np.array(found).T

    print(f"{name}")
    print(f"  theory.projection, all {n.size} points  {whole:8.2f} s; target <= {SECONDS:g}")
    print(f"  theory.fixed_point, a point       {point * 1e6:8.1f} us")
    print(f"  iteration, a point                {theirs * 1e6:8.1f} us; steps {steps.mean():.0f}, at most {steps.max():.0f}")
    print(f"  ratio                             {theirs / point:8.0f}; target >= {RATIO}")
    print(f"  residual {left:.0e} against {RESIDUAL:.0e}; kappa agrees within {np.abs(iterated / kappa - 1).max():.0e}")
    print("  targets met" if whole <= SECONDS and theirs / point >= RATIO else "  A TARGET IS MISSED")


def best_of(function, repeats=3):
    """The shortest of a few times, in seconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
