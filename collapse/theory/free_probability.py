"""Linear pencils and their Dyson equation (chapter "Where the formulas come from: operator-valued free probability")."""

from typing import NamedTuple

import numpy as np

from ..checks import instance, real_array, real_number
from .fixed_point import checked_spectrum

TOLERANCE = 1e-12  # of the traces that are fed back, relative
LONGEST_STEP = 10.0  # no trace changes by more than a factor e^10 in one Newton step
HALVINGS = 6
MAX_STEPS = 10_000


class Pencil:
    """A square matrix L = A + W in named blocks: A fixed, with A + A* >= 0; W real, skew and linear in Gaussian matrices.

    Parameters
    ----------
    sizes : dict, block -> its size > 0; whole numbers if L is to be sampled.
    damping : dict, block -> diagonal of A in that block, with real part >= 0; blocks not named have 0.
    links : dict, (i, j) -> real diagonal of A_ij, for blocks of one size; A_ji is minus A_ij.
    gaussian : dict, (i, j) -> (rows, columns): W_ij has independent N(0, rows[p] columns[q]) entries; W_ji is minus its
        transpose. Every pair of blocks has a Gaussian matrix of its own.
    A diagonal or a variance is a number or an array (g,), g the same for all, each entry for size/g coordinates.

    ``sample(rng)`` draws L, ``block(matrix, i, j)`` cuts a block out of L or of its inverse.
    Raises ValueError or TypeError naming the argument.

    Implements: def-pencil (chapter "Where the formulas come from").
    """

    def __init__(self, sizes, damping, links, gaussian):
        for name, value in dict(sizes=sizes, damping=damping, links=links, gaussian=gaussian).items():
            instance(name, value, dict)
        if not gaussian:
            raise ValueError("gaussian must hold at least one pair of blocks, got none")
        self.names = list(sizes)
        self.sizes = np.array([real_number(f"sizes[{i!r}]", sizes[i], low=0, low_is_allowed=False) for i in sizes])
        links = {pair: real_array(f"links[{pair}]", value) for pair, value in links.items()}
        gaussian = {pair: _two_variances(f"gaussian[{pair}]", value) for pair, value in gaussian.items()}
        variances = [side for sides in gaussian.values() for side in sides]
        self.length = max(np.size(value) for value in [*damping.values(), *links.values(), *variances])

        self.fixed = self.diagonal(damping)
        for a, b, value in self._joined("links", links):
            if self.sizes[a] != self.sizes[b]:
                raise ValueError(f"links must join blocks of one size, got {self.names[a]!r} and {self.names[b]!r}")
            self.fixed[:, a, b] = self._entries("links", a, value)
            self.fixed[:, b, a] = -self.fixed[:, a, b]
        self.gaussian = [
            (a, b, self._entries("gaussian", a, rows), self._entries("gaussian", b, columns))
            for a, b, (rows, columns) in self._joined("gaussian", gaussian)
        ]

    def diagonal(self, damping):
        """``damping`` as (g, K, K): for each of g coordinates a matrix over the K blocks."""
        arrays = {i: np.asarray(value) for i, value in instance("damping", damping, dict).items()}
        for array in arrays.values():
            real_array("damping", array.real, low=0)
            real_array("damping", array.imag)
        matrix = np.zeros((self.length, len(self.names), len(self.names)), np.result_type(float, *arrays.values()))
        for i, array in arrays.items():
            k = self.position("damping", i)
            matrix[:, k, k] = self._entries("damping", k, array)
        return matrix

    def position(self, argument, i):
        """Where block ``i`` stands, or an error that names the argument."""
        if i not in self.names:
            raise ValueError(f"{argument} must name blocks out of {self.names}, got {i!r}")
        return self.names.index(i)

    def _joined(self, argument, given):
        """The positions of two blocks, and what joins them."""
        for pair, value in given.items():
            if not isinstance(pair, tuple) or len(set(pair)) != 2 or pair[::-1] in given:
                raise ValueError(f"{argument} must join two different blocks (i, j), each pair in one order, got {pair!r}")
            yield self.position(argument, pair[0]), self.position(argument, pair[1]), value

    def _entries(self, argument, k, value):
        """(g,) entries for block k."""
        if value.size > 1 and (value.size != self.length or self.sizes[k] % value.size):
            raise ValueError(
                f"{argument} must hold numbers, or arrays of one length that divides the size of the block, "
                f"got length {value.size} in block {self.names[k]!r} of size {self.sizes[k]:g}"
            )
        return np.broadcast_to(value.ravel(), self.length)

    def sample(self, rng):
        """One draw of L, (N, N) with N the sum of the sizes; ``rng`` is a numpy Generator."""
        if (self.sizes % 1).any():
            raise ValueError(f"sizes must be whole numbers to draw a sample, got {self.sizes}")
        entry = [np.arange(size) * self.length // size for size in self.sizes.astype(int)]
        blocks = [[np.zeros((p.size, q.size), self.fixed.dtype) for q in entry] for p in entry]
        for a, b in zip(*self.fixed.any(axis=0).nonzero()):
            np.fill_diagonal(blocks[a][b], self.fixed[entry[a], a, b])
        for a, b, rows, columns in self.gaussian:
            draw = rng.normal(size=blocks[a][b].shape) * np.sqrt(np.outer(rows[entry[a]], columns[entry[b]]))
            blocks[a][b] += draw
            blocks[b][a] -= draw.T
        return np.block(blocks)

    def block(self, matrix, i, j):
        """Block (i, j) of a matrix of the shape of L."""
        ends = np.cumsum([0, *self.sizes.astype(int)])
        p, q = self.position("i", i), self.position("j", j)
        return matrix[..., ends[p] : ends[p + 1], ends[q] : ends[q + 1]]


def _two_variances(name, value):
    if not isinstance(value, tuple) or len(value) != 2:
        raise TypeError(f"{name} must be a pair (rows, columns) of variances, got {value!r}")
    sides = tuple(real_array(name, side, low=0) for side in value)
    if not all(side.any() for side in sides):
        raise ValueError(f"{name} must have a positive variance on either side, got {value!r}")
    return sides


class Blocks:
    """What stands in for the blocks of a large matrix: ``blocks[i, j]`` is the diagonal of block (i, j), an array (g,)."""

    def __init__(self, pencil, values):
        self.pencil, self.values = pencil, values

    def __getitem__(self, pair):
        i, j = pair
        return self.values[:, self.pencil.position("i", i), self.pencil.position("j", j)]

    def trace(self, i, weights=1.0):
        """tr(weights G_ii): the sum over the coordinates of block i; weights are a number or an array (g,)."""
        return self.pencil.sizes[self.pencil.position("i", i)] * np.mean(weights * self[i, i])


class Equivalent(Blocks):
    """The deterministic equivalent G of the inverse of a pencil, from :func:`dyson`."""

    def response(self, damping):
        """dG/dh, as Blocks, when h times ``damping`` (a dict, as in Pencil) is added to the damping of the pencil."""
        loop, direct = _Loop(self.pencil), -self.values @ self.pencil.diagonal(damping) @ self.values
        traces = np.linalg.solve(np.eye(loop.count) - loop.slope(self.values), loop.read_off(direct))
        return Blocks(self.pencil, direct - self.values @ loop.feed(traces) @ self.values)


def dyson(pencil):
    """The solution with Re G >= 0 of the Dyson equation G = (A + P(G))^-1, P(G) = E[W G W^T]: what E L^-1 tends to.

    P(G) depends on a few traces t of G only, so the equation reads t = F(t), with Re t > 0. Newton's method for
    log F(t) = log t, its steps halved until the gap closes and Re t > 0; where that fails, t goes half of the way to F(t),
    again and again.

    Returns an Equivalent. Raises TypeError unless pencil is a Pencil, ValueError if A + P(G) is singular, ArithmeticError
    if the traces do not settle.

    Implements: thm-dyson (chapter "Where the formulas come from").
    """
    loop = _Loop(instance("pencil", pencil, Pencil))
    state, patience, steps = loop.at(np.ones(loop.count, pencil.fixed.dtype)), 1, 0
    while not state.gap <= TOLERANCE:
        closer = loop.newton(state)
        if closer is None:
            closer, patience = state, 2 * patience
            for _ in range(patience):
                closer = loop.at((closer.traces + closer.image) / 2)
            steps += patience
        state, steps = closer, steps + 1
        if steps > MAX_STEPS:
            raise ArithmeticError(f"the traces did not settle in {steps} steps: the last moved them by {state.gap:.1e}")
    return Equivalent(pencil, state.values)


class _State(NamedTuple):
    traces: np.ndarray
    values: np.ndarray  # G = (A + P)^-1, (g, K, K)
    image: np.ndarray  # the traces of G
    gap: float


class _Loop:
    """The map t -> F(t): traces t are fed back as P; the traces of G = (A + P)^-1 are F(t)."""

    def __init__(self, pencil):
        ends = [*pencil.gaussian, *((b, a, columns, rows) for a, b, rows, columns in pencil.gaussian)]
        load, read, profile, weights = map(np.array, zip(*ends))  # E[W_ab G_bb W_ab^T] = rows times tr(columns G_bb)
        self.load, self.read, self.count = load, read, len(ends)
        self.profile, self.weights = profile, weights * pencil.sizes[read, None] / pencil.length
        self.fixed = pencil.fixed

    def feed(self, traces):
        """P for given traces, (g, K, K)."""
        matrix = np.zeros(self.fixed.shape, traces.dtype)
        np.add.at(matrix, (slice(None), self.load, self.load), (traces[:, None] * self.profile).T)
        return matrix

    def read_off(self, values):
        """The traces of ``values`` (g, K, K)."""
        return np.einsum("kg,gk->k", self.weights, values[:, self.read, self.read])

    def slope(self, values):
        """dF/dt at G = values, from dG = -G dP G."""
        there, back = values[:, self.read[:, None], self.load], values[:, self.load, self.read[:, None]]
        return -np.einsum("kg,lg,gkl,gkl->kl", self.weights, self.profile, there, back)

    def at(self, traces):
        """The state at given traces."""
        try:
            values = np.linalg.inv(self.fixed + self.feed(traces))
        except np.linalg.LinAlgError:
            raise ValueError("pencil must not be singular; is there a block without damping, link or Gaussian?") from None
        image = self.read_off(values)
        return _State(traces, values, image, np.abs(np.log(image / traces)).max())

    def newton(self, state):
        """A state closer to the solution, in the direction of Newton's method; or None."""
        slope = self.slope(state.values) * state.traces / state.image[:, None]
        step = np.linalg.solve(np.eye(self.count) - slope, np.log(state.image / state.traces))
        part = min(1.0, LONGEST_STEP / np.abs(step).max())
        for _ in range(HALVINGS):
            traces = state.traces * np.exp(part * step)
            if (traces.real > 0).all():
                found = self.at(traces)
                if found.gap <= (1 - part / 4) * state.gap:
                    return found
            part /= 2
        return None


def projection_pencil(spectrum, n, m, lam):
    """The pencil of ridge regression on m random projections: one forward and backward pass as one linear system.

    Parameters
    ----------
    spectrum : (d,) eigenvalues of Sigma, >= 0; unit [x]^2.
    n, m : number of rows and of projections, > 0.
    lam : ridge > 0 on the m weights; unit [x]^2.

    Blocks: "v" the weights (m), "c" the gradient (d), "a" the error of S'v (d), "b" the residuals over sqrt(n) (n).
    With G = dyson(pencil), G["v", "v"] stands for (S M S' + lam)^-1 and G["a", "a"] for S' (S M S' + lam)^-1 S.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-dyson-projection (chapter "Where the formulas come from").
    """
    checked_spectrum(spectrum)
    n, m, lam = (real_number(name, x, low=0, low_is_allowed=False) for name, x in (("n", n), ("m", m), ("lam", lam)))
    d = np.size(spectrum)
    return Pencil(
        sizes={"v": m, "c": d, "a": d, "b": n},
        damping={"v": lam, "b": 1.0},
        links={("c", "a"): 1.0},
        gaussian={("v", "c"): (1.0, 1 / d), ("b", "a"): (1 / n, spectrum)},
    )
