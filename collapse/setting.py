"""What a problem is, and what its error is made of (chapter "The setting")."""

from dataclasses import dataclass, fields, replace

import numpy as np

from .checks import broadcast, read_only, real_array, real_number, real_numbers, whole_number


@dataclass(frozen=True, eq=False, repr=False)
class Setting:
    """Real rows y = x.w1 + noise, synthetic rows y = x.(w1 + delta) + noise, inputs x ~ N(0, Sigma).

    Everything is written in the eigenbasis of Sigma.

    Parameters
    ----------
    spectrum : (d,) eigenvalues of Sigma, >= 0, not all zero; unit [x]^2.
    teacher : (d,) diagonal of Gamma, the covariance of the real teacher w1; >= 0; unit [y]^2/[x]^2.
    shift : (d,) diagonal of Delta, the covariance of delta = w2 - w1; >= 0; unit [y]^2/[x]^2.
    p2 : share of synthetic rows, in [0, 1]; a number or an array, which broadcasts with n and lam.
    noise : the pair (sigma1^2, sigma2^2) of label-noise variances, or one number for both, >= 0; unit [y]^2.

    Raises
    ------
    ValueError, TypeError : naming the argument, its value and the rule.

    Implements: def-setting (chapter "The setting").
    """

    spectrum: np.ndarray
    teacher: np.ndarray
    shift: np.ndarray
    p2: np.ndarray
    noise: tuple

    def __post_init__(self):
        for name in ("spectrum", "teacher", "shift"):
            array = real_array(name, getattr(self, name), low=0, ndim=1)
            object.__setattr__(self, name, read_only(array))
            if array.shape != self.spectrum.shape:
                raise ValueError(f"{name} must have as many entries as spectrum ({self.d}), got {array.size}")
        if not self.spectrum.any():
            raise ValueError("spectrum must have a positive entry, got zeros only")
        object.__setattr__(self, "p2", read_only(real_array("p2", self.p2, low=0, high=1))[()])
        noise = real_array("noise", self.noise, low=0)
        if noise.shape not in ((), (2,)):
            raise ValueError(f"noise must be the pair (sigma1^2, sigma2^2) or one number, got {self.noise!r}")
        noise = np.broadcast_to(noise, 2)
        object.__setattr__(self, "noise", (float(noise[0]), float(noise[1])))

    @classmethod
    def isotropic(cls, d, p2, c2, noise, r2=1.0):
        """Sigma = I, Gamma = (r2/d) I, Delta = (c2/d) I.

        Parameters
        ----------
        d : dimension of x, a whole number >= 1.
        p2 : as in Setting.
        c2 : quality tr(Sigma Delta) of the synthetic labels, >= 0; unit [y]^2.
        noise : as in Setting.
        r2 : signal tr(Sigma Gamma), >= 0; unit [y]^2.
        """
        flat = np.ones(whole_number("d", d, low=1))
        return cls._scaled(flat, flat, flat, p2, c2, noise, r2)

    @classmethod
    def power_law(cls, d, p2, c2, noise, beta, r, q=0.0, r2=1.0):
        """Spectrum s_j = j^-beta, signal s_j Gamma_j ~ j^-r, shift s_j Delta_j ~ j^-q (chapter "Scaling laws").

        Parameters
        ----------
        d, p2, c2, noise, r2 : as in Setting.isotropic.
        beta : decay of the spectrum, >= 0.
        r : decay of the signal along the spectrum; r > 1 for a signal that is finite as d grows.
        q : decay of the shift along the spectrum; q = 0 is Delta = (c2/d) Sigma^-1.
        No power of j may exceed 1e150 or fall below 1e-150, so that teacher and shift can be represented.
        """
        j = np.arange(1, whole_number("d", d, low=1) + 1, dtype=float)
        steepest = 150 / max(1.0, np.log10(j[-1]))
        spectrum = j ** -real_number("beta", beta, low=0, high=steepest)
        signal, drift = (j ** -real_number(name, x, low=-steepest, high=steepest) for name, x in (("r", r), ("q", q)))
        return cls._scaled(spectrum, signal, drift, p2, c2, noise, r2)

    @classmethod
    def _scaled(cls, spectrum, signal, drift, p2, c2, noise, r2):
        c2 = real_number("c2", c2, low=0)
        r2 = real_number("r2", r2, low=0)
        return cls(spectrum, r2 * signal / signal.sum() / spectrum, c2 * drift / drift.sum() / spectrum, p2, noise)

    def replace(self, **changes):
        """A copy with some of spectrum, teacher, shift, p2, noise changed."""
        unknown = changes.keys() - {field.name for field in fields(self)}
        if unknown:
            raise TypeError(f"replace can change spectrum, teacher, shift, p2 and noise, got {sorted(unknown)}")
        return replace(self, **changes)

    def __repr__(self):
        return f"Setting(d={self.d}, p2={self.p2}, c2={self.c2:g}, r2={self.r2:g}, noise={self.noise})"

    @property
    def d(self):
        """Dimension of x."""
        return self.spectrum.size

    @property
    def p1(self):
        """Share of real rows, 1 - p2."""
        return 1.0 - self.p2

    @property
    def c2(self):
        """Quality of the synthetic labels, tr(Sigma Delta) = E (x.delta)^2; unit [y]^2.

        Implements: def-quality (chapter "The setting").
        """
        return float(self.spectrum @ self.shift)

    @property
    def r2(self):
        """Signal, tr(Sigma Gamma) = E (x.w1)^2; unit [y]^2."""
        return float(self.spectrum @ self.teacher)


@dataclass(frozen=True, eq=False, repr=False)
class Risk:
    """Test error E (f(x) - x.w1)^2 in its three parts; the noise of the test label is not included.

    bias : what the ridge and the missing rows cost on the real teacher (B).
    variance : what the label noise costs (V).
    shift : what the synthetic labels cost (zeta).
    Arrays of one shape, unit [y]^2; ``total`` is their sum.
    """

    bias: np.ndarray
    variance: np.ndarray
    shift: np.ndarray

    def __post_init__(self):
        parts = {name: real_numbers(name, getattr(self, name)) for name in ("bias", "variance", "shift")}
        for name, part in zip(parts, broadcast(**parts)):
            if np.isnan(part).any():
                raise ValueError(f"{name} must not be nan")
            object.__setattr__(self, name, part)

    @property
    def total(self):
        """The test error: bias + variance + shift."""
        return self.bias + self.variance + self.shift

    def __repr__(self):
        return f"Risk(bias={self.bias}, variance={self.variance}, shift={self.shift}, total={self.total})"

    def scale_shift(self, factor):
        """The same problem with Delta multiplied by ``factor`` >= 0: the shift part is linear in Delta."""
        shift, factor = broadcast(shift=self.shift, factor=real_array("factor", factor, low=0))
        return Risk(self.bias, self.variance, shift * factor)
