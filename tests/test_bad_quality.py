"""Bad input to the estimators of c2 gives an error that names the argument, the value and the rule."""

import re
from pathlib import Path

import numpy as np
import pytest

from collapse import quality

RNG = np.random.default_rng(0)
X1, X2, Y1, Y2 = (RNG.standard_normal(shape) for shape in ((9, 3), (8, 3), 9, 8))
REAL, SYNTHETIC = (X1, Y1), (X2, Y2)
POOL = RNG.standard_normal((20, 3))
DEPENDENT = np.column_stack([X1[:, :2], X1[:, 0] + X1[:, 1]])
FOUND = quality.ols(REAL, SYNTHETIC)
SILENT = quality.u_statistic(REAL, SYNTHETIC, pool=POOL)


def holed(array, value):
    copy = array.copy()
    copy.flat[1] = value
    return copy


def ols(real=REAL, synthetic=SYNTHETIC):
    return quality.ols(real, synthetic)


def products(**given):
    return quality.u_statistic(REAL, SYNTHETIC, **given)


CASES = [
    # samples
    (lambda: ols(real=X1), TypeError, "real must be a pair (X, y), got ndarray"),
    (lambda: ols(real=(X1,)), TypeError, "real must be a pair (X, y), got tuple of 1"),
    (lambda: ols(synthetic=[X2, Y2, 1]), TypeError, "synthetic must be a pair (X, y), got list of 3"),
    (lambda: ols(synthetic=None), TypeError, "synthetic must be a pair (X, y), got NoneType"),
    (lambda: ols(real=(Y1, Y1)), ValueError, "real X must have 2 dimension(s), got an array of shape (9,)"),
    (lambda: ols(real=(X1, X1)), ValueError, "real y must have 1 dimension(s), got an array of shape (9, 3)"),
    (lambda: ols(real=(X1, Y2)), ValueError, "real y must have one label for each of the 9 rows of real X, got 8"),
    (lambda: ols(real=(X1.T, Y1)), ValueError, "real y must have one label for each of the 3 rows of real X, got 9"),
    (lambda: ols(real=(holed(X1, np.nan), Y1)), ValueError, "real X must be finite, got nan"),
    (lambda: ols(synthetic=(X2, holed(Y2, np.inf))), ValueError, "synthetic y must be finite, got inf"),
    (lambda: ols(real=(X1.astype(str), Y1)), TypeError, "real X must hold real numbers"),
    (lambda: ols(real=(X1 > 0, Y1)), TypeError, "real X must hold real numbers"),
    (lambda: ols(real=(X1 * 1j, Y1)), TypeError, "real X must hold real numbers"),
    (lambda: ols(real=([[1.0, 2.0], [3.0]], Y1)), TypeError, "real X must hold real numbers"),
    (lambda: ols(real=(X1[:0], Y1[:0])), ValueError, "real X must not be empty"),
    (lambda: ols(real=(X1, 0 * Y1)), ValueError, "real y must have a label that is not 0, got zeros only"),
    (lambda: ols(synthetic=(X2[:, :2], Y2)), ValueError, "synthetic X must have as many columns as real X (3), got 2"),
    (lambda: ols(real=(DEPENDENT, Y1)), ValueError, "real X must have columns that do not depend on each other"),
    (lambda: ols(real=(X1 * [1, 0, 1], Y1)), ValueError, "real X must have no column of zeros, got one: column 1"),
    (lambda: ols(synthetic=(DEPENDENT, Y1)), ValueError, "synthetic X must have columns that do not depend"),
    # too few rows
    (lambda: ols(real=(X1[:3], Y1[:3])), ValueError, "real X must have at least d + 1 = 4 rows, got 3"),
    (lambda: ols(synthetic=(X2[:4], Y2[:4])), ValueError, "synthetic X must have at least d + 2 = 5 rows, got 4"),
    (lambda: quality.holdout(REAL, (X2[:4], Y2[:4])), ValueError, "synthetic X must have at least d + 2 = 5 rows, got 4"),
    (lambda: quality.holdout(X1, SYNTHETIC), TypeError, "real must be a pair (X, y), got ndarray"),
    (
        lambda: quality.u_statistic((X1[:1], Y1[:1]), SYNTHETIC, pool=POOL),
        ValueError,
        "real X must have at least 2 rows, got 1",
    ),
    (
        lambda: quality.u_statistic(REAL, (X2[:1], Y2[:1]), pool=POOL),
        ValueError,
        "synthetic X must have at least 2 rows, got 1",
    ),
    (
        lambda: quality.leave_one_out(REAL, (X2[:2], Y2[:2]), 0.1),
        ValueError,
        "synthetic X must have at least d // 2 + 2 = 3 rows, got 2",
    ),
    (
        lambda: quality.estimate((X1[:2], Y1[:2]), (X2[:1], Y2[:1])),
        ValueError,
        "n1 = 2, n2 = 1 and d = 3 is enough only with the covariance of the rows or an unlabelled pool of them",
    ),
    (lambda: quality.estimate(REAL, X2), TypeError, "synthetic must be a pair (X, y), got ndarray"),
    # covariance and pool
    (lambda: products(), ValueError, "give covariance or pool, got neither"),
    (lambda: products(covariance=np.eye(3), pool=POOL), ValueError, "give covariance or pool, not both"),
    (lambda: products(covariance=np.eye(2)), ValueError, "covariance must have shape (3, 3), got (2, 2)"),
    (lambda: products(covariance=np.ones(3)), ValueError, "covariance must have 2 dimension(s)"),
    (lambda: products(covariance=np.triu(np.ones((3, 3)))), ValueError, "covariance must be symmetric"),
    (lambda: products(covariance=np.ones((3, 3)) - np.eye(3)), ValueError, "covariance must be positive definite"),
    (lambda: products(covariance=np.diag([1.0, 1.0, 1e-18])), ValueError, "covariance must be positive definite"),
    (lambda: products(covariance=holed(np.eye(3), np.nan)), ValueError, "covariance must be finite, got nan"),
    (lambda: products(pool=POOL[:, :2]), ValueError, "pool must have as many columns as real X (3), got 2"),
    (lambda: products(pool=POOL[:6]), ValueError, "pool must have at least d + 4 = 7 rows, got 6"),
    (lambda: products(pool=POOL[0]), ValueError, "pool must have 2 dimension(s), got an array of shape (3,)"),
    (lambda: products(pool=POOL * [1, 1, 0]), ValueError, "pool must have no column of zeros, got one: column 2"),
    # ridge
    (lambda: quality.leave_one_out(REAL, SYNTHETIC, 0.0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: quality.leave_one_out(REAL, SYNTHETIC, -1), ValueError, "lam must be finite and > 0, got -1"),
    (
        lambda: quality.leave_one_out(REAL, SYNTHETIC, [1, 2]),
        ValueError,
        "lam must be one number, got an array of shape (2,)",
    ),
    (lambda: quality.leave_one_out(REAL, SYNTHETIC, 1e3), ValueError, "lam must be so small that df1 > d/2 = 1.5, got 1000"),
    # intervals and predictions
    (lambda: FOUND.interval(0), ValueError, "level must be finite and > 0, got 0"),
    (lambda: FOUND.interval(95), ValueError, "level must be less than 1, got 95; did you mean 0.95?"),
    (lambda: FOUND.interval(1.0), ValueError, "level must be less than 1, got 1"),
    (lambda: FOUND.interval("wide"), TypeError, "level must hold real numbers, got 'wide'"),
    (lambda: quality.plateau(0.5, 0.5), TypeError, "found must be a Quality, got float"),
    (lambda: quality.plateau(FOUND, 1.5), ValueError, "p2 must be finite and >= 0 and <= 1, got 1.5"),
    (lambda: quality.plateau(FOUND, 0.5, level=1), ValueError, "level must be less than 1, got 1"),
    (lambda: quality.onset(0.5, 0.5), TypeError, "found must be a Quality, got float"),
    (lambda: quality.onset(FOUND, -0.5), ValueError, "p2 must be finite and >= 0 and <= 1, got -0.5"),
    (lambda: quality.onset(FOUND, 0.5, level=0), ValueError, "level must be finite and > 0, got 0"),
    (lambda: quality.onset(FOUND, 0.5, noise=0.0), ValueError, "noise must be finite and > 0, got 0"),
    (lambda: quality.onset(FOUND, 0.5, noise=[0.1, 0.2]), ValueError, "noise must be sigma1^2, one number"),
    (lambda: quality.onset(SILENT, 0.5), ValueError, "noise must be given: u_statistic does not measure the noise"),
    (lambda: quality.best_weight(REAL, 9, 9), TypeError, "found must be a Quality, got tuple"),
    (lambda: quality.best_weight(FOUND, 0, 9), ValueError, "n1 must be >= 1, got 0"),
    (lambda: quality.best_weight(FOUND, 9, 4.5), TypeError, "n2 must be a whole number, got 4.5"),
    (lambda: quality.best_weight(FOUND, 2, 1), ValueError, "n1 + n2 must be more than d = 3, got 3"),
    (lambda: quality.best_weight(FOUND, 9, 9, noise=0.1), ValueError, "noise must be the pair (sigma1^2, sigma2^2)"),
    (lambda: quality.best_weight(SILENT, 9, 9), ValueError, "noise must be given: u_statistic does not measure the noise"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[case[2] for case in CASES])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_the_inputs_are_left_as_they_were():
    before = [array.copy() for array in (X1, Y1, X2, Y2, POOL)]
    quality.estimate(REAL, SYNTHETIC)
    products(pool=POOL)
    quality.leave_one_out(REAL, SYNTHETIC, 0.01)
    for array, copy in zip((X1, Y1, X2, Y2, POOL), before):
        np.testing.assert_array_equal(array, copy)


def test_every_public_function_is_tried():
    table = Path(__file__).read_text(encoding="utf-8").split("\nCASES = [")[1].split("\n]\n")[0]
    for name in set(quality.__all__) - {"Noise", "Prediction", "Quality"}:  # these are only ever returned
        helper = {"ols": "ols(", "u_statistic": "products("}.get(name, f"quality.{name}(")
        assert f"lambda: {helper}" in table, f"quality.{name} has no case"
