"""Fitting the real teacher and the shift together (chapter "Weighting").

The student has two vectors, w and delta. Real rows are fitted by x.w, synthetic rows by x.(w + delta), and

    (1/n) ||X1 w - y1||^2 + (1/n) ||X2 (w + delta) - y2||^2 + lam ||w||^2 + (lam/tau2) ||delta||^2

is least. In the coordinates (w, delta/tau) this is one ridge on two sources with the common teacher (w1, delta/tau),
covariances Sigma x v_k v_k' with v_1 = (1, 0), v_2 = (1, tau), and test rows like the real ones: theory.mixture without
any shift. Along an eigenvector of Sigma every resolvent is two by two, so its quadratic forms are explicit.
"""

import numpy as np

from ..checks import broadcast, instance, real_array, real_number
from ..setting import Risk, Setting
from .fixed_point import Sizes, Spectrum
from .source import Source, Target

MAX_STEPS = 100


def hierarchical(setting, n, lam, tau2):
    """Test error of w in the joint fit of w and delta, in the limit of many rows.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, real and synthetic together, > 0.
    lam : ridge > 0 on w. Unit [x]^2.
    tau2 : lam/tau2 is the ridge on delta; tau2 >= 0. At 0 the rows are pooled, as in theory.ridge; for tau2 -> inf the
        synthetic rows have no say.
    n, lam, tau2 and setting.p2 broadcast.

    Returns a Risk of the broadcast shape: ``bias`` is what is missed of w1, ``shift`` what is mistaken for w1 of delta.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-joint-fit (chapter "Weighting").
    """
    instance("setting", setting, Setting)
    lam, tau2 = real_array("lam", lam, low=0, low_is_allowed=False), real_array("tau2", tau2, low=0)
    sizes = Sizes.checked(setting.d, n, lam, p2=setting.p2, tau2=tau2)
    n, lam, p2, tau2 = np.broadcast_arrays(sizes.n, sizes.ridge, setting.p2, tau2)
    joint = _Joint(setting, *(array.reshape(-1, 1) for array in (n, lam, p2, tau2)))
    return Risk(*(part.reshape(n.shape)[()] for part in joint.risk()))


def bayes_hierarchical(setting, n):
    """The ridges that make the joint fit the posterior mean of w1, and its test error: no student does better.

    Parameters
    ----------
    setting : Setting with isotropic teacher and shift, Gamma = gamma I and Delta = delta I in all directions in which inputs
        vary, any spectrum, and one noise sigma^2 > 0 for real and synthetic rows.
    n : number of rows, > 0.
    n and setting.p2 broadcast.

    Returns (lam, tau2, Risk): lam = sigma^2/(n gamma), of the broadcast shape, with unit [x]^2; the number
    tau2 = delta/gamma; and the Risk.

    Raises ValueError or TypeError naming the argument; ValueError for other settings, whose posterior mean is no joint fit
    with one lam and one tau2.

    Implements: prop-posterior, prop-spring (chapter "Weighting").
    """
    instance("setting", setting, Setting)
    seen = setting.spectrum > 0
    for name, values in (("teacher", setting.teacher[seen]), ("shift", setting.shift[seen])):
        if np.ptp(values) > 1e-9 * values.max():
            raise ValueError(f"{name} must be flat where inputs vary, got entries from {values.min():g} to {values.max():g}")
    gamma, delta = setting.teacher[seen].mean(), setting.shift[seen].mean()
    if gamma == 0:
        raise ValueError("teacher must be positive where inputs vary, got 0")
    real, synthetic = setting.noise
    if real != synthetic or real == 0:
        raise ValueError(f"noise must be positive and the same for real and synthetic rows, got {setting.noise}")
    n, _ = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    lam, tau2 = real / (n * gamma), float(delta / gamma)
    return lam[()], tau2, hierarchical(setting, n, lam, tau2)


