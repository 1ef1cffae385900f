"""Sphinx directives of the course page: ``{course}``, a syllabus with the chapters' times; ``{material}``, what there is."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from book import cards, notebooks


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
        rows, every = [[*when, chapters, "Read", "Run", what]], []
        for line in self.content:
            *begin, names, text = _cells(line)
            names = [name.strip() for name in names.split(",")]
            every += names
            links = ", ".join(f"{{doc}}`/chapters/{name}`" for name in names)
            rows.append([*begin, links, cards.reading(names), cards.running(names), text])
        if when:
            rows.append(["All", "", cards.reading(every), cards.running(every), ""])
        return self.table("8 24 11 9 48" if when else "22 11 9 58", rows)


class Material(Table):
    """One row for each chapter: quiz, exercises, its notebooks to download, and its slides."""

    def run(self):
        rows = [["Chapter", "Questions", "Exercises", "of them graded", "Notebooks", "Slides"]]
        for name in notebooks.chapters():
            card = cards.card(name)
            links = " · ".join(f"<a download href='../{kind}/{name}.ipynb'>{kind}</a>" for kind in notebooks.EDITIONS)
            rows.append(
                [
                    f"{{doc}}`/chapters/{name}`",
                    card.questions or "",
                    card.exercises,
                    card.graded or "",
                    links,
                    f"<a href='../slides/{name}.html'>slides</a>",
                ]
            )
        return self.table("34 10 10 12 24 10", rows)


def _cells(line):
    return [cell.strip() for cell in line.split("|")]


def setup(app):
    app.add_directive("course", Course)
    app.add_directive("material", Material)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
