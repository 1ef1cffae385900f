"""A browser for the tests of the book; it closes after each module, because chapters need its event loop."""

import pytest

from tests import chromium


@pytest.fixture(scope="module")
def launch():
    """launch(*switches) starts a browser that has no window."""
    with chromium.launcher() as launch:
        yield launch


@pytest.fixture(scope="module")
def browser(launch):
    return launch()
