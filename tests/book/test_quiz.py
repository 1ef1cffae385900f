"""Quizzes: every chapter has one; each is well-formed, a broken one is refused; the numbers asked for are right."""

from pathlib import Path

import numpy as np
import pytest

from book import notebooks, quiz
from collapse import Setting, theory

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = [name for name in notebooks.chapters() if name != "notes-on-the-paper"]

WELL = """\
:::{quiz} Title
Which?

- [ ] This one,
  or so.
  > Because it is wrong.
- [x] That one.
  > Because it is right.
  >
  > In two paragraphs.
:::
"""


def asked(name):
    return quiz.questions((ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8"), f"{name}.md")


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_has_its_quiz_before_its_exercises(name):
    text = (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8")
    between = text[text.index("\n## Quiz\n") : text.index("\n## Exercises\n")]
    assert 3 <= len(asked(name)) <= 4
    assert between.count(":::{quiz}") == len(asked(name))


@pytest.mark.parametrize("name", CHAPTERS)
def test_an_option_is_a_button_and_holds_no_link(name):
    choices = [option.choice.text for question in asked(name) for option in question.options]
    assert not [choice for choice in choices if "](" in choice or "}`" in choice]


def test_the_place_of_the_right_option_tells_nothing():
    places = [[option.right for option in question.options].index(True) for name in CHAPTERS for question in asked(name)]
    assert np.bincount(places).max() < len(places) / 3


def test_a_question_is_read():
    (found,) = quiz.questions("# Text\n\n" + WELL, "x.md")
    assert (found.title, found.text) == ("Title", quiz.Piece("Which?", 4))
    assert [option.right for option in found.options] == [False, True]
    assert found.options[0].choice == quiz.Piece("This one,\nor so.", 6)
    assert found.options[1].explanation == quiz.Piece("Because it is right.\n\nIn two paragraphs.", 10)


@pytest.mark.parametrize(
    "old, new, line, rule",
    [
        ("{quiz} Title", "{quiz}", 3, "needs a title"),
        ("Which?\n", "", 4, "needs a question"),
        ("[x]", "[ ]", 4, "exactly one option must be marked [x], here 0 are"),
        ("[ ]", "[x]", 4, "exactly one option must be marked [x], here 2 are"),
        ("[x]", "[X]", 9, "begins with"),
        ("  > Because it is wrong.\n", "", 6, "every option needs its explanation"),
        ("> Because it is wrong.", "> Because it is wrong.\nOr not.", 9, "nothing else"),
        ("  > In two paragraphs.\n", "  > In two paragraphs.\n- [ ] A third.\n", 13, "every option needs its explanation"),
        (":::{quiz}", "```{quiz}", None, "between a line"),
    ],
)
def test_a_broken_quiz_is_refused_with_file_and_line(old, new, line, rule):
    broken = "# Text\n\n" + WELL.replace(old, new, 1)
    assert broken != "# Text\n\n" + WELL
    with pytest.raises(ValueError, match=rule.replace("[", r"\[")) as refused:
        quiz.questions(broken, "x.md")
    assert str(refused.value).startswith("x.md:" if line is None else f"x.md:{line}:")


def test_two_options_are_the_least():
    with pytest.raises(ValueError, match="x.md:2: a quiz needs two options or more, this one has 1"):
        quiz.questions(":::{quiz} Title\nWhich?\n\n- [x] One.\n  > Yes.\n:::\n", "x.md")


def test_students_see_questions_without_answers():
    assert quiz.without_answers(WELL) == "**Title.**\n\nWhich?\n\n- [ ] This one,\n  or so.\n- [ ] That one.\n"


def error(p2, n, d=100, **facts):
    return theory.ridge(Setting.isotropic(d, p2, **{"c2": 1.0, "noise": 0.0, **facts}), n, 0.0)


def peak(lam):
    return theory.ridge(Setting.isotropic(10_000, 0.0, 0.0, noise=1.0), 10_000, lam).variance


def clean_slope(beta):
    problem = Setting.power_law(20_000, 0.0, 0.0, 0.5, beta, r=2.0)
    few, many = theory.best_ridge(problem, np.array([1e3, 1e4]))[1].total
    return np.log10(few / many)


def best_floor():
    return theory.best_ridge(Setting.isotropic(50, 0.1, c2=1.0, noise=0.5), 1e10)[1].total


def surcharge(m):
    setting = Setting.isotropic(400, 0.5, 1.0, noise=0.1)
    size = np.array([m * 100, 1e9])
    return -np.diff(theory.projection(setting, 100, size, 0.0).total)[0]


def many_real_rows_worth():
    n1, share = 2_000_000, 1 - 1e-5
    mixed = theory.best_share(Setting.isotropic(100, share, 0.005, 0.5), n1 / (1 - share))[1].total
    return 100 * (1 + 0.5 / mixed) - n1


def rounds(count):
    return theory.iterate(Setting.isotropic(100, 0.5, 1.0, noise=0.0), 1e9, count).total[-1]


@pytest.mark.parametrize(
    "name, title, text, found, off",
    [
        ("first-look", "Half the share", "a quarter", lambda: error(0.1, 1e9).shift / error(0.2, 1e9).shift / (1 / 4), 1e-3),
        (
            "setting",
            "Nothing but synthetic rows",
            "does not fall",
            lambda: error(1.0, 200).total / error(1.0, 10_000).total,
            1e-9,
        ),
        ("ridge", "A hundred times the ridge", "tenth", lambda: peak(1e-2) / peak(1e-4) / 0.1, 0.1),
        ("ridge", "No ridge, few rows", "1.", lambda: theory.fixed_point(np.ones(200), 100, 0.0), 1e-9),
        (
            "strong-collapse",
            "From half to all",
            "falls",
            lambda: error(0.5, 1000, 900).total / 2.5 / error(1.0, 1000, 900).total,
            1e-9,
        ),
        (
            "strong-collapse",
            "One percent, interpolated",
            "doubles",
            lambda: error(0.02, 50).shift / error(0.01, 50).shift / 2,
            0.01,
        ),
        ("strong-collapse", "Shrink it away", "$0.0099$", lambda: best_floor() / 0.0099, 1e-3),
        ("scaling-laws", "A steeper spectrum", r"$\frac12$", lambda: clean_slope(1.5) / 0.5, 0.1),
        ("scaling-laws", "A steeper spectrum", r"$\frac12$", lambda: clean_slope(3.0) / 0.5, 0.1),
        ("model-size", "Beyond the threshold", "A tenth", lambda: surcharge(11) / surcharge(2) / 0.1, 1e-4),
        ("weighting", "Unlimited supply", "10,000", lambda: many_real_rows_worth() / 10_000, 0.02),
        ("iterating", "Three rounds", "$1/64$", lambda: rounds(3) * 64, 1e-3),
    ],
)
def test_numbers_asked_for_are_those_of_the_package(name, title, text, found, off):
    (question,) = [question for question in asked(name) if question.title == title]
    (right,) = [option.choice.text for option in question.options if option.right]
    assert text in right
    assert found() == pytest.approx(1, rel=off)
