"""Leave-one-out residuals of a ridge fit, without refitting (chapter "Ridge without synthetic data")."""

import numpy as np

from ..checks import broadcast, real_array, real_number


def leave_one_out(x, y, lam, weight=1.0):
    """What each row's label misses by, under the ridge fit to all other rows.

    The fit minimises (1/n) sum_i a_i (x_i.w - y_i)^2 + lam ||w||^2, where n stays the same when a row is left out. Then the
    residual is (y_i - x_i.w)/(1 - h_i), with h_i the leverage of row i, so one fit serves all rows.

    Parameters
    ----------
    x : (n, d) rows; unit [x].
    y : (n,) labels; unit [y].
    lam : ridge > 0; unit [x]^2.
    weight : a_i, > 0; one number or (n,).

    Returns (n,) residuals; unit [y].

    Implements: prop-loo (chapter "Ridge without synthetic data").
    """
    x, y = real_array("x", x, ndim=2), real_array("y", y, ndim=1)
    n, d = x.shape
    if y.size != n:
        raise ValueError(f"y must have one label for each of the {n} rows of x, got {y.size}")
    lam = real_number("lam", lam, low=0, low_is_allowed=False)
    weight = real_array("weight", weight, low=0, low_is_allowed=False)
    if weight.shape not in ((), (n,)):
        raise ValueError(f"weight must be one number or one for each of the {n} rows, got shape {weight.shape}")
    root = np.sqrt(broadcast(weight=weight, y=y)[0])
    rows, labels = root[:, None] * x, root * y
    if d < n:
        hat = rows @ np.linalg.solve(rows.T @ rows + n * lam * np.eye(d), rows.T)
        return (labels - hat @ labels) / (1 - np.diag(hat)) / root
    inverse = np.linalg.inv(rows @ rows.T + n * lam * np.eye(n))
    return inverse @ labels / np.diag(inverse) / root
