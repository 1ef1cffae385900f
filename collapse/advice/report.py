"""``collapse.advise``, and the advice it returns: numbers, text, a figure (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np

from .. import quality
from ..quality.predictions import Prediction
from ..quality.result import chance
from .decision import CANNOT_TELL, WEIGHT, decide
from .differences import differences
from .doubts import doubts, seen
from .rows import Pair, checked
from .students import Problem, Signal, Student, predicted, students

LOOKS = ("clean", "shift", "synthetic", "variance", "total")  # colours of the students
WIDTH = 76  # of what is printed


@dataclass(frozen=True, eq=False, repr=False)
class Advice:
    """What ``advise`` has found. Errors are excess errors: squared, on real rows, without the noise of labels; unit [y]^2.

    action : one of advice.ACTIONS; "cannot tell" where the intervals do not separate any student from real rows only, or
        where the generator seems to have seen the real rows.
    student : the Student that follows from it; that of real rows only where the rows cannot tell.
    reasons, warnings : tuples of texts.
    quality : the Quality that was measured: c2 with its interval, and the noises.
    students : five Students: real only, pooled, best weight, careful weight, joint fit.
    worth : how many real rows the synthetic ones replace, without a ridge; a Prediction.
    n1, n2, d : rows in each sample, and columns.
    level : of all intervals.
    names : of the columns.
    """

    action: str
    student: Student
    reasons: tuple
    warnings: tuple
    quality: quality.Quality
    students: tuple
    worth: Prediction
    n1: int
    n2: int
    d: int
    level: float
    names: tuple

    def __repr__(self):
        return f"Advice({self.action}: {self.reasons[0]})"

    def __str__(self):
        percent, noise, worth = f"{100 * self.level:g} %", self.quality.noise, self.worth
        (low, high), alone = self.quality.interval(self.level), self.students[0].error
        lines = [
            f"Advice: {self.action}{self._how()}",
            *(_wrapped("  because ", reason) for reason in self.reasons),
            "",
            f"{self.n1} real and {self.n2} synthetic rows, {self.d} columns and intercept; {percent} intervals",
            f"c2, quality of the labels   {self.quality.c2:.3g}, from {low:.3g} to {high:.3g} ({self.quality.estimator})",
            f"noise of the labels         real {noise[0].value:.3g}, synthetic {noise[1].value:.3g}",
            f"worth of the synthetic rows {worth.value:.3g} real rows, from {worth.low:.3g} to {worth.high:.3g}",
            f"excess error of real only   {alone.value:.3g}, from {alone.low:.3g} to {alone.high:.3g}",
            "",
            f"   {'student':<14} {'% of real only':>14} {'from':>9} {'to':>9} {'alpha':>9} {'ridge':>9}",
        ]
        for each in self.students:
            follow, alpha = "->" if each is self.student else "", "-" if each.alpha is None else f"{each.alpha:.3g}"
            value, low, high = (f"{100 * number:.3g}" for number in each.ratio)
            low, high = (low, high) if each is not self.students[0] else "--"
            lines.append(f"{follow:<2} {each.name:<14} {value:>14} {low:>9} {high:>9} {alpha:>9} {each.lam:>9.2g}")
        return "\n".join([*lines, *(_wrapped("Warning: ", warning) for warning in self.warnings)])

    def _how(self):
        """What is to be done, where the action alone does not say it."""
        if self.action == CANNOT_TELL:
            return "; use the real rows only"
        return f", alpha = {self.student.alpha:.3g} ({self.student.name})" if self.action == WEIGHT else ""

    def to_dict(self):
        """Everything as dicts, lists, numbers and texts, for JSON; an end of an interval that is infinite is None."""
        found = dict(
            action=self.action,
            reasons=list(self.reasons),
            warnings=list(self.warnings),
            rows=dict(real=self.n1, synthetic=self.n2),
            columns=list(self.names),
            level=self.level,
            c2=_numbers(Prediction(self.quality.c2, *self.quality.interval(self.level)), stderr=self.quality.stderr),
            estimator=self.quality.estimator,
            noise=dict(zip(("real", "synthetic"), (float(noise.value) for noise in self.quality.noise))),
            worth=_numbers(self.worth),
            students={each.name: _of_student(each) for each in self.students},
            follow=self.student.name,
        )
        return found

    def plot(self):
        """Excess errors relative to real rows only, with intervals, as a matplotlib Figure in the colours of the book."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogFormatter

        from ..figures import COLOURS, STYLE

        with rc_context(STYLE):
            figure = Figure(figsize=(5.6, 3.0))
            ax = figure.add_subplot()
        ax.axvline(100, color=COLOURS["plateau"], linestyle=":")
        percents = 100 * np.array([each.ratio for each in self.students])
        for height, (look, (value, low, high)) in enumerate(zip(LOOKS, percents)):
            style = "full" if self.students[height] is self.student else "none"
            ax.plot([low, high], [height, height], color=COLOURS[look], linewidth=2)
            ax.plot(value, height, "o", color=COLOURS[look], markersize=9, fillstyle=style)
        ax.set(yticks=range(len(self.students)), yticklabels=[each.name for each in self.students], xscale="log")
        ax.set_xlim(max(min(50, 0.9 * percents[:, 1].min()), 1), max(200, 1.1 * percents[:, 2].max()))
        ax.xaxis.set_major_formatter(LogFormatter())
        ax.xaxis.set_minor_formatter(LogFormatter())
        ax.tick_params(axis="x", which="both", length=3.5, pad=3.5)
        ax.set(xlabel="excess error, in % of that of real rows only", title=self.action + self._how())
        ax.invert_yaxis()
        return figure


