"""The comparison with other books: every row has its evidence, ours in the repository, theirs at a commit."""

import re
from pathlib import Path

import pytest

from book import links

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "chapters" / "comparison.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
ROWS = [row for row in ROWS if row[0] != "Feature"]
DEFINED = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", PAGE, re.MULTILINE))
OURS = f"{links.OURS}/blob/main/"


def test_four_tables():
    assert PAGE.count("| Feature | Here | Who else |") == 4
    assert len(ROWS) > 40
    assert len({row[0] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_has_its_evidence(row):
    _, here, others = row
    assert re.match(r"No(ne)?\b", here) or "](" in here or "][" in here or re.search("`(make|python -m) .*`", here)
    assert others == "Not found" or "](" in others or "][" in others


def test_every_source_that_is_named_is_given():
    assert set(re.findall(r"\]\[([\w-]+)\]", PAGE)) == set(DEFINED)


def test_what_is_ours_is_there():
    ours = {address.removeprefix(OURS) for address in DEFINED.values() if address.startswith(OURS)}
    assert ours
    assert not {name for name in ours if not (ROOT / name).is_file()}


def test_what_is_theirs_is_a_repository_or_a_file_at_a_commit():
    theirs = re.compile(r"https://github\.com/[\w-]+/[\w.-]+(/blob/[0-9a-f]{40}/\S+)?")
    assert not [address for address in DEFINED.values() if not address.startswith(OURS) and not theirs.fullmatch(address)]
