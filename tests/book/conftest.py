"""A browser for the tests of the book; they are skipped where there is none."""

import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def launch():
    """launch(*switches) starts a browser that has no window."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("needs a Chromium on the path: apt-get install chromium")
    with api.sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *switches])


@pytest.fixture(scope="module")
def browser(launch):
    return launch()
