"""The data layer: every way in which MNIST can be found, damaged or missing. No test leaves this machine."""

import gzip
import hashlib
import struct
import subprocess
import sys

import numpy as np
import pytest

from collapse import data, downloads

from .marks import real_mnist
from .mirror import DEAD_MIRROR, change, isolate, serving

TRAIN, TEST = 6, 2
NAMES = {
    "train images": "train-images-idx3-ubyte.gz",
    "train labels": "train-labels-idx1-ubyte.gz",
    "test images": "t10k-images-idx3-ubyte.gz",
    "test labels": "t10k-labels-idx1-ubyte.gz",
}


def idx(array):
    """``array`` of uint8 as the bytes of an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture
def originals(monkeypatch):
    """File name -> bytes of a very small MNIST, which the data layer is made to expect."""
    rng = np.random.default_rng(0)
    arrays = {
        "train images": rng.integers(256, size=(TRAIN, 28, 28), dtype=np.uint8),
        "train labels": rng.integers(10, size=TRAIN, dtype=np.uint8),
        "test images": rng.integers(256, size=(TEST, 28, 28), dtype=np.uint8),
        "test labels": rng.integers(10, size=TEST, dtype=np.uint8),
    }
    content = {NAMES[part]: gzip.compress(idx(array)) for part, array in arrays.items()}
    assert [file.name for file in downloads.DATA_SETS["mnist"].files] == list(content)
    files = (downloads.File(name, len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in content.items())
    change(monkeypatch, "mnist", files=tuple(files))
    return content


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, no COLLAPSE_DATA, no mirror that answers."""
    isolate(monkeypatch, tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def own_folder(tmp_path, monkeypatch, originals, cache):
    """A COLLAPSE_DATA folder with all four files; returns its mnist/ part."""
    folder = tmp_path / "own" / "mnist"
    monkeypatch.setenv("COLLAPSE_DATA", str(folder.parent))
    return fill(folder, originals)


@pytest.fixture
def mirror(cache, originals, monkeypatch):
    """A mirror that works, as the only one."""
    with serving(originals) as server:
        change(monkeypatch, "mnist", mirrors=(server.url,))
        yield server


def fill(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def cut_short(content):
    return content[:-20]


def altered(content):
    return content[:-20] + bytes(20)


def is_small_mnist(images):
    return images.pixels.shape == (TRAIN + TEST, 28, 28) and images.n_train == TRAIN and images.name == "MNIST"


# Where a file is found


def test_own_folder_comes_first(own_folder, mirror):
    assert is_small_mnist(data.mnist())
    assert mirror.asked == []


def test_relative_own_folder_from_the_working_directory_or_from_the_project(own_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("COLLAPSE_DATA", "own")
    monkeypatch.chdir(tmp_path)
    assert is_small_mnist(data.mnist())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(downloads, "_ROOT", tmp_path)
    assert is_small_mnist(data.mnist())


def test_cache_comes_second(cache, originals, mirror):
    fill(cache, originals)
    assert is_small_mnist(data.mnist())
    assert mirror.asked == []


def test_download_comes_third_and_fills_the_cache(cache, originals, mirror, capsys):
    assert is_small_mnist(data.mnist())
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == originals
    asked = len(mirror.asked)
    assert is_small_mnist(data.mnist())
    assert len(mirror.asked) == asked
    said = capsys.readouterr().out
    for file in downloads.DATA_SETS["mnist"].files:
        assert f"Downloading {file.name} ({file.size / 1e6:.3f} MB) from {mirror.url}" in said


def test_own_folder_with_a_file_missing_takes_that_file_from_the_mirror(own_folder, mirror):
    missing = NAMES["test labels"]
    (own_folder / missing).unlink()
    assert is_small_mnist(data.mnist())
    assert mirror.asked == [("GET", f"/{missing}")]


def test_second_mirror_serves_when_the_first_does_not_answer(mirror, monkeypatch):
    change(monkeypatch, "mnist", mirrors=(DEAD_MIRROR, mirror.url))
    assert is_small_mnist(data.mnist())


def test_second_mirror_serves_when_the_first_has_not_got_the_file(mirror, monkeypatch):
    change(monkeypatch, "mnist", mirrors=(mirror.url + "moved/", mirror.url))
    assert is_small_mnist(data.mnist())
    assert sum(path.startswith("/moved/") for _, path in mirror.asked) == len(NAMES)


@pytest.mark.parametrize("damage", [cut_short, altered])
def test_second_mirror_serves_when_the_first_has_a_damaged_file(mirror, monkeypatch, originals, damage):
    name = NAMES["train images"]
    mirror.files["bad/" + name] = damage(originals[name])
    change(monkeypatch, "mnist", mirrors=(mirror.url + "bad/", mirror.url))
    assert is_small_mnist(data.mnist())


# What is refused


@pytest.mark.parametrize("damage", [cut_short, altered])
def test_damaged_file_in_the_cache_is_reported_and_replaced(cache, originals, mirror, damage):
    name = NAMES["train labels"]
    fill(cache, originals | {name: damage(originals[name])})
    with pytest.warns(UserWarning, match=f"{name} is altered or cut short"):
        assert is_small_mnist(data.mnist())
    assert (cache / name).read_bytes() == originals[name]
    assert mirror.asked == [("GET", f"/{name}")]


def test_damaged_file_in_the_cache_is_never_used(cache, originals):
    name = NAMES["train labels"]
    fill(cache, originals | {name: altered(originals[name])})
    with pytest.warns(UserWarning, match=name), pytest.raises(data.DataUnavailable, match=name):
        data.mnist()


@pytest.mark.parametrize("damage", [cut_short, altered])
def test_damaged_file_in_the_own_folder_is_reported_and_left_alone(own_folder, originals, cache, mirror, damage):
    name = NAMES["test images"]
    damaged = damage(originals[name])
    (own_folder / name).write_bytes(damaged)
    with pytest.warns(UserWarning, match=f"{name} is altered or cut short .* left alone"):
        assert is_small_mnist(data.mnist())
    assert (own_folder / name).read_bytes() == damaged
    assert [path.name for path in cache.iterdir()] == [name]


def test_own_folder_that_does_not_exist_is_reported(mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("COLLAPSE_DATA", str(tmp_path / "nowhere"))
    with pytest.warns(UserWarning, match="nowhere is not a folder"):
        assert is_small_mnist(data.mnist())


def test_own_folder_that_is_one_too_deep_is_reported(own_folder, mirror, monkeypatch):
    monkeypatch.setenv("COLLAPSE_DATA", str(own_folder))
    with pytest.warns(UserWarning, match="has no folder gpt2/, mnist/, stories/"):
        assert is_small_mnist(data.mnist())


@pytest.mark.usefixtures("originals", "cache")
def test_without_data_and_without_network_the_message_helps():
    with pytest.raises(data.DataUnavailable) as caught:
        data.mnist()
    message = str(caught.value)
    for needed in ["COLLAPSE_DATA", "mnist/", *downloads.DATA_SETS["mnist"].mirrors, *NAMES.values()]:
        assert needed in message


@pytest.mark.usefixtures("originals")
def test_a_failed_download_leaves_nothing_behind(cache):
    with pytest.raises(data.DataUnavailable):
        data.mnist()
    assert list(cache.iterdir()) == []


# The fallback


@pytest.mark.usefixtures("originals", "cache")
def test_images_falls_back_on_digits_and_says_so(capsys):
    assert data.images().name == "8x8 digits"
    said = capsys.readouterr().out
    assert "COLLAPSE_DATA" in said and "8x8 digits" in said


@pytest.mark.usefixtures("own_folder")
def test_images_is_mnist_when_there_is_mnist():
    assert is_small_mnist(data.images())


def test_digits_are_scikit_learns_on_mnists_scale():
    from sklearn.datasets import load_digits

    images, original = data.digits(), load_digits()
    assert images.pixels.shape == (1797, 8, 8) and images.pixels.dtype == np.uint8
    assert images.n_train == 1797
    assert np.array_equal(np.round(images.pixels / 255 * 16), original.images)
    assert np.array_equal(images.labels, original.target)


# available()


def test_available_names_the_own_folder(own_folder):
    found = {"mnist": f"COLLAPSE_DATA ({own_folder.parent.resolve()})", "digits": "scikit-learn"}
    assert data.available("mnist", "digits") == found
    assert data.available() == {**dict.fromkeys(downloads.DATA_SETS), **found}


def test_available_names_the_cache(cache, originals):
    fill(cache, originals)
    assert data.available()["mnist"] == f"cache ({cache})"


def test_available_names_the_mirror_that_answers_and_downloads_nothing(mirror, monkeypatch, cache):
    change(monkeypatch, "mnist", mirrors=(DEAD_MIRROR, mirror.url))
    assert data.available()["mnist"] == f"download ({mirror.url})"
    assert [command for command, _ in mirror.asked] == ["HEAD"]
    assert not cache.exists()


@pytest.mark.usefixtures("originals", "cache")
def test_available_is_none_when_there_is_no_way():
    assert data.available() == {**dict.fromkeys(downloads.DATA_SETS), "digits": "scikit-learn"}


# IDX files

IMAGES = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.fixture
def write(tmp_path):
    def write(content, compress=gzip.compress):
        path = tmp_path / "some-idx3-ubyte.gz"
        path.write_bytes(compress(content))
        return path

    return write


def test_idx_round_trip(write):
    assert np.array_equal(data.read_idx(write(idx(IMAGES)), 3), IMAGES)
    assert np.array_equal(data.read_idx(write(idx(IMAGES[0, 0])), 1), IMAGES[0, 0])


@pytest.mark.parametrize(
    "content, complaint",
    [
        pytest.param(idx(IMAGES)[:-1], "needs 18 bytes, it has 17", id="one byte short"),
        pytest.param(idx(IMAGES)[:16], "needs 18 bytes, it has 0", id="header only"),
        pytest.param(idx(IMAGES)[:10], "ends inside its header", id="half a header"),
        pytest.param(b"", "magic number", id="empty"),
        pytest.param(idx(IMAGES) + b"\0", "1 trailing bytes", id="trailing byte"),
        pytest.param(idx(IMAGES[0]), "magic number 00000802", id="wrong number of axes"),
        pytest.param(b"\0\0\x0d\x03" + idx(IMAGES)[4:], "magic number 00000d03", id="floats, not bytes"),
        pytest.param(b"\1\0\x08\x03" + idx(IMAGES)[4:], "magic number 01000803", id="wrong first byte"),
        pytest.param(idx(IMAGES)[:4] + struct.pack(">3I", 2**31, 2**31, 2**31), "needs", id="size beyond all memory"),
    ],
)
def test_idx_that_is_not_one_is_refused_by_name(write, content, complaint):
    with pytest.raises(ValueError, match=f"some-idx3-ubyte.gz .*{complaint}"):
        data.read_idx(write(content), 3)


@pytest.mark.parametrize(
    "compress",
    [
        pytest.param(lambda content: content, id="not compressed"),
        pytest.param(lambda content: gzip.compress(content)[:-9], id="compressed and cut short"),
        pytest.param(lambda content: gzip.compress(content)[:12] + b"\xff" * 40, id="compressed and overwritten"),
    ],
)
def test_idx_in_a_broken_gzip_file_is_refused_by_name(write, compress):
    with pytest.raises(ValueError, match="some-idx3-ubyte.gz is not a whole gzip file"):
        data.read_idx(write(idx(IMAGES), compress), 3)


# The package and the real thing


def test_importing_the_data_layer_is_cheap():
    code = "import sys, collapse.data; print({'pooch', 'sklearn', 'requests', 'torch', 'matplotlib'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "set()"


@real_mnist
def test_the_real_mnist():
    for path, file in zip(downloads.locate("mnist"), downloads.DATA_SETS["mnist"].files):
        assert path.stat().st_size == file.size
    mnist = data.mnist()
    assert mnist.pixels.shape == (70_000, 28, 28) and mnist.pixels.dtype == np.uint8
    assert mnist.labels.shape == (70_000,) and mnist.n_train == 60_000 and mnist.name == "MNIST"
    train, test = mnist.labels[:60_000], mnist.labels[60_000:]
    assert np.bincount(train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.pixels.min() == 0 and mnist.pixels.max() == 255
    assert round(mnist.pixels[:60_000].mean() / 255, 4) == 0.1307  # the mean that everybody's pipelines subtract
