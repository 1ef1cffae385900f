"""Sphinx extension: slides of every chapter with exercises, written when the pages are finished."""

from pathlib import Path

from book import notebooks, slides


def write(app, exception):
    if exception is None and app.builder.name == "html":
        slides.write(Path(app.outdir), notebooks.chapters())


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
