"""What contributors are told is so: the map of the house, the commands, the forms for issues."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]


def house():
    """Every top-level file and every folder of the repository, folders with a slash at the end."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a clone: git cannot say which files belong to the book")
    for path in map(PurePosixPath, listed.stdout.splitlines()):
        if (ROOT / path).exists():
            folders = path.parts[:-1]
            yield from (path.name,) if not folders else ("/".join(folders[: end + 1]) + "/" for end in range(len(folders)))


def test_the_map_names_every_room_once():
    table = GUIDE.partition("## The house")[2]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == sorted(set(house()))


def test_the_commands_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = " ".join(re.findall(r"^(\w[\w -]*):", makefile, re.MULTILINE)).split()
    named = " ".join(re.findall(r"(?:^|`)make (?:\w+=\S+ )?([a-z-]+(?: [a-z-]+)*)", GUIDE, re.MULTILINE)).split()
    assert {"serve", "lint", "test", "lock"} <= set(named) <= set(targets)


@pytest.mark.parametrize("path", re.findall(r"`((?:chapters|collapse|tests|environments|book)/[\w./-]+)`", GUIDE))
def test_files_that_are_named_are_there(path):
    assert "NAME" in path or (ROOT / path).exists()


def test_there_is_a_form_for_each_kind():
    assert [path.stem for path in FORMS] == ["config", "mathematics", "software", "text"]


@pytest.mark.parametrize("path", [path for path in FORMS if path.stem != "config"], ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(form) == {"name", "description", "title", "labels", "body"}
    assert form["labels"] == [path.stem]
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids)) > 0
    for field in form["body"]:
        assert set(field) == {"type", "id", "attributes", "validations"}
        assert field["type"] in {"input", "textarea", "dropdown"}
        assert re.fullmatch(r"[\w-]+", field["id"])
        assert field["attributes"]["label"]
        assert isinstance(field["validations"]["required"], bool)
        options = field["attributes"].get("options", [])
        assert (field["type"] == "dropdown") == bool(options)
        assert len(options) == len(set(options))
    assert any(field["validations"]["required"] for field in form["body"])


def test_the_links_of_the_forms_lead_into_the_book():
    config = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8"))
    assert set(config) == {"blank_issues_enabled", "contact_links"}
    for link in config["contact_links"]:
        assert set(link) == {"name", "url", "about"}
        assert link["url"].startswith(f"{ADDRESS}/blob/main/")
        assert (ROOT / link["url"].removeprefix(f"{ADDRESS}/blob/main/")).exists()
