"""Chapters in plain Markdown, for notebooks that are read where nothing understands the directives and roles of MyST."""

import functools
import re

from book import ledger

_FENCE = re.compile(r"^( *)(`{3,}|:{3,})\{([\w:-]+)\} *(.*)$")
_OPTION = re.compile(r"^ *:([\w-]+): *(.*)$")
_TARGET = re.compile(r"^\(([\w-]+)\)=\n+#+ (.*)$", re.MULTILINE)
_EXERCISE = re.compile(r"\{exercise\} *(.*)\n:label: *(\S+)")
_ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
_NAMED = re.compile(r"(.*?) *<(.+)>", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([\w-]+?)(\.md)?\)")


@functools.cache
def names(root):
    """What the reader knows each label by: the title of a statement, a section or an exercise."""
    found = {place.label: place.name for place in ledger.statements(root)}
    for path in sorted((root / "chapters").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found |= dict(_TARGET.findall(text))
        found |= {label: title for title, label in _EXERCISE.findall(text) if title}
    return found


def plain(text, titles, notebooks):
    """``text`` without MyST; ``titles`` is what ``names`` returns, ``notebooks`` the chapters that a link can lead to."""
    text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE)
    text = _ROLE.sub(lambda match: _role(match[1], match[2], titles), "\n".join(_blocks(text.splitlines())))
    return _LINK.sub(lambda match: _link(match, titles, notebooks), text)


def _blocks(lines):
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
        yield from _render(indent, kind, title, options.get("label", ""), body)


def _render(indent, kind, title, label, body):
    if kind == "math":
        tag = [rf"{indent}\tag{{{_short(label)}}}"] if label else []
        yield from [f"{indent}$$", *body, *tag, f"{indent}$$"]
        return
    shown = "" if kind == "solution" else title
    if kind in ("admonition", "quiz"):
        head = f"**{shown}.**"
    elif kind in ("note", "tip", "warning", "prf:proof"):
        head = f"*{kind.removeprefix('prf:').capitalize()}.*"
    else:
        head = f"**{kind.removeprefix('prf:').capitalize()}" + (f": {shown}.**" if shown else ".**")
    if kind == "exercise":
        head += f" `{label}`"
    yield from [f"{indent}{head}", "", *_blocks(body)]


def _role(kind, target, titles):
    if named := _NAMED.fullmatch(target):
        return named[1]
    if kind == "term":
        return target
    if kind == "eq":
        return f"({_short(target)})"
    if kind.startswith("cite"):
        return "[" + target + "]"
    return f"*{titles.get(target, target)}*"


def _link(match, titles, notebooks):
    text, target, chapter = match.groups()
    if chapter:
        return f"[{text}]({target}.ipynb)" if target in notebooks else text
    return text if target in titles else match[0]


def _short(label):
    return label.removeprefix("eq-")
