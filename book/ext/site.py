"""Sphinx extension: the cache that fits the code, no Thebe, unique ids."""

from docutils import nodes

from book import execution

REPEATED = {"proof-content", "exercise-content", "solution-content"}


def choose_cache(app, config):
    config.nb_execution_cache_path = str(execution.cache_folder())


def drop_thebe(app, pagename, templatename, context, doctree):
    """Jupyter Book always adds Thebe and declares its constants twice; the book has no use for it."""
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in str(script) and "THEBE" not in script.attributes.get("body", "")
    ]


def make_ids_unique(app, doctree):
    """sphinx-proof and sphinx-exercise give the body of everything of one kind the same id."""
    for number, section in enumerate(doctree.findall(nodes.section)):
        if section["ids"][0] in REPEATED:
            section["ids"] = [f"{section['ids'][0]}-{number}"]
    for proof in doctree.findall(nodes.admonition):
        if proof["ids"] == ["proof"]:
            proof["ids"] = []
            proof["classes"].append("proof-text")  # styled in book.css, as the id was


def setup(app):
    app.connect("config-inited", choose_cache)
    app.connect("doctree-read", make_ids_unique)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
