"""The sweep runner: no finished job is lost or run again, whatever happens; on one process, on several, on a cluster."""

import contextlib
import errno
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from collapse import results
from collapse.sweep import JobsFailed, _kept, sweep

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 60  # seconds: against hanging, not a measurement


# Jobs


def draw(i, log=None):
    """Random numbers, many enough for a kill to fall into the writing of a file; each run leaves a line in the log."""
    if log:
        with open(log, "a") as stream:
            stream.write(f"{os.environ.get('GENERATION', '0')} {i}\n")
        time.sleep(0.02)
    return {"i": i, "x": np.random.default_rng(i).standard_normal(20_000), "text": f"job {i}"}


def count_files(i, folder, pause=0):
    time.sleep(pause)
    return {"files": len(list(Path(folder).glob("*.npz")))}


def fail(i, bad, how="raise"):
    if i in bad:
        if how == "raise":
            raise ZeroDivisionError(f"job {i} is bad\nand says so in two lines")
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "die":
            os._exit(1)
        return {"object": {"x": object()}, "number": 3, "name": {"a b": 1}}[how]
    return {"i": i}


def where(i):
    time.sleep(0.2)
    return {"pid": os.getpid()}


def threads(i):
    from threadpoolctl import threadpool_info

    return {"threads": [pool["num_threads"] for pool in threadpool_info()]}


def jobs(count, **same):
    return [{"i": i, **same} for i in range(count)]


def runs(log):
    """(generation, job) of each run, in the order in which they began."""
    return [tuple(map(int, line.split())) for line in Path(log).read_text().splitlines()] if Path(log).exists() else []


def kept(folder):
    return {int(results.read_arrays(path)["i"]) for path in Path(folder).glob("*.npz")}


def wait_for_files(folder, count):
    start = time.monotonic()
    while len(list(folder.glob("*.npz"))) < count:
        assert time.monotonic() - start < LIMIT
        time.sleep(0.001)


def assert_same(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], strict=True)


# Results


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_jobs_and_are_the_functions_own(tmp_path, workers):
    found = sweep(draw, jobs(6)[::-1], tmp_path, workers=workers)
    assert_same(found, [{name: np.asarray(value) for name, value in draw(i).items()} for i in range(6)[::-1]])
    assert_same(sweep(draw, jobs(6)[::-1], tmp_path), found)


def test_a_job_is_not_run_again(tmp_path):
    log = str(tmp_path / "log")
    first = sweep(draw, jobs(4, log=log), tmp_path / "kept")
    second = sweep(draw, jobs(6, log=log)[::-1], tmp_path / "kept", workers=2)
    assert sorted(runs(log)) == [(0, i) for i in range(6)]
    assert_same(second[2:][::-1], first)


def test_each_result_is_written_before_the_next_job_begins(tmp_path):
    found = sweep(count_files, jobs(5, folder=str(tmp_path)), tmp_path)
    assert [int(result["files"]) for result in found] == [0, 1, 2, 3, 4]


def test_local_workers_do_not_keep_their_results_to_the_end(tmp_path):
    assert sweep(count_files, jobs(10, folder=str(tmp_path), pause=0.1), tmp_path, workers=2)[-1]["files"] > 0


