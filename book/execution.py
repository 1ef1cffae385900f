"""Executed chapters: one cache folder for each state of what they depend on, shared by the tests and the site."""

import copy
import functools
import hashlib
import platform
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from collapse import data

ROOT = Path(__file__).resolve().parent.parent
DEPENDENCIES = ("collapse", "results", "requirements.txt", "constraints.txt")
DATA = ("mnist", "human", "llm", "gpt2")  # chapters do without those that are not to be had


@functools.cache
def data_at_hand():
    """The data sets that chapters see; asked once, so that a build sees one answer."""
    return tuple(name for name, place in data.available(*DATA).items() if place is not None)


def fingerprint(root, at_hand):
    """Digest of everything but its own cells that a chapter's output depends on."""
    digest = hashlib.sha256(f"Python {platform.python_version()}, data {at_hand}".encode())
    for name in DEPENDENCIES:
        top = root / name
        for path in sorted([top, *top.rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def cache_folder(root=ROOT, at_hand=None):
    """Folder of the jupyter-cache that holds outputs made from the files under ``root`` as they are now."""
    at_hand = data_at_hand() if at_hand is None else at_hand
    return root / "_build" / ".jupyter_cache" / fingerprint(root, at_hand)[:16]


def store(folder, notebook, path, seconds):
    """Puts an executed notebook into the cache as the book's build would, with the time it took."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:  # the cache compares all metadata of a cell, and the runner adds its timing there
        cell.metadata.pop("execution", None)
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    get_cache(str(folder)).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
