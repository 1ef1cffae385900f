"""Deliberately wrong formulas, and for each a test that must fail: the list of test_wrong_formulas.py."""

from collapse import Setting

from . import (
    test_exact,
    test_one_root,
    test_population,
    test_projection,
    test_projection_against_simulation,
    test_projection_properties,
    test_theory_against_simulation,
)
from .wrong_rounds import WRONG_ROUNDS
from .wrong_weighting import WRONG_WEIGHTING

RIDGE = [test_theory_against_simulation.test_ridge, dict(kind="power-law", phi=0.5)]
PEAK = [test_theory_against_simulation.test_ridge, dict(kind="isotropic", phi=0.9)]
FEW_ROWS = [test_theory_against_simulation.test_ridge, dict(kind="aligned", phi=3.0)]
LEAST_SQUARES = [test_exact.test_least_squares_is_exact_at_any_size_and_spectrum, dict(d=2, n=8, p2=0.5)]
INTERPOLATION = [test_exact.test_interpolation_is_exact_for_a_flat_spectrum, dict(d=8, n=2, p2=0.5)]
COROLLARY = [test_exact.test_corollary_1, dict(phi=0.5, p2=0.3)]
LEFT_OUT = [test_exact.test_leave_one_out_is_what_refitting_gives, dict(n=12, d=5)]
PLATEAU = [test_exact.test_plateau_is_where_the_ridgeless_error_stops, {}]
EXACT_PROJECTION = [test_exact.test_projections_are_exact_for_a_flat_spectrum, dict(d=30, m=12, n=20, p2=0.2)]
ONE_ROOT = [test_one_root.test_the_spurious_roots_are_not_taken, {}]
NO_RIDGE = [test_projection_properties.test_without_noise_and_with_enough_of_everything_no_ridge_is_the_best, dict(m=6)]
CUBES = [test_population.test_cubes_are_sources_of_the_mixture_theorem, dict(n=7, lam=0.3)]
TWO_SOURCES = [test_population.test_without_corrections_it_is_a_mixture_of_two_sources, dict(n=9, lam=0.01, p2=0.2)]
LISTED = [test_population.test_list_against_simulation, {}]
UNEVEN = Setting.power_law(6, 0.4, 0.5, noise=(0.3, 0.1), beta=1.5, r=2.0, q=1.0)


def at(test, **arguments):
    """One example of a property test."""
    return [test.hypothesis.inner_test, arguments]


HIGH = at(test_projection.test_the_peak_is_approached_like_the_root_of_the_ridge, setting=UNEVEN, share=0.4)
BEST_RIDGE = at(test_projection_properties.test_no_ridge_beats_the_best, setting=UNEVEN, n=9.0, m=5.0)
BEST_SIZE = at(test_projection_properties.test_no_size_beats_the_best, setting=UNEVEN, n=9.0, lam=0.01)


def mixture(name, psi=None):
    if psi is None:
        return [test_theory_against_simulation.test_mixture, dict(name=name)]
    return [test_projection_against_simulation.test_mixture, dict(name=name, psi=psi)]


def projection(order, kind="power-law"):
    return [test_projection_against_simulation.test_projection, dict(kind=kind, order=order)]


FEW_PROJECTIONS, LARGE = projection("m < n < d"), projection("n < m < d")

BISECTION = """low, high = np.full((2, 1), [[-50.0], [50.0]]) + 0 * sizes.n
        for _ in range(100):
            middle = (low + high) / 2
            df1 = spectrum.totals(np.exp(middle))[0]
            above = (sizes.n - df1) * (sizes.m - df1) * np.exp(middle) > sizes.ridge * sizes.n * sizes.m
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.exp(high).reshape(shape)"""

