"""Ridge on rows drawn from a list of given ones, such as images (chapter "The curve, predicted").

Rows are not Gaussian here. The equations are those of mixture.py as if each member x of the list were a source of its
own. With averages E over the list, the weight of a row is gamma(x) = (1 - h)/(1 - mean h), h its leverage in the fit:

    A = E[gamma xx'],   R = (A + kappa)^-1,   kappa (1 - tr(AR)/n) = lam,   gamma(x) = 1/(1 - tr(AR)/n + x'Rx/n).

With z = R^(1/2) x the rest is short. The mean student predicts z'E[gamma z t'] for targets t, and its misfit r on a
row is that row's noise:

    excess = E|mean student - best linear|^2 + (1/n) E[gamma^2 q |r|^2],   q(x) = z'(E[zz'] + (1/n) E[gamma^2 q zz']) z.
"""

import numpy as np

from ..checks import broadcast, instance, real_array
from .fixed_point import fixed_point

MAX_STEPS = 500
PRECISION = 1e-8


def population_ridge(x, real, synthetic, n, p2, lam, *, unequal_leverage=True, unequal_misfit=True):
    """Expected excess error of ridge on rows drawn with replacement from a list, in the limit of many rows and features.

    A row is any of the N members, equally likely. Its target is the synthetic one with probability p2, else the real
    one. The excess is E|w'x - w*'x|^2 over the list, with w* the best linear predictor of the real targets, summed over
    the k outputs; training rows are part of the list, and w* is the list's own. Nothing is fitted to an experiment. The
    list must be long, m/N small: copies of a member in one draw count as new rows. The limit is derived, not proved.

    Parameters
    ----------
    x : (N, m) features; unit [x].
    real : (N, k) targets; unit [y].
    synthetic : (..., N, k) targets of a labeller, or of several: what takes time is done once for all.
    n : number of rows, > 0.
    p2 : share of synthetic targets, in [0, 1].
    lam : ridge > 0 of (1/n) sum |t - w'x|^2 + lam |w|^2; unit [x]^2.
    unequal_leverage : False sets gamma = 1 and, under the average in the equation for q, the mean of q, as for Gaussian
        rows. The price gamma^2 q/n of a misfit still differs from row to row.
    unequal_misfit : False gives every row the mean squared misfit.
    n, p2 and lam broadcast.

    Returns an array of shape synthetic.shape[:-2] + the broadcast shape; unit [y]^2. With both switches off it is
    theory.mixture of two sources of one covariance, whose noises are what the best linear predictors miss.

    Raises ValueError or TypeError naming the argument; ArithmeticError if the weights do not settle.

    Implements: thm-population-ridge (chapter "The curve, predicted").
    """
    x, real, synthetic = _checked_list(x, real, synthetic)
    n = real_array("n", n, low=0, low_is_allowed=False)
    p2 = real_array("p2", p2, low=0, high=1)
    lam = real_array("lam", lam, low=0, low_is_allowed=False)
    n, p2, lam = broadcast(n=n, p2=p2, lam=lam)
    switches = (instance("unequal_leverage", unequal_leverage, bool), instance("unequal_misfit", unequal_misfit, bool))

    labellers = synthetic.shape[:-2]
    columns = _in_their_span(x.T)
    real, synthetic = real.T.copy(), synthetic.reshape(-1, *real.shape).swapaxes(1, 2).copy()
    best = real @ columns.T @ np.linalg.solve(columns @ columns.T, columns)
    excess = np.empty((len(synthetic), n.size))
    pairs, belongs = np.unique(np.stack([n.ravel(), lam.ravel()]), axis=1, return_inverse=True)
    for pair, (size, ridge) in enumerate(pairs.T):
        here = belongs.ravel() == pair
        excess[:, here] = _Students(columns, size, ridge, *switches).excess(real, synthetic, best, p2.ravel()[here])
    return excess.reshape(labellers + n.shape)[()]


def _checked_list(x, real, synthetic):
    x, real, synthetic = real_array("x", x, ndim=2), real_array("real", real, ndim=2), real_array("synthetic", synthetic)
    if len(real) != len(x):
        raise ValueError(f"real must have one target for each of the {len(x)} rows of x, got shape {real.shape}")
    if synthetic.shape[-2:] != real.shape:
        raise ValueError(f"synthetic must have shape (..., {len(real)}, {real.shape[1]}), as real, got {synthetic.shape}")
    if not x.any():
        raise ValueError("x must have an entry that is not zero")
    return x, real, synthetic


