"""The calculator: its decision on 200 random problems, its intervals, its report and its command line."""

import doctest
import json
from importlib import import_module

import numpy as np
import pytest
from matplotlib.figure import Figure

import collapse
from collapse.__main__ import main
from collapse.advice import ACTIONS, CANNOT_TELL, LEAVE_OUT, command, tables
from collapse.advice.decision import MARGIN
from collapse.advice.tables import read_tables

from .test_advice_formulas import draw, unit

DESIGNS = 150  # fresh ones, to average the true error of a student over


class Truth:
    """A random problem: few columns of any scale and correlation, any noise, no shift or a large one."""

    def __init__(self, rng):
        self.d = int(rng.integers(2, 13))
        self.n1 = int(np.exp(rng.uniform(np.log(4), np.log(400))))
        self.n2 = int(np.exp(rng.uniform(np.log(self.d + 10), np.log(1000))))
        self.noise = np.exp(rng.uniform(np.log(0.05), np.log(2), 2))
        if self.n1 < self.d + 3:
            self.noise[1] = self.noise[0]  # or nobody could tell noise from shift
        self.c2 = rng.choice([0.0, np.exp(rng.uniform(np.log(1e-3), np.log(3)))], p=[0.2, 0.8])
        self.mix = rng.standard_normal((self.d, self.d)) * np.exp(rng.standard_normal(self.d))
        self.teacher = unit(rng, self.d)
        self.shift = np.sqrt(self.c2) * (-self.teacher if rng.random() < 0.2 else unit(rng, self.d))

    def draw(self, rng):
        """Both samples, with an offset in every column and label."""
        found = []
        pairs = zip((self.n1, self.n2), (self.teacher, self.teacher + self.shift), self.noise)
        for n, w, noise in pairs:
            z = rng.standard_normal((n, self.d))
            found.append((3 + z @ self.mix, 7 + z @ w + np.sqrt(noise) * rng.standard_normal(n)))
        return found

    def error(self, students, rng):
        """Error of each student, its ridge and weights as they are, averaged over fresh designs and their noise."""
        z1, z2 = (rng.standard_normal((DESIGNS, n - 1, self.d)) for n in (self.n1, self.n2))
        one, two = np.swapaxes(z1, 1, 2) @ z1, np.swapaxes(z2, 1, 2) @ z2
        n1, n2, eye = self.n1 - 1, self.n2 - 1, np.eye(self.d)
        metric = (one + two) / (n1 + n2)
        return [self._error(one, two, metric, n1, n2, eye, student) for student in students]

    def _error(self, one, two, metric, n1, n2, eye, student):
        n = n1 if student.alpha == 0 else n1 + n2
        if student.alpha is None:
            spring = n * student.lam / student.tau2 * metric
            felt = spring @ np.linalg.solve(two + spring, eye)  # what is left of synthetic residuals
            pull = felt @ two
            noisy = self.noise[0] * one + self.noise[1] * pull @ np.swapaxes(felt, 1, 2)
            gram = one + pull + n * student.lam * metric
        else:
            total = ((1 - student.alpha) * n1 + student.alpha * n2) / n
            a1, a2 = (1 - student.alpha) / total, student.alpha / total
            pull = a2 * two
            gram = a1 * one + pull + n * student.lam * metric
            noisy = a1**2 * self.noise[0] * one + a2**2 * self.noise[1] * two
        inverse = np.linalg.inv(gram)
        missed = inverse @ (pull @ self.shift - n * student.lam * metric @ self.teacher)[..., None]
        return np.mean(
            np.sum(missed**2, axis=(1, 2)) + np.trace(inverse @ noisy @ np.swapaxes(inverse, 1, 2), axis1=1, axis2=2)
        )


@pytest.fixture(scope="module")
def tried():
    """200 problems: the truth, the advice, and the true errors of its students."""
    found = []
    for rng in np.random.default_rng(0).spawn(200):
        truth = Truth(rng)
        advice = collapse.advise(*truth.draw(rng))
        found.append((truth, advice, truth.error(advice.students, rng)))
    return found


@pytest.mark.proves("obs-advise")
def test_never_worse_than_real_rows_only(tried):
    harm = [errors[advice.students.index(advice.student)] / errors[0] for _, advice, errors in tried]
    assert max(harm) <= 1.02


