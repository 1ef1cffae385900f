"""Linear pencils: the Dyson equation against closed forms, against sampled matrices, and on bad input."""

import importlib
import re

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from collapse import Setting

from .strategies import powers_of_ten, problems, properties
from .zscores import BOUND

SPECTRA = {"isotropic": np.full(60, 1.7), "power-law": np.arange(1, 61) ** -1.5, "two": np.repeat([2.0, 0.1], 30)}
SHAPES = [(90, 40), (90, 75), (90, 200), (60, 60), (30, 20), (30, 45), (30, 30), (30, 200), (33.5, 44.25)]  # n, m at d = 60


def free_probability(theory):
    """The module of the theory under test, which may be a deliberately wrong copy."""
    return importlib.import_module(f"{theory.__name__}.free_probability")


def mixture_pencil(fp, setting, n, m, lam):
    """Real and synthetic rows: the errors of both, their residuals, and the gradients that go back."""
    d, s, p2 = setting.d, setting.spectrum, float(setting.p2)
    return fp.Pencil(
        sizes={"v": m, "c": d, "a": d, "b1": (1 - p2) * n, "c2": d, "a2": d, "b2": p2 * n},
        damping={"v": lam, "b1": 1.0, "b2": 1.0},
        links={("c", "a"): 1.0, ("a", "c2"): 1.0, ("c2", "a2"): 1.0},
        gaussian={("v", "c"): (1.0, 1 / d), ("b1", "a"): (1 / n, s), ("b2", "a2"): (1 / n, s)},
    )


def error_parts(setting, n, trace):
    """B, V, zeta from the traces of the response."""
    variance = setting.noise[0] * trace("b1") + setting.noise[1] * trace("b2")
    return np.array([trace("c", setting.teacher), variance / n, trace("c2", setting.shift)])


def sampled_trace(pencil, inverse, s):
    """trace(i, weights) of the derivative of one sampled inverse when s is added to the damping of a."""

    def trace(i, weights=1.0):
        diagonal = np.einsum("pq,q,qp->p", pencil.block(inverse, i, "a"), s, pencil.block(inverse, "a", i))
        return -np.sum(weights * diagonal)

    return trace


# Against closed forms


@pytest.mark.proves("thm-dyson")
@pytest.mark.parametrize("n", [20, 60, 150])
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_plain_ridge_is_a_pencil_of_two_blocks(theory, spectrum, n, lam=0.03):
    fp, s = free_probability(theory), SPECTRA[spectrum]
    G = fp.dyson(fp.Pencil({"a": s.size, "b": n}, {"a": lam, "b": 1}, {}, {("b", "a"): (1 / n, s)}))
    kappa = theory.fixed_point(s, n, lam)
    np.testing.assert_allclose(G["a", "a"], kappa / lam / (s + kappa), rtol=1e-10)
    np.testing.assert_allclose(G.trace("b"), n - theory.df(s, kappa), rtol=1e-10)


