"""The quiz directive in a book of one page: boxes that open in HTML, a list elsewhere, a line number for what is wrong."""

from io import StringIO

import pytest
from bs4 import BeautifulSoup

from tests.book import small_book

PAGE = """\
# Title

:::{quiz} One of two
What is $1+1$?

- [ ] 1. That is less.
  > See [elsewhere](https://a.b).
- [x] $2$.
  > It is.
  >
  > Always.
:::
"""


def build(folder, page, builder):
    """Builds a book of one page. The written page, and the warnings."""
    (folder / "index.md").write_text(page, encoding="utf-8")
    settings = {"extensions": ["myst_parser", "book.ext.quiz"], "myst_enable_extensions": ["colon_fence", "dollarmath"]}
    warnings = StringIO()
    made = small_book.build(folder, builder, settings, warning=warnings)
    (written,) = made.glob({"html": "index.html", "text": "index.txt", "latex": "*.tex"}[builder])
    return written.read_text(encoding="utf-8"), warnings.getvalue()


def test_in_html_each_option_opens_to_its_explanation(tmp_path):
    html, warnings = build(tmp_path, PAGE, "html")
    assert warnings == ""
    quiz = BeautifulSoup(html, "html.parser").select_one("#quiz-1.quiz")
    assert quiz.p.get_text() == "Question 1. One of two"
    wrong, right = quiz.select("ol > li > details")
    assert [wrong.summary.get_text(), right.summary.get_text()] == ["1. That is less.", "\\(2\\)."]
    assert wrong.select_one("div.quiz-wrong p").get_text() == "No. See elsewhere."
    assert [p.get_text() for p in right.select("div.quiz-right p")] == ["Right. It is.", "Always."]
    assert not quiz.select("summary p") and not quiz.select("details[open]")


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_elsewhere_it_is_a_list_with_explanations(tmp_path, builder):
    text, warnings = build(tmp_path, PAGE, builder)
    assert warnings == ""
    words = ["Question 1. One of two", "What is", "1. That is less.", "No.", "elsewhere", "Right.", "Always."]
    assert sorted(words, key=text.index) == words
    assert "summary" not in text


def test_a_broken_quiz_stops_a_build_that_takes_warnings_for_errors(tmp_path):
    _, warnings = build(tmp_path, PAGE.replace("[x]", "[ ]"), "html")
    assert "index.md:4: exactly one option must be marked [x], here 0 are" in warnings
