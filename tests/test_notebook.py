"""A kernel and the two kinds of front end that it meets: one with a person before it, and one that only runs notebooks."""

from html import unescape
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[1]
SET_UP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import matplotlib.pyplot as plt
from collapse import figures, live

height = 1

def draw(a):
    fig, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot([0, height], [a, a])
    return fig

def alt(a):
    return f"height {{height}}, a = {{a:g}}"
"""
SHOW = "figure = figures.slider(draw, ('a', [0.1, 1.0, 10.0]), alt, still=1); figure"


class Notebook:
    def __init__(self):
        self.manager = KernelManager()
        self.manager.start_kernel(extra_arguments=["--log-level=ERROR"])
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.run(SET_UP)

    def run(self, code, person=False):
        """The messages by which the kernel answers, as pairs of type and content."""
        told = []
        reply = self.client.execute_interactive(code, allow_stdin=person, timeout=120, output_hook=told.append)
        assert reply["content"]["status"] == "ok", reply["content"]
        return [(message["msg_type"], message["content"]) for message in told]

    def value(self, code):
        """The text of the last expression."""
        [result] = [content for kind, content in self.run(code) if kind == "execute_result"]
        return result["data"]["text/plain"]

    def slide(self, model, index):
        """Tell the kernel that a slider moved; the HTML that the page gets in reply."""
        change = {"method": "update", "state": {"index": index}, "buffer_paths": []}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": model, "data": change}))
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["msg_type"] == "comm_msg" and "value" in message["content"]["data"].get("state", {}):
                return message["content"]["data"]["state"]["value"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def notebook():
    opened = Notebook()
    yield opened
    opened.close()


def shown(answers):
    [data] = [content["data"] for kind, content in answers if kind == "execute_result"]
    return data


def test_a_person_is_told_from_a_program(notebook):
    ask = "live.watched()"
    assert shown(notebook.run(ask, person=True))["text/plain"] == "True"
    assert shown(notebook.run(ask, person=False))["text/plain"] == "False"


def test_a_program_gets_frames(notebook):
    data = shown(notebook.run(SHOW))
    assert data["text/plain"] == "height 1, a = 1" and "image/png" in data
    assert notebook.value("[type(child).__name__ for child in figure.children]") == "['SelectionSlider', 'Stack']"


def test_a_person_gets_sliders_that_draw(notebook):
    data = shown(notebook.run(SHOW, person=True))
    assert data["text/plain"] == "height 1, a = 1" and "image/png" in data
    notebook.run("height = 7")  # a later cell, whose name is its own affair
    slider = notebook.value("figure.children[0].model_id").strip("'")
    given, between = notebook.slide(slider, 20), notebook.slide(slider, 19)
    assert 'alt="height 1, a = 10"' in unescape(given) and 'alt="height 1, a = 7.94"' in unescape(between)
    assert given.partition("base64,")[2] != between.partition("base64,")[2]


@pytest.mark.parametrize("person", [True, False])
def test_a_bar_is_for_a_person(notebook, person):
    told = notebook.run("for _ in live.progress(range(3), desc='rounds'): pass", person)
    bars = [kind for kind, _ in told if kind in ("display_data", "stream")]
    assert bool(bars) == person
