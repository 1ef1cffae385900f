"""Advice on 100,000 real and 100,000 synthetic rows of 200 columns: collapse.advise against cross-validation.

    python benchmarks/advise.py [--quick]

The loop chooses the weight of synthetic rows and the ridge by five-fold cross-validation on the real rows: scikit-learn's
Ridge with sample weights for each fold, weight and ridge. A few of its fits are timed, the rest is extrapolated; it has no
intervals.
"""

import argparse
from os import cpu_count
from time import perf_counter

import machine
import numpy as np
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

import collapse

COLUMNS, FOLDS, WEIGHTS, RIDGES = 200, 5, 9, 8
TIMED = 3
TARGET = 3.0


def draw(n, rng):
    """Two samples of n rows with noise 0.5 and c2 = 0.01, and the real teacher."""
    real, shift = (rng.standard_normal(COLUMNS) for _ in range(2))
    real, shift = real / np.linalg.norm(real), 0.1 * shift / np.linalg.norm(shift)
    rows = [rng.standard_normal((n, COLUMNS)) for _ in range(2)]
    labels = [x @ w + np.sqrt(0.5) * rng.standard_normal(n) for x, w in zip(rows, (real, real + shift))]
    return *zip(rows, labels), real


def one_fit(real, synthetic, fold, alpha, ridge):
    """Error on one fold of the real rows, as a user would write it."""
    (x1, y1), (x2, y2) = real, synthetic
    held = np.arange(len(y1)) % FOLDS == fold
    x, y = np.concatenate([x1[~held], x2]), np.concatenate([y1[~held], y2])
    weights = np.concatenate([np.full(np.sum(~held), 1 - alpha), np.full(len(y2), alpha)])
    model = Ridge(alpha=ridge, solver="cholesky").fit(x, y, sample_weight=weights)
    return np.mean((y1[held] - model.predict(x1[held])) ** 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    n, threads = 10_000 if parser.parse_args().quick else 100_000, cpu_count()
    machine.describe("numpy", "scipy", "scikit-learn", threads=threads)
    real, synthetic, teacher = draw(n, np.random.default_rng(0))
    with threadpool_limits(threads):
        collapse.advise(*((x[:2000], y[:2000]) for x, y in (real, synthetic)))  # warm-up
        seconds = []
        for _ in range(3):
            start = perf_counter()
            advice = collapse.advise(real, synthetic)
            seconds.append(perf_counter() - start)
        one_fit(*((x[:2000], y[:2000]) for x, y in (real, synthetic)), 0, 0.5, 1.0)
        start = perf_counter()
        for k in range(TIMED):
            one_fit(real, synthetic, k, 0.1 * (k + 1), 1.0)
        each = (perf_counter() - start) / TIMED
    fits = FOLDS * WEIGHTS * RIDGES
    print(advice)
    print(f"true error of that student: {np.sum((advice.student.weights - teacher) ** 2):.3g}")
    print(f"{n:,} real and {n:,} synthetic rows, {COLUMNS} columns")
    print(f"collapse.advise: {np.median(seconds):.2f} s (median of 3), target {TARGET:g} s")
    print(f"cross-validation: {each:.2f} s a fit, {fits} fits, {fits * each:.0f} s (extrapolated)")
    print(f"ratio {fits * each / np.median(seconds):.0f}")


if __name__ == "__main__":
    main()
