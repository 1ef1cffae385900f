"""Bad input to the calculator: errors that name the argument, or the file, the row and the column, in one line."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import collapse
from collapse.__main__ import main

RNG = np.random.default_rng(0)
X1, X2, Y1, Y2 = (RNG.standard_normal(shape) for shape in ((12, 3), (15, 3), 12, 15))
REAL, SYNTHETIC = (X1, Y1), (X2, Y2)


def holed(array, value):
    copy = array.copy()
    copy.flat[1] = value
    return copy


def advise(real=REAL, synthetic=SYNTHETIC, **given):
    return collapse.advise(real, synthetic, **given)


ARGUMENTS = [
    (lambda: advise(real=X1), TypeError, "real must be a pair (X, y), got ndarray"),
    (lambda: advise(real=(X1, Y1, Y1)), TypeError, "real must be a pair (X, y), got tuple of 3"),
    (lambda: advise(synthetic=None), TypeError, "synthetic must be a pair (X, y), got NoneType"),
    (lambda: advise(synthetic="synthetic.csv"), TypeError, "synthetic must be a pair (X, y), got str"),
    (lambda: advise(real=(Y1, Y1)), ValueError, "real X must have 2 dimension(s), got an array of shape (12,)"),
    (lambda: advise(real=(X1, X1)), ValueError, "real y must have 1 dimension(s)"),
    (lambda: advise(real=(X1, Y2)), ValueError, "real y must have one label for each of the 12 rows of real X, got 15"),
    (lambda: advise(real=(X1[:0], Y1[:0])), ValueError, "real X must not be empty"),
    (lambda: advise(real=(X1.astype(str), Y1)), TypeError, "real X must hold real numbers"),
    (lambda: advise(real=(X1 * 1j, Y1)), TypeError, "real X must hold real numbers"),
    (lambda: advise(real=(holed(X1, np.nan), Y1)), ValueError, "real X must be finite, got nan"),
    (lambda: advise(synthetic=(X2, holed(Y2, np.inf))), ValueError, "synthetic y must be finite, got inf"),
    (
        lambda: advise(real=(holed(X1, 1e200), Y1)),
        ValueError,
        "real X must be between -1e+100 and 1e+100, got 1e+200",
    ),
    (
        lambda: advise(synthetic=(X2, holed(Y2, -1e150))),
        ValueError,
        "synthetic y must be between -1e+100 and 1e+100, got -1e+150",
    ),
    (lambda: advise(synthetic=(X2[:, :2], Y2)), ValueError, "synthetic X must have as many columns as real X (3), got 2"),
    (lambda: advise(real=(X1, 0 * Y1)), ValueError, "real y must have a label that is not 0, got zeros only"),
    (lambda: advise(synthetic=(X2, 0 * Y2 + 5)), ValueError, "synthetic y must have labels that differ, got 5 in each row"),
    (lambda: advise(real=(X1[:2], Y1[:2])), ValueError, "real X must have at least 3 rows, got 2"),
    (
        lambda: advise((X1[:4], Y1[:4]), (X2[:5], Y2[:5])),
        ValueError,
        "real or synthetic X must have at least d + 3 = 6 rows, for 3 columns, an intercept and the noise, got 4 and 5",
    ),
    (
        lambda: advise(real=(X1 * [1, 0, 1] + 2.5, Y1)),
        ValueError,
        "real X must have no constant column, got one: column 1; the intercept needs none",
    ),
    (
        lambda: advise((X1 @ np.diag([1.0, 1, 0]), Y1), names=["a", "b", "ones"]),
        ValueError,
        "real X must have no constant column, got one: ones",
    ),
    (
        lambda: advise(*((np.column_stack([x, x @ [1, 1, 0]]), y) for x, y in (REAL, SYNTHETIC))),
        ValueError,
        "X must have columns that do not depend on each other: column 3 follows from others, leave it out",
    ),
    (
        lambda: advise((np.column_stack([X1, X1[:, 0]]), Y1), (np.column_stack([X2, Y2]), Y2)),
        ValueError,
        "X must have columns that do not depend on each other",
    ),
    (
        lambda: advise(synthetic=(X2 * [1, 100, 1], Y2), names=["age", "height", "weight"]),
        ValueError,
        "real and synthetic rows must be in the same units: height has the standard deviation",
    ),
    (lambda: advise(real=(X1, 1e6 * Y1)), ValueError, "must be in the same units: the label has the standard deviation"),
    (lambda: advise(names=["a", "b"]), ValueError, "names must have one name for each of the 3 columns, got 2"),
    (lambda: advise(level=1), ValueError, "level must be less than 1, got 1"),
    (lambda: advise(level=95), ValueError, "level must be less than 1, got 95; did you mean 0.95?"),
    (lambda: advise(level=0), ValueError, "level must be finite and > 0"),
    (lambda: advise(level="95 %"), TypeError, "level must hold real numbers"),
]


@pytest.mark.parametrize("call, kind, message", ARGUMENTS)
def test_arguments(call, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        call()


GOOD = "a,b,y\n" + "".join(f"{x},{x * x % 7},{x % 4 + 0.1 * x}\n" for x in range(12))
LINES = GOOD.splitlines()


def changed(row, line):
    """GOOD with another line at this row; the header is row 1."""
    return "\n".join([*LINES[: row - 1], line, *LINES[row:]])


FILES = [  # real, synthetic, message; {0} and {1} are the paths
    (changed(4, "1,,3"), GOOD, "{0}, row 4, column 'b': missing value"),
    (changed(4, "1,NA,3"), GOOD, "{0}, row 4, column 'b': missing value"),
    (changed(2, " ,2,3"), GOOD, "{0}, row 2, column 'a': missing value"),
    (GOOD, changed(5, "1,2,nan"), "{1}, row 5, column 'y': missing value"),
    (changed(13, "1,2,?"), GOOD, "{0}, row 13, column 'y': missing value"),
    (changed(4, "1,red,3"), GOOD, "{0}, row 4, column 'b': 'red' is not a number; leave the column out, or code it"),
    (changed(4, '1,"2,5",3'), GOOD, "{0}, row 4, column 'b': '2,5' is not a number; write it as 1234.5"),
    (changed(4, "1,1_000,3"), GOOD, "{0}, row 4, column 'b': '1_000' is not a number"),
    (changed(4, "1,5 %,3"), GOOD, "{0}, row 4, column 'b': '5 %' is not a number"),
    (GOOD, changed(3, "inf,2,3"), "{1}, row 3, column 'a': 'inf' is not finite, or above 1e+100"),
    (GOOD, changed(3, "1,2,-1e300"), "{1}, row 3, column 'y': '-1e300' is not finite, or above 1e+100"),
    (changed(4, "1,2"), GOOD, "{0}, row 4: 2 cells, but the header has 3"),
    (changed(4, "1,2,3,4"), GOOD, "{0}, row 4: 4 cells, but the header has 3"),
    (changed(4, "1;2;3"), GOOD, "{0}, row 4: 1 cells, but the header has 3"),
    (changed(4, '1,2,"3'), GOOD, "{0}, row 4: unexpected end of data"),
    (changed(1, "1,2,3"), GOOD, "{0}, row 1: numbers only; write a header above them"),
    (changed(1, "a,,y"), GOOD, "{0}, row 1: column 2 has no name"),
    (changed(1, "a,a,y"), GOOD, "{0}, row 1: two columns are named 'a'"),
    (changed(4, '1,"1,200",3'), GOOD, "{0}, row 4, column 'b': '1,200' is not a number; write it as 1234.5"),
    (GOOD, GOOD.replace(",", ";").replace(".", ","), "{1}, row 2, column 'y': '0,0' is not a number; write it as 1234.5"),
    (changed(1, "a,b,y,"), GOOD, "{0}, row 1: column 4 has no name"),
    ("", GOOD, "{0}, row 1: empty; there must be a header"),
    (LINES[0], GOOD, "{0}: no rows below the header"),
    (GOOD, changed(1, "a,c,y"), "{1}, row 1: no column 'b' and a column 'c' too many; the columns must be those of {0}"),
    ("y\n1\n2\n", "y\n1\n2\n", "{0}, row 1: one column only, 'y'"),
    (GOOD, "\n".join(LINES[:3]), "synthetic X must have at least 3 rows, got 2"),
    ("\n".join(LINES[:5]), "\n".join(LINES[:5]), "real or synthetic X must have at least d + 3 = 5 rows"),
    (GOOD.replace("a,b,y", "a,b,y", 1), "a,b,y\n" + "1,2,3\n" * 9, "synthetic y must have labels that differ, got 3"),
    ("a,b,y\n" + "".join(f"{x},7,{x % 3}\n" for x in range(9)), GOOD, "real X must have no constant column, got one: b"),
    (*2 * ["a,b,y\n" + "".join(f"{x},{2 * x},{x * x % 5}\n" for x in range(9))], "columns that do not depend on each other"),
    (GOOD.encode("utf-16"), GOOD, "{0}: not a text file in UTF-8"),
]


def told(arguments, capsys):
    """What the command says as it ends with exit code 1."""
    with pytest.raises(SystemExit) as ended:
        main(["advise", *map(str, arguments)])
    assert capsys.readouterr().out == ""
    assert isinstance(ended.value.code, str)  # Python prints it and exits with 1
    assert ended.value.code.startswith("error: ") and "\n" not in ended.value.code
    return ended.value.code


@pytest.mark.parametrize("real, synthetic, message", FILES)
def test_files(real, synthetic, message, tmp_path, capsys):
    paths = tmp_path / "real.csv", tmp_path / "synthetic.csv"
    for path, text in zip(paths, (real, synthetic)):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert message.format(*paths) in told(paths, capsys)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(GOOD)
    return path


def test_a_target_that_is_not_there(good, capsys):
    assert "row 1: no column 'price' for the label; there are 'a', 'b', 'y'" in told(
        [good, good, "--target", "price"], capsys
    )


def test_a_file_that_is_not_there(good, capsys):
    path = good.parent / "nowhere.csv"
    assert told([good, path], capsys) == f"error: {path}: no such file or directory"


def test_a_folder(good, capsys):
    assert told([good, good.parent], capsys) == f"error: {good.parent}: is a directory"


def test_a_plot_that_cannot_be_written(good, capsys):
    path = good.parent / "nowhere" / "it.png"
    assert told([good, good, "--plot", path], capsys) == f"error: {path}: no such file or directory"


def test_a_plot_of_no_known_format(good, capsys):
    assert "xyz" in told([good, good, "--plot", good.parent / "it.xyz"], capsys)


def misused(arguments, capsys):
    """The last line of what is said as the usage is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    found = capsys.readouterr()
    assert ended.value.code == 2 and found.out == "" and "usage: python -m collapse" in found.err
    return found.err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [[], ["real.csv"], ["a.csv", "b.csv", "c.csv"], ["a.csv", "b.csv", "--level", "high"]])
