"""Experiments whose full-size results are stored, ``python -m collapse run NAME`` (chapter "Does a larger model help?").

An experiment is a list of independent jobs, a function that does one, and a way to put their results together. Its quick
size runs on a laptop in seconds, its full size is stored under results/.
"""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np

from . import results
from .setting import Setting
from .sweep import sweep


@dataclass(frozen=True)
class Experiment:
    """name; function(**job) -> dict of arrays; jobs(size) -> list of dicts, each with its ``seed``, for size "quick" or
    "full"; combine(jobs, results) -> dict of arrays, what is stored; about: what they are, with their axes, for whoever
    finds the stored file."""

    name: str
    function: Callable
    jobs: Callable
    combine: Callable
    about: str


def run(experiment, size="quick", workers=1, dask=None, folder=None):
    """Run an Experiment through :func:`collapse.sweep.sweep`; at full size store the result too.

    folder : for the jobs' results, by default _build/runs/NAME-SIZE in the working directory. Jobs done by other code than
        today's are not used.

    Returns (arrays, provenance). Raises what sweep raises.
    """
    jobs, start = experiment.jobs(size), time.perf_counter()
    function = f"{experiment.function.__module__}:{experiment.function.__qualname__}"
    done = sweep(
        measured,
        [{"function": function, "code": results.code(), "job": job} for job in jobs],
        Path("_build", "runs", f"{experiment.name}-{size}") if folder is None else folder,
        workers,
        dask,
    )
    seconds = [float(result.pop("job_seconds")) for result in done]
    hardware = sorted({str(result.pop("job_hardware")) for result in done})
    arrays = experiment.combine(jobs, done)
    command = f"python -m collapse run {experiment.name} --size {size}"
    command += f" --workers {workers}" * (workers > 1) + " --dask ADDRESS" * (dask is not None)
    provenance = results.provenance(
        command,
        size=size,
        seeds=_compact({job["seed"] for job in jobs}),
        seconds=time.perf_counter() - start,
        hardware=hardware,
    )
    provenance["about"] = experiment.about
    provenance["jobs"] = {"count": len(jobs), "seconds": round(sum(seconds), 1)}
    if size == "full":
        results.save(experiment.name, arrays, provenance)
    return arrays, provenance


def measured(function, code, job):
    """What ``function`` ("module:name") returns for ``job``, with the job's seconds and the machine that ran it."""
    if code != results.code():
        raise RuntimeError("this worker has another version of the package than the caller")
    module, name = function.split(":")
    start = time.perf_counter()
    arrays = attrgetter(name)(importlib.import_module(module))(**job)
    return {**arrays, "job_seconds": time.perf_counter() - start, "job_hardware": results.this_machine()}


def _compact(seeds):
    first, last = min(seeds), max(seeds)
    return f"{first} to {last}" if seeds == set(range(first, last + 1)) else sorted(seeds)


# Test error against model size, for several shares of synthetic rows: Figures 1 to 3 of the paper.

SHARES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9)
RELATIVE_SIZES = (
    *(0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95),
    *(1.0, 1.05, 1.1, 1.2, 1.35, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0),
)
QUICK = {"n": 100, "d": 400, "lam": 1e-5}
FULL = {"n": 500, "d": 2000, "lam": 1e-6}


def model_size_problem(d, p2=SHARES, c2=1.0):
    """Strong and weak directions, s_j ~ j^-1.2; a synthetic teacher that is off by equal amounts in all of them."""
    return Setting.power_law(d, np.asarray(p2), c2, noise=0.05, beta=1.2, r=1.8, q=1.2)


def model_size(n, d, m, lam, seed):
    """Test errors of one student with m projections at c2 = 1, for all SHARES: bias, variance and shift, each (shares,).

    Other qualities need no other run: the shift part is proportional to c2.

    Implements: obs-figure-1, obs-figures-2-3 (chapter "Does a larger model help?").
    """
    from . import simulate

    samples = simulate.projection(model_size_problem(d), n, m, lam, trials=1, seed=seed).samples
    return {part: getattr(samples, part)[0] for part in ("bias", "variance", "shift")}


def _model_size_jobs(size):
    problem = {"quick": QUICK, "full": FULL}[size]
    sizes = [round(psi * problem["n"]) for psi in RELATIVE_SIZES]
    return [{**problem, "m": m, "seed": seed} for m in sizes for seed in range(5)]


def _model_size_combined(jobs, done):
    problem, sizes = {name: jobs[0][name] for name in ("n", "d", "lam")}, list(dict.fromkeys(job["m"] for job in jobs))
    parts = {
        part: np.stack([result[part] for result in done]).reshape(len(sizes), -1, len(SHARES)).swapaxes(0, 1)
        for part in ("bias", "variance", "shift")
    }
    return {**problem, "p2": SHARES, "m": sizes, **parts}


_MODEL_SIZE_ABOUT = (
    "Parts of the test error of students with m random projections, S ~ N(0, 1/d), n rows, ridge lam, in the problem "
    "experiments.model_size_problem(d): bias, variance and shift (independent runs, m, p2), with p2 the shares of synthetic "
    "rows and m the sizes. shift is for quality c2 = 1 and proportional to c2."
)

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in [Experiment("model-size", model_size, _model_size_jobs, _model_size_combined, _MODEL_SIZE_ABOUT)]
}
