"""Every check of a page fails on a page that is broken in just that way, and on a good page none does."""

import random

import pytest

from tests.browser import visit
from tests.browser.server import Server

DRAWING = (
    '<img alt="A line" src="data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27 width=%2790%27 height=%2760%27>'
    '<path d=%27M0 0 L90 60%27 stroke=%27{}%27 stroke-width=%274%27/></svg>">'
)
GOOD = f"""<!DOCTYPE html>
<html lang="en" data-theme="light"><head><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  html[data-theme="dark"] {{ background: #111; color: #eee; }}
  input {{ height: 24px; }}
</style></head><body><main><h1>A page</h1>
<p><label for="n">n</label> <input id="n" type="range" min="0" max="9" value="4"> <output id="said">4</output></p>
<p>{DRAWING.format("red")}</p>
<div class="highlight"><pre>1 + 1</pre><button class="copybtn">Copy</button></div>
</main><script>
  const said = document.getElementById("said");
  document.getElementById("n").addEventListener("input", (event) => {{ said.textContent = event.target.value; }});
</script></body></html>"""
END = "</main>"

BROKEN = {  # what is replaced, by what, and which checks complain
    "picture from elsewhere": (END, '<img alt="x" src="https://example.org/x.png"></main>', {"requests", "console"}),
    "script from elsewhere": ("</body>", '<script src="//example.org/x.js"></script></body>', {"requests", "console"}),
    "line to elsewhere": ("</body>", '<script>new WebSocket("wss://example.org");</script></body>', {"requests", "console"}),
    "error in a script": ("<script>", "<script>setTimeout(() => missing(), 0);", {"console"}),
    "file that is not there": (END, '<img alt="x" src="gone.png"></main>', {"console"}),
    "never ready": ("<main>", '<main aria-busy="true">', {"console"}),
    "wide box": (END, '<div style="width: 500px">wide</div></main>', {"sideways"}),
    "wide box, cut off": (
        END,
        '<div style="overflow-x: hidden"><div style="width: 500px">wide</div></div></main>',
        {"sideways"},
    ),
    "box that keys cannot scroll": (
        END,
        '<div style="overflow-x: auto"><div style="width: 500px">wide</div></div></main>',
        {"scrolling boxes"},
    ),
    "slider without name": ('for="n"', "", {"sliders", "axe, light"}),
    "slider out of the reach of Tab": ('id="n"', 'id="n" tabindex="-1"', {"sliders"}),
    "slider that moves nothing": ('"input"', '"inputs"', {"sliders"}),
    "slider that keys do not move": ('id="n"', 'id="n" onkeydown="event.preventDefault()"', {"sliders"}),
    "slider that a touch does not move": ('id="n"', 'id="n" style="pointer-events: none"', {"sliders"}),
    "small buttons": (
        END,
        "<button style='width: 9px; height: 9px; padding: 0' aria-label='a'></button>"
        "<button style='width: 9px; height: 9px; padding: 0' aria-label='b'></button></main>",
        {"touch targets"},
    ),
    "wide formula": (
        END,
        '<mjx-container display="true" tabindex="0" style="display: block; overflow-x: auto">'
        '<div style="width: 1500px">E</div></mjx-container></main>',
        {"wide formulas"},
    ),
    "code without copy button": ('class="copybtn"', "", {"copy"}),
    "dark lines on dark": ("red", "black", {"dark pictures"}),
    "picture without text": (END, DRAWING.format("red").replace('alt="A line"', "") + END, {"axe, light"}),
    "pale text": (END, '<p style="color: #ccc; background: white">pale</p></main>', {"axe, light", "axe, dark"}),
    "dark text on dark": ("color: #eee", "color: #333", {"axe, dark"}),
}


@pytest.fixture
def visited(browser, axe, tmp_path):
    """A function that visits a page with the text it is given."""
    (tmp_path / "favicon.ico").touch()
    server = Server(tmp_path)

    def go(text):
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        return visit.over_http(browser, server.address, "page.html", axe)

    yield go
    server.close()


def complaining(complaints):
    return {check for check, found in complaints.items() if found}


def test_a_good_page_has_no_complaint(visited):
    assert complaining(visited(GOOD).complaints) == set()


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_page_is_found_out(visited, fault):
    right, wrong, checks = BROKEN[fault]
    assert GOOD.count(right) >= 1
    assert complaining(visited(GOOD.replace(right, wrong, 1)).complaints) == checks


def test_the_weight_counts_what_a_page_loads(visited, tmp_path):
    (tmp_path / "noise.js").write_text("//" + random.Random(0).randbytes(100_000).hex())
    light, heavy = visited(GOOD), visited(GOOD.replace("<script>", '<script src="noise.js"></script><script>', 1))
    assert 200_000 < heavy.unpacked - light.unpacked < 201_000
    assert 100_000 < heavy.transferred - light.transferred < 130_000


def test_a_page_from_the_disk_is_found_out(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(GOOD)
    assert complaining(visit.from_disk(browser, tmp_path, path.name)) == set()
    path.write_text(GOOD.replace(END, '<img alt="x" src="https://example.org/x.png"></main>').replace('"input"', '"inputs"'))
    assert complaining(visit.from_disk(browser, tmp_path, path.name)) == {"requests", "console", "sliders"}
