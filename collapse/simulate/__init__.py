"""Monte Carlo of the linear models on CPU or GPU (all chapters that compare theory with simulation)."""

from .estimate import Estimate
from .iterating import accumulate, iterate
from .mixture import mixture
from .projection import projection
from .ridge import ridge
from .weighting import hierarchical, weighted

__all__ = ["Estimate", "accumulate", "hierarchical", "iterate", "mixture", "projection", "ridge", "weighted"]
