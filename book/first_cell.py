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
    if Path("../collapse").is_dir():
        sys.path.insert(0, str(Path("..").resolve()))
    else:
        get_ipython().run_line_magic("pip", "install --quiet git+{REPOSITORY}")"""

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
