"""``collapse.advise``, and the advice it returns: numbers, text, a figure (chapter "Measuring quality, deciding")."""

from dataclasses import dataclass

import numpy as np

from .. import quality
from ..quality.predictions import Prediction
from ..quality.result import chance
from .decision import CANNOT_TELL, WEIGHT, decide
from .doubts import doubts, seen
from .rows import Pair, checked
from .students import Problem, Signal, Student, predicted, students


@dataclass(frozen=True, eq=False, repr=False)
class Advice:
    """What ``advise`` has found. Errors are those on real rows, without the noise of the test label; unit [y]^2.

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
        low, high = self.quality.interval(self.level)
        weight = f", alpha = {self.student.alpha:.3g} ({self.student.name})" if self.action == WEIGHT else ""
        lines = [
            f"Advice: {self.action}{weight}",
            *(f"  because {reason}" for reason in self.reasons),
            "",
            f"{self.n1} real and {self.n2} synthetic rows, {self.d} columns and an intercept; intervals of {percent}",
            f"c2, quality of the labels   {self.quality.c2:.3g}, from {low:.3g} to {high:.3g} ({self.quality.estimator})",
            f"noise of the labels         real {noise[0].value:.3g}, synthetic {noise[1].value:.3g}",
            f"worth of the synthetic rows {worth.value:.3g} real rows, from {worth.low:.3g} to {worth.high:.3g}",
            "",
            f"{'student':<14} {'test error':>10} {'from':>9} {'to':>9} {'alpha':>8} {'ridge':>9}",
        ]
        for each in self.students:
            alpha = "-" if each.alpha is None else f"{each.alpha:.3g}"
            value, low, high = each.error
            lines.append(f"{each.name:<14} {value:>10.3g} {low:>9.3g} {high:>9.3g} {alpha:>8} {each.lam:>9.2g}")
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])

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
        """The predicted errors with their intervals, as a matplotlib Figure in the colours of the book."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        from ..figures import COLOURS, STYLE

        with rc_context(STYLE):
            figure = Figure(figsize=(5.6, 3.0))
            ax = figure.add_subplot()
        looks = ("clean", "shift", "synthetic", "variance", "total")
        for height, (student, look) in enumerate(zip(self.students, looks)):
            value, low, high = student.error
            ax.plot([low, high], [height, height], color=COLOURS[look], linewidth=2)
            ax.plot(
                value,
                height,
                "o",
                color=COLOURS[look],
                markersize=9,
                fillstyle="full" if student is self.student else "none",
            )
        ax.axvline(self.students[0].error.value, color=COLOURS["plateau"], linestyle=":")
        ax.set(yticks=range(len(self.students)), yticklabels=[each.name for each in self.students], xscale="log")
        ax.set(xlabel="predicted test error", title=self.action)
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
        warnings=doubts(real, synthetic),
        quality=found,
        students=fitted,
        worth=worth,
        n1=len(real[1]),
        n2=len(synthetic[1]),
        d=len(names),
        level=level,
        names=names,
    )


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
