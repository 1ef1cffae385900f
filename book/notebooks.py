"""Notebooks for a course, made from the chapters: `python -m book.notebooks` writes both editions into _build/course.

The instructor's has the solutions, the student's an empty cell for each. Where a chapter has a check cell, the exercise is
graded: the check stays in the student's edition, its hidden tests do not. Markers and metadata are those of nbgrader.
"""

import ast
import re
from pathlib import Path

import jupytext
import nbformat

from book import plain, quiz

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "course"
EDITIONS = ("student", "instructor")

_SOLUTION = re.compile(r"^(`{3,})\{solution\} *(\S+)\n(?:.*\n)*?\1$\n*", re.MULTILINE)
_LEAD = re.compile(r"^Solution code.*\n*", re.MULTILINE)
_PARTS = re.compile(
    r"(?P<words>(?:# .*\n)+)### BEGIN SOLUTION\n(?P<answer>.*?)### END SOLUTION\n(?P<open>.*?)"
    r"### BEGIN HIDDEN TESTS\n(?P<hidden>.*?)### END HIDDEN TESTS\n?",
    re.DOTALL,
)
SOLVED = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def chapters(root=ROOT):
    """The chapters with exercises, in the order of the book."""
    listed = re.findall(r"file: chapters/(\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    return [name for name in listed if "{exercise}" in (root / "chapters" / f"{name}.md").read_text(encoding="utf-8")]


def edition(name, kind, root=ROOT):
    """The notebook of one chapter; ``kind`` is "student" or "instructor"."""
    source = jupytext.read(root / "chapters" / f"{name}.md")
    titles, others = plain.names(root), chapters(root)
    cells, label = [], None
    for cell in source.cells:
        if cell.cell_type == "markdown":
            if found := _SOLUTION.findall(cell.source):
                label = found[-1][1]
            text = plain.plain(_markdown(cell.source, kind), titles, others).strip()
            cells += [nbformat.v4.new_markdown_cell(text)] if text else []
        elif "check" in cell.metadata.get("tags", []):
            cells[-1:] = _graded(cells[-1], cell.source, label, kind, name)
        elif "hide-output" in cell.metadata.get("tags", []):
            text = f"# {label}\n" + (
                SOLVED.format(cell.source.strip()) if kind == "instructor" else "# Your code, if you like."
            )
            cells.append(_nbgrader(text, f"{label}-answer", solution=True))
        else:
            folded = {"hide-input", "remove-input"} & set(cell.metadata.get("tags", []))
            shown = {"jupyter": {"source_hidden": True}} if folded else {}
            cells.append(nbformat.v4.new_code_cell(cell.source, metadata=shown))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": dict(source.metadata.kernelspec)})


def _markdown(text, kind):
    if kind == "student":
        text = _LEAD.sub("", _SOLUTION.sub("", quiz.without_answers(text)))
    return text


def _graded(solution, check, label, kind, name):
    """The two cells of a graded exercise: the answer, and the check that follows it."""
    if not (parts := _PARTS.fullmatch(check + "\n")):
        raise ValueError(
            f"{name}.md: the check of {label} needs a comment, a SOLUTION, asserts and HIDDEN TESTS, in this order"
        )
    answers = list(_assigned(parts["answer"]))
    head = f"# {label}. Your answer: give these names.\n{parts['words']}"
    missing = f'"{label}: put your answer in the place of the dots, in the cell above"'
    test = (
        f"# Check of {label}\nassert not any(answer is ... for answer in [{', '.join(answers)}]), {missing}\n{parts['open']}"
    )
    if kind == "instructor":
        code = solution.source.partition("\n")[2].removeprefix("### BEGIN SOLUTION\n").removesuffix("\n### END SOLUTION")
        head += SOLVED.format(f"{code}\n\n{parts['answer'].strip()}")
        test += HIDDEN.format(parts["hidden"].strip())
    else:
        head += "\n".join(f"{answer} = ..." for answer in answers)
    return [
        _nbgrader(head, f"{label}-answer", solution=True),
        _nbgrader(test.strip(), label, grade=True, locked=True, points=1),
    ]


def _assigned(code):
    """The names that a piece of code gives to values or functions at its top level."""
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
            yield from (item.id for item in getattr(target, "elts", [target]))


def _nbgrader(source, grade_id, **facts):
    facts = {"grade": False, "solution": False, "locked": False, "task": False, **facts}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"schema_version": 3, "grade_id": grade_id, **facts}})


def main(root=ROOT, folder=FOLDER):
    for kind in EDITIONS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name in chapters(root):
            nbformat.write(edition(name, kind, root), folder / kind / f"{name}.ipynb")
    print(f"{len(chapters(root))} notebooks for students and for instructors: {folder}")


if __name__ == "__main__":
    main()
