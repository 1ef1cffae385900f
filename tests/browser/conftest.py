"""The browser, the built site and one visit to each of its pages, shared by all tests here."""

from pathlib import Path

import pytest

from book import vendor
from tests import chromium
from tests.browser import visit
from tests.browser.server import Server

ROOT = Path(__file__).resolve().parents[2]
HTML, CHAPTERS = ROOT / "_build" / "html", ROOT / "chapters"


@pytest.fixture(scope="session")
def browser():
    with chromium.launcher() as launch:
        browser = launch()
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which tests a page for what hinders readers with disabilities."""
    folder = vendor.FOLDER / "tests" / vendor.AXE.folder
    vendor.fetch(vendor.AXE, folder)
    return (folder / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def site():
    """The address of the built site."""
    if not (HTML / "index.html").exists():
        pytest.skip("the site is not built: `make book` builds it")
    server = Server(HTML)
    yield server.address
    server.close()


@pytest.fixture(scope="session")
def names(site):
    """The path of every page below the site's folder; the first, which only leads on to another, is not one."""
    paths = (path.relative_to(HTML) for path in HTML.rglob("*.html"))
    pages = {path.as_posix() for path in paths if not {"_static", "vendor"} & set(path.parts)}
    return sorted(pages - {"index.html"})


@pytest.fixture(scope="session")
def visits(browser, site, axe, names):
    """The visit to each page, by its name."""
    return {name: visit.over_http(browser, site, name, axe) for name in names}


@pytest.fixture(scope="session")
def disk_visits(browser, names):
    """The complaints of each page when its file is opened without a server; one chapter's slides stand for all."""
    slides = [name for name in names if name.startswith("slides/")]
    return {name: visit.from_disk(browser, HTML, name) for name in names if name not in slides[1:]}
