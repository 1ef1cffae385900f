"""Builds the site into _build/html, from a clean folder; chapters that were run with this very code are not run again."""

import shutil
import subprocess
import sys
from pathlib import Path

from book import ledger, notebooks, vendor

ROOT = Path(__file__).resolve().parent.parent


def main():
    if problems := ledger.orphans(ROOT):
        sys.exit("The ledger is not complete:\n" + "\n".join(problems))
    vendor.main()
    notebooks.main()
    for folder in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(ROOT / "_build" / folder, ignore_errors=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT), "-W", "--keep-going", "-n"]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
