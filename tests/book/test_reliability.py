"""Other seeds for a chapter: every seed that is written out moves, and a failure is reported."""

import nbformat
import pytest

from book import reliability


@pytest.mark.parametrize(
    "code, moved",
    [
        ("rng = np.random.default_rng(0)", "rng = np.random.default_rng(1000)"),
        ("f(n, seed=12, size=3)", "f(n, seed=1012, size=3)"),
        ("f(seed=[0, d])", "f(seed=[1000, d])"),
        ("f(seed=each)", "f(seed=each)"),
        ("f(seeds=3)", "f(seeds=3)"),
    ],
)
def test_seeds_move(code, moved):
    words = nbformat.v4.new_markdown_cell("seed=0")
    notebook = nbformat.v4.new_notebook(cells=[words, nbformat.v4.new_code_cell(code)])
    assert [cell.source for cell in reliability.reseeded(notebook, 1000).cells] == ["seed=0", moved]


def test_a_chapter_that_depends_on_its_seed_is_found(tmp_path):
    path = tmp_path / "chapter.ipynb"
    cells = [
        nbformat.v4.new_code_cell("import os\nassert os.environ['OMP_NUM_THREADS'] == '2'\nassert dict(seed=0)['seed'] == 0")
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    assert reliability.failure(path, shift=0, threads=2) is None
    assert "AssertionError" in reliability.failure(path, shift=1000, threads=2)
