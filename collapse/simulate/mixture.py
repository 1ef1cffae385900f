"""Ridge on K sources that differ in everything, simulated (chapter "Strong model collapse")."""

import numpy as np
import torch

from ..checks import broadcast, real_array
from ..setting import Risk
from ..theory.source import checked_sources
from .estimate import Estimate, checked_accuracy, checked_counts, checked_run, generator, inverse_root, whole_rows


def mixture(sources, n, lam, trials, seed, test=None, device=None, dtype=None):
    """Test error of ridge regression on simulated designs of a mixture of K sources.

    Parameters
    ----------
    sources, test : as in theory.mixture; source k gives n times its share rows, rounded.
    n, lam, trials, seed, device, dtype : as in simulate.ridge; n and lam broadcast.

    Returns an Estimate, split into parts as theory.mixture does.
    """
    sources, test = checked_sources(sources, test)
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    n, lam = broadcast(n=whole_rows(n, len(test.covariance)), lam=real_array("lam", lam, low=0))
    draw = _Draw(sources, test, device, dtype)

    samples = np.empty((3, trials, *n.shape))
    for rows in np.unique(n):
        here = n == rows
        lams, index = np.unique(lam[here], return_inverse=True)
        stream = generator(seed, int(rows), device)
        parts = torch.stack([draw.parts(int(rows), torch.as_tensor(lams), stream) for _ in range(trials)], dim=1)
        samples[:, :, here] = parts.cpu().double().numpy()[:, :, index]
    return Estimate(Risk(*samples))


class _Draw:
    def __init__(self, sources, test, device, dtype):
        def tensor(array):
            return torch.as_tensor(np.array(array), device=device, dtype=dtype)

        self.share = np.array([source.share for source in sources])
        self.weights = [source.weight for source in sources]
        self.noise = [source.noise for source in sources]
        self.teachers = [tensor(source.teacher) for source in sources]
        self.roots = [tensor(_root(source.covariance)) for source in sources]
        self.teacher, self.root = tensor(test.teacher), tensor(_root(test.covariance))

    def parts(self, n, lams, stream):
        """(3, lams): bias, variance and shift of one design."""
        counts = checked_counts(np.diff(np.round(np.cumsum(self.share) * n).astype(int), prepend=0), self.share)
        rows = [
            torch.randn(int(count), len(root), generator=stream, device=stream.device, dtype=root.dtype)
            @ root
            * np.sqrt(weight / n)
            for count, root, weight in zip(counts, self.roots, self.weights)
        ]
        x = torch.cat(rows)
        primal = n >= x.shape[1]
        s, vectors = torch.linalg.eigh(x.mT @ x if primal else x @ x.mT)
        checked_accuracy(s, float(lams.min()), s.dtype)
        basis = vectors if primal else x.mT @ (vectors * inverse_root(s))

        inverse = 1 / (s + lams[:, None].to(s))
        to_test, seen = self.root @ basis, x @ basis
        drifted = torch.cat([part @ teacher for part, teacher in zip(rows, self.teachers)])
        same = x @ self.teacher
        bias, total = (
            (to_test @ (inverse[:, :, None] * (seen.mT @ labels)) - self.root @ self.teacher).square().sum(dim=(1, 2))
            for labels in (same, drifted)
        )
        noise = torch.cat(
            [
                torch.full((len(part),), level * weight / n, dtype=x.dtype, device=x.device)
                for part, level, weight in zip(rows, self.noise, self.weights)
            ]
        )
        spread = seen.mT @ (noise[:, None] * seen)
        variance = ((inverse @ (spread * (to_test.mT @ to_test))) * inverse).sum(dim=1)
        return torch.stack([bias, variance, total - bias])


def _root(covariance):
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
