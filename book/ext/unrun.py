"""Sphinx extension of `make serve`: a chapter shows what it printed when it last ran, or its code alone. None is run."""

from pathlib import Path

from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook


def unrun(chapters, cache):
    """Names of the chapters whose code, as it is now, has no outputs in the cache."""
    for path in sorted(chapters.glob("*.md")):
        try:
            cache.match_cache_notebook(read_myst_markdown_notebook(path.read_text(encoding="utf-8")))
        except KeyError:
            yield path.name


def leave_unrun(app):
    """Told to MyST-NB rather than to Sphinx, which would read every chapter again whenever the list changes."""
    settings = app.env.mystnb_config
    patterns = list(unrun(Path(app.srcdir) / "chapters", get_cache(settings.execution_cache_path)))
    app.env.mystnb_config = settings.copy(execution_excludepatterns=patterns)


def setup(app):
    app.connect("builder-inited", leave_unrun, priority=900)  # after MyST-NB has read its settings
    return {"parallel_read_safe": True, "parallel_write_safe": True}
