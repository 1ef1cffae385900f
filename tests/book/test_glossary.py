"""The glossary: sorted, linked both ways with the chapters; and what a link to a word of it, or to a statement, may show."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from book import plain
from tests.book.small_book import build

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in CHAPTERS.glob("*.md")}
ENTRIES = dict(re.findall(r"^(\w.*)\n((?:  .+\n)+)", TEXTS.pop("glossary").partition("```{glossary}\n")[2], re.MULTILINE))
PARTS = yaml.safe_load((CHAPTERS.parent / "_toc.yml").read_text(encoding="utf-8"))["parts"]
NUMBERED = [Path(page["file"]).stem for part in PARTS if part.get("numbered") for page in part["chapters"]]
PLACE = re.compile(r"See (?:\{(?:ref|prf:ref|eq)\}`|\[[^]]+\]\([\w-]+\.md\))")


def marked(text):
    """The entries that the words marked in a text belong to."""
    roles = re.findall(r"\{term\}`(?:[^`<]*<)?([^`<>]+)>?`", text)
    return [" ".join(role.split()) for role in roles]


def test_the_words_are_sorted():
    assert len(ENTRIES) > 40
    assert list(ENTRIES) == sorted(ENTRIES, key=str.casefold)


def test_every_word_leads_to_where_it_is_defined():
    assert [word for word, meaning in ENTRIES.items() if not PLACE.search(meaning)] == []


def test_every_word_is_used():
    assert set(ENTRIES) - {word for text in TEXTS.values() for word in marked(text)} == set()


@pytest.mark.parametrize("chapter", NUMBERED)
def test_a_chapter_marks_words_once(chapter):
    found = Counter(marked(TEXTS[chapter]))
    assert 3 <= len(found) <= 20
    assert [word for word, times in found.items() if times > 1] == []


def test_a_students_notebook_has_the_bare_word():
    assert plain.plain("A {term}`drift`, two {term}`plateaus <plateau>`.", {}, ()) == "A drift, two plateaus."


PAGE = r"""# Title

```{glossary}
drift
  Learned of $\delta$, see {prf:ref}`one`.

plateau
  Its end.
```

````{prf:theorem} Sum
:label: one
By {eq}`two`, {term}`drift`:

```{math}
:label: two
1 + 1 = 2
```
````

```{exercise} Again
:label: three
Add.
```
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What links to a page with a word, a statement, an equation and an exercise may show, by the id they lead to."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "index.md").write_text(PAGE, encoding="utf-8")
    settings = {
        "extensions": ["myst_parser", "sphinx_proof", "sphinx_exercise", "book.ext.used_in", "book.ext.hover"],
        "myst_enable_extensions": ["dollarmath"],
    }
    script = (build(folder, "html", settings, warningiserror=True) / "index.hover.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"window\.hoverTexts = (.*);\n", script)[1])


def test_a_page_keeps_what_its_links_may_show(shown):
    assert set(shown) == {"term-drift", "term-plateau", "one", "equation-two", "three"}
    assert BeautifulSoup(shown["term-drift"], "html.parser").get_text().strip() == r"Learned of \(\delta\), see Theorem 1."
    assert BeautifulSoup(shown["term-plateau"], "html.parser").get_text().strip() == "Its end."
    statement = BeautifulSoup(shown["one"], "html.parser")
    assert statement.select_one("p.admonition-title").get_text() == "Theorem 1  (Sum)"
    assert "By (1), drift:" in statement.get_text() and "1 + 1 = 2" in statement.select_one("div.math").get_text()
    assert "1 + 1 = 2" in shown["equation-two"] and "By" not in shown["equation-two"]
    assert "Add." in shown["three"]


def test_what_is_shown_holds_no_links_and_no_ids(shown):
    for html in shown.values():
        assert not BeautifulSoup(html, "html.parser").select("a, [id]")
        assert "#" not in html
