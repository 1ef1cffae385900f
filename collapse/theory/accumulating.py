"""Generations that replace the data or add to them, and labels that are checked (chapter "Iterating and accumulating").

Generation 1 is least squares on real rows, labelled by w1 with noise; generation i + 1 gets labels from generation i. All
formulas are exact at any size and any spectrum, for Gaussian inputs and more than d + 1 rows.
"""

import numpy as np

from ..checks import broadcast, instance, real_array, whole_number


def replace(d, rows, noise, generations):
    """Test errors if every generation sees only the labels of the one before it: i sigma^2 d/(T - d - 1).

    Parameters
    ----------
    d : number of dimensions, whole, >= 1.
    rows : number of rows of each generation, T > d + 1.
    noise : variance of the label noise, >= 0; unit [y]^2.
    generations : whole number >= 1.
    rows and noise broadcast.

    Returns an array (generations, *broadcast shape); unit [y]^2.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-generations (chapter "Iterating and accumulating")
    """
    d = whole_number("d", d, low=1)
    rows, noise = broadcast(rows=_whole("rows", rows), noise=real_array("noise", noise, low=0))
    _more_than(d, "rows", rows)
    generation = np.arange(1, whole_number("generations", generations, low=1) + 1)
    return np.multiply.outer(generation, noise * d / (rows - d - 1))


def accumulate(d, sizes, noise, fresh=True):
    """Test errors if every generation adds labels and keeps the old ones.

    Parameters
    ----------
    d : number of dimensions, whole, >= 1.
    sizes : (generations, ...) numbers of rows that each generation adds, whole, the first > d + 1.
    noise : variance of the label noise, >= 0; broadcasts with sizes, so that an array (generations, ...) is one of each
        generation's. Unit [y]^2.
    fresh : True if each generation brings new inputs, False if the same inputs get new labels; then all sizes are equal.

    Returns an array of the broadcast shape; unit [y]^2.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-generations (chapter "Iterating and accumulating")
    """
    d, sizes, noise = checked_sizes(d, sizes, noise, fresh)
    if fresh:
        rows = sizes.cumsum(axis=0)
        return (noise * sizes / rows * d / (rows - d - 1)).cumsum(axis=0)
    square = np.arange(1.0, len(sizes) + 1).reshape(-1, *[1] * (sizes.ndim - 1)) ** 2
    return (noise / square * d / (sizes - d - 1)).cumsum(axis=0)


def checked_sizes(d, sizes, noise, fresh):
    """The arguments of accumulate, checked; sizes and noise broadcast."""
    d = whole_number("d", d, low=1)
    instance("fresh", fresh, bool)
    sizes = _whole("sizes", sizes)
    if sizes.ndim == 0:
        raise ValueError("sizes must have one entry for each generation, got a number")
    sizes, noise = broadcast(sizes=sizes, noise=real_array("noise", noise, low=0))
    _more_than(d, "sizes[0]", sizes[0])
    if not fresh and (sizes != sizes[0]).any():
        extremes = f"{sizes.min():g} and {sizes.max():g}"
        raise ValueError(f"sizes must all be equal where the same inputs get new labels, got {extremes}")
    return d, sizes, noise


def kept(p, keep_right, keep_wrong):
    """Share of right labels among those that a check keeps.

    Parameters
    ----------
    p : share of wrong labels before the check, in [0, 1].
    keep_right, keep_wrong : shares of the right and of the wrong labels that the check keeps, in [0, 1].
    All broadcast.

    Returns an array of the broadcast shape. ValueError where nothing is kept.

    Implements: prop-breakdown (chapter "Iterating and accumulating")
    """
    p, keep_right, keep_wrong = broadcast(p=_share("p", p), **_rates(keep_right, keep_wrong))
    right, wrong = (1 - p) * keep_right, p * keep_wrong
    if (right + wrong == 0).any():
        raise ValueError("keep_right and keep_wrong must keep some labels, but at some p nothing is kept")
    return (right / (right + wrong))[()]


def breakdown(keep_right, keep_wrong):
    """The share of wrong labels below which most of the labels that are kept are right: 1/(1 + keep_wrong/keep_right).

    Parameters
    ----------
    keep_right, keep_wrong : as in kept, not both 0; they broadcast.

    Returns an array of the broadcast shape.

    Implements: prop-breakdown (chapter "Iterating and accumulating")
    """
    keep_right, keep_wrong = broadcast(**_rates(keep_right, keep_wrong))
    if (keep_right + keep_wrong == 0).any():
        raise ValueError("keep_right and keep_wrong must not both be 0: nothing is kept")
    return (keep_right / (keep_right + keep_wrong))[()]


def _rates(keep_right, keep_wrong):
    return dict(keep_right=_share("keep_right", keep_right), keep_wrong=_share("keep_wrong", keep_wrong))


def _share(name, value):
    return real_array(name, value, low=0, high=1)


def _whole(name, value):
    value = real_array(name, value, low=1)
    fraction = value != np.round(value)
    if fraction.any():
        raise ValueError(f"{name} must be a whole number, got {value[fraction].flat[0]:g}")
    return value


def _more_than(d, name, rows):
    if (rows <= d + 1).any():
        raise ValueError(f"{name} must be more than d + 1 = {d + 1}, got {rows.min():g}")
