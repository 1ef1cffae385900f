"""The site while one writes: `make serve` builds it, without running any code, and again whenever a text changes."""

import os
import sys
from pathlib import Path

from jupyter_book.config import get_final_config

from book import notebooks, vendor

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "serve"
IGNORED = r"(?<!\.md)(?<!\.yml)(?<!\.bib)(?<!\.css)(?<!\.js)(?<!\.svg)$"  # all files that end otherwise


def configuration():
    """What Sphinx needs to know: _config.yml and the extension that runs nothing, with paths from the root of the disk."""
    told = {"external_toc_path": "_toc.yml", "latex_individualpages": False}
    config, _ = get_final_config(user_yaml=ROOT / "_config.yml", sourcedir=ROOT, cli_config=told)
    for key in ("html_static_path", "html_extra_path", "bibtex_bibfiles"):
        config[key] = [str(ROOT / path) for path in config[key]]
    for key in ("html_logo", "html_favicon"):
        config[key] = str(ROOT / config[key])
    return config | {"extensions": [*config["extensions"], "book.ext.unrun"]}


def main():
    vendor.main()
    notebooks.main()
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {value!r}\n" for key, value in configuration().items()]
    (FOLDER / "conf.py").write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx_autobuild", ROOT, FOLDER / "html", "-c", FOLDER, "-d", FOLDER / "doctrees"]
    command += ["--ignore", ROOT / "_build", "--re-ignore", IGNORED, *sys.argv[1:]]
    os.execv(sys.executable, [str(part) for part in command])


if __name__ == "__main__":
    main()
