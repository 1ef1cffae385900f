"""Stories and GPT-2's byte pairs: where they are found, and what is said where they are not. No test leaves this machine.

What holds for every file (damage, mirrors that fail, own folders) is tested on MNIST, in test_data.py.
"""

import base64
import gzip
import hashlib
import os
import re
import subprocess
import sys

import pytest

from collapse import data, downloads

from .marks import real_stories
from .mirror import DEAD_MIRROR, change, isolate, serving

TEXT = b"Once upon a time.\n<|endoftext|>\nThe end.\n<|endoftext|>\n"
STORIES = ["human", "llm", "tinystories", "tinystories-valid", "babistories"]
DOWNLOADED = ["tinystories", "tinystories-valid"]
PREPARED = ["human", "llm"]
REAL_FOLDER = os.environ.get("COLLAPSE_DATA")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no COLLAPSE_DATA, no mirror that answers."""
    isolate(monkeypatch, tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def expect(monkeypatch):
    """``expect(name, content)`` makes the data layer expect this content of the data set's file; returns the file's name."""

    def expect(name, content):
        file = downloads.DATA_SETS[name].files[0].name
        change(monkeypatch, name, files=(downloads.File(file, len(content), hashlib.sha256(content).hexdigest()),))
        return file

    return expect


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A COLLAPSE_DATA folder, empty so far."""
    folder = tmp_path / "own"
    (folder / "stories").mkdir(parents=True)
    (folder / "gpt2").mkdir()
    monkeypatch.setenv("COLLAPSE_DATA", str(folder))
    return folder


def test_every_known_file_has_its_size_and_a_whole_checksum():
    for name, wanted in downloads.DATA_SETS.items():
        for file in wanted.files:
            known = name != "babistories"
            assert (file.size is not None) == (file.sha256 is not None) == known
            assert not known or file.size > 0 and re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert wanted.mirrors or wanted.origin


def test_no_two_files_have_one_name_in_the_cache():
    names = [file.name for wanted in downloads.DATA_SETS.values() for file in wanted.files]
    assert len(set(names)) == len(names)


# Where a text is found


@pytest.mark.parametrize("name", [name for name in STORIES if name != "babistories"])
def test_own_folder_comes_first(own_folder, cache, expect, name):
    file = expect(name, TEXT)
    cache.mkdir()
    for folder in (own_folder / "stories", cache):
        (folder / file).write_bytes(TEXT)
    assert data.stories(name) == own_folder / "stories" / file
    assert data.available(name) == {name: f"COLLAPSE_DATA ({own_folder.resolve()})"}


@pytest.mark.parametrize("name", DOWNLOADED)
def test_cache_comes_second_and_a_download_third(cache, expect, monkeypatch, capsys, name):
    file = expect(name, TEXT)
    with serving({file: TEXT}) as mirror:
        change(monkeypatch, name, mirrors=(DEAD_MIRROR, mirror.url))
        assert data.available(name) == {name: f"download ({mirror.url})"}
        assert data.stories(name) == data.stories(name) == cache / file
        assert mirror.asked == [("HEAD", f"/{file}"), ("GET", f"/{file}")]
    assert (cache / file).read_bytes() == TEXT
    assert f"Downloading {file} (0.000 MB) from {mirror.url}" in capsys.readouterr().out
    assert data.available(name) == {name: f"cache ({cache})"}


@pytest.mark.parametrize("name", DOWNLOADED)
def test_a_download_with_another_content_is_refused(cache, expect, monkeypatch, name):
    file = expect(name, TEXT)
    with serving({file: TEXT + b"\n"}) as mirror:
        change(monkeypatch, name, mirrors=(mirror.url,))
        with pytest.raises(data.DataUnavailable, match=file):
            data.stories(name)
    assert list(cache.iterdir()) == []


