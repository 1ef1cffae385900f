"""Sphinx directive ``{ledger}``: the table of statements, functions and tests, for chapters/ledger.md."""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from book import ledger

HEADER = """\
````{list-table}
:header-rows: 1
:widths: 22 15 24 39
:class: ledger

* - Statement
  - Chapter
  - Function
  - Test
""".splitlines()


class Ledger(SphinxDirective):
    def run(self):
        root = Path(self.env.srcdir)
        options = self.config.html_theme_options
        source = f"{options['repository_url']}/blob/{options['repository_branch']}/"
        functions, tests = ledger.functions(root), ledger.tests(root)
        lines = list(HEADER)
        for statement in ledger.statements(root):
            lines += [
                f"* - {{prf:ref}}`{statement.label}` {statement.name}",
                f"  - {{doc}}`/{statement.path.removesuffix('.md')}`",
                f"  - {_links(statement.label, functions, source, _code)}",
                f"  - {_links(statement.label, tests, source, _sentence)}",
            ]
        for folder in ("chapters", "collapse", "tests"):
            for path in (root / folder).rglob("*.md" if folder == "chapters" else "*.py"):
                self.env.note_dependency(str(path))
        container = nodes.container()
        table = "\n".join([*lines, "````"]).splitlines()
        self.state.nested_parse(StringList(table, source=self.env.docname), self.content_offset, container)
        _, *rows = container.findall(nodes.row)
        for row, statement in zip(rows, ledger.statements(root), strict=True):
            row["ids"].append(f"ledger-{statement.label}")
        return container.children


def _links(label, places, source, text):
    """A cell of the table with one link in a paragraph."""
    return "\n\n    ".join(f"[{text(p)}]({source}{p.path}#L{p.line})" for p in places if p.label == label)


def _code(place):
    return f"`{place.name}`"


def _sentence(place):
    """The name of a test as the sentence it is: test_a.py::test_b_is_c becomes "b is c, in test_a.py"."""
    file, _, test = place.name.partition("::")
    return f"{test.removeprefix('test_').replace('_', ' ')}, in `{file}`" if test else f"`{file}`"


def widen(app, pagename, templatename, context, doctree):
    """The table gets the width of the side bar."""
    if pagename == "chapters/ledger":
        context["meta"] = {**(context["meta"] or {}), "html_theme.sidebar_secondary.remove": ""}


def setup(app):
    app.add_directive("ledger", Ledger)
    app.connect("html-page-context", widen)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
