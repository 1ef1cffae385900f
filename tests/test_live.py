"""Sliders in a notebook that a person runs: each move has the kernel draw. And bars while something takes long."""

import io
import itertools
from html import unescape

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pytest

from collapse import figures, live, recompute
from collapse.recompute import as_of_now
from tests.test_figures import A, B, Page, describe, draw


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    monkeypatch.setattr(live, "watched", lambda: True)
    yield
    plt.close("all")


def labels(figure):
    return [slider.options for slider in figure.children[:-1]]


def words(figure):
    """What each slider can be put to, as the reader sees it."""
    return [[label for label, _ in options] for options in labels(figure)]


def move(figure, *told):
    for slider, label in zip(figure.children, told):
        slider.index = [shown for shown, _ in slider.options].index(label)
    return figure.children[-1].value


# Sliders that draw


def test_a_given_value_shows_the_frame_of_the_page(monkeypatch):
    figure = figures.two_sliders(draw, A, B, describe, still=(2, 1))
    monkeypatch.undo()
    page = Page(figures.two_sliders(draw, A, B, describe, still=(2, 1)))
    assert figure.still.png == page.frame()[1]
    for (i, a), (j, b) in itertools.product(enumerate(("0.1", "1", "10")), enumerate(("two", "three"))):
        page.slide("λ", i)
        page.slide("shift", j)
        alt, png = page.frame()
        shown = move(figure, a, b)
        assert alt in unescape(shown) and png in shown


def test_a_value_between_is_drawn():
    shown = move(figures.slider(draw, A, describe), "0.126")
    assert describe(0.126) in unescape(shown)
    assert shown != move(figures.slider(draw, A, describe), "0.158")


def test_values_between_are_by_factors_or_in_steps():
    figure = figures.two_sliders(draw, ("a", [10, 1000, 0]), ("b", [0.5, 1.0, -1.0]), describe)
    first, second = words(figure)
    assert first[:11] == ["10", "16", "25", "40", "63", "100", "158", "251", "398", "631", "1000"]
    assert first[11:] == ["900", "800", "700", "600", "500", "400", "300", "200", "100", "0"]
    assert second[:3] == ["0.5", "0.536", "0.574"] and second[10:13] == ["1", "0.8", "0.6"]
    seen = []
    figures.slider(lambda a: seen.append(a) or draw(a), ("a", [1, 3]), str)
    assert seen == [1, 2] and all(isinstance(a, int) for a in seen)


def test_only_the_still_is_drawn_and_one_value_between_for_each_slider():
    drawn = []
    figures.two_sliders(lambda a, b: drawn.append((a, b)) or draw(a, b), A, ("b", [1.0, 2.0]), describe, still=(2, 1))
    assert drawn == [(10, 2.0), (0.126, 2.0), (10, 1.07)]


def test_a_draw_that_looks_its_values_up_keeps_to_them():
    kept = {a: a for a in A[1]}
    figure = figures.two_sliders(lambda a, b: draw(kept[a], b), A, B, describe)
    assert words(figure) == [["0.1", "1", "10"], ["two", "three"]]
    assert describe(10, 3) in unescape(move(figure, "10", "three"))
    assert plt.get_fignums() == []


def test_an_error_is_told_in_the_figure_and_the_next_move_draws_again():
    def touchy(a):
        figure = draw(a)
        if a == 10:
            raise ArithmeticError("10 is <too> much")
        return figure

    figure = figures.slider(touchy, A, describe)
    told = move(figure, "10")
    assert 'role="alert"' in told and "ArithmeticError: 10 is &lt;too&gt; much" in told and "<img" not in told
    assert plt.get_fignums() == []
    assert describe(1) in unescape(move(figure, "1"))


def test_an_error_at_the_still_is_raised():
    with pytest.raises(ValueError, match="^still must be < 3"):
        figures.slider(draw, A, describe, still=3)
    with pytest.raises(ZeroDivisionError):
        figures.slider(lambda a: 1 / 0, A, describe)


@pytest.mark.parametrize("quick, follows", [(float("inf"), True), (0, False)])
def test_only_what_is_drawn_quickly_follows_the_hand(monkeypatch, quick, follows):
    monkeypatch.setattr(recompute, "QUICK", quick)
    figure = figures.slider(draw, A, describe)
    assert not figure.children[0].continuous_update
    move(figure, "10")
    assert figure.children[0].continuous_update == follows


def test_a_later_cell_may_use_the_names_again():
    notebook = {"size": 2, "len": len}
    exec("def twice(a, *, by=2): return by * size * a\ndef told(a): return f'{twice(a)} {twice(a, by=1)}'", notebook)
    told, untouched = as_of_now(notebook["told"], str)
    notebook |= {"size": 1000, "twice": None}
    assert told(3) == "12 6"
    assert untouched is str


def test_sliders_need_nothing_that_ipywidgets_7_lacks(monkeypatch):
    monkeypatch.undo()
    monkeypatch.delattr(widgets, "Stack")
    figure = figures.two_sliders(draw, A, B, describe)
    assert [type(child).__name__ for child in figure.children] == ["SelectionSlider", "SelectionSlider", "HTML"]
    assert describe(0.158, 2) in unescape(move(figure, "0.158"))


# Who is there


def test_nobody_watches_outside_a_notebook(monkeypatch):
    monkeypatch.undo()
    assert not live.watched()


def test_a_bar_is_for_those_who_watch(monkeypatch):
    watched, alone, unwanted = io.StringIO(), io.StringIO(), io.StringIO()
    assert list(live.progress(range(3), desc="rounds", file=watched)) == [0, 1, 2]
    assert list(live.progress(range(3), shown=False, file=unwanted)) == [0, 1, 2]
    monkeypatch.undo()
    assert list(live.progress(range(3), file=alone)) == [0, 1, 2]
    assert "rounds: 100%" in watched.getvalue() and "3/3" in watched.getvalue()
    assert not alone.getvalue() and not unwanted.getvalue()
