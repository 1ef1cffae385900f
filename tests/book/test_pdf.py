"""The PDF, where it differs from the site: solutions unfolded, proofs without a heading, a TeX that may be missing."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from book import pdf
from book.ext.print import PrintUnfolded


def printed(*parts):
    """A page as it is printed by XeLaTeX."""
    document = new_document("page")
    document += parts
    document.settings.env = SimpleNamespace(app=None)
    PrintUnfolded(document).run()
    return document


@pytest.mark.parametrize(
    "classes, left",
    [
        (["cell", "tag_hide-input", "tag_hide-output"], ["cell"]),  # the code of a solution
        (["cell", "tag_hide-input"], ["cell", "tag_hide-input"]),  # a figure
        (["cell", "tag_remove-input"], ["cell", "tag_remove-input"]),
    ],
)
def test_the_code_of_solutions_is_printed(classes, left):
    assert printed(nodes.container(classes=classes))[0]["classes"] == left


def test_a_proof_has_no_heading():
    text = nodes.paragraph(text="By induction.")
    proof, other = (nodes.admonition("", text.deepcopy(), classes=[name]) for name in ("proof-text", "tip"))
    page = printed(proof, other)
    assert isinstance(page[0], nodes.paragraph) and isinstance(page[1], nodes.admonition)


def test_without_a_tex_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda tool: None if tool == "xelatex" else f"/usr/bin/{tool}")
    monkeypatch.setattr(pdf.subprocess, "run", lambda *a, **k: pytest.fail("started without a TeX"))
    with pytest.raises(SystemExit, match=r"needs xelatex(.|\n)*apt-get install(.|\n)*texlive-xetex"):
        pdf.main()
