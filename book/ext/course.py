"""Sphinx directives of the course page: ``{course}``, a syllabus with the chapters' times; ``{material}``, what there is."""

import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from book import cards, exercises, notebooks

_EXERCISE = re.compile(r"\{ref\}`(ex-[\w-]+)`")


class Table(SphinxDirective):
    def table(self, widths, rows):
        """A table of Markdown cells; its first row is the head."""
        lines = ["````{list-table}", ":header-rows: 1", f":widths: {widths}", ":class: course", ""]
        for row in rows:
            lines += [f"{'  ' if i else '* '}- {cell}" for i, cell in enumerate(row)]
        container = nodes.container()
        self.state.nested_parse(StringList([*lines, "````"], source=self.env.docname), self.content_offset, container)
        for name in notebooks.chapters():
            self.env.note_dependency(str(cards.ROOT / "chapters" / f"{name}.md"))
        return container.children


class Course(Table):
    """Rows ``when | chapter, chapter | what to do`` or ``chapter | what to do``, under the titles of its columns."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        *when, chapters, what = _cells(self.arguments[0])
        rows, every, count = [[*when, chapters, *(("Exercises", "Time") if when else ("Read", "Run")), what]], [], 0
        for line in self.content:
            *begin, names, text = _cells(line)
            names = [name.strip() for name in names.split(",")]
            links = ", ".join(f"{{doc}}`/chapters/{name}`" for name in names)
            given = len(_EXERCISE.findall(text))
            times = (given, cards.reading(names, given)) if when else (cards.reading(names), cards.running(names))
            rows.append([*begin, links, *times, _EXERCISE.sub(_shown, text)])
            every, count = every + names, count + given
        if when:
            rows.append(["All", "", count, cards.reading(every, count), ""])
        return self.table("8 22 11 11 48" if when else "22 11 9 58", rows)


class Material(Table):
    """One row for each chapter: quiz, exercises, its notebooks to download, and its slides."""

    def run(self):
        rows = [["Chapter", "Questions", "Exercises", "of them graded", "Notebooks", "Slides"]]
        for name in notebooks.chapters():
            card = cards.card(name)
            graded = [found for found in exercises.exercises(cards.ROOT).values() if found.chapter == name and found.graded]
            links = " · ".join(f"<a download href='../{kind}/{name}.ipynb'>{kind}</a>" for kind in notebooks.EDITIONS)
            rows.append(
                [
                    f"{{doc}}`/chapters/{name}`",
                    card.questions or "",
                    card.exercises,
                    ", ".join(f"{{ref}}`{found.number} <{found.label}>`" for found in graded),
                    links,
                    f"<a href='../slides/{name}.html'>slides</a>",
                ]
            )
        return self.table("34 10 10 12 24 10", rows)


def _shown(match):
    """A reference to an exercise: by its number, or by its title in a chapter without one; and whether asserts grade it."""
    found = exercises.exercises(cards.ROOT)[match[1]]
    named = match[0] if "." in found.number else f"{{ref}}`{found.title} <{found.label}>`"
    return f"{named} (graded)" if found.graded else named


def _cells(line):
    return [cell.strip() for cell in line.split("|")]


def setup(app):
    app.add_directive("course", Course)
    app.add_directive("material", Material)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
