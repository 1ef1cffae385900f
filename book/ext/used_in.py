"""Sphinx extension: below each numbered statement, who uses it, and the way to its function and tests."""

from docutils import nodes
from sphinx import addnodes

LEDGER = "chapters/ledger"
LISTS = ("chapters/formulas", "chapters/glossary", LEDGER)  # pages that name statements, and use none


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
            statement += line(app, docname, pages, label)


def line(app, docname, pages, label):
    paragraph = nodes.paragraph("", "Used in " if pages else "", classes=["used-in"])
    for name in pages:
        title = [child.deepcopy() for child in app.env.titles[name].children]
        paragraph += [link(app, docname, name, *title), nodes.Text(" · ")]
    paragraph += link(app, docname, LEDGER, nodes.Text("Function and tests"), fragment=f"#ledger-{label}")
    return paragraph


def link(app, docname, name, *title, fragment=""):
    address = app.builder.get_relative_uri(docname, name) + fragment
    return nodes.reference("", "", *title, internal=True, refuri=address)


def setup(app):
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
