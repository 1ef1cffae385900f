"""The effective ridge kappa and the degrees of freedom (chapters "Ridge without synthetic data", "Random projections").

Without projections kappa solves  kappa (1 - df1/n) = lam,  with m random projections

    (n - df1) (m - df1) = lam d n / kappa.

Both say that the rows to spare, N - df1 with N = min(n, m), are a known function rho(kappa): the only nonnegative root
of a quadratic. Taking that root leaves no spurious kappa, and kappa (N - df1 - rho) is convex and grows wherever it is
positive, so Newton's method from any point right of the root walks down to it. It starts close: df1 depends on kappa
alone, so a table of it on a geometric grid, interpolated, serves all points.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import broadcast, real_array, whole_number

GRID_RATIO = 1.1
MAX_STEPS = 30
TABLE_STEPS = 4
TINY = np.finfo(float).tiny  # nothing over nothing is nothing
CACHE_DOUBLES = 1 << 14  # work in blocks that stay in a core's cache


class Spectrum:
    """The distinct positive eigenvalues ``s`` (g,), how often each occurs, and sums of weights over each."""

    def __init__(self, spectrum):
        self._positive = spectrum > 0
        self.s, self._group = np.unique(spectrum[self._positive], return_inverse=True)
        self.count = np.bincount(self._group).astype(float)
        self.rank = float(self.count.sum())
        self.trace = float(self.s @ self.count)
        self._moments = np.stack([self.s * self.count, self.count], axis=1)

    def grouped(self, weights):
        """(d,) weights summed over equal eigenvalues, (g,)."""
        return np.bincount(self._group, weights=weights[self._positive])

    def shares(self, kappa):
        """For kappa (k,): what is learned, s/(s+kappa), and what is missed, kappa/(s+kappa), both (k, g)."""
        missed = 1.0 / (kappa[:, None] + self.s)
        learned = missed * self.s
        missed *= kappa[:, None]
        return learned, missed

    def totals(self, kappa):
        """df1, rank - df1 and df1 - df2 for kappa (k,), as (3, k)."""
        totals = np.empty((3, kappa.size))
        for block in self.blocks(kappa.size):
            inverse = kappa[block, None] + self.s
            np.reciprocal(inverse, out=inverse)
            totals[:2, block] = (inverse @ self._moments).T
            inverse *= inverse
            totals[2, block] = inverse @ self._moments[:, 0]
        totals[1:] *= kappa
        return totals

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


def fixed_point(spectrum, n, lam, m=None):
    """The effective ridge kappa: the root of kappa (1 - df1(kappa)/n) = lam with df1(kappa) <= n.

    With m random projections: the root of kappa (m/d) (1 - df1/m) (1 - df1/n) = lam with df1 <= min(n, m).

    Parameters
    ----------
    spectrum : (d,) eigenvalues of Sigma, >= 0; unit [x]^2.
    n : number of rows, > 0.
    lam : ridge, >= 0; lam = 0 is the ridgeless limit: kappa = 0 if n (and m) >= rank Sigma, else df1(kappa) is the
        smaller of n and m. Unit [x]^2.
    m : number of random projections, > 0, inf allowed; None is the model without projections.
    n, lam and m broadcast.

    Returns an array of the broadcast shape; unit [x]^2.

    Implements: prop-fixed-point (chapter "Ridge without synthetic data"), def-projection-constants,
    prop-one-root (chapter "Random projections").
    """
    spectrum, d = checked_spectrum(spectrum), np.size(spectrum)
    return solve(spectrum, Sizes.checked(d, n, lam, m))[()]


@dataclass(frozen=True)
class Sizes:
    """Rows n, model size m and ridge, arrays of one shape; n and m have equal roles.

    m : inf without projections.
    ridge : lam d/m with projections, lam without.
    """

    n: np.ndarray
    m: np.ndarray
    ridge: np.ndarray

    @classmethod
    def checked(cls, d, n, lam, m=None, **others):
        """Sizes from arguments of a public function, which must broadcast with the others, or an error that names them."""
        arrays = dict(n=real_array("n", n, low=0, low_is_allowed=False), lam=real_array("lam", lam, low=0))
        if m is not None:
            arrays["m"] = model_size(m)
        broadcast(**arrays, **others)
        n, lam, *sizes = broadcast(**arrays)
        return cls(n, sizes[0], lam * d / sizes[0]) if sizes else cls(n, np.full(n.shape, np.inf), lam)

    def __getitem__(self, index):
        return Sizes(self.n[index], self.m[index], self.ridge[index])

    @property
    def few(self):
        return np.minimum(self.n, self.m)

    @property
    def many(self):
        return np.maximum(self.n, self.m)

    def spare(self, kappa, rank):
        """n - df1 and m - df1 at the root, without cancellation."""
        rho = np.where(kappa == 0, self.few - rank, self.rows_to_spare(np.where(kappa == 0, 1.0, kappa)))
        return self.n - self.few + rho, self.m - self.few + rho

    def rows_to_spare(self, kappa):
        """What few - df1 is at the root: the nonnegative rho of rho^2/many + rho (1 - few/many) = few ridge/kappa."""
        few, many = self.few, self.many
        slope = np.divide(many - few, many, out=np.ones(few.shape), where=many < np.inf)
        product = few * self.ridge / kappa
        return 2 * product / np.maximum(slope + np.sqrt(slope**2 + 4 * product / many), TINY)

    def slope(self, rho):
        """d rho/d log kappa."""
        return rho * (rho / np.maximum(self.many - self.few + 2 * rho, TINY)) - rho


def model_size(m):
    """m as an array of positive numbers, inf allowed, or an error that names it."""
    return real_array("m", m, low=0, low_is_allowed=False, inf_is_allowed=True)


def solve(spectrum, sizes):
    """kappa for Sizes that are already checked, of their shape."""
    shape = sizes.n.shape
    sizes = Sizes(sizes.n.ravel(), sizes.m.ravel(), sizes.ridge.ravel())
    kappa = np.zeros(sizes.n.size)
    positive = (sizes.ridge > 0) | (sizes.few < spectrum.rank)
    if positive.any():
        sizes = sizes[positive]
        kappa[positive] = _newton(spectrum, sizes, _near_root(spectrum, sizes))
    return kappa.reshape(shape)


def _near_root(spectrum, sizes):
    """The root to about eight digits, from a table of df1 on a geometric grid and cubics between its points."""
    few = sizes.few
    lowest = np.maximum(sizes.ridge, spectrum.s[0] * (spectrum.rank / few - 1)).min()
    highest = (sizes.ridge + spectrum.trace * (1 / few + 1 / sizes.many)).max()
    steps = int(np.ceil((np.log(highest) - np.log(lowest)) / np.log(GRID_RATIO)))
    grid = np.log(lowest) + np.log(GRID_RATIO) * np.arange(-1, steps + 2.0)
    table = spectrum.totals(np.exp(grid))

    def above(index):
        return _spare(spectrum, few, *table[:2, index]) >= sizes.rows_to_spare(np.exp(grid[index]))

    first, last = np.ones(few.size, dtype=int), np.full(few.size, grid.size - 1)
    while (first < last).any():
        middle = (first + last) // 2
        right = above(middle)
        first, last = np.where(right, first, np.minimum(middle + 1, last)), np.where(right, middle, last)

    width, left = grid[1] - grid[0], last - 1
    y0, y1 = (_spare(spectrum, few, *table[:2, index]) for index in (left, last))
    slope0, slope1 = width * table[2, left], width * table[2, last]
    curve = slope0 + slope1 - 2 * (y1 - y0)
    bend = y1 - y0 - slope0 - curve
    x = np.ones(few.size)
    for _ in range(TABLE_STEPS):
        rho = sizes.rows_to_spare(np.exp(grid[left] + width * x))
        gap = y0 + x * (slope0 + x * (bend + x * curve)) - rho
        steep = slope0 + x * (2 * bend + 3 * x * curve) - width * sizes.slope(rho)
        x = np.clip(x - gap / steep, 0, 1)
    return np.exp(grid[left] + width * x)


def _spare(spectrum, few, learned, missed):
    """few - df1 from the smaller of two sums, for its rounding: learned = df1, missed = rank - df1."""
    return np.where(learned < missed, few - learned, (few - spectrum.rank) + missed)


def _rounding(spectrum, few, learned, missed):
    """How far _spare can be off by rounding."""
    return 1e-15 * np.where(learned < missed, few, np.abs(few - spectrum.rank) + missed)


def _newton(spectrum, sizes, kappa):
    todo = np.arange(kappa.size)
    for _ in range(MAX_STEPS):
        here, at = kappa[todo], sizes[todo]
        learned, missed, slack = spectrum.totals(here)
        rho = at.rows_to_spare(here)
        gap = _spare(spectrum, at.few, learned, missed) - rho
        step = gap / (gap + slack - at.slope(rho))
        kappa[todo] = here * (1 - step)
        todo = todo[(np.abs(step) >= 1e-7) & (np.abs(gap) >= _rounding(spectrum, at.few, learned, missed))]
        if todo.size == 0:
            return kappa
    raise ArithmeticError(f"kappa did not settle in {MAX_STEPS} steps; please report spectrum, n, m and lam")
