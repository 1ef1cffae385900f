"""Labelled rows from CSV files; what is wrong with a file is said by row and column, in one line."""

import csv
from itertools import islice
from pathlib import Path

import numpy as np

from .rows import LARGEST

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
SEPARATORS = ",;\t"  # the one that the header has most of
LINES = 1000  # that are read together


class BadTable(ValueError):
    """What is wrong with a file, with its name, the row (the header is row 1, as in a spreadsheet) and the column."""


def read_tables(real, synthetic, target=None, progress=None):
    """Two CSV files with the same columns, in any order: a header, then numbers. Commas, semicolons or tabs separate cells.

    real, synthetic : paths.
    target : name of the column with the label; by default the last one of ``real``.
    progress : called now and then as progress(path, rows read).

    Returns ((X1, y1), (X2, y2), target, names), with the names of the columns of X in their order in ``real``.

    Raises BadTable; OSError where a file cannot be read.
    """
    header, rows = _table(real, progress)
    others, more = _table(synthetic, progress)
    if set(others) != set(header):
        missing, extra = ([name for name in one if name not in two] for one, two in ((header, others), (others, header)))
        told = [f"no column {_listed(missing)}" * bool(missing), f"a column {_listed(extra)} too many" * bool(extra)]
        raise BadTable(f"{synthetic}, row 1: {' and '.join(filter(None, told))}; the columns must be those of {real}")
    target = header[-1] if target is None else target
    if target not in header:
        raise BadTable(f"{real}, row 1: no column {target!r} for the label; there are {_listed(header)}")
    names = [name for name in header if name != target]
    if not names:
        raise BadTable(f"{real}, row 1: one column only, {target!r}; there must be one for the label and one or more others")
    pairs = []
    for head, table in ((header, rows), (others, more)):
        place = {name: j for j, name in enumerate(head)}
        pairs.append((table[:, [place[name] for name in names]], table[:, place[target]]))
    return *pairs, target, tuple(names)


def _table(path, progress):
    """The header, and the rows as an array (n, columns)."""
    blocks, done = [], 1
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            dialect = dict(delimiter=max(SEPARATORS, key=first.count), strict=True)
            header = _header(path, _cells(path, 1, first, dialect))
            while lines := list(islice(file, LINES)):
                blocks.append(_numbers(path, done + 1, header, lines, dialect))
                done += len(lines)
                if progress is not None:
                    progress(path, done - 1)
    except UnicodeDecodeError:
        raise BadTable(f"{path}: not a text file in UTF-8") from None
    table = np.concatenate([np.empty((0, len(header))), *blocks])
    if not len(table):
        raise BadTable(f"{path}: no rows below the header")
    return header, table


def _numbers(path, start, header, lines, dialect):
    """Lines, the first of which is row ``start``, as an array: all at once, or cell by cell to find what is wrong."""
    rows = [line for line in lines if line.strip("\r\n")]
    if not rows:
        return np.empty((0, len(header)))
    try:
        table = np.loadtxt(rows, delimiter=dialect["delimiter"], quotechar='"', comments=None, ndmin=2)
        if table.shape[1] == len(header) and np.abs(table).max() <= LARGEST:
            return table
    except ValueError:
        pass
    cells = ((number, _cells(path, number, line, dialect)) for number, line in enumerate(lines, start))
    return np.array([_row(path, number, header, line) for number, line in cells if line])


def _cells(path, number, line, dialect):
    try:
        return next(csv.reader([line], **dialect), [])
    except csv.Error as error:
        raise BadTable(f"{path}, row {number}: {error}") from None


def _header(path, line):
    if not line:
        raise BadTable(f"{path}, row 1: empty; there must be a header with the names of the columns")
    header = [name.strip() for name in line]
    for j, name in enumerate(header):
        if not name:
            raise BadTable(f"{path}, row 1: column {j + 1} has no name")
        if name in header[:j]:
            raise BadTable(f"{path}, row 1: two columns are named {name!r}")
    if all(_is_number(name) for name in header):
        raise BadTable(f"{path}, row 1: numbers only; write a header above them, with the names of the columns")
    return header


def _row(path, number, header, cells):
    if len(cells) != len(header):
        raise BadTable(f"{path}, row {number}: {len(cells)} cells, but the header has {len(header)}")
    for name, cell in zip(header, cells):
        place, told = f"{path}, row {number}, column {name!r}", repr(cell.strip()[:40])
        if cell.strip().lower() in MISSING:
            raise BadTable(f"{place}: missing value; leave the row out, or fill it in")
        if not _is_number(cell):
            hint = (
                "write it as 1234.5" if _is_number(cell.replace(",", "")) else "leave the column out, or code it as 0 and 1"
            )
            raise BadTable(f"{place}: {told} is not a number; {hint}")
        if not abs(float(cell)) <= LARGEST:
            raise BadTable(f"{place}: {told} is not finite, or above {LARGEST:g}")
    return list(map(float, cells))


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _listed(names):
    names = list(map(repr, names))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
