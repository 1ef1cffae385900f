"""Sphinx extension: slides of every chapter with exercises, and a link to them in the chapter's front card."""

from pathlib import Path

from docutils import nodes

from book import notebooks, slides


def link(app, doctree, docname):
    name = Path(docname).name
    if app.builder.name == "html" and name in notebooks.chapters():
        card = next(doctree.findall(nodes.Admonition))
        card[-1] += [nodes.Text(" · "), nodes.reference("", "Slides", refuri=f"../slides/{name}.html", internal=True)]


def write(app, exception):
    if exception is None and app.builder.name == "html":
        slides.write(Path(app.outdir), notebooks.chapters())


def setup(app):
    app.connect("doctree-resolved", link)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
