"""Does every chapter pass with 1 and 2 threads, and with other seeds? `make reliability` tries it, which takes hours."""

import itertools
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
SEED = re.compile(r"\b(seed=\[?|default_rng\(\[?)(\d+)\b")
SHIFTS, THREADS = (0, 1000), (1, 2)


def reseeded(notebook, shift):
    """The notebook with ``shift`` added to every seed that is written out in its code."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = SEED.sub(lambda found: f"{found[1]}{int(found[2]) + shift}", cell.source)
    return notebook


def failure(path, shift, threads):
    """Run one chapter; the last line of its error, None if there was none."""
    notebook = reseeded(nbformat.read(path, as_version=4), shift)
    env = os.environ | {"OMP_NUM_THREADS": str(threads)}
    try:
        NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(path.parent)}}).execute(env=env)
    except (CellControlSignal, DeadKernelError) as error:
        return str(error).strip().splitlines()[-1]


def main(names):
    paths = [path for path in sorted((ROOT / "chapters").glob("*.ipynb")) if not names or path.stem in names]
    failed = 0
    for path, shift, threads in itertools.product(paths, SHIFTS, THREADS):
        start = time.perf_counter()
        error = failure(path, shift, threads)
        failed += error is not None
        seconds = time.perf_counter() - start
        print(f"{path.stem:<22} seeds +{shift:<4}  threads {threads}  {seconds:5.0f} s  {error or 'passed'}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
