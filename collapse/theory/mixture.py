"""Ridge regression on K sources that may differ in everything (chapters "Strong model collapse", "Random projections").

With a fresh row of source k, e_k = tr Sigma_k R / n is its leverage and

    c_k = p_k a_k / (theta + a_k e_k),      R = (sum_k c_k Sigma_k + kappa)^-1,      theta mu = ridge.

Without projections ridge = lam and kappa = mu. With m of them ridge = lam d/m and kappa (1 - df1/m) = mu, where
df1 = tr (sum_k c_k Sigma_k) R; and a quadratic form in the projected resolvent R_S = S'(...)^-1 S is

    R_S A R_S = R (A + tau(A)) R,      tau(A) = kappa^2 tr(A R^2) / (m - df2).

(theta, mu) = (1, ridge) is the usual form. (ridge, 1) multiplies e and R by the ridge, and stays finite when there are
fewer rows than parameters and lam -> 0. Everything below is the same in both.
"""

import numpy as np

from ..setting import Risk
from .fixed_point import Sizes, Spectrum, solve
from .source import checked_sources

MAX_STEPS = 100


def mixture(sources, n, lam, test=None, m=None):
    """Test error of ridge regression on a mixture of K sources, in the limit of many rows and dimensions.

    Covariances need not commute; weights, noises, teachers and the test distribution are free.

    Parameters
    ----------
    sources : sequence of Source.
    n : number of rows of all sources together, > 0.
    lam : ridge >= 0 of (1/n) sum_i a_i (x_i.w - y_i)^2 + lam ||w||^2; 0 is the ridgeless limit. Unit [x]^2.
    test : Target, by default the first source.
    m : number of random projections, > 0, inf allowed, as in theory.projection; None is the model without projections.
    n, lam and m broadcast.

    Returns a Risk of the broadcast shape: ``bias`` is the error if every source had the test teacher and no noise,
    ``shift`` what the other teachers add (with the cross term, if they are correlated with the test teacher).

    Raises ValueError or TypeError naming the argument; ValueError at lam = 0 where the error diverges: n = rank, or
    n = m < rank.

    Implements: thm-mixture (chapter "Strong model collapse"), thm-projection-mixture (chapter "Random projections"),
        prop-input-shift (chapter "Measuring quality, deciding").
    """
    sources, test = checked_sources(sources, test)
    sizes = Sizes.checked(len(test.covariance), n, lam, m)
    problem = _Problem(sources, test)
    parts = np.array([problem.risk(*point) for point in zip(sizes.n.flat, sizes.m.flat, sizes.ridge.flat)])
    return Risk(*(part.reshape(sizes.n.shape) for part in parts.T))


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

    def risk(self, n, m, ridge):
        (theta, mu), e = self._leverages(n, m, ridge)
        at = _Resolvent(self, n, m, theta, mu, e)
        teacher, basis = self.test.teacher, self.range
        missed = -at.kappa * (at.resolvent @ teacher) - (teacher - basis @ (basis.T @ teacher))
        pulled = at.resolvent @ np.einsum("k,kij,kjq->iq", at.c, self.covariances, self.shifts)
        on_test, scatter = at.coupled(self.test.covariance)

        def error(own, against_test):
            size = np.sum((teacher + against_test) ** 2)
            sources = [np.sum(v * (cov @ v)) for v, cov in zip(own, self.covariances)] + at.scatter * size
            return (
                np.sum(against_test * (self.test.covariance @ against_test)) + scatter * size + on_test @ at.spread(sources)
            )

        bias = error([missed] * e.size, missed)
        shift = error(missed + pulled - self.shifts, missed + pulled) - bias
        return bias, on_test @ at.spread(self.noise), shift

    def _leverages(self, n, m, ridge):
        """(theta, mu) and e."""
        traces = np.einsum("kii->k", self.covariances) / n
        parameters = min(m, self.rank)
        if n < parameters:
            return (ridge, 1.0), self._solve(n, m, ridge, 1.0, traces)
        if n == parameters and ridge == 0:
            raise ValueError(
                f"lam must be > 0 where n equals the rank or m ({parameters:g}), or leave that n out: the error diverges"
            )
        larger = max(ridge, 1e-10 * self.smallest)
        start = self._solve(n, m, 1.0, larger, traces / larger)
        return (1.0, ridge), self._solve(n, m, 1.0, ridge, start)

    def _solve(self, n, m, theta, mu, e):
        """Newton's method for e_k = tr Sigma_k R / n; from above it descends to the only solution."""
        for _ in range(MAX_STEPS):
            at = _Resolvent(self, n, m, theta, mu, e)
            gap = e - np.einsum("kij,ji->k", self.covariances, at.resolvent) / n
            step = at.spread(gap)
            e = e - step
            if np.abs(step / e).max() < 1e-9:
                return e
        raise ArithmeticError(f"the leverages did not settle in {MAX_STEPS} steps; please report sources, n, m and lam")


class _Resolvent:
    """R (d, d) at given leverages, and the quadratic forms in it."""

    def __init__(self, problem, n, m, theta, mu, e):
        self.c = problem.share * problem.weight / (theta + problem.weight * e)
        basis = problem.range
        s, vectors = np.linalg.eigh(basis.T @ np.tensordot(self.c, problem.covariances, 1) @ basis)
        self.kappa = mu if m == np.inf else solve(Spectrum(s), Sizes(*np.array([[m], [np.inf], [mu]])))[0]
        vectors = basis @ vectors
        inverse = 1 / (s + self.kappa)
        self.resolvent = (vectors * inverse) @ vectors.T
        self._square = (vectors * inverse**2) @ vectors.T
        left_over = m * mu / self.kappa if self.kappa > 0 else m - problem.rank  # m - df1
        self._m_minus_df2 = left_over + self.kappa * (s @ inverse**2)
        self._products = problem.covariances @ self.resolvent
        self._traces = np.einsum("kij,ji->k", problem.covariances, self._square)
        self._weight = self.c**2 / (n * problem.share)
        forms = [self.coupled(covariance) for covariance in problem.covariances]
        self.coupling, self.scatter = (np.array(form) for form in zip(*forms))

    def coupled(self, a):
        """For A (d, d): the row tr(A R_S Sigma_l R_S) c_l^2/(n p_l) of the coupling H, (K,), and tau(A)."""
        tau = 0.0
        if self.kappa > 0:
            tau = self.kappa**2 * np.sum(a * self._square) / self._m_minus_df2
        form = np.einsum("ij,kji->k", a @ self.resolvent, self._products)
        return (form + tau * self._traces) * self._weight, tau

    def spread(self, errors):
        """(I - H)^-1 errors (K,): what they become when every source's residuals are the noise of the others."""
        return np.linalg.solve(np.eye(len(errors)) - self.coupling, errors)
