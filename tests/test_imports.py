"""What loads what: ``import collapse`` is cheap, theory needs numpy and scipy only, lower rooms never import upper ones."""

import ast
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest

import collapse

PACKAGE = Path(collapse.__file__).parent
HEAVY = ("torch", "matplotlib", "sklearn", "pooch", "ipywidgets", "joblib", "distributed")

# Each room, and the rooms of the package it may import from.
ROOMS = {
    "checks": set(),
    "setting": {"checks"},
    "theory": {"checks", "setting"},
    "simulate": {"checks", "live", "setting", "theory"},
    "quality": {"checks", "setting", "theory"},
    "advice": {"checks", "setting", "theory", "quality", "figures"},
    "images": {"checks", "live", "setting", "theory", "simulate", "data", "results"},
    "language": {"checks", "data", "live", "results"},
    "downloads": set(),
    "data": {"checks", "downloads"},
    "figures": {"checks", "live", "recompute", "setting"},
    "live": set(),
    "recompute": set(),
    "results": {"checks"},
    "cluster": set(),
    "sweep": {"checks", "live", "results", "cluster"},
    "experiments": {"setting", "simulate", "images", "language", "data", "results", "sweep"},
    "__main__": {"advice", "data", "experiments", "results", "sweep"},
    "language/__main__": {"__main__", "results"},  # a command line: above all rooms
}
OUTSIDE = {
    "checks": {"numpy"},
    "setting": {"numpy"},
    "theory": {"numpy", "scipy"},
    "simulate": {"numpy", "scipy", "torch"},
    "quality": {"numpy", "scipy"},
    "advice": {"numpy", "scipy", "matplotlib"},
    "downloads": {"pooch"},
    "results": {"numpy"},
    "cluster": {"joblib"},
    "live": {"tqdm"},
    "sweep": {"joblib", "distributed"},
}


def loaded_after(statement):
    """Top-level names of the modules that a fresh interpreter holds after ``statement``."""
    code = f"import sys; {statement}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True).stdout.split())


def imports(path):
    """(room of the package or None, top-level name) of each import in a file, at any depth of its code."""
    package = path.relative_to(PACKAGE.parent).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            names = [".".join((*base, *([node.module] if node.module else [alias.name]))) for alias in node.names]
        else:
            continue
        for name in names:
            top, *rest = name.split(".")
            yield (rest[0] if top == "collapse" and rest else None), top


def files(room):
    if (PACKAGE / room).is_dir():
        return sorted(path for path in (PACKAGE / room).rglob("*.py") if path.name != "__main__.py")
    return [PACKAGE / f"{room}.py"]


@pytest.mark.parametrize("statement", ["import collapse", "from collapse import Risk", "import collapse; dir(collapse)"])
def test_import_collapse_is_cheap(statement):
    assert loaded_after(statement).isdisjoint(HEAVY)


@pytest.mark.parametrize("statement", ["from collapse import theory", "import collapse; collapse.theory.ridge"])
def test_theory_needs_numpy_and_scipy_only(statement):
    before = loaded_after("import numpy, scipy")
    assert loaded_after(statement) - before - sys.stdlib_module_names <= {"collapse", "numpy", "scipy"}


@pytest.mark.parametrize("name", sorted(collapse.__all__))
def test_every_name_is_there(name):
    assert loaded_after(f"import collapse; collapse.{name}") >= {"collapse"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'weather'"):
        attrgetter("weather")(collapse)


def test_every_room_is_listed():
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    rooms |= {f"{path.parent.name}/__main__" for path in PACKAGE.glob("*/__main__.py")}
    assert rooms - {"__init__"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_lower_rooms_never_import_upper_ones(room):
    used = {other for path in files(room) for other, _ in imports(path) if other}
    assert used - {room.partition("/")[0]} <= ROOMS[room]


@pytest.mark.parametrize("room", OUTSIDE)
def test_what_is_used_from_outside(room):
    used = {top for path in files(room) for _, top in imports(path)}
    assert used - set(sys.stdlib_module_names) - {"collapse"} <= OUTSIDE[room]
