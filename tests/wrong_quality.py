"""Deliberately wrong estimators of c2, and for each a test that must fail: for test_wrong_formulas.py."""

from . import test_quality

OLS = [test_quality.test_ols_written_out, {}]
HOLDOUT = [test_quality.test_holdout_written_out, dict(n1=3)]
PRODUCTS = [test_quality.test_u_statistic_written_out, {}]
LEFT_OUT = [test_quality.test_leave_one_out_by_refitting, dict(n2=9, d=4)]
FEW_LEFT_OUT = [test_quality.test_leave_one_out_by_refitting, dict(n2=7, d=10)]
NULL = [test_quality.test_without_a_shift_the_standard_error_is_that_of_the_two_fits, {}]
F_TEST = [test_quality.test_where_all_directions_are_equally_noisy_the_interval_is_that_of_the_f_test, {}]
ANY_ROWS = [test_quality.test_ols_is_unbiased_for_any_rows_and_takes_c2_on_the_real_ones, {}]
TRACES = [test_quality.test_the_traces_of_ridge_fits_are_those_of_the_theory, dict(n=90)]
PLATEAU = [test_quality.test_the_plateau_is_p2_squared_c2, {}]
ONSET = [test_quality.test_the_onset_is_where_real_data_alone_reach_the_plateau, {}]
WEIGHT = [test_quality.test_the_best_weight_is_the_best, {}]
MOVED = [test_quality.test_intervals_of_the_onset_cover, dict(n1=60, n2=40, d=20)]
SMALLEST = [test_quality.test_the_chosen_ridge_has_the_smallest_standard_error, {}]
SMALL_POOL = [test_quality.test_a_small_pool_excludes_no_large_c2, {}]


def covers(name, c2):
    return [test_quality.test_95_percent_intervals_cover_93_to_97_percent, dict(name=name, c2=c2)]


def unbiased(name, c2):
    return [test_quality.test_estimates_are_unbiased, dict(name=name, c2=c2)]


