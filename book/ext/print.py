"""Sphinx extension: where nothing unfolds, the code of solutions is shown; proofs have no empty heading."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

FOLDED = {"tag_hide-input", "tag_hide-output"}


class PrintUnfolded(SphinxPostTransform):
    """Cells that hide only their input stay as they are: their figures tell what they do."""

    default_priority = 300  # before hidden cells are left out
    builders = ("latex", "epub")

    def run(self, **kwargs):
        for cell in self.document.findall(nodes.container):
            if set(cell["classes"]) >= FOLDED:
                cell["classes"] = [name for name in cell["classes"] if name not in FOLDED]
        for proof in list(self.document.findall(nodes.admonition)):
            if "proof-text" in proof["classes"]:  # from book.ext.site
                proof.replace_self(proof.children)


def setup(app):
    app.add_post_transform(PrintUnfolded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
