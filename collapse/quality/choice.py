"""Which estimator of c2 applies (chapter "Measuring quality, deciding")."""

from dataclasses import replace

import numpy as np

from .fits import holdout_of, ols_of
from .moments import u_statistic
from .ridge import LeftOut, compared
from .samples import Labelled, samples

RIDGES = np.logspace(-4, 1, 11)  # in units of the mean eigenvalue


def estimate(real, synthetic, *, covariance=None, pool=None):
    """c2 by the estimator that applies, the one that assumes least first; ``why`` says which and for what reason.

    1. ols, if both samples have more rows than columns.
    2. u_statistic, if covariance or pool is given.
    3. holdout, if the synthetic sample has more rows than columns: the noises must be equal.
    4. holdout with real and synthetic in each other's place, if the real sample has. Real and synthetic rows must also have
       one covariance.
    5. leave_one_out, with the ridge for which the standard error of c2 = 0 is the smallest: the shift must be as there.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y].
    covariance, pool : as in u_statistic; used in case 2 only.

    Returns a Quality.

    Raises ValueError or TypeError naming the argument; ValueError where nothing applies.
    """
    real, synthetic = samples(real, synthetic)
    (n1, d), n2 = real[0].shape, len(synthetic[0])
    if (covariance is None and pool is None) or (n1 > d and n2 > d + 1):
        found = least_squares(Labelled(*real), Labelled(*synthetic))
        if found is not None:
            return found
    few = _few(n1, n2, d)
    if covariance is not None or pool is not None:
        given = "the covariance of the rows" if pool is None else "a pool of unlabelled rows"
        return _because(f"{few}, and there is {given}", u_statistic(real, synthetic, covariance=covariance, pool=pool))
    fits = [LeftOut.of(*synthetic, lam * np.mean(synthetic[0] ** 2)) for lam in RIDGES]
    found = [compared(real, each) for each in fits if 2 * each.df1 > d]
    if found:
        return _because(f"{few}, but n2 is more than d/2", min(found, key=lambda each: each.law.stderr(0.0)))
    raise ValueError(
        f"real and synthetic X must have more rows: n1 = {n1}, n2 = {n2} and d = {d} is enough only with the covariance of "
        "the rows or an unlabelled pool of them"
    )


def least_squares(real, synthetic):
    """c2 from two Labelled samples in cases 1, 3 and 4 of ``estimate``; None where both have too few rows."""
    n1, n2, d = real.n, synthetic.n, real.d
    if n1 > d and n2 > d + 1:
        return _because("each sample has more rows than columns", ols_of(real, synthetic))
    few = _few(n1, n2, d)
    if n2 > d + 1:
        return _because(f"{few}, the synthetic rows are", holdout_of(real, synthetic))
    if n1 > d + 1:
        return _because(f"{few}, the real rows are; the samples change places", holdout_of(synthetic, real))
    return None


def _few(n1, n2, d):
    return f"n1 = {n1} and n2 = {n2} are not both more than d = {d}"


def _because(reason, found):
    return replace(found, why=f"{reason}; {found.why}")
