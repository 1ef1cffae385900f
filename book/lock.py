"""The pinned environments in environments/, which `make lock` has uv make of requirements.txt and constraints.txt."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
CUDA = re.compile(r"(cuda|nvidia)-|triton==")  # what PyTorch's wheels for Linux bring, and its CPU build does not

LOCKED = """\
# Every version that constraints.txt names, with the hashes of its files: Linux and macOS, Python 3.10 to 3.13.
# `make locked` installs it. Written by `make lock`.
"""
LOCKED_CUDA = """\
# What locked.txt needs besides on Linux, where PyTorch's usual wheels bring CUDA. Not needed for its CPU build.
"""
OLDEST = """\
# The oldest versions that requirements.txt admits, on Python 3.10; what they need in turn is new. Written by `make lock`.
"""


def resolve(*options):
    """The entries of a resolution of requirements.txt; with hashes, one has several lines."""
    command = [UV, "pip", "compile", "requirements.txt", "--quiet", "--no-header", "--no-annotate", *options]
    text = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"^\S.*(?:\n +.*)*\n", text, re.MULTILINE)


def write(name, head, entries):
    (ROOT / "environments" / name).write_text(head + "".join(entries), encoding="utf-8")


def main():
    entries = resolve("--universal", "--python-version", "3.10", "--constraints", "constraints.txt", "--generate-hashes")
    write("locked.txt", LOCKED, [entry for entry in entries if not CUDA.match(entry)])
    write("locked-cuda.txt", LOCKED_CUDA, [entry for entry in entries if CUDA.match(entry)])
    entries = resolve("--python-version", "3.10", "--resolution", "lowest-direct")
    write("oldest.txt", OLDEST, [entry for entry in entries if not CUDA.match(entry)])


if __name__ == "__main__":
    main()