def advise(real, synthetic, *, level=0.95, names=None):
    """What to do with synthetic rows next to real ones: leave them out, pool, weigh, or fit both teachers together.

    The model is the book's: y = b + x.w1 + noise in real rows and y = b' + x.(w1 + delta) + noise in synthetic ones, with
    one covariance of x. Columns and labels of each sample are centred at their own means: an offset of the synthetic labels
    does no harm and is not counted in c2, and each intercept costs one row. c2 and the noises are measured by
    quality.estimate. Weights and ridges are those of theory.best_ridge, best_weighting and hierarchical (lam =
    sigma1^2 d/(n r2) and the best tau2), in coordinates in which the rows have covariance 1; errors are those of
    theory.mixture, in the limit of many rows, with the measured w1'S delta. They leave out what the error of the intercept
    adds, about the same for all students. Their intervals move c2, each noise, w1'S delta and the variance of real labels
    to the ends of its own interval and add the changes in squares; they are those of a student whose weight and ridges
    stay what they are. The error is a mean over draws of as many rows; that of one fit scatters around it, by up
    to a share of sqrt(2/d), and the interval does not say how much.

    On 200 random problems, intervals of 95 % for c2, errors and ratios covered 92 to 97 % of the truths, but those for the
    ratio of the careful weight only 81 %; and 67 % with less than 20 spare real rows, where there is a warning.

    Parameters
    ----------
    real, synthetic : pairs (X, y) of rows (n_k, d), unit [x], and labels (n_k,), unit [y]. n_k >= 3; one sample has at least
        d + 3 rows.
    level : of all intervals, in (0, 1).
    names : of the columns, for messages.

    Returns an Advice; print it for a report.

    Here 60 real rows are not many for 20 columns, and a labeller is nearly right about 2,000 more. What it says is to weigh:

    >>> import numpy as np
    >>> from collapse import advise
    >>> rng = np.random.default_rng(0)
    >>> w = rng.standard_normal(20)
    >>> X1, X2 = rng.standard_normal((60, 20)), rng.standard_normal((2000, 20))
    >>> y1 = X1 @ w + 2 * rng.standard_normal(60)
    >>> y2 = X2 @ (w + 0.2 * rng.standard_normal(20)) + 2 * rng.standard_normal(2000)
    >>> advice = advise((X1, y1), (X2, y2))
    >>> advice.action, advice.student.name
    ('weight by alpha', 'best weight')
    >>> bool(advice.student.ratio.high < 1)  # all of the interval: less error than with the real rows only
    True
    >>> predictions = advice.student.intercept + X1 @ advice.student.weights

    Raises ValueError or TypeError naming the argument, and the column.

    Implements: obs-advise, obs-advise-intervals (chapter "Measuring quality, deciding").
    """
    level = chance("level", level)
    real, synthetic, names = checked(real, synthetic, names)
    pair = Pair.of(real, synthetic, names)
    found = quality.choice.least_squares(pair.real, pair.synthetic)
    problem = Problem.of(pair, found)
    overlap = pair.overlap([noise.value for noise in found.noise])
    signal = Signal(problem.r2, quality.Noise(pair.real.size, pair.real.n), found.noise[0].value)
    *ways, worth = predicted(problem, found, overlap, signal, level)
    fitted = students(problem, pair, ways)
    alarm = tuple(seen(found))
    action, student, reasons = (CANNOT_TELL, fitted[0], alarm) if alarm else decide(fitted)
    return Advice(
        action=action,
        student=student,
        reasons=reasons,
        warnings=differences(real, synthetic, names) + doubts(real, synthetic),
        quality=found,
        students=fitted,
        worth=worth,
        n1=len(real[1]),
        n2=len(synthetic[1]),
        d=len(names),
        level=level,
        names=names,
    )


def _wrapped(head, text):
    return fill(head + text, WIDTH, subsequent_indent=" " * len(head), break_long_words=False, break_on_hyphens=False)


def _numbers(prediction, **more):
    pairs = {**prediction._asdict(), **more}
    return {name: float(value) if np.isfinite(value) else None for name, value in pairs.items()}


def _of_student(student):
    return dict(
        alpha=student.alpha,
        lam=student.lam,
        tau2=student.tau2,
        error=_numbers(student.error),
        ratio=_numbers(student.ratio),
        intercept=student.intercept,
        weights=student.weights.tolist(),
    )
