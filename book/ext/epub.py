"""Sphinx extension of `make epub`: formulas as MathML, no raw HTML; sliders and solutions as in the PDF."""

import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import WIDGET_VIEW_MIMETYPE
from sphinx.builders.epub3 import Epub3Builder
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number

from book.mathml import Formulas

STYLES = {"pygments.css", "reader.css"}


class Epub(Epub3Builder):
    def init(self):
        super().init()
        self.formulas = Formulas(self.config.mathjax3_config["tex"]["macros"])

    def handle_finish(self):
        self.formulas.close()
        super().handle_finish()

    def build_content(self):
        """The list of files says which of them hold formulas, as the standard asks."""
        super().build_content()
        path = Path(self.outdir, "content.opf")
        path.write_text(re.sub(r'href="([^"]+\.xhtml)" media-type="[^"]+"', self._entry, path.read_text("utf-8")), "utf-8")

    def _entry(self, found):
        page = Path(self.outdir, found[1])
        holds = page.exists() and "<math " in page.read_text(encoding="utf-8")
        return found[0] + ' properties="mathml"' * holds


def inline(translator, node):
    translator.body.append(f'<span class="math">{translator.builder.formulas(node.astext(), False)}</span>')
    raise nodes.SkipNode


def block(translator, node):
    tex = node.astext()
    if "\\\\" in tex and not node["nowrap"]:
        tex = f"\\begin{{split}}{tex}\\end{{split}}"
    number = f'<span class="eqno">({get_node_equation_number(translator, node)})</span>' if node["number"] else ""
    translator.body.append(
        f"{translator.starttag(node, 'div', CLASS='math')}{number}{translator.builder.formulas(tex, True)}</div>\n"
    )
    raise nodes.SkipNode


class Unfold(SphinxPostTransform):
    """Shows the code of solutions, not that of figures; sliders are a picture with their text; nothing is raw."""

    default_priority = 3  # before one of the forms of an output is chosen
    builders = ("epub",)

    def run(self, **kwargs):
        for node in list(self.document.findall(nodes.raw)):
            node.parent.remove(node)
        for node in self.document.findall(nodes.container):
            if node.get("nb_element") == "cell_code" and node.attributes.pop("hide_mode", None) == "input":
                node.pop(0)
            if node.get("nb_element") == "mime_bundle":
                forms = {form["mime_type"]: form for form in node.children}
                if WIDGET_VIEW_MIMETYPE in forms:
                    next(forms["image/png"].findall(nodes.image))["alt"] = forms["text/plain"].astext()
                    node.remove(forms[WIDGET_VIEW_MIMETYPE])


def only_ours(app, pagename, templatename, context, doctree):
    """No style but that of code and book/reader.css."""
    context["css_files"] = [file for file in context["css_files"] if Path(str(file.filename)).name in STYLES]


def setup(app):
    app.add_builder(Epub, override=True)
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.add_post_transform(Unfold)
    app.connect("html-page-context", only_ours, priority=950)
