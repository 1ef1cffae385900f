"""The laboratory's page answers to keys, links and pointers, keeps its setting in its address, and agrees with Python."""

import html
import re
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from book.ext import laboratory
from collapse import figures

from .agreement import AGREEMENT, differences

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "static"
STYLE = (STATIC / "lab.css").read_text(encoding="utf-8")
CHAPTER = (ROOT / "chapters" / "laboratory.md").read_text(encoding="utf-8")
EXPERIMENTS = [html.unescape(text) for text in re.findall(r'data-setting="([^"]*)"', CHAPTER)]
NO_LIMIT = ["--disable-frame-rate-limit", "--disable-gpu-vsync"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Address of a bare page with the laboratory and its experiments, as a file."""
    scripts = "".join(f'<script src="{(STATIC / name).as_uri()}"></script>' for name in laboratory.SCRIPTS)
    style = f'<link rel="stylesheet" href="{(STATIC / "lab.css").as_uri()}">'
    buttons = [
        f'<div class="experiment"><p>Number {i}</p><button data-setting="{html.escape(text)}">Set</button></div>'
        for i, text in enumerate(EXPERIMENTS)
    ]
    head = f'<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">{style}</head>'
    page = f'<!doctype html><html lang="en">{head}<body><div id="lab"></div>{"".join(buttons)}{scripts}</body></html>'
    path = tmp_path_factory.mktemp("laboratory") / "page.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def open_page(browser, address):
    """open_page(hash) is the laboratory at that setting; nothing may be asked for from outside, no script may fail."""
    opened, wrong = [], []

    def open_page(setting="", **options):
        page = browser.new_page(**options)
        opened.append(page)
        page.on("request", lambda request: request.url.startswith("file:") or wrong.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{address}#{setting}")
        return page

    yield open_page
    for page in opened:
        page.close()
    assert wrong == []


def numbers(page):
    """bias, variance, shift and total of the mixture, as the table holds them."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    cells = page.locator("#lab tbody td:nth-child(2)")
    return [
        float(text.replace("Infinity", "inf")) for text in cells.evaluate_all("cells => cells.map(c => c.dataset.value)")
    ]


def values(page):
    return page.locator("#lab input[type=number]").evaluate_all(
        "inputs => Object.fromEntries(inputs.map(i => [i.id, i.value]))"
    )


def test_keys_move_every_slider_and_the_numbers(open_page):
    page = open_page("model=projection&spectrum=power-law&n=50")
    sliders = page.locator("#lab input[type=range]")
    assert sliders.count() == 11
    for i in range(sliders.count()):
        before, shown = numbers(page), sliders.nth(i).get_attribute("aria-valuetext")
        sliders.nth(i).focus()
        page.keyboard.press("ArrowRight")
        assert numbers(page) != before
        assert sliders.nth(i).get_attribute("aria-valuetext") != shown


def test_the_result_is_spoken_once_it_stands(open_page):
    page = open_page()
    status = page.get_by_role("status")
    status.filter(has_text="Test error 0.213").wait_for()
    page.get_by_role("slider", name="synthetic share").press("Home")
    status.filter(has_text="All rows are real").wait_for()


def test_the_address_keeps_the_setting(open_page):
    page = open_page()
    page.get_by_label("power law").check()
    page.get_by_label("random projections").check()
    page.get_by_label("λ ridge, exact value").fill("3.25e-7")
    page.get_by_role("slider", name="features").press("PageUp")
    page.wait_for_function("location.hash.includes('lam=3.25e-7')")
    again = open_page(page.evaluate("location.hash.slice(1)"))
    assert numbers(again) == numbers(page)
    assert values(again) == values(page)
    page.get_by_role("button", name="Reset").click()
    assert numbers(page) == numbers(open_page())


def test_nonsense_in_the_address_or_in_a_field_changes_nothing(open_page):
    start = numbers(open_page())
    page = open_page("d=many&n=-5&m=0.5&p2=2&lam=&model=toString&spectrum=flat&toString=1")
    assert numbers(page) == start
    field = page.get_by_label("n rows, exact value")
    field.fill("12.5")
    assert field.get_attribute("aria-invalid") == "true"
    assert numbers(page) == start


@pytest.mark.parametrize("setting", ["", *EXPERIMENTS])
def test_the_python_beside_it_gives_the_same_numbers(open_page, setting):
    page, names = open_page(setting), {}
    shown = numbers(page)
    exec(page.locator("#lab code").text_content(), names)
    risk = names["risk"]
    assert differences(shown, [risk.bias, risk.variance, risk.shift, risk.total]).max() < AGREEMENT


@pytest.mark.parametrize("number, setting", list(enumerate(EXPERIMENTS)))
def test_an_experiment_sets_what_it_says(open_page, number, setting):
    page = open_page("d=7&n=9")
    page.locator("button[data-setting]").nth(number).click()
    assert numbers(page) == numbers(open_page(setting))
    assert page.locator(".lab-note").inner_text() == f"Number {number}"
    shown = values(page)
    for name, value in parse_qsl(setting):
        if name in ("model", "spectrum"):
            assert page.locator(f'input[name="lab-{name}"][value="{value}"]').is_checked()
        else:
            assert float(shown[f"lab-{name}-number"]) == float(value)


def test_without_a_ridge_the_peak_is_infinite(open_page):
    page = open_page("n=100&d=100&lam=0")
    assert numbers(page)[1:] == [np.inf] * 3
    assert "infinite" in page.locator(".lab-summary").text_content()


def test_a_pointer_in_the_figures_sets_rows_and_size(open_page):
    page = open_page()
    for name in ("n", "m"):
        before = values(page)[f"lab-{name}-number"]
        box = page.locator(f"#lab-against-{name}").bounding_box()
        page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
        numbers(page)
        assert float(values(page)[f"lab-{name}-number"]) > float(before)
    assert page.get_by_label("random projections").is_checked()


def test_a_phone_does_not_scroll_sideways(open_page):
    page = open_page(EXPERIMENTS[-2], viewport={"width": 360, "height": 760}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_colours_are_those_of_the_figures():
    light = dict(re.findall(r"--lab-(\w+): (#\w{6});", STYLE))
    dark = dict(re.findall(r"--lab-(\w+): color-mix\(in srgb, (#\w{6}), white", STYLE))
    assert light == dark == {name: figures.COLOURS[name] for name in light}
    assert {"bias", "variance", "shift", "total", "clean", "plateau"} <= set(light)


@pytest.mark.parametrize("theme, background", [("light", 1.0), ("dark", 0x14 / 255)])
def test_every_line_stands_out_from_the_page(open_page, theme, background):
    page = open_page()
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    for kind in ("total", "bias", "variance", "shift", "plateau"):
        stroke = page.locator(f".lab-legend .lab-{kind}").evaluate("line => getComputedStyle(line).stroke")
        channels = [float(x) for x in re.findall(r"[\d.]+", stroke)][:3]
        if stroke.startswith("rgb"):
            channels = [channel / 255 for channel in channels]
        lighter, darker = sorted([luminance(channels), luminance([background] * 3)], reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) > 3, kind


def luminance(channels):
    """Relative luminance of an sRGB colour, as WCAG defines it."""
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_every_move_is_drawn(launch, address):
    """One frame for each move of a slider; prints what it costs, on the clock and in work of the page's own thread."""
    browser = launch(*NO_LIMIT)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    for kind in ("isotropic", "power-law"):
        page.goto(f"{address}#spectrum={kind}&d=400")
        page.reload()
        before = work(tools)
        drawn, seconds = page.evaluate(
            """async () => {
              const slider = document.querySelector("#lab-n"), cell = document.querySelector("#lab dl");
              const seen = new Set(), start = performance.now();
              for (let i = 0; i < 200; i += 1) {
                slider.value = 40 + i;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise(requestAnimationFrame);
                seen.add(cell.textContent);
              }
              return [seen.size, (performance.now() - start) / 1000];
            }"""
        )
        print(f"{kind}: {200 / seconds:.0f} updates a second, {(work(tools) - before) / 200 * 1000:.1f} ms of work for each")
        assert drawn == 200
    browser.close()


def work(tools):
    """Seconds of processor time that the page's thread has used."""
    return {entry["name"]: entry["value"] for entry in tools.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
