"""Tokenisers: against byte pairs joined one by one, and there and back."""

import base64
import functools
import random

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from collapse import data
from collapse.language import END, story_source
from collapse.language.tokenisers import BYTES, GPT2_VOCABULARY, SPLIT, BytePairs, Words, byte_pairs, read_ranks

from .marks import real_stories

TEXT = "Once upon a time, there wasn't a dragon named O'Neil...   It'd be 1,000 years old!\n\n\tÉté, 日本 🙂 end "


def some_ranks():
    """As many tokens as GPT-2 has, the later ones pairs of earlier ones, as byte pairs are."""
    rng = random.Random(0)
    letters = [byte for byte in b" abcdehinorst.,'\n"]
    ranks = [bytes([byte]) for byte in rng.sample(range(BYTES), BYTES)]
    short, known = [bytes([byte]) for byte in letters], set(ranks)
    while len(ranks) < GPT2_VOCABULARY - 1:
        pair = rng.choice(short) + rng.choice(short)
        if pair not in known:
            known.add(pair)
            ranks.append(pair)
            short.append(pair)
    return ranks


RANKS = some_ranks()
LINES = [b"%b %d" % (base64.b64encode(token), rank) for rank, token in enumerate(RANKS)]


@pytest.fixture
def file_of(tmp_path, monkeypatch):
    """A function that makes these lines the file of GPT-2's byte pairs."""

    def write(lines):
        path = tmp_path / "gpt2.tiktoken"
        path.write_bytes(b"\n".join(lines))
        monkeypatch.setattr(data, "gpt2_ranks", lambda: path)

    return write


@functools.cache
def pairs_of(vocabulary):
    return BytePairs(RANKS, vocabulary)


def one_by_one(text, ranks):
    """Byte pairs by their definition: in each word the pair of lowest rank is joined, until none is left."""
    number = {token: rank for rank, token in enumerate(ranks)}
    found = []
    for word in regex.findall(SPLIT, text):
        parts = [bytes([byte]) for byte in word.encode()]
        while True:
            joined = [number.get(a + b, len(number)) for a, b in zip(parts, parts[1:])]
            if not joined or min(joined) == len(number):
                break
            i = joined.index(min(joined))
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        found += [number[part] for part in parts]
    return found


@pytest.mark.parametrize("vocabulary", [257, 300, 1000, 20_000, GPT2_VOCABULARY])
def test_byte_pairs_are_joined_by_rank(vocabulary):
    pairs = pairs_of(vocabulary)
    text = TEXT + " ".join("the cat said on that shore abide there, it is near 'tis so" for _ in range(5))
    assert pairs.encode(text) == one_by_one(text, RANKS[: vocabulary - 1])
    assert pairs.decode(pairs.encode(text)) == text


@settings(deadline=None)  # the first call of a size makes its coding
@given(st.text(), st.sampled_from([257, 1000, GPT2_VOCABULARY]))
def test_any_text_comes_back(text, vocabulary):
    pairs = pairs_of(vocabulary)
    tokens = pairs.encode(text)
    assert pairs.decode(tokens) == text
    assert all(0 <= token < pairs.end for token in tokens)


def test_a_smaller_vocabulary_keeps_the_first_tokens(file_of):
    file_of(LINES)
    small, whole = byte_pairs(1000), byte_pairs()
    assert (small.vocabulary, small.end) == (1000, 999)
    assert (whole.vocabulary, whole.end) == (GPT2_VOCABULARY, GPT2_VOCABULARY - 1)
    for token in (0, BYTES + 1, 998):
        assert small.decode([token]) == whole.decode([token])
    assert small.decode([3, small.end]) == small.decode([3]) + END
    assert small.digest == pairs_of(1000).digest != whole.digest


def test_the_end_is_never_read_from_a_text():
    pairs = pairs_of(1000)
    assert pairs.end not in pairs.encode(f"one{END}two")
    assert pairs.decode(pairs.encode(END)) == END


@pytest.mark.parametrize("line", [b"!!!! 7", b"IQ==", b"IQ== x", b"IQ== 8", b"IQ== 7 7", b"", b"YWI= 7", b"\xff 7"])
def test_a_malformed_file_is_refused_by_name_and_line(file_of, line):
    file_of([*LINES[:7], line, *LINES[8:20]])
    with pytest.raises(ValueError, match=r"gpt2\.tiktoken, line 8: must be a token in base64 and the number 7, got b'"):
        byte_pairs()


@pytest.mark.parametrize(
    "lines, found",
    [(LINES[:-1], 50255), ([*LINES[:-1], LINES[300].split()[0] + b" 50255"], 50255), ([], 0)],
    ids=["too few", "one twice", "none"],
)
def test_a_file_of_another_length_or_with_a_token_twice_is_refused(file_of, lines, found):
    file_of(lines)
    with pytest.raises(ValueError, match=rf"gpt2\.tiktoken must have 50256 distinct tokens, it has {found}"):
        byte_pairs(300)


@real_stories
def test_the_byte_pairs_of_gpt2():
    pairs = byte_pairs()
    assert pairs.encode("Hello world") == [15496, 995]
    for vocabulary in (700, 4096, GPT2_VOCABULARY):
        tokens = byte_pairs(vocabulary).encode(TEXT)
        assert tokens == one_by_one(TEXT, read_ranks(data.gpt2_ranks())[: vocabulary - 1])


def test_words_there_and_back():
    source = story_source()
    words = Words(source.words)
    assert words.vocabulary == len(source.words) and words.end == source.words.index(END)
    for page in source.sample(20, 60, 0):
        text = words.decode(page)
        assert text == " ".join(source.words[token] for token in page)
        assert words.encode(text) == page.tolist()


def test_blanks_of_any_kind_part_words():
    words = Words([END, "the", "dog", "."])
    assert words.encode("  the\ndog\t . ") == [1, 2, 3]
    assert words.encode("") == [] and words.decode([]) == ""


def test_digests_tell_words_apart():
    one, same, other = (Words(words) for words in ([END, "a", "b"], (END, "a", "b"), [END, "b", "a"]))
    assert one.digest == same.digest != other.digest


def test_what_is_shown_is_short():
    assert repr(Words(["<|endoftext|>", "cat"])) == "Words(2 words)"
    assert repr(BytePairs([bytes([i]) for i in range(256)], 257)) == "BytePairs(257 tokens)"
