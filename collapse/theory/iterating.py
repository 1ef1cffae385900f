"""Rounds of training, each on labels of the student before it (chapter "Iterating and accumulating").

Round t trains on real rows, labelled by w1, and on synthetic rows, labelled by the student of round t - 1, with noise.
Round 0 is the labeller w1 + delta. What is used again in every round:

    "nothing"     new real rows, new synthetic inputs, new noise
    "real"        the same real rows, labels included; new synthetic inputs, new noise
    "inputs"      the same real rows and the same synthetic inputs; new noise on the synthetic labels
    "everything"  the same rows, and the same noise on the synthetic labels too
"""

import numpy as np

from ..checks import broadcast, instance, real_array, whole_number
from ..setting import Risk, Setting
from .best import minimise
from .fixed_point import Sizes, Spectrum, solve
from .laws import hold, synthetic_share
from .weighting import weighted_by_share

REUSE = ("nothing", "real", "inputs", "everything")


def iterate(setting, n, rounds, lam=0.0, reuse="nothing"):
    """Test error after each round, in the limit of many rows and dimensions.

    Parameters
    ----------
    setting : Setting; p2 and noise are those of every round (noise[1] = 0: labels without noise), shift is that of round 0.
    n : number of rows of a round, > 0; more than rank Sigma, unless reuse is "nothing".
    rounds : whole number >= 0.
    lam : ridge >= 0, as in theory.ridge; 0 unless reuse is "nothing". Unit [x]^2.
    reuse : "nothing", "real", "inputs" or "everything", what stays the same from round to round.
    n, lam and setting.p2 broadcast.

    Returns a Risk of shape (rounds + 1, *broadcast shape); entry 0 is the first labeller, with the error setting.c2.

    Raises ValueError or TypeError naming the argument; ValueError where there is no formula.

    Implements: prop-fresh-rounds, prop-real-half, prop-slowest, prop-reused-rounds, prop-iterated-ridge
    (chapter "Iterating and accumulating")
    """
    n, lam, p2, spectrum = _checked(setting, n, lam, reuse)
    rounds = whole_number("rounds", rounds, low=0)
    if reuse == "nothing":
        parts = _with_everything_new(setting, spectrum, n, lam, p2, lambda at: at.trajectories(rounds))
    elif reuse == "real":
        parts = _same_real_rows(setting, spectrum.rank / n, p2, rounds)
    else:
        parts = _same_inputs(setting, spectrum.rank / n, p2, rounds, same_noise=reuse == "everything")
    return Risk(*(np.reshape(part, (rounds + 1, *n.shape)) for part in parts))


def iterate_limit(setting, n, lam=0.0, reuse="nothing"):
    """The error that the rounds of ``iterate`` tend to.

    Parameters
    ----------
    setting, n, lam, reuse : as in iterate. There must be real rows, and more than rank Sigma of them if they are used again.

    Returns a Risk of the broadcast shape; inf where the error grows from round to round.

    Raises ValueError or TypeError naming the argument.

    Implements: prop-fresh-rounds, prop-fixed-rounds, cor-iterated-mixing, prop-iterated-ridge
    (chapter "Iterating and accumulating")
    """
    n, lam, p2, spectrum = _checked(setting, n, lam, reuse)
    if (p2 == 1).any():
        raise ValueError("p2 must be < 1, got 1: without real rows nothing holds the rounds to the truth")
    if reuse == "nothing":
        parts = _with_everything_new(setting, spectrum, n, lam, p2, _Fresh.limits)
        return Risk(*(part.reshape(n.shape) for part in parts))
    phi, p1 = spectrum.rank / n, 1 - p2
    if (p1 <= phi).any():
        rule = f"be more than rank Sigma = {spectrum.rank:g} where real rows are used again"
        raise ValueError(f"p1 n must {rule}, got {(p1 * n)[p1 <= phi].flat[0]:g}")
    real, synthetic = setting.noise
    alone = phi / (p1 - phi)  # the real rows alone, for noise 1
    if reuse == "everything":
        scatter = p2 * alone * (p1 / (p1 - phi)) ** 2 / p1
    elif reuse == "inputs":
        middle = p2 * (1 - phi) + p1 * phi
        root = np.sqrt((1 + middle) ** 2 - 4 * p1 * p2 * phi * (1 - phi))
        twice = 1 / (1 + p2 + (root - 1 - middle) / (2 * (1 - phi)))  # mean of 1/(1 + b)
        scatter = (alone - phi / (1 - phi) * twice) / 2
    else:
        c = p2 * (1 - phi)
        twice = 2 / (2 * c + p1 - phi + np.sqrt((2 * c + p1 - phi) ** 2 + 8 * c * phi))  # mean of 1/(s + 2c)
        scatter = (1 - phi) * (alone - phi * twice) / 2 / (1 - 2 * phi + 2 * phi * (1 - phi) * twice)
    zero = np.zeros(n.shape)
    return Risk(zero, real * alone + synthetic * scatter, zero)


