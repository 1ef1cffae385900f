"""Students of images, with labellers in the loop. Serves "A first look, on digits" and "Digits at scale"."""

from .curves import LearningCurve, learning_curve, students
from .feature_ridge import feature_ridge, peak_memory_bytes
from .figure7 import scores, synthetic_labels, trained, wide
from .labellers import feature_labels, hard, mixed, ridge_labeller
from .network import Networks, Recipe, train
from .population import Population, features, pool
from .quality import Quality, quality
from .random_features import RandomFeatures
from .splits import Part, Split, split

__all__ = [
    "LearningCurve",
    "Networks",
    "Part",
    "Population",
    "Quality",
    "RandomFeatures",
    "Recipe",
    "Split",
    "feature_labels",
    "feature_ridge",
    "features",
    "hard",
    "learning_curve",
    "mixed",
    "peak_memory_bytes",
    "pool",
    "quality",
    "ridge_labeller",
    "scores",
    "split",
    "students",
    "synthetic_labels",
    "train",
    "trained",
    "wide",
]
