"""The keys of a presenter: they leave no lower part of a long slide unseen, and lead back; slides follow light and dark."""

import pytest

from tests.browser.visit import COLOURS

STATE = """() => {
  const boxes = [...document.querySelectorAll("section[tabindex]")].map((slide) => slide.getBoundingClientRect());
  const shown = boxes.findLastIndex((box) => box.top <= innerHeight / 3);
  return {slide: shown, last: boxes.length - 1, below: boxes[shown].bottom - innerHeight, above: -boxes[shown].top};
}"""


@pytest.fixture
def slides(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 480})  # low, so that many slides are too long
    page = context.new_page()
    page.goto(f"{site}slides/random-projections.html")
    page.wait_for_function("MathJax.startup.promise.then(() => true)")
    yield page
    context.close()


def walk(page, key, done):
    """What is shown after each press of ``key``, until ``done``."""
    states = [page.evaluate(STATE)]
    while not done(states[-1]):
        page.keyboard.press(key)
        states.append(page.evaluate(STATE))
        assert states[-1] != states[-2], f"{key} does not move on from {states[-1]}"
    return states


@pytest.mark.parametrize(("forward", "back"), [("PageDown", "PageUp"), ("ArrowRight", "ArrowLeft")])
def test_every_part_of_every_slide_is_shown(slides, forward, back):
    there = walk(slides, forward, lambda state: state["slide"] == state["last"] and state["below"] < 48)
    seen = {slide: [state for state in there if state["slide"] == slide] for slide in range(there[0]["last"] + 1)}
    assert max(map(len, seen.values())) > 1
    for states in seen.values():
        assert abs(states[0]["above"]) < 2 and states[-1]["below"] < 48  # all but the padding at the end
    again = walk(slides, back, lambda state: state["slide"] == 0 and state["above"] < 2)
    assert [state["slide"] for state in again] == sorted((state["slide"] for state in again), reverse=True)


def test_dark_where_the_reader_wants_it_dark(slides, axe):
    slides.add_script_tag(content=axe)
    ground = {}
    for scheme in ("light", "dark"):
        slides.emulate_media(color_scheme=scheme)
        ground[scheme] = slides.evaluate("getComputedStyle(document.body).backgroundColor")
        assert slides.evaluate("(rules) => axe.run({runOnly: rules}).then((found) => found.violations)", COLOURS) == []
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}
