"""A server on the loopback interface that plays the mirrors of the data layer, and what keeps its tests on this machine."""

import http.server
import threading
from contextlib import contextmanager
from dataclasses import replace

from collapse import downloads

DEAD_MIRROR = "http://127.0.0.1:9/"  # nothing listens on the discard port


def isolate(monkeypatch, cache):
    """An empty cache, no COLLAPSE_DATA, and for every data set that has mirrors two that do not answer."""
    monkeypatch.setattr(downloads, "_cache", lambda: cache)
    for name, wanted in downloads.DATA_SETS.items():
        if wanted.mirrors:
            mirrors = (DEAD_MIRROR, DEAD_MIRROR + "second/")
            monkeypatch.setitem(downloads.DATA_SETS, name, replace(wanted, mirrors=mirrors))
    monkeypatch.delenv("COLLAPSE_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")


def change(monkeypatch, name, **changes):
    """The data set ``name`` with other files or mirrors, for one test."""
    monkeypatch.setitem(downloads.DATA_SETS, name, replace(downloads.DATA_SETS[name], **changes))


class Mirror(http.server.ThreadingHTTPServer):
    """Serves ``files`` (path -> bytes) and keeps what it was asked for."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked = files, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.asked.append((self.command, self.path))
        content = self.server.files.get(self.path.lstrip("/"))
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        return content

    def do_GET(self):
        self.wfile.write(self.do_HEAD() or b"")

    def log_message(self, *args):
        pass


@contextmanager
def serving(files):
    server = Mirror(dict(files))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
