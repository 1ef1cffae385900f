"""Random ReLU features of any width, made block by block and never kept all at once. Serves "Digits at scale"."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from ..checks import real_array, whole_number
from .memory import require

BLOCK = 2048  # features made at a time; part of what a seed means


@dataclass(frozen=True)
class RandomFeatures:
    """phi(x) = sqrt(2/width) max(0, W (x, 1)) with W_ij ~ N(0, 1/(inputs + 1)): the first layer of a network, never trained.

    Parameters
    ----------
    width : number of features, >= 1.
    inputs : number of inputs, >= 1; a constant input 1 is added.
    seed : whole number >= 0. Features j of two widths and the same seed have the same weights.

    ``features(x)`` (N, inputs) -> float64 (N, width). As width grows, E phi(x).phi(x') tends to a fixed kernel.
    Raises ValueError or TypeError naming the argument, MemoryError if the features do not fit.
    """

    width: int
    inputs: int
    seed: int

    def __post_init__(self):
        whole_number("width", self.width, low=1)
        whole_number("inputs", self.inputs, low=1)
        whole_number("seed", self.seed, low=0)

    def __call__(self, x):
        x = self.rows("x", x)
        require(2 * 8 * len(x) * self.width)
        return torch.cat([self.block(x, index) for index in range(self.blocks)], dim=1).numpy()

    @property
    def blocks(self):
        """Number of blocks."""
        return math.ceil(self.width / BLOCK)

    def rows(self, name, x):
        """``x`` (N, inputs) checked, as a tensor with the constant input, (N, inputs + 1)."""
        x = real_array(name, x, ndim=2)
        if x.shape[1] != self.inputs:
            raise ValueError(f"{name} must have {self.inputs} columns, the inputs of the features, got shape {x.shape}")
        return torch.from_numpy(np.column_stack([x, np.ones(len(x))]))

    def block(self, rows, index):
        """Features number index*BLOCK and following, (N, at most BLOCK), of ``rows`` as :meth:`rows` returns them."""
        return torch.relu_(rows @ self._weights(index).to(rows))

    def _weights(self, index):
        count = min(BLOCK, self.width - index * BLOCK)
        draws = np.random.default_rng([self.seed, index]).standard_normal((BLOCK, self.inputs + 1), dtype=np.float32)
        draws = draws[:count].T * np.float32(math.sqrt(2 / (self.width * (self.inputs + 1))))
        return torch.from_numpy(draws)
