"""A whole random-feature panel at one n: images.feature_ridge against its unavoidable pieces and a scikit-learn loop.

    python benchmarks/feature_panel.py [--quick]

The panel has 8 p2 x 6 lam x 4 labellers = 192 students of ten outputs. Its unavoidable pieces, by plain torch calls on
features that are there already: the Gram matrix and one factorisation. The loop fits scikit-learn's Ridge for each
student, on features computed once; it is timed on a sample of students and extrapolated. All in one run, on the CPU and on
the GPU if there is one.
"""

import argparse
from time import perf_counter

import machine
import numpy as np
import torch
from sklearn.linear_model import Ridge

from collapse import images

INPUTS, OUTPUTS, TESTS = 784, 10, 2000
P2 = (0.0, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 1.0)
LAM = np.geomspace(1e-6, 1e-1, 6)
LABELLERS = 4
STUDENTS = len(P2) * len(LAM) * LABELLERS
PANELS = {"primal": (20_000, 3000), "dual": (6000, 20_000)}
QUICK = {"primal": (5000, 1000), "dual": (2000, 8000)}
WITHIN, LOOP = 2, 50


def problem(n, width):
    rng = np.random.default_rng(0)
    x, test = rng.random((n, INPUTS)), rng.random((TESTS, INPUTS))
    labels = np.eye(OUTPUTS)[rng.integers(OUTPUTS, size=n)]
    targets = images.mixed(labels, rng.random((LABELLERS, n, OUTPUTS)), P2, seed=0)
    return images.RandomFeatures(width, INPUTS, seed=0), x, targets, test


def seconds(function, device):
    start = perf_counter()
    result = function()
    if device == "cuda":
        torch.cuda.synchronize()
    return result, perf_counter() - start


def pieces(features, x, device):
    """Seconds of the Gram matrix, of one Cholesky factor, and of one eigendecomposition, which serves all lam."""
    phi = torch.as_tensor(features(x), device=device)
    gram, gram_s = seconds(lambda: phi.T @ phi if len(phi) >= phi.shape[1] else phi @ phi.T, device)
    gram.diagonal().add_(len(x) * LAM[-1])
    _, cholesky_s = seconds(lambda: torch.linalg.cholesky(gram), device)
    _, eigen_s = seconds(lambda: torch.linalg.eigh(gram), device)
    return gram_s, cholesky_s, eigen_s


def loop(features, x, targets, test, answers, sample):
    """Seconds that scikit-learn would take for all students, and the largest difference in a sample of them."""
    start = perf_counter()
    phi, phi_test = features(x), features(test)
    once, fits, difference = perf_counter() - start, 0.0, 0.0
    for j, k, q in np.random.default_rng(1).integers((len(LAM), len(P2), LABELLERS), size=(sample, 3)):
        start = perf_counter()
        model = Ridge(alpha=len(x) * LAM[j], fit_intercept=False).fit(phi, targets[:, k, q])
        predicted = model.predict(phi_test)
        fits += perf_counter() - start
        difference = max(difference, np.abs(predicted - answers[0, j, :, k, q]).max())
    return once + STUDENTS * fits / sample, difference


def panel(form, n, width, device, sample):
    features, x, targets, test = problem(n, width)
    images.feature_ridge(features, x[:100], targets[:100], [100], LAM[-1], test[:10], device=device)  # warm-up
    answers, ours = seconds(lambda: images.feature_ridge(features, x, targets, [n], LAM, test, device=device), device)
    gram_s, cholesky_s, eigen_s = pieces(features, x, device)
    print(f"{device}, {form}: n = {n}, width {width}, {STUDENTS} students, {TESTS} test rows, double precision")
    print(f"  feature_ridge, features and answers included: {ours:.2f} s")
    for name, factor in (("Cholesky factor", cholesky_s), ("eigendecomposition", eigen_s)):
        ratio = ours / (gram_s + factor)
        print(f"  Gram matrix {gram_s:.2f} s + one {name} {factor:.2f} s: ratio {ratio:.2f}, target <= {WITHIN}")
    if device == "cpu":
        theirs, difference = loop(features, x, targets, test, answers, sample)
        print(
            f"  scikit-learn loop {theirs:.0f} s (extrapolated): ratio {theirs / ours:.0f}, target >= {LOOP}; "
            f"largest difference of an answer {difference:.1e}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller panels; the ratios are less favourable")
    quick = parser.parse_args().quick
    machine.describe("numpy", "torch", "scikit-learn", threads=torch.get_num_threads())
    for device in ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]:
        torch.linalg.eigh(torch.eye(50, dtype=torch.float64, device=device))  # warm-up
        for form, (n, width) in (QUICK if quick else PANELS).items():
            panel(form, n, width, device, sample=2 if quick else 3)


if __name__ == "__main__":
    main()
