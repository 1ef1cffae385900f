"""Monte Carlo of the linear models on CPU or GPU (all chapters that compare theory with simulation)."""

from .estimate import Estimate
from .mixture import mixture
from .projection import projection
from .ridge import ridge

__all__ = ["Estimate", "mixture", "projection", "ridge"]
