"""One visit to one page: everything the tests ask of it, in a single load over http and a short one from the disk."""

from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

CHECKS = Path(__file__).with_name("checks.js").read_text(encoding="utf-8")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of axe that depend on light or dark


class Visit(NamedTuple):
    """What a page answered: complaints by check, and what is only printed."""

    complaints: dict
    transferred: int  # bytes, packed
    unpacked: int  # bytes
    paint: float  # largest contentful paint, seconds


@contextmanager
def page_of(browser, home, complaints):
    """An empty page: whatever it asks for that is not below ``home`` is a complaint, and so is any error."""
    context = browser.new_context(viewport=DESKTOP, has_touch=True, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(120_000)
    context.add_init_script(CHECKS)

    def asked(request):
        if not request.url.startswith((home, "data:", "blob:")):
            complaints["requests"].append(request.url)

    context.on("request", asked)
    context.on("console", lambda said: complaints["console"].append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints["console"].append(str(error.error)))
    page = context.new_page()
    page.on("websocket", asked)
    try:
        yield page
    finally:
        context.close()


def load(page, address, complaints):
    page.goto(address)
    complaints["console"] += page.evaluate("checks.settled()")


def sizes(page):
    """A pair [bytes on the wire, bytes unpacked] that grows as the page loads."""
    total, session = [0, 0], page.context.new_cdp_session(page)

    def wire(event):
        total[0] += event["encodedDataLength"]

    def unpacked(event):
        total[1] += event["dataLength"]

    session.on("Network.loadingFinished", wire)
    session.on("Network.dataReceived", unpacked)
    session.send("Network.enable")
    return total


def move_sliders(page):
    """Each slider: reached by Tab, moved by the arrow keys and by touch; with it the picture and its text."""
    for index in range(page.evaluate("checks.sliders().length")):
        before = page.evaluate("checks.state", index)
        name = before["name"] or f"slider {index + 1}"
        if not before["name"]:
            yield f"{name} has no name"
        if not before["shown"]:
            yield f"{name} cannot be seen"
            continue
        page.evaluate("checks.standBefore", index)
        page.keyboard.press("Tab")
        if not page.evaluate("checks.hasFocus", index):
            yield f"{name} is not reached by Tab"
            continue
        keys = ("ArrowLeft", "ArrowRight") if before["atEnd"] else ("ArrowRight", "ArrowLeft")
        for move in (*keys, "a touch"):
            if move in keys:
                page.keyboard.press(move)
            else:
                point = page.evaluate("checks.touchPoint", index)
                page.touchscreen.tap(point["x"], point["y"])
            now = after(page, index, before)
            yield from (f"{name}: {move} {failure}" for failure in unmoved(before, now))
            before = now


def after(page, index, before):
    """The state of a slider once it and what it moves have changed, or else after five seconds."""
    for _ in range(100):
        state = page.evaluate("checks.state", index)
        if state["value"] != before["value"] and state["moved"] != before["moved"]:
            break
        page.wait_for_timeout(50)
    return state


def unmoved(before, now):
    if now["value"] == before["value"]:
        yield "does not change the value"
    elif now["moved"] == before["moved"]:
        yield "changes the value but not the picture"
    elif before["moving"] and now["alt"] == before["alt"]:
        yield "changes the picture but not its text"


def over_http(browser, home, name, axe):
    """The visit to the page ``name`` of the site at ``home``."""
    complaints = defaultdict(list)
    with page_of(browser, home, complaints) as page:
        total = sizes(page)
        load(page, home + name, complaints)
        transferred, unpacked = total
        paint = page.evaluate("largestPaint") / 1000
        complaints["copy"] += page.evaluate("checks.copyButtons()")
        page.evaluate("checks.open()")
        complaints["wide formulas"] += page.evaluate("checks.wideFormulas()")
        complaints["sliders"] += move_sliders(page)
        page.evaluate("checks.dress", "dark")
        complaints["dark pictures"] += page.evaluate("checks.legible()")
        page.set_viewport_size(PHONE)
        page.wait_for_timeout(500)  # the theme waits 300 ms after a change of size
        complaints["sideways"] += page.evaluate("checks.sideways()")
        complaints["scrolling boxes"] += page.evaluate("checks.scrollingBoxes()")
        page.evaluate(axe)
        page.evaluate("checks.thin()")
        for complaint in page.evaluate("checks.axeRun", ["target-size", *COLOURS]):
            complaints["touch targets" if complaint.startswith("target-size") else "axe, dark"].append(complaint)
        page.set_viewport_size(DESKTOP)
        page.evaluate("checks.dress", "light")
        complaints["axe, light"] += page.evaluate("checks.axeRun()")
    return Visit(complaints, transferred, unpacked, paint)


def from_disk(browser, folder, name):
    """The complaints of a page that is opened without a server."""
    complaints, home = defaultdict(list), f"{folder.as_uri()}/"
    with page_of(browser, home, complaints) as page:
        load(page, home + name, complaints)
        page.evaluate("checks.open()")
        complaints["sliders"] += move_sliders(page)
    return complaints
