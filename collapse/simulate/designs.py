"""One batch of simulated designs, with or without random projections (all chapters that compare theory with simulation).

The student is w = A y with A = T (s + lam)^-1 T' X'/n, where the columns of T (d, k) are the directions it can learn,
scaled so that T'X'X T/n = diag(s): eigenvectors of X'X/n, or S' times eigenvectors of S X'X S'/n. Labels are linear in
teacher, shift and noise, so given X and S the expectation over all three is a trace: with M_k = X_k'X_k/n, M = M_1 + M_2,

    B    = tr Gamma (A X - 1)' Sigma (A X - 1)
    V    = sum_k sigma_k^2 tr A_k' Sigma A_k
    zeta = tr Delta X_2' A_2' Sigma A_2 X_2.

Each is a quadratic form in 1/(s + lam): one factorisation serves every lam, and one pass over the rows every p2.
"""

import numpy as np
import torch

from .estimate import checked_accuracy, inverse_root

BATCH_DOUBLES = {"cpu": 1 << 18, "cuda": 1 << 26}  # design entries held at once


def mixing_matrix(m, d, scale, stream, dtype):
    """L (d, min(m, d)) with L L' = S'S in law, S (m, d) with entries N(0, scale^2): the student sees X only through X L.

    For m > d it is Bartlett's factor of a Wishart matrix, whose cost does not depend on m.
    """
    normal = dict(generator=stream, device=stream.device, dtype=dtype)
    if m <= d:
        return torch.randn(d, m, **normal) * scale
    seed = int(torch.randint(2**62, (1,), generator=stream, device=stream.device))
    chi = np.sqrt(np.random.default_rng(seed).chisquare(m - np.arange(d)))
    return (torch.randn(d, d, **normal).tril(-1) + torch.as_tensor(chi, device=stream.device, dtype=dtype).diag()) * scale


class Designs:
    """Designs of n rows and m projections, or none: B, V and zeta for every lam and every number of synthetic rows."""

    def __init__(self, setting, n, m=None, *, lams, counts, device, dtype):
        def tensor(array):
            return torch.as_tensor(np.array(array), device=device, dtype=dtype)

        seen = setting.spectrum > 0
        self.sigma, self.gamma, self.delta = (
            tensor(values[seen]) for values in (setting.spectrum, setting.teacher, setting.shift)
        )
        self.scale = setting.d**-0.5
        self.n, self.m, self.lams, self.counts, self.noise = n, m, tensor(lams), counts, setting.noise

    def run(self, trials, stream):
        """(3, trials, counts, lams): bias, variance and shift."""
        d = self.sigma.numel()
        columns = d if self.m is None else d + min(self.m, d)
        batch = max(1, BATCH_DOUBLES.get(stream.device.type, 1 << 18) // (max(self.n, d) * columns))
        parts = []
        for start in range(0, trials, batch):
            drawn = [self._draw(stream) for _ in range(min(batch, trials - start))]
            x, mixing = (torch.stack(part) if part[0] is not None else None for part in zip(*drawn))
            parts.append(self._parts(x, mixing))
        return torch.cat(parts, dim=1).cpu().double().numpy()

    def _draw(self, stream):
        """X (n, d) and what the projections make of it, or None without."""
        d = self.sigma.numel()
        x = torch.randn(self.n, d, generator=stream, device=stream.device, dtype=self.sigma.dtype) * self.sigma.sqrt()
        return x, None if self.m is None else mixing_matrix(self.m, d, self.scale, stream, self.sigma.dtype)

    def _parts(self, x, mixing):
        d = x.shape[-1]
        features = x if mixing is None else x @ mixing
        primal = self.n >= features.shape[-1]
        gram = (features.mT @ features if primal else features @ features.mT) / self.n
        s, vectors = torch.linalg.eigh(gram)
        checked_accuracy(s, float(self.lams.min()), s.dtype)
        learned = vectors if primal else features.mT @ (vectors * inverse_root(self.n * s)[:, None, :])
        basis = learned if mixing is None else mixing @ learned
        inverse = 1 / (s[:, None, :] + self.lams[:, None])
        test = _inner(basis, self.sigma)

        def form(matrix, left=inverse):
            return ((left @ (test * matrix)) * left).sum(dim=-1)

        def seen(rows):
            """What the rows see of the learned directions, T'X' (k, rows)."""
            if primal:
                return (x[:, rows] @ basis).mT
            return (vectors[:, rows] * (self.n * s).clamp(min=0).sqrt()[:, None, :]).mT

        def pull(rows):
            """T'M_k (k, d) for some of the rows."""
            fresh = x[:, rows]
            return (basis.mT @ (fresh.mT @ fresh) if self.n >= d else seen(rows) @ fresh) / self.n

        if primal and basis.shape[-1] == d:
            unmixed = vectors.mT if mixing is None else vectors.mT @ torch.linalg.inv(mixing)
            bias = self.lams**2 * form((unmixed * self.gamma) @ unmixed.mT)
        else:
            everything = pull(slice(None)) if mixing is not None else s[:, :, None] * basis.mT
            overlap = (everything * (self.sigma * self.gamma) * basis.mT).sum(dim=-1)
            signal = (everything * self.gamma) @ everything.mT
            bias = (self.sigma @ self.gamma) - 2 * (inverse @ overlap[:, :, None])[:, :, 0] + form(signal)

        real_noise, synthetic_noise = self.noise
        white = ((inverse**2) @ (test.diagonal(dim1=-2, dim2=-1) * s)[:, :, None])[:, :, 0] / self.n
        parts, done, synthetic = [], 0, torch.zeros_like(basis.mT)
        for count in self.counts:
            synthetic = synthetic + pull(slice(self.n - count, self.n - done))
            done = count
            variance = real_noise * white
            if synthetic_noise != real_noise:
                variance = variance + (synthetic_noise - real_noise) * form(synthetic @ basis) / self.n
            parts.append(torch.stack([bias, variance, form((synthetic * self.delta) @ synthetic.mT)]))
        return torch.stack(parts, dim=2)


def _inner(basis, weights):
    return basis.mT @ (weights[:, None] * basis)
