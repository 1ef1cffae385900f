"""Two laws of random matrices, as three-term recurrences (chapter "Iterating and accumulating").

A polynomial f of a random number x is kept as its coefficients in the orthonormal polynomials of the law of x. Then x f is
a product with a matrix of three diagonals, the mean of f is its first coefficient, and the mean of f g is the inner product
of their coefficients. Both laws have constant diagonals after the first entries, so that no density, no edge and no atom
needs care, and means of polynomials of degree up to 2 size - 1 are exact.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Law:
    """The law of a number x by its recurrence: the main diagonal (..., size) and the one beside it (..., size - 1)."""

    diagonal: np.ndarray
    beside: np.ndarray

    @classmethod
    def constant_after(cls, first, variance, second, centre, quarter, size):
        """Mean ``first``, then ``second``, then ``centre``; the squares beside it are the variance, then ``quarter``."""
        diagonal = np.stack(np.broadcast_arrays(first, second, *[centre] * (size - 2)), axis=-1)
        beside = np.stack(np.broadcast_arrays(variance, *[quarter] * (size - 2)), axis=-1)
        return cls(diagonal, np.sqrt(beside))

    @property
    def one(self):
        """The coefficients of f = 1."""
        return np.broadcast_to(np.eye(1, self.diagonal.shape[-1])[0], self.diagonal.shape)

    def times(self, f):
        """The coefficients of x f."""
        product = self.diagonal * f
        product[..., 1:] += self.beside * f[..., :-1]
        product[..., :-1] += self.beside * f[..., 1:]
        return product


def synthetic_share(p2, phi, size):
    """The eigenvalues b of (X'X)^-1 X2'X2: how much of what is learned in a direction comes from the synthetic rows.

    The law of Wachter (Jacobi ensemble), with mean p2 and variance p1 p2 phi; phi = d/n < 1.

    Implements: prop-two-laws (chapter "Iterating and accumulating")
    """
    p1 = 1 - p2
    variance, centre = p1 * p2 * phi, p2 * (1 - phi) + p1 * phi
    return Law.constant_after(p2, variance, centre, centre, variance * (1 - phi), size)


def hold(p2, phi, size):
    """The eigenvalues h of (1 - phi) (X1'X1/n + c)^-1, c = p2 (1 - phi): how freely the real rows leave a direction; mean 1.

    On average over new synthetic inputs (X'X/n)^-1 is (X1'X1/n + c)^-1, so that g = p2 h of the old error is kept. X1'X1/n
    has the law of Marchenko and Pastur; phi = d/n < 1.

    Implements: prop-two-laws (chapter "Iterating and accumulating")
    """
    x = (1 - p2) * phi
    centre = (1 - phi) * (1 + x) / (1 - x) ** 2
    return Law.constant_after(
        1 + 0 * x, x / (1 - x), centre + x * phi * p2 / (1 - x) ** 2, centre, x * ((1 - phi) / (1 - x) ** 2) ** 2, size
    )
