"""Fixtures shared by all tests."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest
import torch

import collapse
import collapse.advice
import collapse.language
import collapse.quality
import collapse.theory

NEEDED = {"theory": ["theory.source"], "quality": ["theory"]}  # what a mutant takes from the original
COPIED = {"advice": ["quality", "theory"]}  # and what it has a copy of

torch.set_num_threads(1)  # many small factorisations: a second thread costs more than it brings


@pytest.fixture
def theory():
    """The theory under test. test_wrong_formulas.py calls the same tests with deliberately wrong copies."""
    return collapse.theory


@pytest.fixture
def language():
    """The sources of text under test, as ``theory`` is."""
    return collapse.language


@pytest.fixture
def quality():
    """The estimators of c2 under test, as ``theory`` is."""
    return collapse.quality


@pytest.fixture
def advice():
    """The calculator under test, as ``theory`` is."""
    return collapse.advice


@pytest.fixture
def mutant(tmp_path, monkeypatch):
    """A function that returns collapse.theory, or another room, with one expression of one file replaced."""

    def build(file, right, wrong, room="theory"):
        package = tmp_path / "mutant"
        for each in (room, *COPIED.get(room, [])):
            shutil.copytree(Path(collapse.__file__).parent / each, package / each)
        (package / "__init__.py").touch()
        for shared in ("setting", "checks", "live", "results", *NEEDED.get(room, [])):
            (package / f"{shared.replace('.', '/')}.py").write_text(f"from collapse.{shared} import *\n")
        source = package / room / file
        text = source.read_text()
        assert right in text, f"{file} has changed: {right!r} is not in it; update the list of wrong formulas"
        source.write_text(text.replace(right, wrong))
        monkeypatch.syspath_prepend(tmp_path)
        for name in [name for name in sys.modules if name.partition(".")[0] == "mutant"]:
            monkeypatch.delitem(sys.modules, name)
        importlib.invalidate_caches()
        return importlib.import_module(f"mutant.{room}")

    return build
