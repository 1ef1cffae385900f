"""Quizzes of the chapters: reads ``:::{quiz} Title`` blocks into questions, and refuses those that are not well-formed."""

import re
from typing import NamedTuple

from book import plain

_BLOCK = re.compile(r"^:::\{quiz\} *(.*)\n((?:(?!:::).*\n)*):::$", re.MULTILINE)
_OPTION = re.compile(r"- \[([x ])\] (.*)")


class Piece(NamedTuple):
    """Lines of Markdown, and where the first of them stands in its file."""

    text: str
    line: int


class Option(NamedTuple):
    right: bool
    choice: Piece
    explanation: Piece


class Question(NamedTuple):
    """``title`` names it, ``text`` asks, one of the ``options`` is right."""

    title: str
    text: Piece
    options: list


def parse(title, lines, name, first):
    """A question from the lines of its block. ValueError with file and line where the block breaks a rule."""

    def refuse(line, rule):
        raise ValueError(f"{name}:{line}: {rule}")

    starts = [i for i, line in enumerate(lines) if line.startswith("- ")]
    if not title:
        refuse(first - 1, "a quiz needs a title: :::{quiz} Title")
    asked = _strip(lines[: starts[0] if starts else None], first)
    if not asked.text:
        refuse(first, "a quiz needs a question before its options")
    options = [
        _option(lines[start:end], first + start, refuse)
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    if len(options) < 2:
        refuse(first, f"a quiz needs two options or more, this one has {len(options)}")
    if (right := sum(option.right for option in options)) != 1:
        refuse(first, f"exactly one option must be marked [x], here {right} are")
    return Question(title, asked, options)


def questions(text, name):
    """Every question of a chapter. ValueError, with file and line, for one that is not well-formed."""
    found = []
    for match in _BLOCK.finditer(text):
        found.append(parse(match[1].strip(), match[2].splitlines(), name, text.count("\n", 0, match.start()) + 2))
    if len(found) != len(re.findall(r"\{quiz\}", text)):
        raise ValueError(f"{name}: a quiz stands between a line ':::{{quiz}} Title' and a line ':::'")
    return found


def without_answers(text):
    """The chapter's text with its questions, and without marks and explanations."""

    def strip(match):
        kept = [re.sub(r"^- \[x\]", "- [ ]", line) for line in match[2].splitlines() if not line.startswith("  >")]
        return "\n".join([plain.stopped(match[1].strip()), "", *kept])

    return _BLOCK.sub(strip, text)


def _option(lines, first, refuse):
    if not (head := _OPTION.fullmatch(lines[0])):
        refuse(first, "an option begins with '- [x] ' or '- [ ] '")
    quoted = [i for i, line in enumerate(lines) if line.startswith("  >")]
    if not quoted:
        refuse(first, "every option needs its explanation, in lines that begin with '  > '")
    for i, line in enumerate(lines[1:], start=1):
        if line and (i < quoted[0] and not line.startswith("  ") or i > quoted[0] and i not in quoted):
            refuse(first + i, "after an option come indented lines, then its explanation, and nothing else")
    choice = "\n".join([head[2], *(line.strip() for line in lines[1 : quoted[0]])])
    explanation = "\n".join(line[3:].removeprefix(" ") for line in lines[quoted[0] : quoted[-1] + 1])
    return Option(head[1] == "x", Piece(choice.strip(), first), Piece(explanation, first + quoted[0]))


def _strip(lines, first):
    skipped = next((i for i, line in enumerate(lines) if line.strip()), 0)
    return Piece("\n".join(lines).strip(), first + skipped)
