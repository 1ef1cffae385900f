"""Each statement names the chapters that use it, and only those, and leads to its row of the ledger."""

import re

import pytest

from tests.book.small_book import build

SETTINGS = {"extensions": ["myst_parser", "sphinx_proof", "book.ext.used_in"]}
SOURCES = {
    "index.md": "# Book\n\n```{toctree}\nfirst\nthird\nsecond\nchapters/ledger\n```\n",
    "first.md": "# First\n\n```{prf:theorem} One\n:label: one\nText.\n```\n\n"
    "```{prf:lemma} Two\n:label: two\nBy {prf:ref}`one`.\n```\n",
    "second.md": "# Second *part*\n\nSee {prf:ref}`one` and {prf:ref}`one`.\n",
    "third.md": "# Third\n\nSee {prf:ref}`one`.\n",
    "chapters/ledger.md": "# Ledger\n\n{prf:ref}`one` {prf:ref}`two`\n",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page with both statements, after a build for the web."""
    folder = tmp_path_factory.mktemp("book")
    for name, text in SOURCES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return (build(folder, "html", SETTINGS, warningiserror=True) / "first.html").read_text(encoding="utf-8")


def test_a_statement_names_the_other_chapters_in_reading_order(page):
    one = re.search(r'id="one".*?(?=id="two")', page, re.DOTALL)[0]
    used = re.search(r'<p class="used-in">Used in (.*?)</p>', one, re.DOTALL)[1]
    assert re.findall(r'href="([\w./#-]+)"', used) == ["third.html", "second.html", "chapters/ledger.html#ledger-one"]
    assert re.sub("<.*?>", "", used) == "Third · Second part · Function and tests"


def test_a_statement_that_no_other_chapter_uses_leads_to_its_tests(page):
    (used,) = re.findall(r'<p class="used-in">(.*?)</p>', page[page.index('id="two"') :], re.DOTALL)
    assert re.findall(r'href="([\w./#-]+)"', used) == ["chapters/ledger.html#ledger-two"]
    assert re.sub("<.*?>", "", used) == "Function and tests"
