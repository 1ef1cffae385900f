"""Builds _build/pdf/strong-model-collapse.pdf by XeLaTeX; chapters that were run with this very code are not run again."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LATEX, PDF = ROOT / "_build" / "latex", ROOT / "_build" / "pdf"
NAME = "strong-model-collapse"  # latex_documents in _config.yml
TOOLS = ("latexmk", "xelatex", "xindy")
DEBIAN = (
    "texlive-xetex texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended fonts-texgyre fonts-texgyre-math "
    "fonts-dejavu-core fonts-freefont-otf latexmk xindy"
)


def main():
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        sys.exit(
            f"The PDF needs {', '.join(missing)}. On Debian or Ubuntu, 126 MB:\n"
            f"    apt-get install --no-install-recommends {DEBIAN}\n"
            "elsewhere TeX Live or MacTeX, and the DejaVu fonts."
        )
    for folder in (LATEX, PDF):
        shutil.rmtree(folder, ignore_errors=True)
    PDF.mkdir(parents=True)
    subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--builder", "latex"], cwd=ROOT, check=True
    )
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", "-quiet", f"{NAME}.tex"]
    if subprocess.run(command, cwd=LATEX).returncode:
        sys.exit(f"LaTeX stopped; the reason stands at the end of {LATEX / NAME}.log")
    shutil.copy(LATEX / f"{NAME}.pdf", PDF)
    print(f"The PDF is {PDF / NAME}.pdf")


if __name__ == "__main__":
    main()