WRONG = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("plateau linear in p2", "traces.py", "drift = p2**2 *", "drift = p2 *", RIDGE),
    ("drift multiplied by 1/(1-u)", "traces.py", "drift + _times(", "drift * inflation + _times(", RIDGE),
    ("no label inconsistency", "traces.py", "_times(contradiction + missed_drift", "_times(missed_drift", RIDGE),
    ("inconsistency p2 instead of p1 p2", "traces.py", "(1 - p2) * p2 * setting.c2", "p2 * setting.c2", RIDGE),
    ("missed shift dropped", "traces.py", "_times(contradiction + missed_drift", "_times(contradiction", FEW_ROWS),
    ("missed shift subtracted", "traces.py", "contradiction + missed_drift", "contradiction - missed_drift", FEW_ROWS),
    (
        "noises swapped",
        "traces.py",
        "(1 - p2) * setting.noise[0] + p2 * setting.noise[1]",
        "(1 - p2) * setting.noise[1] + p2 * setting.noise[0]",
        RIDGE,
    ),
    ("bias not inflated", "traces.py", "bias_scatter, inflation)", "bias_scatter, 1.0)", RIDGE),
    ("df1 for df2 in the variance", "traces.py", "(self.df2 + scatter", "(self.df1 + scatter", RIDGE),
    ("no self-consistency of the error", "traces.py", "n / (spare_n + q * self.slack)", "n / n", RIDGE),
    ("u from df1", "traces.py", "n / (spare_n + q * self.slack)", "n / spare_n", PEAK),
    ("bias with one power of kappa", "traces.py", "missed *= missed", "missed *= 1.0", RIDGE),
    ("kappa = lam", "fixed_point.py", "kappa[positive] = _newton(", "kappa[positive] = sizes.ridge + 0 * _newton(", RIDGE),
    ("lam multiplied by n", "fixed_point.py", "few * self.ridge / kappa", "few**2 * self.ridge / kappa", FEW_ROWS),
    (
        "sign of df1",
        "fixed_point.py",
        "few - learned, (few - spectrum.rank) + missed",
        "few - learned, few + learned",
        RIDGE,
    ),
    # random projections
    ("1 - q dropped", "traces.py", "scatter = self.slack /", "scatter = 0 * self.slack /", FEW_PROJECTIONS),
    (
        "q for 1 - q",
        "traces.py",
        "scatter = self.slack / np.maximum(spare_m + self.slack, TINY)",
        "scatter = 1 / (1 + self.slack / np.maximum(spare_m, TINY))",
        LARGE,
    ),
    ("df1 for df2 under q", "traces.py", "np.maximum(spare_m + self.slack, TINY)", "np.maximum(spare_m, TINY)", LARGE),
    (
        "no scatter in the bias",
        "traces.py",
        "_times(self.bias + scatter * self.bias_scatter, ",
        "_times(self.bias, ",
        FEW_PROJECTIONS,
    ),
    ("no scatter in u", "traces.py", "(self.df2 + scatter * self.slack) / n", "self.df2 / n", FEW_PROJECTIONS),
    ("1 - u without q", "traces.py", "spare_n + q * self.slack", "spare_n + self.slack", FEW_PROJECTIONS),
    ("no scatter in the drift", "traces.py", "(self.drift + scatter * self.shift_scatter)", "self.drift", FEW_PROJECTIONS),
    (
        "no scatter in the missed shift",
        "traces.py",
        "(self.missed_shift + scatter * self.shift_scatter)",
        "self.missed_shift",
        projection("m < n < d, close", "aligned"),
    ),
    (
        "scatters of teacher and shift swapped",
        "traces.py",
        "df1, slack, bias_scatter, shift_scatter,",
        "df1, slack, shift_scatter, bias_scatter,",
        FEW_PROJECTIONS,
    ),
    ("gamma dropped", "fixed_point.py", "lam * d / sizes[0]", "lam", LARGE),
    ("gamma upside down", "fixed_point.py", "lam * d / sizes[0]", "lam * sizes[0] / d", LARGE),
    ("d/n for gamma", "fixed_point.py", "lam * d / sizes[0]", "lam * d / n", LARGE),
    (
        "only the smaller of n and m",
        "fixed_point.py",
        "few, many = self.few, self.many",
        "few, many = self.few, np.inf",
        LARGE,
    ),
    (
        "no effect of m but on the ridge",
        "fixed_point.py",
        "cls(n, sizes[0], lam",
        "cls(n, np.full(n.shape, np.inf), lam",
        FEW_PROJECTIONS,
    ),
    (
        "rows and projections swapped",
        "fixed_point.py",
        "return self.n - self.few + rho, self.m - self.few + rho",
        "return self.m - self.few + rho, self.n - self.few + rho",
        FEW_PROJECTIONS,
    ),
    (
        "bisection of the product, no bracket",
        "fixed_point.py",
        "kappa[positive] = _newton(spectrum, sizes, _near_root(spectrum, sizes))",
        BISECTION,
        ONE_ROOT,
    ),
    (
        "the other root of the quadratic",
        "fixed_point.py",
        "2 * product / np.maximum(slope + np.sqrt(slope**2 + 4 * product / many), TINY)",
        "-many / 2 * (slope + np.sqrt(slope**2 + 4 * product / many))",
        ONE_ROOT,
    ),
    ("peak without 1/2", "projection.py", "sizes.ridge) / 2", "sizes.ridge)", HIGH),
    ("peak without gamma", "projection.py", "sizes.n / setting.d * kappa", "kappa", HIGH),
    ("peak without scatter", "projection.py", "p2**2 * (traces.missed_shift + traces.shift_scatter)", "0", HIGH),
    ("best ridge at another gamma", "best.py", "spare_m / setting.d if sizes", "spare_m / m if sizes", BEST_RIDGE),
    ("best size at another ridge", "best.py", "lam * setting.d / m))", "lam * setting.d / n))", BEST_SIZE),
    ("no ridge is never the best", "best.py", "np.concatenate([smallest, found], axis=1)", "found", NO_RIDGE),
    # exact formulas
    ("exact: n for n + 2", "exact.py", "(n * (n + 2) * (n - 1))", "(n * n * (n - 1))", LEAST_SQUARES),
    ("exact: cross moment dropped", "exact.py", "diagonal = off + n2", "diagonal = n2", LEAST_SQUARES),
    ("exact: n d for n d - 2", "exact.py", "(n * k - 2)", "(n * k)", LEAST_SQUARES),
    (
        "exact: n - d for n - d - 1",
        "exact.py",
        "noise = k / np.where(n > k + 1, n - k - 1, 1)",
        "noise = k / np.where(n > k + 1, n - k, 1)",
        LEAST_SQUARES,
    ),
    (
        "exact: shares swapped",
        "exact.py",
        "n2 * (n2 - 1) / (n * (n - 1))",
        "(n - n2) * (n2 - 1) / (n * (n - 1))",
        [LEAST_SQUARES[0], dict(d=6, n=20, p2=0.2)],
    ),
    (
        "exact: interpolation without inconsistency",
        "exact.py",
        "(n2 + (n - n2) * n2 * inverse_wishart) / d",
        "n2 / d",
        INTERPOLATION,
    ),
    ("exact: interpolation bias", "exact.py", "return 1 - n / d, n", "return (1 - n / d) ** 2, n", INTERPOLATION),
    ("exact: everything is expressed", "exact.py", "expressed = k / d", "expressed = 1 + 0 * k", EXACT_PROJECTION),
    ("exact: the rest is no noise", "exact.py", "(1 - expressed) * (1 + noise)", "1 - expressed", EXACT_PROJECTION),
    ("exact: the rest of the shift is no noise", "exact.py", "(1 - expressed) * n2 / n * noise", "0", EXACT_PROJECTION),
    (
        "exact: the whole shift is learned",
        "exact.py",
        "+ expressed * _least_squares",
        "+ _least_squares",
        EXACT_PROJECTION,
    ),
    ("corollary: p2 for p1 p2", "traces.py", "(1 - p2) * p2 * setting.c2", "p2 * setting.c2", COROLLARY),
    (
        "leave one out: the residual itself",
        "leave_one_out.py",
        "(labels - hat @ labels) / (1 - np.diag(hat))",
        "(labels - hat @ labels)",
        LEFT_OUT,
    ),
    ("leave one out: the mean leverage", "leave_one_out.py", "(1 - np.diag(hat))", "(1 - np.diag(hat).mean())", LEFT_OUT),
    ("plateau p2 c2", "scaling.py", "setting.p2**2 * setting.c2", "setting.p2 * setting.c2", PLATEAU),
    # mixtures
    (
        "mixture: weights ignored",
        "mixture.py",
        "problem.share * problem.weight / (theta + problem.weight * e)",
        "problem.share / (theta + e)",
        mixture("weights"),
    ),
    (
        "mixture: coupling transposed",
        "mixture.py",
        "np.eye(len(errors)) - self.coupling",
        "np.eye(len(errors)) - self.coupling.T",
        mixture("three sources"),
    ),
    (
        "mixture: c for c^2 in the spread",
        "mixture.py",
        "self.c**2 / (n * problem.share)",
        "self.c / (n * problem.share)",
        mixture("covariate shift"),
    ),
    (
        "mixture: tested on the first source",
        "mixture.py",
        "at.coupled(self.test.covariance)",
        "at.coupled(self.covariances[0])",
        mixture("another test"),
    ),
    (
        "mixture: cross term dropped",
        "mixture.py",
        "error(missed + pulled - self.shifts, missed + pulled) - bias",
        "error(pulled - self.shifts, pulled)",
        mixture("correlated shift"),
    ),
    (
        "mixture: own shift forgotten",
        "mixture.py",
        "missed + pulled - self.shifts, missed",
        "[missed + pulled] * e.size, missed",
        mixture("rotated shift"),
    ),
    (
        "mixture: noise of the first source for all",
        "mixture.py",
        "source.noise for source",
        "sources[0].noise for source",
        mixture("unequal noise"),
    ),
    (
        "mixture: no self-consistency",
        "mixture.py",
        "on_test @ at.spread(self.noise)",
        "on_test @ self.noise",
        mixture("one source"),
    ),
    (
        "mixture: sign of the missed part",
        "mixture.py",
        "missed = -at.kappa",
        "missed = at.kappa",
        mixture("correlated shift"),
    ),
    # mixtures with random projections
    ("mixture: no tau in the coupling", "mixture.py", "form + tau * self._traces", "form", mixture("three sources", 0.4)),
    ("mixture: no tau on the sources", "mixture.py", " + at.scatter * size", "", mixture("covariate shift", 0.3)),
    ("mixture: no tau on the test", "mixture.py", " + scatter * size", "", mixture("another test", 0.4)),
    (
        "mixture: tau of the first source on the test",
        "mixture.py",
        " + scatter * size",
        " + at.scatter[0] * size",
        mixture("another test", 0.4),
    ),
    (
        "mixture: tau over m - df1",
        "mixture.py",
        " + self.kappa * (s @ inverse**2)",
        "",
        mixture("covariate shift, few rows", 2.0),
    ),
    (
        "mixture: one power of kappa in tau",
        "mixture.py",
        "tau = self.kappa**2 *",
        "tau = self.kappa *",
        mixture("weights", 0.75),
    ),
    (
        "mixture: tau of the missed part alone",
        "mixture.py",
        "np.sum((teacher + against",
        "np.sum((against",
        mixture("weights", 0.25),
    ),
    (
        "mixture: kappa of the rows alone",
        "mixture.py",
        "self.kappa = mu if m == np.inf else",
        "self.kappa = mu if mu > 0 else",
        mixture("weights, few rows", 0.5),
    ),
    # rows drawn from a list
    ("list: kappa = lam", "population.py", "kappa = fixed_point(values, n, lam)", "kappa = lam", CUBES),
    ("list: long rows count for more", "population.py", "gamma = gamma, 1 / (spare", "gamma = gamma, (spare", CUBES),
    ("list: weight without the mean leverage", "population.py", "1 / (spare + ", "1 / (1 + ", CUBES),
    ("list: mean student without weights", "population.py", "(targets * self.gamma)", "targets", CUBES),
    ("list: c for c^2 in the scatter", "population.py", "self.gamma**2 * q", "self.gamma * q", CUBES),
    ("list: no self-consistency", "population.py", "direction - _form(u, _moment(u, direction)) / n", "direction", CUBES),
    ("list: tested on weighted rows", "population.py", "_moment(self.z, equal)", "_moment(self.z, self.gamma)", CUBES),
    ("list: one misfit for all", "population.py", "if not unequal_misfit:", "if True:", LISTED),
    ("list: plateau linear in p2", "population.py", "p2**2 * np.vdot(drift", "p2 * np.vdot(drift", CUBES),
    ("list: cross term dropped", "population.py", "2 * p2 * np.vdot(start", "0 * np.vdot(start", CUBES),
    ("list: no contradiction", "population.py", "+ p2 * (1 - p2) * contradiction", "", CUBES),
    ("list: contradiction with p2 for p1 p2", "population.py", "p2 * (1 - p2) * contra", "p2 * contra", CUBES),
    (
        "list: misfits swapped",
        "population.py",
        "(1 - p2) * self._scattered(own) + p2 * self._scattered(made)",
        "(1 - p2) * self._scattered(made) + p2 * self._scattered(own)",
        CUBES,
    ),
    ("list: no self-consistency of equal rows", "population.py", "own / (1 - own.mean() / n)", "own", TWO_SOURCES),
    *WRONG_WEIGHTING,
    *WRONG_ROUNDS,
]
