"""The built site: complete, self-contained, and every link in it leads somewhere. Builds it first, after all other tests."""

import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import nbformat
import pytest
import yaml

from book import exercises, notebooks
from tests.book.downloaded import problems

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
EXECUTED = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
LOADED_LINKS = {"stylesheet", "preload", "modulepreload", "prefetch", "icon"}


class Page(HTMLParser):
    """What the checks need to know of one page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.text = path, path.read_text(encoding="utf-8")
        self.ids, self.links, self.loaded, self.images = [], [], [], []
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        if tag == "link" and LOADED_LINKS & set(attrs["rel"].split()):
            self.loaded.append(attrs["href"])
        if tag in {"script", "img", "iframe", "source", "video", "audio", "embed"} and attrs.get("src"):
            self.loaded.append(attrs["src"])
        if tag == "img":
            self.images.append(attrs)

    def target(self, address):
        """(file, fragment) that a relative address leads to; None for one that leaves the site."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return None
        path = (self.path.parent / unquote(parts.path)).resolve() if parts.path else self.path
        return path, unquote(parts.fragment)


@pytest.fixture(scope="module")
def build():
    """The finished build: .returncode and, in .stdout, its log."""
    command = [sys.executable, "-m", "book.build"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def pages(build):
    """Every page of the site by its path below the site's folder."""
    paths = [path for path in HTML.rglob("*.html") if "_static" not in path.parts and "vendor" not in path.parts]
    assert paths, "the build left no page"
    return {path.relative_to(HTML).as_posix(): Page(path) for path in sorted(paths)}


def complaints(pages, check):
    return [f"{name}: {complaint}" for name, page in pages.items() for complaint in check(page)]


def test_builds_without_a_warning(build):
    assert build.returncode == 0, build.stdout


def test_every_source_has_its_page(pages):
    assert {f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.md")} <= set(pages)


def test_chapters_that_were_tested_are_not_run_again(build, request):
    tested = {item.path.stem for item in request.session.items if getattr(item, "nbmake", False)}
    run = set(re.findall(r"chapters/([\w-]+)\.md: Executing notebook", build.stdout))
    assert not tested & run


def test_exercises_have_the_numbers_of_the_notebooks(pages):
    for label, found in exercises.exercises(ROOT).items():
        head = rf'id="{label}">\s*<p class="admonition-title"><span class="caption-number">Exercise ([\d.]+) '
        assert re.search(head, pages[f"chapters/{found.chapter}.html"].text)[1] == found.number, found.name


def test_chapters_lead_to_their_slides(pages):
    for name in notebooks.chapters():
        assert f"../slides/{name}.html" in pages[f"chapters/{name}.html"].links


def test_links_lead_somewhere(pages):
    ids = {page.path: set(page.ids) for page in pages.values()}

    def dead(page):
        for link in page.links:
            if target := page.target(link):
                path, fragment = target
                if not path.is_file() or (fragment and fragment not in ids.get(path, {fragment})):
                    yield link

    assert complaints(pages, dead) == []


def test_what_a_page_loads_is_in_the_site(pages):
    def missing(page):
        for address in page.loaded:
            target = page.target(address)
            if not address.startswith("data:") and (target is None or not target[0].is_file()):
                yield address

    assert complaints(pages, missing) == []


def test_style_sheets_load_nothing_remote(pages):
    remote = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?:https?:)?//[^)"';]+""")
    found = {path.name: remote.findall(path.read_text(encoding="utf-8")) for path in HTML.rglob("*.css")}
    assert found
    assert {name: urls for name, urls in found.items() if urls} == {}


def test_images_have_alternative_text(pages):
    def silent(page):  # the logo stands beside the title, which says the same
        for image in page.images:
            if not (image.get("alt") or "").strip() and "logo__image" not in image.get("class", ""):
                yield image.get("src")

    assert any(page.images for page in pages.values())
    assert complaints(pages, silent) == []


def test_ids_are_unique(pages):
    chapters = {name: page for name, page in pages.items() if name.startswith("chapters/")}  # search.html is the theme's own
    assert complaints(chapters, lambda page: [name for name, times in Counter(page.ids).items() if times > 1]) == []


def test_no_trace_of_thebe_scripts(pages):
    assert complaints(pages, lambda page: re.findall("THEBE_JS_URL|sphinx-thebe.js", page.text)) == []


@pytest.mark.parametrize("chapter", EXECUTED)
def test_the_downloads_are_the_chapter_clean_and_as_this_build_ran_it(pages, chapter):
    page = pages[f"chapters/{chapter}.html"]
    links = [re.search(rf'href="([^"]+)"[^>]*btn-download-{kind}-button', page.text)[1] for kind in ("notebook", "executed")]
    clean, executed = (nbformat.read(page.target(link)[0], as_version=4) for link in links)
    assert list(problems(jupytext.read(ROOT / "chapters" / f"{chapter}.ipynb"), clean, executed, page.text)) == []


@pytest.mark.parametrize("chapter", EXECUTED)
def test_launch_buttons_open_the_notebook(pages, chapter):
    owner, name = CONFIG["repository"]["url"].split("/")[-2:]
    branch = CONFIG["repository"]["branch"]
    text = pages[f"chapters/{chapter}.html"].text
    assert f'"https://colab.research.google.com/github/{owner}/{name}/blob/{branch}/chapters/{chapter}.ipynb"' in text
    assert f'"https://mybinder.org/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/chapters/{chapter}.ipynb"' in text


def test_the_build_page_times_every_chapter(pages):
    rows = re.findall(r"<tr.*?</tr>", pages["chapters/build.html"].text, re.DOTALL)
    times = {}
    for row in rows:
        if name := re.search(r'href="(?:([\w-]+)\.html|#)"', row):
            times[name[1] or "build"] = float(re.search(r"<p>(\d+\.\d+)</p>", row)[1])
    assert sorted(times) == EXECUTED
