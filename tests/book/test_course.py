"""The course page agrees with the chapters; slides hold what a chapter claims, shows and states."""

import re
from pathlib import Path

import pytest

from book import cards, notebooks, slides

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "chapters" / "course.md").read_text(encoding="utf-8")
TABLES = [
    [[cell.strip() for cell in line.split("|")] for line in body.splitlines()]
    for body in re.findall(r"^```\{course\}.*\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
]


def labels(name):
    return set(re.findall(r":label: (ex-\S+)", (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8")))


def test_three_courses_and_the_goals_of_every_chapter():
    *courses, goals = TABLES
    assert [len(rows) for rows in courses] == [5, 4, 8]
    assert sorted(name for name, _ in goals) == sorted(notebooks.chapters())


@pytest.mark.parametrize("rows", TABLES[:-1], ids=["one week", "four weeks", "eight weeks"])
def test_a_week_hands_in_exercises_of_its_own_chapters(rows):
    for when, names, text in rows:
        mine = set().union(*(labels(name.strip()) for name in names.split(",")))
        assert set(re.findall(r"\{ref\}`(ex-\S+)`", text)) <= mine, f"week or day {when}"


def test_times_are_those_that_the_page_names():
    assert f"{cards.EXERCISE} minutes for each exercise to hand in" in PAGE
    lecture = "A chapter takes one or two lectures of 90 minutes, with its exercises left for the week after."
    assert all(lecture in (ROOT / "chapters" / name).read_text(encoding="utf-8") for name in ("course.md", "welcome.md"))


def test_a_card_is_read():
    card = cards.card("model-size")
    assert (card.title, card.reading) == ("Does a larger model help?", (60, 90))
    assert card.exercises == 5 and card.questions == 4


def test_times_add_up():
    assert cards.reading(["first-look", "setting"]) == "40 min"
    assert cards.reading(["first-look", "setting"], exercises=1) == "85 min"
    assert cards.reading(["first-look", "setting"], exercises=2) == "2 h"
    assert cards.reading(["model-size"]) == "60 to 90 min"
    assert cards.reading(["random-projections", "model-size"]) == "2 to 3 h"
    assert cards.running(["first-look", "setting"]) == "45 s"
    assert cards.running(["known-entropy", "stories"]) == "2 min"


def test_a_chapter_without_times_is_refused(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "x.md").write_text("# Title\n\n**Reading** long\n")
    with pytest.raises(ValueError, match="x.md: its front card needs"):
        cards.card("x", tmp_path)


def test_slides_hold_claim_figures_statements_and_take_aways():
    html = """<script>window.MathJax = {}</script><article class="bd-article"><section id="t">
    <h1>T<a class="headerlink">#</a></h1>
    <div class="admonition"><p>Card</p><p>You will learn</p></div><p><strong>The claim.</strong> It holds.</p>
    <section id="s"><h2><span class="section-number">1. </span>S</h2>
    <div class="cell_output"><a><img alt="a curve" src="../_images/a.png"></a></div>
    <div class="cell_output"><div class="still"><img alt="a still" src="../_images/b.png"></div></div>
    <div class="proof theorem" id="thm">Let <a href="#eq">this</a> and <a href="other.html">that</a>, <a href="https://a.b">there</a>.</div>
    <div class="proof proof-text">Why.</div></section>
    <section id="take-aways"><h2>Take-aways</h2><ul><li>It does.</li></ul></section>
    <section id="quiz"><h2>Quiz</h2><div class="quiz">Does it?</div></section></section></article>"""
    page = slides.slides(html, "x")
    order = [
        "You will learn",
        "It holds.",
        "<h2>S</h2>",
        "a curve",
        "a still",
        "chapters/x.html#s",
        'id="thm"',
        "It does.",
        "Does it?",
    ]
    assert sorted(order, key=page.index) == order
    assert page.count("<section") == 7 and page.count("moves in the chapter") == 1
    assert "Why." not in page and "headerlink" not in page
    assert all(link in page for link in ('"../chapters/x.html#eq"', '"../chapters/other.html"', '"https://a.b"'))
    assert "window.MathJax" in page
