"""The formulas of the calculator, each against something that is computed in another way."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from collapse import quality, theory
from collapse.advice.decision import CANNOT_TELL, JOINT, LEAVE_OUT, POOL, WEIGHT
from collapse.quality import Noise, Prediction

COUNT = 300  # samples, to count chances


def unit(rng, d):
    vector = rng.standard_normal(d)
    return vector / np.linalg.norm(vector)


def draw(seed=0, n1=60, n2=200, d=5, shift=0.1, noise=0.7):
    rng = np.random.default_rng(seed)
    w, delta = unit(rng, d), shift * unit(rng, d)
    x1, x2 = rng.standard_normal((n1, d)), rng.standard_normal((n2, d))
    return (x1, x1 @ w + noise * rng.standard_normal(n1)), (x2, x2 @ (w + delta) + noise * rng.standard_normal(n2))


# Students


def problem(advice, **changes):
    return advice.students.Problem(**dict(n1=40, n2=90, d=12, r2=1.3, least=1e-9, most=1e3) | changes)


def error(advice, setting, overlap, **given):
    """Of a student with the ridge, weight and tau2 that are given."""
    return advice.students.coefficients(problem(advice), **given) @ advice.students.causes(setting, overlap)


def test_errors_are_those_of_theory(advice):
    at = problem(advice)
    setting, n = at.setting(0.2, 0.3, 0.5), at.n
    students = advice.students.chosen(at, setting, at.setting(0.4, 0.3, 0.5))
    alone, pooled, best, careful, joint = (error(advice, setting, 0.0, **each) for each in students)
    assert alone == pytest.approx(theory.best_ridge(setting.replace(p2=0.0), at.n1)[1].total, rel=1e-7)
    assert pooled == pytest.approx(theory.best_ridge(setting, n)[1].total, rel=1e-7)
    assert best == pytest.approx(theory.best_weighting(setting, n)[2].total, rel=1e-7)
    assert careful == pytest.approx(theory.weighted(setting, n, students[3]["lam"], students[3]["alpha"]).total, rel=1e-7)
    assert joint == pytest.approx(theory.hierarchical(setting, n, students[4]["lam"], students[4]["tau2"]).total, rel=1e-7)


def test_with_equal_noises_the_joint_fit_is_bayes(advice):
    at = problem(advice)
    setting = at.setting(0.2, 0.4, 0.4)
    joint = advice.students.chosen(at, setting, setting)[4]
    lam, tau2, risk = theory.bayes_hierarchical(setting, at.n)
    assert joint["lam"] == pytest.approx(lam)
    assert joint["tau2"] == pytest.approx(tau2, rel=1e-4)  # where the error is least, so 1e-8 in the error
    assert error(advice, setting, 0.0, **joint) == pytest.approx(risk.total, rel=1e-7)


@pytest.mark.proves("prop-one-dimension")
@pytest.mark.parametrize("overlap", [-0.4, 0.3])
def test_one_dimension_is_enough(advice, overlap):
    """The mixture in all 12 dimensions, with teachers that have this overlap."""
    n, p2, eye = 130, 9 / 13, np.eye(12)
    setting = problem(advice).setting(0.2, 0.3, 0.5)
    first, second = eye[0], eye[1]
    along = overlap / np.sqrt(1.3)
    real, shift = np.sqrt(1.3) * first, along * first + np.sqrt(0.2 - along**2) * second
    sources = [theory.Source(eye, real, 0.3, 1 - p2, 1.5), theory.Source(eye, real + shift, 0.5, p2, 0.5)]
    # weights 1.5 : 0.5 are alpha = 1/4, and lam goes with their mean
    mean = 1.5 * (1 - p2) + 0.5 * p2
    whole = theory.mixture(sources, n, 0.1 * mean).total
    assert error(advice, setting, overlap, alpha=0.25, lam=0.1, tau2=None) == pytest.approx(whole, rel=1e-8)
    tau = 0.6
    alone, apart = (np.kron(np.outer(v, v), eye) for v in ([1, 0], [1, tau]))
    teacher = np.concatenate([real, shift / tau])
    sources = [theory.Source(alone, teacher, 0.3, 1 - p2), theory.Source(apart, teacher, 0.5, p2)]
    whole = theory.mixture(sources, n, 0.1, theory.Target(alone, teacher)).total
    assert error(advice, setting, overlap, alpha=None, lam=0.1, tau2=tau**2) == pytest.approx(whole, rel=1e-8)
    alone = theory.mixture([theory.Source(eye, real, 0.3, 1.0)], 40, 0.1).total
    assert error(advice, setting, overlap, alpha=0.0, lam=0.1, tau2=None) == pytest.approx(alone, rel=1e-8)


def test_no_overlap_is_larger_than_signal_and_shift_allow(advice):
    setting = problem(advice).setting(0.2, 0.3, 0.5)
    for endless, end in ((-np.inf, -1), (np.inf, 1)):
        np.testing.assert_allclose(advice.students.causes(setting, endless), [1.3, 0.3, 0.5, 0.2, end * np.sqrt(0.26)])


def test_the_signal_is_the_variance_without_noise_and_not_too_small(advice):
    """Its interval is that of a chi-squared variance, less the noise."""
    measured = SimpleNamespace(d=12, noise=(Noise(0.4, 20), Noise(0.3, 60)))
    for variance, signal in ((1.5, 1.1), (0.3, 0.4 * 12 / 40)):
        real = SimpleNamespace(n=40, size=variance)
        of = advice.students.Problem.of(SimpleNamespace(real=real, synthetic=SimpleNamespace(n=90)), measured)
        assert (of.n1, of.n2, of.d) == (40, 90, 12) and of.r2 == pytest.approx(signal)
    signal = advice.students.Signal(1.1, Noise(1.5, 40), 0.4)
    np.testing.assert_allclose(signal.interval(0.9), 1.5 * 40 / stats.chi2.ppf([0.95, 0.05], 40) - 0.4)


def test_worth(advice):
    """Equal labels are worth their number; unlimited ones d (sigma1^2 + E)/c2."""
    worth, at = advice.students.worth_in_rows, problem(advice)
    assert worth(at.setting(0.0, 0.4, 0.4), at) == pytest.approx(90, rel=1e-6)
    endless = problem(advice, n1=400, n2=10**9)
    setting = endless.setting(0.2, 0.3, 0.5)
    error = theory.best_share(setting, endless.n)[1].total
    assert worth(setting, endless) == pytest.approx(12 * (0.3 + error) / 0.2, rel=1e-4)


def test_the_overlap_is_unbiased_and_its_interval_covers(advice):
    """Of 400 replications; the share covered is within 3.3 of its standard deviations, 0.011, of 95 %, or wider."""
    w, shift = np.array([1.0, -0.5, 0.2]), np.array([-0.4, 0.1, 0.3])
    for n1, n2 in ((9, 60), (60, 9)):
        found, covered = [], 0
        for rng in np.random.default_rng(1).spawn(400):
            x1, x2 = rng.standard_normal((n1, 3)), rng.standard_normal((n2, 3))
            labels = [x @ v + s * rng.standard_normal(len(x)) for x, v, s in ((x1, w, 0.6), (x2, w + shift, 0.9))]
            pair = advice.rows.Pair(*(SimpleNamespace(gram=x.T @ x, moment=x.T @ y) for x, y in zip((x1, x2), labels)))
            overlap = pair.overlap([0.36, 0.81])
            low, high = overlap.interval(0.95)
            found.append(overlap.value)
            covered += low <= w @ shift <= high
        assert abs(np.mean(found) - w @ shift) < 4 * np.std(found) / np.sqrt(len(found))
        assert 0.95 - 3.3 * 0.011 <= covered / 400 <= 0.995


@pytest.mark.proves("prop-centred-rows")
def test_a_sample_without_its_mean_is_one_row_less(advice, monkeypatch):
    """By the reflection itself, many blocks of rows and a mean that is large next to the scatter."""
    (x, y), _ = draw(n1=500)
    x = x + 1e6
    monkeypatch.setattr(advice.rows, "BLOCK", 64)
    sample = advice.rows.Sample.of(x, y)
    turned = np.full(500, 500**-0.5) - np.eye(500)[0]
    z, labels = (each - np.multiply.outer(turned, turned @ each) * 2 / (turned @ turned) for each in (x, y))
    np.testing.assert_allclose(z[0] / 500**0.5, x.mean(axis=0))
    z, labels = z[1:], labels[1:]
    assert sample.n == len(z) == 499
    np.testing.assert_allclose(sample.gram, z.T @ z, atol=1e-5)  # rounding of 1e6
    np.testing.assert_allclose(sample.moment, z.T @ labels, atol=1e-5)
    np.testing.assert_allclose(sample.size, np.mean(labels**2))
    weights = np.arange(5.0)
    np.testing.assert_allclose(sample.missed(weights), np.mean((labels - z @ weights) ** 2), rtol=1e-6)
    back = np.random.default_rng(3).standard_normal((5, 5))
    np.testing.assert_allclose(sample.seen_in(back).gram, (z @ back).T @ (z @ back), atol=1e-4)
    np.testing.assert_allclose(sample.seen_in(back).missed(weights), np.mean((labels - z @ back @ weights) ** 2), rtol=1e-6)


def test_the_students_are_the_fits_they_say(advice):
    """Each as one least-squares problem with the penalty as extra rows."""
    real, synthetic = draw()
    found = advice.advise(real, synthetic)
    (x1, y1), (x2, y2) = ((x - x.mean(axis=0), y - y.mean()) for x, y in (real, synthetic))
    n1, n2 = 59, 199
    penalty = np.linalg.cholesky((x1.T @ x1 + x2.T @ x2) / (n1 + n2)).T
    alone, *weighted, joint = found.students
    for student in (alone, *weighted):
        a1, a2 = 1 - student.alpha, student.alpha
        ridge = student.lam * (a1 * n1 + a2 * n2)  # n lam times the mean weight
        rows = np.vstack([np.sqrt(a1) * x1, np.sqrt(a2) * x2, np.sqrt(ridge if a2 else n1 * student.lam) * penalty])
        labels = np.concatenate([np.sqrt(a1) * y1, np.sqrt(a2) * y2, np.zeros(5)])
        np.testing.assert_allclose(student.weights, np.linalg.lstsq(rows, labels)[0], rtol=1e-7)
    w, delta = np.sqrt((n1 + n2) * joint.lam) * penalty, np.sqrt((n1 + n2) * joint.lam / joint.tau2) * penalty
    rows = np.block([[x1, 0 * x1], [x2, x2], [w, 0 * w], [0 * delta, delta]])
    np.testing.assert_allclose(
        joint.weights, np.linalg.lstsq(rows, np.concatenate([y1, y2, np.zeros(10)]))[0][:5], rtol=1e-6
    )
    for student in found.students:
        assert student.intercept == pytest.approx(np.mean(real[1] - real[0] @ student.weights))


# Doubts


def flawed(advice, kind, seed):
    (x1, y1), (x2, y2) = draw(seed, n1=400, n2=500)
    rng = np.random.default_rng([seed, 1])
    if kind == "different inputs":
        x2 = x2 * [2, 1, 1, 0.5, 1]
    if kind == "heavy tails":
        y1 = y1 + rng.standard_t(2.5, 400)
    if kind == "uneven noise":
        y2 = y2 + 2 * (x2 @ np.ones(5)) * rng.standard_normal(500)
    if kind == "curved signal":
        y1 = y1 + 0.5 * x1[:, 2] ** 2
    if kind == "few real rows":
        x1, y1 = (x1[:6], y1[:6]) if seed % 2 else (x1[:25], y1[:25])
    return advice.doubts.doubts((x1, y1), (x2, y2))


@pytest.mark.parametrize("kind", ["different inputs", "heavy tails", "uneven noise", "curved signal", "few real rows"])
def test_a_visible_flaw_is_noticed(advice, kind):
    assert all(any(text.startswith(kind) for text in flawed(advice, kind, seed)) for seed in range(5))


@pytest.mark.parametrize("by", ["one who has seen the rows", "nobody"])
def test_a_generator_that_has_seen_the_real_rows_is_noticed(advice, by):
    """20 columns: in nearly all of 40 problems; if it draws labels of the true teacher, in one of 40: four of 40 at most."""
    found = 0
    for rng in np.random.default_rng(5).spawn(40):
        x1, x2, teacher = rng.standard_normal((100, 20)), rng.standard_normal((1000, 20)), rng.standard_normal(20)
        y1 = x1 @ teacher + rng.standard_normal(100)
        copied = teacher if by == "nobody" else np.linalg.lstsq(x1, y1)[0]
        y2 = x2 @ copied + rng.standard_normal(1000)
        found += len(list(advice.doubts.seen(quality.estimate((x1, y1), (x2, y2)))))
    assert found <= 4 if by == "nobody" else found >= 35


def test_no_false_alarms(advice):
    """20 problems, 7 tests with a chance below 1e-3 each: one warning at most."""
    assert sum(len(flawed(advice, None, seed)) for seed in range(20)) <= 1


def test_two_valued_columns_are_no_flaw(advice):
    real, synthetic = draw(n1=400, n2=500)
    real, synthetic = ((np.column_stack([x[:, :3], x[:, 3:] > 0]), y) for x, y in (real, synthetic))
    assert not [text for text in advice.doubts.doubts(real, synthetic) if text.startswith("curved")]


def test_chances_are_chances(advice):
    """Without a flaw a chance is below 0.2 in 0.2 of all samples, and below 0.8 in 0.8: within 4 standard deviations."""
    found, names = [], ("covariances", "tails", "noise", "curved")
    for rng in np.random.default_rng(4).spawn(COUNT):
        x, other = rng.standard_normal((300, 8)), rng.standard_normal((200, 8))
        basis = np.linalg.qr(np.column_stack([np.ones(300), x]))[0]
        y = x[:, 0] + rng.standard_normal(300)
        fit = basis @ (basis.T @ y)
        doubts, leverage = advice.doubts, np.sum(basis**2, axis=1)
        residual = (y - fit) / np.sqrt(1 - leverage)
        tests = (
            doubts.different_covariances(x, other),
            doubts.heavy(residual),
            doubts.uneven_noise(residual, fit, leverage),
            doubts.curved(x, fit, basis, y - fit),
        )
        found.append([chance for _, chance in tests])
    for name, chances in zip(names, np.transpose(found)):
        for chance in (0.2, 0.8):
            share = np.mean(chances < chance)
            assert abs(share - chance) < 4 * np.sqrt(0.16 / COUNT), f"{name}: {share:.3f} for {chance}"


# The decision


def told(advice, *students):
    """Action, student and reasons for (name, error, ratio, its interval), real rows only left out."""
    first = SimpleNamespace(name="real only", error=Prediction(2.0, 1.0, 3.0), ratio=Prediction(1.0, 1.0, 1.0))
    others = [
        SimpleNamespace(name=name, error=Prediction(2 * value, 0.0, 9.0), ratio=Prediction(value, low, high))
        for name, value, low, high in students
    ]
    action, student, reasons = advice.decision.decide((first, *others))
    return action, student.name, " / ".join(reasons)


@pytest.mark.parametrize(
    "students, action, followed, reason",
    [
        (
            [("pooled", 1.2, 0.99, 2.0), ("best weight", 0.99, 0.985, 1.1)],
            LEAVE_OUT,
            "real only",
            "save 1.5 % of the excess error at",
        ),
        (
            [("pooled", 1.2, 1.1, 2.0), ("best weight", 1.0, 1.0, 1.1)],
            LEAVE_OUT,
            "real only",
            "save 0 % of the excess error at",
        ),
        ([("pooled", 0.5, 0.3, 0.9), ("best weight", 0.495, 0.3, 0.7)], POOL, "pooled", "best weight has 49.5 %, less by 2"),
        (
            [("pooled", 0.52, 0.3, 0.9), ("best weight", 0.5, 0.3, 0.7)],
            WEIGHT,
            "best weight",
            "has 50 % of the excess error",
        ),
        (
            [("pooled", 0.4, 0.3, 1.0), ("careful weight", 0.5, 0.3, 0.7)],
            WEIGHT,
            "careful weight",
            "pooled is not safe: 40 %",
        ),
        ([("pooled", 2.0, 0.3, 3.0), ("joint fit", 0.9, 0.8, 0.97)], JOINT, "joint fit", "interval 80 to 97 %"),
        ([("pooled", 0.4, 0.3, 1.1), ("joint fit", 0.99, 0.97, 0.999)], CANNOT_TELL, "real only", "surely saves something"),
        ([("pooled", 1.3, 0.3, 2.0), ("joint fit", 1.01, 0.9, 1.1)], CANNOT_TELL, "real only", "no student is predicted to"),
        ([("pooled", 0.9, 0.3, 1.1), ("joint fit", 1.01, 0.9, 1.1)], CANNOT_TELL, "real only", "no student surely saves"),
        ([("pooled", 0.9, 0.3, 1.1), ("best weight", 0.8, 0.5, 1.05)], CANNOT_TELL, "real only", "best weight has 80 %"),
    ],
)
def test_the_simplest_is_followed_that_is_safe_and_useful(advice, students, action, followed, reason):
    told_action, name, reasons = told(advice, *students)
    assert (told_action, name) == (action, followed) and reason in reasons
