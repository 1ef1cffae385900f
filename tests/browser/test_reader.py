"""What a reader does with the site besides reading: search, copy code, download a chapter, choose light or dark."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.browser import visit
from tests.browser.conftest import HTML

MENU = {"Notebook, to run": "ridge.ipynb", "Notebook with outputs": "ridge-with-outputs.ipynb", "Page source": "ridge.md"}


@pytest.fixture
def complaints():
    return defaultdict(list)


@pytest.fixture(params=["http", "disk"])
def address(request, site):
    return site if request.param == "http" else f"{HTML.as_uri()}/"


@pytest.fixture
def opened(browser, address, complaints):
    """A function that opens a page of the site; at the end nothing may have left the site, and no error have been shown."""
    with visit.page_of(browser, address, complaints) as page:

        def go(name):
            visit.load(page, address + name, complaints)
            return page

        yield go
    assert {check: found for check, found in complaints.items() if found} == {}


def test_search_finds_a_word_and_leads_to_it(opened):
    page = opened("chapters/welcome.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("plateau")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state()
    assert "/chapters/" in page.url
    assert "plateau" in page.inner_text("main").lower()


def test_search_says_when_it_finds_nothing(opened):
    page = opened("search.html?q=zzyzx")
    page.wait_for_function("document.querySelector('#search-results').innerText.includes('did not match any documents')")


def test_the_copy_button_copies_the_code(opened):
    page = opened("chapters/first-look.html")
    cell = page.locator("div.highlight").filter(visible=True).first
    cell.hover()
    cell.locator("button.copybtn").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == cell.locator("pre").inner_text().strip()


def test_light_and_dark_can_be_chosen_and_stay(opened):
    page = opened("chapters/welcome.html")
    button = page.locator("button.theme-switch-button").filter(visible=True).first
    themes = {}
    for _ in range(3):
        button.click()
        mode, theme = page.evaluate("[document.documentElement.dataset.mode, document.documentElement.dataset.theme]")
        themes[mode] = theme
        page.reload()
        assert page.evaluate("document.documentElement.dataset.mode") == mode
    assert set(themes) == {"light", "dark", "auto"}
    assert (themes["light"], themes["dark"]) == ("light", "dark")


def test_a_moving_figure_is_a_still_where_no_script_runs(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}chapters/welcome.html")
    still = page.locator(".still img")
    assert still.is_visible()
    assert "Learning curves" in still.get_attribute("alt")
    assert still.bounding_box()["height"] > 100
    context.close()


def test_the_still_goes_when_the_figure_moves(opened):
    page = opened("chapters/welcome.html")
    assert page.locator(".moving-figure img").filter(visible=True).count() == 1
    assert not page.locator(".still").is_visible()


@pytest.mark.parametrize("address", ["http"], indirect=True)  # a browser may open a file from the disk in its place
def test_the_menu_names_the_downloads_and_each_arrives(opened):
    page = opened("chapters/ridge.html")
    menu = page.locator(".dropdown-download-buttons")
    for name, file in MENU.items():
        menu.locator("> button").click()
        with page.expect_download() as started:
            menu.get_by_text(name, exact=True).click()
        assert started.value.suggested_filename == file
        assert Path(started.value.path()).read_bytes() == (HTML / "_sources" / "chapters" / file).read_bytes()
        page.mouse.click(5, 400)  # closes the menu


MEANINGS = {  # by kind: a link of the chapter on strong model collapse, and words that it shows
    "word": ("glossary.html#term-plateau", "however many rows are added"),
    "statement": ("ridge.html#prop-loo", "its leverage in the fit"),
    "equation": ("#equation-eq-student", ""),
    "source": ("bibliography.html#id", "2025"),
}


def tab_to(link):
    """The keyboard's way to a link: from a button before it."""
    link.evaluate("link => { link.before(document.createElement('button')); link.previousSibling.focus(); }")
    link.page.keyboard.press("Tab")


def meaning(page):
    return page.get_by_role("tooltip")


@pytest.mark.parametrize("reach", [lambda link: link.hover(), tab_to], ids=["pointer", "keyboard"])
@pytest.mark.parametrize("kind", MEANINGS)
def test_a_link_shows_what_it_leads_to_until_escape(opened, kind, reach):
    page = opened("chapters/strong-collapse.html")
    target, words = MEANINGS[kind]
    link = page.locator(f"article a.internal[href*='{target}']").first
    reach(link)
    meaning(page).wait_for()
    assert words in meaning(page).inner_text()
    assert meaning(page).locator("mjx-container").count() > 0 or kind == "source"
    assert "\\(" not in meaning(page).inner_text()
    assert link.get_attribute("aria-describedby") == meaning(page).get_attribute("id")
    assert meaning(page).locator("a, [tabindex]").count() == 0
    page.keyboard.press("Escape")
    meaning(page).wait_for(state="hidden")
    assert link.get_attribute("aria-describedby") is None


def test_a_meaning_stays_while_the_pointer_is_on_it_and_no_longer(opened):
    page = opened("chapters/strong-collapse.html")
    page.locator("article a[href$='#term-plateau']").first.hover()
    meaning(page).wait_for()
    meaning(page).hover()
    page.wait_for_timeout(1000)
    assert meaning(page).is_visible()
    page.locator("article h1").hover()
    meaning(page).wait_for(state="hidden")


def test_a_meaning_goes_with_the_focus(opened):
    page = opened("chapters/strong-collapse.html")
    tab_to(page.locator("article a[href$='#term-plateau']").first)
    meaning(page).wait_for()
    page.locator("article h1").hover()
    page.wait_for_timeout(1000)
    assert meaning(page).is_visible()
    page.keyboard.press("Shift+Tab")
    meaning(page).wait_for(state="hidden")


def test_a_tap_follows_the_link(opened):
    page = opened("chapters/strong-collapse.html")
    page.locator("article a[href$='#term-plateau']").first.tap()
    page.wait_for_url("**/glossary.html#term-plateau")
    assert meaning(page).count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_a_meaning_fits_the_window(opened, width):
    page = opened("chapters/model-size.html")
    page.set_viewport_size({"width": width, "height": 700})
    page.locator("article a[href$='#thm-projection']").first.hover()
    meaning(page).wait_for()
    box = meaning(page).bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= width
    assert 0 <= box["y"] and box["y"] + box["height"] <= 700
    assert page.evaluate("document.scrollingElement.scrollWidth") == width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_meaning_hinders_nobody(opened, axe, theme):
    page = opened("chapters/glossary.html")
    page.locator("article a[href$='#term-test-error']").first.hover()
    meaning(page).wait_for()
    page.evaluate("checks.dress", theme)
    page.evaluate(axe)
    page.evaluate("checks.thin()")
    assert meaning(page).is_visible()
    assert page.evaluate("checks.axeRun()") == []
