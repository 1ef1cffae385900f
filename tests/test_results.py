"""Stored results, the experiments that make them, and the command line that runs these."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from collapse import experiments, results
from collapse.__main__ import main
from collapse.experiments import EXPERIMENTS, Experiment, run
from collapse.sweep import JobsFailed

ROOT = Path(__file__).resolve().parent.parent
ARRAYS = {"x": np.arange(6.0).reshape(2, 3), "n": 500, "label": "clean", "mask": [True, False]}
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/\w")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in place of results/."""
    monkeypatch.setattr(results, "_folder", lambda: tmp_path / "results")
    return tmp_path / "results"


def provenance(**changes):
    return results.provenance(**{**dict(command="python -m try", size="full", seeds=[1, 2], seconds=12.34), **changes})


# Saving and loading


def test_what_is_loaded_is_what_was_stored(folder):
    told = provenance(data={"mnist": "0123"})
    results.save("try-1", ARRAYS, told)
    stored = results.load("try-1")
    assert stored.name == "try-1" and stored.arrays.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        np.testing.assert_array_equal(stored.arrays[name], np.asarray(value), strict=True)
        assert not stored.arrays[name].flags.writeable
    assert {key: stored.provenance[key] for key in told} == told
    assert results.names() == ["try-1"]
    assert sorted(path.name for path in folder.iterdir()) == ["try-1.json", "try-1.npz"]


def test_a_newer_result_replaces_the_older_one(folder):
    results.save("try", ARRAYS, provenance())
    results.save("try", {"y": 1}, provenance(seeds=3))
    assert list(results.load("try").arrays) == ["y"] and results.load("try").provenance["seeds"] == 3


