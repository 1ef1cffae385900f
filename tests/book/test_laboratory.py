"""The laboratory's theory.js gives the numbers of collapse.theory, and a wrong formula in it is noticed."""

from pathlib import Path

import numpy as np
import pytest

from collapse import Setting, theory

from .agreement import AGREEMENT, differences

SOURCE = (Path(__file__).resolve().parents[2] / "book" / "static" / "theory.js").read_text(encoding="utf-8")

RUN = """([source, cases]) => {
  const theory = Function(`${source}; return theory`)();
  const numbers = ({ kind, problem, n, m, lam, order }) => {
    const setting = theory[kind](...problem);
    const size = m ?? undefined;
    const risk = m === null ? theory.ridge(setting, n, lam) : theory.projection(setting, n, m, lam);
    const kappa = theory.fixedPoint(setting, n, lam, size);
    const above = theory.fixedPoint(setting, n / 1.3, lam, size);
    const swept = theory.risk(setting, theory.student(setting, n, lam, size, above));
    return [
      kappa, theory.df(setting, kappa, order), theory.plateau(setting),
      risk.bias, risk.variance, risk.shift, risk.total, swept.bias, swept.variance, swept.shift,
    ];
  };
  return cases.map((given) => {
    try {
      return numbers(given);
    } catch {
      return Array(10).fill(NaN);
    }
  });
}"""

MUTANTS = {
    "labels contradict each other at p1 = 0": ("(1 - p2) * p2 * problem.c2", "p2 * problem.c2"),
    "the drift is linear in p2": ("const drift = p2 ** 2", "const drift = p2"),
    "p1 and p2 swapped in the noise": ("(1 - p2) * problem.noise[0] + p2 *", "p2 * problem.noise[0] + (1 - p2) *"),
    "a wrong root of the quadratic": ("4 * product", "2 * product"),
    "another normalisation of the projections": ("(lam * d) / m", "lam"),
    "no scatter": ("slack / Math.max(spareM + slack, TINY)", "0"),
    "no scatter in the noise": ("of.df2 + scatter * slack", "of.df2"),
    "no scatter in the missed shift": ("of.missedShift + scatter * of.shiftScatter", "of.missedShift"),
    "no scatter in the drift": ("of.drift + scatter * of.shiftScatter", "of.drift"),
    "no scatter in the bias": ("of.bias + scatter * of.biasScatter", "of.bias"),
    "q is one": ("1 / (1 + slack / spareM)", "1"),
    "rows to spare are those of the smaller size": ("spareN: n - at.few + rho", "spareN: rho"),
    "all rows to spare without a ridge": ("at.few - problem.rank : rows", "at.few : rows"),
    "what is learned enters once": ("shift[j] * learned * learned", "shift[j] * learned"),
    "the first eigenvalue is the second": ("(j + 1) ** -decay", "(j + 2) ** -decay"),
    "the shift falls like the signal": ("scaled(powers(q), c2)", "scaled(powers(r), c2)"),
    "the order of the degrees of freedom is ignored": (") ** order", ")"),
    "Newton stops early": ("Math.abs(change) < 1e-9", "Math.abs(change) < 1e-3"),
    "the plateau is linear in p2": ("problem.p2 ** 2 * problem.c2", "problem.p2 * problem.c2"),
}


def random_case(rng):
    """A setting of any regime: as JavaScript gets it, with the numbers of collapse.theory."""
    d, p2 = int(rng.choice([2, 5, 30, 100, 400])), float(rng.choice([0, 1, *rng.random(4)]))
    c2, *noise = (float(x) for x in 10 ** rng.uniform(-2, 1, 3) * (rng.random(3) < 0.9))
    lam = float(rng.choice([0, 1e-12, *10 ** rng.uniform(-12, 1, 3)]))
    n = float(rng.choice([d, *np.ceil(10 ** rng.uniform(0, 6, 4))]))
    m = rng.choice([None, None, None, n, d, *np.ceil(10 ** rng.uniform(0, 5, 3))])
    case = {"n": n, "m": m if m is None else float(m), "lam": lam, "order": int(rng.integers(1, 4))}
    if rng.random() < 0.4:
        arguments = (d, p2, c2, noise)
        return case | {"kind": "isotropic", "problem": arguments}, expected(Setting.isotropic(*arguments), **case)
    arguments = (d, p2, c2, noise, *(float(x) for x in rng.uniform((0, 0, -1), (3, 4, 3))), float(10 ** rng.uniform(-1, 1)))
    return case | {"kind": "powerLaw", "problem": arguments}, expected(Setting.power_law(*arguments), **case)


def expected(setting, n, m, lam, order):
    risk = theory.ridge(setting, n, lam) if m is None else theory.projection(setting, n, m, lam)
    kappa = theory.fixed_point(setting.spectrum, n, lam, m)
    parts = [risk.bias, risk.variance, risk.shift]
    return [kappa, theory.df(setting.spectrum, kappa, order), theory.plateau(setting), *parts, risk.total, *parts]


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(0)
    return [random_case(rng) for _ in range(400)]


def test_the_page_computes_what_the_package_does(browser, cases):
    page = browser.new_page()
    found = page.evaluate(RUN, [SOURCE, [case for case, _ in cases]])
    worst = differences(found, [wanted for _, wanted in cases])
    print(f"largest relative difference over {len(cases)} settings: {worst.max():.1e}")
    assert sum(np.isinf(wanted).any() for _, wanted in cases) > 5, "some should lie on a ridgeless peak"
    assert worst.max() < AGREEMENT, cases[worst.max(axis=1).argmax()]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_formula_is_noticed(browser, cases, name):
    right, wrong = MUTANTS[name]
    assert SOURCE.count(right) == 1
    found = browser.new_page().evaluate(RUN, [SOURCE.replace(right, wrong), [case for case, _ in cases[:200]]])
    assert differences(found, [wanted for _, wanted in cases[:200]]).max() > AGREEMENT
