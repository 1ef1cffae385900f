"""Stories as tokens: a text file tokenised once, and the rows of tokens that a training sees of it. Serves "Stories".

The text is UTF-8 (or gzip of it), each story followed by a line <|endoftext|>, the convention of TinyStories.
"""

import functools
import gzip
import hashlib
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import live
from ..checks import instance, real_number, whole_number
from ..results import folder_to_write, replace_file

SEPARATOR = "<|endoftext|>"
ORDER = 1  # seed of the order of the stories; part of what a tokenised file is
READ = 1 << 22  # bytes of a file read at once


@dataclass(frozen=True, eq=False, repr=False)
class TokenFile:
    """Stories as one line of tokens.

    tokens : (N,) uint16, which may lie on disk. Every story is followed by the token ``end``; the last may be cut short.
    vocabulary : tokens are below it.
    Raises ValueError or TypeError naming the argument.
    """

    tokens: np.ndarray
    end: int
    vocabulary: int

    def __post_init__(self):
        tokens = instance("tokens", self.tokens, np.ndarray)
        if tokens.dtype != np.uint16 or tokens.ndim != 1 or not tokens.size:
            raise ValueError(f"tokens must be uint16, (N,) with N >= 1, got {tokens.dtype} of shape {tokens.shape}")
        if not whole_number("end", self.end, low=0) < whole_number("vocabulary", self.vocabulary, low=1):
            raise ValueError(f"end must be below vocabulary ({self.vocabulary}), got {self.end}")
        if tokens.max() >= self.vocabulary:
            raise ValueError(f"tokens must be below vocabulary ({self.vocabulary}), got {tokens.max()}")

    @functools.cached_property
    def digest(self):
        """sha256 of the tokens."""
        return hashlib.sha256(np.ascontiguousarray(self.tokens)).hexdigest()

    @functools.cached_property
    def ends(self):
        """(stories,) story i is tokens[ends[i - 1]:ends[i]], its ``end`` included; from 0 for the first."""
        return np.flatnonzero(self.tokens == self.end) + 1

    def split(self, held_out):
        """Two TokenFiles: all but the last ``held_out`` stories, and these. Raises ValueError, TypeError naming held_out."""
        if whole_number("held_out", held_out, low=1) >= len(self.ends):
            raise ValueError(f"held_out must be < {len(self.ends)}, the number of stories, got {held_out}")
        start, stop = self.ends[[-held_out - 1, -1]]
        return self._part(0, start), self._part(start, stop)

    def take(self, count):
        """The first ``count`` tokens as a TokenFile. Raises ValueError or TypeError naming count."""
        if whole_number("count", count, low=1) > len(self.tokens):
            raise ValueError(f"count must be <= {len(self.tokens)}, the number of tokens, got {count}")
        return self._part(0, count)

    def windows(self, context, seed):
        """Rows of ``context`` + 1 tokens in random order, as :class:`Windows`."""
        return Windows(self, context, seed)

    def _part(self, start, stop):
        return TokenFile(self.tokens[start:stop], self.end, self.vocabulary)

    def __repr__(self):
        return f"TokenFile({len(self.ends):,} stories, {len(self.tokens):,} of {self.vocabulary:,} tokens)"


class Windows:
    """Rows of ``context`` + 1 tokens of a TokenFile, epoch after epoch.

    The tokens stand in a circle. In each epoch it is cut into ``count`` pieces of ``context`` tokens, from a random place
    on, that come in random order; a row is a piece and the token after it. What is left, less than a piece, is left out.
    seed : whole number >= 0.  Raises ValueError or TypeError naming the argument.
    """

    def __init__(self, file, context, seed):
        self.tokens = instance("file", file, TokenFile).tokens
        self.vocabulary, self.end = file.vocabulary, file.end
        self.context, self.seed = whole_number("context", context, low=1), whole_number("seed", seed, low=0)
        if self.context >= len(self.tokens):
            raise ValueError(f"context must be < {len(self.tokens)}, the number of tokens, got {context}")
        self.count = len(self.tokens) // self.context
        self.digest = f"{file.digest} in windows of {self.context}, seed {self.seed}"
        self._starts = functools.lru_cache(2)(self._starts)

    def rows(self, start, stop):
        """Rows number start, ..., stop - 1 since the first epoch began, uint16 (stop - start, context + 1)."""
        epochs, places = np.divmod(np.arange(start, stop), self.count)
        starts = np.zeros(stop - start, int)
        for epoch in np.unique(epochs):
            among = epochs == epoch
            starts[among] = self._starts(int(epoch))[places[among]]
        return self.tokens[(starts[:, None] + np.arange(self.context + 1)) % len(self.tokens)]

    def batch(self, step, rows):
        """The rows of step 0, 1, ... of a training, uint16 (rows, context + 1)."""
        return self.rows(step * rows, (step + 1) * rows)

    def __repr__(self):
        return f"Windows({self.count:,} an epoch, each of {self.context} + 1 tokens, seed {self.seed})"

    def _starts(self, epoch):
        rng = np.random.default_rng([self.seed, epoch])
        return rng.integers(len(self.tokens)) + self.context * rng.permutation(self.count)


