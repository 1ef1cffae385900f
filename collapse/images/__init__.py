"""Ridge regression from image pixels, with a labeller in the loop. Serves the chapter "A first look, on digits"."""

from .curves import LearningCurve, learning_curve, students
from .labellers import ridge_labeller
from .population import Population, features, pool

__all__ = ["LearningCurve", "Population", "features", "learning_curve", "pool", "ridge_labeller", "students"]
