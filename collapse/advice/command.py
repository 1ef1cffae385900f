"""``python -m collapse advise real.csv synthetic.csv``: the calculator on files (chapter "Measuring quality, deciding")."""

import json
import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from time import monotonic

from ..quality.result import chance
from .report import advise
from .tables import read_tables

HELP = "what to do with synthetic rows next to real ones, from two CSV files"
ABOUT = """\
You have some real rows and more that a model, a rule or a simulation has labelled. Leave these out, mix them in, or what
else? This says which, with the error to expect of a linear model that is fitted that way, and how sure that is.

The real rows must be ones that whatever wrote the synthetic labels has never seen. If it has learnt from them, the answer is
wrong, and with few columns nothing shows it.
"""
MORE = """\
files
  Text in UTF-8. First a header with the names of the columns, then a row of numbers for each example; commas, semicolons or
  tabs between them, decimals with a point. One column is the label, which the model is to predict. Both files have the same
  columns, in any order. There must be no missing values and no text: leave such rows or columns out, and also numbers that
  mean nothing, as those of rows; code categories as 0 and 1 in a column for each but one. What cannot be used is told by
  file, row and column; the header is row 1.

      area,rooms,price
      71,3,305.5
      48,2,199

what is printed
  The advice, which is one of
    leave the synthetic rows out   they save less than 2 % of the error
    pool                           one fit to all rows, which count alike
    weight by alpha                one fit to all rows; a real row counts 1 - alpha, a synthetic one alpha
    joint fit                      real and synthetic rows get weights of their own, held near each other by a penalty
    cannot tell                    they may help and they may harm, or they were made from these real rows; use the real
                                   rows only until there are more
  and the reasons. Then what was measured:
    c2     mean square of what the synthetic labels are wrong by, without their noise; an offset is not counted. 0 is perfect
           (by chance a measured value may lie below)
    noise  variance of the labels that no linear model explains
    worth  how many more real rows would help as much as the synthetic ones, without a ridge
  and the excess error to expect with real rows only: by how much the mean squared error on real rows is above that of the
  best linear model, which is the noise of the label. It is a mean over draws of as many rows: the error of your one fit
  scatters around it, and more than the interval with few columns.

  Then five ways to use the rows: the excess error of each in % of that of real rows only, with its interval; the weight of a
  synthetic row; and the ridge. Less than 100 is better than real rows only; -> is the way to follow. "best weight" is best
  if c2 is what was measured, "careful weight" if it is the upper end of its interval; what the latter saves is less certain
  than its interval. Warnings tell where rows are not what the intervals assume, where the files differ, and if rows are few.

examples
  python -m collapse advise real.csv synthetic.csv
  python -m collapse advise real.csv synthetic.csv --target price --plot errors.png
  python -m collapse advise real.csv synthetic.csv --json > advice.json

  In the JSON "follow" names the student to use, and "students" has for each of them its intercept and the weight of each
  column (in the order of "columns"): a prediction is the intercept plus the sum of weights times columns. null is an end of
  an interval that nothing bounds. To fit it yourself, take off from each file its own means of columns and label; then the
  penalty is ridge x ((1 - alpha)(n1 - 1) + alpha (n2 - 1)) x w'Sw, S the covariance within both files, w the weights; the
  intercept is that of the real rows, mean label less weights times mean columns.

exit code
  0 advice was given, also where it is "cannot tell"; 1 a file cannot be used; 2 wrong usage
"""
PATIENCE = 2.0  # seconds between two signs of life


def add_to(commands):
    """The command, with its arguments, among ``commands`` of an argparse parser."""
    add = commands.add_parser(
        "advise", help=HELP, description=ABOUT, epilog=MORE, formatter_class=RawDescriptionHelpFormatter
    )
    add.add_argument("real", metavar="real.csv", help="real rows")
    add.add_argument("synthetic", metavar="synthetic.csv", help="synthetic rows")
    add.add_argument("--target", metavar="NAME", help="the column with the label (default: the last one of real.csv)")
    add.add_argument("--level", type=level, default=0.95, help="how often intervals are to be right (default: 0.95)")
    add.add_argument("--json", action="store_true", help="print everything as JSON, with the weights of each student")
    add.add_argument("--plot", metavar="FILE", help="draw the table into this file, as .png, .svg or .pdf")


def level(text):
    """The number after --level; where it is none that can be, the usage is wrong."""
    value = float(text)
    try:
        return chance("it", value)
    except ValueError as error:
        raise ArgumentTypeError(error) from None


def advise_and_tell(chosen):
    """Read, advise, print; where it cannot be done, end with one clear line and exit code 1."""
    try:
        *pairs, target, names = read_tables(chosen.real, chosen.synthetic, chosen.target, _SignOfLife())
        advice = advise(*pairs, level=chosen.level, names=names)
        if chosen.plot:
            advice.plot().savefig(chosen.plot)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {_plainly(error)}")
    if chosen.json:
        print(json.dumps({"label": target, **advice.to_dict()}, indent=1, allow_nan=False))
    else:
        print(f"Label: {target}, from {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}", advice, sep="\n")


def _plainly(error):
    """An error of the system as its file and what is wrong, without a number; others as they are."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}"
    return error


class _SignOfLife:
    """Tells on a terminal how far a long file has been read."""

    def __init__(self):
        self.told = monotonic()

    def __call__(self, path, rows):
        if sys.stderr.isatty() and monotonic() - self.told > PATIENCE:
            self.told = monotonic()
            print(f"{path}: {rows:,} rows read", file=sys.stderr)
