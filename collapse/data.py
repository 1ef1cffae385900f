"""Data sets: find, download, verify. Serves the chapters that look at real data, first "A first look, on digits".

A file is looked for in three places, in this order:

1. the folder named by the environment variable ``COLLAPSE_DATA`` (MNIST under ``mnist/``). A relative path is taken from the
   working directory, else from the folder that holds the package. The folder is yours: nothing is ever written to it;
2. the cache, ``pooch.os_cache("collapse")``;
3. the mirrors, one after the other.

Only a file with the right sha256 is used.
"""

import gzip
import math
import os
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
_TIMEOUT = 5  # seconds without an answer before the next mirror is tried
_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


@dataclass(frozen=True)
class _File:
    name: str
    size: int
    sha256: str


_MNIST = {
    "train images": _File(
        "train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train labels": _File(
        "train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "test images": _File(
        "t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "test labels": _File(
        "t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}


class DataUnavailable(RuntimeError):
    """A data set is neither on this machine nor to be had from a mirror; the message says what to do."""


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
    path = {part: _locate(file) for part, file in _MNIST.items()}
    train, test = read_idx(path["train images"], 3), read_idx(path["test images"], 3)
    labels = np.concatenate([read_idx(path["train labels"], 1), read_idx(path["test labels"], 1)]).astype(int)
    return Images(np.concatenate([train, test]), labels, n_train=len(train), name="MNIST")


def mnist_checksums():
    """sha256 of each of MNIST's four files, by name: what a stored result tells of its data. Raises as :func:`mnist`."""
    for file in _MNIST.values():
        _locate(file)
    return {file.name: file.sha256 for file in _MNIST.values()}


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


def available():
    """Data set name -> where it would come from, or None if it cannot be had now. Asks a mirror only if it must."""
    files = _MNIST.values()
    if all(_own_copy(file) for file in files):
        source = f"COLLAPSE_DATA ({_own_folder()})"
    elif all(_own_copy(file) or _cached_copy(file) for file in files):
        source = f"cache ({_cache()})"
    else:
        source = next((f"download ({mirror})" for mirror in _MIRRORS if _answers(mirror)), None)
    return {"mnist": source, "digits": "scikit-learn"}


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


def _locate(file):
    """Path of an intact copy of ``file``: COLLAPSE_DATA, then the cache, then a download."""
    return _own_copy(file) or _cached_copy(file) or _download(file)


def _own_folder():
    """The folder COLLAPSE_DATA names, or None."""
    value = os.environ.get("COLLAPSE_DATA")
    if not value:
        return None
    folder = Path(value).expanduser()
    for place in (folder, _ROOT / folder):
        if place.is_dir():
            if not (place / "mnist").is_dir():
                warnings.warn(f"COLLAPSE_DATA={value} has no folder mnist/: name the folder that holds it", stacklevel=2)
            return place.resolve()
    warnings.warn(f"COLLAPSE_DATA={value} is not a folder: not used", stacklevel=2)
    return None


def _own_copy(file):
    folder = _own_folder()
    path = folder and folder / "mnist" / file.name
    if not path or not path.exists():
        return None
    if not _intact(path, file):
        warnings.warn(f"{path} is altered or cut short (wrong sha256): left alone and not used", stacklevel=2)
        return None
    return path


def _cache():
    import pooch

    return Path(pooch.os_cache("collapse"))


def _cached_copy(file):
    path = _cache() / file.name
    if not path.exists():
        return None
    if not _intact(path, file):
        warnings.warn(f"{path} is altered or cut short (wrong sha256): to be downloaded again", stacklevel=2)
        return None
    return path


def _intact(path, file):
    import pooch

    return pooch.file_hash(str(path)) == file.sha256


def _download(file):
    """Path of a fresh verified copy in the cache. pooch writes to a temporary file and moves it once its sha256 is right."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # what happens is printed here, with the size
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=_TIMEOUT)
    failures = []
    for mirror in _MIRRORS:
        print(f"Downloading {file.name} ({file.size / 1e6:.3f} MB) from {mirror}")
        try:
            return Path(
                pooch.retrieve(mirror + file.name, file.sha256, fname=file.name, path=_cache(), downloader=downloader)
            )
        except (OSError, ValueError) as error:  # no connection, an HTTP error, a full disk; a wrong sha256
            failures.append(f"  {mirror}: {error}")
    wanted = ", ".join(wanted.name for wanted in _MNIST.values())
    raise DataUnavailable(
        f"MNIST is not on this machine and {file.name} could not be downloaded:\n" + "\n".join(failures) + "\n"
        f"Connect to the network and try again, or put {wanted}\n"
        f"(from one of these addresses) into a folder mnist/ and set COLLAPSE_DATA to the folder that holds mnist/."
    )


def _answers(mirror):
    """Whether the mirror has the first of the files, asked without downloading it."""
    import pooch

    url = mirror + next(iter(_MNIST.values())).name
    try:
        return pooch.HTTPDownloader(timeout=_TIMEOUT)(url, None, None, check_only=True)
    except OSError:
        return False
