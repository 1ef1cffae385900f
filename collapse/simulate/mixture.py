"""Ridge on K sources that differ in everything, simulated (chapter "Strong model collapse")."""

import numpy as np
import torch

from ..checks import broadcast, real_array
from ..setting import Risk
from ..theory.source import checked_sources
from .designs import mixing_matrix
from .estimate import (
    Estimate,
    checked_accuracy,
    checked_counts,
    checked_run,
    generator,
    groups,
    inverse_root,
    whole_rows,
    whole_sizes,
)


def mixture(sources, n, lam, trials, seed, test=None, m=None, device=None, dtype=None):
    """Test error of ridge regression on simulated designs of a mixture of K sources.

    Parameters
    ----------
    sources, test : as in theory.mixture; source k gives n times its share rows, rounded.
    n, lam, trials, seed, device, dtype : as in simulate.ridge.
    m : number of random projections, as in simulate.projection; None is the model without projections.
    n, lam and m broadcast.

    Returns an Estimate, split into parts as theory.mixture does.
    """
    sources, test = checked_sources(sources, test)
    trials, seed, device, dtype = checked_run(trials, seed, device, dtype)
    arrays = dict(n=whole_rows(n, len(test.covariance)), lam=real_array("lam", lam, low=0))
    if m is not None:
        arrays["m"] = whole_sizes(m)
    n, lam, *sizes = broadcast(**arrays)
    draw = _Draw(sources, test, device, dtype)

    samples = np.empty((3, trials, *n.shape))
    for here, shape in groups(n, *sizes):
        lams, index = np.unique(lam[here], return_inverse=True)
        stream = generator(seed, shape, device)
        parts = torch.stack([draw.parts(*shape, lams=torch.as_tensor(lams), stream=stream) for _ in range(trials)], dim=1)
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

    def parts(self, n, m=None, *, lams, stream):
        """(3, lams): bias, variance and shift of one design."""
        counts = checked_counts(np.diff(np.round(np.cumsum(self.share) * n).astype(int), prepend=0), self.share)
        rows = [
            torch.randn(int(count), len(root), generator=stream, device=stream.device, dtype=root.dtype)
            @ root
            * np.sqrt(weight / n)
            for count, root, weight in zip(counts, self.roots, self.weights)
        ]
        x = torch.cat(rows)
        d = x.shape[1]
        mixing = torch.eye(d).to(x) if m is None else mixing_matrix(m, d, d**-0.5, stream, x.dtype)
        features = x @ mixing
        primal = n >= features.shape[1]
        s, vectors = torch.linalg.eigh(features.mT @ features if primal else features @ features.mT)
        checked_accuracy(s, float(lams.min()), s.dtype)
        basis = mixing @ (vectors if primal else features.mT @ (vectors * inverse_root(s)))

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
