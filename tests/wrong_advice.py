"""Deliberately wrong formulas of the calculator, and for each a test that must fail: for test_wrong_formulas.py."""

from . import test_advice_differences as differences
from . import test_advice_formulas as test

THEORY = [test.test_errors_are_those_of_theory, {}]
BAYES = [test.test_with_equal_noises_the_joint_fit_is_bayes, {}]
ALONG = [test.test_one_dimension_is_enough, dict(overlap=-0.4)]
ENDLESS = [test.test_no_overlap_is_larger_than_signal_and_shift_allow, {}]
SIGNAL = [test.test_the_signal_is_the_variance_without_noise_and_not_too_small, {}]
WORTH = [test.test_worth, {}]
OVERLAP = [test.test_the_overlap_is_unbiased_and_its_interval_covers, {}]
CENTRED = [test.test_a_sample_without_its_mean_is_one_row_less, {}]
FITS = [test.test_the_students_are_the_fits_they_say, {}]
CHANCES = [test.test_chances_are_chances, {}]


UNLIKE = [differences.test_chances_of_differences_are_chances, {}]
APART = [differences.test_distances_are_in_standard_deviations, {}]


def noticed(kind):
    return [test.test_a_visible_flaw_is_noticed, dict(kind=kind)]


def decided(students, action, followed, reason=""):
    given = dict(students=students, action=action, followed=followed, reason=reason)
    return [test.test_the_simplest_is_followed_that_is_safe_and_useful, given]


SAFE_ONLY = decided([("pooled", 0.4, 0.3, 1.1), ("best weight", 0.6, 0.3, 0.9)], test.WEIGHT, "best weight")
USEFUL_ONLY = decided([("pooled", 0.985, 0.9, 0.995)], test.CANNOT_TELL, "real only")
SIMPLEST = decided([("pooled", 0.5, 0.3, 0.9), ("best weight", 0.495, 0.3, 0.7)], test.POOL, "pooled")
NOT_TOO_SIMPLE = decided([("pooled", 0.52, 0.3, 0.9), ("best weight", 0.5, 0.3, 0.7)], test.WEIGHT, "best weight")
AT_THE_ENDS = decided([("best weight", 0.99, 0.9, 1.2)], test.CANNOT_TELL, "real only")
PERCENT = decided([("pooled", 1.2, 0.985, 2.0)], test.LEAVE_OUT, "real only", "save 1.5 % of the excess error")

