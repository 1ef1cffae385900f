"""What the calculator says of two files that do not belong together: told if they do not, and not if they do."""

import numpy as np
import pytest

from .test_advice_formulas import COUNT, draw


def unlike(advice, kind, seed, small=0):
    """Warnings for a real and a synthetic sample that differ; ``small``: in the same way, but by too little to matter."""
    (x1, y1), (x2, y2) = draw(seed, n1=60, n2=200)
    if kind == "different means":
        far = np.array([0, 0, 1.5, 0, 0]) * 0.05**small
        x2, y2 = x2 + far, y2 + far @ np.linalg.lstsq(x2, y2)[0]
    if kind == "offset":
        y2 = y2 - 3 * 0.05**small
    if kind == "two-valued":
        y1 = np.sign(y1) if not small else np.round(y1).clip(-1, 1)
    return advice.differences.differences((x1, y1), (x2, y2), list("abcde"))


@pytest.mark.parametrize(
    "kind, told",
    [
        ("different means", ["c is ", "on average in real rows", "warned above 0.2", "take synthetic rows from where"]),
        ("offset", ["lower than real ones", "warned above 1", "centre each file"]),
        ("two-valued", ["real ones are -1 or 1", "noise of such labels is uneven"]),
    ],
)
def test_a_difference_between_the_files_is_told(advice, kind, told):
    """For each of five seeds, alone; and for none if it is a twentieth of that, or labels have three values."""
    for seed in range(5):
        (text,) = unlike(advice, kind, seed)
        assert text.startswith(kind) and all(part in text for part in told)
        assert unlike(advice, kind, seed, small=1) == ()


def test_many_means_are_told_in_one_warning_the_worst_first(advice):
    (x1, y1), (x2, y2) = draw(n1=60, n2=200)
    (text,) = advice.differences.differences((x1, y1), (x2 + np.arange(1, 6), y2), list("abcde"))[:1]
    assert text.index("e is") < text.index("d is") < text.index("c is") and "; 2 more columns (" in text


def test_labels_of_two_values_must_be_coded_alike(advice):
    (x1, y1), (x2, y2) = draw(n1=60, n2=200)
    codes = [advice.differences.differences((x1, np.sign(y1)), (x2, y), list("abcde"))[-1] for y in (y2 > 0, np.sign(y2))]
    assert ["code the labels alike" in text for text in codes] == [True, False]


def test_few_differences_are_told_of_files_that_do_not_differ(advice):
    """Of 400 problems with 5 Gaussian, skewed or two-valued columns; two tests with a chance of 1e-3: five at most."""
    found = 0
    for rng in np.random.default_rng(6).spawn(400):
        pair = []
        for n in (40, 400):
            x = np.column_stack([rng.standard_normal((n, 2)), rng.lognormal(size=(n, 2)), rng.random(n) < 0.3])
            pair.append((x, x.sum(axis=1) + rng.exponential(size=n)))
        found += bool(advice.differences.differences(*pair, list("abcde")))
    assert found <= 5


def test_chances_of_differences_are_chances(advice):
    """Below 0.2 in 0.2 of all samples and below 0.8 in 0.8, within 4 standard deviations; units at the limit, either way."""
    found, names = [], ("ranks", "offset", "larger units", "smaller units")
    shift, tests = np.full(8, 0.1), advice.differences
    for rng in np.random.default_rng(8).spawn(COUNT):
        x1, x2 = rng.standard_normal((90, 8)), 2 + rng.standard_normal((20, 8))
        y1 = x1[:, 0] + 0.5 * rng.standard_normal(90)
        y2 = x2[:, 0] + x2 @ shift + rng.standard_normal(20)
        units = [tests.other_units(x1[:, :1].std(ddof=1), by * x2[:3, 0].std(ddof=1), 89, 2) for by in (10, 0.1)]
        chance = tests.offset((x1, y1), (x2, y2))[2]
        found.append([tests.other_ranks(x1[:, :1], x2[:, :1] - 2)[0], chance, *units])
    for name, chances in zip(names, np.transpose(found)):
        for chance in (0.2, 0.8):
            share = np.mean(chances < chance)
            assert abs(share - chance) < 4 * np.sqrt(0.16 / COUNT), f"{name}: {share:.3f} for {chance}"


def test_distances_are_in_standard_deviations(advice):
    """Exact: two columns with known means and variances, and labels without noise."""
    x1, x2 = np.array([[-1.0, 0], [1, 2], [-1, 0], [1, 2]]), np.array([[5.0, 1], [7, 1.5], [5, 0.5], [7, 1], [6, 1]])
    first, second = (each.var(axis=0, ddof=1) for each in (x1, x2))
    expected = [6, 0] / np.sqrt((first + second) / 2)
    np.testing.assert_allclose(advice.differences.means_apart(x1, x2), expected, atol=1e-12)
    residual = np.array([0.3, -0.3, 0.1, -0.1])
    shift, scatter, _ = advice.differences.offset((x1, x1.sum(axis=1) + residual), (x2, x2.sum(axis=1) + 4))
    assert shift == pytest.approx(4) and scatter == pytest.approx(residual.std(ddof=1))
