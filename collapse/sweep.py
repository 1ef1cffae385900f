"""Run independent jobs, keep each result as soon as it is there, go on after an interruption (all stored results).

joblib runs the jobs: in this process, on several local processes, or on a cluster through its Dask backend.
"""

import contextlib
import hashlib
import importlib
import json
import sys
import traceback
import warnings
from operator import attrgetter

import joblib

from .checks import instance, whole_number
from .live import progress
from .results import checked_arrays, folder_to_write, read_arrays, write_arrays

_TIMEOUT = 5  # seconds for a scheduler to answer
_NAMES = "_names"  # in each file: a list of its arrays, since a damaged .npz file may just lack one
_SHOWN = 10  # failed jobs that an error lists


class JobsFailed(RuntimeError):
    """Some jobs raised an exception; all others were run and are kept."""


def sweep(function, jobs, folder, workers=1, dask=None):
    """``[function(**job) for job in jobs]``, where every finished job is kept in ``folder`` and never run again.

    Parameters
    ----------
    function : importable; returns a dict of arrays, numbers or text. A job is known by the function's name and its own
        arguments: a function that changes what it computes needs a new name, new arguments or an empty folder.
    jobs : list of dicts of keyword arguments, each of what JSON knows: numbers, text, lists, dicts, True, False, None.
    folder : where results are kept, one .npz file a job, written by this process. Made if it is not there.
    workers : local processes, each with one thread; 1 runs the jobs in this process.
    dask : address of a Dask scheduler such as "tcp://10.0.0.1:8786", by ``dask scheduler``; its workers, by
        ``dask worker ADDRESS --nworkers auto --nthreads 1``. All of them must be able to import the function.

    Returns the results in the order of the jobs, each a dict of arrays.

    Raises JobsFailed, after all other jobs are done and kept, naming the jobs that failed; ConnectionError if no scheduler
    answers; ValueError or TypeError naming the argument.
    """
    name, jobs = _qualified_name(function), list(jobs)
    whole_number("workers", workers, low=1)
    if dask is not None and workers != 1:
        raise ValueError(f"workers must be 1 where dask is given (the cluster has its own workers), got {workers}")
    names = [f"{hashlib.sha256(text.encode()).hexdigest()}.npz" for text in _descriptions(name, jobs)]
    folder = folder_to_write(folder)
    paths = [folder / name for name in names]

    results = {index: arrays for index, path in enumerate(paths) if (arrays := _kept(path)) is not None}
    todo = {index: job for index, job in enumerate(jobs) if index not in results}
    failures = {}
    running = _on_cluster(function, todo, dask) if dask is not None and todo else _locally(function, todo, workers)
    try:
        with progress(total=len(jobs), initial=len(results), unit="job") as bar, contextlib.closing(running):
            for index, arrays, failure in running:
                if failure is None:
                    write_arrays(paths[index], {**arrays, _NAMES: list(arrays)})
                    results[index] = arrays
                else:
                    failures[index] = failure
                bar.update()
    except BaseException:  # interrupted, a local worker died, the disk is full
        print(f"Stopped: {len(results)} of {len(jobs)} jobs are kept in {folder}; call again for the rest.", file=sys.stderr)
        raise
    if failures:
        raise JobsFailed(_report(failures, jobs, folder))
    return [results[index] for index in range(len(jobs))]


def _locally(function, todo, workers):
    with joblib.parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1):
        parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
    yield from parallel(joblib.delayed(_attempt)(function, index, job) for index, job in todo.items())


def _on_cluster(function, todo, address):
    from distributed import CancelledError, Client
    from distributed.comm import get_address_host_port

    from .cluster import ClusterBackend

    try:
        get_address_host_port(instance("dask", address, str))
        client = Client(address, timeout=_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"dask must be the address of a scheduler that answers within {_TIMEOUT} s, got {address!r} ({error}). "
            f"`dask scheduler` starts one and prints its address, `dask worker ADDRESS` adds workers."
        ) from error
    with client:
        if not client.nthreads():
            warnings.warn(f"the scheduler at {address} has no worker yet: waiting for one", stacklevel=3)
        client.wait_for_workers(1)
        _check_import(client, function.__module__)
        with joblib.parallel_config(backend=ClusterBackend(client, _lost), n_jobs=-1):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        try:
            yield from parallel(joblib.delayed(_attempt)(function, index, job) for index, job in todo.items())
        except CancelledError as error:
            raise ConnectionError(f"the scheduler at {address} no longer answers") from error


def _lost(error, function, index, job):
    """The outcome of a job that Dask gave up: its workers died, again and again."""
    return index, None, _told(error)


def _check_import(client, module):
    """An error where the cluster cannot import the function: its workers would die of it, one after the other."""
    try:
        for name in (__name__, module):
            client.run_on_scheduler(importlib.import_module, name)
            client.run(importlib.import_module, name)
    except ImportError as error:
        raise ImportError(f"the scheduler and its workers must be able to import {name}: {error}") from error


def _attempt(function, index, job):
    """(index, arrays, None), or (index, None, what went wrong)."""
    try:
        return index, checked_arrays(function(**job)), None
    except Exception as error:
        return index, None, _told(error)


def _told(error):
    return f"{type(error).__name__}: {error}\n{''.join(traceback.format_exception(error))}"


def _kept(path):
    """The arrays of a finished job, None if there are none."""
    if not path.exists():
        return None
    try:
        arrays = read_arrays(path)
        if list(arrays.pop(_NAMES)) != list(arrays):
            raise ValueError("an array is missing")
        return arrays
    except Exception as error:  # zipfile, zlib and numpy each have their own
        warnings.warn(f"{path} is damaged ({error}): its job is run again", stacklevel=3)
        return None


def _qualified_name(function):
    """module.name of a function that another process can import, or a clear error."""
    try:
        module, name = function.__module__, function.__qualname__
        if module != "__main__" and attrgetter(name)(importlib.import_module(module)) is function:
            return f"{module}.{name}"
    except (AttributeError, ImportError):
        pass
    raise ValueError(f"function must be defined at the top level of a module that can be imported, got {function!r}")


def _descriptions(name, jobs):
    """One text for each job, the same whenever function and arguments are the same; all different, or a clear error."""
    descriptions = {}
    for job in jobs:
        instance("each of jobs", job, dict)
        try:
            text = json.dumps(job, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise TypeError(f"each of jobs must hold only what JSON knows, got {job!r} ({error})") from None
        if json.loads(text) != job:  # a tuple would come back as a list, a number as a key as text
            raise TypeError(f"each of jobs must be the same after a round trip through JSON, got {job!r}")
        if text in descriptions:
            raise ValueError(f"jobs must differ, got twice {text}")
        descriptions[text] = f"{name} {text}"
    return list(descriptions.values())


def _report(failures, jobs, folder):
    shown = [f"  {jobs[index]}: {failures[index].splitlines()[0]}" for index in sorted(failures)[:_SHOWN]]
    if len(failures) > _SHOWN:
        shown.append(f"  and {len(failures) - _SHOWN} more")
    return (
        f"{len(failures)} of {len(jobs)} jobs failed; the others are kept in {folder}, and a second call runs only these:\n"
        + "\n".join(shown)
        + f"\nThe first one in full: {failures[min(failures)]}"
    )
