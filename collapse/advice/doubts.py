"""Where the rows visibly are not what the theory assumes: simple tests with stated thresholds.

A warning needs evidence, a chance below CHANCE if the assumption held (rows being Gaussian), and an effect of a size that
matters. All residuals are those of least squares, so a sample needs SPARE more rows than what is fitted to it.
"""

import numpy as np
from scipy import stats

CHANCE = 1e-3
EFFECT = 0.02  # share of a variance that is explained
SPREAD = 0.2  # relative difference of variances
TAILS = 1.0  # excess kurtosis
SPARE = 20
MOST_ROWS = 10_000  # evenly spaced rows of a larger sample are enough to see an effect of this size


def doubts(real, synthetic):
    """Warnings, as a tuple of texts, for two samples (X, y) that were checked."""
    (x1, _), (x2, _) = real, synthetic = thinned(real), thinned(synthetic)
    found = []
    found.extend(_of_few_rows(*x1.shape))
    spread, chance = different_covariances(x1, x2)
    if chance < CHANCE and spread > SPREAD:
        found.append(
            f"different inputs: the variances of real and synthetic rows differ by {100 * spread:.0f} %, root mean square "
            f"over directions (warned above {100 * SPREAD:.0f} %)"
        )
    for name, (x, y) in (("real", real), ("synthetic", synthetic)):
        if len(y) >= x.shape[1] + 1 + SPARE:
            found.extend(_of_residuals(name, x, y))
    return tuple(found)


def seen(quality):
    """A warning where the labels agree better than two independent noises let them: all of the interval of c2 is below zero.

    An honest generator gets it once in 40 times at most, and then loses no more than what its rows would have saved.
    """
    if quality.interval()[1] < 0:
        yield (
            "seen rows: synthetic labels agree with real ones better than the noise of both allows; if their generator has "
            "seen these real rows, no predicted error holds. Take real rows that it has not seen"
        )


def _of_few_rows(n1, d):
    spare = n1 - d - 1
    if spare <= 0:
        yield (
            f"few real rows: n1 = {n1} for d = {d} columns and an intercept; sigma1^2 is taken to equal sigma2^2, and that "
            "cannot be checked"
        )
    elif spare < SPARE:
        yield (
            f"few real rows: n1 = {n1} leaves {spare} for the noise (warned below {SPARE}); predicted errors are then "
            "mostly too small, by a fifth to a half, and what the careful weight saves is less sure than its interval says"
        )


def _of_residuals(name, x, y):
    basis = _basis(
        np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), np.finfo(float).tiny)])
    )
    fit, leverage = basis @ (basis.T @ y), np.sum(basis**2, axis=1)
    residual = y - fit
    if np.mean(residual**2) <= 1e-18 * np.mean(y**2):
        return  # no noise at all: nothing to see but rounding
    studentised = residual / np.sqrt(np.maximum(1 - leverage, 1e-6))
    kurtosis, chance = heavy(studentised)
    if chance < CHANCE and kurtosis > TAILS:
        yield f"heavy tails: {name} residuals have an excess kurtosis of {kurtosis:.1f} (warned above {TAILS:g})"
    share, chance = uneven_noise(studentised, fit, leverage)
    if chance < CHANCE and share > EFFECT:
        yield (
            f"uneven noise: size of the fit and distance from the centre explain {100 * share:.0f} % of the variance of the "
            f"squared {name} residuals (warned above {100 * EFFECT:.0f} %)"
        )
    share, chance = curved(x, fit, basis, residual)
    if chance < CHANCE and share > EFFECT:
        yield (
            f"curved signal: squares of the columns and of the fit explain {100 * share:.0f} % of the variance of the "
            f"{name} residuals (warned above {100 * EFFECT:.0f} %)"
        )


def different_covariances(x1, x2):
    """Root mean squared relative difference of variances over directions, without what chance adds, and its chance.

    With both covariances C_k measured, tr (C^-1 (C1 - C2))^2 has the mean d(d + 1) v and the variance 4 d(d + 1) v^2 in
    the limit of many Gaussian rows, v = 1/n1 + 1/n2.
    """
    x1, x2 = x1 - x1.mean(axis=0), x2 - x2.mean(axis=0)
    n1, n2 = len(x1) - 1, len(x2) - 1
    scale = np.maximum(np.sqrt(np.mean(x1**2, axis=0) + np.mean(x2**2, axis=0)), np.finfo(float).tiny)
    one, two = ((x / scale).T @ (x / scale) / n for x, n in ((x1, n1), (x2, n2)))
    values, vectors = np.linalg.eigh((n1 * one + n2 * two) / (n1 + n2))
    white = vectors[:, values > 1e-9] / np.sqrt(values[values > 1e-9])
    v, d = 1 / n1 + 1 / n2, white.shape[1]
    excess = np.sum((white.T @ (one - two) @ white) ** 2) - d * (d + 1) * v
    return np.sqrt(max(excess / d, 0.0)), stats.norm.sf(excess / (2 * v * np.sqrt(d * (d + 1))))


def heavy(residual):
    """Excess kurtosis, and the chance of so large a one for Gaussian residuals."""
    kurtosis = float(stats.kurtosis(residual))
    return kurtosis, stats.norm.sf(kurtosis / np.sqrt(24 / len(residual)))


def uneven_noise(residual, fit, leverage):
    """Share of the variance of squared residuals that fit, fit^2 and leverage explain (Koenker's test), and its chance."""
    square, n = residual**2, len(residual)
    centred = square - square.mean()
    share, rank = _explained(np.column_stack([fit, fit**2, leverage]), np.full((n, 1), n**-0.5), centred)
    return max(share - rank / n, 0.0), stats.chi2.sf(n * share, rank) if rank else 1.0


def curved(x, fit, basis, residual):
    """Share of the variance of the residuals that squares explain (an F test), and its chance; x (n, d)."""
    n, used = basis.shape
    x = x - x.mean(axis=0)
    squares = np.column_stack([fit**2, fit**3, x**2 if n >= 2 * used + SPARE else np.sum(x**2, axis=1)])
    share, rank = _explained(squares, basis, residual)
    spare = n - used - rank
    if not rank or spare <= 0:
        return 0.0, 1.0
    by_chance = rank / (n - used)
    ratio = share / rank / max((1 - share) / spare, np.finfo(float).tiny)
    return max((share - by_chance) / (1 - by_chance), 0.0), stats.f.sf(ratio, rank, spare)


def _explained(columns, basis, target):
    """Share of ``target`` (n,), which is orthogonal to ``basis``, that the columns explain beyond it, and their rank."""
    scale = np.std(columns, axis=0)
    columns = (columns - columns.mean(axis=0))[:, scale > 0] / scale[scale > 0]
    more = _basis(columns - basis @ (basis.T @ columns))
    return float(np.sum((more.T @ target) ** 2) / np.sum(target**2)), more.shape[1]


def _basis(columns):
    """An orthonormal basis of what the columns (n, k), of length about sqrt(n), span."""
    values, vectors = np.linalg.eigh(columns.T @ columns / len(columns))
    kept = values > 1e-9
    return columns @ (vectors[:, kept] / np.sqrt(values[kept] * len(columns)))


def thinned(sample):
    """MOST_ROWS rows (X, y) at most, evenly spaced."""
    step = -(-len(sample[1]) // MOST_ROWS)
    return tuple(part[::step] for part in sample)
