"""Chapters in plain Markdown, for notebooks that are read where nothing understands the directives and roles of MyST."""

import functools
import re

from pybtex.database import parse_file

from book import exercises, ledger

_FENCE = re.compile(r"^( *)(`{3,}|:{3,})\{([\w:-]+)\} *(.*)$")
_OPTION = re.compile(r"^ *:([\w-]+): *(.*)$")
_TARGET = re.compile(r"^\(([\w-]+)\)=\n+#+ (.*)$", re.MULTILINE)
_ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
_NAMED = re.compile(r"(.*?) *<(.+)>", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([\w-]+?)(\.md)?\)")


@functools.cache
def names(root):
    """What the reader knows each label by: title of a statement or a section, exercise with its number, authors and year."""
    found = {place.label: place.name for place in ledger.statements(root)}
    found |= {label: exercise.name for label, exercise in exercises.exercises(root).items()}
    found |= {key: _cited(entry) for key, entry in parse_file(root / "references.bib").entries.items()}
    for path in sorted((root / "chapters").glob("*.md")):
        found |= dict(_TARGET.findall(path.read_text(encoding="utf-8")))
    return found


def plain(text, titles, notebooks):
    """``text`` without MyST; ``titles`` is what ``names`` returns, ``notebooks`` the chapters that a link can lead to."""
    text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE)
    text = _ROLE.sub(lambda match: _role(match[1], match[2], titles), "\n".join(_blocks(text.splitlines(), titles)))
    return _LINK.sub(lambda match: _link(match, titles, notebooks), text)


def _cited(entry):
    """Authors and year: ``Hastie et al. (2022)``."""
    last = [" ".join(map(str, person.rich_last_names)) for person in entry.persons["author"]]
    return f"{' and '.join(last) if len(last) < 3 else f'{last[0]} et al.'} ({entry.fields['year']})"


def _blocks(lines, titles):
    lines = iter(lines)
    for line in lines:
        if not (fence := _FENCE.match(line)):
            yield line
            continue
        indent, marks, kind, title = fence.groups()
        body = []
        for inner in lines:
            if inner.strip() == marks:
                break
            body.append(inner)
        options = {}
        while body and (option := _OPTION.match(body[0])):
            options[option[1]] = option[2]
            body.pop(0)
        while body and not body[0].strip():
            body.pop(0)
        yield from _render(indent, kind, title, options.get("label", ""), body, titles)


def _render(indent, kind, title, label, body, titles):
    if kind == "math":
        tag = [rf"{indent}\tag{{{_short(label)}}}"] if label else []
        yield from [f"{indent}$$", *body, *tag, f"{indent}$$"]
        return
    word = kind.removeprefix("prf:").capitalize()
    if kind == "exercise":
        head = stopped(titles[label])
    elif kind in ("admonition", "quiz"):
        head = stopped(title)
    elif kind == "solution":
        head = f"**Solution of {titles[title]}.**"
    elif kind in ("note", "tip", "warning", "prf:proof"):
        head = f"*{word}.*"
    else:
        head = stopped(f"{word}: {title}" if title else word)
    yield from [f"{indent}{head}", "", *_blocks(body, titles)]


def stopped(title):
    """A title in bold type that ends like a sentence."""
    return f"**{title}**" if title[-1] in ".?!" else f"**{title}.**"


def _role(kind, target, titles):
    if named := _NAMED.fullmatch(target):
        return named[1]
    if kind == "term":
        return target
    if kind == "eq":
        return f"({_short(target)})"
    if kind.startswith("cite"):
        cited = ", ".join(titles[key] for key in target.split(","))
        return cited if kind == "cite:t" else f"[{cited}]"
    return f"*{titles.get(target, target)}*"


def _link(match, titles, notebooks):
    text, target, chapter = match.groups()
    if chapter:
        return f"[{text}]({target}.ipynb)" if target in notebooks else text
    return text if target in titles else match[0]


def _short(label):
    return label.removeprefix("eq-")