class Mixture:
    """Rows of real and of synthetic text, as :class:`Windows` each: of any so many rows from the first, a share ``p2``,
    to within one row, is synthetic. Raises ValueError or TypeError naming the argument."""

    def __init__(self, real, synthetic, p2):
        self.real, self.synthetic = instance("real", real, Windows), instance("synthetic", synthetic, Windows)
        self.p2 = real_number("p2", p2, low=0, high=1)
        for name in ("context", "vocabulary", "end"):
            mine, other = getattr(real, name), getattr(synthetic, name)
            if mine != other:
                raise ValueError(f"synthetic must have real's {name}, {mine}, got {other}")
        self.context = real.context
        self.digest = f"({real.digest}), a share {self.p2} replaced by ({synthetic.digest})"

    def batch(self, step, rows):
        """The rows of step 0, 1, ... of a training, uint16 (rows, context + 1): first the real ones."""
        start, stop = step * rows, (step + 1) * rows
        first, last = int(start * self.p2), int(stop * self.p2)
        return np.concatenate([self.real.rows(start - first, stop - last), self.synthetic.rows(first, last)])

    def __repr__(self):
        return f"Mixture({self.real}, a share {self.p2:g} replaced by {self.synthetic})"


def tokenised(path, tokeniser, folder, progress=True):
    """The stories of a text file as a :class:`TokenFile`, in a random order that is the same everywhere.

    path : the text, or gzip of it.
    tokeniser : has encode(text) -> list of tokens, vocabulary, end, digest.
    folder : where the tokens are kept; the next call with the same text and tokeniser finds them there.
    progress : whether to show a progress bar, if there is a terminal.

    Raises FileNotFoundError; ValueError naming the file and the line where it is malformed; ValueError or TypeError naming
    the argument.
    """
    path, folder = Path(path), folder_to_write(folder)
    if not path.is_file():
        raise FileNotFoundError(f"path must be a text file, there is none at {path}; data.stories(name) finds the corpora")
    for name in ("encode", "vocabulary", "end", "digest"):
        if not hasattr(tokeniser, name):
            raise TypeError(f"tokeniser must have encode, vocabulary, end and digest, {tokeniser!r} has no {name}")
    if tokeniser.vocabulary > 1 << 16:
        raise ValueError(f"tokeniser must have at most {1 << 16} tokens, got {tokeniser.vocabulary}")
    kept = folder / f"{hashlib.sha256(f'{_sha256(path)} {tokeniser.digest} {ORDER}'.encode()).hexdigest()}.npy"
    if kept.exists():
        try:
            return TokenFile(np.load(kept, mmap_mode="r"), tokeniser.end, tokeniser.vocabulary)
        except (OSError, EOFError, ValueError) as error:
            warnings.warn(f"{kept} is damaged ({error}): {path.name} is tokenised again", stacklevel=2)
    coded = []
    with live.progress(stories(path), desc=path.name, unit=" stories", shown=progress) as bar:
        for line, text in bar:
            try:
                tokens = tokeniser.encode(text)
            except ValueError as error:
                raise ValueError(f"{path}, story that ends in line {line}: {error}") from None
            coded.append(np.array([*tokens, tokeniser.end], np.uint16))
    order = np.random.default_rng(ORDER).permutation(len(coded))
    tokens = np.concatenate([coded[index] for index in order])
    replace_file(kept, lambda stream: np.save(stream, tokens))
    return TokenFile(np.load(kept, mmap_mode="r"), tokeniser.end, tokeniser.vocabulary)


def stories(path):
    """Each story of a text file, as (number of the line that ends it, its text without blank lines around it).

    Raises ValueError naming the file and the line that is not UTF-8, has a separator within it or ends an empty story, or
    after which a story has no end.
    """
    lines, number, found = [], 0, False
    for number, line in enumerate(_lines(path), 1):
        if line.strip() == SEPARATOR:
            text = "".join(lines).strip()
            if not text:
                raise ValueError(f"{path}, line {number}: the story before this {SEPARATOR} is empty")
            yield number, text
            lines, found = [], True
        elif SEPARATOR in line:
            raise ValueError(f"{path}, line {number}: {SEPARATOR} must stand alone in its line")
        else:
            lines.append(line)
    if not found and not "".join(lines).strip():
        raise ValueError(f"{path}: the file holds no story")
    if "".join(lines).strip():
        raise ValueError(f"{path}, line {number}: the file must end with a line {SEPARATOR}, which follows every story")


def _lines(path):
    with open(path, "rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if zipped else open(path, "rb") as stream:
        done = 0
        try:
            for line in stream:
                yield line.decode("utf-8" if done else "utf-8-sig")  # the first may begin with a byte order mark
                done += 1
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}, line {done + 1}: not UTF-8 ({error.reason}, byte {error.start + 1})") from None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path}, line {done + 1}: not a whole gzip file ({error})") from None


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while part := stream.read(READ):
            digest.update(part)
    return digest.hexdigest()
