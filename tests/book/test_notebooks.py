"""The editions for students and instructors: their form in every chapter, and two short chapters run as a class would."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from book import notebooks

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = notebooks.chapters()
RUN = ("setting", "strong-collapse")  # short ones, with three graded exercises

by_chapter = pytest.mark.parametrize("name", CHAPTERS)


@pytest.fixture(scope="module")
def editions():
    return {(name, kind): notebooks.edition(name, kind) for name in CHAPTERS for kind in notebooks.EDITIONS}


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def graded(notebook):
    """Pairs of cells: the answer, and the check that follows it."""
    cells = code(notebook)
    return [(answer, check) for answer, check in zip(cells, cells[1:]) if check.metadata.get("nbgrader", {}).get("grade")]


@by_chapter
def test_students_get_every_exercise_and_no_solution(editions, name):
    student, instructor = prose(editions[name, "student"]), prose(editions[name, "instructor"])
    text = (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8")
    exercises, solutions = len(re.findall(r"\{exercise\}", text)), len(re.findall(r"\{solution\}", text))
    assert student.count("**Exercise") == instructor.count("**Exercise") == exercises
    assert instructor.count("**Solution.**") == solutions > 0
    assert "**Solution" not in student and "Solution code" not in student
    assert "- [x]" not in student


@by_chapter
def test_no_cell_of_a_solution_reaches_the_students(editions, name):
    student = {cell.source for cell in code(editions[name, "student"])}
    for cell in jupytext.read(ROOT / "chapters" / f"{name}.md").cells:
        if "hide-output" in cell.metadata.get("tags", []):
            assert not any(cell.source in source for source in student)
    for source in student:
        assert "SOLUTION" not in source and "HIDDEN" not in source


@by_chapter
def test_instructors_run_what_the_book_runs(editions, name):
    chapter = [cell.source for cell in jupytext.read(ROOT / "chapters" / f"{name}.md").cells if cell.cell_type == "code"]
    instructor = "\n".join(cell.source for cell in code(editions[name, "instructor"]))
    for source in chapter:
        kept = [line for line in source.splitlines() if line.strip() and not line.startswith("#")]
        assert all(line in instructor for line in kept)


@by_chapter
def test_notebooks_are_valid_and_each_cell_is_python(editions, name):
    for kind in notebooks.EDITIONS:
        notebook = editions[name, kind]
        nbformat.validate(notebook)
        for cell in code(notebook):
            ast.parse(cell.source)
        marked = [cell.metadata.nbgrader.grade_id for cell in code(notebook) if "nbgrader" in cell.metadata]
        assert len(marked) == len(set(marked))


@by_chapter
def test_prose_is_plain_markdown(editions, name):
    for kind in notebooks.EDITIONS:
        text = prose(editions[name, kind])
        assert not re.findall(r"^ *(?:`{3,}|:{3,})\{.*|\{[a-z:]+\}`.*", text, re.MULTILINE)
        assert set(re.findall(r"\]\(([\w-]+\.\w+)\)", text)) <= {f"{other}.ipynb" for other in CHAPTERS}


def test_graded_exercises(editions):
    labels = {
        name: [check.metadata.nbgrader.grade_id for _, check in graded(editions[name, "student"])] for name in CHAPTERS
    }
    assert sum(bool(found) for found in labels.values()) >= 6
    every = [label for found in labels.values() for label in found]
    assert len(every) == len(set(every))
    for name, found in labels.items():
        text = (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8")
        assert len(found) == text.count("check]") and all(f":label: {label}\n" in text for label in found)
        for kind in notebooks.EDITIONS:
            for answer, check in graded(editions[name, kind]):
                assert check.metadata.nbgrader.points == 1 and check.metadata.nbgrader.locked
                assert answer.metadata.nbgrader.solution
                assert (
                    ("### BEGIN HIDDEN TESTS" in check.source)
                    == ("### BEGIN SOLUTION" in answer.source)
                    == (kind == "instructor")
                )


@pytest.mark.parametrize(
    "check", ["assert answer", "# Words.\n### BEGIN SOLUTION\nanswer = 1\n### END SOLUTION\nassert answer"]
)
def test_a_check_without_its_parts_is_refused(tmp_path, check):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("  - file: chapters/x\n")
    head = (ROOT / "chapters" / "setting.md").read_text(encoding="utf-8").split("\n(setting)=")[0]
    cells = ["[hide-input, hide-output]\n\n1", f"[remove-cell, check]\n\n{check}"]
    blocks = "\n\n".join(f"```{{code-cell}} python\n:tags: {cell}\n```" for cell in cells)
    exercise = "```{exercise} A\n:label: ex-a\nAsk.\n```\n\n```{solution} ex-a\nSay.\n```"
    (tmp_path / "chapters" / "x.md").write_text(f"{head}\n\n{exercise}\n\n{blocks}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="x.md: the check of ex-a needs"):
        notebooks.edition("x", "student", tmp_path)


def run(cells):
    """Runs the cells in one kernel, and goes on after a failure. For each cell what it raised, None for nothing."""
    cells = [nbformat.v4.new_code_cell(cell.source) for cell in cells]
    client = NotebookClient(nbformat.v4.new_notebook(cells=cells), allow_errors=True)
    done = client.execute(cwd=str(ROOT / "chapters")).cells
    raised = [[f"{out.ename}: {out.evalue}" for out in cell.outputs if out.output_type == "error"] for cell in done]
    return [found[0] if found else None for found in raised]


def test_a_class_can_work_with_them(editions, tmp_path):
    notebooks.main(folder=tmp_path)
    student, instructor = (
        [nbformat.read(tmp_path / kind / f"{name}.ipynb", 4) for name in RUN] for kind in notebooks.EDITIONS
    )
    assert student == [editions[name, "student"] for name in RUN]
    filled = []  # each answer of the instructor, then the student's check of it, then the one with hidden tests
    for open_, solved in zip(student, instructor):
        pairs = zip(graded(solved), graded(open_), strict=True)
        filled.append([cell for (answer, hidden), (_, check) in pairs for cell in (answer, check, hidden)])
    jobs = [code(notebook) for notebook in instructor] + [code(open_) + more for open_, more in zip(student, filled)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, jobs))
    for raised in results[: len(RUN)]:
        assert set(raised) == {None}
    for open_, more, raised in zip(student, filled, results[len(RUN) :], strict=True):
        labels = [check.metadata.nbgrader.grade_id for _, check in graded(open_)]
        told = "AssertionError: {}: put your answer in the place of the dots, in the cell above"
        assert [message for message in raised[: -len(more)] if message] == [told.format(label) for label in labels]
        assert set(raised[-len(more) :]) == {None}
