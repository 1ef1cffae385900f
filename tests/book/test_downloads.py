"""The menu of downloads: entries with names, no notebook that was not run; what the check of notebooks must notice."""

import base64
import copy
import hashlib
from types import SimpleNamespace

import nbformat
import pytest

from book import execution
from book.ext import downloads
from tests.book.downloaded import problems
from tests.book.small_book import ONE_CELL

PICTURE = b"a picture"
WIDGET, STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
PAGE = f'<div class="cell_output docutils container"><img src="{hashlib.sha256(PICTURE).hexdigest()}.png"> model-1</div>'
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook():
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("1 + 1")]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def run():
    """The notebook with a picture and sliders."""
    done, packed = notebook(), base64.b64encode(PICTURE).decode()
    view = {WIDGET: {"model_id": "model-1", "version_major": 2, "version_minor": 0}, "image/png": packed}
    done.cells[1].outputs = [nbformat.v4.new_output("display_data", data) for data in ({"image/png": packed}, view)]
    done.cells[1].execution_count = 1
    done.metadata["widgets"] = {STATE: {"state": {"model-1": {}}, "version_major": 2, "version_minor": 0}}
    return done


@pytest.fixture
def app(tmp_path):
    (tmp_path / "_sources").mkdir()
    (tmp_path / "page.md").write_text(ONE_CELL)
    settings = SimpleNamespace(execution_cache_path=str(tmp_path / "cache"))
    env = SimpleNamespace(doc2path=lambda name: tmp_path / f"{name}.md", mystnb_config=settings)
    return SimpleNamespace(env=env, outdir=tmp_path)


def entries(app):
    """The menu of a page, from what the theme has put into it."""
    labels = ("download-notebook-button", "download-source-button", "download-pdf-button")
    buttons = [{"label": label, "text": ".md", "tooltip": ""} for label in labels]
    menu = [{"label": "fullscreen-button"}, {"label": "download-buttons", "buttons": buttons}]
    context = {"header_buttons": menu, "ipynb_source": "page.ipynb", "pathto": lambda name, kind: f"../{name}"}
    downloads.offer(app, "page", "page.html", context, None)
    return {button["text"]: button.get("url") for button in buttons}


def test_a_chapter_that_ran_is_offered_with_its_outputs_too(app):
    execution.store(app.outdir / "cache", run(), app.outdir / "page.ipynb", 0.5)
    assert entries(app) == {
        "Notebook, to run": None,  # the theme's own
        "Notebook with outputs": "../_sources/page-with-outputs.ipynb",
        "Page source": None,
        "Print this page": None,
    }
    files = [nbformat.read(app.outdir / "_sources" / f"page{end}.ipynb", as_version=4) for end in ("", "-with-outputs")]
    assert list(problems(notebook(), *files, PAGE)) == []


def test_one_that_did_not_is_not(app):
    assert list(entries(app)) == ["Notebook, to run", "Page source", "Print this page"]
    assert [path.name for path in (app.outdir / "_sources").iterdir()] == ["page.ipynb"]


def test_a_page_without_a_menu_is_left_alone(app):
    context = {}
    downloads.offer(app, "search", "search.html", context, None)
    assert context == {}


def broken(part, change):
    files = {"clean": notebook(), "executed": run(), "page": PAGE}
    files[part] = change(copy.deepcopy(files[part]))
    return list(problems(notebook(), files["clean"], files["executed"], files["page"]))


def altered(change):
    def apply(notebook):
        change(notebook)
        return notebook

    return apply


BROKEN = {
    "outputs in the clean one": ("clean", lambda _: run(), "clean: holds outputs"),
    "a cell is missing": ("clean", altered(lambda nb: nb.cells.pop()), "clean: other cells"),
    "other code": (
        "executed",
        altered(lambda nb: nb.cells[1].update(source="1 + 2")),
        "executed: other cells than the chapter",
    ),
    "other words": (
        "executed",
        altered(lambda nb: nb.cells[0].update(source="# Tilte")),
        "executed: other cells than the chapter",
    ),
    "never run": ("executed", lambda _: notebook(), "executed: a cell has not been run"),
    "outputs are lost": (
        "executed",
        altered(lambda nb: nb.cells[1].update(outputs=[])),
        "executed: other cells than on the page",
    ),
    "no state of the sliders": ("executed", altered(lambda nb: nb.metadata.pop("widgets")), "executed: sliders"),
    "no picture of the sliders": (
        "executed",
        altered(lambda nb: nb.cells[1].outputs[1].data.pop("image/png")),
        "executed: sliders",
    ),
    "not a notebook": ("executed", altered(lambda nb: nb.cells[1].update(execution_count="1")), "executed: not a notebook"),
    "run another time": ("page", lambda page: page.replace(".png", ".gif"), "executed: another picture"),
    "sliders of another time": ("page", lambda page: page.replace("model-1", "model-2"), "executed: sliders"),
}


@pytest.mark.parametrize("part, change, complaint", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_download_is_noticed(part, change, complaint):
    assert any(found.startswith(complaint) for found in broken(part, change))


def test_a_good_one_is_not():
    assert broken("page", lambda page: page) == []
