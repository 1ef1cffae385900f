"""Checks of arguments, shared by every public function: the error names the argument, the value and the rule."""

import numbers
import reprlib

import numpy as np


def real_numbers(name, value, copy=True):
    """``value`` as a float64 array, of its own unless ``copy`` is False, or a clear error."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise TypeError
        return array.astype(float, copy=copy)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold real numbers, got {reprlib.repr(value)}") from None


def real_array(name, value, *, low=None, high=None, low_is_allowed=True, inf_is_allowed=False, ndim=None, copy=True):
    """``value`` as a float64 array of real numbers within [low, high], finite unless inf is allowed, or a clear error."""
    array = real_numbers(name, value, copy)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got an array of shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got an array of shape {array.shape}")
    wrong = np.isnan(array) if inf_is_allowed else ~np.isfinite(array)
    rule = "be a number" if inf_is_allowed else "be finite"
    if low is not None:
        wrong |= (array < low) if low_is_allowed else (array <= low)
        rule += f" and {'>=' if low_is_allowed else '>'} {low:g}"
    if high is not None:
        wrong |= array > high
        rule += f" and <= {high:g}"
    if wrong.any():
        raise ValueError(f"{name} must {rule}, got {array[wrong].flat[0]:g}")
    return array


def real_number(name, value, **rules):
    """``value`` as a float, under the rules of :func:`real_array`."""
    array = real_array(name, value, **rules)
    if array.ndim:
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    return float(array)


def real_list(name, value, **rules):
    """``value``, one number or a list of them, as a float64 array (entries,), under the rules of :func:`real_array`."""
    return real_array(name, np.atleast_1d(real_numbers(name, value)), ndim=1, **rules)


def whole_number(name, value, *, low):
    """``value`` as an int >= low, or a clear error."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < low:
        raise ValueError(f"{name} must be >= {low}, got {value}")
    return int(value)


def read_only(array):
    """A copy that cannot be written to."""
    array = array.copy()
    array.setflags(write=False)
    return array


def instance(name, value, kind):
    """``value`` if it is a ``kind``, or a clear error."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, got {type(value).__name__}")
    return value


def broadcast(**arrays):
    """The arrays broadcast against each other, or an error that names them and their shapes."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(array)}" for name, array in arrays.items())
        raise ValueError(
            f"these do not broadcast against each other: {shapes}; for every combination give one as a column, as n[:, None]"
        ) from None
