"""Pages to learn from without end: real ones, and a share of synthetic ones among them (A language with a known entropy)."""

from dataclasses import dataclass

import numpy as np

from ..checks import real_number, whole_number
from .automaton import check_sources


@dataclass(frozen=True, eq=False)
class MixedPages:
    """Fresh pages at each step, each of them synthetic with probability p2; END stands before each page.

    Made for a GPT with a context of ``length``.

    real, synthetic : automata of one vocabulary.  p2 : in [0, 1].  length : words of a page.  seed : whole number >= 0.
    Streams of the same seed that differ in p2 alone have the same real pages wherever both have a real one.
    """

    real: object
    synthetic: object
    p2: float
    length: int
    seed: int

    def __post_init__(self):
        check_sources(self.real, self.synthetic)
        real_number("p2", self.p2, low=0, high=1)
        whole_number("length", self.length, low=1)
        whole_number("seed", self.seed, low=0)

    @property
    def digest(self):
        """Text that tells this stream from any other."""
        return f"{self.real.digest} {self.synthetic.digest} p2={float(self.p2)!r} length={self.length} seed={self.seed}"

    def batch(self, step, rows):
        """The pages of a step with END before each, (rows, length + 1) of dtype int16: a function of the step."""
        step, rows = whole_number("step", step, low=0), whole_number("rows", rows, low=1)
        real, synthetic = (
            source.sample(rows, self.length, [self.seed, step, i]) for i, source in enumerate((self.real, self.synthetic))
        )
        chosen = np.random.default_rng([self.seed, step, 2]).random((rows, 1)) < self.p2
        return np.pad(np.where(chosen, synthetic, real), ((0, 0), (1, 0)))