def joint_sources(setting, tau2):
    """The sources and the test distribution of theory.mixture and simulate.mixture for the joint fit, in 2d dimensions.

    setting.p2 is one number in (0, 1), tau2 one number > 0. The test teacher is (w1, 0): delta makes no error on real rows,
    and what the mixture calls its shift is what delta adds.
    """
    tau = np.sqrt(real_number("tau2", tau2, low=0, low_is_allowed=False))
    real, synthetic = Source.pair(setting)
    rows = [np.kron(np.outer(v, v), real.covariance) for v in ([1, 0], [1, tau])]
    signal = np.vstack([real.teacher, 0 * real.teacher])
    teacher = signal + np.vstack([0 * real.teacher, (synthetic.teacher - real.teacher) / tau])
    sources = [Source(cov, teacher, source.noise, source.share) for cov, source in zip(rows, (real, synthetic))]
    return sources, Target(rows[0], signal)


class _Joint:
    """Points n, lam, p2, tau2, each (p, 1), over the distinct eigenvalues s (g,), for the two sources."""

    def __init__(self, setting, n, lam, p2, tau2):
        self.spectrum = Spectrum(setting.spectrum)
        self.n, self.lam, self.tau2 = n, lam, tau2
        self.share = np.hstack([1 - p2, p2])
        self.noise = np.array(setting.noise)
        self.signal = self.spectrum.grouped(setting.spectrum * setting.teacher)
        self.shift = self.spectrum.grouped(setting.spectrum * setting.shift)

    def risk(self):
        """Bias, variance and shift, (3, p)."""
        e = self._leverages()
        (real, synthetic, det), (_, coupling) = self._resolvent(e), self._forms(e)
        by_signal = [synthetic * self.tau2 + self.lam, np.broadcast_to(self.lam, det.shape)]
        by_shift = [synthetic, real + self.lam]
        bias, shift = (
            np.stack([(self.lam * part / det) ** 2 @ size for part in parts], axis=1)
            for parts, size in ((by_signal, self.signal), (by_shift, self.shift))
        )
        own = np.stack([bias, coupling @ self.noise, shift])
        return np.sum(_spread(coupling)[:, 0] * own, axis=2)

    def _leverages(self):
        """e (p, 2) by Newton's method; from above it descends to the only solution."""
        e = self.spectrum.trace / (self.n * self.lam) * np.hstack([np.ones(self.tau2.shape), 1 + self.tau2])
        for _ in range(MAX_STEPS):
            leverages, coupling = self._forms(e)
            step = (_spread(coupling) @ (e - leverages)[:, :, None])[:, :, 0]
            e = e - step
            if (step < 1e-9 * e).all():  # an ascent is rounding
                return e
        raise ArithmeticError(
            f"the leverages did not settle in {MAX_STEPS} steps: lam ({self.lam.min():.1e}) and lam/tau2 must be larger "
            "where the rows of a source, or of both, are as many as the rank of Sigma"
        )

    def _resolvent(self, e):
        """c_1 s, c_2 s and the determinant of the two-by-two matrix to invert, each (p, g)."""
        c = self.share / (1 + e)
        real, synthetic = c[:, :1] * self.spectrum.s, c[:, 1:] * self.spectrum.s
        det = real * synthetic * self.tau2 + self.lam * (real + synthetic * (1 + self.tau2)) + self.lam**2
        return real, synthetic, det

    def _forms(self, e):
        """For v_k' R v_l: the leverages sum s v_k' R v_k/n (p, 2), and the coupling (p, 2, 2) of theory.mixture."""
        real, synthetic, det = self._resolvent(e)
        s, count = self.spectrum.s, self.spectrum.count
        own = [(synthetic * self.tau2 + self.lam) / det, (self.lam * (1 + self.tau2) + real * self.tau2) / det]
        cross = (self.lam / det) ** 2 @ (s**2 * count)
        leverages = np.stack([form @ (s * count) for form in own], axis=1) / self.n
        squares = [form**2 @ (s**2 * count) for form in own]
        table = np.stack([squares[0], cross, cross, squares[1]], axis=1).reshape(-1, 2, 2)
        return leverages, table * (self.share / (1 + e) ** 2 / self.n)[:, None, :]


def _spread(coupling):
    """(I - H)^-1 for H (p, 2, 2), entry by entry: all are positive."""
    (own_real, to_real), (to_synthetic, own_synthetic) = np.moveaxis(coupling, 0, -1)
    inverse = np.array([[1 - own_synthetic, to_real], [to_synthetic, 1 - own_real]])
    return np.moveaxis(inverse / ((1 - own_real) * (1 - own_synthetic) - to_real * to_synthetic), -1, 0)
