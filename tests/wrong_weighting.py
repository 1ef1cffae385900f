"""Deliberately wrong formulas of the chapter "Weighting", and for each a test that must fail: part of wrong_formulas.py."""

from collapse import Setting

from . import test_weighting

UNEVEN = Setting.power_law(6, 0.4, 0.5, noise=(0.3, 0.1), beta=1.5, r=2.0, q=1.0)
FEW = UNEVEN.replace(p2=0.7)


def at(test, **arguments):
    """One example of a property test."""
    return [test.hypothesis.inner_test, arguments]


WEIGHTED = [test_weighting.test_weighted_rows, dict(kind="aligned", phi=0.6)]
FEW_ROWS = [test_weighting.test_weighted_rows, dict(kind="isotropic", phi=2.0)]
JOINT = [test_weighting.test_joint_fit, dict(kind="aligned", phi=0.6)]
JOINT_FEW_ROWS = [test_weighting.test_joint_fit, dict(kind="isotropic", phi=2.0)]
PER_SOURCE = at(test_weighting.test_weighted_rows_are_a_mixture, problem=UNEVEN, n=9.0, lam=0.1, alpha=0.7, per="source")
NO_RIDGE = at(test_weighting.test_weighted_rows_are_a_mixture_without_a_ridge, problem=UNEVEN, n=9.0, alpha=0.2, per="row")
NO_WEIGHT = at(test_weighting.test_rows_without_weight_are_no_rows, problem=UNEVEN, n=9.0, lam=0.1, per="row")
INTERPOLATION = at(
    test_weighting.test_interpolating_students_ignore_weights, problem=UNEVEN, ratio=0.6, alpha=0.2, per="row"
)
COROLLARY_2 = [test_weighting.test_fixed_weights_do_not_escape_the_plateau, dict(how="row", p2=0.01, vanishing=0.0)]
SHARES = at(test_weighting.test_the_error_at_a_given_share, problem=UNEVEN, ratio=1.5, alpha=0.2)
BEST_SHARE = at(test_weighting.test_no_share_beats_the_best, problem=FEW, ratio=1.5)
INVERSE_VARIANCES = [test_weighting.test_with_many_rows_it_is_inverse_variance_weighting, dict(p2=0.1)]
WORTH = [test_weighting.test_what_unlimited_synthetic_data_are_worth, dict(n1=12)]
BEST = at(test_weighting.test_no_weighting_beats_the_best, problem=UNEVEN, n=9.0, seed=0)
TWICE = at(test_weighting.test_joint_fit_is_a_mixture_in_twice_the_dimensions, problem=UNEVEN, n=9.0, lam=0.1, tau2=3.0)
POOLED = at(test_weighting.test_joint_fit_runs_from_pooled_to_real_rows_only, problem=UNEVEN, n=9.0, lam=0.1)
BAYES = at(
    test_weighting.test_nothing_beats_the_posterior_mean, spectrum=UNEVEN, n=9.0, gamma=0.5, delta=0.2, sigma2=0.3, seed=0
)

