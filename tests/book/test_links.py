"""The list of addresses outside the book is complete, and each has the form of an address. Nothing is asked online."""

import re
from urllib.parse import urlsplit

import pytest

from book import links

KEPT = links.LIST.read_text(encoding="utf-8").split()


def test_the_list_is_what_the_sources_name():
    assert KEPT == links.found(), "run: python -m book.links"


@pytest.mark.parametrize("address", KEPT)
def test_an_address_has_its_form(address):
    parts = urlsplit(address)
    assert parts.scheme == "https"
    assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.hostname)
    assert address.isascii()
    if parts.hostname == "doi.org":
        assert re.fullmatch(r"/10\.\d{4,9}/\S+", parts.path)
    if parts.hostname == "arxiv.org":
        assert re.fullmatch(r"/abs/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", parts.path)


def test_addresses_end_where_they_should():
    text = "See <https://a.org/x_(y>, [b](https://b.org/c), `https://c.org/`. And https://d.org/e.\n  doi = {10.1/x},\n"
    assert links.addresses(text) == {
        "https://a.org/x_(y",
        "https://b.org/c",
        "https://c.org/",
        "https://d.org/e",
        "https://doi.org/10.1/x",
    }
    assert links.addresses(f"{links.OURS}/blob/main/README.md") == set()


def test_an_address_that_is_gone_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(links, "LIST", tmp_path / "links.txt")
    monkeypatch.setattr(links, "found", lambda: ["https://a.org/here", "https://a.org/gone"])
    monkeypatch.setattr(links, "answer", lambda address: 404 if "gone" in address else 200)
    assert links.main() == "1 addresses lead nowhere"
    assert "404  https://a.org/gone" in capsys.readouterr().out
