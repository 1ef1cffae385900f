"""The exercises of the chapters, for notebooks and the course page: number and title as on the site, and who grades."""

import functools
import re
from typing import NamedTuple

import yaml

_EXERCISE = re.compile(r"^`{3,}\{exercise\} *(.*)\n:label: *(\S+)", re.MULTILINE)
CHECK = "[remove-cell, check]"


class Exercise(NamedTuple):
    """``number`` is chapter.exercise, or the exercise's alone in a chapter without a number."""

    label: str
    chapter: str
    number: str
    title: str
    graded: bool

    @property
    def name(self):
        return f"Exercise {self.number} ({self.title})"


def chapters(root):
    """Every chapter and its number, None where it has none, in the order of the book."""
    number = 0
    for part in yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))["parts"]:
        for entry in part["chapters"]:
            number += bool(part.get("numbered"))
            yield entry["file"].removeprefix("chapters/"), number if part.get("numbered") else None


@functools.cache
def exercises(root):
    """Every exercise by its label, in the order of the book. ValueError for one without a title."""
    found = {}
    for chapter, number in chapters(root):
        text = (root / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")
        starts = list(_EXERCISE.finditer(text))
        ends = [start.start() for start in starts[1:]] + [len(text)]
        for place, (start, end) in enumerate(zip(starts, ends), start=1):
            title, label = start.groups()
            if not title:
                raise ValueError(f"{chapter}.md: the exercise {label} needs a title: {{exercise}} Title")
            shown = f"{number}.{place}" if number else str(place)
            found[label] = Exercise(label, chapter, shown, title, CHECK in text[start.end() : end])
    return found
