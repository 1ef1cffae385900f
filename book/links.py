"""Every address outside the book, in one list, book/links.txt. `python -m book.links` asks each whether it is there."""

import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "book" / "links.txt"
SOURCES = ("README.md", "CITATION.cff", "references.bib", "chapters/*.md", "collapse/**/*.py", "results/*.json")
ADDRESS = re.compile(r"""https?://[^\s<>"'`\\{})\]]+[^\s<>"'`\\{})\].,;:]""")
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
OURS = CONFIG["repository"]["url"]  # tests/book/test_sources.py watches over this one


def addresses(text):
    """The addresses in a text; of a bibliography also those that its DOIs and arXiv numbers stand for."""
    found = set(ADDRESS.findall(text))
    found |= {f"https://doi.org/{doi}" for doi in re.findall(r"^\s*doi = \{(.+?)\}", text, re.MULTILINE)}
    found |= {f"https://arxiv.org/abs/{number}" for number in re.findall(r"^\s*eprint = \{(.+?)\}", text, re.MULTILINE)}
    return {address for address in found if not address.startswith(OURS)}


def found(root=ROOT):
    """All addresses in the sources of the book, sorted."""
    texts = (path.read_text(encoding="utf-8") for pattern in SOURCES for path in root.glob(pattern))
    return sorted(set().union(*map(addresses, texts)))


def answer(address):
    """What a server says: 200 and the like, or why there is no answer."""
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return error


def main():
    LIST.write_text("\n".join(found()) + "\n", encoding="utf-8")
    missing = 0
    for address in LIST.read_text(encoding="utf-8").split():
        said = answer(address)
        missing += said in (404, 410)
        print(f"{said}  {address}", flush=True)
    return f"{missing} addresses lead nowhere" if missing else 0


if __name__ == "__main__":
    sys.exit(main())
