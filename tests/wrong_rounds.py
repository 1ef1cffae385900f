"""Deliberately wrong formulas for rounds and generations, as in wrong_formulas.py."""

from collapse import Setting

from . import test_accumulating, test_iterating

EXAMPLE = Setting.power_law(5, 0.6, 0.4, noise=(0.5, 0.2), beta=1.0, r=1.5)


def fresh(kind="power-law", rows="more rows"):
    return [test_iterating.test_fresh_rounds, dict(kind=kind, rows=rows)]


def again(reuse, phi=0.4):
    return [test_iterating.test_rounds_that_use_rows_again, dict(reuse=reuse, phi=phi)]


def limit(reuse):
    return [test_iterating.test_rounds_tend_to_their_limit, dict(reuse=reuse)]


def generations(name):
    return [test_accumulating.test_accumulated_generations, dict(name=name)]


RIDGE_LIMIT = [
    test_iterating.test_fresh_rounds_with_a_ridge_tend_to_their_limit.hypothesis.inner_test,
    dict(setting=EXAMPLE, ratio=2.5, lam=0.1),
]
LAWS = [test_iterating.test_laws_have_the_moments_of_their_densities, dict(p2=0.7, phi=0.6)]
SHARE = [test_iterating.test_best_share_is_a_fixed_point_of_weighted_rounds, dict(p2=0.5, n=40)]
REPLACED = [test_accumulating.test_replacing_is_iterating_without_real_rows, {}]
BREAKDOWN = [test_accumulating.test_most_kept_labels_are_right_below_the_breakdown, dict(keep_right=0.9, keep_wrong=0.3)]
KEPT = [test_accumulating.test_kept_labels_are_counted, {}]

