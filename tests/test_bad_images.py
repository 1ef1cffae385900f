"""Bad input to collapse.images gives an error that names the argument, the value and the rule, before anything is lost."""

import re
from pathlib import Path

import numpy as np
import pytest

from collapse import data, images
from collapse.images import figure7

FEATURES = images.RandomFeatures(30, 4, 0)
X, TEST, ROWS = np.ones((20, 4)), np.ones((5, 4)), np.eye(3)[np.arange(20) % 3]
DIGITS = data.digits()
PART = images.split(DIGITS, 0).test
RECIPE = images.Recipe(width=5, epochs=1)


def ridge(**changes):
    arguments = dict(features=FEATURES, x=X, targets=ROWS, n=[10], lam=0.1, test=TEST)
    return images.feature_ridge(**(arguments | changes))


def mixed(**changes):
    return images.mixed(**(dict(real=ROWS, synthetic=ROWS[None], p2=0.5, seed=0) | changes))


def wide(**changes):
    return images.wide(**(dict(source=DIGITS, width=40, n=[20], ridge=0.02, n0=[10], seed=0) | changes))


def trained(**changes):
    return images.trained(**(dict(source=DIGITS, recipe=RECIPE, n=20, n0=[10], seed=0, labellers=[0]) | changes))


def some_images(**changes):
    return data.Images(**(dict(pixels=DIGITS.pixels, labels=DIGITS.labels, n_train=1797, name="digits") | changes))


def with_entry(array, value):
    array = np.array(array, float)
    array.flat[3] = value
    return array