@pytest.mark.proves("obs-advise-intervals")
def test_intervals_cover(tried):
    """Not less than 95 % by more than 3.3 standard deviations of a share of 200; ratios of the careful weight are narrow."""
    least = 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / 200)

    def covered(interval, truth):
        low, high = interval[-2:]
        return low <= truth <= high

    assert np.mean([covered(advice.quality.interval(), truth.c2) for truth, advice, _ in tried]) >= least
    for k in range(5):
        assert np.mean([covered(advice.students[k].error, errors[k]) for _, advice, errors in tried]) >= least
    for k in (1, 2, 4):
        assert np.mean([covered(advice.students[k].ratio, errors[k] / errors[0]) for _, advice, errors in tried]) >= least
    careful = [covered(advice.students[3].ratio, errors[3] / errors[0]) for _, advice, errors in tried]
    assert 0.7 < np.mean(careful) < least


def test_it_says_when_it_cannot_tell(tried):
    """One honest generator in 40 at most seems to have seen the real rows: of 200 at most 5 and 4.5 standard deviations."""
    undecided = [(advice, errors) for _, advice, errors in tried if advice.action == CANNOT_TELL]
    unsure = [(advice, errors) for advice, errors in undecided if not advice.reasons[0].startswith("seen rows")]
    assert 0 < len(unsure) < 50 and len(undecided) - len(unsure) <= 5 + 4.5 * np.sqrt(5 * 0.975)
    for advice, _ in unsure:
        assert advice.student.name == "real only"
        safe = [each for each in advice.students[1:] if each.ratio.high < 1 and each.ratio.value < 1 - MARGIN]
        assert not safe
        assert min(each.ratio.low for each in advice.students) <= 1 - MARGIN
    best = [min(errors) / errors[0] for _, errors in unsure]
    worst = [max(errors[2], errors[4]) / errors[0] for _, errors in unsure]
    assert min(best) < 0.8 and max(worst) > 1.02  # among them are gains to be had and harm to be done


def test_a_generator_that_has_seen_the_real_rows_is_not_trusted():
    rng = np.random.default_rng(0)
    x1, x2 = rng.standard_normal((100, 20)), rng.standard_normal((1000, 20))
    y1 = x1.sum(axis=1) + rng.standard_normal(100)
    y2 = x2 @ np.linalg.lstsq(x1, y1)[0] + rng.standard_normal(1000)
    found = collapse.advise((x1, y1), (x2, y2))
    assert found.action == CANNOT_TELL and found.student is found.students[0]
    assert found.reasons[0].startswith("seen rows") and "because seen rows" in str(found)
    assert found.students[1].ratio.value < 0.5, "what it would have promised"


def test_acting_pays(tried):
    acted = [(advice, errors) for _, advice, errors in tried if advice.action not in (CANNOT_TELL, LEAVE_OUT)]
    gain = [errors[advice.students.index(advice.student)] / errors[0] for advice, errors in acted]
    assert len(gain) > 100 and np.median(gain) < 0.9


def test_what_is_left_out_saves_little(tried):
    left = [min(errors) / errors[0] for _, advice, errors in tried if advice.action == LEAVE_OUT]
    assert left and min(left) > 1 - 2 * MARGIN


# The same advice however the data are written


def assert_same(one, two, factor=1.0):
    assert one.action == two.action
    for left, right in zip(one.students, two.students):
        np.testing.assert_allclose(factor * np.array(left.error), right.error, rtol=1e-5)
        assert left.alpha == right.alpha or left.alpha == pytest.approx(right.alpha, rel=1e-3)


def test_units_offsets_and_order_of_columns_and_rows_make_no_difference():
    real, synthetic = draw()
    advice = collapse.advise(real, synthetic)
    mix = np.random.default_rng(2).standard_normal((5, 5))
    assert_same(advice, collapse.advise((real[0] @ mix + 50, real[1] - 9), (synthetic[0] @ mix + 1e3, synthetic[1] + 4)))
    assert_same(advice, collapse.advise((real[0], 1e3 * real[1]), (synthetic[0], 1e3 * synthetic[1])), factor=1e6)
    assert_same(advice, collapse.advise((1e-9 * real[0], real[1]), (1e-9 * synthetic[0], synthetic[1])))
    assert_same(advice, collapse.advise((real[0][::-1], real[1][::-1]), synthetic))


# Clear cases


def test_clear_cases():
    """A large shift and many real rows; a middling one and few; none, in many directions; next to nothing to measure it."""

    def actions(**given):
        return [collapse.advise(*draw(seed, **given)).action for seed in range(5)]

    assert set(actions(n1=2000, n2=2000, shift=1.0)) == {LEAVE_OUT}
    assert set(actions(n1=60, n2=2000, d=20, shift=0.5)) == {"weight by alpha"}
    assert actions(n1=80, n2=400, d=60, shift=0.0).count("pool") > 2
    assert actions(n1=4, n2=7, d=3).count(CANNOT_TELL) > 2


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_labels_without_noise(noise):
    advice = collapse.advise(*draw(noise=noise))
    assert advice.action in (LEAVE_OUT, CANNOT_TELL)


