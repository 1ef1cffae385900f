"""The cache of executed chapters never hands out what other code, data or versions have made."""

import nbformat
import pytest
from jupyter_cache import get_cache

from book import execution

ALL = ("mnist", "human")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "collapse" / "theory").mkdir(parents=True)
    (tmp_path / "collapse" / "theory" / "ridge.py").write_text("kappa = 1\n")
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("numpy\n")
    return tmp_path


def executed():
    """A notebook as the runner leaves it: outputs, and the timing in the cell's metadata."""
    cell = nbformat.v4.new_code_cell("1 + 1", metadata={"tags": ["hide-input"], "execution": {"iopub.execute_input": "now"}})
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    cell.execution_count = 1
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL})


def source():
    """The same notebook as the build reads it from the chapter's text."""
    cell = nbformat.v4.new_code_cell("1 + 1", metadata={"tags": ["hide-input"]})
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL})


def found(root, at_hand=ALL):
    try:
        return get_cache(str(execution.cache_folder(root, at_hand))).match_cache_notebook(source())
    except KeyError:
        return None


def test_the_build_finds_what_the_tests_ran(root):
    assert found(root) is None
    execution.store(execution.cache_folder(root, ALL), executed(), root / "x.ipynb", 1.5)
    assert found(root).data == {"execution_seconds": 1.5}


@pytest.mark.parametrize(
    "name, content",
    [
        ("collapse/theory/ridge.py", "kappa = 2\n"),
        ("collapse/new.py", ""),
        ("results/full.json", "{}"),
        ("requirements.txt", "numpy>=2\n"),
        ("constraints.txt", "numpy==2.4.6\n"),
    ],
)
def test_a_change_in_what_chapters_use_is_a_miss_and_undoing_it_a_hit(root, name, content):
    execution.store(execution.cache_folder(root, ALL), executed(), root / "x.ipynb", 1.5)
    path = root / name
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert found(root) is None
    path.unlink() if before is None else path.write_text(before)
    assert found(root)


def test_a_renamed_file_is_a_miss(root):
    before = execution.fingerprint(root, ALL)
    (root / "collapse" / "theory" / "ridge.py").rename(root / "collapse" / "ridge.py")
    assert execution.fingerprint(root, ALL) != before


def test_other_data_at_hand_are_a_miss(root):
    execution.store(execution.cache_folder(root, ALL[1:]), executed(), root / "x.ipynb", 1.5)
    assert found(root, ALL) is None
    assert found(root, ALL[1:])


def test_compiled_files_and_chapters_are_not_part_of_the_key(root):
    before = execution.fingerprint(root, ALL)
    for name in ("collapse/__pycache__/ridge.pyc", "chapters/ridge.md"):
        path = root / name
        path.parent.mkdir()
        path.write_text("x")
    assert execution.fingerprint(root, ALL) == before


def test_storing_leaves_the_notebook_alone(root):
    notebook = executed()
    before = nbformat.writes(notebook)
    execution.store(execution.cache_folder(root, ALL), notebook, root / "x.ipynb", 1.5)
    assert nbformat.writes(notebook) == before
