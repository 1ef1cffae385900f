"""The EPUB, where it differs from the site: formulas without a script, sliders as a picture, the code of solutions shown."""

import base64
import re
import xml.etree.ElementTree as ET
import zipfile

import nbformat
import pytest

from book.mathml import Formulas, letters
from tests.book.small_book import build

MACROS = {"E": r"\mathbb{E}", "tr": r"\operatorname{tr}"}
SETTINGS = {
    "project": "A small book",
    "extensions": ["myst_nb", "book.ext.epub"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "html_math_renderer": "mathml",
    "mathjax3_config": {"tex": {"macros": MACROS}},
    "epub_basename": "small",
}
TEXT = r"""# Title

Here $\E x<1$ stands, and {eq}`one`.

$$
a &= \tr B \\
c &= d
$$ (one)

\begin{align}
e &= f
\end{align}

<script>alert("raw")</script>
"""
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
VIEW = {"model_id": "model", "version_major": 2, "version_minor": 0}
NAMESPACES = {"x": "http://www.w3.org/1999/xhtml", "m": "http://www.w3.org/1998/Math/MathML"}


def cell(code, tags, **data):
    outputs = [nbformat.v4.new_output("display_data", data)] if data else []
    return nbformat.v4.new_code_cell(code, metadata={"tags": tags}, outputs=outputs)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The files of a book of one chapter: name -> content."""
    folder = tmp_path_factory.mktemp("book")
    sliders = {"application/vnd.jupyter.widget-view+json": VIEW, "image/png": PIXEL, "text/plain": "A line that falls."}
    cells = [
        nbformat.v4.new_markdown_cell(TEXT),
        cell("figure = 1", ["hide-input"], **sliders),
        cell("solution = 2", ["hide-input", "hide-output"], **{"text/plain": "two"}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "index.ipynb")
    made = build(folder, "epub", SETTINGS, warning=None)
    with zipfile.ZipFile(made / "small.epub") as packed:
        assert packed.namelist()[0] == "mimetype"
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture(scope="module")
def page(book):
    return ET.fromstring(book["index.xhtml"].replace(b"<!DOCTYPE html>", b""))


def test_every_formula_is_mathml(book, page):
    formulas = page.findall(".//m:math", NAMESPACES)
    assert ["".join(formula.itertext()) for formula in formulas] == ["𝔼x<1", "a=trBc=d", "e=f"]
    assert [formula.get("display") for formula in formulas] == [None, "block", "block"]
    assert len(formulas[1].findall(".//m:mtr", NAMESPACES)) == 2
    assert page.find(".//x:div[@id='equation-one']/x:span[@class='eqno']", NAMESPACES).text == "(1)"
    holding = re.findall(r'href="([^"]+)"[^>]* properties="mathml"', book["content.opf"].decode())
    assert holding == ["index.xhtml"]


def test_nothing_runs_and_nothing_is_raw(page):
    assert page.findall(".//x:script", NAMESPACES) == []
    assert "alert" not in "".join(page.itertext())


def test_sliders_are_a_picture_with_their_text(book, page):
    (picture,) = page.findall(".//x:img", NAMESPACES)
    assert picture.get("alt") == "A line that falls."
    assert book[picture.get("src")] == base64.b64decode(PIXEL)


def test_the_code_of_solutions_is_shown_and_that_of_figures_is_not(page):
    text = "".join(page.itertext())
    assert "solution = 2" in text and "two" in text
    assert "figure = 1" not in text
    assert page.findall(".//x:details", NAMESPACES) == []


def test_all_styles_are_in_the_book(book, page):
    for style in page.findall(".//x:link[@rel='stylesheet']", NAMESPACES):
        assert style.get("href").partition("?")[0] in book


@pytest.fixture(scope="module")
def formulas():
    formulas = Formulas(MACROS)
    yield formulas
    formulas.close()


@pytest.mark.parametrize("wrong", [r"\bbm{1}", r"\frac{1", r"\begin{aligned} a"])
def test_what_is_not_a_formula_is_an_error(formulas, wrong):
    with pytest.raises(ValueError, match="not a formula"):
        formulas(wrong, False)
    assert "<mi>x</mi>" in formulas("x", False)  # the next one is read


@pytest.mark.parametrize(
    "variant, plain, found",
    [
        ("double-struck", "E", "𝔼"),
        ("double-struck", "R", "ℝ"),
        ("bold", "1", "𝟏"),
        ("script", "N", "𝒩"),
        ("bold-italic", "w", "𝒘"),
    ],
)
def test_letters_of_other_alphabets_are_characters_of_their_own(variant, plain, found):
    assert letters(variant, plain) == found


@pytest.mark.parametrize(
    "tex, space",
    [
        (r"\operatorname{tr}A", '<mi>tr</mi><mspace width="0.167em" />'),
        (r"\operatorname{tr}(A)", "<mi>tr</mi><mo"),
        (r"E_{\mathrm{test}}x", "<mi>test</mi></mrow></mrow></msub><mi>x</mi>"),
        ("a/b", '<mo lspace="0" rspace="0">/</mo>'),
    ],
)
def test_spaces_are_those_of_tex(formulas, tex, space):
    assert space in formulas(tex, False)
