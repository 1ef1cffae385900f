"""What the front card of a chapter says, and what it has to offer a class: for the course page."""

import functools
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXERCISE = 45  # minutes for one exercise, an estimate
_CARD = re.compile(r"^\*\*Reading\*\* (.*?) · \*\*Running\*\* (\d+) s ", re.MULTILINE)


class Card(NamedTuple):
    """``reading``: least and most minutes. ``running``: seconds. The rest are numbers of things in the chapter."""

    title: str
    reading: tuple
    running: int
    questions: int
    exercises: int


@functools.cache
def card(name, root=ROOT):
    """The card of a chapter. ValueError where it does not say how long reading and running take."""
    text = (root / "chapters" / f"{name}.md").read_text(encoding="utf-8")
    if not (found := _CARD.search(text)):
        raise ValueError(f"{name}.md: its front card needs **Reading** ... min · **Running** ... s on a laptop")
    minutes = [int(number) for number in re.findall(r"\d+", found[1])]
    title = re.search(r"^# (.*)$", text, re.MULTILINE)[1]
    counts = (text.count(mark) for mark in ("\n:::{quiz}", "{exercise}"))
    return Card(title, (minutes[0], minutes[-1]), int(found[2]), *counts)


def reading(names, exercises=0, root=ROOT):
    """How long it takes to read these chapters and to do so many exercises, in words."""
    least, most = (sum(card(name, root).reading[end] for name in names) + exercises * EXERCISE for end in (0, 1))
    if most < 120:
        return _range(least, most) + " min"
    return _range(round(least / 60), round(most / 60)) + " h"


def running(names, root=ROOT):
    """How long it takes to run these chapters, in words."""
    seconds = sum(card(name, root).running for name in names)
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _range(least, most):
    return str(most) if least == most else f"{least} to {most}"
