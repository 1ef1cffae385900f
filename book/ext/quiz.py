"""Sphinx directive ``{quiz}``: a question whose options open to say why they are right or wrong. Without HTML, a list."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from book import quiz


class quiz_option(nodes.list_item):
    """In HTML a box that opens; elsewhere an item of a list, as its parent class is."""


class quiz_choice(nodes.paragraph):
    """The text of an option; in HTML what one clicks."""


class Quiz(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        first = self.lineno + self.content_offset + 1
        try:
            question = quiz.parse(self.arguments[0], list(self.content), f"{self.env.docname}.md", first)
        except ValueError as problem:
            raise self.error(str(problem)) from problem
        number = self.env.temp_data["quiz"] = self.env.temp_data.get("quiz", 0) + 1
        title = nodes.paragraph("", "", nodes.strong("", f"Question {number}. {question.title}"))
        options = nodes.enumerated_list(enumtype="loweralpha", prefix="", suffix=".")
        options += [self.option(option) for option in question.options]
        box = nodes.container("", title, *self.parsed(question.text), options, classes=["quiz"], ids=[f"quiz-{number}"])
        return [box]

    def option(self, option):
        inline, _ = self.state.inline_text(option.choice.text, option.choice.line)
        choice = quiz_choice("", "", *inline)
        explanation = nodes.container(classes=["quiz-right" if option.right else "quiz-wrong"])
        explanation += self.parsed(option.explanation)
        explanation[0].insert(0, [nodes.strong("", "Right." if option.right else "No."), nodes.Text(" ")])
        return quiz_option("", choice, explanation)

    def parsed(self, piece):
        """The nodes of a piece of Markdown."""
        container = nodes.container()
        lines = StringList(piece.text.splitlines(), source=self.env.docname)
        self.state.nested_parse(lines, piece.line - self.lineno - 1, container)
        return container.children


def open_option(translator, node):
    translator.body.append(translator.starttag(node, "li", "") + "<details>")


def close_option(translator, node):
    translator.body.append("</details></li>\n")


def open_choice(translator, node):
    translator.body.append("<summary>")


def close_choice(translator, node):
    translator.body.append("</summary>\n")


def setup(app):
    app.add_directive("quiz", Quiz)
    app.add_node(quiz_option, html=(open_option, close_option))
    app.add_node(quiz_choice, html=(open_choice, close_choice))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