def test_provenance_tells_everything(monkeypatch):
    told = provenance()
    assert tuple(told) == results.FIELDS
    assert told["wall_time_s"] == 12.3 and told["seeds"] == [1, 2] and told["data"] == {}
    assert told["versions"]["numpy"] == np.__version__ and set(told["versions"]) == {"python", "numpy", "scipy", "torch"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", told["date"])
    assert re.search(r", \d+ cores?$", told["hardware"][0]) and len(told["hardware"][0]) > 12
    assert re.fullmatch("[0-9a-f]{64}", told["code"])


def test_a_gpu_is_named_once_it_was_used(monkeypatch):
    used = []
    cuda = SimpleNamespace(is_initialized=lambda: bool(used), get_device_name=lambda: "A GPU")
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    without = results.this_machine()
    used.append("yes")
    assert results.this_machine() == f"{without}, A GPU"


def test_provenance_names_no_host_and_no_path():
    text = json.dumps(provenance())
    for private in (socket.gethostname(), str(Path.home()), str(ROOT), os.getcwd()):
        assert private not in text
    assert not ABSOLUTE_PATH.search(text)


def test_describe_says_it_in_plain_words(folder):
    results.save("try", ARRAYS, provenance(hardware=["A chip, 2 cores", "B chip, 4 cores"]))
    text = results.load("try").describe()
    assert text.startswith("try, full size: `python -m try` at commit ")
    assert "It took 12.3 s on A chip, 2 cores and B chip, 4 cores; seeds [1, 2]; python" in text
    assert "\n" not in text and f"numpy {np.__version__}" in text
    results.save("try", ARRAYS, provenance() | {"commit": "0123456789abcdef" * 2 + "01234567 + local changes"})
    assert " at commit 0123456789 + local changes, 2" in results.load("try").describe()
    results.save("try", ARRAYS, {**provenance(), "jobs": {"count": 1200, "seconds": 3456.7}})
    assert "It took 1,200 jobs, 3,456.7 s of computing on " in results.load("try").describe()


@pytest.mark.parametrize("victim", ["npz", "json"])
def test_an_altered_file_is_refused(folder, victim):
    results.save("try", ARRAYS, provenance())
    path = folder / f"try.{victim}"
    whole = path.read_bytes()
    at = whole.index(b'"sha256": "') + 11 if victim == "json" else len(whole) // 2
    path.write_bytes(whole[:at] + (b"0" if whole[at : at + 1] != b"0" else b"1") + whole[at + 1 :])
    with pytest.raises(ValueError, match="one of the two files was altered.*compute them again with: python -m try"):
        results.load("try")


def test_a_missing_name_lists_what_is_there(folder):
    with pytest.raises(FileNotFoundError, match="no stored result is called 'two'; there are: none"):
        results.load("two")
    for name in ("one", "three"):
        results.save(name, ARRAYS, provenance())
    (folder / "two.npz").write_bytes(b"without provenance")
    with pytest.raises(FileNotFoundError, match="no stored result is called 'two'; there are: one, three"):
        results.load("two")


@pytest.mark.parametrize(
    "changes, error, text",
    [
        (dict(name="../try"), ValueError, "name must be lower-case letters, digits and hyphens, got '../try'"),
        (dict(name="Try"), ValueError, "name must be lower-case letters, digits and hyphens, got 'Try'"),
        (dict(name=3), TypeError, "name must be a str, got int"),
        (dict(arrays=[1, 2]), TypeError, "arrays must be a Mapping, got list"),
        (dict(arrays={"file": 1}), ValueError, "arrays must be named by letters, digits and _, other than ('file',"),
        (dict(arrays={"x": [object()]}), TypeError, "x must hold numbers or text, got list of dtype object"),
        (dict(arrays={"x": None}), TypeError, "x must hold numbers or text, got NoneType of dtype object"),
        (dict(provenance=None), TypeError, "provenance must be a dict, got NoneType"),
        (dict(provenance={"command": "x", "code": "y"}), ValueError, "it lacks commit, size, seeds, date"),
    ],
)
def test_save_refuses_bad_input_and_writes_nothing(folder, changes, error, text):
    with pytest.raises(error, match=re.escape(text)):
        results.save(**{**dict(name="try", arrays=ARRAYS, provenance=provenance()), **changes})
    assert not folder.exists()


def test_save_refuses_what_json_does_not_know(folder):
    for seeds in (float("nan"), {1, 2}):
        with pytest.raises((TypeError, ValueError), match="JSON"):
            results.save("try", ARRAYS, provenance(seeds=seeds))
    assert not folder.exists()


@pytest.mark.parametrize(
    "changes, error, text",
    [
        (dict(size="huge"), ValueError, "size must be one of quick, laptop, hour, gpu, full, paper, got 'huge'"),
        (dict(seconds=-1), ValueError, "seconds must be finite and >= 0, got -1"),
        (dict(command=None), TypeError, "command must be a str, got NoneType"),
        (dict(data=["0123"]), TypeError, "data must be a Mapping, got list"),
    ],
)
def test_provenance_refuses_bad_input(changes, error, text):
    with pytest.raises(error, match=re.escape(text)):
        provenance(**changes)


# The code that computed it


def git(folder, *arguments):
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_named_and_local_changes_are_told(tmp_path, monkeypatch):
    package = tmp_path / "collapse"
    package.mkdir()
    monkeypatch.setattr(results, "_ROOT", tmp_path)
    assert provenance()["commit"] == "unknown"
    git(tmp_path, "init", "--quiet")
    assert provenance()["commit"] == "unknown"
    (package / "one.py").write_text("ONE = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "One")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "chapter.md").write_text("Text computes nothing.\n")
    assert provenance()["commit"] == commit
    (package / "one.py").write_text("ONE = 2\n")
    assert provenance()["commit"] == f"{commit} + local changes"


def test_the_sha256_of_the_code_changes_with_the_code(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "_PACKAGE", tmp_path)
    seen = set()
    for name, text in (("one.py", "ONE = 1\n"), ("one.py", "ONE = 2\n"), ("two.py", ""), ("notes.txt", "no code")):
        (tmp_path / name).write_text(text)
        seen.add(results.code.__wrapped__())
    assert len(seen) == 3


# The results that are stored


def test_every_stored_result_is_whole_and_tells_where_it_comes_from():
    stored = ROOT / "results"
    assert {path.stem for path in stored.glob("*.npz")} == {path.stem for path in stored.glob("*.json")}
    for path in stored.glob("*.json"):
        result = results.load(path.stem)
        assert set(results.FIELDS) <= set(result.provenance), path.name
        assert result.provenance["size"] in results.SIZES[1:], path.name
        assert not ABSOLUTE_PATH.search(path.read_text(encoding="utf-8")), path.name
        command = re.match(r"python -m collapse run (\S+)", result.provenance["command"])
        assert command is None or (command[1] == path.stem and path.stem in EXPERIMENTS), path.name
        assert result.describe() and result.provenance["about"] in repr(result)


def test_the_wheel_holds_every_room_and_the_stored_results():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall('"(.+?)"', re.search(r"^packages = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)[1])
    rooms = [path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in (ROOT / "collapse").rglob("__init__.py")]
    assert sorted(listed) == sorted([*rooms, "collapse._stored"])
    assert 'package-dir = {"collapse._stored" = "results"}' in text


def test_installed_results_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "_PACKAGE", tmp_path)
    assert results._folder() == ROOT / "results"
    (tmp_path / "_stored").mkdir()
    assert results._folder() == tmp_path / "_stored"


# Experiments


def coin(i, seed, log=None):
    if i < 0:
        raise ArithmeticError(f"no coin {i}")
    if log:
        with open(log, "a") as stream:
            stream.write(f"{i} ")
    return {"x": np.random.default_rng(seed).standard_normal(3) + i}


def coins(size, **same):
    return [{"i": i, "seed": i % 3, **same} for i in range({"quick": 2, "full": 5}[size])]


def stack(jobs, done):
    return {"x": np.stack([result["x"] for result in done]), "i": [job["i"] for job in jobs]}


COINS = Experiment("coins", coin, coins, stack, "heads (runs,)")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_run_is_stored(folder, tmp_path, workers):
    arrays, told = run(COINS, "full", workers=workers, folder=tmp_path / "runs")
    stored = results.load("coins")
    np.testing.assert_array_equal(stored.arrays["x"], np.stack([coin(**job)["x"] for job in coins("full")]))
    assert stored.arrays["i"].tolist() == [0, 1, 2, 3, 4]
    assert stored.provenance["command"] == "python -m collapse run coins --size full" + " --workers 2" * (workers == 2)
    assert stored.provenance["seeds"] == "0 to 2" and stored.provenance["size"] == "full"
    assert stored.provenance["jobs"]["count"] == 5 and stored.provenance["hardware"] == [results.this_machine()]
    assert {key: stored.provenance[key] for key in told} == told


def test_a_quick_run_stores_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arrays, told = run(COINS)
    assert arrays["x"].shape == (2, 3) and told["size"] == "quick"
    assert not folder.exists() and len(list((tmp_path / "_build" / "runs" / "coins-quick").glob("*.npz"))) == 2


def test_jobs_done_by_other_code_are_done_again(folder, tmp_path, monkeypatch):
    log = tmp_path / "log"
    experiment = Experiment("coins", coin, lambda size: coins(size, log=str(log)), stack, "heads")
    for code in ("old", "old", "new", "new"):
        monkeypatch.setattr(results, "code", lambda code=code: code)
        run(experiment, folder=tmp_path / "runs")
    assert log.read_text() == "0 1 0 1 "


def test_a_worker_with_other_code_is_refused():
    with pytest.raises(RuntimeError, match="this worker has another version of the package than the caller"):
        experiments.measured("tests.test_results:coin", "other code", {"i": 0, "seed": 0})


def test_an_experiment_is_listed_under_its_name_and_knows_its_sizes():
    for name, experiment in EXPERIMENTS.items():
        assert name == experiment.name and results._path(name)
        sizes = [size for size in results.SIZES if experiments._has(experiment, size)]
        assert sizes[0] == "quick" and len(sizes) > 1
        for size in sizes:
            assert all("seed" in job for job in experiment.jobs(size))
        with pytest.raises(ValueError, match=f"size must be one that {name} has \\(quick, .*\\), got 'huge'"):
            run(experiment, "huge")


def test_model_size_keeps_runs_and_sizes_apart(tmp_path):
    experiment = EXPERIMENTS["model-size"]
    arrays, _ = run(experiment, folder=tmp_path)
    for job in experiment.jobs("quick")[3::40]:
        for part, values in experiment.function(**job).items():
            np.testing.assert_array_equal(arrays[part][job["seed"], list(arrays["m"]).index(job["m"])], values)


# The command line


@pytest.fixture
def command(folder, tmp_path, monkeypatch, capsys):
    """Runs a command line with the experiment coins; (exit status, stdout, stderr)."""
    monkeypatch.setitem(EXPERIMENTS, "coins", COINS)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        try:
            main(arguments)
            status = 0
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    return call


def test_without_a_command_there_is_help(command):
    status, out, _ = command()
    assert status == 0 and out.startswith("usage: python -m collapse") and "run an experiment" in out


def test_a_quick_run_prints_a_summary(command, folder):
    status, out, _ = command("run", "coins")
    assert status == 0 and re.search(r"^x +shape \(2, 3\) +from -?\d", out, re.MULTILINE)
    assert "2 jobs, " in out and "Nothing was stored" in out and not folder.exists()


def test_a_full_run_stores_its_result(command, folder):
    status, out, _ = command("run", "coins", "--size", "full", "--workers", "2", "--folder", "runs")
    assert status == 0 and "Stored" in out and results.names() == ["coins"]
    assert len(list(Path("runs").glob("*.npz"))) == 5


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["run", "dice"], "invalid choice: 'dice' (choose from "),
        (["run"], "the following arguments are required: NAME"),
        (["run", "coins", "--workers", "0"], "--workers must be >= 1, got 0"),
        (["run", "coins", "--workers", "many"], "invalid int value: 'many'"),
        (["run", "coins", "--size", "huge"], "invalid choice: 'huge'"),
        (["run", "coins", "--workers", "2", "--dask", "tcp://127.0.0.1:1"], "--workers and --dask exclude each other"),
        (["walk"], "there is no command 'walk'"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(command, arguments, text):
    status, _, err = command(*arguments)
    assert status == 2 and text in err


def test_a_run_that_cannot_be_done_ends_with_one_clear_line(command, monkeypatch):
    monkeypatch.setattr("collapse.sweep._TIMEOUT", 1)
    status, _, _ = command("run", "coins", "--dask", "tcp://127.0.0.1:1")
    assert status.startswith("error: dask must be the address of a scheduler that answers")
    bad = Experiment("coins", coin, lambda size: [{"i": -1, "seed": 0}], stack, "heads")
    monkeypatch.setitem(EXPERIMENTS, "coins", bad)
    status, _, _ = command("run", "coins")
    assert status.startswith("error: 1 of 1 jobs failed") and "ArithmeticError: no coin -1" in status
    with pytest.raises(JobsFailed):
        run(bad)


def test_it_starts_from_the_shell():
    done = subprocess.run([sys.executable, "-m", "collapse", "run", "--help"], cwd=ROOT, capture_output=True, text=True)
    shown = "".join(done.stdout.split())  # a name may be broken at its hyphen
    assert done.returncode == 0 and all(name in shown for name in EXPERIMENTS)