WRONG_QUALITY = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("fit: RSS over n", "samples.py", "rows.missed(weights) / (n - d)", "rows.missed(weights) / n", unbiased("ols", 0.0)),
    ("ols: no noise taken off", "fits.py", "c2=square.sum(axis=-1) - total", "c2=square.sum(axis=-1)", unbiased("ols", 0.3)),
    ("ols: noises swapped", "fits.py", "one.noise[..., None] / n1 + two", "two.noise[..., None] / n1 + one", OLS),
    ("ols: rows of the synthetic sample", "fits.py", "cholesky(one.gram / n1)", "cholesky(two.gram / n2)", ANY_ROWS),
    ("ols: trace of the inverse of d", "fits.py", "np.linalg.solve(two.gram, root)", "root / n2", ANY_ROWS),
    ("ols: half the variance", "fits.py", "variance=(2 * np.sum(noisy**2", "variance=(np.sum(noisy**2", NULL),
    ("ols: no scatter of the rows", "fits.py", "4 * met, 2 / n1),", "4 * met, 0.0),", covers("ols, few real rows", 3.0)),
    ("ols: shift without scatter", "fits.py", "4 * met, 2 / n1),", "0 * met, 2 / n1),", covers("ols, many columns", 3.0)),
    (
        "ols: noise known",
        "fits.py",
        "spare=total**2 / (own",
        "spare=1e9 + 0 * total**2 / (own",
        covers("ols, few real rows", 0.0),
    ),
    ("holdout: own leverage only", "fits.py", "two.noise * (1 + leverage)", "two.noise * leverage", HOLDOUT),
    ("holdout: leverage forgotten", "fits.py", "two.noise * (1 + leverage)", "two.noise * (1 + 0 * leverage)", HOLDOUT),
    (
        "held out: fit without scatter",
        "fits.py",
        "2 * error**2 * learned / spare",
        "0 * error",
        covers("holdout, more real rows", 0.0),
    ),
    (
        "held out: few rows count as many",
        "fits.py",
        "(2 * error**2 / n1 + ",
        "(0 * error**2 / n1 + ",
        covers("holdout", 0.3),
    ),
    (
        "held out: noise known",
        "fits.py",
        "        spare=spare,",
        "        spare=1e9,",
        covers("holdout, more real rows", 0.0),
    ),
    ("products: a row with itself", "moments.py", "axis=-1) - alone", "axis=-1)", PRODUCTS),
    ("products: n^2 pairs", "moments.py", "pairs = n * (n - 1)", "pairs = n * n", PRODUCTS),
    ("products: one cross term", "moments.py", "own1 + own2 - 2 * cross", "own1 + own2 - cross", PRODUCTS),
    ("products: inverse of the pool, biased", "moments.py", "gram / (len(pool) - d - 1)", "gram / len(pool)", PRODUCTS),
    (
        "products: no scatter of the pairs",
        "moments.py",
        "inflation * pairs + gap**2",
        "gap**2",
        covers("u_statistic", 0.0),
    ),
    (
        "products: no cross pairs",
        "moments.py",
        " + 4 * both / (n1 * n2)",
        "",
        covers("u_statistic, few columns", 0.0),
    ),
    ("products: a pool is the truth", "moments.py", "drift = 2 / (pool - d - 3)", "drift = 0.0", SMALL_POOL),
    (
        "ridge: the residual itself",
        "ridge.py",
        "left_out, weights = residuals / kept,",
        "left_out, weights = residuals,",
        LEFT_OUT,
    ),
    ("ridge: fit with all rows", "ridge.py", " + 2 * cross + np.sum(gram * self.steps, axis=(-1, -2))", "", LEFT_OUT),
    ("ridge: df1 of all rows", "ridge.py", "df1=n - missed - by_row", "df1=n - missed", FEW_LEFT_OUT),
    ("ridge: attenuation forgotten", "ridge.py", "part = 2 * fits.df1 / d - 1", "part = 1 + 0 * fits.df1", LEFT_OUT),
    ("ridge: df1 for 2 df1 - d", "ridge.py", "part = 2 * fits.df1 / d - 1", "part = fits.df1 / d", FEW_LEFT_OUT),
    (
        "ridge: df1 for df2",
        "ridge.py",
        "learned=1 - missed**2 / (n * missed_twice)",
        "learned=1 - missed / n",
        TRACES,
    ),
    ("ridge: scatter not magnified", "ridge.py", "part ** (k - 2)", "part**k", covers("leave_one_out, few rows", 0.0)),
    ("law: normal", "law.py", "np.maximum(_polynomial(self.third, scale, c2) / stderr**3, 1e-3)", "1e-3", F_TEST),
    ("law: third cumulant for skewness", "law.py", "/ stderr**3, 1e-3)", ", 1e-3)", F_TEST),
    ("law: noise known", "law.py", "np.minimum(self.spare, KNOWN) / 2", "KNOWN / 2", F_TEST),
    (
        "law: noise upside down",
        "law.py",
        "scale = half / gammaincinv(half, chance)",
        "scale = gammaincinv(half, chance) / half",
        F_TEST,
    ),
    ("law: no shift with the noise", "law.py", " - (scale - 1) * self.noise", "", F_TEST),
    (
        "plateau linear in p2",
        "predictions.py",
        "p2**2 * np.maximum(each, 0.0) for each in (found.c2",
        "p2 * np.maximum(each, 0.0) for each in (found.c2",
        PLATEAU,
    ),
    (
        "plateau below 0",
        "predictions.py",
        "p2**2 * np.maximum(each, 0.0) for each in (found.c2",
        "p2**2 * each for each in (found.c2",
        PLATEAU,
    ),
    ("onset with d upside down", "predictions.py", "/ found.d for each", "* found.d for each", ONSET),
    (
        "onset: noise without an interval",
        "predictions.py",
        "return found.noise[:count]",
        "return tuple(Noise(each.value, np.inf) for each in found.noise[:count])",
        ONSET,
    ),
    (
        "onset: the noise of the synthetic rows",
        "predictions.py",
        "return found.noise[:count]",
        "return found.noise[-count:]",
        ONSET,
    ),
    (
        "moved: changes not squared",
        "predictions.py",
        "np.minimum(np.minimum(*changes), 0) ** 2",
        "np.minimum(np.minimum(*changes), 0) ** 4",
        MOVED,
    ),
    ("best weight: the share itself", "predictions.py", "return synthetic / (real + synthetic)", "return share", WEIGHT),
    ("best weight: shares without leverage", "predictions.py", "(n2 / n - share * d / n)", "(n2 / n)", WEIGHT),
    ("choice: the largest standard error", "choice.py", "min(found, key", "max(found, key", SMALLEST),
]
