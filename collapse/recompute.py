"""Sliders that have the kernel draw what they stand at, between the values too. Serves `figures`, in every chapter."""

import contextlib
import html
import time
import traceback
from types import FunctionType

import matplotlib.pyplot as plt
import numpy as np

STEPS = 10  # of a slider, from each given value to the next
QUICK = 0.3  # seconds; what takes longer to draw is drawn when the slider is let go


def as_of_now(*functions):
    """The functions, with the names they use standing for what they do now: a later cell may call something else `n`.

    So do the functions that they call, if those are defined in the same notebook and not wrapped by a decorator.
    """
    notebook = getattr(functions[0], "__globals__", {})
    then = dict(notebook)

    def copy(function):
        if not (isinstance(function, FunctionType) and function.__globals__ is notebook):
            return function
        made = FunctionType(function.__code__, then, function.__name__, function.__defaults__, function.__closure__)
        made.__kwdefaults__ = function.__kwdefaults__
        return made

    then.update({name: copy(value) for name, value in notebook.items()})
    return [copy(function) for function in functions]


def refined(run, takes):
    """The run with values between those given, where it can have them.

    run : has values and labels. A run whose labels are not its values is a choice: nothing lies between.
    takes : called with one value between, once; an error means that only the given values can be drawn.
    """
    if run.labels != [f"{value:g}" for value in run.values]:
        return run
    gaps = [_between(low, high) for low, high in zip(run.values, run.values[1:])]
    try:
        with _no_figure_left():
            takes(next(value for gap in gaps for value in gap))
    except Exception:  # whatever a draw that looks its values up may raise, or no value between
        return run
    values, labels = run.values[:1], run.labels[:1]
    for gap, value, label in zip(gaps, run.values[1:], run.labels[1:]):
        values += [*gap, value]
        labels += [*(f"{inner:g}" for inner in gap), label]
    return run._replace(values=values, labels=labels)


def connect(sliders, runs, draw, picture):
    """Each move of a slider puts draw(*values), which is HTML, into `picture`, or the error that was raised."""

    def show(_):
        start = time.perf_counter()
        try:
            with _no_figure_left():
                picture.value = draw(*(run.values[slider.index] for run, slider in zip(runs, sliders)))
        except Exception as error:
            told = "".join(traceback.format_exception_only(error))
            picture.value = f'<pre role="alert">{html.escape(told)}</pre>'
        quick = time.perf_counter() - start < QUICK
        for slider in sliders:
            slider.continuous_update = quick

    for slider in sliders:
        slider.continuous_update = False
        slider.observe(show, "index")


def _between(low, high):
    """Values of three digits between two: equal factors if both are positive, else equal steps; whole between whole ones."""
    spaced = np.geomspace if min(low, high) > 0 else np.linspace
    kind = round if all(isinstance(end, int | np.integer) for end in (low, high)) else float
    found = [kind(float(f"{value:.3g}")) for value in spaced(low, high, STEPS + 1)[1:-1]]
    return [value for value in dict.fromkeys(found) if min(low, high) < value < max(low, high)]


@contextlib.contextmanager
def _no_figure_left():
    """Closes what a draw that failed has opened, which the notebook would show."""
    before = plt.get_fignums()
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - set(before):
            plt.close(number)
