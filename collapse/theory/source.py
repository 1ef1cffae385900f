"""Sources of training rows, and where the student is tested (chapter "Strong model collapse")."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..checks import instance, read_only, real_array, real_number
from ..setting import Setting


def _covariance(value):
    covariance = real_array("covariance", value, ndim=2)
    d = covariance.shape[0]
    if covariance.shape != (d, d):
        raise ValueError(f"covariance must be square, got shape {covariance.shape}")
    scale = np.abs(covariance).max()
    gap = np.abs(covariance - covariance.T).max()
    if gap > 1e-10 * scale:
        raise ValueError(f"covariance must be symmetric, got entries that differ from their mirror image by {gap:g}")
    lowest = np.linalg.eigvalsh(covariance)[0]
    if scale == 0 or lowest < -1e-10 * scale:
        raise ValueError(f"covariance must be positive semidefinite and not zero, got eigenvalue {lowest:g}")
    return read_only(covariance)


def _teacher(value, d):
    teacher = real_array("teacher", value)
    if teacher.ndim not in (1, 2) or teacher.shape[0] != d:
        raise ValueError(f"teacher must have shape ({d},) or ({d}, q), got {teacher.shape}")
    return read_only(teacher.reshape(d, -1))


@dataclass(frozen=True, eq=False)
class Target:
    """Where the student is tested: x ~ N(0, covariance), error against x.teacher.

    Parameters
    ----------
    covariance : (d, d) symmetric, positive semidefinite, not zero; unit [x]^2.
    teacher : (d,), or a factor W (d, q): w = W g with g ~ N(0, I_q) shared with the sources; unit [y]/[x].
    """

    covariance: np.ndarray
    teacher: np.ndarray

    def __post_init__(self):
        covariance = _covariance(self.covariance)
        object.__setattr__(self, "covariance", covariance)
        object.__setattr__(self, "teacher", _teacher(self.teacher, len(covariance)))


@dataclass(frozen=True, eq=False)
class Source(Target):
    """Rows x ~ N(0, covariance), y = x.teacher + noise.

    Parameters
    ----------
    covariance, teacher : as in Target; the factors of all sources share one g, so E w_k w_l' = W_k W_l'.
    noise : variance of the label noise, >= 0; unit [y]^2.
    share : share of the rows, in (0, 1]; the shares of all sources sum to 1.
    weight : weight of each row in the loss, > 0.
    """

    noise: float
    share: float
    weight: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "noise", real_number("noise", self.noise, low=0))
        object.__setattr__(self, "share", real_number("share", self.share, low=0, low_is_allowed=False, high=1))
        object.__setattr__(self, "weight", real_number("weight", self.weight, low=0, low_is_allowed=False))

    @classmethod
    def pair(cls, setting):
        """The real and the synthetic source of a Setting whose p2 is one number strictly between 0 and 1."""
        instance("setting", setting, Setting)
        p2 = real_number("p2", setting.p2)
        if not 0 < p2 < 1:
            raise ValueError(f"p2 must be > 0 and < 1, so that there are two sources, got {p2:g}")
        covariance = np.diag(setting.spectrum)
        gamma, delta = np.diag(np.sqrt(setting.teacher)), np.diag(np.sqrt(setting.shift))
        real = cls(covariance, np.hstack([gamma, 0 * delta]), setting.noise[0], 1 - p2)
        return [real, cls(covariance, np.hstack([gamma, delta]), setting.noise[1], p2)]


def checked_sources(sources, test):
    """The sources as a list and the test distribution, consistent with each other, or a clear error."""
    sources = [instance("each of sources", source, Source) for source in instance("sources", sources, Sequence)]
    if not sources:
        raise ValueError("sources must hold at least one Source, got none")
    test = sources[0] if test is None else instance("test", test, Target)
    shapes = {source.teacher.shape for source in [*sources, test]}
    if len(shapes) > 1:
        raise ValueError(f"teacher must have the same shape in all sources and in test, got {sorted(shapes)}")
    total = sum(source.share for source in sources)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"share must sum to 1 over the sources, got {total:g}")
    return sources, test