def test_more_columns_than_real_rows():
    advice = collapse.advise(*draw(n1=8, n2=300, d=20))
    assert advice.quality.estimator == "holdout"
    assert "few real rows" in advice.warnings[0]


def test_more_columns_than_synthetic_rows():
    advice = collapse.advise(*draw(n1=300, n2=8, d=20))
    assert all(np.isfinite(each.error.value) for each in advice.students)


# Report and command line


def test_report():
    advice = collapse.advise(*draw(), level=0.9, names=list("abcde"))
    found = json.loads(json.dumps(advice.to_dict(), allow_nan=False))
    assert found["action"] == advice.action and found["columns"] == list("abcde")
    assert found["students"][found["follow"]]["weights"] == advice.student.weights.tolist()
    text = str(advice)
    assert advice.action in text and "90 %" in text and all(each.name in text for each in advice.students)
    assert max(map(len, text.splitlines())) <= 76
    table = [line for line in text.splitlines() if line[3:].startswith(tuple(each.name for each in advice.students))]
    assert [line[:2] == "->" for line in table] == [each is advice.student for each in advice.students]
    for line, each in zip(table, advice.students):
        shown = [float(word) / 100 for word in line[17:52].split() if word != "-"]
        np.testing.assert_allclose(shown, each.ratio if len(shown) == 3 else [1.0], rtol=6e-3)
    assert advice.action in repr(advice) and "interval" in repr(advice.student)
    with pytest.raises(AttributeError):
        advice.action = "pool"
    figure = advice.plot()
    assert isinstance(figure, Figure)
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [each.name for each in advice.students]
    np.testing.assert_allclose(
        [line.get_xdata() for line in ax.lines[1::2]], [100 * np.array(each.ratio[1:]) for each in advice.students]
    )
    figure.draw_without_rendering()
    ticks = [label.get_text() for label in ax.get_xticklabels(which="both")]
    assert "100" in ticks and all(text.isdecimal() for text in ticks if text)


def test_what_cannot_be_told_says_what_to_do():
    advice = collapse.advise(*draw(n1=4, n2=7, d=3))
    assert str(advice).startswith("Advice: cannot tell; use the real rows only\n")
    assert "cannot tell; use the real rows only" in advice.plot().axes[0].get_title()


def test_the_example_in_the_help_runs():
    found = doctest.testmod(import_module("collapse.advice.report"))
    assert found.attempted > 5 and found.failed == 0


def write(path, header, table):
    path.write_text("\n".join([",".join(header), *(",".join(map(repr, row)) for row in table.tolist())]))
    return str(path)


@pytest.fixture
def files(tmp_path):
    (x1, y1), (x2, y2) = draw()
    one = write(tmp_path / "real.csv", [*"abcde", "label"], np.column_stack([x1, y1]))
    two = write(tmp_path / "synthetic.csv", ["label", *"edcba"], np.column_stack([y2, x2[:, ::-1]]))
    return one, two


def test_command(files, tmp_path, capsys):
    main(["advise", *files])
    assert capsys.readouterr().out == f"Label: label, from a, b, c, d, e\n{collapse.advise(*draw())}\n"
    main(["advise", *files, "--json", "--plot", str(tmp_path / "it.png")])
    *pairs, target, names = read_tables(*files)
    assert json.loads(capsys.readouterr().out) == {"label": "label", **collapse.advise(*pairs, names=names).to_dict()}
    assert target == "label"
    assert (tmp_path / "it.png").read_bytes().startswith(b"\x89PNG")


def test_command_with_a_target(files, capsys):
    main(["advise", *files, "--target", "c", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["label"] == "c" and found["columns"] == ["a", "b", "d", "e", "label"]


def test_a_long_file_gives_signs_of_life_on_a_terminal(files, capsys, monkeypatch):
    monkeypatch.setattr(command, "PATIENCE", -1.0)
    monkeypatch.setattr(tables, "LINES", 25)
    main(["advise", *files])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    main(["advise", *files])
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3 + 8 and told[2] == f"{files[0]}: 60 rows read"


def test_help_explains_every_action(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["advise", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(f"    {action}  " in told for action in ACTIONS)
