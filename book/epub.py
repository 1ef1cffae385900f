"""Builds _build/epub/strong-model-collapse.epub; chapters that were run with this very code are not run again."""

import shutil
import subprocess
import sys
from pathlib import Path

from book import serve

ROOT = Path(__file__).resolve().parent.parent
FOLDER, NAME = ROOT / "_build" / "epub", "strong-model-collapse"
SITE_ONLY = {f"sphinx_{name}" for name in ("book_theme", "thebe", "copybutton", "togglebutton", "comments", "design")}
SITE_ONLY |= {f"book.ext.{name}" for name in ("downloads", "hover", "laboratory", "search", "stills", "unrun")}


def configuration():
    """The site's, without its theme and what needs a script."""
    config = serve.configuration()
    return config | {
        "extensions": [name for name in config["extensions"] if name not in SITE_ONLY] + ["book.ext.epub"],
        "html_theme": "basic",
        "html_static_path": [str(ROOT / "book" / "reader.css")],
        "html_extra_path": [],
        "html_css_files": [],
        "html_js_files": [],
        "html_math_renderer": "mathml",
        "html_permalinks": False,
        "html_domain_indices": False,
        "epub_basename": NAME,
        "epub_title": config["html_title"],
        "epub_identifier": NAME,
        "epub_uid": NAME,
        "epub_css_files": ["reader.css"],
        "epub_use_index": False,
        "epub_show_urls": "no",
        "epub_tocscope": "includehidden",
        "epub_tocdepth": 2,
        "version": "1",
    }


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    lines = [f"{key} = {value!r}\n" for key, value in configuration().items()]
    (FOLDER / "conf.py").write_text("".join(lines), encoding="utf-8")
    places = ["-c", FOLDER, "-d", FOLDER / "doctrees", ROOT, FOLDER / "pages"]
    command = [sys.executable, "-m", "sphinx", "-b", "epub", "-n", "-W", "--keep-going", *places]
    if code := subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(code)
    shutil.copy(FOLDER / "pages" / f"{NAME}.epub", FOLDER)
    print(f"The EPUB is {FOLDER / NAME}.epub")


if __name__ == "__main__":
    main()
