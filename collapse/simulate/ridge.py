"""Ridge on real and synthetic rows, simulated (chapter "Strong model collapse").

Labels are linear in teacher, shift and noise, so given the inputs X the expectation over all three is a trace:

    B = lam^2 tr Gamma Q Sigma Q,   V = sum_k sigma_k^2 tr(Sigma Q M_k Q)/n,   zeta = tr Delta M_2 Q Sigma Q M_2,

with M_k = X_k'X_k/n, M = M_1 + M_2, Q = (M + lam)^-1. In the eigenbasis of M each trace is a quadratic form in
1/(s + lam): one factorisation serves every lam, and one pass over the rows every p2.
"""

import numpy as np
import torch

from ..checks import broadcast, instance, real_array
from ..setting import Risk, Setting
from .estimate import Estimate, checked_accuracy, checked_counts, checked_run, generator, inverse_root, whole_rows

BATCH_DOUBLES = {"cpu": 1 << 18, "cuda": 1 << 26}  # design entries held at once


def ridge(setting, n, lam, trials, seed, device=None, dtype=None):
    """Test error of ridge regression on simulated designs.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, whole, >= 1. The first round(p1 n) of them are real; choose n with whole p1 n to compare with theory.
    lam : ridge >= 0; lam = 0 is the ridgeless (minimum-norm) solution. Unit [x]^2.
    trials : independent designs for each n, >= 1.
    seed : whole number >= 0; the same seed gives the same designs on the same kind of device.
    device : torch device, by default torch's default device.
    dtype : torch.float64 (default) or torch.float32.
    n, lam and setting.p2 broadcast; points with the same n share their designs.

    Returns an Estimate; its samples have shape (trials, *broadcast shape).

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.
    """
    instance("setting", setting, Setting)
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    n, lam, p2 = broadcast(n=whole_rows(n, setting.d), lam=real_array("lam", lam, low=0), p2=setting.p2)
    synthetic = checked_counts(n - np.round((1 - p2) * n).astype(int), p2)

    samples = np.empty((3, trials, *n.shape))
    for rows in np.unique(n):
        here = n == rows
        lams, lam_index = np.unique(lam[here], return_inverse=True)
        counts, count_index = np.unique(synthetic[here], return_inverse=True)
        designs = _Designs(setting, int(rows), lams, counts, device, dtype)
        parts = designs.run(trials, generator(seed, int(rows), device))
        samples[:, :, here] = parts[:, :, count_index, lam_index]
    return Estimate(Risk(*samples))


class _Designs:
    """Designs of n rows: B, V and zeta for every lam and every number of synthetic rows."""

    def __init__(self, setting, n, lams, counts, device, dtype):
        def tensor(array):
            return torch.as_tensor(np.array(array), device=device, dtype=dtype)

        seen = setting.spectrum > 0
        self.sigma, self.gamma, self.delta = (
            tensor(values[seen]) for values in (setting.spectrum, setting.teacher, setting.shift)
        )
        self.n, self.lams, self.counts, self.noise = n, tensor(lams), counts, setting.noise

    def run(self, trials, stream):
        """(3, trials, counts, lams): bias, variance and shift."""
        d = self.sigma.numel()
        batch = max(1, BATCH_DOUBLES.get(stream.device.type, 1 << 18) // (self.n * d))
        parts = []
        for start in range(0, trials, batch):
            size = min(batch, trials - start)
            z = [torch.randn(self.n, d, generator=stream, device=stream.device, dtype=self.sigma.dtype) for _ in range(size)]
            parts.append(self._parts(torch.stack(z) * self.sigma.sqrt()))
        return torch.cat(parts, dim=1).cpu().double().numpy()

    def _parts(self, x):
        primal = self.n >= x.shape[-1]
        gram = (x.mT @ x if primal else x @ x.mT) / self.n
        s, vectors = torch.linalg.eigh(gram)
        checked_accuracy(s, float(self.lams.min()), s.dtype)
        basis = vectors if primal else x.mT @ (vectors * inverse_root(self.n * s)[:, None, :])
        inverse = 1 / (s[:, None, :] + self.lams[:, None])
        test = self._inner(basis, self.sigma)

        def form(matrix, left=inverse):
            return ((left @ (test * matrix)) * left).sum(dim=-1)

        signal = self._inner(basis, self.gamma)
        if primal:
            bias = self.lams**2 * form(signal)
        else:
            learned = s[:, None, :] * inverse
            overlap = (basis**2 * (self.sigma * self.gamma)[:, None]).sum(dim=1)
            bias = (self.sigma @ self.gamma) - 2 * (learned @ overlap[:, :, None])[:, :, 0] + form(signal, learned)

        real_noise, synthetic_noise = self.noise
        white = ((inverse**2) @ (test.diagonal(dim1=-2, dim2=-1) * s)[:, :, None])[:, :, 0] / self.n
        parts, done, pull = [], 0, torch.zeros_like(basis.mT)
        for count in self.counts:
            rows = slice(self.n - count, self.n - done)
            projected = basis if primal else vectors[:, rows] * (self.n * s).clamp(min=0).sqrt()[:, None, :]
            fresh = x[:, rows]
            pull = pull + (projected.mT @ (fresh.mT @ fresh) if primal else projected.mT @ fresh) / self.n
            done = count
            variance = real_noise * white
            if synthetic_noise != real_noise:
                variance = variance + (synthetic_noise - real_noise) * form(pull @ basis) / self.n
            parts.append(torch.stack([bias, variance, form((pull * self.delta) @ pull.mT)]))
        return torch.stack(parts, dim=2)

    @staticmethod
    def _inner(basis, weights):
        return basis.mT @ (weights[:, None] * basis)
