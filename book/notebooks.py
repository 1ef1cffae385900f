"""Notebooks for a course, made from the chapters: `python -m book.notebooks` writes both editions into _build/course.

Every exercise has a cell for an answer in words, where the instructor's edition has the solution, and a cell for code where
the book has code. Where a chapter has a check cell, asserts grade the exercise: the checks stay in the student's edition,
their hidden tests do not. Markers and metadata are those of nbgrader.
"""

import ast
import re
from pathlib import Path

import jupytext
import nbformat

from book import exercises, plain, quiz

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "course"
EDITIONS = ("student", "instructor")

_SOLUTION = re.compile(r"^(`{3,})\{solution\} *(\S+)\n(?:.*\n)*?\1$\n*", re.MULTILINE)
_LEAD = re.compile(r"^Solution code.*\n*", re.MULTILINE)
_PART = re.compile(r"(.*?)### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS\n", re.DOTALL)
_CHECK = re.compile(
    rf"(?P<words>(?:# .*\n)+)### BEGIN SOLUTION\n(?P<answer>.*?)### END SOLUTION\n(?P<parts>(?:{_PART.pattern})+)", re.DOTALL
)
SOLVED = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
BY_HAND, WORDS = 3, 1  # points for an exercise that a person grades, and for the words beside asserts
TICK = "## Quiz\n\n*To answer, open this cell and write an x into the brackets: `[x]`.*\n"


def chapters(root=ROOT):
    """The chapters with exercises, in the order of the book."""
    listed = re.findall(r"file: chapters/(\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    return [name for name in listed if "{exercise}" in (root / "chapters" / f"{name}.md").read_text(encoding="utf-8")]


def edition(name, kind, root=ROOT):
    """The notebook of one chapter; ``kind`` is "student" or "instructor"."""
    source = jupytext.read(root / "chapters" / f"{name}.md")
    titles, others, known = plain.names(root), chapters(root), exercises.exercises(root)
    cells, exercise = [], None
    for cell in source.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            for text, solved in _pieces(_for_students(cell.source) if kind == "student" else cell.source):
                text = plain.plain(text, titles, others).strip()
                if solved:
                    exercise = known[solved]
                    cells.append(_written(exercise, text, kind))
                elif text:
                    cells.append(nbformat.v4.new_markdown_cell(text))
        elif "check" in tags:
            cells[-1:] = _graded(cells[-1], cell.source, exercise, kind)
        elif "hide-output" in tags:
            code = SOLVED.format(cell.source.strip()) if kind == "instructor" else "# Your code, if you like."
            cells.append(_code(f"# {exercise.name}\n{code}", f"{exercise.label}-answer", solution=True))
        else:
            shown = {"jupyter": {"source_hidden": True}} if {"hide-input", "remove-input"} & tags else {}
            cells.append(nbformat.v4.new_code_cell(cell.source, metadata=shown))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": dict(source.metadata.kernelspec)})


def _for_students(text):
    return _LEAD.sub("", quiz.without_answers(text)).replace("## Quiz\n", TICK)


def _pieces(text):
    """A Markdown cell in pieces, each with the label of the exercise that it solves, or None."""
    end = 0
    for solution in _SOLUTION.finditer(text):
        yield text[end : solution.start()], None
        yield solution[0], solution[2]
        end = solution.end()
    yield text[end:], None


def _written(exercise, solution, kind):
    """The cell for an answer in words, which a person grades."""
    open_ = f"**Your answer to {exercise.name}.** *Open this cell and write here.*"
    points = WORDS if exercise.graded else BY_HAND
    cell = nbformat.v4.new_markdown_cell(solution if kind == "instructor" else open_)
    cell.metadata["nbgrader"] = _facts(f"{exercise.label}-words", grade=True, solution=True, points=points)
    return cell


def _graded(solution, check, exercise, kind):
    """The cells of a graded exercise: the answer, and the checks that follow it, one for each quantity."""
    if not (found := _CHECK.fullmatch(check + "\n")):
        raise ValueError(
            f"{exercise.chapter}.md: the check of {exercise.label} needs a comment, a SOLUTION, "
            "and once or more asserts and HIDDEN TESTS, in this order"
        )
    answers = list(_assigned(found["answer"]))
    head = f"# {exercise.name}. Your answer: give these names.\n{found['words']}"
    if kind == "instructor":
        code = solution.source.partition("\n")[2].removeprefix("### BEGIN SOLUTION\n").removesuffix("\n### END SOLUTION")
        head += SOLVED.format(f"{code}\n\n{found['answer'].strip()}")
    else:
        head += "\n".join(f"{answer} = ..." for answer in answers)
    cells = [_code(head, f"{exercise.label}-answer", solution=True)]
    for number, (shown, hidden) in enumerate(_PART.findall(found["parts"]), start=1):
        asked = [answer for answer in answers if answer in _used(shown + hidden)]
        missing = f'"Exercise {exercise.number}: put your answer in the place of the dots, in the cell above"'
        test = f"# Check of {exercise.name}: {', '.join(asked)}\n"
        test += f"assert not any(answer is ... for answer in [{', '.join(asked)}]), {missing}\n{shown}"
        test += HIDDEN.format(hidden.strip()) if kind == "instructor" else ""
        cells.append(_code(test.strip(), f"{exercise.label}-{number}", grade=True, locked=True, points=1))
    return cells


def _used(code):
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _assigned(code):
    """The names that a piece of code gives to values or functions at its top level."""
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
            yield from (item.id for item in getattr(target, "elts", [target]))


def _code(source, grade_id, **facts):
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": _facts(grade_id, **facts)})


def _facts(grade_id, **facts):
    unless_told = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"schema_version": 3, "grade_id": grade_id, **unless_told, **facts}


def main(root=ROOT, folder=FOLDER):
    for kind in EDITIONS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name in chapters(root):
            nbformat.write(edition(name, kind, root), folder / kind / f"{name}.ipynb")
    print(f"{len(chapters(root))} notebooks for students and for instructors: {folder}")


if __name__ == "__main__":
    main()
