"""c2 from least-squares fits: to both samples, or to the synthetic one alone (chapter "Measuring quality, deciding")."""

import numpy as np

from .law import Law
from .result import Noise, Quality
from .samples import Fit, Labelled, enough_rows, samples, times

TINY = np.finfo(float).tiny


def ols(real, synthetic):
    """c2 from the difference of two least-squares fits; the noises are unknown and need not be equal.

        c2 = |X1 (w2 - w1)|^2/n1 - s1^2 d/n1 - s2^2 tr((X2'X2)^-1 X1'X1)/n1,   s_k^2 = RSS_k/(n_k - d)

    Its mean for given rows is |X1 delta|^2/n1, if both teachers are linear and the noises are independent, with mean zero
    and one variance in each sample. So it is unbiased for any law of the rows, and where real and synthetic rows differ it
    is c2 on real rows. A curved teacher, or noise that depends on the row, adds a bias of order 1/n1 + 1/n2. The standard
    error and the interval take rows and noise to be Gaussian; with one or two columns and a small c2 the interval is wider
    than it need be.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y]; n1 >= d + 1, n2 >= d + 2.
        There is no intercept: centre X and y, or give X a column of ones.

    Returns a Quality.

    Raises ValueError or TypeError naming the argument: too few rows, columns that depend on each other.

    Implements: prop-ols-quality, prop-visible-shift (chapter "Measuring quality, deciding").
    """
    real, synthetic = samples(real, synthetic)
    d = real[0].shape[1]
    enough_rows("real", real[0], d + 1, "d + 1")
    enough_rows("synthetic", synthetic[0], d + 2, "d + 2")
    return ols_of(Labelled(*real), Labelled(*synthetic))


def ols_of(real, synthetic):
    """``ols`` of two Labelled samples, or of many pairs of them at once."""
    one, two = Fit.of("real", real), Fit.of("synthetic", synthetic)
    n1, d, n2 = real.n, real.d, synthetic.n
    root = np.linalg.cholesky(one.gram / n1)
    transposed = np.swapaxes(root, -1, -2)
    spread, basis = np.linalg.eigh(transposed @ np.linalg.solve(two.gram, root))
    square = times(np.swapaxes(basis, -1, -2), times(transposed, two.weights - one.weights)) ** 2
    noisy = one.noise[..., None] / n1 + two.noise[..., None] * spread  # variance of each coordinate of the difference
    total = noisy.sum(axis=-1)
    met = np.sum(square * noisy, axis=-1) / np.maximum(square.sum(axis=-1), TINY)  # and in its direction
    own, other = one.noise * d / n1, two.noise * spread.sum(axis=-1)
    return Quality(
        c2=square.sum(axis=-1) - total,
        d=d,
        estimator="ols",
        why=f"n1 = {n1} and n2 = {n2} are more than d = {d}; the noises may differ",
        law=Law(
            variance=(2 * np.sum(noisy**2, axis=-1), 4 * met, 2 / n1),
            third=(8 * np.sum(noisy**3, axis=-1), 24 * met**2, 24 * met / n1, 8 / n1**2),
            noise=total,
            spare=total**2 / (own**2 / one.spare + other**2 / two.spare),
        ),
        noise=(Noise(one.noise, one.spare), Noise(two.noise, two.spare)),
    )


def holdout(real, synthetic):
    """c2 from how badly a least-squares fit to the synthetic rows predicts the real labels; both noises are equal.

        c2 = mean (y1 - X1 w2)^2 - s2^2 (1 + tr((X2'X2)^-1 X1'X1)/n1),   s2^2 = RSS_2/(n2 - d)

    Unbiased for any law of the rows if both teachers are linear and all noises have one variance: with n1 <= d rows,
    sigma1^2 cannot be told from c2. The standard error and the interval take rows and noise to be Gaussian, with one
    covariance of the rows, and n2 - d to be 10 or more.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y]; n1 >= 1, n2 >= d + 2.

    Returns a Quality; its two noises are one and the same.

    Raises ValueError or TypeError naming the argument: too few rows, columns that depend on each other.

    Implements: prop-holdout-quality (chapter "Measuring quality, deciding").
    """
    real, synthetic = samples(real, synthetic)
    enough_rows("synthetic", synthetic[0], real[0].shape[1] + 2, "d + 2")
    return holdout_of(Labelled(*real), Labelled(*synthetic))


def holdout_of(real, synthetic):
    """``holdout`` of two Labelled samples, or of many pairs of them at once."""
    two = Fit.of("synthetic", synthetic)
    n1, d, n2 = real.n, real.d, synthetic.n
    leverage = np.sum(np.linalg.inv(two.gram) * real.gram, axis=(-1, -2)) / n1  # the mean over real rows
    error = two.noise * (1 + leverage)
    noise = Noise(two.noise, two.spare)
    return Quality(
        c2=real.missed(two.weights) - error,
        d=d,
        estimator="holdout",
        why=f"the fit has {n2} rows, more than d + 1 = {d + 1}; equal noises",
        law=held_out_law(error, n1, two.spare, learned=d / (n2 - 1), met=two.noise * leverage / d),
        noise=(noise, noise),
    )


def held_out_law(error, n1, spare, learned, met):
    """The law of the mean of n1 squared residuals, less ``error``.

    The n1 residuals are Gaussian with variance sigma1^2 + m, and m, the mean squared difference between prediction and
    truth, varies from fit to fit.

    error : measured variance of a residual without shift, from ``spare`` degrees of freedom.
    learned : share of the rows that the fit spends, u.
    met : variance of the fit in the direction of the shift.
    """
    variance, by_shift = 2 * error**2 * learned / spare, 4 * met  # of m, without shift and for each unit of c2
    skew, skew_by_shift = 8 * error**3 * learned * (1 + learned) / spare**2, 24 * met**2 / (1 - learned)
    return Law(
        variance=(2 * error**2 / n1 + variance, 4 * error / n1 + by_shift, 2 / n1),
        third=(
            8 * error**3 / n1**2 + 12 * error * variance / n1 + skew,
            24 * error**2 / n1**2 + 12 * (error * by_shift + variance) / n1 + skew_by_shift,
            24 * error / n1**2 + 12 * by_shift / n1,
            8 / n1**2,
        ),
        noise=error,
        spare=spare,
    )
