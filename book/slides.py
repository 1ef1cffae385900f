"""Slides made from a chapter's finished page: its claim, figures, numbered statements, take-aways and quiz."""

import copy
import re
from html import escape

from bs4 import BeautifulSoup

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="icon" href="../_static/logo.svg">
<link rel="stylesheet" href="../_static/scrolling.css">
<link rel="stylesheet" href="../_static/slides.css">
<script defer src="../_static/book.js"></script>
<script defer src="../_static/slides.js"></script>
{mathjax}
</head>
<body>
<main>
{slides}
</main>
</body>
</html>
"""
MOVING = '<p class="hint">This figure <a href="../chapters/{}.html#{}">moves in the chapter</a>.</p>'
HINT = '<p class="hint">The left and right arrow keys move. <a href="../chapters/{}.html">The chapter</a></p>'


def slides(html, name):
    """The slides of the chapter ``name`` as one page, for a folder beside that of the chapters."""
    soup = BeautifulSoup(html, "html.parser")
    article = soup.select_one("article.bd-article")
    for extra in article.select(".headerlink, .section-number, script, section[id^=exercises]"):
        extra.decompose()
    for link in article.select("a[href]"):
        link["href"] = _from_beside(link["href"], name)
    title = article.h1.get_text()
    found = [_slide(f"<h1>{escape(title)}</h1>", [article.select_one("div.admonition p:nth-of-type(2)"), HINT.format(name)])]
    if claim := _claim(article):
        found.append(_slide("<h2>The claim</h2>", [claim]))
    for node in article.select(".cell_output img, div.proof:not(.proof-text), .quiz"):
        moving = node.find_parent(class_="still") and MOVING.format(name, node.find_parent("section")["id"])
        found.append(_slide(_heading(node), [node, moving or ""]))
    found.insert(_before_quiz(found), _slide("<h2>Take-aways</h2>", _take_aways(article)))
    mathjax = "\n".join(str(script) for script in soup.select("script") if "mathjax" in str(script).lower())
    return PAGE.format(title=escape(title), mathjax=mathjax, slides="\n".join(found))


def write(folder, names):
    """Writes the slides of all chapters beside the pages in ``folder``."""
    (folder / "slides").mkdir(exist_ok=True)
    for name in names:
        html = (folder / "chapters" / f"{name}.html").read_text(encoding="utf-8")
        (folder / "slides" / f"{name}.html").write_text(slides(html, name), encoding="utf-8")


def _from_beside(link, name):
    """A link of the chapter's page, for a page in a folder beside it."""
    if re.match(r"[a-z]+:", link):
        return link
    return f"../chapters/{name}.html{link}" if link.startswith("#") else f"../chapters/{link}"


def _slide(heading, nodes):
    return f'<section tabindex="-1">\n{heading}\n{"".join(str(node) for node in nodes)}\n</section>'


def _claim(article):
    said = [p for p in article.select("p") if re.match(r"(The c|C)laim\.", p.get_text())]
    return next(iter(said + article.select("section[id^=the-claim] > p:has(> strong)")), None)


def _heading(node):
    heading = node.find_parent("section").find(["h1", "h2", "h3"])
    return f"<h2>{heading.decode_contents() if heading else ''}</h2>"


def _take_aways(article):
    section = article.select_one("section#take-aways")
    box = [box for box in article.select("div.admonition.important") if "Take-aways" in box.get_text()]
    return [copy.copy(part) for part in (box[:1] or [section])[0].find_all(["ol", "ul"])]


def _before_quiz(found):
    return next((i for i, slide in enumerate(found) if 'class="quiz' in slide), len(found))