# From here on a list is kept by columns: x and z (m, N), targets (k, N). The products below are twice as fast that way.


def _in_their_span(x):
    """The members in an orthonormal basis of their span: (rank, N)."""
    values, vectors = np.linalg.eigh(x @ x.T / x.shape[1])
    return vectors[:, values > 1e-12 * len(values) * values[-1]].T @ x


def _moment(z, weight):
    """E[weight zz'] over the list."""
    return (z * weight) @ z.T / z.shape[1]


def _squares(z):
    """z'z of every member, (N,)."""
    return np.einsum("ij,ij->j", z, z)


def _form(z, matrix):
    """z' matrix z of every member, (N,)."""
    return np.einsum("ij,ij->j", matrix @ z, z)


class _Students:
    """All students of n rows at one ridge: ``gamma`` (N,), ``z`` (r, N), and ``price`` (N,), what |r|^2 of a row adds."""

    def __init__(self, x, n, lam, unequal_leverage, unequal_misfit):
        equal = np.ones(x.shape[1])
        self.gamma = _weights(x, n, lam) if unequal_leverage else equal
        self.z, _ = _whitened(x, self.gamma, n, lam)
        own = _form(self.z, _moment(self.z, equal))
        q = _spread(self.z, self.gamma, own, n) if unequal_leverage else own / (1 - own.mean() / n)
        self.price = self.gamma**2 * q / n
        if not unequal_misfit:
            self.price[:] = self.price.mean()

    def answers(self, targets):
        """What the mean student answers to every member, (..., N) for targets (..., N)."""
        return (targets * self.gamma) @ self.z.T @ self.z / self.z.shape[1]

    def excess(self, real, synthetic, best, p2):
        """Excess errors (q, p) for labellers (q, k, N) and shares p2 (p,), from averages that do not depend on p2."""
        of_real = self.answers(real)
        own, start = real - of_real, of_real - best
        excess = []
        for targets in synthetic:
            answers = self.answers(targets)
            made, drift = targets - answers, answers - of_real
            contradiction = self._scattered(targets - real) - self._scattered(made - own)
            bias = np.vdot(start, start) + 2 * p2 * np.vdot(start, drift) + p2**2 * np.vdot(drift, drift)
            misfit = (1 - p2) * self._scattered(own) + p2 * self._scattered(made)
            excess.append(bias / len(self.price) + misfit + p2 * (1 - p2) * contradiction)
        return np.array(excess)

    def _scattered(self, residuals):
        """E[price |r|^2] for residuals r (k, N)."""
        return self.price @ _squares(residuals) / len(self.price)


def _whitened(x, gamma, n, lam):
    """At given weights: z = R^(1/2) x of every member, (r, N), and 1 - tr(AR)/n."""
    rows = x * np.sqrt(gamma)
    values, vectors = np.linalg.eigh(rows @ rows.T / len(gamma))
    values = values.clip(min=0)
    kappa = fixed_point(values, n, lam)
    return (vectors / np.sqrt(values + kappa)).T @ x, lam / kappa


def _weights(x, n, lam):
    """gamma (N,), of mean 1. The level, kappa, is exact at every step: only the shape is iterated."""
    gamma = np.ones(x.shape[1])
    for _ in range(MAX_STEPS):
        z, spare = _whitened(x, gamma, n, lam)
        before, gamma = gamma, 1 / (spare + _squares(z) / n)
        gamma /= gamma.mean()
        if np.abs(gamma / before - 1).max() < PRECISION:
            return gamma
    raise ArithmeticError(f"the weights did not settle in {MAX_STEPS} steps; please report x, n and lam")


def _spread(z, gamma, own, n):
    """q (N,), the solution of q = own + (1/n) z'E[gamma^2 q zz']z, symmetric and positive definite in gamma q.

    By conjugate gradients: one step for the level of q, a few for its shape.
    """
    u = z * np.sqrt(gamma)
    solution, residual = np.zeros(len(gamma)), gamma * own
    direction, goal = residual, PRECISION * np.linalg.norm(residual)
    for _ in range(MAX_STEPS):
        change = direction - _form(u, _moment(u, direction)) / n
        size = residual @ residual
        step = size / (direction @ change)
        solution, residual = solution + step * direction, residual - step * change
        if np.linalg.norm(residual) <= goal:
            return solution / gamma
        direction = residual + (residual @ residual) / size * direction
    raise ArithmeticError(f"the scatter did not settle in {MAX_STEPS} steps; please report x, n and lam")
