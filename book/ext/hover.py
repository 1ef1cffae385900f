"""Sphinx extension: beside each page, what links to it may show: its terms, statements, exercises, equations, sources."""

import json
from pathlib import Path

from bs4 import BeautifulSoup

SHOWN = ".glossary > dt[id], .proof[id], .exercise[id], .math[id], .citation[id]"


def texts(html):
    """The HTML of everything on a page that a link may show, by its id; without links and without ids."""
    soup = BeautifulSoup(html, "html.parser")
    for extra in soup.select(".headerlink, .used-in"):
        extra.decompose()
    found = {node["id"]: node.find_next_sibling("dd") if node.name == "dt" else node for node in soup.select(SHOWN)}
    for node in soup.select("[id]"):
        del node["id"]
    for link in soup.select("a"):
        link.unwrap()
    return {name: node.decode_contents() if node.name == "dd" else str(node) for name, node in found.items()}


def write(app, pagename, templatename, context, doctree):
    if doctree is not None:
        path = Path(app.outdir, f"{pagename}.hover.js")
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = json.dumps(texts(context["body"]), ensure_ascii=False)
        path.write_text(f"window.hoverTexts = {shown};\n", encoding="utf-8")


def setup(app):
    app.connect("html-page-context", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
