"""Who writes the synthetic labels. Serves "A first look, on digits"."""

import numpy as np

from ..checks import instance, real_array, whole_number
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
