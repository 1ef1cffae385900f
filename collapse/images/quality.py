"""The quality c^2 of a labeller, measured on held-out images with a standard error. Serves "Digits at scale"."""

from typing import NamedTuple

import numpy as np

from ..checks import real_array


class Quality(NamedTuple):
    """c2 in the units of the test error, and its standard error over the held-out images."""

    c2: float
    stderr: float


def quality(labels, truth, x=None, sigma=None):
    """c^2 of a labeller, from its ``labels`` (N, k) and the ``truth`` (N, k) on N >= 3 images that it was not trained on.

    Without ``x``, for students that can represent anything: c^2 = E|label - truth|^2. This takes labels and truth to be
    functions of the image; where they are random their noise counts too, and ``x`` and ``sigma`` are needed. With the
    features ``x`` (N, d) of the images and ``sigma`` (d, d) = E[x x'] (which needs no labels), for students linear in x:

        c^2 = tr G' sigma^-1 G,   G = E[x (label - truth)'],   by   mean over i != j of  (r_i.r_j) x_i' sigma^-1 x_j,

    a U-statistic: unbiased for any distribution, at any N, even below d. Its standard error is the jackknife's.

    Implements: def-labeller-quality, prop-unbiased-quality (chapter "Digits at scale").
    Raises ValueError or TypeError naming the argument.
    """
    labels, truth = real_array("labels", labels, ndim=2), real_array("truth", truth, ndim=2)
    if labels.shape != truth.shape or len(labels) < 3:
        raise ValueError(f"labels and truth must have one shape (N, k), N >= 3, got {labels.shape} and {truth.shape}")
    if (x is None) != (sigma is None):
        raise ValueError("x and sigma must be given together, or neither")
    rest = labels - truth
    size = (rest**2).sum(axis=1)
    count = len(rest)
    if x is None:
        return Quality(float(size.mean()), float(size.std(ddof=1) / np.sqrt(count)))
    x, sigma = real_array("x", x, ndim=2), real_array("sigma", sigma, ndim=2)
    if len(x) != count:
        raise ValueError(f"x must have {count} rows, one for each label, got {len(x)}")
    if sigma.shape != (x.shape[1],) * 2:
        raise ValueError(f"sigma must have shape {(x.shape[1],) * 2}, got {sigma.shape}")
    if np.linalg.eigvalsh(sigma)[0] <= 0:
        raise ValueError("sigma must be positive definite: leave out features that depend on others")
    moment = x.T @ rest
    solved = np.linalg.solve(sigma, np.column_stack([moment, x.T]))
    solved_moment, solved_x = solved[:, : rest.shape[1]], solved[:, rest.shape[1] :]
    alone = size * np.einsum("ij,ji->i", x, solved_x)  # the terms i = j
    pairs = np.sum(moment * solved_moment) - alone.sum()
    with_others = 2 * (np.sum(rest * (x @ solved_moment), axis=1) - alone)  # the terms in which image i takes part
    without = (pairs - with_others) / ((count - 1) * (count - 2))
    stderr = np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2))
    return Quality(float(pairs / (count * (count - 1))), float(stderr))
