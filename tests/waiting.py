"""Waiting for another process, but not for ever."""

import time

LIMIT = 60  # seconds for a process that should end at once


def wait_until(condition):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < LIMIT
        time.sleep(0.01)