def test_wrong_usage(arguments, capsys):
    misused(["advise", *arguments], capsys)


@pytest.mark.parametrize("level, hint", [("95", "; did you mean 0.95?"), ("1", ""), ("200", "")])
def test_a_level_out_of_range(level, hint, capsys):
    last = misused(["advise", "a.csv", "b.csv", "--level", level], capsys)
    assert last.endswith(f"argument --level: it must be less than 1, got {level}{hint}")


def test_a_wrong_command(capsys):
    assert misused(["advice"], capsys).endswith("no command 'advice'; did you mean 'advise'? The commands are: run, advise")
    assert misused(["weather"], capsys).endswith("no command 'weather'. The commands are: run, advise")


@pytest.mark.parametrize("arguments", [["advise", "good.csv", "good.csv"], ["advise", "--help"]])
def test_a_reader_that_has_had_enough_ends_it_quietly(good, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "collapse", *arguments]
    where = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, cwd=good.parent, env={**os.environ, "PYTHONPATH": where}
    )
    os.close(writer)
    assert ended.stderr == b""


def shown(real, synthetic, capsys):
    """What is printed for two files."""
    main(["advise", str(real), str(synthetic)])
    return capsys.readouterr().out


def test_a_byte_order_mark_blank_lines_and_spaces_are_no_error(good, capsys):
    expected = shown(good, good, capsys)
    good.write_text("\ufeff" + GOOD.replace(",", " , ").replace("\n", "\r\n") + "\r\n\r\n", encoding="utf-8", newline="")
    assert shown(good, good, capsys) == expected


@pytest.mark.parametrize("separator", ";\t")
def test_semicolons_tabs_and_quotation_marks_are_no_error(good, capsys, separator):
    expected = shown(good, good, capsys)
    good.write_text(
        "".join('"' + separator.join(line.split(",")).replace(separator, f'"{separator}"') + '"\n' for line in LINES)
    )
    assert shown(good, good, capsys) == expected


def test_a_fault_far_down_is_told_by_its_row(good, capsys):
    rows = [f"{x},{x * x % 7},{x % 4 + 0.1 * x}" for x in range(3500)]
    rows[3333] = "1,two,3"
    bad = good.parent / "bad.csv"
    bad.write_text("\n".join(["a,b,y", *rows]))
    assert "bad.csv, row 3335, column 'b': 'two' is not a number" in told([good, bad], capsys)
