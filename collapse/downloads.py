"""Files of data sets: which there are; how one is found, downloaded, verified. Serves ``data``.

A file is looked for in three places, in this order:

1. the folder named by the environment variable ``COLLAPSE_DATA`` (MNIST under ``mnist/``). A relative path is taken from the
   working directory, else from the folder that holds the package. The folder is yours: nothing is ever written to it;
2. the cache, ``pooch.os_cache("collapse")``;
3. the mirrors, one after the other.

Only a file with the right sha256 is used. BabiStories alone has none, and is taken as it is.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_TIMEOUT = 5  # seconds without an answer before the next mirror is tried


@dataclass(frozen=True)
class File:
    """A file's name, its size in bytes and its sha256 (both None where nobody has published them)."""

    name: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class DataSet:
    """Files that belong together, in ``folder`` of COLLAPSE_DATA.

    A mirror that ends in a slash has the files under their names; any other is the address of the only file.
    ``origin`` tells how to come by a data set that no mirror has.
    """

    title: str
    folder: str
    files: tuple
    mirrors: tuple = ()
    origin: str = ""


_TINYSTORIES = "https://huggingface.co/datasets/roneneldan/TinyStories/resolve/f54c09fd23315a6f9c86f9dc80f725de7d8f9c64/"
_WHISPER = "https://raw.githubusercontent.com/openai/whisper/839639a223b92ad61851baae9ad8a695ccb41ce5/"

