"""The command line, ``python -m collapse``: runs the experiments whose results are stored (all chapters that show one)."""

import argparse
import sys
from textwrap import shorten

import numpy as np

from .data import DataUnavailable
from .experiments import EXPERIMENTS, run
from .results import SIZES, first_process
from .sweep import JobsFailed


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m collapse", description="The experiments of the book, at any size.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add = commands.add_parser("run", help="run an experiment; above quick size, store its result under results/")
    add.add_argument("name", metavar="NAME", choices=sorted(EXPERIMENTS), help=f"one of: {', '.join(sorted(EXPERIMENTS))}")
    add.add_argument("--size", choices=SIZES, default="quick", help="quick (default) prints a summary only")
    add.add_argument("--workers", type=int, default=1, metavar="N", help="local processes (default 1)")
    add.add_argument("--dask", metavar="ADDRESS", help="run on the cluster of this Dask scheduler, as tcp://10.0.0.1:8786")
    add.add_argument("--folder", help="where each finished job is kept (default _build/runs/NAME-SIZE)")
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return
    if chosen.workers < 1:
        add.error(f"--workers must be >= 1, got {chosen.workers}")
    if chosen.dask and chosen.workers > 1:
        add.error("--workers and --dask exclude each other: a cluster has its own workers")
    run_and_tell(chosen.name, chosen.size, chosen.workers, chosen.dask, chosen.folder)


def run_and_tell(name, size, workers=1, dask=None, folder=None):
    """Run an experiment, print a summary and return its arrays; where it cannot be done, end with one clear line."""
    try:
        arrays, told = run(EXPERIMENTS[name], size, workers, dask, folder)
    except (JobsFailed, DataUnavailable, ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if first_process():
        for key, array in arrays.items():
            array = np.asarray(array)
            words = array.dtype.kind == "U"
            shown = shorten(", ".join(array.flat), 80) if words else f"from {array.min():.4g} to {array.max():.4g}"
            print(f"{key:<10} shape {array.shape!s:<12} {shown}")
        print(f"{told['jobs']['count']} jobs, {told['jobs']['seconds']} s of computing, {told['wall_time_s']} s in all.")
        print("Nothing was stored; a larger --size stores." if size == "quick" else "Stored under results/.")
    return arrays


if __name__ == "__main__":
    main()
