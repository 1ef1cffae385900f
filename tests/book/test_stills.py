"""A figure that moves stands in the page as a still, with its text and its size; other outputs stay as they are."""

import io
from base64 import b64encode

import nbformat
import pytest
from bs4 import BeautifulSoup
from myst_nb.core.render import WIDGET_VIEW_MIMETYPE
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tests.book.small_book import build

SETTINGS = {"extensions": ["myst_nb", "book.ext.stills"], "nb_execution_mode": "off"}
VIEW = {WIDGET_VIEW_MIMETYPE: {"model_id": "a1", "version_major": 2, "version_minor": 0}}


def picture(width, height):
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return {"image/png": b64encode(file.getvalue()).decode()}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """The outputs of three cells in the page: a figure that moves, a figure that does not, a widget that is no figure."""
    folder = tmp_path_factory.mktemp("book")
    data = [
        VIEW | picture(30, 20) | {"text/plain": "It rises."},
        picture(40, 50) | {"text/plain": "<Figure size 40x50>"},
        VIEW | {"text/plain": "HBox()"},
    ]
    cells = [new_code_cell("1", outputs=[new_output("display_data", data=each)]) for each in data]
    nbformat.write(new_notebook(cells=cells), folder / "index.ipynb")
    page = BeautifulSoup((build(folder, "html", SETTINGS) / "index.html").read_text(encoding="utf-8"), "html.parser")
    return page.select(".cell_output")


def test_the_still_stands_beside_the_moving_figure(outputs):
    moving = outputs[0]
    assert moving.select_one(f'script[type="{WIDGET_VIEW_MIMETYPE}"]')
    still = moving.select_one(".still img")
    assert still["alt"] == "It rises."
    assert still["style"] == "width: 30px; height: 20px;"


def test_other_outputs_have_no_still(outputs):
    assert len(outputs) == 3
    assert not any(output.select(".still") for output in outputs[1:])
    assert outputs[1].img
