"""Sphinx extension: below each numbered statement, which other chapters use it, in reading order."""

from docutils import nodes
from sphinx import addnodes

LISTS = ("chapters/ledger",)  # pages that name every statement, and use none


def collect(app, doctree):
    """Keeps in ``env.uses`` the labels that each page refers to."""
    references = doctree.findall(addnodes.pending_xref)
    uses = {reference["reftarget"] for reference in references if reference.get("refdomain") == "prf"}
    app.env.uses = getattr(app.env, "uses", {}) | {app.env.docname: uses}


def forget(app, env, docname):
    getattr(env, "uses", {}).pop(docname, None)


def merge(app, env, docnames, other):
    env.uses = getattr(env, "uses", {}) | {name: other.uses[name] for name in docnames}


def show(app, doctree, docname):
    if app.builder.format != "html":
        return
    order = list(app.env.collect_relations())
    for statement in doctree.findall(nodes.Element):
        if statement.get("label") in app.env.proof_list and statement["ids"]:
            label = statement["label"]
            pages = [name for name in order if label in app.env.uses[name] and name not in (docname, *LISTS)]
            if pages:
                statement += line(app, docname, pages)


def line(app, docname, pages):
    paragraph = nodes.paragraph("", "Used in ", classes=["used-in"])
    for number, name in enumerate(pages):
        title = [child.deepcopy() for child in app.env.titles[name].children]
        address = app.builder.get_relative_uri(docname, name)
        paragraph += [nodes.Text(" · " if number else ""), nodes.reference("", "", *title, internal=True, refuri=address)]
    return paragraph


def setup(app):
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
