"""The pinned environments are those of requirements.txt and constraints.txt."""

import functools
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
MACHINES = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")]
PLACES = [
    {
        "python_version": python,
        "python_full_version": full,
        "sys_platform": system,
        "platform_machine": machine,
        "platform_system": system.capitalize(),
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for python, full in [("3.10", "3.10.13"), ("3.11", "3.11.0"), ("3.11", "3.11.9"), ("3.12", "3.12.1"), ("3.13", "3.13.0")]
    for system, machine in MACHINES
]

everywhere = pytest.mark.parametrize("place", PLACES, ids=lambda p: "-".join(list(p.values())[1:4]))


@functools.cache
def entries(name):
    """(requirement, hashes) of each line that asks for a package."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [re.split(r"\s+--hash=", line.strip()) for line in text.splitlines() if line and line[0] != "#"]
    return [(Requirement(wanted), hashes) for wanted, *hashes in lines]


def versions(name, place):
    """The versions that a pinned list names for this place; one for each package."""
    found = {}
    for wanted, _ in entries(name):
        if wanted.marker is None or wanted.marker.evaluate(place):
            [pin] = wanted.specifier
            assert pin.operator == "=="
            assert wanted.name not in found, f"{wanted.name} stands twice in {name}"
            found[wanted.name] = Version(pin.version)
    return found


REQUIREMENTS = {wanted.name: wanted.specifier for wanted, _ in entries("requirements.txt")}


@everywhere
def test_the_locked_versions_are_those_that_were_tested(place):
    locked, tested = versions("environments/locked.txt", place), versions("constraints.txt", place)
    assert {name: tested.get(name) for name in locked} == locked, "run: make lock"
    missing = [name for name, wanted in REQUIREMENTS.items() if name not in locked or locked[name] not in wanted]
    assert missing == [], "run: make lock"


@pytest.mark.parametrize("name", ["locked.txt", "locked-cuda.txt"])
def test_every_locked_file_has_its_hash(name):
    found = {str(wanted): hashes for wanted, hashes in entries(f"environments/{name}")}
    assert found
    whole = re.compile(r"(sha256:[0-9a-f]{64},?)+")
    assert [wanted for wanted, hashes in found.items() if not whole.fullmatch(",".join(hashes))] == []


def test_the_oldest_versions_are_the_lower_bounds():
    oldest = versions("environments/oldest.txt", PLACES[0])
    bounds = {name: Version(re.search(r">=([\w.]+)", str(wanted))[1]) for name, wanted in REQUIREMENTS.items()}
    assert {name: oldest.get(name) for name in bounds} == bounds, "run: make lock"