def test_byte_pairs_come_from_a_mirror_under_another_name(cache, expect, monkeypatch):
    ranks = b"IQ== 0\n"
    file = expect("gpt2", ranks)
    with serving({"other/name.tiktoken": ranks}) as mirror:
        change(monkeypatch, "gpt2", mirrors=(f"{mirror.url}nowhere/", f"{mirror.url}other/name.tiktoken"))
        assert data.available("gpt2") == {"gpt2": f"download ({mirror.url}other/name.tiktoken)"}
        assert data.gpt2_ranks() == cache / file
    assert (cache / file).read_bytes() == ranks


def test_a_text_without_a_published_checksum_is_taken_as_it_is(own_folder):
    path = own_folder / "stories" / "babistories.txt"
    path.write_bytes(TEXT)
    assert data.stories("babistories") == path
    assert data.checksums("babistories") == {path.name: hashlib.sha256(TEXT).hexdigest()}


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_a_text_of_ones_own_is_taken_by_its_path(tmp_path, kind):
    path = tmp_path / "mine.txt"
    path.write_bytes(TEXT)
    assert data.stories(kind(path)) == path


# What is said where there is none


@pytest.mark.parametrize("name", PREPARED)
def test_without_the_prepared_corpora_the_message_says_what_to_put_where(name):
    file = downloads.DATA_SETS[name].files[0]
    with pytest.raises(data.DataUnavailable) as caught:
        data.stories(name)
    for needed in ("COLLAPSE_DATA", "stories/", file.name, file.sha256, "https://github.com/"):
        assert needed in str(caught.value)
    assert data.available(name) == {name: None}


@pytest.mark.parametrize("name", [*DOWNLOADED, "gpt2"])
def test_without_network_the_message_helps(name):
    wanted = downloads.DATA_SETS[name]
    with pytest.raises(data.DataUnavailable) as caught:
        data.gpt2_ranks() if name == "gpt2" else data.stories(name)
    for needed in ("COLLAPSE_DATA", f"{wanted.folder}/", wanted.files[0].name, *wanted.mirrors):
        assert needed in str(caught.value)


def test_the_message_about_babistories_makes_the_file(tmp_path):
    with pytest.raises(data.DataUnavailable, match="without a checksum") as caught:
        data.stories("babistories")
    command = next(line for line in str(caught.value).splitlines() if line.startswith("python "))
    (tmp_path / "traindataset.txt").write_text('"Once upon a time.\\n\\n\\u00c9l\\u00e9onore ran. "\n"The end."\n')
    command = command.replace("python", f'"{sys.executable}"', 1)
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    made = (tmp_path / "babistories.txt").read_text(encoding="utf-8")
    assert made == "Once upon a time.\n\nÉléonore ran.\n<|endoftext|>\nThe end.\n<|endoftext|>\n"


# The real thing


@pytest.fixture
def real_folder(cache, monkeypatch):
    """COLLAPSE_DATA as it was before ``cache`` took it away."""
    monkeypatch.setenv("COLLAPSE_DATA", REAL_FOLDER)


@real_stories
@pytest.mark.usefixtures("real_folder")
@pytest.mark.parametrize("name, count", [("human", 1686), ("llm", 11238)])
def test_the_real_stories(name, count):
    path = data.stories(name)
    assert path.stat().st_size == downloads.DATA_SETS[name].files[0].size
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        assert sum(line == "<|endoftext|>\n" for line in stream) == count


@real_stories
@pytest.mark.usefixtures("real_folder")
def test_the_real_byte_pairs():
    path = data.gpt2_ranks()
    assert path.stat().st_size == downloads.DATA_SETS["gpt2"].files[0].size
    pairs = [line.split() for line in path.read_bytes().splitlines()]
    assert [int(rank) for _, rank in pairs] == list(range(50256))
    tokens = [base64.b64decode(token) for token, _ in pairs]
    assert len(set(tokens)) == 50256 and sorted(tokens[:256]) == [bytes([i]) for i in range(256)]
