"""Who writes the synthetic labels, and which rows get them. Serves "A first look, on digits" and "Digits at scale"."""

import numpy as np

from ..checks import instance, real_array, real_number, whole_number
from .feature_ridge import feature_ridge
from .population import Population


def ridge_labeller(population, n0, lam, seed):
    """Weights (d, k) of a ridge regression on ``n0`` images drawn from the population; its labels are ``x @ weights``.

    The loss is (1/n0) sum |y - w'x|^2 + lam |w|^2. With several ``lam``, leave-one-out cross-validation chooses.
    Raises ValueError or TypeError if n0 < 2 or a lam is not > 0.
    """
    from sklearn.linear_model import RidgeCV

    population = instance("population", population, Population)
    n0 = whole_number("n0", n0, low=2)
    lam = np.atleast_1d(real_array("lam", lam, low=0, low_is_allowed=False))
    rows = np.random.default_rng(seed).integers(len(population.x), size=n0)
    model = RidgeCV(alphas=n0 * lam, fit_intercept=False)
    return model.fit(population.x[rows], population.y[rows]).coef_.T


def feature_labels(features, x, y, n0, lam, images):
    """Soft labels (len(n0), N, k) for ``images`` (N, inputs): answers of ridge regressions on the first n0 rows of x, y.

    features : RandomFeatures of the labeller.  x (R, inputs), y (R, k), n0 : increasing.  lam : as in feature_ridge.
    The larger n0, the better the labels. Raises what feature_ridge raises.
    """
    return feature_ridge(features, x, y, n0, real_number("lam", lam), images)[:, 0]


def hard(labels):
    """The decision behind soft ``labels`` (..., N, k): one-hot vectors of the largest entry."""
    labels = real_array("labels", labels)
    if labels.ndim < 2:
        raise ValueError(f"labels must have shape (..., N, k), one row for each image, got {labels.shape}")
    return np.eye(labels.shape[-1])[labels.argmax(axis=-1)]


def mixed(real, synthetic, p2, seed):
    """Targets (n, len(p2), q, k) for students of mixtures: real labels (n, k), and in a share p2 of the rows synthetic ones.

    synthetic : (q, n, k), labels of q labellers.  p2 : shares in [0, 1].
    Row i is synthetic if frac(u + i (sqrt 5 - 1)/2) < p2, u uniform from the seed: rows that are synthetic at one share are
    so at every larger one, and the first n rows hold the share p2 up to a few rows, for every n. The images must be in
    random order. Raises ValueError or TypeError naming the argument.
    """
    real, synthetic = real_array("real", real, ndim=2), real_array("synthetic", synthetic, ndim=3)
    if synthetic.shape[1:] != real.shape:
        raise ValueError(f"synthetic must have the shape (q, {real.shape[0]}, {real.shape[1]}), got {synthetic.shape}")
    p2 = np.atleast_1d(real_array("p2", p2, low=0, high=1))
    start = np.random.default_rng(whole_number("seed", seed, low=0)).random()
    place = (start + np.arange(len(real)) * (np.sqrt(5) - 1) / 2) % 1
    chosen = place[:, None] < p2
    return np.where(chosen[:, :, None, None], synthetic.swapaxes(0, 1)[:, None], real[:, None, None])
