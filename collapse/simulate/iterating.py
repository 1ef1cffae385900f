"""Rounds of training on the labels of earlier students, simulated (chapter "Iterating and accumulating").

A student depends on its inputs through M_k = X_k'X_k/n alone, which is drawn as a Wishart matrix at a cost that does not
depend on n. It is a linear map of teacher, first shift and noise. These maps are followed from round to round, and so is the
covariance of what new noise leaves: given the inputs, the expectation over all three is exact.
"""

import numpy as np
import torch

from ..checks import broadcast, instance, real_array, whole_number
from ..setting import Risk, Setting
from ..theory.accumulating import checked_sizes
from ..theory.iterating import checked_reuse
from .designs import BATCH_DOUBLES, mixing_matrix
from .estimate import Estimate, checked_accuracy, checked_counts, checked_run, generator, whole_rows


def iterate(setting, n, rounds, trials, seed, lam=0.0, reuse="nothing", device=None, dtype=None):
    """Test error after each round of training, on simulated designs.

    Parameters
    ----------
    setting, n, rounds, lam, reuse : as in theory.iterate, with a ridge whatever is used again. n is whole, and the first
        round(p1 n) rows of a round are real; n > rank Sigma where lam = 0.
    trials, seed, device, dtype : as in simulate.ridge; a trial is one sequence of rounds.
    n, lam and setting.p2 broadcast.

    Returns an Estimate; its samples have shape (trials, rounds + 1, *broadcast shape).

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.

    Implements: obs-figure-10 (chapter "Iterating and accumulating")
    """
    instance("setting", setting, Setting)
    checked_reuse(reuse)
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    rounds = whole_number("rounds", rounds, low=0)
    n, lam, p2 = broadcast(n=whole_rows(n, setting.d), lam=real_array("lam", lam, low=0), p2=setting.p2)
    synthetic = checked_counts(n - np.round((1 - p2) * n).astype(int), p2)
    chain = _Chain(setting, reuse, device, dtype)
    few = (lam == 0) & (n <= chain.sigma.numel())
    if few.any():
        raise ValueError(f"n must be more than rank Sigma = {chain.sigma.numel()} where lam = 0, got {n[few].flat[0]}")

    samples = np.empty((3, trials, rounds + 1, *n.shape))
    for here in np.ndindex(n.shape):
        stream = generator(seed, (int(n[here]), int(synthetic[here])), device)
        counts = int(n[here] - synthetic[here]), int(synthetic[here])
        batches = [
            torch.stack(list(chain.errors(counts, float(lam[here]), rounds, batch, stream)), dim=2)
            for batch in _batches(trials, setting.d, device)
        ]
        samples[(..., *here)] = torch.cat(batches, dim=1).cpu().double().numpy()
    return Estimate(Risk(*samples))


def accumulate(d, sizes, noise, trials, seed, fresh=True, device=None, dtype=None):
    """Test errors of generations that add labels and keep the old ones, on simulated designs with Sigma = 1.

    Parameters
    ----------
    d, fresh : as in theory.accumulate.
    sizes : (generations,) rows that each generation adds.
    noise : one number, or (generations,).
    trials, seed, device, dtype : as in simulate.ridge; a trial is one sequence of generations.

    Returns an Estimate; its samples have shape (trials, generations), and all error is variance.

    Raises ValueError or TypeError naming the argument.
    """
    d, sizes, noise = checked_sizes(d, sizes, noise, fresh)
    if sizes.ndim != 1:
        raise ValueError(f"sizes must have 1 dimension(s), got an array of shape {sizes.shape}")
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    stream = generator(seed, (d, int(sizes.sum())), device)
    batches = [
        torch.stack(list(_generations(d, whole_rows(sizes, d), noise, fresh, batch, stream, dtype)), dim=1)
        for batch in _batches(trials, d * len(sizes), device)
    ]
    variance = torch.cat(batches).cpu().double().numpy()
    return Estimate(Risk(np.zeros(variance.shape), variance, np.zeros(variance.shape)))


