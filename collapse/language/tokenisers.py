"""Text as tokens: words, or GPT-2's byte pairs. Serves "A language with a known entropy" and "Stories".

A tokeniser has encode, decode; vocabulary: how many tokens there are; end: the token of <|endoftext|>; digest: text that
tells it from any other.
"""

import base64
import hashlib

import numpy as np
import tiktoken

from .. import data
from ..checks import instance, whole_number
from .automaton import END

BYTES = 256  # of GPT-2's tokens, the first ones; every later one joins two that stand before it
GPT2_VOCABULARY = 50257
SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"  # no token reaches across, in GPT-2


class Words:
    """The tokeniser of text whose words, and marks, stand between blanks: token i is the i-th of ``words``, END one of them.

    Raises ValueError or TypeError naming the argument.
    """

    def __init__(self, words):
        self.words = tuple(instance("each of words", word, str) for word in words)
        self._tokens = {word: token for token, word in enumerate(self.words)}
        if END not in self._tokens or len(self._tokens) < len(self.words):
            raise ValueError(f"words must be distinct, and {END} one of them")
        odd = [word for word in self.words if word.split() != [word]]
        if odd:
            raise ValueError(f"each of words must be without blanks and not empty, got {odd[0]!r}")
        self.vocabulary, self.end = len(self.words), self._tokens[END]
        self.digest = hashlib.sha256(" ".join(self.words).encode()).hexdigest()

    def encode(self, text):
        """Tokens of ``text``, a list. Raises ValueError naming a word that is not in the vocabulary, and its place."""
        found = instance("text", text, str).split()
        unknown = next((place for place, word in enumerate(found) if word not in self._tokens), None)
        if unknown is not None:
            raise ValueError(
                f"text must hold the vocabulary's {self.vocabulary} words only, got {found[unknown]!r} as word {unknown + 1}"
            )
        return [self._tokens[word] for word in found]

    def decode(self, tokens):
        """The text of ``tokens`` (n,), with a blank between two words. Raises ValueError or TypeError naming tokens."""
        return " ".join(self.words[token] for token in _tokens(tokens, self.vocabulary))

    def __repr__(self):
        return f"Words({self.vocabulary:,} words)"


class BytePairs:
    """Byte pairs: the first ``vocabulary`` - 1 tokens of ``ranks``, the bytes of each in their order, and <|endoftext|>."""

    def __init__(self, ranks, vocabulary):
        self.vocabulary, self.end = vocabulary, vocabulary - 1
        ranks = ranks[: self.end]
        self._coding = tiktoken.Encoding(
            f"gpt2-{vocabulary}",
            pat_str=SPLIT,
            mergeable_ranks={token: rank for rank, token in enumerate(ranks)},
            special_tokens={END: self.end},
        )
        self.digest = hashlib.sha256(b"\n".join(map(base64.b64encode, ranks))).hexdigest()

    def encode(self, text):
        """Tokens of ``text``, a list; "<|endoftext|>" in it is text like any other. Raises TypeError naming text."""
        return self._coding.encode_ordinary(instance("text", text, str))

    def decode(self, tokens):
        """The text of ``tokens`` (n,), end as <|endoftext|>, bytes that are not UTF-8 as U+FFFD. Raises as Words does."""
        return self._coding.decode(_tokens(tokens, self.vocabulary))

    def __repr__(self):
        return f"BytePairs({self.vocabulary:,} tokens)"


def byte_pairs(vocabulary=GPT2_VOCABULARY):
    """GPT-2's tokeniser as :class:`BytePairs`, or a smaller one: the first of its pairs are byte pairs of their own.

    vocabulary : tokens, 257 (bytes, and the end) to 50257 (GPT-2's).
    Raises ValueError or TypeError naming vocabulary, ValueError naming the file and the line where it is malformed,
    data.DataUnavailable.
    """
    if not BYTES < whole_number("vocabulary", vocabulary, low=1) <= GPT2_VOCABULARY:
        raise ValueError(f"vocabulary must be from {BYTES + 1} to {GPT2_VOCABULARY}, got {vocabulary}")
    return BytePairs(read_ranks(data.gpt2_ranks()), vocabulary)


def read_ranks(path):
    """The bytes of each token of a file in tiktoken's format: a line for each, in base64, and its number 0, 1, ..."""
    ranks = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            token, rank = line.split()
            ranks.append(base64.b64decode(token, validate=True))
            right = int(rank) == number - 1 and (number > BYTES or len(ranks[-1]) == 1)
        except ValueError:
            right = False
        if not right:
            raise ValueError(
                f"{path}, line {number}: must be a token in base64 and the number {number - 1}, got {line[:50]!r}"
            )
    if len(set(ranks)) != GPT2_VOCABULARY - 1:
        raise ValueError(f"{path} must have {GPT2_VOCABULARY - 1} distinct tokens, it has {len(set(ranks))}")
    return ranks


def _tokens(tokens, vocabulary):
    array = np.asarray(tokens)
    if array.ndim != 1 or array.size and array.dtype.kind not in "iu":
        raise TypeError(f"tokens must be whole numbers, (n,), got {tokens!r}")
    if array.size and (array.min() < 0 or array.max() >= vocabulary):
        raise ValueError(f"tokens must be from 0 to {vocabulary - 1}, got {array.min()} to {array.max()}")
    return array.astype(int).tolist()
