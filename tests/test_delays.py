"""The delay of a learning curve, and the worth of a synthetic token, against curves whose delay is known."""

import numpy as np
import pytest

CLEAN = np.geomspace(1, 1e9, 4000)
INTERPOLATED = 1e-3  # relative: between neighbours of CLEAN, which differ by half a percent
A, ALPHA, END = 2.0, 0.3, 1.5


def clean(n):
    return END + A * n**-ALPHA


@pytest.mark.proves("prop-delay")
@pytest.mark.parametrize("floor", [0.0, 1e-3, 0.1])
@pytest.mark.parametrize("late", [1.0, 2.0])
def test_the_delay_of_a_curve_with_a_floor_grows_as_the_proposition_says(language, floor, late):
    tokens = np.geomspace(1e2, 1e6, 30)
    found = language.delay(tokens, floor + clean(tokens / late), CLEAN, clean(CLEAN))
    np.testing.assert_allclose(found, (late**ALPHA + floor / A * tokens**ALPHA) ** (1 / ALPHA), rtol=INTERPOLATED)
    assert (found > late * (1 - INTERPOLATED)).all()


@pytest.mark.proves("prop-delay")
def test_with_a_floor_the_tokens_that_count_come_to_an_end(language):
    floor, tokens = 0.1, np.geomspace(1e2, 1e14, 30)
    count = tokens / language.delay(tokens, floor + clean(tokens), CLEAN, clean(CLEAN))
    assert (np.diff(count) > 0).all() and count[-1] == pytest.approx((A / floor) ** (1 / ALPHA), rel=0.01)


@pytest.mark.proves("prop-delay")
@pytest.mark.parametrize("each", [1.0, 0.3, 0.0, -0.2])
@pytest.mark.parametrize("p2", [0.1, 0.5])
def test_worth_is_how_many_real_tokens_a_synthetic_one_replaces(language, p2, each):
    tokens = np.array([1e3, 1e5])
    loss = clean((1 - p2 + p2 * each) * tokens)
    found = language.worth(language.delay(tokens, loss, CLEAN, clean(CLEAN)), p2)
    np.testing.assert_allclose(found, each, atol=INTERPOLATED / p2)


def test_between_two_points_the_loss_is_linear_in_the_logarithm(language):
    assert language.delay(1000, 3.5, [10, 1000], [4, 3]) == pytest.approx(10)


def test_there_is_no_delay_beyond_the_clean_curve(language):
    found = language.delay([10, 10, 10], [4.1, 3.5, 2.9], [10, 1000], [4, 3])
    assert np.isnan(found).tolist() == [True, False, True]
    assert np.isnan(language.worth(found, 0.5)).tolist() == [True, False, True]


GOOD = dict(tokens=[10.0], loss=[3.5], clean_tokens=[10, 1000], clean_loss=[4, 3])


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        (dict(tokens=0.5), ValueError, "tokens must be >= 1, got 0.5"),
        (dict(tokens=[np.nan]), ValueError, "tokens must be >= 1"),
        (dict(clean_loss=[3, 4]), ValueError, "clean_loss must fall as clean_tokens grow"),
        (dict(clean_tokens=[10, 10]), ValueError, "clean_tokens must grow"),
        (dict(clean_loss=[4]), ValueError, "clean_loss must have the length of clean_tokens, 2, got 1"),
        (dict(clean_tokens=["ten", "thousand"]), TypeError, "clean_tokens"),
    ],
)
def test_bad_input_to_delay_is_named(language, wrong, error, message):
    with pytest.raises(error, match=message):
        language.delay(**GOOD | wrong)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((2.0, 0.0), ValueError, "p2 must be"),
        ((2.0, 1.5), ValueError, "p2 must be"),
        ((2.0, "half"), TypeError, "p2"),
        (([2.0, 0.0], 0.5), ValueError, "delay must be > 0, got 0"),
    ],
)
def test_bad_input_to_worth_is_named(language, arguments, error, message):
    with pytest.raises(error, match=message):
        language.worth(*arguments)
