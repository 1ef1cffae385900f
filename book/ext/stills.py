"""Sphinx extension: a figure that moves stands in the page as a still until it is alive, and where no script runs."""

from docutils import nodes
from myst_nb.core.render import WIDGET_VIEW_MIMETYPE
from PIL import Image
from sphinx.transforms.post_transforms import SphinxPostTransform


class ShowStill(SphinxPostTransform):
    """Puts the PNG of an output that is a widget beside it, with its text; widgets.css hides it behind the widget."""

    default_priority = 3  # before MyST-NB picks one form of each output
    formats = ("html",)

    def run(self, **kwargs):
        for bundle in self.document.findall(nodes.container):
            forms = {form.get("mime_type"): form for form in bundle.children if isinstance(form, nodes.container)}
            if {WIDGET_VIEW_MIMETYPE, "image/png", "text/plain"} <= forms.keys():
                still = next(forms["image/png"].findall(nodes.image)).deepcopy()
                with Image.open(self.env.srcdir / still["uri"]) as picture:
                    still["width"], still["height"] = (f"{side}px" for side in picture.size)
                still["classes"] = ["no-scaled-link"]
                still["alt"] = forms["text/plain"].astext().strip("'")
                forms[WIDGET_VIEW_MIMETYPE] += nodes.container("", still, classes=["still"])


def setup(app):
    app.add_post_transform(ShowStill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
