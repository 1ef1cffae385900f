"""Sphinx extension: chapters to download as clean notebooks and as this build ran them; the menu says which is which."""

from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook

NAMES = {
    "download-notebook-button": ("Notebook, to run", "Download the notebook without outputs"),
    "download-executed-button": ("Notebook with outputs", "Download the notebook as it was run for this page"),
    "download-source-button": ("Page source", "Download the text of this page, with its code"),
    "download-pdf-button": ("Print this page", "Print this page, or save it as a PDF"),
}


def offer(app, pagename, templatename, context, doctree):
    """Adds the executed notebook to the theme's menu, and gives every entry a name in words."""
    menu = next((group for group in context.get("header_buttons", []) if group.get("label") == "download-buttons"), None)
    if menu is None:
        return
    if "ipynb_source" in context and write(app, pagename):
        url = context["pathto"](f"_sources/{pagename}-with-outputs.ipynb", 1)
        button = {"type": "link", "url": url, "icon": "fas fa-chart-line", "label": "download-executed-button"}
        menu["buttons"].insert(1, button)
    for button in menu["buttons"]:
        button["text"], button["tooltip"] = NAMES[button["label"]]


def write(app, pagename):
    """Writes both notebooks beside the page's source. False for a chapter that has not been run (`make serve`)."""
    clean = read_myst_markdown_notebook(Path(app.env.doc2path(pagename)).read_text(encoding="utf-8"))
    sources = Path(app.outdir, "_sources")
    nbformat.write(clean, sources / f"{pagename}.ipynb")  # MyST-NB leaves outputs in its own where it has just run a chapter
    try:
        _, executed = get_cache(app.env.mystnb_config.execution_cache_path).merge_match_into_notebook(clean)
    except KeyError:
        return False
    nbformat.write(executed, sources / f"{pagename}-with-outputs.ipynb")
    return True


def setup(app):
    app.connect("html-page-context", offer, priority=900)  # after the theme has made its menu
    return {"parallel_read_safe": True, "parallel_write_safe": True}