def test_the_order_of_arguments_does_not_matter_but_function_and_values_do(tmp_path):
    sweep(fail, [{"i": 0, "bad": []}], tmp_path)
    sweep(fail, [{"bad": [], "i": 0}], tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 1
    sweep(fail, [{"i": 0, "bad": [1]}], tmp_path)
    sweep(draw, [{"i": 0}], tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_no_jobs_no_results(tmp_path):
    assert sweep(draw, [], tmp_path / "kept") == []


def test_a_local_worker_uses_one_thread(tmp_path):
    for result in sweep(threads, jobs(4), tmp_path, workers=2):
        assert result["threads"].size and (result["threads"] == 1).all()


# Kills, damage, failures


@pytest.mark.parametrize("workers", [1, 2])
def test_kill_9_at_any_moment_loses_no_finished_job_and_repeats_none(tmp_path, workers):
    log, folder, count = str(tmp_path / "log"), tmp_path / "kept", 40
    code = f"from tests.test_sweep import *; sweep(draw, jobs({count}, log={log!r}), {str(folder)!r}, workers={workers})"
    done, moment = {}, random.Random(workers)
    for generation in range(3):
        done[generation] = kept(folder)
        environment = {**os.environ, "GENERATION": str(generation), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, start_new_session=True)
        try:
            wait_for_files(folder, len(done[generation]) + 1)
            time.sleep(moment.uniform(0, 0.15))
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait(LIMIT) == -signal.SIGKILL  # it was still at work
        finally:
            with contextlib.suppress(OSError):  # there may be nothing left
                os.killpg(process.pid, signal.SIGKILL)

    done[generation + 1] = kept(folder)
    assert len(done[generation + 1]) < count
    os.environ["GENERATION"] = str(generation + 1)
    try:
        found = sweep(draw, jobs(count, log=log), folder)
    finally:
        del os.environ["GENERATION"]
    assert_same(found, [{name: np.asarray(value) for name, value in draw(i).items()} for i in range(count)])
    for generation, before in done.items():
        assert before.isdisjoint(i for g, i in runs(log) if g == generation)
        assert before <= done.get(generation + 1, before)


DAMAGE = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 2],
    "one byte": lambda whole: whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
    "not an npz file": lambda whole: b"\x93NUMPY is not here",
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_named_and_its_job_run_again(tmp_path, how):
    log, folder = str(tmp_path / "log"), tmp_path / "kept"
    first = sweep(draw, jobs(3, log=log), folder)
    victim = next(path for path in folder.glob("*.npz") if results.read_arrays(path)["i"] == 1)
    victim.write_bytes(DAMAGE[how](victim.read_bytes()))
    with pytest.warns(UserWarning, match=f"{victim.name} is damaged"):
        second = sweep(draw, jobs(3, log=log), folder)
    assert_same(second, first)
    assert [i for _, i in runs(log)] == [0, 1, 2, 1]


@pytest.mark.filterwarnings("ignore:.*is damaged")
def test_no_single_wrong_byte_changes_a_result(tmp_path):
    (wanted,) = sweep(fail, jobs(1, bad=[]), tmp_path)
    (path,) = tmp_path.glob("*.npz")
    whole, noticed = path.read_bytes(), 0
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        found = _kept(path)
        if found is None:
            noticed += 1
        else:
            assert_same([found], [wanted])
    assert noticed > len(whole) // 2


def test_a_full_disk_leaves_what_was_written_before(tmp_path, monkeypatch, capsys):
    def full(stream, **arrays):
        stream.write(b"PK half a file")
        raise OSError(errno.ENOSPC, "No space left on device")

    first = sweep(draw, jobs(2), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", full)
        with pytest.raises(OSError, match="No space left"):
            sweep(draw, jobs(4), tmp_path)
    assert "2 of 4 jobs are kept" in capsys.readouterr().err
    assert len(list(tmp_path.iterdir())) == 2
    assert_same(sweep(draw, jobs(4), tmp_path)[:2], first)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_job_is_named_and_the_others_are_kept(tmp_path, workers):
    todo = jobs(6, bad=[1, 4])
    with pytest.raises(JobsFailed) as error:
        sweep(fail, todo, tmp_path, workers=workers)
    text = str(error.value)
    assert text.startswith("2 of 6 jobs failed; the others are kept in")
    for job in (todo[1], todo[4]):
        assert f"  {job}: ZeroDivisionError: job {job['i']} is bad\n" in text
    assert "in fail" in text and "in two lines" in text  # the first one's traceback
    assert kept(tmp_path) == {0, 2, 3, 5}


def test_a_long_list_of_failures_is_cut(tmp_path):
    with pytest.raises(JobsFailed, match=r"and 2 more"):
        sweep(fail, jobs(12, bad=list(range(12))), tmp_path)


@pytest.mark.parametrize(
    "how, text",
    [
        ("object", "TypeError: x must hold numbers or text, got object of dtype object"),
        ("number", "TypeError: arrays must be a Mapping, got int"),
        (
            "name",
            "ValueError: arrays must be named by letters, digits and _, other than ('file', 'allow_pickle'), got 'a b'",
        ),
    ],
)
def test_a_result_that_cannot_be_kept_is_a_failure(tmp_path, how, text):
    with pytest.raises(JobsFailed, match=re.escape(text)):
        sweep(fail, jobs(2, bad=[0], how=how), tmp_path)
    assert kept(tmp_path) == {1}


def test_an_interruption_keeps_what_is_done_and_says_how_to_go_on(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        sweep(fail, jobs(5, bad=[3], how="interrupt"), tmp_path)
    assert kept(tmp_path) == {0, 1, 2}
    assert f"Stopped: 3 of 5 jobs are kept in {tmp_path}; call again for the rest." in capsys.readouterr().err


def test_the_death_of_a_local_worker_keeps_what_is_done(tmp_path, capsys):
    sweep(fail, jobs(2, bad=[5], how="die"), tmp_path)
    with pytest.raises(TerminatedWorkerError):
        sweep(fail, jobs(6, bad=[5], how="die"), tmp_path, workers=2)
    assert kept(tmp_path) >= {0, 1} and 5 not in kept(tmp_path)
    assert "of 6 jobs are kept" in capsys.readouterr().err


# A cluster


def local_cluster():
    from distributed import LocalCluster

    return LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")


@pytest.fixture(scope="module")
def cluster():
    with local_cluster() as running:
        yield running.scheduler_address


def test_a_cluster_runs_the_jobs_on_all_its_workers(tmp_path, cluster):
    found = {int(result["pid"]) for result in sweep(where, jobs(8), tmp_path, dask=cluster)}
    assert len(found) == 2 and os.getpid() not in found
    assert {int(result["pid"]) for result in sweep(where, jobs(8), tmp_path)} == found  # kept, not run again


def test_a_cluster_gives_the_same_results(tmp_path, cluster):
    assert_same(sweep(draw, jobs(6), tmp_path / "a", dask=cluster), sweep(draw, jobs(6), tmp_path / "b"))


def test_a_cluster_does_not_keep_its_results_to_the_end(tmp_path, cluster):
    assert sweep(count_files, jobs(10, folder=str(tmp_path), pause=0.1), tmp_path, dask=cluster)[-1]["files"] > 0


def test_a_cluster_that_cannot_import_the_function_is_refused(tmp_path, cluster, monkeypatch):
    (tmp_path / "only_here.py").write_text("def job(i):\n    return {'i': i}\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    with pytest.raises(ImportError, match="its workers must be able to import only_here: No module named 'only_here'"):
        sweep(only_here.job, jobs(2), tmp_path / "kept", dask=cluster)


def test_a_job_that_fails_or_kills_its_workers_does_not_stop_the_cluster(tmp_path, cluster):
    todo = [*jobs(6, bad=[2], how="raise"), {"i": 7, "bad": [7], "how": "die"}]
    with pytest.raises(JobsFailed) as error:
        sweep(fail, todo, tmp_path, dask=cluster)
    assert f"  {todo[2]}: ZeroDivisionError: job 2 is bad\n" in str(error.value)
    assert f"  {todo[6]}: KilledWorker: " in str(error.value)
    assert kept(tmp_path) == {0, 1, 3, 4, 5}


def test_a_cluster_that_goes_away_is_an_error(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("collapse.sweep._TIMEOUT", 1)
    with local_cluster() as running:
        address = running.scheduler_address
        closing = threading.Thread(target=lambda: (wait_for_files(tmp_path, 3), running.close()))
        closing.start()
        with pytest.raises(ConnectionError, match=f"the scheduler at {address} no longer answers"):
            sweep(where, jobs(40), tmp_path, dask=address)
        closing.join()
    assert f"Stopped: {len(list(tmp_path.glob('*.npz')))} of 40 jobs are kept" in capsys.readouterr().err
    with pytest.raises(ConnectionError, match=f"got '{address}'"):
        sweep(where, jobs(40), tmp_path, dask=address)


def test_a_finished_sweep_needs_no_cluster(tmp_path):
    first = sweep(draw, jobs(2), tmp_path)
    assert_same(sweep(draw, jobs(2), tmp_path, dask="tcp://127.0.0.1:1"), first)


# Bad input


@pytest.mark.parametrize(
    "changes, error, text",
    [
        (dict(function=lambda i: {"i": i}), ValueError, "function must be defined at the top level of a module"),
        (dict(function=3), ValueError, "function must be defined at the top level of a module that can be imported, got 3"),
        (dict(jobs=[3]), TypeError, "each of jobs must be a dict, got int"),
        (dict(jobs=[{"i": {1, 2}}]), TypeError, "each of jobs must hold only what JSON knows, got {'i': {1, 2}}"),
        (dict(jobs=[{"i": np.int64(1)}]), TypeError, "each of jobs must hold only what JSON knows"),
        (dict(jobs=[{"i": float("nan")}]), TypeError, "each of jobs must hold only what JSON knows, got {'i': nan}"),
        (dict(jobs=[{"i": (1, 2)}]), TypeError, "each of jobs must be the same after a round trip through JSON"),
        (dict(jobs=[{"i": {1: 2}}]), TypeError, "each of jobs must be the same after a round trip through JSON"),
        (dict(jobs=[{"i": 1}, {"i": 2}, {"i": 1}]), ValueError, 'jobs must differ, got twice {"i": 1}'),
        (dict(folder=__file__), ValueError, f"folder must be a folder, got the file {__file__}"),
        (dict(workers=0), ValueError, "workers must be >= 1, got 0"),
        (dict(workers=1.5), TypeError, "workers must be a whole number, got 1.5"),
        (dict(workers=2, dask="tcp://127.0.0.1:1"), ValueError, "workers must be 1 where dask is given"),
        (dict(dask=3), TypeError, "dask must be a str, got int"),
        (dict(dask="tcp://127.0.0.1:1"), ConnectionError, "got 'tcp://127.0.0.1:1'"),
        (dict(dask="the cluster"), ConnectionError, "`dask scheduler` starts one"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, changes, error, text):
    monkeypatch.setattr("collapse.sweep._TIMEOUT", 1)
    with pytest.raises(error, match=re.escape(text)):
        sweep(**{**dict(function=draw, jobs=jobs(2), folder=tmp_path / "kept"), **changes})
    assert not list(tmp_path.rglob("*.npz"))


def test_a_function_of_the_main_program_is_refused(tmp_path):
    code = "from collapse.sweep import sweep\ndef job(i): return {}\nsweep(job, [{'i': 1}], 'kept')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "function must be defined at the top level of a module" in done.stderr