def _batches(trials, width, device):
    """Numbers of trials that are followed together."""
    size = max(1, BATCH_DOUBLES.get(torch.device(device).type, 1 << 18) // width**2)
    return [min(size, trials - start) for start in range(0, trials, size)]


def _root(rows, d, scale, trials, stream, dtype):
    """L (trials, d, min(rows, d)) with L L' = X'X in law, X (rows, d) with entries N(0, scale^2)."""
    return torch.stack([mixing_matrix(rows, d, scale, stream, dtype) for _ in range(trials)])


class _Chain:
    def __init__(self, setting, reuse, device, dtype):
        seen = setting.spectrum > 0
        self.sigma, self.gamma, self.delta = (
            torch.as_tensor(np.array(values[seen]), device=device, dtype=dtype)
            for values in (setting.spectrum, setting.teacher, setting.shift)
        )
        self.noise, self.dtype = setting.noise, dtype
        self.redrawn = [reuse == "nothing", reuse in ("nothing", "real")]  # real rows, synthetic inputs
        self.frozen = [reuse != "nothing", reuse == "everything"]  # the noise of the two

    def errors(self, counts, lam, rounds, trials, stream):
        """For each round, (3, trials): bias, variance and shift."""
        d, n = self.sigma.numel(), sum(counts)
        eye = torch.eye(d, dtype=self.dtype, device=stream.device)
        shift = eye.expand(trials, d, d)  # of delta
        missed, pulled, scatter = torch.zeros_like(shift), torch.zeros_like(shift), torch.zeros_like(shift)
        grams = [shift, shift]
        for t in range(rounds + 1):
            if t == 1 or (t > 1 and any(self.redrawn)):
                grams = [
                    self._gram(count, n, trials, stream) if t == 1 or redrawn else gram
                    for count, redrawn, gram in zip(counts, self.redrawn, grams)
                ]
                inverse = _inverse(sum(grams) + lam * eye)
                keep = inverse @ grams[1]
            if t > 0:
                shift = keep @ shift
                if lam > 0:
                    missed = keep @ missed - lam * inverse  # of the teacher
                if any(self.frozen):
                    pulled = keep @ pulled + inverse  # of X'eps/n, the noise that is the same in every round
                if not all(self.frozen):
                    scatter = keep @ scatter @ keep.mT + inverse @ self._noise(grams, False) @ inverse / n
            variance = scatter.diagonal(dim1=1, dim2=2)
            if any(self.frozen):
                variance = variance + (pulled @ self._noise(grams, True) * pulled).sum(dim=2) / n
            bias, drift = (
                (student**2 @ weights) @ self.sigma for student, weights in ((missed, self.gamma), (shift, self.delta))
            )
            yield torch.stack([bias, variance @ self.sigma, drift])

    def _gram(self, rows, n, trials, stream):
        """X'X/n, (trials, d, d)."""
        root = self.sigma.sqrt()[:, None] * _root(rows, self.sigma.numel(), n**-0.5, trials, stream, self.dtype)
        return root @ root.mT

    def _noise(self, grams, frozen):
        """The covariance of X'eps over n, of the noise that is the same in every round or of the noise that is not."""
        return sum(level * gram * (kind == frozen) for level, gram, kind in zip(self.noise, grams, self.frozen))


def _inverse(matrix):
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(matrix))
    extremes = torch.stack([1 / torch.linalg.matrix_norm(inverse), torch.linalg.matrix_norm(matrix)], dim=1)
    checked_accuracy(extremes, 0.0, matrix.dtype)
    return inverse


def _generations(d, sizes, noise, fresh, trials, stream, dtype):
    """For each generation, (trials,): its error. Each student is a map (d, noise of all generations)."""
    student = torch.zeros(trials, d, 0, dtype=dtype, device=stream.device)
    gram = labels = 0
    for generation, (rows, level) in enumerate(zip(sizes.tolist(), noise.tolist())):
        if generation == 0 or fresh:
            root = _root(rows, d, 1.0, trials, stream, dtype)
        gram = gram + root @ root.mT
        added = torch.cat([root @ (root.mT @ student), level**0.5 * root], dim=2)
        labels = added if generation == 0 else torch.nn.functional.pad(labels, (0, root.shape[2])) + added
        student = torch.linalg.solve(gram, labels)
        yield student.square().sum(dim=(1, 2))
