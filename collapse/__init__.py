"""The helper package of the book "Strong model collapse, step by step".

``import collapse`` is cheap: each part is loaded on first use, so that reading a formula does not load torch or matplotlib.
"""

from importlib import import_module

from .setting import Risk, Setting

__version__ = "0.1.0"
__all__ = [
    "Risk",
    "Setting",
    "advice",
    "advise",
    "data",
    "experiments",
    "figures",
    "images",
    "language",
    "quality",
    "results",
    "simulate",
    "sweep",
    "theory",
]

_ON_FIRST_USE = frozenset(__all__) - {"Risk", "Setting"}


def __getattr__(name):
    if name == "advise":
        return import_module(f"{__name__}.advice").advise
    if name in _ON_FIRST_USE:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