WRONG_ADVICE = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("ridge without the signal", "students.py", "problem.d / setting.r2", "problem.d", BAYES),
    ("ridge of the synthetic noise", "students.py", "ridge = setting.noise[0]", "ridge = setting.noise[1]", THEORY),
    ("ridge of real rows over all rows", "students.py", "lam=ridge / problem.n1", "lam=ridge / n", THEORY),
    (
        "tau2 by the wrong ridge",
        "students.py",
        "setting, n, ridge / n, tau2).total",
        "setting, n, ridge, tau2).total",
        BAYES,
    ),
    ("pooled: weights 2 : 3", "students.py", "dict(alpha=0.5,", "dict(alpha=0.6,", THEORY),
    ("careful as best", "students.py", "for each in (setting, worst)]", "for each in (worst, setting)]", THEORY),
    ("noises swapped", "students.py", "aside.variance, along.variance", "along.variance, aside.variance", THEORY),
    ("overlap and c2 in one", "students.py", "along.shift - aside.shift", "along.shift", ALONG),
    ("overlap, other sign", "students.py", "along.shift - aside.shift", "aside.shift - along.shift", ALONG),
    ("bias and c2 swapped", "students.py", "[aside.bias, aside.variance", "[aside.shift, aside.variance", THEORY),
    ("rows for dimensions", "students.py", "problem.n1 / problem.d, lam)", "problem.n / problem.d, lam)", ALONG),
    ("joint fit: tau for tau2", "students.py", "tau = np.sqrt(tau2)", "tau = tau2", BAYES),
    (
        "joint fit: tested on synthetic rows",
        "students.py",
        "theory.Target(first, alone)",
        "theory.Target(second, alone)",
        BAYES,
    ),
    (
        "joint fit: delta is known",
        "students.py",
        "np.vstack([teacher, 0 * shift])",
        "np.vstack([teacher, shift / tau])",
        THEORY,
    ),
    ("weights per source", "students.py", 'alpha, "row")\n    first', 'alpha, "source")\n    first', ALONG),
    ("any overlap", "students.py", "np.clip(overlap, -most, most)", "overlap", ENDLESS),
    ("overlap bounded by c2", "students.py", "np.sqrt(setting.c2 * setting.r2)", "setting.c2", ENDLESS),
    ("signal with its noise", "students.py", "max(variance - noise, noise", "max(variance, noise", SIGNAL),
    ("no least signal", "students.py", "noise * found.d / n1, least)", "least)", SIGNAL),
    ("signal's interval with its noise", "students.py", "end - self.noise for end", "end for end", SIGNAL),
    ("worth without real rows", "students.py", "/ error) - problem.n1", "/ error)", WORTH),
    ("worth without columns", "students.py", "(1 + setting.noise[0] / error)", "(setting.noise[0] / error)", WORTH),
    ("worth in synthetic noise", "students.py", "setting.noise[0] / error", "setting.noise[1] / error", WORTH),
    ("ridge of all rows in real only", "students.py", "problem.n1 if alpha == 0 else", "problem.n if alpha == 0 else", FITS),
    ("fit: weights per source", "students.py", 'alpha, "row"), problem.n', 'alpha, "source"), problem.n', FITS),
    ("intercept of no mean", "students.py", "pair.real.label - float", "-float", FITS),
    ("n rows without their mean", "rows.py", "return len(self.y) - 1", "return len(self.y)", CENTRED),
    ("rows with their mean", "rows.py", "x[start : start + step] - mean", "x[start : start + step]", CENTRED),
    ("labels with their mean", "rows.py", "y[start : start + step] - label", "y[start : start + step]", CENTRED),
    ("variance over n", "rows.py", "/ (len(y) - 1), np.eye", "/ len(y), np.eye", CENTRED),
    ("last block only", "rows.py", "gram += rows.T @ rows", "gram = rows.T @ rows", CENTRED),
    ("moment of other coordinates", "rows.py", "moment=back.T @ self.moment", "moment=back @ self.moment", FITS),
    ("residual in other coordinates", "rows.py", "weights = self.back @ weights", "weights = weights", CENTRED),
    ("overlap with its noise", "rows.py", "float(one @ shift + error1)", "float(one @ shift)", OVERLAP),
    ("overlap: the other noise", "rows.py", "float(one @ shift + error1)", "float(one @ shift + error2)", OVERLAP),
    ("overlap: no scatter of the shift", "rows.py", " + np.sum(one**2) * error2", "", OVERLAP),
    ("overlap: variance d times", "rows.py", "np.sqrt(variance / d)", "np.sqrt(variance)", OVERLAP),
    (
        "ridge once more",
        "rows.py",
        "n * lam * np.eye(len(self.back))\n        return self.back @",
        "lam * np.eye(len(self.back))\n        return self.back @",
        FITS,
    ),
    ("weights swapped", "rows.py", "weights[0] * self.moments[0]", "weights[1] * self.moments[0]", FITS),
    ("joint fit: tau2 upside down", "rows.py", "two + eye / tau2", "two + eye * tau2", FITS),
    (
        "joint fit: real rows see delta",
        "rows.py",
        "np.block([[one + two + eye, two]",
        "np.block([[one + two + eye, one + two]",
        FITS,
    ),
    ("decision: likely is safe", "decision.py", "each.ratio.high < 1 and", "each.ratio.value < 1 and", SAFE_ONLY),
    ("decision: any gain will do", "decision.py", " and each.ratio.value < 1 - MARGIN", "", USEFUL_ONLY),
    ("decision: the least error", "decision.py", "<= (1 + MARGIN) * least", "<= least", SIMPLEST),
    ("decision: the simplest", "decision.py", "<= (1 + MARGIN) * least", "<= 9 * least", NOT_TOO_SIMPLE),
    ("decision: no interval", "decision.py", "min(student.ratio.low for", "min(student.ratio.value for", AT_THE_ENDS),
    ("decision: rounded to the margin", "decision.py", "max(saved, 0):.2g}", "max(saved, 0):.1g}", PERCENT),
    ("covariances: no mean by chance", "doubts.py", " - d * (d + 1) * v", "", CHANCES),
    ("covariances: half the scatter", "doubts.py", "2 * v * np.sqrt(d", "v * np.sqrt(d", CHANCES),
    ("tails: variance of the skewness", "doubts.py", "24 / len(residual)", "6 / len(residual)", CHANCES),
    ("noise: half the statistic", "doubts.py", "chi2.sf(n * share", "chi2.sf(n * share / 2", CHANCES),
    ("curved: rank of the columns", "doubts.py", "share / rank / max", "share / used / max", CHANCES),
    ("units: one way only", "differences.py", "np.where(two > one,", "np.where(two > 0,", UNLIKE),
    ("units: rows swapped", "differences.py", "stats.f.sf(more, n2, n1)", "stats.f.sf(more, n1, n2)", UNLIKE),
    ("units: no square", "differences.py", "(two / one / UNITS) ** 2", "(two / one / UNITS)", UNLIKE),
    ("means: in variances", "differences.py", "np.sqrt((x1.var(axis=0, ddof=1) +", "((x1.var(axis=0, ddof=1) +", APART),
    ("means: real spread only", "differences.py", " + x2.var(axis=0, ddof=1)) / 2", ")", APART),
    ("means: half of the chance", "differences.py", '"asymptotic").pvalue', '"asymptotic").pvalue / 2', UNLIKE),
    ("offset: at the synthetic rows", "differences.py", "(x1 - x2.mean(axis=0)) @", "(x1 - x1.mean(axis=0)) @", APART),
    ("offset, other sign", "differences.py", "@ weights[1:] - y1", "@ weights[1:] + y1", APART),
    ("offset: a fit without error", "differences.py", "scatter / n1 + of_fit\n", "scatter / n1\n", UNLIKE),
    ("offset: as if at the mean row", "differences.py", "np.append(1.0, place)", "np.append(1.0, 0 * place)", UNLIKE),
    ("offset: one-sided", "differences.py", "chance = 2 * stats.t", "chance = stats.t", UNLIKE),
    ("offset: residuals over n", "differences.py", "/ (n2 - d - 1)\n    along", "/ n2\n    along", UNLIKE),
]
