"""The ledger is complete, and its reader sees what it should."""

from pathlib import Path

import pytest

from book import ledger

ROOT = Path(__file__).resolve().parents[2]

CHAPTER = """\
# Title

```{prf:theorem} A *first* one
:class: dropdown
:label: thm-one

Text with {prf:ref}`thm-two`.
```

:::{prf:remark}
:label: rem-free
Remarks owe nothing.
:::

::::{prf:corollary}
:label: cor-two
::::
"""
CODE = '''\
class Box:
    """A box."""

    def one(self):
        """Does it.

        Implements: thm-one (chapter "A, b"),
            cor-two.

        Not part of it.
        """
'''
TESTS = """\
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.proves("cor-two")]


class TestBox:
    @pytest.mark.proves("thm-one", "cor-two")
    def test_one(self):
        pass
"""


@pytest.fixture
def root(tmp_path):
    files = {"chapters/a.md": CHAPTER, "collapse/box.py": CODE, "tests/test_box.py": TESTS, "_toc.yml": "root: chapters/a\n"}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_no_orphans():
    assert ledger.statements(ROOT)
    problems = ledger.orphans(ROOT)
    assert not problems, "\n".join(problems)


def test_reads_statements(root):
    assert ledger.statements(root) == [
        ledger.Place("thm-one", "A *first* one", "chapters/a.md", 3),
        ledger.Place("cor-two", "", "chapters/a.md", 15),
    ]


def test_reads_functions(root):
    assert ledger.functions(root) == [
        ledger.Place("thm-one", "box.Box.one", "collapse/box.py", 4),
        ledger.Place("cor-two", "box.Box.one", "collapse/box.py", 4),
    ]


def test_reads_tests(root):
    assert ledger.tests(root) == [
        ledger.Place("thm-one", "test_box.py::TestBox.test_one", "tests/test_box.py", 8),
        ledger.Place("cor-two", "test_box.py::TestBox.test_one", "tests/test_box.py", 8),
        ledger.Place("cor-two", "test_box.py", "tests/test_box.py", 3),
    ]


def test_a_complete_ledger_has_no_orphans(root):
    assert ledger.orphans(root) == []


@pytest.mark.parametrize(
    "name, old, new, problem",
    [
        ("chapters/a.md", "thm-one", "thm-new", "no function for the statement thm-new"),
        ("collapse/box.py", "thm-one", "cor-two", "no function for the statement thm-one"),
        ("collapse/box.py", "thm-one", "thm-one, thm-gone", "collapse/box.py:4: function names thm-gone"),
        ("tests/test_box.py", '"thm-one", ', "", "no test for the statement thm-one"),
        ("tests/test_box.py", '"thm-one"', '"thm-one", "gone"', "tests/test_box.py:8: test names gone"),
    ],
)
def test_an_orphan_is_named(root, name, old, new, problem):
    path = root / name
    path.write_text(path.read_text().replace(old, new))
    assert any(found.startswith(problem) for found in ledger.orphans(root))


def test_a_statement_without_a_label_is_an_error(root):
    path = root / "chapters" / "a.md"
    path.write_text(CHAPTER.replace(":label: thm-one\n", ""))
    with pytest.raises(ValueError, match=r"a.md:3: this theorem has no :label:"):
        ledger.statements(root)
