"""Ridge regression on K sources that may differ in everything (chapter "Strong model collapse").

With a fresh row of source k, e_k = tr Sigma_k R / n is its leverage and

    c_k = p_k a_k / (theta + a_k e_k),      R = (sum_k c_k Sigma_k + mu)^-1,      theta mu = lam.

(theta, mu) = (1, lam) is the usual form. (lam, 1) multiplies e by lam and R by lam, and stays finite when there are
fewer rows than dimensions and lam -> 0. Everything below is the same in both.
"""

import numpy as np

from ..checks import broadcast, real_array
from ..setting import Risk
from .source import checked_sources

MAX_STEPS = 100


def mixture(sources, n, lam, test=None):
    """Test error of ridge regression on a mixture of K sources, in the limit of many rows and dimensions.

    Covariances need not commute; weights, noises, teachers and the test distribution are free.

    Parameters
    ----------
    sources : sequence of Source.
    n : number of rows of all sources together, > 0.
    lam : ridge >= 0 of (1/n) sum_i a_i (x_i.w - y_i)^2 + lam ||w||^2; 0 is the ridgeless limit. Unit [x]^2.
    n and lam broadcast.
    test : Target, by default the first source.

    Returns a Risk of the broadcast shape: ``bias`` is the error if every source had the test teacher and no noise,
    ``shift`` what the other teachers add (with the cross term, if they are correlated with the test teacher).

    Raises ValueError or TypeError naming the argument; ValueError at lam = 0 and n = rank, where the error diverges.

    Implements: thm-mixture (chapter "Strong model collapse").
    """
    sources, test = checked_sources(sources, test)
    n, lam = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), lam=real_array("lam", lam, low=0))
    problem = _Problem(sources, test)
    parts = np.array([problem.risk(*point) for point in zip(n.flat, lam.flat)])
    return Risk(*(part.reshape(n.shape) for part in parts.T))


class _Problem:
    def __init__(self, sources, test):
        self.covariances = np.stack([source.covariance for source in sources])
        self.share = np.array([source.share for source in sources])
        self.weight = np.array([source.weight for source in sources])
        self.noise = np.array([source.noise for source in sources])
        self.test = test
        self.shifts = np.stack([source.teacher - test.teacher for source in sources])
        values, vectors = np.linalg.eigh(np.tensordot(self.share, self.covariances, 1))
        self.range = vectors[:, values > 1e-12 * len(values) * values[-1]]
        self.smallest = values[-self.rank]

    @property
    def rank(self):
        return self.range.shape[1]

    def resolvent(self, e, n, theta, mu):
        """c (K,), R (d, d) and the coupling H (K, K) = d(tr Sigma_k R / n)/d e_l."""
        c = self.share * self.weight / (theta + self.weight * e)
        total = np.tensordot(c, self.covariances, 1)
        basis = self.range
        resolvent = basis @ np.linalg.inv(basis.T @ total @ basis + mu * np.eye(self.rank)) @ basis.T
        products = self.covariances @ resolvent
        coupling = np.einsum("kij,lji->kl", products, products) * c**2 / (n * self.share)
        return c, resolvent, coupling

    def solve(self, n, theta, mu, e):
        """Newton's method for e_k = tr Sigma_k R / n; from above it descends to the only solution."""
        for _ in range(MAX_STEPS):
            _, resolvent, coupling = self.resolvent(e, n, theta, mu)
            gap = e - np.einsum("kij,ji->k", self.covariances, resolvent) / n
            step = np.linalg.solve(np.eye(e.size) - coupling, gap)
            e = e - step
            if np.abs(step / e).max() < 1e-9:
                return e
        raise ArithmeticError(f"the leverages did not settle in {MAX_STEPS} steps; please report sources, n and lam")

    def leverages(self, n, lam):
        traces = np.einsum("kii->k", self.covariances) / n
        if n < self.rank:
            return (lam, 1.0), self.solve(n, lam, 1.0, traces)
        if n == self.rank and lam == 0:
            raise ValueError(
                f"lam must be > 0 where n equals the rank ({self.rank}), or leave that n out: the error diverges"
            )
        larger = max(lam, 1e-10 * self.smallest)
        return (1.0, lam), self.solve(n, 1.0, lam, self.solve(n, 1.0, larger, traces / larger))

    def risk(self, n, lam):
        (theta, mu), e = self.leverages(n, lam)
        c, resolvent, coupling = self.resolvent(e, n, theta, mu)
        weight = c**2 / (n * self.share)
        seen = np.einsum("ij,kji->k", resolvent @ self.test.covariance @ resolvent, self.covariances) * weight

        teacher, basis = self.test.teacher, self.range
        missed = -mu * (resolvent @ teacher) - (teacher - basis @ (basis.T @ teacher))
        pulled = resolvent @ np.einsum("k,kij,kjq->iq", c, self.covariances, self.shifts)

        def error(own, on_test):
            on_sources = [np.sum(v * (cov @ v)) for v, cov in zip(own, self.covariances)]
            spread = np.linalg.solve(np.eye(e.size) - coupling, on_sources)
            return np.sum(on_test * (self.test.covariance @ on_test)) + seen @ spread

        bias = error([missed] * e.size, missed)
        variance = seen @ np.linalg.solve(np.eye(e.size) - coupling, self.noise)
        return bias, variance, error(missed + pulled - self.shifts, missed + pulled) - bias
