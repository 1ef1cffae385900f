"""Real and synthetic rows that weigh differently in the loss (chapter "Weighting").

In the fit to all rows, a row keeps the share m_k = 1/(1 + a_k e) of the residual it has under the fit to all others. The
covariance is the same for all, so everything follows from kappa, from D = df1/n, and from one number c:

    m_k = c/(c + a_k D),      t_k = a_k/(c + a_k D),      p1 t1 + p2 t2 = 1,      kappa c = lam.

pi_k = p_k t_k is the share of source k in the mean student, Sigma (Sigma + kappa)^-1 (w1 + pi2 delta). With weights
whose mean over the rows is 1, the third equation is quadratic in c at a given D,

    c^2 - (1 - (a1 + a2) D) c - a1 a2 D (1 - D) = 0,

and has one nonnegative root; so it is quadratic in D at a given c, as in fixed_point.py, and 1 - D is read off.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .fixed_point import Sizes, Spectrum, solve
from .traces import Traces

MAX_STEPS = 100
PER = ("row", "source")


def weighted(setting, n, lam, alpha, per="row"):
    """Test error of ridge regression that weighs real and synthetic rows differently, in the limit of many rows.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, real and synthetic together, > 0.
    lam : ridge >= 0 of (1/n) sum_i a_i (x_i.w - y_i)^2 + lam ||w||^2; 0 is the ridgeless limit. Unit [x]^2.
    alpha : weight of the synthetic data, in [0, 1].
    per : "row": a real row has weight 1 - alpha and a synthetic row alpha, so that 1/2 is theory.ridge. "source": the mean
        loss of the real rows has weight 1 - alpha and that of the synthetic rows alpha, so that p2 is theory.ridge.
        Either way all weights are then multiplied by one factor, so that they sum to n and lam keeps its meaning.
    n, lam, alpha and setting.p2 broadcast.

    At alpha = 0 the student sees the real rows only, as in theory.ridge at p2 = 0 with n1 rows; at alpha = 1 the synthetic
    rows only.

    Returns a Risk of the broadcast shape. Where the ridgeless error diverges (as many rows of positive weight as the rank
    of Sigma), the parts that diverge are inf.

    Raises ValueError or TypeError naming the argument; ValueError where no row has a positive weight.

    Implements: prop-weighted, prop-vanishing-weights, prop-weight-interpolation, prop-first-row (chapter "Weighting").
    """
    instance("setting", setting, Setting)
    alpha = real_array("alpha", alpha, low=0, high=1)
    sizes = Sizes.checked(setting.d, n, lam, p2=setting.p2, alpha=alpha)
    n, lam, p2, alpha = np.broadcast_arrays(sizes.n, sizes.ridge, setting.p2, alpha)
    rows = Rows.with_weight(n, p2, *row_weights(p2, alpha, per))
    spectrum = Spectrum(setting.spectrum)
    kappa, c = _solve(spectrum, rows, lam)
    return rows.risk(setting, Traces.of(setting, spectrum, kappa), c)


def share(p2, alpha, per="row"):
    """The share pi of the synthetic rows in the total weight: with many rows the mean student is w1 + pi delta.

    Fixed weights leave the error pi^2 c2 as n grows and lam -> 0 (Corollary 2).

    Parameters
    ----------
    p2 : share of synthetic rows, in [0, 1].
    alpha, per : as in theory.weighted. pi is alpha p2/((1 - alpha) p1 + alpha p2) per row, and alpha per source.
    p2 and alpha broadcast.

    Returns an array of the broadcast shape.

    Implements: cor-fixed-weights (chapter "Weighting").
    """
    arrays = dict(p2=real_array("p2", p2, low=0, high=1), alpha=real_array("alpha", alpha, low=0, high=1))
    p2, alpha = broadcast(**arrays)
    return (p2 * row_weights(p2, alpha, per)[1])[()]


def weighted_by_share(setting, n, share):
    """The ridgeless test error of weights under which the mean student is w1 + share delta.

    With phi = rank Sigma/n, pi2 = share and pi1 = 1 - share, the ratio of weights a2/a1 is
    [pi2/(p2 - pi2 phi)] / [pi1/(p1 - pi1 phi)], and the error is

        pi2^2 c2 + phi (pi1^2 sigma1^2/p1 + pi2^2 sigma2^2/p2 + pi1^2 pi2^2 c2/(p1 p2)) / (1 - phi (pi1^2/p1 + pi2^2/p2)).

    Parameters
    ----------
    setting : Setting.
    n : number of rows, > rank Sigma.
    share : in [0, 1]; the share of either source is at most its rows over rank Sigma. There its weight is infinite: the
        student fits these rows exactly.
    n, share and setting.p2 broadcast.

    Returns a Risk of the broadcast shape.

    Raises ValueError or TypeError naming the argument; ValueError for a share that no weights give.

    Implements: prop-weight-share (chapter "Weighting").
    """
    setting, spectrum, n, p2 = more_rows_than_rank(setting, n)
    share = real_array("share", share, low=0, high=1)
    n, p2, share = broadcast(n=n, p2=p2, share=share)
    traces = Traces.of(setting, spectrum, np.zeros(n.shape))
    low, high = np.maximum(1 - (1 - p2) * n / spectrum.rank, 0), np.minimum(p2 * n / spectrum.rank, 1)
    wrong = (share < low - 1e-12) | (share > high + 1e-12)
    if wrong.any():
        low, high, share = (array[wrong].flat[0] for array in (low, high, share))
        raise ValueError(
            f"share must be >= {low:g} and <= {high:g}, since no source has a larger share than its rows over the rank of "
            f"Sigma, got {share:g}"
        )
    learned = [_per_row(1 - share, 1 - p2), _per_row(share, p2)]
    kept = [np.maximum(1 - t * traces.df1 / n, 0) for t in learned]
    return _risk(setting, traces, n, p2, learned, kept)


def row_weights(p2, alpha, per):
    """Weights of a real and of a synthetic row, with mean 1 over all rows, or an error that names alpha or per."""
    if per not in PER:
        raise ValueError(f'per must be "row" or "source", got {per!r}')
    real, synthetic = (1 - alpha, alpha) if per == "row" else (_per_row(1 - alpha, 1 - p2), _per_row(alpha, p2))
    total = (1 - p2) * real + p2 * synthetic
    if (total == 0).any():
        p2 = p2[total == 0].flat[0]
        rule = "> 0" if p2 else "< 1"
        raise ValueError(f"alpha must be {rule} where p2 = {p2:g}, or no row has a weight, got {1 - p2:g}")
    return real / total, synthetic / total


@dataclass(frozen=True)
class Rows:
    """n rows of which p2 are synthetic, and the weights of real and of synthetic rows: positive, with mean 1."""

    n: np.ndarray
    p2: np.ndarray
    real: np.ndarray
    synthetic: np.ndarray

    @classmethod
    def with_weight(cls, n, p2, real, synthetic):
        """Without rows of no weight: what is left, if it is one source, has weight 1."""
        no_synthetic, no_real = p2 * synthetic == 0, (1 - p2) * real == 0
        alone = no_synthetic | no_real
        n = np.where(no_synthetic, (1 - p2) * n, np.where(no_real, p2 * n, n))
        whole = np.round(n)
        n = np.where(np.abs(n - whole) < 1e-12 * n, whole, n)  # (1 - 0.7) 20 are 6 rows
        p2 = np.where(no_synthetic, 0.0, np.where(no_real, 1.0, p2))
        return cls(n, p2, np.where(alone, 1.0, real), np.where(alone, 1.0, synthetic))

    def __getitem__(self, index):
        return Rows(self.n[index], self.p2[index], self.real[index], self.synthetic[index])

    def root(self, learned):
        """c at D = ``learned``, in [0, 1]."""
        product, slope = self.real * self.synthetic, 1 - (self.real + self.synthetic) * learned
        last = 4 * product * learned * (1 - learned)
        long = np.abs(slope) + np.sqrt(slope**2 + last)
        return np.where(slope > 0, long / 2, last / np.where(long > 0, 2 * long, 1.0))

    def spare(self, c):
        """n (1 - D), and its slope in log c, at a given c in [0, 1]."""
        product, total = self.real * self.synthetic, self.real + self.synthetic
        root = np.sqrt((c * total - product) ** 2 + 4 * product * c * (1 - c))
        spare = 2 * c * (total + c - 1) / (product + c * total + root)
        return self.n * spare, self.n * c * (total * (1 - spare) + 2 * c - 1) / root

    def learned_kept(self, c, df1):
        """t and m, each for real and for synthetic rows."""
        weights = (self.real, self.synthetic)
        whole = [c + weight * df1 / self.n for weight in weights]
        return [weight / one for weight, one in zip(weights, whole)], [c / one for one in whole]

    def risk(self, setting, traces, c):
        """The Risk at kappa and c."""
        return _risk(setting, traces, self.n, self.p2, *self.learned_kept(c, traces.df1))


def _risk(setting, traces, n, p2, learned, kept):
    """The Risk, from what real and synthetic rows have learned, t, and what they keep of their residuals, m."""
    (t1, t2), (m1, m2) = learned, kept
    pi1, pi2 = (1 - p2) * t1, p2 * t2
    with np.errstate(divide="ignore"):
        inflation = traces.df1 / (traces.slack + traces.df2 * (pi1 * m1 + pi2 * m2))
    gain = traces.df2 / n * inflation
    noise = pi1 * t1 * setting.noise[0] + pi2 * t2 * setting.noise[1]
    misfit = pi1**2 * traces.drift + 2 * pi1 * traces.shift_scatter + traces.missed_shift  # of synthetic rows
    contradiction = pi1 * t1 * pi2**2 * traces.drift + pi2 * t2 * misfit
    bias, variance, spread = _times(traces.bias, inflation), _times(noise, gain), _times(contradiction, gain)
    return Risk(bias, variance, pi2**2 * traces.drift + spread)


def _times(amount, factor):
    """amount * factor, where nothing times infinity is nothing."""
    return np.where(amount > 0, amount, 0.0) * np.where(amount > 0, factor, 0.0)


def _per_row(total, share):
    """total/share, and 0 where there are no rows."""
    total, share = np.broadcast_arrays(total, share)
    return np.divide(total, share, out=np.zeros(share.shape), where=share > 0)


def more_rows_than_rank(setting, n):
    instance("setting", setting, Setting)
    n, p2 = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    spectrum = Spectrum(setting.spectrum)
    if (n <= spectrum.rank).any():
        raise ValueError(f"n must be > {spectrum.rank:g}, the rank of Sigma, got {n.min():g}")
    return setting, spectrum, n, p2


def _solve(spectrum, rows, lam):
    """kappa and c. kappa (n D(lam/kappa) - df1) is convex, so Newton's method from the right is monotone."""
    kappa = solve(spectrum, Sizes(rows.n, np.full(lam.shape, np.inf), np.zeros(lam.shape)))
    c = np.where(kappa > 0, 0.0, rows.root(np.minimum(spectrum.rank / rows.n, 1)))
    positive = lam > 0
    if not positive.any():
        return kappa, c
    rows, lam = rows[positive], lam[positive]
    found = lam * ((1 - rows.p2) / rows.real + rows.p2 / rows.synthetic) + spectrum.trace / rows.n
    todo = np.arange(lam.size)
    for _ in range(MAX_STEPS):
        here, at = found[todo], rows[todo]
        learned, missed, slack = spectrum.totals(here)
        spare, slope = at.spare(lam[todo] / here)
        small = learned < missed
        gap = np.where(small, at.n - learned, (at.n - spectrum.rank) + missed) - spare
        found[todo] = here * ((slack + slope) / (gap + slack + slope))
        rounding = 1e-15 * np.where(small, at.n, np.abs(at.n - spectrum.rank) + missed)
        todo = todo[np.abs(gap) >= np.maximum(1e-7 * (slack + slope), rounding)]
        if todo.size == 0:
            kappa[positive], c[positive] = found, lam / found
            return kappa, c
    raise ArithmeticError(f"kappa did not settle in {MAX_STEPS} steps; please report setting, n, lam and alpha")