DATA_SETS = {
    "mnist": DataSet(
        "MNIST",
        "mnist",
        (
            File(
                "train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
            ),
            File("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            File("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            File("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    ),
    "human": DataSet(
        "The corpus of human stories",
        "stories",
        (File("human_stories.txt.gz", 17_986_189, "88433e92264fa8f33b893f644711a766d0ce3a563d59394b0539511b902b288a"),),
        origin="It holds 1,686 stories in the public domain, from the LCATS corpora (https://github.com/xenotaur/LCATS).\n"
        "The stored experiments need this very file; elsewhere data.stories('my.txt') takes a text of your own.",
    ),
    "llm": DataSet(
        "The corpus of stories by Llama 3.1",
        "stories",
        (File("llm_stories.txt.gz", 10_724_248, "885f2463fab7e97a456aa07ed0bfbf51503dfc9b62d31113613e2a617137caa5"),),
        origin="It holds 11,238 stories from https://github.com/erikhyrkas/snakes.\n"
        "The stored experiments need this very file; elsewhere data.stories('my.txt') takes a text of your own.",
    ),
    "tinystories": DataSet(
        "TinyStories",
        "stories",
        (
            File(
                "TinyStoriesV2-GPT4-train.txt",
                2_227_753_162,
                "6418d412de72888f52b5142c761ac21a582f7d1166f0bfbdb5f03ccfdec90443",
            ),
        ),
        (_TINYSTORIES,),
    ),
    "tinystories-valid": DataSet(
        "The held-out part of TinyStories",
        "stories",
        (
            File(
                "TinyStoriesV2-GPT4-valid.txt",
                22_502_601,
                "6874bae9a4c1a4e7edcf0e53b86c17817e9cf881fc75ff2368da457b80c0585d",
            ),
        ),
        (_TINYSTORIES,),
    ),
    "babistories": DataSet(
        "BabiStories",
        "stories",
        (File("babistories.txt"),),
        origin=(
            "Its authors publish it as a 7z archive in five parts, without a checksum. To make the file, 2 GB:\n"
            "git clone --depth 1 https://github.com/facebookresearch/MemoryMosaics\n"
            "7z x MemoryMosaics/BabiStories/data/babistories-dataset.7z.001\n"
            "python -X utf8 -c \"import json, sys; [print(json.loads(line).strip(), '<|endoftext|>', sep='\\n')"
            ' for line in sys.stdin]" < traindataset.txt > babistories.txt'
        ),
    ),
    "gpt2": DataSet(
        "GPT-2's table of byte pairs",
        "gpt2",
        (File("gpt2.tiktoken", 835_554, "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"),),
        ("https://openaipublic.blob.core.windows.net/encodings/r50k_base.tiktoken", f"{_WHISPER}whisper/assets/"),
    ),
}


class DataUnavailable(RuntimeError):
    """A data set is neither on this machine nor to be had from a mirror; the message says what to do."""


def locate(name):
    """Paths of the intact files of the data set, downloaded if need be. Raises DataUnavailable."""
    wanted = DATA_SETS[name]
    return [_own_copy(wanted, file) or _cached_copy(file) or _download(wanted, file) for file in wanted.files]


def source(name):
    """Where the data set would come from now, or None. Asks a mirror only if it must."""
    wanted = DATA_SETS[name]
    if all(_own_copy(wanted, file) for file in wanted.files):
        return f"COLLAPSE_DATA ({_own_folder()})"
    if all(_own_copy(wanted, file) or _cached_copy(file) for file in wanted.files):
        return f"cache ({_cache()})"
    first = wanted.files[0]
    return next((f"download ({mirror})" for mirror in wanted.mirrors if _answers(_address(mirror, first))), None)


def sha256(path):
    """sha256 of a file, in hexadecimal digits."""
    import pooch

    return pooch.file_hash(str(path))


def _own_folder():
    """The folder COLLAPSE_DATA names, or None."""
    value = os.environ.get("COLLAPSE_DATA")
    if not value:
        return None
    folder = Path(value).expanduser()
    for place in (folder, _ROOT / folder):
        if place.is_dir():
            names = sorted({wanted.folder for wanted in DATA_SETS.values()})
            if not any((place / name).is_dir() for name in names):
                listed = ", ".join(f"{name}/" for name in names)
                warnings.warn(f"COLLAPSE_DATA={value} has no folder {listed}: name the folder that holds them", stacklevel=2)
            return place.resolve()
    warnings.warn(f"COLLAPSE_DATA={value} is not a folder: not used", stacklevel=2)
    return None


def _own_copy(wanted, file):
    folder = _own_folder()
    path = folder and folder / wanted.folder / file.name
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
    return file.sha256 is None or sha256(path) == file.sha256


def _address(mirror, file):
    return mirror + file.name if mirror.endswith("/") else mirror


def _download(wanted, file):
    """Path of a fresh verified copy in the cache. pooch writes to a temporary file and moves it once its sha256 is right."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # what happens is printed here, with the size
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=_TIMEOUT)
    failures = []
    for mirror in wanted.mirrors:
        print(f"Downloading {file.name} ({file.size / 1e6:.3f} MB) from {mirror}")
        address = _address(mirror, file)
        try:
            return Path(pooch.retrieve(address, file.sha256, fname=file.name, path=_cache(), downloader=downloader))
        except (OSError, ValueError) as error:  # no connection, an HTTP error, a full disk; a wrong sha256
            failures.append(f"  {mirror}: {error}")
    raise DataUnavailable(_advice(wanted, file, failures))


def _advice(wanted, file, failures):
    names = ", ".join(each.name for each in wanted.files)
    place = f"into a folder {wanted.folder}/ and set COLLAPSE_DATA to the folder that holds {wanted.folder}/."
    if wanted.mirrors:
        return (
            f"{wanted.title} is not on this machine and {file.name} could not be downloaded:\n" + "\n".join(failures) + "\n"
            f"Connect to the network and try again, or put {names}\n(from one of these addresses) {place}"
        )
    checksum = f" (sha256 {file.sha256})" if file.sha256 else ""
    return (
        f"{wanted.title} is not on this machine, and no public address is known that has {file.name} as it is.\n"
        f"Put {names}{checksum}\n{place}\n{wanted.origin}"
    )


def _answers(address):
    """Whether there is something at the address, asked without downloading it."""
    import pooch

    try:
        return pooch.HTTPDownloader(timeout=_TIMEOUT)(address, None, None, check_only=True)
    except OSError:
        return False
