"""Measuring the quality c2 of synthetic labels from two labelled samples (chapter "Measuring quality, deciding")."""

from .choice import estimate
from .fits import holdout, ols
from .moments import u_statistic
from .predictions import Prediction, best_weight, onset, plateau
from .result import Noise, Quality
from .ridge import leave_one_out

__all__ = [
    "Noise",
    "Prediction",
    "Quality",
    "best_weight",
    "estimate",
    "holdout",
    "leave_one_out",
    "ols",
    "onset",
    "plateau",
    "u_statistic",
]
