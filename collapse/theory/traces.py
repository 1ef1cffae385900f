"""From kappa to the test error: what Theorems 1 and 2 share (chapters "Strong model collapse", "Random projections").

A direction with eigenvalue s is learned to the share s/(s + kappa) and missed to the share kappa/(s + kappa). Random
projections add the product of the two, with the factor 1 - q: the model is a random one, and its scatter is an error.
"""

from dataclasses import dataclass

import numpy as np

from ..setting import Risk
from .fixed_point import TINY


@dataclass(frozen=True)
class Traces:
    """What the risk needs to know of kappa; arrays of the shape of kappa."""

    df1: np.ndarray
    df2: np.ndarray
    slack: np.ndarray  # df1 - df2
    bias: np.ndarray  # kappa^2 tr Gamma Sigma (Sigma + kappa)^-2
    bias_scatter: np.ndarray  # kappa tr Gamma Sigma^2 (Sigma + kappa)^-2
    drift: np.ndarray  # tr Delta Sigma^3 (Sigma + kappa)^-2
    missed_shift: np.ndarray  # kappa^2 tr Delta Sigma (Sigma + kappa)^-2
    shift_scatter: np.ndarray  # kappa tr Delta Sigma^2 (Sigma + kappa)^-2

    @classmethod
    def of(cls, setting, spectrum, kappa):
        count = spectrum.count
        signal = spectrum.grouped(setting.spectrum * setting.teacher)
        shift = spectrum.grouped(setting.spectrum * setting.shift)
        on_learned, on_missed = np.stack([count, shift], axis=1), np.stack([signal, shift], axis=1)
        on_both = np.stack([count, signal, shift], axis=1)

        def functionals(learned, missed):
            df1 = learned @ count
            both = (learned * missed) @ on_both
            learned *= learned
            missed *= missed
            return np.column_stack([df1, both, learned @ on_learned, missed @ on_missed])

        columns = spectrum.in_blocks(kappa.ravel(), functionals).T
        df1, slack, bias_scatter, shift_scatter, df2, drift, bias, missed = (
            column.reshape(kappa.shape) for column in columns
        )
        return cls(df1, df2, slack, bias, bias_scatter, drift, missed, shift_scatter)

    def risk(self, setting, p2, n, spare_n, spare_m):
        """The Risk for n rows; spare_n = n - df1 and spare_m = m - df1, which is inf without projections.

        Implements: def-projection-constants (chapter "Random projections").
        """
        with np.errstate(divide="ignore", over="ignore"):
            q = (spare_m > 0) / (1 + self.slack / np.maximum(spare_m, TINY))
            inflation = n / (spare_n + q * self.slack)
        scatter = self.slack / np.maximum(spare_m + self.slack, TINY)  # 1 - q
        gain = _times((self.df2 + scatter * self.slack) / n, inflation)  # u/(1 - u)
        sigma2 = (1 - p2) * setting.noise[0] + p2 * setting.noise[1]
        missed_drift = p2**2 * (self.missed_shift + scatter * self.shift_scatter)
        contradiction = (1 - p2) * p2 * setting.c2
        bias = _times(self.bias + scatter * self.bias_scatter, inflation)
        drift = p2**2 * (self.drift + scatter * self.shift_scatter)
        return Risk(bias, _times(sigma2, gain), drift + _times(contradiction + missed_drift, gain))


def _times(amount, factor):
    """amount * factor, where nothing times infinity is nothing."""
    amount, factor = np.broadcast_arrays(amount, factor)
    return np.multiply(amount, factor, where=amount > 0, out=np.zeros(amount.shape))
