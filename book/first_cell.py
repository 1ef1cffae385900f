"""The first code cell of every executable chapter: one text, kept here; `python -m book.first_cell` puts it in."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]

FIRST_CELL = f"""\
# Makes `import collapse` work wherever this notebook runs: in a clone, on Binder, on Colab.
import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("collapse") is None:
    clones = [folder for folder in Path.cwd().parents if (folder / "collapse" / "__init__.py").is_file()]
    if clones:
        sys.path.insert(0, str(clones[0]))
    else:
        get_ipython().run_line_magic("pip", "install --quiet git+{REPOSITORY}")
        importlib.invalidate_caches()
        if importlib.util.find_spec("collapse") is None:
            raise ModuleNotFoundError(
                "The package `collapse` is not here and could not be installed. "
                "Connect to the internet, or move this notebook into a clone of the book."
            )"""

BLOCK = f"```{{code-cell}} python\n:tags: [remove-input]\n\n{FIRST_CELL}\n```\n"


def insert(text):
    """The chapter's text with the first cell in front of its other code cells; unchanged where it has none or has it."""
    if BLOCK in text:
        return text
    return text.replace("```{code-cell}", BLOCK + "\n```{code-cell}", 1)


if __name__ == "__main__":
    for chapter in sorted((ROOT / "chapters").glob("*.md")):
        before = chapter.read_text(encoding="utf-8")
        if insert(before) != before:
            chapter.write_text(insert(before), encoding="utf-8")
            print(f"first cell added to {chapter.name}; now: jupytext --sync {chapter.relative_to(ROOT)}")