def best_iterated_share(setting, n):
    """The share of what is learned that should come from the synthetic rows, if rounds go on with everything new in each.

    Weights on the rows set the share: at equal weights it is p2. No ridge.

    Parameters
    ----------
    setting : Setting with 0 < p2 < 1 and both noises > 0; its shift does not matter.
    n : number of rows of a round, more than rank Sigma.
    n and setting.p2 broadcast.

    Returns (share, error), arrays of the broadcast shape; error is what the rounds tend to. Unit [y]^2.

    Raises ValueError or TypeError naming the argument; ValueError where the error grows at every share.

    Implements: prop-golden-share (chapter "Iterating and accumulating")
    """
    instance("setting", setting, Setting)
    n, p2 = broadcast(n=real_array("n", n, low=0, low_is_allowed=False), p2=setting.p2)
    spectrum = Spectrum(setting.spectrum)
    if (n <= spectrum.rank).any():
        raise ValueError(f"n must be more than rank Sigma = {spectrum.rank:g}, got {n.min():g}")
    for name, value in (("p2", np.minimum(p2, 1 - p2)), ("noise", setting.noise)):
        if np.min(value) == 0:
            rule = "lie between 0 and 1" if name == "p2" else "be > 0"
            raise ValueError(f"{name} must {rule}, got {getattr(setting, name)}")
    shape = n.shape
    p2, phi = p2.reshape(-1, 1), spectrum.rank / n.reshape(-1, 1)
    low, high = np.maximum(0, 1 - (1 - p2) / phi), np.minimum(1, p2 / phi)
    unit = Setting.isotropic(1, p2, 1.0, setting.noise)  # without a ridge d and n count through phi alone

    def error(place):
        step = weighted_by_share(unit, 1 / phi, low + (high - low) * place)
        settles = step.shift < 1
        return np.where(settles, step.variance / np.where(settles, 1 - step.shift, 1), np.inf)

    place = minimise(error, np.full(p2.shape, 1e-6), 1.0)
    least = error(place)
    if np.isinf(least).any():
        raise ValueError(f"n must be larger, got {n.reshape(-1, 1)[np.isinf(least)][0]:g}: the error grows at every share")
    return (low + (high - low) * place).reshape(shape)[()], least.reshape(shape)[()]


def checked_reuse(reuse):
    """Refuse a word that is none of the four."""
    if reuse not in REUSE:
        raise ValueError(f"reuse must be one of {', '.join(REUSE)}, got {reuse!r}")


def _checked(setting, n, lam, reuse):
    """n, lam and p2 broadcast, and the Spectrum."""
    instance("setting", setting, Setting)
    checked_reuse(reuse)
    n, lam, p2 = broadcast(
        n=real_array("n", n, low=0, low_is_allowed=False), lam=real_array("lam", lam, low=0), p2=setting.p2
    )
    spectrum = Spectrum(setting.spectrum)
    if reuse != "nothing" and (lam > 0).any():
        raise ValueError(f"lam must be 0 where rows are used again (reuse = {reuse!r}), got {lam[lam > 0].flat[0]:g}")
    if reuse != "nothing" and (n <= spectrum.rank).any():
        raise ValueError(f"n must be more than rank Sigma = {spectrum.rank:g} where rows are used again, got {n.min():g}")
    if ((lam == 0) & (n == spectrum.rank)).any():
        raise ValueError(f"n must differ from rank Sigma = {spectrum.rank:g} where lam = 0: the error is infinite")
    return n, lam, p2, spectrum


def _with_everything_new(setting, spectrum, n, lam, p2, errors):
    """``errors`` of a _Fresh, (3, ..., points), block by block."""
    kappa = solve(spectrum, Sizes(n, np.full(n.shape, np.inf), lam)).ravel()
    n, p2 = n.reshape(-1, 1), p2.reshape(-1, 1)
    blocks = spectrum.blocks(kappa.size)
    return np.concatenate([errors(_Fresh(setting, spectrum, kappa[at], n[at], p2[at])) for at in blocks], axis=-1)


