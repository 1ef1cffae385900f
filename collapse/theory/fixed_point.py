"""The effective ridge kappa and the degrees of freedom (chapter "Ridge without synthetic data").

kappa solves  kappa (1 - df1(kappa)/n) = lam.  The left side is convex and grows wherever it is positive, so
Newton's method from any point right of the root walks down to it and never passes it. A table of df1 on a
geometric grid, shared by all (n, lam), puts the start within a factor of GRID_RATIO of the root.
"""

import numpy as np

from ..checks import broadcast, real_array, whole_number

GRID_RATIO = 1.25
MAX_STEPS = 30
CACHE_DOUBLES = 1 << 14  # work in blocks that stay in a core's cache


class Spectrum:
    """The distinct positive eigenvalues ``s`` (g,), how often each occurs, and sums of weights over each."""

    def __init__(self, spectrum):
        self._positive = spectrum > 0
        self.s, self._group = np.unique(spectrum[self._positive], return_inverse=True)
        self.count = np.bincount(self._group).astype(float)
        self.rank = float(self.count.sum())
        self.trace = float(self.s @ self.count)

    def grouped(self, weights):
        """(d,) weights summed over equal eigenvalues, (g,)."""
        return np.bincount(self._group, weights=weights[self._positive])

    def shares(self, kappa):
        """For kappa (k,): what is learned, s/(s+kappa), and what is missed, kappa/(s+kappa), both (k, g)."""
        missed = 1.0 / (kappa[:, None] + self.s)
        learned = missed * self.s
        missed *= kappa[:, None]
        return learned, missed

    def blocks(self, size):
        """Slices that cut ``size`` values of kappa into blocks that stay in cache."""
        step = max(1, CACHE_DOUBLES // self.s.size)
        return [slice(start, start + step) for start in range(0, size, step)]

    def in_blocks(self, kappa, functionals):
        """``functionals(learned, missed)`` -> (k, f), evaluated block by block for kappa (p,)."""
        return np.concatenate([functionals(*self.shares(kappa[block])) for block in self.blocks(kappa.size)])


def checked_spectrum(spectrum):
    """``spectrum`` (d,) as a Spectrum, or an error that names it."""
    array = real_array("spectrum", spectrum, low=0, ndim=1)
    if not array.any():
        raise ValueError("spectrum must have a positive entry, got zeros only")
    return Spectrum(array)


def df(spectrum, kappa, order=1):
    """Degrees of freedom, sum_j (s_j/(s_j + kappa))^order.

    Parameters
    ----------
    spectrum : (d,) eigenvalues of Sigma, >= 0; unit [x]^2.
    kappa : effective ridge >= 0, any shape; unit [x]^2.
    order : whole number >= 1.

    Returns an array of the shape of kappa, between 0 and the rank of Sigma.
    """
    spectrum = checked_spectrum(spectrum)
    kappa = real_array("kappa", kappa, low=0)
    order = whole_number("order", order, low=1)
    values = spectrum.in_blocks(kappa.ravel(), lambda learned, missed: learned**order @ spectrum.count)
    return values.reshape(kappa.shape)[()]


def fixed_point(spectrum, n, lam):
    """The effective ridge kappa: the root of kappa (1 - df1(kappa)/n) = lam with df1(kappa) <= n.

    Parameters
    ----------
    spectrum : (d,) eigenvalues of Sigma, >= 0; unit [x]^2.
    n : number of rows, > 0.
    lam : ridge, >= 0; lam = 0 is the ridgeless limit: kappa = 0 if n >= rank Sigma, else df1(kappa) = n. Unit [x]^2.
    n and lam broadcast.

    Returns an array of the broadcast shape; unit [x]^2.

    Implements: prop-fixed-point (chapter "Ridge without synthetic data").
    """
    spectrum = checked_spectrum(spectrum)
    n, lam = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), lam=real_array("lam", lam, low=0))
    return solve(spectrum, n.ravel(), lam.ravel()).reshape(n.shape)[()]


def solve(spectrum, n, lam):
    """kappa (p,) for n (p,) and lam (p,), already checked."""
    kappa = np.zeros(n.size)
    positive = (lam > 0) | (n < spectrum.rank)
    if positive.any():
        n, lam = n[positive], lam[positive]
        start = _right_of_root(spectrum, n, lam)
        kappa[positive] = np.concatenate(
            [_newton(spectrum, n[block], lam[block], start[block]) for block in spectrum.blocks(n.size)]
        )
    return kappa


def _right_of_root(spectrum, n, lam):
    """A point in [root, GRID_RATIO root] for each (n, lam)."""
    lowest = np.maximum(lam, spectrum.s[0] * (spectrum.rank / n - 1)).min()
    highest = (lam + spectrum.trace / n).max()
    steps = int(np.ceil(np.log(highest / lowest) / np.log(GRID_RATIO)))
    grid = lowest * GRID_RATIO ** np.arange(steps + 2.0)
    table = spectrum.in_blocks(
        grid, lambda learned, missed: np.stack([learned @ spectrum.count, missed @ spectrum.count], axis=1)
    )
    first, last = np.zeros(n.size, dtype=int), np.full(n.size, grid.size - 1)
    while (first < last).any():
        middle = (first + last) // 2
        right = grid[middle] * _rows_to_spare(spectrum, n, *table[middle].T) >= n * lam
        first, last = np.where(right, first, np.minimum(middle + 1, last)), np.where(right, middle, last)
    return grid[last]


def _rows_to_spare(spectrum, n, learned, missed):
    """n - df1 from the smaller of two sums, for its rounding: learned = df1, missed = rank - df1."""
    return np.where(learned < missed, n - learned, (n - spectrum.rank) + missed)


def _newton(spectrum, n, lam, kappa):
    for _ in range(MAX_STEPS):
        inverse = 1.0 / (kappa[:, None] + spectrum.s)
        learned = inverse * spectrum.s
        spare = _rows_to_spare(spectrum, n, learned @ spectrum.count, kappa * (inverse @ spectrum.count))
        learned *= inverse
        step = (spare - n * lam / kappa) / (spare + kappa * (learned @ spectrum.count))
        kappa = kappa * (1 - step)
        if np.abs(step).max() < 1e-8:
            return kappa
    raise ArithmeticError(f"kappa did not settle in {MAX_STEPS} steps; please report spectrum, n and lam")
