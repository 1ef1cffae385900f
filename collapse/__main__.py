"""The command line, ``python -m collapse``: the experiments whose results are stored, and the calculator."""

import argparse
import os
import sys
from difflib import get_close_matches
from textwrap import shorten

import numpy as np

from .advice import command
from .data import DataUnavailable
from .experiments import EXPERIMENTS, run
from .results import SIZES, first_process
from .sweep import JobsFailed


def main(arguments=None):
    parser = argparse.ArgumentParser(
        "python -m collapse", description="The experiments of the book, at any size, and its calculator."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add = commands.add_parser("run", help="run an experiment; above quick size, store its result under results/")
    add.add_argument("name", metavar="NAME", choices=sorted(EXPERIMENTS), help=f"one of: {', '.join(sorted(EXPERIMENTS))}")
    add.add_argument("--size", choices=SIZES, default="quick", help="quick (default) prints a summary only")
    add.add_argument("--workers", type=int, default=1, metavar="N", help="local processes (default 1)")
    add.add_argument("--dask", metavar="ADDRESS", help="run on the cluster of this Dask scheduler, as tcp://10.0.0.1:8786")
    add.add_argument("--folder", help="where each finished job is kept (default _build/runs/NAME-SIZE)")
    command.add_to(commands)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands.choices:
        like = "".join(f"; did you mean {name!r}?" for name in get_close_matches(arguments[0], commands.choices, n=1))
        parser.error(f"there is no command {arguments[0]!r}{like or '.'} The commands are: {', '.join(commands.choices)}")
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return
    if chosen.command == "advise":
        command.advise_and_tell(chosen)
        return
    if chosen.workers < 1:
        add.error(f"--workers must be >= 1, got {chosen.workers}")
    if chosen.dask and chosen.workers > 1:
        add.error("--workers and --dask exclude each other: a cluster has its own workers")
    run_and_tell(chosen.name, chosen.size, chosen.workers, chosen.dask, chosen.folder)


def run_and_tell(name, size, workers=1, dask=None, folder=None, summary=None):
    """Run an experiment, print ``summary(arrays)`` (by default ranges); where it cannot be done, end with one clear line."""
    try:
        arrays, told = run(EXPERIMENTS[name], size, workers, dask, folder)
    except (JobsFailed, DataUnavailable, ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if first_process():
        print((summary or ranges)(arrays))
        print(f"{told['jobs']['count']} jobs, {told['jobs']['seconds']} s of computing, {told['wall_time_s']} s in all.")
        print("Nothing was stored; a larger --size stores." if size == "quick" else "Stored under results/.")


def ranges(arrays):
    """A line for each array: its name, its shape, its smallest and its largest number."""
    width = max(map(len, arrays))
    lines = []
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind == "U":
            shown = shorten(", ".join(array.flat), 80)
        else:
            low, high = f"{array.min():.4g}", f"{array.max():.4g}"
            shown = low if low == high else f"from {low} to {high}"
        lines.append(f"{name:<{width}} shape {array.shape!s:<12} {shown}")
    return "\n".join(lines)


def main_in_a_pipe():
    """The command line; where whoever reads its output, as ``head``, has had enough, it ends quietly."""
    try:
        try:
            main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the last flush, at exit
        sys.exit(141)  # as of other programs: 128 and the number of the signal


if __name__ == "__main__":
    main_in_a_pipe()
