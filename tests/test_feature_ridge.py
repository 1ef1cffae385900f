"""Ridge on random features: every form, tile and precision gives what dense linear algebra gives; runs resume to the bit."""

import importlib
import itertools
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from collapse import images

ridge_module = importlib.import_module("collapse.images.feature_ridge")
tiles = importlib.import_module("collapse.images.tiles")
memory = importlib.import_module("collapse.images.memory")

INPUTS, WIDTH, LAM = 6, 5000, [1e-4, 1e-2]  # three blocks of features, the last one thinner
ROUNDING = 1e-9  # the largest condition number here is about 1e4


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiles, "TILE", 64)


def problem(rows, width, seed=0):
    rng = np.random.default_rng(seed)
    x, test = rng.random((rows, INPUTS)), rng.random((90, INPUTS))
    return images.RandomFeatures(width, INPUTS, seed), x, rng.standard_normal((rows, 2, 3)), test


def dense(features, x, targets, n, lam, test):
    """The same by scikit-learn, from the whole feature matrix."""
    phi, phi_test = features(x), features(test)
    answers = np.empty((len(n), len(lam), len(test), *targets.shape[1:]))
    for (i, rows), (j, ridge) in itertools.product(enumerate(n), enumerate(lam)):
        model = Ridge(alpha=rows * ridge, fit_intercept=False).fit(phi[:rows], targets[:rows].reshape(rows, -1))
        answers[i, j] = model.predict(phi_test).reshape(answers[i, j].shape)
    return answers


# The features


def test_features_are_relu_of_gaussian_projections():
    features = images.RandomFeatures(20_000, INPUTS, seed=1)
    x = np.random.default_rng(0).standard_normal((3, INPUTS))
    rows = np.column_stack([x, np.ones(3)])
    size = np.linalg.norm(rows, axis=1)
    cosine = (rows @ rows.T / np.outer(size, size)).clip(-1, 1)
    angle = np.arccos(cosine)
    kernel = (
        np.outer(size, size) / (INPUTS + 1) * (np.sin(angle) + (np.pi - angle) * cosine) / np.pi
    )  # the arc-cosine kernel
    phi = features(x)
    products = 20_000 * phi[:, None] * phi[None]
    stderr = products.std(axis=2, ddof=1) / np.sqrt(20_000)
    assert (phi >= 0).all() and np.abs((products.mean(axis=2) - kernel) / stderr).max() < 5.3  # BOUND, 20,000 terms


def test_a_wider_layer_begins_with_the_narrower_one():
    x = np.random.default_rng(0).random((4, INPUTS))
    narrow, wide = (images.RandomFeatures(width, INPUTS, seed=2)(x) * np.sqrt(width) for width in (2100, 4500))
    np.testing.assert_allclose(wide[:, :2100], narrow, atol=1e-6)  # weights are float32


# The students


@pytest.mark.parametrize("n", [[3], [200], [63, 64, 65, 200]])
def test_dual_form_in_tiles_and_blocks_equals_dense_ridge(n):
    arguments = problem(200, WIDTH)
    answers = images.feature_ridge(*arguments[:3], n, LAM, arguments[3])
    assert answers.shape == (len(n), 2, 90, 2, 3)
    np.testing.assert_allclose(answers, dense(*arguments[:3], n, LAM, arguments[3]), atol=ROUNDING)


@pytest.mark.parametrize("width", [5, 40, 2100])
def test_primal_form_equals_dense_ridge(width):
    arguments = problem(2500, width)
    n = [width, width + 1, 2500]
    answers = images.feature_ridge(*arguments[:3], n, LAM, arguments[3])
    np.testing.assert_allclose(answers, dense(*arguments[:3], n, LAM, arguments[3]), atol=ROUNDING)


def test_one_call_goes_from_dual_to_primal():
    arguments = problem(300, 100)
    n = [20, 99, 100, 101, 300]
    answers = images.feature_ridge(*arguments[:3], n, LAM, arguments[3])
    np.testing.assert_allclose(answers, dense(*arguments[:3], n, LAM, arguments[3]), atol=ROUNDING)


@pytest.mark.parametrize("width", [30, 500])
def test_each_n_may_have_its_own_ridges(width):
    features, x, targets, test = problem(200, width)
    lam = [[1e-4, 1e-2], [1e-3, 1e-1]]
    answers = images.feature_ridge(features, x, targets, [100, 200], lam, test)
    for i, n in enumerate((100, 200)):
        np.testing.assert_allclose(answers[i], images.feature_ridge(features, x, targets, n, lam[i], test)[0], atol=ROUNDING)


@pytest.mark.parametrize("width", [30, 200])
def test_dual_equals_primal(width):
    features, x, targets, test = problem(120, width)
    rows, tests, flat = features.rows("x", x), features.rows("x", test), ridge_module.torch.tensor(targets).flatten(1)
    ridges, answers = np.tile(LAM, (2, 1)), []
    for weights in (
        ridge_module._dual(features, rows, flat, [50, 120], ridges, None),
        ridge_module._primal(features, rows, flat, [50, 120], ridges),
    ):
        answers.append(rows.new_zeros(2, 2, len(test), 6))
        ridge_module._answers(features, tests, weights, answers[-1])
    np.testing.assert_allclose(*answers, atol=ROUNDING)