class _Fresh:
    """What a round with everything new does in each direction, with P = s/(s + kappa); arrays (points, directions).

    The mean of the new student keeps ``kept`` = p2 P of the error of the old one, and ``missed`` = 1 - P of the teacher is
    lost. Around it the new student scatters by ``added`` = P^2/n times the noise level: the noise of the labels, and what
    separates them from the student. ``misfit`` is the part of the old student's scatter that counts as such noise.
    """

    def __init__(self, setting, spectrum, kappa, n, p2):
        learned, self.missed = spectrum.shares(kappa)
        self.p2 = p2
        self.kept = p2 * learned
        self.added = learned**2 / n
        self.misfit = (1 - p2) * self.kept**2 + p2 * (1 - self.kept) ** 2
        self.spare = 1 - self.added @ spectrum.count
        self.count = spectrum.count
        self.signal = spectrum.grouped(setting.spectrum * setting.teacher)
        self.shift = spectrum.grouped(setting.spectrum * setting.shift)
        self.noise = ((1 - p2) * setting.noise[0] + p2 * setting.noise[1])[:, 0]

    def trajectories(self, rounds):
        """(3, rounds + 1, points): bias, variance and shift."""
        nothing = 0 * self.signal
        return np.array(
            [
                self._trajectory(rounds, self.signal, 0.0, self.missed, 0.0),
                self._trajectory(rounds, nothing, 0.0, 0.0, self.noise),
                self._trajectory(rounds, self.shift, 1.0, 0.0, 0.0),
            ]
        )

    def _trajectory(self, rounds, size, start, missed, noise):
        """The errors of one part: mean (times a vector whose squares are ``size``) and scatter, from round to round."""
        mean, scatter, errors = start + 0 * self.kept, 0 * self.kept, []
        for _ in range(rounds + 1):
            errors.append(mean**2 @ size + scatter @ self.count)
            new = self.kept * mean - missed
            disagreement = ((1 - self.p2) * new**2 + self.p2 * (new - mean) ** 2) @ size
            level = (noise + disagreement + (self.misfit * scatter) @ self.count) / self.spare
            mean, scatter = new, self.kept**2 * scatter + self.added * level[:, None]
        return errors

    def limits(self):
        """(3, points): bias, variance and shift."""
        settled = self.added / (1 - self.kept**2)
        spare = self.spare - (settled * self.misfit) @ self.count
        bias = (self.missed / (1 - self.kept)) ** 2 @ self.signal  # that of the ridge kappa/p1
        levels = (1 - self.p2[:, 0]) * bias, self.noise, self.shift.sum() + 0 * bias
        grows = [np.where(level > 0, np.inf, 0) for level in levels]
        share = settled @ self.count / np.where(spare > 0, spare, 1)
        return np.where(spare > 0, [bias + share * levels[0], share * levels[1], 0 * bias], grows)


def _same_real_rows(setting, phi, p2, rounds):
    """The real rows leave their mark: the old error is kept to the share g = p2 h, and the rest comes from their labels."""
    law = hold(p2, phi, rounds + 2)
    phi, p2 = phi[..., None], p2[..., None]

    def keep(f):
        return p2 * law.times(f)

    def drop(f):
        return f - keep(f)

    def solved(f):
        return law.times(f) / (1 - phi)

    def trajectory(start, real, synthetic):
        """The errors of one part, from two functions of h: the old error, and its product with the noise of real rows."""
        old, product, errors = start * law.one, 0 * law.one, []
        own, added = real * phi * solved(drop(law.one)), phi * keep(law.times(law.one))
        for _ in range(rounds + 1):
            errors.append(old[..., 0])
            misfit = (drop(drop(old)) - 2 * solved(drop(product)) + own)[..., :1]
            level = (synthetic + misfit) * (1 - (1 - p2) * phi) / (1 - phi)
            old = keep(keep(old)) + 2 * solved(keep(product)) + own + added * level
            product = keep(product) + real * phi * drop(law.one)
        return errors

    return np.zeros((rounds + 1, *phi[..., 0].shape)), trajectory(0.0, *setting.noise), trajectory(setting.c2, 0.0, 0.0)


def _same_inputs(setting, phi, p2, rounds, same_noise):
    """All rounds share the matrix b of synthetic shares: the errors are polynomials of its eigenvalues."""
    law = synthetic_share(p2, phi, rounds + 2)
    real, synthetic = setting.noise
    power, total, fresh = law.one, 0 * law.one, 0.0  # b^t, the sum of the powers below t, the mean of b (b^2)^k over k < t
    variance, shift = [], []
    for _ in range(rounds + 1):
        from_synthetic = (law.times(total) * total).sum(axis=-1)
        from_real = (total**2).sum(axis=-1) - from_synthetic
        scatter = from_synthetic if same_noise else fresh
        variance.append(phi / (1 - phi) * (real * from_real + synthetic * scatter))
        mean = power[..., 0]
        shift.append(setting.c2 * (mean**2 + ((power**2).sum(axis=-1) - mean**2) / (1 - phi)))
        total = total + power
        following = law.times(power)
        fresh = fresh + (power * following).sum(axis=-1)
        power = following
    return np.zeros((rounds + 1, *phi.shape)), variance, shift
