"""`make serve` runs nothing: it shows what the cache of executed chapters holds."""

from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache

from book import execution, serve
from book.ext.unrun import unrun
from tests.book.small_book import ONE_CELL


@pytest.fixture
def chapters(tmp_path):
    """Two chapters, the first of which has run."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    (folder / "run.md").write_text(ONE_CELL)
    (folder / "new.md").write_text(ONE_CELL.replace("1 + 1", "1 + 2"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")], metadata={"kernelspec": kernel})
    execution.store(tmp_path / "cache", notebook, folder / "run.ipynb", 0.5)
    return folder


def left_alone(chapters):
    return list(unrun(chapters, get_cache(str(chapters.parent / "cache"))))


def test_a_chapter_that_has_run_is_shown_with_its_outputs(chapters):
    assert left_alone(chapters) == ["new.md"]


def test_its_words_may_change_but_not_its_code(chapters):
    text = chapters / "run.md"
    text.write_text(ONE_CELL.replace("Title", "Another title"))
    assert left_alone(chapters) == ["new.md"]
    text.write_text(ONE_CELL.replace("1 + 1", "1 + 3"))
    assert left_alone(chapters) == ["new.md", "run.md"]


def test_what_the_site_needs_is_found_from_elsewhere():
    config = serve.configuration()
    places = [config["html_logo"], config["html_favicon"], *config["html_static_path"], *config["bibtex_bibfiles"]]
    assert [place for place in places if not (Path(place).is_absolute() and Path(place).exists())] == []
    assert config["extensions"][-1] == "book.ext.unrun"
