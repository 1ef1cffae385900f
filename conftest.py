"""Chapters run once: what nbmake executes is kept for the site. The site is built and tested last."""

import time

from nbmake.nb_run import NotebookRun

from book import execution

_execute = NotebookRun.execute


def _execute_and_store(run):
    folder, start = execution.cache_folder(), time.perf_counter()
    result = _execute(run)
    seconds = time.perf_counter() - start
    if result.error is None:
        execution.store(folder, result.nb, run.filename, seconds)
    return result


NotebookRun.execute = _execute_and_store


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (item.path.parent.name == "browser", item.path.name == "test_site.py"))