CASES = [
    (lambda: images.RandomFeatures(0, 4, 0), ValueError, "width must be >= 1, got 0"),
    (lambda: images.RandomFeatures(-5, 4, 0), ValueError, "width must be >= 1, got -5"),
    (lambda: images.RandomFeatures(1e5, 4, 0), TypeError, "width must be a whole number, got 100000.0"),
    (lambda: images.RandomFeatures(30, 0, 0), ValueError, "inputs must be >= 1, got 0"),
    (lambda: images.RandomFeatures(30, 4, -1), ValueError, "seed must be >= 0, got -1"),
    (lambda: FEATURES(np.ones((2, 5))), ValueError, "x must have 4 columns, the inputs of the features, got shape (2, 5)"),
    (lambda: FEATURES(np.ones(4)), ValueError, "x must have 2 dimension(s), got an array of shape (4,)"),
    (lambda: FEATURES(DIGITS.pixels), ValueError, "x must have 2 dimension(s), got an array of shape (1797, 8, 8)"),
    (lambda: FEATURES(with_entry(X, np.nan)), ValueError, "x must be finite, got nan"),
    (lambda: FEATURES("digits"), TypeError, "x must hold real numbers, got 'digits'"),
    (lambda: ridge(features=30), TypeError, "features must be a RandomFeatures, got int"),
    (lambda: ridge(x=np.ones((20, 3))), ValueError, "x must have 4 columns"),
    (lambda: ridge(x=with_entry(X, np.inf)), ValueError, "x must be finite, got inf"),
    (lambda: ridge(test=np.ones((5, 3))), ValueError, "test must have 4 columns"),
    (lambda: ridge(test=with_entry(TEST, np.nan)), ValueError, "test must be finite, got nan"),
    (lambda: ridge(targets=ROWS[1:]), ValueError, "targets must have 20 rows, one for each row of x, got shape (19, 3)"),
    (lambda: ridge(targets=with_entry(ROWS, np.nan)), ValueError, "targets must be finite, got nan"),
    (lambda: ridge(targets=[["a"]] * 20), TypeError, "targets must hold real numbers"),
    (lambda: ridge(n=[21]), ValueError, "n must increase and be <= 20, the number of rows of x, got [21]"),
    (lambda: ridge(n=[10, 5]), ValueError, "n must increase and be <= 20, the number of rows of x, got [10, 5]"),
    (lambda: ridge(n=[0]), ValueError, "n must be >= 1, got 0"),
    (lambda: ridge(n=[2.5]), TypeError, "n must be a whole number, got 2.5"),
    (lambda: ridge(n=[]), ValueError, "n must not be empty"),
    (lambda: ridge(lam=0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: ridge(lam=[0.1, -1]), ValueError, "lam must be finite and > 0, got -1"),
    (lambda: ridge(lam=[[0.1], [0.2]]), ValueError, "lam must have shape (L,) or (1, L), one row for each n, got (2, 1)"),
    (lambda: ridge(dtype="float16"), ValueError, "dtype must be 'float32' or 'float64', got 'float16'"),
    (lambda: ridge(device="moon"), ValueError, "device must be a torch device of this machine, got 'moon'"),
    (lambda: images.quality(ROWS, ROWS[1:]), ValueError, "labels and truth must have one shape (N, k), N >= 3"),
    (lambda: images.quality(ROWS[:2], ROWS[:2]), ValueError, "labels and truth must have one shape (N, k), N >= 3"),
    (lambda: images.quality(with_entry(ROWS, np.nan), ROWS), ValueError, "labels must be finite, got nan"),
    (lambda: images.quality(ROWS, ROWS, x=X), ValueError, "x and sigma must be given together, or neither"),
    (lambda: images.quality(ROWS, ROWS, X[1:], np.eye(4)), ValueError, "x must have 20 rows, one for each label, got 19"),
    (lambda: images.quality(ROWS, ROWS, X, np.eye(3)), ValueError, "sigma must have shape (4, 4), got (3, 3)"),
    (lambda: images.quality(ROWS, ROWS, X, np.zeros((4, 4))), ValueError, "sigma must be positive definite"),
    (lambda: images.hard(with_entry(ROWS, np.nan)), ValueError, "labels must be finite, got nan"),
    (lambda: images.hard([7, 2]), ValueError, "labels must have shape (..., N, k), one row for each image, got (2,)"),
    (
        lambda: images.scores(np.ones((2, 5, 10)), PART),
        ValueError,
        "answers must have shape (n, 359, ..., 10)",
    ),
    (lambda: images.scores(np.ones((359, 10)), PART), ValueError, "answers must have shape (n, 359, ..., 10)"),
    (lambda: images.scores(PART, np.ones((1, 359, 10))), TypeError, "part must be a Part, got ndarray"),
    (lambda: some_images(pixels=DIGITS.pixels / 16), ValueError, "pixels must be uint8, (N, side, side), got float64"),
    (
        lambda: some_images(pixels=DIGITS.pixels[:, 0]),
        ValueError,
        "pixels must be uint8, (N, side, side), got uint8",
    ),
    (lambda: some_images(labels=DIGITS.labels + 5), ValueError, "labels must be 1797 whole numbers from 0 to 9"),
    (lambda: some_images(labels=DIGITS.labels[1:]), ValueError, "labels must be 1797 whole numbers from 0 to 9"),
    (
        lambda: some_images(n_train=1798),
        ValueError,
        "there must be 5 images or more, and n_train of them",
    ),
    (lambda: ridge(folder=__file__), ValueError, "folder must be a folder, got the file"),
    (lambda: ridge(folder=3), TypeError, "folder must be a path, got 3"),
    (lambda: mixed(synthetic=ROWS), ValueError, "synthetic must have 3 dimension(s), got an array of shape (20, 3)"),
    (lambda: mixed(synthetic=ROWS[None, 1:]), ValueError, "synthetic must have the shape (q, 20, 3), got (1, 19, 3)"),
    (lambda: mixed(real=with_entry(ROWS, np.nan)), ValueError, "real must be finite, got nan"),
    (lambda: mixed(p2=1.2), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.2"),
    (lambda: mixed(p2=-0.1), ValueError, "p2 must be finite and >= 0 and <= 1, got -0.1"),
    (lambda: mixed(seed=-1), ValueError, "seed must be >= 0, got -1"),
    (lambda: images.feature_labels(FEATURES, X, ROWS, [25], 0.1, TEST), ValueError, "n must increase and be <= 20"),
    (lambda: images.feature_labels(FEATURES, X, ROWS, [5], [0.1, 0.2], TEST), ValueError, "lam must be one number"),
    (lambda: images.split("mnist", 0), TypeError, "source must be an Images, got str"),
    (lambda: images.split(DIGITS, 1.5), TypeError, "seed must be a whole number, got 1.5"),
    (lambda: wide(source=X), TypeError, "source must be an Images, got ndarray"),
    (lambda: wide(n=[2000]), ValueError, "n must be <= 1078, the images for students in 8x8 digits, got 2000"),
    (lambda: wide(ridge=-1.0), ValueError, "ridge must be finite and > 0, got -1"),
    (lambda: wide(width=0), ValueError, "width must be >= 1, got 0"),
    (lambda: wide(n0=[500]), ValueError, "n must increase and be <= 360, the number of rows of x, got [500]"),
    (lambda: trained(n=2000), ValueError, "n must be <= 1078, the images for students in 8x8 digits, got 2000"),
    (lambda: trained(recipe=40), TypeError, "recipe must be a Recipe, got int"),
    (lambda: trained(labellers=[7]), ValueError, "labellers must be positions in 0..1, got [7]"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(CASES)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_arguments_are_not_modified():
    before = X.copy(), ROWS.copy(), TEST.copy()
    ridge(), mixed(), images.quality(ROWS, ROWS, X + np.eye(20, 4), np.eye(4)), images.hard(ROWS)
    for old, new in zip(before, (X, ROWS, TEST)):
        np.testing.assert_array_equal(old, new)


def test_shares_of_figure_7_begin_with_clean_labels():
    for shares in (figure7.SHARES, figure7.NETWORK_SHARES):
        assert shares[0] == 0 and shares[-1] == 1 and list(shares) == sorted(set(shares))


def test_the_table_tries_every_function_that_serves_figure_7():
    table = Path(__file__).read_text(encoding="utf-8").split("CASES = [")[1]
    for name in ("RandomFeatures", "quality", "hard", "feature_labels", "split"):
        assert f"lambda: images.{name}(" in table
