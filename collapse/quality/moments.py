"""c2 from products of rows, when there are fewer rows than columns (chapter "Measuring quality, deciding")."""

import numpy as np

from ..checks import real_array
from .law import Law
from .result import Quality
from .samples import enough_rows, independent_columns, samples, times

ROUNDING = 1e-14  # relative to the largest eigenvalue: one that rounding could have made


def u_statistic(real, synthetic, *, covariance=None, pool=None):
    """c2 from the mean products of different rows; the noises are unknown, and fewer rows than columns are enough.

        c2 = U11 + U22 - 2 U12,   U_kl = mean over i != j of  y_i y_j x_i' Sigma^-1 x_j   (i in sample k, j in l)

    Unbiased for any law of the rows with E[x x'] = Sigma in both samples. With an unlabelled ``pool`` of N Gaussian rows,
    (N - d - 1) (pool' pool)^-1 takes the place of Sigma^-1, and the estimate remains unbiased. Both labels contain the
    real signal, which is noise to this estimator: subtract a prediction of y, from a model that was fitted to other rows,
    from the labels of both samples, and the estimate scatters less. The standard error and the interval take rows and
    noise to be Gaussian; with few rows and a large c2 they are wider than they need be.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y]; n_k >= 2.
    covariance : (d, d) Sigma = E[x x'], positive definite; unit [x]^2.
    pool : (N, d) rows, N >= d + 4: below, the estimate has no variance. Give covariance or pool.

    Returns a Quality, which does not know the noises.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-u-statistic (chapter "Measuring quality, deciding").
    """
    real, synthetic = samples(real, synthetic)
    d = real[0].shape[1]
    enough_rows("real", real[0], 2)
    enough_rows("synthetic", synthetic[0], 2)
    if (covariance is None) == (pool is None):
        raise ValueError("give covariance or pool, " + ("got neither" if covariance is None else "not both"))
    if pool is None:
        covariance = real_array("covariance", covariance, ndim=2)
        if covariance.shape != (d, d):
            raise ValueError(f"covariance must have shape {(d, d)}, got {covariance.shape}")
        if not np.allclose(covariance, covariance.T, rtol=1e-8, atol=0):
            raise ValueError("covariance must be symmetric")
        eigenvalues = np.linalg.eigvalsh(covariance)
        if eigenvalues[0] <= ROUNDING * eigenvalues[-1]:
            raise ValueError("covariance must be positive definite")
        return stacked_u_statistic(real, synthetic, covariance)
    pool = real_array("pool", pool, ndim=2)
    if pool.shape[1] != d:
        raise ValueError(f"pool must have as many columns as real X ({d}), got {pool.shape[1]}")
    if len(pool) < d + 4:
        raise ValueError(f"pool must have at least d + 4 = {d + 4} rows, got {len(pool)}")
    gram = pool.T @ pool
    independent_columns("pool", gram)
    return stacked_u_statistic(real, synthetic, gram / (len(pool) - d - 1), len(pool))


def stacked_u_statistic(real, synthetic, covariance, pool=np.inf):
    """``u_statistic`` of many pairs of samples at once: X (..., n_k, d), y (..., n_k), covariance (..., d, d).

    pool : number of rows that ``covariance`` was made from.
    """
    d = covariance.shape[-1]
    inverse = np.linalg.inv(covariance)
    (n1, mean1, own1, size1, squared1), (n2, mean2, own2, size2, squared2) = (
        _products(*each, inverse) for each in (real, synthetic)
    )
    cross = np.sum(mean1 * times(inverse, mean2), axis=-1)
    signal1, signal2 = np.maximum(own1, 0.0), np.maximum(own2, 0.0)
    # Gaussian rows: Sigma^-1/2 x y has covariance t I + m m', t = E y^2, m = Sigma^1/2 w; a pool makes it noisier
    inflation, drift = 1.0, 0.0
    if np.isfinite(pool):
        inflation = (pool - 1) * (pool - d - 1) / ((pool - d) * (pool - d - 3))
        drift = 2 / (pool - d - 3)
    square1, square2 = d * squared1 + (2 * size1 + signal1) * signal1, d * squared2 + (2 * size2 + signal2) * signal2
    both = d * size1 * size2 + size1 * signal2 + size2 * signal1 + cross**2
    noisy, gap = size1 / n1 + size2 / n2, signal2 - signal1
    pairs = 2 * square1 / (n1 * (n1 - 1)) + 2 * square2 / (n2 * (n2 - 1)) + 4 * both / (n1 * n2)
    return Quality(
        c2=own1 + own2 - 2 * cross,
        d=d,
        estimator="u_statistic",
        why=f"n1 = {n1}, n2 = {n2}, d = {d}, "
        + (f"{pool} unlabelled rows" if np.isfinite(pool) else "the covariance of the rows is known")
        + "; any noises",
        law=Law(
            variance=(
                inflation * pairs + gap**2 * (1 / n1 + 1 / n2),
                4 * inflation * noisy + 2 * gap * (1 / n2 - 1 / n1),
                1 / n1 + 1 / n2 + drift,
            ),
            third=(8 * d * (inflation * noisy) ** 3, 24 * (inflation * noisy) ** 2, 0.0, 0.0),
            noise=0.0,
            spare=np.inf,
        ),
    )


def _products(x, y, inverse):
    """Of one sample: n, mean of y x (..., d); mean product of two rows, mean of y^2, mean product of two y^2 (...)."""
    n = x.shape[-2]
    z = x * y[..., None]
    total, size = z.sum(axis=-2), np.sum(y**2, axis=-1)
    alone = np.sum(inverse * (np.swapaxes(z, -1, -2) @ z), axis=(-1, -2))  # the terms i = j
    own = np.sum(total * times(inverse, total), axis=-1) - alone
    pairs = n * (n - 1)
    return n, total / n, own / pairs, size / n, (size**2 - np.sum(y**4, axis=-1)) / pairs
