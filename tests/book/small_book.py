"""A small book that a test has Sphinx build; nothing of it is left for the next one."""

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ONE_CELL = """\
---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Title

```{code-cell} python
1 + 1
```
"""


def build(folder, builder, settings, **options):
    """Builds the sources in ``folder`` and returns the folder of what was made; ``options`` are those of Sphinx."""
    made = folder / "made"
    settings = settings | {"source_suffix": {".rst": "restructuredtext"}}  # otherwise extensions add theirs to Sphinx's own
    with patch_docutils(), docutils_namespace():
        Sphinx(folder, None, made, folder / "trees", builder, settings, status=None, freshenv=True, **options).build()
    return made
