"""Sphinx extension: the search looks in the text of the pages, and not in code or in what it printed."""

from docutils import nodes


def leave_out_code(app):
    index = getattr(app.builder, "index_page", None)
    if index is None:
        return  # not a builder with a search

    def index_text(name, doctree, title):
        text = doctree.deepcopy()
        for code in list(text.findall(nodes.literal_block)):
            code.parent.remove(code)
        index(name, text, title)

    app.builder.index_page = index_text


def setup(app):
    app.connect("builder-inited", leave_out_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
