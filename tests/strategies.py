"""What the property tests draw: problems of every shape, small enough that a failure can be read."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from collapse import Setting

properties = settings(
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # The fixture is a module, not a state; and a slow machine is no failure.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def powers_of_ten(low, high):
    """Numbers spread evenly in log10, from 10^low to 10^high."""
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


def amounts(d):
    """(d,) arrays of numbers >= 0, some of them zero."""
    entry = st.one_of(st.just(0.0), powers_of_ten(-2, 1))
    return st.lists(entry, min_size=d, max_size=d).map(np.array)


@st.composite
def problems(draw, p2=st.floats(0, 1), largest=8):
    """A Setting with up to ``largest`` dimensions."""
    d = draw(st.integers(1, largest))
    spectrum = np.array(draw(st.lists(powers_of_ten(-2, 1), min_size=d, max_size=d)))
    noise = (draw(powers_of_ten(-2, 1)), draw(powers_of_ten(-2, 1)))
    return Setting(spectrum, draw(amounts(d)), draw(amounts(d)), draw(p2), noise)


def shuffled_with_zeros(setting, seed):
    """The same problem in another order, with two more directions in which inputs never vary."""
    order = np.random.default_rng(seed).permutation(setting.d + 2)
    return Setting(
        np.r_[setting.spectrum, 0, 0][order],
        np.r_[setting.teacher, 1, 2][order],
        np.r_[setting.shift, 3, 4][order],
        setting.p2,
        setting.noise,
    )


rows = st.floats(0.3, 40)
ridges = powers_of_ten(-4, 2)
scales = powers_of_ten(-3, 3)
shares = st.floats(0.05, 0.95)


def assert_same(risk, expected, relative=1e-8):
    """The three parts of two risks agree, relative to the total."""
    for part in ("bias", "variance", "shift"):
        value, wanted = getattr(risk, part), getattr(expected, part)
        error = np.abs(value - wanted) / np.maximum(expected.total, np.finfo(float).tiny)
        assert (error <= relative).all(), f"{part}: {value} instead of {wanted}"
