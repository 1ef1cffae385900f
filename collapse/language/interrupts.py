"""Ctrl-C that waits for the end of what must be whole. Serves "A language with a known entropy" and "Stories"."""

import contextlib
import signal
import threading


@contextlib.contextmanager
def whole():
    """What stands under it is done to its end: a Ctrl-C meanwhile takes effect only then. Other threads never get one."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    asked = []
    signal.signal(signal.SIGINT, lambda *told: asked.append(told))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if asked:
        usual(*asked[0])
