"""The sources fit together: notebooks and their texts, first cells, requirements, the address of the repository."""

import re
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest
import yaml

from book import first_cell

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path for path in (ROOT / "chapters").glob("*.md") if "jupytext:" in path.read_text(encoding="utf-8")[:200])
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
ADDRESS = CONFIG["repository"]["url"]

by_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def essence(notebook):
    """What must agree in a pair; the rest (cell ids, versions of jupytext) is bookkeeping."""
    cells = [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]
    return dict(notebook.metadata.kernelspec), cells


def requirements():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@by_chapter
def test_the_notebook_is_the_text(chapter):
    text = jupytext.read(chapter)
    notebook = jupytext.read(chapter.with_suffix(".ipynb"))
    assert essence(notebook) == essence(text), f"run: jupytext --sync {chapter.name}, or, after a run in Jupyter, --to ipynb"


@by_chapter
def test_a_notebook_holds_no_outputs(chapter):
    cells = jupytext.read(chapter.with_suffix(".ipynb")).cells
    kept = [cell.source for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    assert not kept, f"run: jupytext --to ipynb chapters/{chapter.name}"


def test_every_text_with_code_is_a_chapter():
    with_code = {path for path in (ROOT / "chapters").glob("*.md") if "{code-cell}" in path.read_text(encoding="utf-8")}
    assert with_code <= set(CHAPTERS), "a chapter starts with the header of the others, down to the second ---"


def test_every_notebook_has_a_text():
    assert {path.stem for path in (ROOT / "chapters").glob("*.ipynb")} == {path.stem for path in CHAPTERS}


def test_the_contents_list_every_chapter():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"chapters/([\w-]+)", contents)) == {path.stem for path in (ROOT / "chapters").glob("*.md")}


@by_chapter
def test_the_first_code_cell_finds_the_package(chapter):
    codes = [cell for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]
    if codes:
        assert codes[0].source == first_cell.FIRST_CELL, "run: python -m book.first_cell"
        assert codes[0].metadata["tags"] == ["remove-input"]


@pytest.mark.parametrize("place", ["installed", "clone", "elsewhere", "nowhere"])
def test_the_first_cell_uses_what_is_there(place, tmp_path, monkeypatch):
    """The notebook lies two folders deep; ``pip`` finds the package elsewhere, and nothing where there is no internet."""
    ran, found = [], {"installed": True}
    folder = tmp_path / "_build" / "course"
    folder.mkdir(parents=True)

    def install(*arguments):
        ran.append(arguments)
        found[place] = place == "elsewhere"

    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found.get(place) or None)
    before = list(sys.path)
    if place == "clone":
        (tmp_path / "collapse").mkdir()
        (tmp_path / "collapse" / "__init__.py").touch()
    refused = pytest.raises(ModuleNotFoundError, match="Connect to the internet") if place == "nowhere" else nullcontext()
    with refused:
        exec(first_cell.FIRST_CELL, {"get_ipython": lambda: SimpleNamespace(run_line_magic=install)})
    assert ran == ([("pip", f"install --quiet git+{ADDRESS}")] if place in ("elsewhere", "nowhere") else [])
    assert sys.path == ([str(tmp_path)] if place == "clone" else []) + before


def test_the_first_cell_is_put_in_once():
    chapter = "# Title\n\n```{code-cell} python\n1 + 1\n```\n"
    once = first_cell.insert(chapter)
    assert once == f"# Title\n\n{first_cell.BLOCK}\n```{{code-cell}} python\n1 + 1\n```\n"
    assert first_cell.insert(once) == once
    assert first_cell.insert("# No code\n") == "# No code\n"


def test_the_package_needs_what_the_requirements_say():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = set(re.findall(r'"(.*)"', re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)[1]))
    assert needed
    for_colab = {"ipywidgets>=7.7.1,<9"}  # the book itself is built with 8
    assert needed - requirements() == for_colab


def test_every_requirement_has_a_tested_version():
    tested = set(re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
    assert {re.match(r"[\w-]+", line)[0].lower() for line in requirements()} <= tested


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "pyproject.toml"])
def test_one_address(name):
    found = set(re.findall(r"https://github\.com/[\w-]+/[\w-]+", (ROOT / name).read_text(encoding="utf-8")))
    assert found == {ADDRESS}


def test_the_book_is_cited_as_it_says():
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    text = (ROOT / "chapters" / "welcome.md").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^  (\w+) +=\s+\{+(.*?)\}+,?$", text, re.MULTILINE))
    names = {"title": "title", "version": "version", "url": "repository-code"}
    assert {name: fields[name] for name in names} == {name: facts[key] for name, key in names.items()}
    assert fields["author"] == facts["authors"][0]["name"]


def test_one_time_limit():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert int(re.search(r"--nbmake-timeout=(\d+)", project)[1]) == CONFIG["execute"]["timeout"]
