"""Data sets: images, stories. Serves the chapters that look at real data, first "A first look, on digits".

Where the files come from: COLLAPSE_DATA, then the cache, then a verified download; see ``downloads``.
"""

import gzip
import math
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import downloads
from .downloads import DataUnavailable


@dataclass(frozen=True, eq=False)
class Images:
    """Grey images and what they show.

    pixels (N, side, side) uint8, 0 = background, 255 = ink; labels (N,) int, 0 to 9; the first ``n_train`` images are the
    training split (all of them where the source has no split); ``name`` for titles.
    """

    pixels: np.ndarray
    labels: np.ndarray
    n_train: int
    name: str

    def __post_init__(self):
        pixels, labels = np.asarray(self.pixels), np.asarray(self.labels)
        if pixels.ndim != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"pixels must be uint8, (N, side, side), got {pixels.dtype} of shape {pixels.shape}")
        if labels.shape != pixels.shape[:1] or labels.dtype.kind not in "iu" or not ((labels >= 0) & (labels <= 9)).all():
            raise ValueError(f"labels must be {len(pixels)} whole numbers from 0 to 9, one for each image")
        if len(pixels) < 5 or not 1 <= self.n_train <= len(pixels):
            raise ValueError(f"there must be 5 images or more, and n_train of them, got {len(pixels)} and {self.n_train}")


def mnist():
    """MNIST (LeCun, Cortes, Burges) as :class:`Images`: 70,000 of 28 x 28, the first 60,000 are the training split.

    Raises DataUnavailable if no place has it, ValueError if a file is not what it should be.
    """
    train_images, train_labels, test_images, test_labels = downloads.locate("mnist")
    train, test = read_idx(train_images, 3), read_idx(test_images, 3)
    labels = np.concatenate([read_idx(train_labels, 1), read_idx(test_labels, 1)]).astype(int)
    return Images(np.concatenate([train, test]), labels, n_train=len(train), name="MNIST")


def mnist_checksums():
    """:func:`checksums` of MNIST's four files."""
    return checksums("mnist")


def digits():
    """scikit-learn's bundled handwritten digits as :class:`Images`: 1,797 of 8 x 8, no split, no download."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    return Images(pixels, bunch.target.astype(int), n_train=len(pixels), name="8x8 digits")


def images():
    """MNIST if it is to be had; otherwise prints why not, and returns the 8x8 digits."""
    try:
        return mnist()
    except DataUnavailable as reason:
        print(f"{reason}\nGoing on with scikit-learn's 8x8 digits: fewer and smaller images, so less will be visible.")
        return digits()


def stories(name):
    """Path of a text of short stories: UTF-8, gzipped if it ends in .gz, a line ``<|endoftext|>`` after every story.

    name : "human" (1,686 by human authors), "llm" (11,238 by Llama 3.1), "tinystories" and "tinystories-valid" (by GPT-4,
    Eldan and Li; to train on, and held out), "babistories" (by Mixtral, Zhang et al.), or the path of a file of your own.
    Of these the TinyStories can be downloaded, 2.2 GB and 23 MB; for the others the error says how to come by them.
    Serves "Stories".

    Raises DataUnavailable if no place has it, ValueError or TypeError if it is neither a name nor a file.
    """
    if not isinstance(name, (str, os.PathLike)):
        raise TypeError(f"name must be text or a path, got {name!r}")
    known = [key for key, wanted in downloads.DATA_SETS.items() if wanted.folder == "stories"]
    if name in known:
        return downloads.locate(name)[0]
    path = Path(name).expanduser()
    if not path.is_file():
        raise ValueError(f"name must be one of {', '.join(known)} or the path of a text file, and there is no file {path}")
    return path


def gpt2_ranks():
    """Path of GPT-2's byte pairs in tiktoken's format, 50,256 lines. Raises DataUnavailable. Serves "Stories"."""
    return downloads.locate("gpt2")[0]


def checksums(*names):
    """sha256 of each file of the named data sets, by file name: what a stored result tells of its data.

    names : as :func:`available` lists them. Raises DataUnavailable, ValueError.
    """
    files = [file for name in _known(names, downloads.DATA_SETS) for file in downloads.DATA_SETS[name].files]
    paths = [path for name in names for path in downloads.locate(name)]
    return {file.name: file.sha256 or downloads.sha256(path) for file, path in zip(files, paths)}


def available(*names):
    """Data set name -> where it would come from, or None if it cannot be had now; of those named, or else of all.

    Asks a mirror only if it must. Raises ValueError for a name it does not know.
    """
    known = [*downloads.DATA_SETS, "digits"]
    names = _known(names, known) or known
    return {name: "scikit-learn" if name == "digits" else downloads.source(name) for name in names}


def read_idx(path, ndim):
    """The uint8 array with ``ndim`` axes in a gzipped IDX file. Raises ValueError, naming the file, if it is not one."""
    try:
        with gzip.open(path) as stream:
            content = stream.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole gzip file: {error}") from None
    magic = bytes([0, 0, 8, ndim])  # two zeros, 8 for unsigned bytes, the number of axes
    if content[:4] != magic:
        raise ValueError(f"{path} has magic number {content[:4].hex()}, an IDX file of {ndim} axes has {magic.hex()}")
    start = 4 + 4 * ndim
    if len(content) < start:
        raise ValueError(f"{path} ends inside its header of {start} bytes")
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], dtype=">u4"))
    promised, found = math.prod(shape), len(content) - start
    if found < promised:
        raise ValueError(f"{path} is cut short: shape {shape} needs {promised} bytes, it has {found}")
    if found > promised:
        raise ValueError(f"{path} has {found - promised} trailing bytes after an array of shape {shape}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _known(names, known):
    """``names``, or a clear error if one is not among the known ones."""
    for name in names:
        if name not in known:
            raise ValueError(f"names must be among {', '.join(known)}, got {name!r}")
    return names
