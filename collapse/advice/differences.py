"""Where two samples do not belong together: units, means of columns, an offset of labels, labels of two values only.

As in doubts.py a warning needs evidence and an effect. The chance is shared by the columns: d of them have CHANCE/d each.
"""

import numpy as np
from scipy import stats

from .doubts import CHANCE, SPARE, thinned

UNITS = 10.0  # times: no two samples of a column scatter so differently
APART = 0.2  # standard deviations between the means of a column
OFFSET = 1.0  # in the scatter of real labels around the synthetic fit
SHOWN = 3  # columns in one warning


def check_units(real, synthetic, names):
    """A ValueError where standard deviations surely differ more than UNITS times: no prediction holds for such rows.

    real, synthetic : rows.Samples, in coordinates of the columns.
    """
    spread = [np.append(np.diag(each.gram) / each.n, each.size) ** 0.5 for each in (real, synthetic)]
    chances = other_units(*spread, real.n, synthetic.n)
    worst = int(np.argmin(chances))
    if chances[worst] < CHANCE / len(chances):
        name, hint = [*((name, ", or leave the column out") for name in names), ("the label", "")][worst]
        raise ValueError(
            f"real and synthetic rows must be in the same units: {name} has the standard deviation {spread[0][worst]:.3g} "
            f"in real rows and {spread[1][worst]:.3g} in synthetic ones; convert one of them{hint}"
        )


def differences(real, synthetic, names):
    """Warnings, as a tuple of texts, for two samples (X, y) that were checked."""
    (x1, y1), (x2, y2) = real, synthetic = thinned(real), thinned(synthetic)
    found = [*_of_means(x1, x2, names)]
    if len(y2) >= x2.shape[1] + 1 + SPARE:
        found.extend(_of_offset(real, synthetic))
    found.extend(_of_two_values(y1, y2))
    return tuple(found)


def _of_means(x1, x2, names):
    apart = means_apart(x1, x2)
    far = np.flatnonzero(np.abs(apart) > APART)
    far = far[other_ranks(x1[:, far], x2[:, far]) < CHANCE / len(names)]
    if len(far):
        far = far[np.argsort(-np.abs(apart[far]))]
        told = [
            f"{names[j]} is {x1[:, j].mean():.3g} on average in real rows and {x2[:, j].mean():.3g} in synthetic ones, "
            f"{abs(apart[j]):.2g} standard deviations apart"
            for j in far[:SHOWN]
        ]
        more = [f"{len(far) - SHOWN} more columns"] if len(far) > SHOWN else []
        yield (
            f"different means: {'; '.join(told + more)} (warned above {APART:g}). Each file is centred at its own means, "
            "which is right if the signal is linear; if not, take synthetic rows from where the real ones are"
        )


def _of_offset(real, synthetic):
    shift, scatter, chance = offset(real, synthetic)
    if chance < CHANCE and abs(shift) > OFFSET * scatter:
        yield (
            f"offset: synthetic labels lie {abs(shift):.3g} {'higher' if shift > 0 else 'lower'} than real ones at the mean "
            f"of the real columns, {abs(shift) / scatter:.2g} times what real labels scatter around the synthetic fit "
            f"(warned above {OFFSET:g}). It does no harm here, as each file is centred; in a fit of your own, "
            "centre each file, too, and find out where the offset comes from"
        )


def _of_two_values(y1, y2):
    found = [(name, np.unique(y)) for name, y in (("real", y1), ("synthetic", y2)) if len(y) >= SPARE]
    found = [(name, values) for name, values in found if len(values) == 2]
    if found:
        told = ", ".join(f"{name} ones are {values[0]:g} or {values[1]:g}" for name, values in found)
        other = len(found) == 2 and list(found[0][1]) != list(found[1][1])
        yield (
            f"two-valued labels: {told}. The advice is for a linear fit to these numbers and its squared error, not for the "
            "share of wrong classes, and the noise of such labels is uneven: take intervals as approximate"
            + "; and code the labels alike in both files"
            * other
        )


def other_units(one, two, n1, n2):
    """The chance of standard deviations that differ so much if the true ones differ UNITS times, for each column."""
    one, two = np.maximum([one, two], np.finfo(float).tiny ** 0.5)
    more, less = (two / one / UNITS) ** 2, (one / two / UNITS) ** 2
    return np.where(two > one, stats.f.sf(more, n2, n1), stats.f.sf(less, n1, n2))


def means_apart(x1, x2):
    """For each column synthetic mean less real mean, in standard deviations (root mean square of both)."""
    spread = np.sqrt((x1.var(axis=0, ddof=1) + x2.var(axis=0, ddof=1)) / 2)
    return (x2.mean(axis=0) - x1.mean(axis=0)) / np.maximum(spread, np.finfo(float).tiny)


def other_ranks(x1, x2):
    """For each column the chance that ranks differ so much in two samples of one law (Wilcoxon's test).

    Ranks, since columns may be skewed, as prices are: then a t test is often wrong if one sample is small.
    """
    return stats.mannwhitneyu(x1, x2, method="asymptotic").pvalue if x1.shape[1] else np.empty(0)


def offset(real, synthetic):
    """How far synthetic labels lie above real ones where the real rows are, the scatter of real ones, and its chance.

    Real labels less what the synthetic fit says of them are independent rows, given this fit. Their mean has their variance
    over n1, and that of the fit at the mean real row.
    """
    (x1, y1), (x2, y2) = real, synthetic
    n1, (n2, d) = len(y1), x2.shape
    place, rows = x1.mean(axis=0) - x2.mean(axis=0), np.column_stack([np.ones(n2), x2 - x2.mean(axis=0)])
    weights, *_ = np.linalg.lstsq(rows, y2, rcond=None)
    above = weights[0] + (x1 - x2.mean(axis=0)) @ weights[1:] - y1
    noise = np.sum((y2 - rows @ weights) ** 2) / (n2 - d - 1)
    along = np.linalg.lstsq(rows.T, np.append(1.0, place), rcond=None)[0]  # the fit at the mean real row is along @ y2
    least = 1e-18 * np.mean(y1**2)  # rounding
    scatter = max(above.var(ddof=1), least)
    of_fit = max(noise, least) * np.sum(along**2)
    variance = scatter / n1 + of_fit
    freedom = variance**2 / ((scatter / n1) ** 2 / (n1 - 1) + of_fit**2 / (n2 - d - 1))  # Welch's
    chance = 2 * stats.t.sf(abs(above.mean()) / np.sqrt(variance), freedom)
    return float(above.mean()), float(np.sqrt(scatter)), float(chance)
