"""What a simulation returns: one Risk per design, their mean and its standard error (chapter "The setting")."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch

from ..checks import instance, real_array, whole_number
from ..live import progress
from ..setting import Risk

MAX_ENTRIES = 2**31  # of one design: 16 GiB in float64
PARTS = ("bias", "variance", "shift", "total")


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """Test errors over independent designs: ``.mean.total``, ``.stderr.total``, and so for .bias, .variance, .shift.

    samples : Risk with a leading axis over designs. Given a design, each entry is an exact expectation over teacher,
        shift and label noise, so designs are the only source of scatter.
    """

    samples: Risk

    def __post_init__(self):
        if instance("samples", self.samples, Risk).bias.ndim == 0:
            raise ValueError("samples must have a leading axis over designs, got scalars")

    @property
    def trials(self):
        """Number of independent designs."""
        return len(self.samples.bias)

    @property
    def mean(self):
        """Risk averaged over designs."""
        return Risk(*(getattr(self.samples, part).mean(axis=0) for part in PARTS[:3]))

    @property
    def stderr(self):
        """Standard errors of the means: .bias, .variance, .shift and .total. Needs two designs."""
        whole_number("trials", self.trials, low=2)
        return SimpleNamespace(
            **{part: getattr(self.samples, part).std(axis=0, ddof=1) / np.sqrt(self.trials) for part in PARTS}
        )

    def __repr__(self):
        return f"Estimate({self.trials} trials, mean total {self.mean.total})"

    def scale_shift(self, factor):
        """The same designs with Delta multiplied by ``factor`` >= 0."""
        return Estimate(self.samples.scale_shift(factor))


def generator(seed, shape, device):
    """A random stream of its own for each seed and shape of a design (n,) or (n, m), on the device."""
    key = int(np.random.SeedSequence([seed, *shape]).generate_state(1, np.uint64)[0] >> 1)
    return torch.Generator(device=device).manual_seed(key)


def checked_run(trials, seed, device, dtype):
    """The arguments that every simulation shares, checked and with their defaults filled in."""
    trials = whole_number("trials", trials, low=1)
    seed = whole_number("seed", seed, low=0)
    device = _checked_device(device)
    dtype = torch.float64 if dtype is None else dtype
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype!r}")
    return trials, seed, device, dtype


def _checked_device(device):
    try:
        found = torch.get_default_device() if device is None else torch.device(device)
        torch.empty(0, device=found)
    except (TypeError, RuntimeError, AssertionError) as error:
        raise ValueError(f"device must be a torch device of this machine, got {device!r} ({error})") from error
    return found


def whole_rows(n, d):
    """n as whole numbers of rows of d features, not too many for one design, or a clear error."""
    n = _whole("n", n, "rows")
    if n.max() * d > MAX_ENTRIES:
        raise ValueError(f"n must be <= {MAX_ENTRIES // d}, so that a design with d = {d} fits in memory, got {n.max():g}")
    return n


def whole_sizes(m):
    """m as whole numbers of projections, or a clear error."""
    return _whole("m", m, "projections")


def _whole(name, value, things):
    value = real_array(name, value, low=1, high=2**53)
    rounded = np.round(value)
    if (rounded != value).any():
        raise ValueError(f"{name} must be a whole number of {things}, got {value[rounded != value].flat[0]:g}")
    return rounded.astype(int)


def groups(*sizes):
    """For each distinct shape of a design, (n,) or (n, m): where it is wanted, and the shape."""
    table = np.stack(sizes, axis=-1)
    shapes = np.unique(table.reshape(-1, len(sizes)), axis=0)
    for shape in progress(shapes, desc="simulation", unit="size", delay=1, leave=False):
        yield (table == shape).all(axis=-1), tuple(int(number) for number in shape)


def checked_counts(counts, shares):
    """Refuse a design in which a source has a share but, after rounding, no row."""
    empty = (counts == 0) & (shares > 0)
    if empty.any():
        raise ValueError(
            f"n must be larger: a share of {np.broadcast_to(shares, counts.shape)[empty].flat[0]:g} rounds to no row"
        )
    return counts


def inverse_root(eigenvalues):
    """1/sqrt(s) for s (..., k) >= 0, and 0 where s is a rounding error of zero: nothing is seen in that direction."""
    rounding = eigenvalues.shape[-1] * torch.finfo(eigenvalues.dtype).eps * eigenvalues.amax(dim=-1, keepdim=True)
    return torch.where(eigenvalues > rounding, eigenvalues, torch.inf).rsqrt()


def checked_accuracy(eigenvalues, lam, dtype):
    """Refuse a system so ill-conditioned that the precision at hand would return noise."""
    smallest = float((eigenvalues.min(dim=-1).values + lam).min() / eigenvalues.max())
    limit = 1e3 * torch.finfo(dtype).eps
    if smallest < limit:
        raise ValueError(
            f"lam must be larger, n further from rank Sigma, or dtype more precise: the smallest eigenvalue to invert "
            f"is {smallest:.1e} of the largest, below {limit:.1e}, where {dtype} returns noise"
        )