@pytest.mark.proves("prop-dyson-projection", "def-projection-constants")
@pytest.mark.parametrize("lam", [1e-6, 1e-2, 3.0])
@pytest.mark.parametrize("n, m", SHAPES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_projections_have_the_known_constants(theory, spectrum, n, m, lam):
    fp, s = free_probability(theory), SPECTRA[spectrum]
    G, d = fp.dyson(fp.projection_pencil(s, n, m, lam)), s.size
    kappa = theory.fixed_point(s, n, lam, m)
    rows, projections = G.trace("b") / n, lam * G.trace("v") / m
    np.testing.assert_allclose(lam / (rows * projections * m / d), kappa, rtol=1e-9)
    np.testing.assert_allclose(rows, 1 - theory.df(s, kappa) / n, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(projections, 1 - theory.df(s, kappa) / m, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(G["a", "a"], 1 / (rows * (s + kappa)), rtol=1e-9)
    np.testing.assert_allclose(G["c", "c"], rows * kappa * s / (s + kappa), rtol=1e-9)
    np.testing.assert_allclose(G["a", "c"], kappa / (s + kappa), rtol=1e-9)
    np.testing.assert_allclose(G["c", "a"], -G["a", "c"], rtol=1e-12)


@pytest.mark.proves("prop-dyson-projection", "thm-projection")
@given(setting=problems(p2=st.floats(0.05, 0.95)), n=st.floats(0.3, 40), m=st.floats(0.3, 40), lam=powers_of_ten(-4, 2))
@properties
def test_the_response_of_seven_blocks_is_theorem_2(theory, setting, n, m, lam):
    fp = free_probability(theory)
    response = fp.dyson(mixture_pencil(fp, setting, n, m, lam)).response({"a": setting.spectrum})
    risk = theory.projection(setting, n, m, lam)
    expected = np.array([risk.bias, risk.variance, risk.shift])
    np.testing.assert_allclose(error_parts(setting, n, response.trace), expected, rtol=1e-7, atol=1e-9 * expected.sum())


@pytest.mark.proves("prop-dyson-projection")
def test_the_response_is_the_derivative(theory):
    fp, s, lam = free_probability(theory), SPECTRA["power-law"], 0.05
    n, m, d = 40, 30, s.size
    sizes, variances = {"v": m, "c": d, "a": d, "b": n}, {("v", "c"): (1, 1 / d), ("b", "a"): (1 / n, s)}

    def at(h):
        return fp.dyson(fp.Pencil(sizes, {"v": lam, "b": 1, "a": h * s}, {("c", "a"): 1}, variances))

    response, h = at(0.1).response({"a": s}), 1e-4
    quotient = (8 * (at(0.1 + h).values - at(0.1 - h).values) - (at(0.1 + 2 * h).values - at(0.1 - 2 * h).values)) / (12 * h)
    np.testing.assert_allclose(response.values, quotient, rtol=1e-6, atol=1e-8)


@pytest.mark.proves("thm-projection-mixture")
def test_shifted_inputs(theory):
    """Two covariances with common eigenvectors, where theory.mixture was derived by leaving one row out."""
    fp, d, n, m, lam = free_probability(theory), 20, 30, 15, 0.05
    s1, s2 = np.geomspace(2, 0.1, d), np.linspace(0.2, 1.5, d)
    teacher, shift, none = np.linspace(1, 2, d) / d, np.linspace(0, 2, d) / d, np.zeros((d, d))
    sources = [
        theory.Source(np.diag(s1), np.hstack([np.diag(teacher**0.5), none]), 0.3, 0.6),
        theory.Source(np.diag(s2), np.hstack([np.diag(teacher**0.5), np.diag(shift**0.5)]), 0.1, 0.4),
    ]
    pencil = fp.Pencil(
        sizes={"v": m, "c": d, "a": d, "b1": 0.6 * n, "c2": d, "a2": d, "b2": 0.4 * n},
        damping={"v": lam, "b1": 1, "b2": 1},
        links={("c", "a"): 1, ("a", "c2"): 1, ("c2", "a2"): 1},
        gaussian={("v", "c"): (1, 1 / d), ("b1", "a"): (1 / n, s1), ("b2", "a2"): (1 / n, s2)},
    )
    setting = Setting(s1, teacher, shift, 0.4, (0.3, 0.1))
    risk = theory.mixture(sources, n, lam, m=m)
    found = error_parts(setting, n, fp.dyson(pencil).response({"a": s1}).trace)
    np.testing.assert_allclose(found, [risk.bias, risk.variance, risk.shift], rtol=1e-9)


@pytest.mark.proves("thm-dyson")
@given(
    sizes=st.lists(st.floats(0.1, 10), min_size=2, max_size=4),
    beta=st.sampled_from([0.0, 1.5]),
    lam=powers_of_ten(-6, 1),
)
@properties
def test_deep_chains(theory, sizes, beta, lam):
    """Layers of frozen projections: lam = kappa prod (1 - df1/n) (m_l/m_(l-1)) (1 - df1/m_l)."""
    fp, d = free_probability(theory), 20
    s = np.arange(1, d + 1) ** -beta
    n, *widths = (d * size for size in sizes)
    blocks, links, gaussian = {"c0": d, "a0": d, "b": n}, {("c0", "a0"): 1}, {("b", "a0"): (1 / n, s)}
    for layer, (below, width) in enumerate(zip([d, *widths], widths)):
        above = "v" if layer == len(widths) - 1 else f"a{layer + 1}"
        gaussian[above, f"c{layer}"] = (1, 1 / below)
        blocks[above] = width
        if above != "v":
            blocks[f"c{layer + 1}"], links[f"c{layer + 1}", above] = width, 1
    G = fp.dyson(fp.Pencil(blocks, {"v": lam, "b": 1}, links, gaussian))
    kappa = G["a0", "c0"][0] * s[0] / (1 - G["a0", "c0"][0])
    spare = [1 - theory.df(s, kappa) / size for size in (n, *widths)]
    assert min(spare) > 0
    rounding = 1e-11 / min(spare)  # a share to spare is a difference: the 1e-12 that dyson leaves over grows by its inverse
    np.testing.assert_allclose(kappa * np.prod(spare) * widths[-1] / d, lam, rtol=rounding)


@pytest.mark.proves("prop-dyson-projection")
def test_elimination_gives_the_isotropic_equation():
    """Four unknown traces eliminated by Groebner basis: lam t = (1-t)(gamma-t)(1-phi t), t = 1 - G_ac."""
    lam, gamma, phi, t, Pv, Pc, Pa, Pb = sympy.symbols("lam gamma phi t Pv Pc Pa Pb")
    G = sympy.Matrix([[lam + Pv, 0, 0, 0], [0, Pc, 1, 0], [0, -1, Pa, 0], [0, 0, 0, 1 + Pb]]).inv()
    equations = [Pv - G[1, 1], Pc - gamma * G[0, 0], Pa - G[3, 3], Pb - phi * G[2, 2], t - 1 + G[2, 1]]
    numerators = [sympy.numer(sympy.together(equation)) for equation in equations]
    field = sympy.QQ.frac_field(lam, gamma, phi)
    basis = sympy.groebner(numerators, Pv, Pb, Pc, Pa, t, domain=field, order="lex")
    eliminant = sympy.numer(sympy.together(basis.exprs[-1]))
    assert sympy.cancel(eliminant / ((1 - t) * (gamma - t) * (1 - phi * t) - lam * t)).is_number


@pytest.mark.proves("prop-dyson-projection", "prop-one-root")
def test_only_one_root_has_positive_traces(theory, phi=2.5, gamma=0.8, lam=1e-3):
    """All three roots of the eliminant have kappa > 0 here; the solver returns the one with rows to spare."""
    fp = free_probability(theory)
    roots = np.sort(np.roots(np.polysub(np.polymul(np.polymul([-1, 1], [-1, gamma]), [-phi, 1]), [lam, 0])).real)
    assert (roots > 0).all() and (roots < 1).all() and roots[1] > gamma
    G = fp.dyson(fp.projection_pencil([1.0], 1 / phi, gamma, lam))
    np.testing.assert_allclose(1 - G["a", "c"], roots[0], rtol=1e-9)


@pytest.mark.proves("thm-dyson")
@pytest.mark.parametrize("x", [0.02, 0.5, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("phi", [0.4, 1.0, 2.5])
def test_marchenko_pastur_off_the_real_axis(theory, phi, x, width=1e-4):
    """The trace solves its quadratic equation, on the branch with a positive real part."""
    fp, mu = free_probability(theory), width - 1j * x
    g = fp.dyson(fp.Pencil({"a": phi, "b": 1}, {"a": mu, "b": mu}, {}, {("b", "a"): (1, 1)})).trace("a") / phi
    roots = np.roots([phi * mu, mu**2 + 1 - phi, -mu])
    assert np.sum(roots.real > 0) == 1
    np.testing.assert_allclose(g, roots[roots.real > 0][0], rtol=1e-8)


# Against sampled matrices


@pytest.mark.proves("def-pencil")
def test_a_sample_is_the_matrix_of_the_definition(theory):
    """Skew but for its damping, with the stated variances, and its inverse holds the rational expressions."""
    fp, rng, (n, m, d), trials = free_probability(theory), np.random.default_rng(1), (5, 3, 4), 4000
    s = np.array([2.0, 1.0, 0.5, 0.1])
    pencil = fp.projection_pencil(s, n, m, 0.3)
    draws = np.array([pencil.sample(rng) for _ in range(trials)])
    L = draws[0]
    np.testing.assert_array_equal(L + L.T, np.diag([0.6] * m + [0] * 2 * d + [2] * n))
    np.testing.assert_array_equal(pencil.block(L, "c", "a"), np.eye(d))
    S, X = pencil.block(L, "v", "c"), -pencil.block(L, "b", "a")
    Q = np.linalg.inv(S @ X.T @ X @ S.T + 0.3 * np.eye(m))
    inverse = np.linalg.inv(L)
    np.testing.assert_allclose(pencil.block(inverse, "v", "v"), Q, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pencil.block(inverse, "a", "a"), S.T @ Q @ S, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pencil.block(inverse, "c", "c"), X.T @ X - X.T @ X @ S.T @ Q @ S @ X.T @ X, atol=1e-12)
    for (i, j), variance in {("v", "c"): np.full((m, d), 1 / d), ("b", "a"): np.tile(s / n, (n, 1))}.items():
        squares = pencil.block(draws, i, j) ** 2
        z = (squares.mean(axis=0) - variance) / (np.sqrt(2 / trials) * variance)
        assert np.abs(z).max() < BOUND


@pytest.mark.proves("def-pencil", "thm-dyson")
def test_the_average_of_w_g_w_is_what_is_fed_back(theory, trials=4000):
    """For one fixed G, the mean of W G W^T has the diagonal P(G)."""
    fp, rng = free_probability(theory), np.random.default_rng(2)
    s = np.array([2.0, 1.0, 0.5, 0.1])
    pencil = fp.projection_pencil(s, 5, 3, 0.3)
    fixed = pencil.sample(rng)
    for i, j in (("v", "c"), ("c", "v"), ("a", "b"), ("b", "a")):
        pencil.block(fixed, i, j)[...] = 0
    G = rng.normal(size=fixed.shape)
    W = np.array([pencil.sample(rng) for _ in range(trials)]) - fixed
    diagonals = np.einsum("tpq,qr,tpr->tp", W, G, W)
    v, c, a, b = (np.diag(pencil.block(G, i, i)) for i in "vcab")
    expected = [np.full(3, c.sum() / 4), np.full(4, v.sum() / 4), s * b.sum() / 5, np.full(5, a @ s / 5)]
    z = (diagonals.mean(axis=0) - np.concatenate(expected)) / (diagonals.std(axis=0) / np.sqrt(trials))
    assert np.abs(z).max() < BOUND


@pytest.mark.proves("thm-dyson", "prop-dyson-projection")
@pytest.mark.parametrize("n, m", [(15, 9), (15, 21), (9, 6), (9, 15)])
def test_sampled_inverses_tend_to_the_solution(theory, n, m, lam=0.05, trials=600):
    """Traces at d = 12 and 24, the 1/N error extrapolated away; and it is there to be extrapolated."""
    fp, rng = free_probability(theory), np.random.default_rng(3)
    means, stderrs = [], []
    for times in (1, 2):
        s = np.repeat([2.0, 0.7, 0.3, 0.1], 3 * times)
        pencil = fp.projection_pencil(s, n * times, m * times, lam)
        draws = np.linalg.inv(np.array([pencil.sample(rng) for _ in range(trials)]))
        traces = [
            np.einsum("tii,i->t", pencil.block(draws, i, i), np.full(len(pencil.block(draws[0], i, i)), weight) / len(s))
            for i, weight in (("v", 1), ("c", 1), ("b", 1), ("a", s), ("a", s**2))
        ]
        means.append(np.mean(traces, axis=1))
        stderrs.append(np.std(traces, axis=1) / np.sqrt(trials))
        d = len(s)
    G = fp.dyson(pencil)
    expected = np.array([G.trace("v"), G.trace("c"), G.trace("b"), G.trace("a", s), G.trace("a", s**2)]) / d
    z = (2 * means[1] - means[0] - expected) / np.hypot(2 * stderrs[1], stderrs[0])
    assert np.abs(z).max() < BOUND
    assert np.abs((means[0] - expected) / stderrs[0]).max() > BOUND


@pytest.mark.proves("thm-dyson")
def test_sampled_error_of_a_mixture(theory, trials=300, lam=0.05):
    """B, V and zeta as traces of the response of seven sampled blocks."""
    fp, rng = free_probability(theory), np.random.default_rng(4)
    means, stderrs = [], []
    for d in (12, 24):
        s = np.repeat([2.0, 0.7, 0.3, 0.1], d // 4)
        setting = Setting(s, np.full(d, 1 / d), np.full(d, 0.7 / d), p2=0.25, noise=(0.3, 0.1))
        n, m = 2 * d, 3 * d // 4
        pencil, parts = mixture_pencil(fp, setting, n, m, lam), []
        for _ in range(trials):
            parts.append(error_parts(setting, n, sampled_trace(pencil, np.linalg.inv(pencil.sample(rng)), s)))
        means.append(np.mean(parts, axis=0))
        stderrs.append(np.std(parts, axis=0) / np.sqrt(trials))
    expected = error_parts(setting, n, fp.dyson(pencil).response({"a": s}).trace)
    z = (2 * means[1] - means[0] - expected) / np.hypot(2 * stderrs[1], stderrs[0])
    assert np.abs(z).max() < BOUND


# Properties of the solver


@pytest.mark.proves("thm-dyson")
@given(
    spectrum=st.lists(powers_of_ten(-4, 4), min_size=1, max_size=8).map(np.array),
    n=powers_of_ten(-1, 2),
    m=powers_of_ten(-1, 2),
    lam=powers_of_ten(-8, 3),
)
@properties
def test_the_solution_solves_and_is_positive(theory, spectrum, n, m, lam):
    """G inverts A + P(G), recomputed here from the definition; and it lies in the half space."""
    fp, d = free_probability(theory), spectrum.size
    pencil = fp.projection_pencil(spectrum, n, m, lam)
    G = fp.dyson(pencil)
    for k, s in enumerate(spectrum):
        A_plus_P = np.diag([lam + G.trace("c") / d, G.trace("v") / d, s * G.trace("b") / n, 1 + G.trace("a", spectrum) / n])
        A_plus_P[1, 2], A_plus_P[2, 1] = 1, -1
        np.testing.assert_allclose(G.values[k], np.linalg.inv(A_plus_P), rtol=1e-8, atol=1e-12 * np.abs(G.values[k]).max())
        assert np.linalg.eigvalsh(G.values[k] + G.values[k].T).min() > -1e-9 * np.abs(G.values[k]).max()


def test_sizes_and_repeated_eigenvalues_scale(theory):
    """Each entry of an array stands for size/g coordinates: repeating the spectrum is doubling the sizes."""
    fp, s = free_probability(theory), np.array([2.0, 0.5, 0.1])

    def solve(spectrum, times):
        d = s.size * times
        sizes = {"v": 5 * times, "c": d, "a": d, "b": 7 * times}
        variances = {("v", "c"): (1, 1 / d), ("b", "a"): (1 / (7 * times), spectrum)}
        return fp.dyson(fp.Pencil(sizes, {"v": 0.1, "b": 1}, {("c", "a"): 1}, variances))

    once, twice, repeated = solve(s, 1), solve(s, 2), solve(np.repeat(s, 2), 2)
    np.testing.assert_allclose(twice["a", "c"], once["a", "c"], rtol=1e-12)
    np.testing.assert_allclose(repeated["a", "c"], np.repeat(once["a", "c"], 2), rtol=1e-10)
    np.testing.assert_allclose([twice.trace("a"), repeated.trace("a")], 2 * once.trace("a"), rtol=1e-10)


def test_traces_that_do_not_settle_are_reported(theory, monkeypatch):
    fp = free_probability(theory)
    monkeypatch.setattr(fp, "MAX_STEPS", 1)
    with pytest.raises(ArithmeticError, match="the traces did not settle in 2 steps"):
        fp.dyson(fp.projection_pencil([2.0, 1.0], 3, 2, 0.1))


# Wrong pencils and wrong formulas


def seven_blocks_are_theorem_2(theory):
    setting = Setting.power_law(20, 0.3, 0.7, noise=(0.3, 0.1), beta=1.2, r=1.8)
    fp = free_probability(theory)
    response = fp.dyson(mixture_pencil(fp, setting, 30, 15, 0.05)).response({"a": setting.spectrum})
    risk = theory.projection(setting, 30, 15, 0.05)
    np.testing.assert_allclose(error_parts(setting, 30, response.trace), [risk.bias, risk.variance, risk.shift], rtol=1e-8)


CONSTANTS = [test_projections_have_the_known_constants, dict(spectrum="power-law", n=30, m=45, lam=1e-2)]
RESPONSE = [seven_blocks_are_theorem_2, {}]
FED_BACK = [test_the_average_of_w_g_w_is_what_is_fed_back, {}]
SAMPLED = [test_a_sample_is_the_matrix_of_the_definition, {}]
WRONG = [
    ("variance 1/m of the projections", "(1.0, 1 / d), (", "(1.0, 1 / m), (", CONSTANTS),
    ("variance 1/m of the projections, sampled", '("v", "c"): (1.0, 1 / d)', '("v", "c"): (1.0, 1 / m)', SAMPLED),
    ("rows not divided by n", '("b", "a"): (1 / n, spectrum)', '("b", "a"): (1.0, spectrum)', CONSTANTS),
    ("no partner for a Gaussian block", "ends = [*pencil.gaussian, *(", "ends = [*pencil.gaussian[1:], *(", CONSTANTS),
    ("the partner with a plus", "blocks[b][a] -= draw.T", "blocks[b][a] += draw.T", SAMPLED),
    ("a link with a plus", "self.fixed[:, b, a] = -self", "self.fixed[:, b, a] = +self", CONSTANTS),
    ("feedback with a minus", "traces[:, None] * self.profile).T)", "-traces[:, None] * self.profile).T)", CONSTANTS),
    ("the response not fed back", "direct - self.values @ loop.feed(traces) @ self.values", "direct", RESPONSE),
    ("no loop in the response", "np.eye(loop.count) - loop.slope(self.values)", "np.eye(loop.count)", RESPONSE),
    ("variance of the rows squared", "np.outer(rows[entry[a]], columns[", "np.outer(rows[entry[a]]**2, columns[", FED_BACK),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("right, wrong, killer", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_pencil_is_killed(mutant, right, wrong, killer):
    test, arguments = killer
    theory = mutant("free_probability.py", right, wrong)
    with pytest.raises((AssertionError, ArithmeticError)):
        test(theory, **arguments)


@pytest.mark.parametrize("killer", [CONSTANTS, RESPONSE, FED_BACK, SAMPLED])
def test_faithful_copy_survives(mutant, killer):
    test, arguments = killer
    test(mutant("free_probability.py", "class Pencil:", "class Pencil:"), **arguments)


# Bad input


def pencil(**changes):
    from collapse.theory.free_probability import Pencil

    good = dict(
        sizes={"v": 2, "c": 3, "a": 3, "b": 4},
        damping={"v": 0.1, "b": 1},
        links={("c", "a"): 1},
        gaussian={("v", "c"): (1, 1), ("b", "a"): (1, [1.0, 2.0, 3.0])},
    )
    return Pencil(**{**good, **changes})


def solution(**changes):
    from collapse.theory.free_probability import dyson

    return dyson(pencil(**changes))


def projection(**changes):
    from collapse.theory.free_probability import projection_pencil

    return projection_pencil(**{**dict(spectrum=[1.0, 2.0], n=3, m=2, lam=0.1), **changes})


CASES = [
    (lambda: pencil(sizes=[2, 3]), TypeError, "sizes must be a dict"),
    (lambda: pencil(sizes={"v": 0, "c": 3, "a": 3, "b": 4}), ValueError, "sizes['v'] must be finite and > 0, got 0"),
    (lambda: pencil(sizes={"v": "2", "c": 3, "a": 3, "b": 4}), TypeError, "sizes['v'] must hold real numbers"),
    (lambda: pencil(damping=0.1), TypeError, "damping must be a dict"),
    (lambda: pencil(damping={"v": -0.1, "b": 1}), ValueError, "damping must be finite and >= 0, got -0.1"),
    (lambda: pencil(damping={"v": -1e-9 + 1j, "b": 1}), ValueError, "damping must be finite and >= 0, got -1e-09"),
    (lambda: pencil(damping={"v": 1 + 1j * np.inf, "b": 1}), ValueError, "damping must be finite"),
    (lambda: pencil(damping={"v": "big", "b": 1}), TypeError, "damping must hold real numbers"),
    (lambda: pencil(damping={"w": 1}), ValueError, "damping must name blocks out of ['v', 'c', 'a', 'b'], got 'w'"),
    (lambda: pencil(links={("c", "b"): 1}), ValueError, "links must join blocks of one size, got 'c' and 'b'"),
    (lambda: pencil(links={("c", "a"): 1j}), TypeError, "links[('c', 'a')] must hold real numbers"),
    (lambda: pencil(links={("c", "a"): 1, ("a", "c"): -1}), ValueError, "links must join two different blocks (i, j)"),
    (lambda: pencil(links={"ca": 1}), ValueError, "links must join two different blocks (i, j), each pair in one order"),
    (lambda: pencil(links={("c", "x"): 1}), ValueError, "links must name blocks out of"),
    (lambda: pencil(gaussian={}), ValueError, "gaussian must hold at least one pair of blocks, got none"),
    (lambda: pencil(gaussian={("v", "v"): (1, 1)}), ValueError, "gaussian must join two different blocks (i, j)"),
    (lambda: pencil(gaussian={("v", "c"): 1}), TypeError, "gaussian[('v', 'c')] must be a pair (rows, columns)"),
    (lambda: pencil(gaussian={("v", "c"): (1, -1)}), ValueError, "gaussian[('v', 'c')] must be finite and >= 0, got -1"),
    (lambda: pencil(gaussian={("v", "c"): (1, 0)}), ValueError, "gaussian[('v', 'c')] must have a positive variance"),
    (lambda: pencil(gaussian={("v", "c"): (1, [1.0, 2.0])}), ValueError, "divides the size of the block"),
    (lambda: pencil(damping={"v": 1, "b": [1.0, 2.0]}), ValueError, "got length 2 in block 'b' of size 4"),
    (lambda: pencil(sizes={"v": 2.5, "c": 3, "a": 3, "b": 4}).sample(None), ValueError, "sizes must be whole numbers"),
    (lambda: pencil().block(np.eye(12), "v", "x"), ValueError, "j must name blocks out of"),
    (lambda: solution()["x", "v"], ValueError, "i must name blocks out of"),
    (lambda: solution().trace("x"), ValueError, "i must name blocks out of"),
    (lambda: solution().response({"x": 1}), ValueError, "damping must name blocks out of"),
    (lambda: solution().response(1.0), TypeError, "damping must be a dict"),
    (lambda: solution(links={}, gaussian={("v", "c"): (1, 1)}), ValueError, "pencil must not be singular"),
    (lambda: projection(spectrum=[-1.0]), ValueError, "spectrum must be finite and >= 0, got -1"),
    (lambda: projection(n=0), ValueError, "n must be finite and > 0, got 0"),
    (lambda: projection(m=np.inf), ValueError, "m must be finite and > 0, got inf"),
    (lambda: projection(lam=0), ValueError, "lam must be finite and > 0, got 0"),
    (lambda: projection(lam=[0.1, 0.2]), ValueError, "lam must be one number"),
]


@pytest.mark.parametrize("call, error, text", CASES)
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_only_a_pencil_is_solved(theory):
    with pytest.raises(TypeError, match="pencil must be a Pencil, got ndarray"):
        free_probability(theory).dyson(np.eye(3))
