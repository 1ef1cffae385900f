"""Notebooks run where the repository is not: on Colab, with what it has before the first cell, and on Binder.

Nothing is fetched. Colab's packages are those of this environment with the names of environments/colab.txt and what they
need, so the versions are ours; the first cell's own pip installs from a copy of the working tree, with no index to ask.
"""

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import jupytext
import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
import collapse
print("ran with", collapse.__file__)
"""


def listed(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@functools.cache
def on_colab():
    """Names of the distributions in this environment that Colab has too: the listed ones and what they need."""
    seen, todo = set(), listed("environments/colab.txt")
    while todo:
        wanted = todo.pop()
        name, extras = re.sub(r"[-_.]+", "-", wanted.name).lower(), frozenset(wanted.extras)
        try:
            needs = [Requirement(need) for need in distribution(name).requires or []]
        except PackageNotFoundError:  # needed on other systems only
            continue
        if (name, extras) not in seen:
            seen.add((name, extras))
            todo += [
                need for need in needs if not need.marker or any(need.marker.evaluate({"extra": e}) for e in extras | {""})
            ]
    return {name for name, _ in seen}


@functools.cache
def modules():
    """Top-level names of the modules that Colab has: numpy, sklearn, ..."""
    return {file.parts[0].partition(".")[0] for name in on_colab() for file in distribution(name).files}


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """The Python of an environment that holds those distributions and nothing else."""
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    for name in on_colab():
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(installed.locate_file(top))
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The package as it is in the working tree, as a repository that git can clone."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("collapse", "results"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "as it is"]):
        identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def run(python, notebook, folder, published):
    """Run a notebook as Colab would; where its first cell asks for the repository, it gets ``published``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "GIT_", "COLLAPSE"))}
    git = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{published.as_uri()}.insteadOf", "GIT_CONFIG_VALUE_0": ADDRESS}
    pip = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    copy = shutil.copy(notebook, folder)
    command = [python, "-c", RUN, copy]
    return subprocess.run(
        command, cwd=folder, env=kept | git | pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_chapter_runs_on_colab(colab, published, tmp_path):
    without = subprocess.run([colab, "-I", "-c", "import collapse"], cwd=tmp_path, capture_output=True, text=True)
    assert "No module named 'collapse'" in without.stderr
    offline = run(colab, ROOT / "chapters" / "notation.ipynb", tmp_path, tmp_path / "not-there")
    assert "ModuleNotFoundError: The package `collapse` is not here and could not be installed." in offline.stdout
    assert "No module named" not in offline.stdout
    done = run(colab, ROOT / "chapters" / "notation.ipynb", tmp_path, published)
    assert done.returncode == 0, done.stdout
    assert f"ran with {colab.parents[1]}" in done.stdout
    stored = "from collapse import results; print(*results.names())"
    names = subprocess.run([colab, "-I", "-c", stored], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert names.split() == sorted(path.stem for path in (ROOT / "results").glob("*.npz"))


def imported(notebook):
    """Top-level names of the modules that the cells of a notebook import."""
    for cell in jupytext.read(notebook).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    yield from (name.name.partition(".")[0] for name in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield node.module.partition(".")[0]


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_import_what_colab_has(notebook):
    assert set(imported(notebook)) - set(sys.stdlib_module_names) - {"collapse"} <= modules()


def test_what_the_first_cell_has_colab_fetch():
    """Nothing: Colab has every package that ours needs, in a version that will do.

    A newer ipywidgets above all would be none the better there: the version in the kernel has to be that of the page.
    """
    has = {wanted.name: str(wanted.specifier).removeprefix("==") for wanted in listed("environments/colab.txt")}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)[1]
    needed = [Requirement(line) for line in re.findall(r'"(.*)"', block)]
    assert {need.name for need in needed if has.get(need.name, "0") not in need.specifier} == set()


def test_binder_installs_what_is_required():
    """repo2docker makes environment.yml, then runs postBuild in the folder of the repository."""
    made = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8"))
    needs = {need.name: str(need.specifier) for need in listed("requirements.txt")}
    assert f"pytorch-cpu{','.join(reversed(needs['torch'].split(',')))}" in made["dependencies"]
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    command = script.read_text(encoding="utf-8")
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    assert "pip install" in command and "-r requirements.txt -e ." in command
