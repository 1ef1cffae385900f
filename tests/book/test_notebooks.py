"""The editions for students and instructors: their form in every chapter, and two short chapters run as a class would."""

import ast
import builtins
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from book import exercises, notebooks

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = notebooks.chapters()
RUN = ("setting", "strong-collapse")  # short ones, with three graded exercises, four points

by_chapter = pytest.mark.parametrize("name", CHAPTERS)


@pytest.fixture(scope="module")
def editions():
    return {(name, kind): notebooks.edition(name, kind) for name in CHAPTERS for kind in notebooks.EDITIONS}


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def mine(notebook):
    """The exercises of a notebook's chapter, by label."""
    return {label: found for label, found in exercises.exercises(ROOT).items() if found.chapter == notebook}


def graded(notebook):
    """For each graded exercise its cell for the answer, and the checks that follow it."""
    found = []
    for cell in code(notebook):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            answer = cell
        elif cell.metadata.get("nbgrader", {}).get("grade"):
            found += [(answer, [])] if not found or found[-1][0] is not answer else []
            found[-1][1].append(cell)
    return found


def written(notebook):
    """The cells for answers in words, by their names."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown" and "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


@by_chapter
def test_students_get_every_exercise_and_no_solution(editions, name):
    student, instructor = prose(editions[name, "student"]), prose(editions[name, "instructor"])
    for found in mine(name).values():
        heading = f"**{found.name}"
        assert student.count(heading) == instructor.count(heading) == 1
        assert instructor.count(f"**Solution of {found.name}.**") == 1
    assert len(mine(name)) == (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8").count("{exercise}") > 0
    assert "**Solution" not in student and "Solution code" not in student
    assert "- [x]" not in student


@by_chapter
def test_each_exercise_has_room_for_words_and_points(editions, name):
    for kind in notebooks.EDITIONS:
        cells = written(editions[name, kind])
        assert list(cells) == [f"{label}-words" for label in mine(name)]
        for found, cell in zip(mine(name).values(), cells.values()):
            facts = cell.metadata.nbgrader
            assert facts.grade and facts.solution and not facts.locked
            assert facts.points == (notebooks.WORDS if found.graded else notebooks.BY_HAND)
            assert cell.source.startswith(f"**Your answer to {found.name}" if kind == "student" else "**Solution of ")


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
        marked = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
        assert len(marked) == len(set(marked))


@by_chapter
def test_prose_is_plain_markdown(editions, name):
    for kind in notebooks.EDITIONS:
        text = prose(editions[name, kind])
        assert not re.findall(r"^ *(?:`{3,}|:{3,})\{.*|\{[a-z:]+\}`.*", text, re.MULTILINE)
        assert not re.findall(r"\?\.\*\*|\b[a-z]+\d{4}[a-z]+\b|\bex-[a-z-]+", text)  # titles twice ended, keys
        assert set(re.findall(r"\]\(([\w-]+\.\w+)\)", text)) <= {f"{other}.ipynb" for other in CHAPTERS}


def test_graded_exercises(editions):
    labels = {name: [label for label, found in mine(name).items() if found.graded] for name in CHAPTERS}
    assert sum(bool(found) for found in labels.values()) >= 6
    for name, found in labels.items():
        for kind in notebooks.EDITIONS:
            pairs = graded(editions[name, kind])
            assert [answer.metadata.nbgrader.grade_id for answer, _ in pairs] == [f"{label}-answer" for label in found]
            for answer, checks in pairs:
                assert ("### BEGIN SOLUTION" in answer.source) == (kind == "instructor")
                for check in checks:
                    assert check.metadata.nbgrader.points == 1 and check.metadata.nbgrader.locked
                    assert ("### BEGIN HIDDEN TESTS" in check.source) == (kind == "instructor")


@by_chapter
def test_checks_say_what_is_wrong_and_need_nothing_but_the_answer(editions, name):
    """All that a student may have changed is the answer: beside it a check knows the imports and what it sets itself."""
    for (answer, _), (_, checks) in zip(graded(editions[name, "student"]), graded(editions[name, "instructor"])):
        given = set(notebooks._assigned(answer.source)) | {"np", "theory", "simulate", "Setting"} | set(dir(builtins))
        for check in checks:
            nodes = list(ast.walk(ast.parse(check.source)))
            assert all(node.msg for node in nodes if isinstance(node, ast.Assert))
            names = [node for node in nodes if isinstance(node, ast.Name)]
            own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
            assert {node.id for node in names} <= given | own


@pytest.mark.parametrize(
    "check", ["assert answer", "# Words.\n### BEGIN SOLUTION\nanswer = 1\n### END SOLUTION\nassert answer"]
)
def test_a_check_without_its_parts_is_refused(tmp_path, check):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("parts:\n- chapters:\n  - file: chapters/x\n")
    (tmp_path / "references.bib").touch()
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
        filled.append([cell for (answer, hidden), (_, checks) in pairs for cell in (answer, *checks, *hidden)])
    jobs = [code(notebook) for notebook in instructor] + [code(open_) + more for open_, more in zip(student, filled)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, jobs))
    for raised in results[: len(RUN)]:
        assert set(raised) == {None}
    for open_, more, raised in zip(student, filled, results[len(RUN) :], strict=True):
        told = "AssertionError: Exercise {}: put your answer in the place of the dots, in the cell above"
        checks = [check.source for _, checks in graded(open_) for check in checks]
        numbers = [re.match(r"# Check of Exercise ([\d.]+)", source)[1] for source in checks]
        assert [message for message in raised[: -len(more)] if message] == [told.format(number) for number in numbers]
        assert set(raised[-len(more) :]) == {None}
