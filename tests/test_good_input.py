"""Good input is never modified, settings cannot change, and no answer is a silent nan."""

import dataclasses

import numpy as np
import pytest

from collapse import Setting, simulate, theory
from collapse.theory import Source, Target

FLAT = Setting.isotropic(6, 0.5, 0.5, noise=0.1)
STEEP = Setting.power_law(6, 0.5, 0.5, noise=0.1, beta=1.5, r=2.0)


def arrays():
    rng = np.random.default_rng(0)
    covariance = np.cov(rng.standard_normal((3, 20)))
    return dict(
        spectrum=np.array([2.0, 1.0, 0.5]),
        teacher=np.ones(3),
        shift=np.array([0.1, 0.2, 0.3]),
        p2=np.array([0.25, 0.5]),
        n=np.array([8.0, 12.0]),
        m=np.array([4.0, 30.0]),
        lam=np.array([0.0, 0.1]),
        kappa=np.array([0.1, 0.2]),
        factor=np.array([1.0, 2.0]),
        covariance=covariance,
        factors=rng.standard_normal((3, 4)),
    )


def use_everything(spectrum, teacher, shift, p2, n, m, lam, kappa, factor, covariance, factors):
    problem = Setting(spectrum, teacher, shift, p2, (0.1, 0.2))
    theory.df(spectrum, kappa)
    theory.fixed_point(spectrum, n, lam)
    theory.fixed_point(spectrum, n, lam, m)
    theory.ridge(problem, n, lam).scale_shift(factor)
    theory.projection(problem, n, m, lam)
    theory.best_ridge(problem, n)
    theory.best_ridge(problem, n, m)
    theory.best_size(problem, n, lam)
    theory.peak(problem, factor, kappa)
    theory.ridgeless_exact(problem, n)
    theory.ridgeless_exact(problem, n, m)
    theory.onset(problem)
    theory.leave_one_out(covariance, spectrum, 0.1, weight=teacher)
    theory.population_ridge(covariance, factors[:, :2], np.stack([factors[:, 2:], -factors[:, :2]]), n, p2, kappa)
    simulate.ridge(problem, n, lam, trials=2, seed=0).scale_shift(factor)
    simulate.projection(problem, n, m, lam, trials=2, seed=0).scale_shift(factor)
    sources = [Source(covariance, factors, 0.1, 0.5), Source(covariance, factors, 0.1, 0.5)]
    for size in (None, m):
        theory.mixture(sources, n, lam, test=Target(covariance, factors), m=size)
        simulate.mixture(sources, n, lam, trials=2, seed=0, m=size)


def test_arguments_are_not_modified():
    given, kept = arrays(), arrays()
    use_everything(**given)
    for name, array in kept.items():
        np.testing.assert_array_equal(given[name], array, err_msg=name)


def test_read_only_arguments_are_enough():
    given = arrays()
    for array in given.values():
        array.setflags(write=False)
    use_everything(**given)


def test_a_setting_is_a_copy_that_cannot_change():
    given = arrays()
    problem = Setting(*(given[name] for name in ("spectrum", "teacher", "shift", "p2")), (0.1, 0.2))
    for name in ("spectrum", "teacher", "shift", "p2"):
        given[name][:] = 0.125
        np.testing.assert_array_equal(getattr(problem, name), arrays()[name])
        with pytest.raises(ValueError, match="read-only"):
            getattr(problem, name)[0] = 0.0
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(problem, name, given[name])
    with pytest.raises(TypeError):
        problem.noise[0] = 0.0


def test_a_changed_copy_leaves_the_original_alone():
    changed = STEEP.replace(p2=0.25, noise=(0.0, 0.0))
    assert (STEEP.p2, STEEP.noise) == (0.5, (0.1, 0.1))
    assert (changed.p2, changed.noise) == (0.25, (0.0, 0.0))
    np.testing.assert_array_equal(changed.spectrum, STEEP.spectrum)


def test_a_source_is_a_copy_that_cannot_change():
    covariance, teacher = np.eye(3), np.ones(3)
    one = Source(covariance, teacher, 0.1, 1.0)
    covariance[:] = teacher[:] = 0
    np.testing.assert_array_equal(one.covariance, np.eye(3))
    np.testing.assert_array_equal(one.teacher, np.ones((3, 1)))
    for array in (one.covariance, one.teacher):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.share = 0.5


def test_a_design_without_rank_is_not_a_nan():
    """Directions in which inputs hardly vary leave a finite error, in the dual form too."""
    steep = Setting.power_law(40, 0.5, 0.5, noise=0.1, beta=15, r=2)
    thin = Source(np.diag([1.0, 1e-18, 0.0]), np.ones(3), 0.1, 1.0)
    for estimate in (
        simulate.ridge(steep, 20, 0.1, trials=3, seed=1),
        simulate.projection(steep, 20, [10, 30, 60], 0.1, trials=3, seed=1),
        simulate.mixture([thin], 2, 0.1, trials=3, seed=1),
        simulate.mixture([thin], 2, 0.1, trials=3, seed=1, m=[1, 2, 5]),
    ):
        assert np.isfinite(estimate.samples.total).all()


def test_a_divergence_is_infinite_and_nothing_else_is():
    risk = theory.ridge(FLAT.replace(p2=[0.0, 0.5]), FLAT.d, 0.0)
    assert risk.variance.tolist() == [np.inf, np.inf]
    assert risk.shift.tolist() == [0.0, np.inf]
    assert risk.bias.tolist() == [0.0, 0.0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n, m", [(3, 3), (3.5, 3.5), (6, 6), (6, 8), (6, np.inf)])
def test_a_divergence_with_projections_is_infinite_and_nothing_else_is(n, m):
    """Without a ridge at m = n <= rank and at n = rank <= m; a flat spectrum misses nothing once min(m, n) = d."""
    risk = theory.projection(FLAT.replace(p2=[0.0, 0.5]), n, m, 0.0)
    assert risk.variance.tolist() == [np.inf, np.inf]
    assert risk.shift.tolist() == [0.0, np.inf]
    assert risk.bias.tolist() == ([0.0, 0.0] if n == FLAT.d else [np.inf, np.inf])


@pytest.mark.filterwarnings("error")
def test_no_divergence_at_m_equal_to_n_or_d_with_more_rows_than_dimensions():
    risk = theory.projection(FLAT, 8, [6, 7, 8, 9, np.inf], 0.0)
    for part in (risk.bias, risk.variance, risk.shift):
        np.testing.assert_allclose(part, part[0], rtol=1e-12)
    assert np.isfinite(risk.total).all()
