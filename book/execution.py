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


@functools.cache
def has_mnist():
    """Whether chapters see real MNIST rather than the small digits; asked once, so that a build sees one answer."""
    return data.available("mnist")["mnist"] is not None


def fingerprint(root, mnist):
    """Digest of everything but its own cells that a chapter's output depends on."""
    digest = hashlib.sha256(f"Python {platform.python_version()}, MNIST {mnist}".encode())
    for name in DEPENDENCIES:
        top = root / name
        for path in sorted([top, *top.rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def cache_folder(root=ROOT, mnist=None):
    """Folder of the jupyter-cache that holds outputs made from the files under ``root`` as they are now."""
    mnist = has_mnist() if mnist is None else mnist
    return root / "_build" / ".jupyter_cache" / fingerprint(root, mnist)[:16]


def store(folder, notebook, path, seconds):
    """Puts an executed notebook into the cache as the book's build would, with the time it took."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:  # the cache compares all metadata of a cell, and the runner adds its timing there
        cell.metadata.pop("execution", None)
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    get_cache(str(folder)).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