def test_single_precision_is_close_and_says_when_it_is_not_enough():
    features, x, targets, test = problem(150, 400)
    double, single = (
        images.feature_ridge(features, x, targets, [150], 1e-3, test, dtype=dtype) for dtype in ("float64", "float32")
    )
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, atol=1e-3)  # 1e-7 times a condition number of about 1e3
    with pytest.raises(ArithmeticError, match="lam = 1e-12 is too small for float32"):
        images.feature_ridge(features, np.repeat(x[:10], 15, axis=0), targets, [150], 1e-12, test, dtype="float32")


@pytest.mark.proves("prop-parabola")
@pytest.mark.parametrize("p2", [0.0, 0.2, 0.7, 1.0])
def test_error_is_a_parabola_in_the_share_averaged_over_all_coins(p2):
    features, x, targets, test = problem(6, 40)
    real, synthetic = targets[:, 0], targets[:, 1]
    truth = np.random.default_rng(1).standard_normal((len(test), 3))
    answer = images.feature_ridge(features, x, np.eye(6), 6, 1e-2, test)[0, 0]

    def error(answers):
        return ((answers - truth) ** 2).sum(axis=1).mean()

    coins = np.array(list(itertools.product([0, 1], repeat=6)))
    chance = p2 ** coins.sum(axis=1) * (1 - p2) ** (6 - coins.sum(axis=1))
    exact = chance @ [error(answer @ np.where(coin[:, None], synthetic, real)) for coin in coins]

    clean, g = answer @ real, answer @ (synthetic - real)
    contradiction = (answer**2).mean(axis=0) @ ((synthetic - real) ** 2).sum(axis=1)
    quadratic = (g**2).sum(axis=1).mean() - contradiction
    linear = 2 * ((clean - truth) * g).sum(axis=1).mean() + contradiction
    assert exact == pytest.approx(error(clean) + linear * p2 + quadratic * p2**2, rel=1e-12)


# Long runs

RUN = """
import importlib, sys
import numpy as np
import torch
from collapse import images
importlib.import_module("collapse.images.tiles").TILE = 60
torch.set_num_threads(1)
rng = np.random.default_rng(0)
x, test, targets = rng.random((600, 6)), rng.random((50, 6)), rng.standard_normal((600, 4))
features = images.RandomFeatures(40_000, 6, 0)
folder = None if sys.argv[1] == "none" else sys.argv[1]
answers = images.feature_ridge(features, x, targets, [100, 600], [1e-5, 1e-3], test, dtype="float32", folder=folder)
np.save(sys.argv[2], answers)
"""


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(tmp_path):
    def start(folder, result):
        return subprocess.Popen([sys.executable, "-c", RUN, folder, str(tmp_path / result)], stderr=subprocess.DEVNULL)

    assert start("none", "whole.npy").wait() == 0
    rng, folder = np.random.default_rng(), tmp_path / "gram"  # no seed: any moment must do
    for kept in (1, 3, 6):
        process = start(str(folder), "resumed.npy")
        while len(list(folder.glob("gram-*.npy"))) < kept and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.05 * rng.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (tmp_path / "resumed.npy").exists()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("gram-*.npy")}
    assert 6 <= len(before) < 10
    assert start(str(folder), "resumed.npy").wait() == 0
    assert all(path.stat().st_mtime_ns == when for path, when in before.items()), "a finished part was computed again"
    assert (tmp_path / "resumed.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_kept_parts_are_used_for_the_same_problem_only(tmp_path):
    features, x, targets, test = problem(100, 300)
    images.feature_ridge(features, x, targets, [100], LAM, test, folder=tmp_path)
    other = images.RandomFeatures(300, INPUTS, seed=1)
    answers = images.feature_ridge(other, x, targets, [100], LAM, test, folder=tmp_path)
    np.testing.assert_allclose(answers, dense(other, x, targets, [100], LAM, test), atol=ROUNDING)
    assert len(list(tmp_path.iterdir())) == 4


MEASURE = """
import re, sys
from pathlib import Path
import numpy as np
from collapse import images
width, n, targets, tests = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
features = images.RandomFeatures(width, 20, 0)
def run(n, tests):
    x, test = rng.random((n, 20)), rng.random((tests, 20))
    images.feature_ridge(features, x, rng.standard_normal((n, targets)), [n], [1e-3], test)
def highest():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
run(10, 10)
before = highest()
run(n, tests)
print(highest() - before, images.peak_memory_bytes(features, n, 1, tests, targets))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is read from /proc")
@pytest.mark.parametrize(
    "width, n, targets, tests", [(4000, 3000, 10, 100), (3000, 6000, 10, 100), (2100, 1000, 500, 20_000)]
)
def test_the_estimate_of_the_memory_bounds_what_is_taken(width, n, targets, tests):
    command = [sys.executable, "-c", MEASURE, *map(str, (width, n, targets, tests))]
    taken, estimated = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert 1024 * taken < 1.1 * estimated  # a tenth for the libraries' own buffers
    assert estimated < 4 * 1024 * taken


def test_a_run_that_does_not_fit_is_refused_before_it_starts():
    features, x, targets, test = problem(20_000, 10**6)
    needed = images.peak_memory_bytes(features, [20_000], 2, len(test), 6)
    assert needed > 2 * 8 * 20_000**2 / 2
    small = problem(100, 300)
    with pytest.raises(MemoryError, match="GB"):
        images.feature_ridge(
            images.RandomFeatures(10**6, INPUTS, 0),
            np.zeros((10**6, INPUTS)),
            np.zeros((10**6, 1)),
            [999_999],
            1.0,
            small[3],
        )
