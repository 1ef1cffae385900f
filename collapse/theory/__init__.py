"""Closed forms, vectorised; numpy and scipy only, so that they also run in a browser (all chapters)."""

from .accumulating import accumulate, breakdown, kept, replace
from .best import best_ridge, best_size
from .best_weights import best_share, best_weighting
from .exact import ridgeless_exact
from .fixed_point import df, fixed_point
from .free_probability import Pencil, dyson, projection_pencil
from .hierarchical import bayes_hierarchical, hierarchical
from .iterating import best_iterated_share, iterate, iterate_limit
from .leave_one_out import leave_one_out
from .mixture import mixture
from .population import population_ridge
from .projection import peak, projection
from .ridge import ridge
from .scaling import Exponents, exponents, onset, plateau
from .source import Source, Target
from .weighting import share, weighted, weighted_by_share

__all__ = [
    "Exponents",
    "Pencil",
    "Source",
    "Target",
    "accumulate",
    "bayes_hierarchical",
    "best_iterated_share",
    "best_ridge",
    "best_share",
    "best_size",
    "best_weighting",
    "breakdown",
    "df",
    "dyson",
    "exponents",
    "fixed_point",
    "hierarchical",
    "iterate",
    "iterate_limit",
    "kept",
    "leave_one_out",
    "mixture",
    "onset",
    "peak",
    "plateau",
    "population_ridge",
    "projection",
    "projection_pencil",
    "replace",
    "ridge",
    "ridgeless_exact",
    "share",
    "weighted",
    "weighted_by_share",
]
