"""Closed forms, vectorised; numpy and scipy only, so that they also run in a browser (all chapters)."""

from .best import best_ridge, best_size
from .exact import ridgeless_exact
from .fixed_point import df, fixed_point
from .free_probability import Pencil, dyson, projection_pencil
from .leave_one_out import leave_one_out
from .mixture import mixture
from .population import population_ridge
from .projection import peak, projection
from .ridge import ridge
from .scaling import Exponents, exponents, onset, plateau
from .source import Source, Target

__all__ = [
    "Exponents",
    "Pencil",
    "Source",
    "Target",
    "best_ridge",
    "best_size",
    "df",
    "dyson",
    "exponents",
    "fixed_point",
    "leave_one_out",
    "mixture",
    "onset",
    "peak",
    "plateau",
    "population_ridge",
    "projection",
    "projection_pencil",
    "ridge",
    "ridgeless_exact",
]
