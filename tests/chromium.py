"""The Chromium that tests drive: the system's, or playwright's own. Where there is none they are skipped."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [  # no name is looked up: what a page asks for outside fails at once, also where there is a network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@contextmanager
def launcher():
    """A function launch(*switches) that starts a browser without a window."""
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
        if not Path(found).exists():
            pytest.skip("no browser found: `apt-get install chromium`, or `playwright install chromium`, brings one")
        yield lambda *switches: playwright.chromium.launch(executable_path=found, args=[*SWITCHES, *switches])