WRONG_WEIGHTING = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    (
        "weights: of real and synthetic rows swapped",
        "weighting.py",
        "(1 - alpha, alpha) if",
        "(alpha, 1 - alpha) if",
        WEIGHTED,
    ),
    (
        "weights: not normalised",
        "weighting.py",
        "return real / total, synthetic / total",
        "return real, synthetic",
        WEIGHTED,
    ),
    ("weights: per source as per row", "weighting.py", 'if per == "row" else', "if True else", PER_SOURCE),
    ("weights: alpha for the share", "weighting.py", "(p2 * row_weights(", "(p2 / p2 * row_weights(", COROLLARY_2),
    ("weights: no effect on what is learned", "weighting.py", "[weight / one for", "[1.0 + 0 * one for", WEIGHTED),
    ("weights: leverage without the weight", "weighting.py", "[c + weight * df1", "[c + df1", WEIGHTED),
    (
        "weights: noises swapped",
        "weighting.py",
        "pi1 * t1 * setting.noise[0] + pi2 * t2",
        "pi2 * t2 * setting.noise[0] + pi1 * t1",
        WEIGHTED,
    ),
    ("weights: noise by share", "weighting.py", "pi1 * t1 * setting", "pi1 * setting", WEIGHTED),
    (
        "weights: drift linear in the share",
        "weighting.py",
        "pi2**2 * traces.drift + spread",
        "pi2 * traces.drift + spread",
        WEIGHTED,
    ),
    (
        "weights: drift at the share of rows",
        "weighting.py",
        "pi2**2 * traces.drift + spread",
        "p2**2 * traces.drift + spread",
        WEIGHTED,
    ),
    ("weights: synthetic rows do not miss w1", "weighting.py", "2 * pi1 * traces.shift_scatter", "0", FEW_ROWS),
    ("weights: all is learned", "weighting.py", " + traces.missed_shift  #", "  #", FEW_ROWS),
    ("weights: real rows do not see the drift", "weighting.py", "pi1 * t1 * pi2**2 * traces.drift + ", "", WEIGHTED),
    ("weights: synthetic rows do not see it", "weighting.py", " + pi2 * t2 * misfit", "", WEIGHTED),
    (
        "weights: no self-consistency",
        "weighting.py",
        "traces.df1 / (traces.slack + traces.df2 * (pi1 * m1 + pi2 * m2))",
        "1.0",
        WEIGHTED,
    ),
    (
        "weights: 1 - u for 1 - u vbar",
        "weighting.py",
        "traces.df1 / (traces.slack + traces.df2 * (pi1 * m1 + pi2 * m2))",
        "n / (n - traces.df2)",
        WEIGHTED,
    ),
    (
        "weights: kappa of equal weights",
        "weighting.py",
        "spare, slope = at.spare(lam[todo] / here)",
        "spare = slope = at.n * lam[todo] / here",
        WEIGHTED,
    ),
    (
        "weights: rows without weight count",
        "weighting.py",
        "np.where(no_synthetic, (1 - p2) * n, np.where(no_real, p2 * n, n))",
        "n + 0 * p2",
        NO_WEIGHT,
    ),
    ("weights: c with D for D (1 - D)", "weighting.py", "learned * (1 - learned)", "learned", NO_RIDGE),
    (
        "weights: the other root for c",
        "weighting.py",
        "np.where(slope > 0, long / 2, last",
        "np.where(slope <= 0, long / 2, last",
        NO_RIDGE,
    ),
    (
        "weights: no ridge means kappa = 0",
        "weighting.py",
        "kappa = solve(spectrum, ",
        "kappa = 0 * solve(spectrum, ",
        INTERPOLATION,
    ),
    (
        "shares: real and synthetic rows swapped",
        "weighting.py",
        "_per_row(1 - share, 1 - p2), _per_row(share, p2)]",
        "_per_row(share, p2), _per_row(1 - share, 1 - p2)]",
        SHARES,
    ),
    (
        "shares: nothing is kept",
        "weighting.py",
        "kept = [np.maximum(1 - t * traces.df1 / n, 0)",
        "kept = [np.maximum(1 - traces.df1 / n, 0)",
        SHARES,
    ),
    ("best share: of the real rows", "best_weights.py", "traces.df1)[0][1]", "traces.df1)[0][0]", BEST_SHARE),
    (
        "best share: its row weight",
        "best_weights.py",
        "share = p2 * rows.learned",
        "share = rows.learned",
        INVERSE_VARIANCES,
    ),
    ("best share: a narrow search", "best_weights.py", "LARGEST_RATIO = 1e12", "LARGEST_RATIO = 1e2", WORTH),
    ("best weights: kappa for lam", "best_weights.py", "(kappa * c, alpha,", "(kappa, alpha,", BEST),
    ("best weights: alpha of real rows", "best_weights.py", "alpha = rows.synthetic / (", "alpha = rows.real / (", BEST),
    ("joint: determinant without its product", "hierarchical.py", "det = real * synthetic * self.tau2 + ", "det = ", JOINT),
    ("joint: tau for tau2", "hierarchical.py", "synthetic * (1 + self.tau2)", "synthetic * (1 + self.tau2**0.5)", JOINT),
    ("joint: leverage of synthetic rows", "hierarchical.py", "self.lam * (1 + self.tau2) + real", "self.lam + real", JOINT),
    ("joint: sources not coupled", "hierarchical.py", "cross = (self.lam", "cross = 0 * (self.lam", POOLED),
    ("joint: coupling transposed", "hierarchical.py", "/ self.n)[:, None, :]", "/ self.n)[:, :, None]", JOINT),
    ("joint: c for c^2", "hierarchical.py", "self.share / (1 + e) ** 2 / self.n", "self.share / (1 + e) / self.n", JOINT),
    ("joint: noises swapped", "hierarchical.py", "coupling @ self.noise", "coupling @ self.noise[::-1]", JOINT),
    ("joint: no self-consistency", "hierarchical.py", "_spread(coupling)[:, 0] * own", "np.array([1, 0]) * own", JOINT),
    ("joint: tested on synthetic rows", "hierarchical.py", "[:, 0] * own", "[:, 1] * own", JOINT),
    (
        "joint: shift missed like the teacher",
        "hierarchical.py",
        "by_shift = [synthetic, real + self.lam]",
        "by_shift = by_signal",
        JOINT_FEW_ROWS,
    ),
    (
        "joint: teacher missed by real rows only",
        "hierarchical.py",
        "np.broadcast_to(self.lam, det.shape)]",
        "0 * det]",
        TWICE,
    ),
    ("Bayes: lam without n", "hierarchical.py", "real / (n * gamma)", "real / gamma", BAYES),
    ("Bayes: tau2 upside down", "hierarchical.py", "float(delta / gamma)", "float(gamma / delta)", BAYES),
]
