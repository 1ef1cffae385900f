"""c2 from ridge fits to the synthetic rows, when nothing else applies (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass

import numpy as np

from ..checks import real_number
from .fits import held_out_law
from .law import Law
from .result import Quality
from .samples import enough_rows, samples, times


def leave_one_out(real, synthetic, lam):
    """c2 from how much worse ridge fits to synthetic rows predict real labels than synthetic ones they have not seen.

        c2 = mean over j of [mean (y1 - X1 w2(-j))^2 - (y2_j - x2_j.w2(-j))^2] / (2 df1/d - 1)

    with w2(-j) the ridge fit without row j, and df1 the mean trace of the hat matrices of these fits. In the limit of
    many rows the bracket has the mean

        sigma1^2 - sigma2^2 + tr(Delta Sigma (Sigma - kappa) (Sigma + kappa)^-1).

    For equal noises, and a shift Delta in proportion to Sigma^-1, as that of a generator that was itself fitted to data,
    its mean is c2 (2 df1/d - 1), exactly and for any rows. For another shift the estimate is too large where Delta
    prefers large eigenvalues, too small where it prefers small ones. The standard error and the interval take rows and
    noise to be Gaussian. With n2 < d they are wider than they need be, as the bias of the fits is then not to be had.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y]; n1 >= 1, n2 >= d/2 + 2.
    lam : ridge of the fit (1/n2) |y2 - X2 w|^2 + lam |w|^2, > 0; unit [x]^2. So small that df1 is more than d/2.

    Returns a Quality, which does not know the noises.

    Raises ValueError or TypeError naming the argument; also where df1 <= d/2.

    Implements: prop-loo-quality (chapter "Measuring quality, deciding").
    """
    real, synthetic = samples(real, synthetic)
    d = real[0].shape[1]
    enough_rows("synthetic", synthetic[0], d // 2 + 2, "d // 2 + 2")
    fits = LeftOut.of(*synthetic, real_number("lam", lam, low=0, low_is_allowed=False))
    if 2 * fits.df1 <= d:
        raise ValueError(f"lam must be so small that df1 > d/2 = {d / 2:g}, got {lam:g}, with df1 = {fits.df1:.3g}")
    return compared(real, fits)


def compared(real, fits):
    """``leave_one_out`` from the ``fits`` to the synthetic rows; X (..., n1, d), y (..., n1)."""
    (x, y), n2 = real, fits.left_out.shape[-1]
    n1, d = x.shape[-2:]
    part = 2 * fits.df1 / d - 1
    error = np.mean(fits.left_out**2, axis=-1)
    excess = error * fits.learned + np.minimum(fits.bias, error * (1 - fits.learned))  # of error over the noise
    law = held_out_law(error, n1, n2 * (1 - fits.learned), fits.learned, met=excess / d)
    return Quality(
        c2=(fits.error(x, y) - error) / part,
        d=d,
        estimator="leave_one_out",
        why=f"n1 = {n1}, n2 = {n2}, d = {d}, lam = {fits.lam:.3g}; equal noises, Delta in proportion to Sigma^-1",
        law=Law(
            variance=tuple(each * part ** (k - 2) for k, each in enumerate(law.variance)),
            third=tuple(each * part ** (k - 3) for k, each in enumerate(law.third)),
            noise=law.noise / part,
            spare=law.spare,
        ),
    )


@dataclass(frozen=True)
class LeftOut:
    """Ridge fits to rows (..., n, d) and labels (..., n), and what becomes of them when a row is left out.

    lam : ridge.
    weights : (..., d).
    left_out : (..., n) leave-one-out residuals.
    step, steps : (..., d), (..., d, d) first and second moments, over the rows, of the weights less those without the row.
    df1 : (...) mean trace of the hat matrix of the fits without one row.
    learned : (...) df2/n.
    bias : (...) error of the mean weights; inf where it is not to be had, n < d.
    """

    lam: float
    weights: np.ndarray
    left_out: np.ndarray
    step: np.ndarray
    steps: np.ndarray
    df1: np.ndarray
    learned: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, x, y, lam):
        n, d = x.shape[-2:]
        transposed, ridge = np.swapaxes(x, -1, -2), n * lam
        if n < d:
            inverse = np.linalg.inv(x @ transposed + ridge * np.eye(n))
            solved, residuals = inverse @ x, ridge * times(inverse, y)
            kept = ridge * np.diagonal(inverse, axis1=-2, axis2=-1)  # diagonal of I - H, H the hat matrix
            missed = kept.sum(axis=-1)
            missed_twice = ridge**2 * np.sum(inverse**2, axis=(-1, -2))  # tr (I - H)^2
        else:
            gram = transposed @ x
            inverse = np.linalg.inv(gram + ridge * np.eye(d))
            hat, solved = inverse @ gram, x @ inverse
            residuals = y - times(x, times(inverse, times(transposed, y)))
            kept = 1 - np.einsum("...ij,...ij->...i", solved, x)
            missed = kept.sum(axis=-1)
            missed_twice = 2 * missed - n + np.sum(hat * np.swapaxes(hat, -1, -2), axis=(-1, -2))
        left_out, weights = residuals / kept, times(np.swapaxes(solved, -1, -2), y)
        by_row = ridge * np.mean(np.einsum("...ij,...ij->...i", solved, solved) / kept, axis=-1)  # what a row adds to df1
        kappa = lam * n / missed
        solved *= left_out[..., None]  # now the steps of the weights
        return cls(
            lam=lam,
            weights=weights,
            left_out=left_out,
            step=solved.mean(axis=-2),
            steps=np.swapaxes(solved, -1, -2) @ solved / n,
            df1=n - missed - by_row,
            learned=1 - missed**2 / (n * missed_twice),
            bias=n * kappa**2 * np.sum(weights * times(inverse, weights), axis=-1) if n >= d else np.inf,
        )

    def error(self, x, y):
        """Mean squared residual of other labels y (..., n1) of rows x (..., n1, d) under the fits without one row."""
        residuals = y - times(x, self.weights)
        gram = np.swapaxes(x, -1, -2) @ x / x.shape[-2]
        cross = np.mean(residuals * times(x, self.step), axis=-1)
        return np.mean(residuals**2, axis=-1) + 2 * cross + np.sum(gram * self.steps, axis=(-1, -2))
