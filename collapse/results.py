"""Stored results and where they come from: arrays in results/NAME.npz, provenance in results/NAME.json (all chapters).

A full-size result takes longer than a chapter may. It is computed once, stored with everything needed to compute it again,
and shown beside the chapter's own quick run.
"""

import functools
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import numpy as np

from .checks import instance, read_only, real_number

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parent
SIZES = ("quick", "laptop", "hour", "gpu", "full", "paper")  # a laptop's seconds, two cores' hour, a GPU's; the paper's own
_RESERVED = ("file", "allow_pickle")  # arguments of numpy.savez
FIELDS = ("command", "commit", "code", "size", "seeds", "date", "versions", "hardware", "wall_time_s", "data")


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A stored result: ``arrays`` (name -> read-only array), ``provenance`` (dict, see :func:`provenance`)."""

    name: str
    arrays: dict
    provenance: dict

    def __repr__(self):
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.arrays.items())
        return f"Result({self.name}: {shapes}. {self.provenance.get('about', '')})"

    def describe(self):
        """One or two plain sentences for a chapter to print: what computed this, when, on what, how long it took."""
        told = self.provenance
        commit = re.sub("([0-9a-f]{10})[0-9a-f]{30}", r"\1", told["commit"])
        versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
        took = f"{told['wall_time_s']:,} s"
        if "jobs" in told:  # which may have been done in several calls, or at the same time
            took = f"{told['jobs']['count']:,} jobs, {told['jobs']['seconds']:,} s of computing"
        return (
            f"{self.name}, {told['size']} size: `{told['command']}` at commit {commit}, {told['date']}. "
            f"It took {took} on {' and '.join(told['hardware'])}; seeds {told['seeds']}; {versions}."
        )


def save(name, arrays, provenance):
    """Store ``arrays`` (name -> array) as results/NAME.npz and ``provenance`` as results/NAME.json, in place of older ones.

    name : lower-case letters, digits and hyphens.  provenance : what :func:`provenance` returns; more fields are welcome.
    Raises ValueError or TypeError naming the argument.
    """
    arrays = checked_arrays(arrays)
    missing = [field for field in FIELDS if field not in instance("provenance", provenance, dict)]
    if missing:
        raise ValueError(f"provenance must have all fields of results.provenance, it lacks {', '.join(missing)}")
    path = _path(name)
    text = json.dumps({**provenance, "sha256": ""}, allow_nan=False)  # anything that is not JSON fails before a file changes
    path.parent.mkdir(exist_ok=True)
    write_arrays(path, arrays)
    text = json.dumps({**json.loads(text), "sha256": _sha256(path)}, indent=2, ensure_ascii=False)
    replace_file(path.with_suffix(".json"), lambda stream: stream.write(f"{text}\n".encode()))


def load(name):
    """The stored :class:`Result` called ``name``.

    Raises FileNotFoundError listing what is there, ValueError if a file was altered.
    """
    path = _path(name)
    if not path.exists() or not path.with_suffix(".json").exists():
        raise FileNotFoundError(f"no stored result is called {name!r}; there are: {', '.join(names()) or 'none'}")
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    found = _sha256(path)
    if found != told["sha256"]:
        raise ValueError(
            f"{path.name} has sha256 {found}, its provenance says {told['sha256']}: one of the two files was altered. "
            f"Restore both from git, or compute them again with: {told['command']}"
        )
    return Result(name, {key: read_only(array) for key, array in read_arrays(path).items()}, told)


def names():
    """The names of all stored results, sorted."""
    return sorted(path.stem for path in _folder().glob("*.npz") if path.with_suffix(".json").exists())


def provenance(command, *, size, seeds, seconds, hardware=None, data=None):
    """Everything needed to compute a result again, as a dict with the keys ``FIELDS``.

    command : what to type in the repository's folder. No machine's paths or host names: the result is published.
    size : one of SIZES.  seeds : anything JSON-able.  seconds : wall time in s.
    hardware : list of what :func:`this_machine` returned where the work was done; by default here, now.
    data : name -> sha256 of the input data, if there was any.
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {', '.join(SIZES)}, got {size!r}")
    return {
        "command": instance("command", command, str),
        "commit": _commit(),
        "code": code(),
        "size": size,
        "seeds": seeds,
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("numpy", "scipy", "torch")}},
        "hardware": [this_machine()] if hardware is None else hardware,
        "wall_time_s": round(real_number("seconds", seconds, low=0), 1),
        "data": {} if data is None else dict(instance("data", data, Mapping)),
    }


def this_machine():
    """Processor, cores this process may use, and the GPU if this process has used one, as one line of text."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [_processor(), f"{cores} core{'s' * (cores > 1)}"]
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        parts.append(torch.cuda.get_device_name())
    return ", ".join(parts)


def first_process():
    """Whether this process tells and stores what was found: of those that torchrun started together only one does."""
    return os.environ.get("RANK", "0") == "0"


@functools.cache
def code():
    """sha256 of the package's source files, as they were when this was first asked."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def checked_arrays(arrays):
    """``arrays`` (name -> numbers or text) as numpy arrays that an .npz file can hold, or a clear error."""
    checked = {}
    for name, value in instance("arrays", arrays, Mapping).items():
        if not (isinstance(name, str) and re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) and name not in _RESERVED):
            raise ValueError(f"arrays must be named by letters, digits and _, other than {_RESERVED}, got {name!r}")
        checked[name] = np.asarray(value)
        if checked[name].dtype.kind not in "biufcU":
            raise TypeError(f"{name} must hold numbers or text, got {type(value).__name__} of dtype {checked[name].dtype}")
    return checked


def write_arrays(path, arrays):
    """Write an .npz file, as :func:`replace_file`."""
    replace_file(path, lambda stream: np.savez_compressed(stream, **arrays))


def read_arrays(path):
    """The arrays of an .npz file by name; any exception if it is not whole."""
    with np.lib.npyio.NpzFile(str(path)) as file:
        return {name: file[name] for name in file.files}


def folder_to_write(folder):
    """The Path ``folder``, made if it is not there, or at once a clear error that nothing can be written to it."""
    if not isinstance(folder, (str, os.PathLike)):
        raise TypeError(f"folder must be a path, got {folder!r}")
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"folder must be a folder, got the file {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / ".writable", lambda stream: None)
    except OSError as error:
        raise ValueError(f"folder must be one that can be written to, got {folder} ({error.strerror})") from None
    (folder / ".writable").unlink(missing_ok=True)
    return folder


def replace_file(path, write):
    """``write(stream)`` makes the file ``path``: at any moment there is the old one or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as stream:
            write(stream)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _folder():
    installed = _PACKAGE / "_stored"  # where pip puts the folder results; see pyproject.toml
    return installed if installed.is_dir() else _ROOT / "results"


def _path(name):
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", instance("name", name, str)):
        raise ValueError(f"name must be lower-case letters, digits and hyphens, got {name!r}")
    return _folder() / f"{name}.npz"


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit():
    """The commit the package is at, "+ local changes" if its code differs from it, "unknown" outside a clone."""
    if not (_ROOT / ".git").exists():
        return "unknown"
    try:
        return _git("rev-parse", "HEAD") + (" + local changes" if _git("status", "--porcelain", "--", _PACKAGE.name) else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _processor():
    try:
        if sys.platform == "darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        return re.search("^model name\\s*:\\s*(.+)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)[1]
    except (OSError, TypeError, subprocess.CalledProcessError):  # a processor that does not give its name
        return platform.machine()