ITERATING, LAW, ACCUMULATING = "iterating.py", "laws.py", "accumulating.py"
WRONG_ROUNDS = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("rounds: no real rows hold the error", ITERATING, "self.kept = p2 * learned", "self.kept = learned", fresh()),
    ("rounds: p2 for p2^2", ITERATING, "self.kept**2 * scatter", "self.kept * scatter", fresh()),
    ("rounds: the old scatter is no noise", ITERATING, "(self.misfit * scatter) @ self.count", "0", fresh()),
    (
        "rounds: a round forgets the bias",
        ITERATING,
        "self.kept * mean - missed",
        "self.kept * (mean > 0) * mean - missed",
        fresh(),
    ),
    ("rounds: synthetic rows disagree with w1", ITERATING, "(new - mean) ** 2", "new**2", fresh()),
    (
        "rounds: no self-consistency",
        ITERATING,
        "@ self.count) / self.spare",
        "@ self.count)",
        fresh(),
    ),
    (
        "rounds: df1 for df2 in the scatter",
        ITERATING,
        "self.added = learned**2 / n",
        "self.added = learned / n",
        fresh(rows="few rows"),
    ),
    (
        "rounds: shares swapped in the misfit",
        ITERATING,
        "(1 - p2) * self.kept**2 + p2 *",
        "p2 * self.kept**2 + (1 - p2) *",
        fresh(),
    ),
    ("limit: bias of the ridge itself", ITERATING, "self.missed / (1 - self.kept)", "self.missed", RIDGE_LIMIT),
    ("limit: p2 for p2^2", ITERATING, "self.added / (1 - self.kept**2)", "self.added / (1 - self.kept)", limit("nothing")),
    ("limit: all rows see the bias", ITERATING, "(1 - self.p2[:, 0]) * bias", "bias", RIDGE_LIMIT),
    (
        "limit: the old scatter is no noise",
        ITERATING,
        "self.spare - (settled * self.misfit) @ self.count",
        "self.spare",
        limit("nothing"),
    ),
    # the same real rows
    (
        "real: half the product with the noise",
        ITERATING,
        "2 * solved(keep(product))",
        "solved(keep(product))",
        again("real"),
    ),
    ("real: sign in the misfit", ITERATING, "- 2 * solved(drop(", "+ 2 * solved(drop(", again("real")),
    ("real: one power in the misfit", ITERATING, "drop(drop(old))", "drop(old)", again("real")),
    (
        "real: no self-consistency",
        ITERATING,
        "(synthetic + misfit) * (1 - (1 - p2) * phi) / (1 - phi)",
        "(synthetic + misfit)",
        again("real"),
    ),
    ("real: product forgotten", ITERATING, "product = keep(product) + ", "product = ", again("real")),
    ("real: real rows without noise", ITERATING, "+ own + added", "+ added", again("real")),
    ("real: limit with c for 2c", ITERATING, "8 * c * phi", "4 * c * phi", limit("real")),
    ("real: limit without misfit", ITERATING, "(1 - 2 * phi + 2 * phi * (1 - phi) * twice)", "1", limit("real")),
    # the same inputs
    ("inputs: frozen noise", ITERATING, "from_synthetic if same_noise else fresh", "from_synthetic", again("inputs")),
    ("everything: fresh noise", ITERATING, "from_synthetic if same_noise else fresh", "fresh", again("everything")),
    ("inputs: noise from odd powers", ITERATING, "(power * following)", "(power * power)", again("inputs")),
    ("inputs: squared means only", ITERATING, "- mean**2) / (1 - phi)", "- mean**2) * 0", again("inputs")),
    ("inputs: inverse of the mean", ITERATING, "- mean**2) / (1 - phi)", "- mean**2)", again("inputs")),
    ("inputs: phi for phi/(1 - phi)", ITERATING, "(phi / (1 - phi) * (real", "(phi * (real", again("inputs")),
    (
        "everything: noises swapped",
        ITERATING,
        "real * from_real + synthetic * scatter",
        "synthetic * from_real + real * scatter",
        again("everything"),
    ),
    ("real: limit of the same inputs", ITERATING, 'elif reuse == "inputs"', 'elif reuse != "nothing"', limit("real")),
    ("inputs: limit without 1/2", ITERATING, "phi / (1 - phi) * twice) / 2", "phi / (1 - phi) * twice)", limit("inputs")),
    ("everything: limit y/(1 - y)^2", ITERATING, "(p1 / (p1 - phi)) ** 2", "(p1 / (p1 - phi))", limit("everything")),
    ("limit: all rows alone", ITERATING, "alone = phi / (p1 - phi)", "alone = phi / (1 - phi)", limit("real")),
    # laws
    ("law of shares: variance", LAW, "p1 * p2 * phi, p2", "p1 * p2, p2", LAWS),
    ("law of shares: centre", LAW, "p2 * (1 - phi) + p1 * phi", "p2 * (1 - phi)", LAWS),
    ("law of shares: constant from the start", LAW, "variance * (1 - phi), size", "variance, size", LAWS),
    ("law of hold: constant from the second entry", LAW, "centre + x * phi * p2 / (1 - x) ** 2", "centre", LAWS),
    ("law of hold: variance", LAW, "x / (1 - x)", "x", LAWS),
    # weights
    ("share: of one round", ITERATING, "np.where(settles, 1 - step.shift, 1)", "1", SHARE),
    ("share: of another phi", ITERATING, "weighted_by_share(unit, 1 / phi", "weighted_by_share(unit, 2 / phi", SHARE),
    # generations
    ("replace: n - d for n - d - 1", ACCUMULATING, "d / (rows - d - 1))", "d / (rows - d))", REPLACED),
    (
        "replace: nothing adds up",
        ACCUMULATING,
        "np.multiply.outer(generation,",
        "np.multiply.outer(generation**0,",
        REPLACED,
    ),
    (
        "accumulate: every generation alone",
        ACCUMULATING,
        "noise * sizes / rows * d",
        "noise * d",
        generations("equal sizes"),
    ),
    (
        "accumulate: rows of the last generation only",
        ACCUMULATING,
        "rows = sizes.cumsum(axis=0)",
        "rows = sizes",
        generations("growing, unequal noise"),
    ),
    (
        "accumulate: 1/j for 1/j^2",
        ACCUMULATING,
        "(sizes.ndim - 1)) ** 2",
        "(sizes.ndim - 1))",
        generations("the same inputs"),
    ),
    ("accumulate: fresh inputs always", ACCUMULATING, "if fresh:", "if True:", generations("the same inputs")),
    (
        "kept: rates swapped",
        ACCUMULATING,
        "(1 - p) * keep_right, p * keep_wrong",
        "(1 - p) * keep_wrong, p * keep_right",
        KEPT,
    ),
    ("kept: of all labels", ACCUMULATING, "right / (right + wrong)", "right", KEPT),
    ("breakdown: odds", ACCUMULATING, "keep_right / (keep_right + keep_wrong)", "keep_wrong / keep_right", BREAKDOWN),
]
