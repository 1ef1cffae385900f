"""Stories as tokens: text files read and refused, tokens kept on disk, and the rows that a training sees."""

import gzip
import hashlib
import re

import numpy as np
import pytest

from collapse.language import corpus
from collapse.language.corpus import Mixture, TokenFile, tokenised

TEXT = "A cat sat.\nIt slept.\n<|endoftext|>\n\nThe dog ran.\n\nIt came back.\n\n<|endoftext|>\nOh no!\n<|endoftext|>\n"
STORIES = ["A cat sat.\nIt slept.", "The dog ran.\n\nIt came back.", "Oh no!"]


class Letters:
    """A tokeniser that knows the first 128 characters."""

    vocabulary, end = 129, 128

    def __init__(self, digest="letters"):
        self.digest, self.seen = digest, []

    def encode(self, text):
        self.seen.append(text)
        if not text.isascii():
            raise ValueError(f"{text!r} is not ASCII")
        return [ord(letter) for letter in text]


def text_file(folder, text=TEXT):
    path = folder / "stories.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told(file):
    """The stories of a TokenFile of letters."""
    return ["".join(map(chr, part[:-1])) for part in np.split(np.asarray(file.tokens), file.ends)[:-1]]


def numbered(count=1000, stories=7):
    """A TokenFile of ``count`` tokens: 1 + their place, or 0 where a story ends."""
    tokens = np.arange(1, count + 1, dtype=np.uint16)
    tokens[np.linspace(0, count - 1, stories + 1).astype(int)[1:]] = 0
    return TokenFile(tokens, end=0, vocabulary=1001)


# Text


@pytest.mark.parametrize("packed", [lambda text: text, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("written", [TEXT, TEXT[:-1], TEXT + "\n\n", TEXT.replace("<|endoftext|>", " <|endoftext|> ")])
def test_stories_are_read_one_by_one(tmp_path, written, packed):
    path = text_file(tmp_path, packed(written.encode()))
    assert [text for _, text in corpus.stories(path)] == STORIES
    assert [line for line, _ in corpus.stories(path)] == [3, 9, 11]


MALFORMED = {
    "": ": the file holds no story",
    "\n\n": ": the file holds no story",
    "A cat sat.\n": "line 1: the file must end with a line <|endoftext|>",
    TEXT + "The dog": "line 12: the file must end with a line <|endoftext|>, which follows every story",
    "<|endoftext|>\n" + TEXT: "line 1: the story before this <|endoftext|> is empty",
    TEXT + " \n<|endoftext|>\n": "line 13: the story before this <|endoftext|> is empty",
    "A cat.\nOh <|endoftext|>\n": "line 2: <|endoftext|> must stand alone in its line",
    "A cat.\n<|endoftext|><|endoftext|>\n": "line 2: <|endoftext|> must stand alone in its line",
    b"A cat.\nOh \xff no\n<|endoftext|>\n": "line 2: not UTF-8 (invalid start byte, byte 4)",
    "A cat.\n<|endoftext|>\n".encode("utf-16"): "line 1: not UTF-8",
    gzip.compress(TEXT.encode())[:-20]: "not a whole gzip file",
    gzip.compress(TEXT.encode())[:-8] + bytes(8): "not a whole gzip file",
    b"\x1f\x8b cat": "line 1: not a whole gzip file",
}


@pytest.mark.parametrize("text", MALFORMED, ids=MALFORMED.values())
def test_a_malformed_file_is_refused_by_name_and_line(tmp_path, text):
    path = text_file(tmp_path, text)
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}.*{re.escape(MALFORMED[text])}"):
        tokenised(path, Letters(), tmp_path / "tokens", progress=False)
    assert not list((tmp_path / "tokens").iterdir())


def test_a_story_that_the_tokeniser_refuses_is_named(tmp_path):
    path = text_file(tmp_path, TEXT + "Caf\u00e9\n<|endoftext|>\n")
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}, story that ends in line 13: 'Caf.' is not ASCII"):
        tokenised(path, Letters(), tmp_path / "tokens", progress=False)
    assert not list((tmp_path / "tokens").iterdir())


# Tokens


def test_all_stories_are_there_in_an_order_that_is_the_same_everywhere(tmp_path):
    many = [f"Story {number}." for number in range(200)]
    path = text_file(tmp_path, "".join(f"{text}\n<|endoftext|>\n" for text in many))
    files = [tokenised(path, Letters(), tmp_path / folder, progress=False) for folder in "ab"]
    assert repr(files[0]) == f"TokenFile(200 stories, {sum(map(len, many)) + 200:,} of 129 tokens)"
    assert sorted(told(files[0])) == sorted(many)
    assert told(files[0]) == told(files[1]) != many
    correlation = np.corrcoef([many.index(text) for text in told(files[0])], range(200))[0, 1]
    assert abs(correlation) * np.sqrt(199) < 3, "standard deviations, for a random order"


def test_a_text_is_tokenised_once(tmp_path):
    path, first, again = text_file(tmp_path), Letters(), Letters()
    file = tokenised(path, first, tmp_path / "tokens", progress=False)
    assert first.seen == STORIES
    assert isinstance(file.tokens, np.memmap) and not file.tokens.flags.writeable
    same = tokenised(path, again, tmp_path / "tokens", progress=False)
    assert not again.seen
    np.testing.assert_array_equal(same.tokens, file.tokens)
    assert same.digest == file.digest == hashlib.sha256(file.tokens.tobytes()).hexdigest()


def test_another_text_or_tokeniser_has_its_own_tokens(tmp_path):
    path = text_file(tmp_path)
    tokenised(path, Letters(), tmp_path / "tokens", progress=False)
    for text, other in [(TEXT, Letters("other letters")), (TEXT.replace("cat", "cow"), Letters())]:
        path.write_text(text)
        tokenised(path, other, tmp_path / "tokens", progress=False)
        assert len(other.seen) == 3
    assert len(list((tmp_path / "tokens").iterdir())) == 3


DAMAGE = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[:-10],
    "no array": lambda whole: b"tokens" + whole,
    "impossible tokens": lambda whole: whole[:-2] + b"\xff\xff",
}


@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_tokens_are_named_and_made_again(tmp_path, how):
    path = text_file(tmp_path)
    expected = told(tokenised(path, Letters(), tmp_path / "tokens", progress=False))
    (kept,) = (tmp_path / "tokens").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(DAMAGE[how](whole))
    with pytest.warns(UserWarning, match=f"{kept.name} is damaged .* stories.txt is tokenised again"):
        assert told(tokenised(path, Letters(), tmp_path / "tokens", progress=False)) == expected
    assert kept.read_bytes() == whole


def test_stories_are_held_out_whole():
    file = numbered(1000, stories=7)
    rest, held = file.split(2)
    assert len(rest.ends) == 5 and len(held.ends) == 2
    assert rest.tokens[-1] == held.tokens[-1] == 0
    np.testing.assert_array_equal(np.concatenate([rest.tokens, held.tokens]), file.tokens)
    assert len({file.digest, rest.digest, held.digest}) == 3


def test_a_last_story_that_is_cut_short_is_not_held_out():
    rest, held = numbered(1000, stories=7).take(990).split(2)
    assert len(rest.ends) == 4 and len(held.ends) == 2
    assert held.tokens[-1] == 0


def test_the_first_tokens():
    file = numbered()
    np.testing.assert_array_equal(file.take(123).tokens, file.tokens[:123])
    assert file.take(1000).digest == file.digest != file.take(999).digest


# Rows


@pytest.mark.parametrize("count, context", [(1000, 7), (1000, 10), (1000, 999), (20, 12), (2, 1)])
def test_an_epoch_has_every_token_once_but_for_a_rest(count, context):
    file = numbered(count, stories=1)
    windows = file.windows(context, seed=5)
    assert windows.count == count // context
    for epoch in range(3):
        rows = windows.rows(epoch * windows.count, (epoch + 1) * windows.count)
        assert rows.shape == (windows.count, context + 1) and rows.dtype == np.uint16
        places = np.where(rows == 0, count, rows).astype(int) - 1
        assert (np.diff(places, axis=1) % count == 1 % count).all(), "a row is a piece of the circle"
        foretold, times = np.unique(places[:, 1:], return_counts=True)
        assert (times == 1).all() and len(foretold) == windows.count * context


def test_epochs_and_seeds_have_orders_of_their_own():
    file = numbered()
    orders = [file.windows(10, seed).rows(start, start + 100) for seed in (0, 1) for start in (0, 100)]
    assert len({order.tobytes() for order in orders}) == 4
    assert not np.array_equal(np.sort(orders[0][:, 0]), np.sort(orders[1][:, 0])), "the circle is cut elsewhere"
    np.testing.assert_array_equal(file.windows(10, 0).rows(0, 100), orders[0])


def test_a_batch_is_a_function_of_its_step():
    windows, fresh = numbered(100).windows(7, seed=3), numbered(100).windows(7, seed=3)
    inorder = [windows.batch(step, 40) for step in range(5)]  # an epoch has 14 rows
    np.testing.assert_array_equal(np.concatenate(inorder), fresh.rows(0, 200))
    for step in (4, 0, 2):
        np.testing.assert_array_equal(fresh.batch(step, 40), inorder[step])


@pytest.mark.parametrize("p2", [0, 0.001, 0.1, 0.5, 0.77, 1])
def test_a_mixture_has_its_share_of_synthetic_rows(p2):
    real, synthetic = (file.windows(10, seed=1) for file in (numbered(500), numbered(800)))
    synthetic.tokens = synthetic.tokens + np.uint16(1000)  # 1000 and more: synthetic
    mixture, seen = Mixture(real, synthetic, p2), []
    for step in range(60):
        rows = mixture.batch(step, 24)
        assert rows.shape == (24, 11) and rows.dtype == np.uint16
        seen.extend(rows)
        assert abs((np.array(seen)[:, 0] >= 1000).sum() - p2 * len(seen)) < 1 + 1e-9
    seen = np.array(seen)
    of_real, of_synthetic = seen[seen[:, 0] < 1000], seen[seen[:, 0] >= 1000]
    np.testing.assert_array_equal(of_real, real.rows(0, len(of_real)))
    np.testing.assert_array_equal(of_synthetic, synthetic.rows(0, len(of_synthetic)))


def test_each_data_has_a_digest_of_its_own():
    windows = [numbered().windows(10, 0), numbered().windows(10, 1), numbered().windows(11, 0), numbered(999).windows(10, 0)]
    a, b = windows[:2]
    mixtures = [Mixture(a, b, 0.5), Mixture(b, a, 0.5), Mixture(a, b, 0.25), Mixture(a, a, 0.5)]
    assert len({data.digest for data in windows + mixtures}) == 8
    assert numbered().windows(10, 0).digest == a.digest


def test_what_is_shown_is_short():
    file = TokenFile(np.zeros(100, np.uint16), 0, 5)
    rows = file.windows(8, seed=3)
    assert repr(rows) == "Windows(12 an epoch, each of 8 + 1 tokens, seed 3)"
    assert repr(Mixture(rows, rows, 0.5)) == f"Mixture({rows}, a share 0.5 replaced by {rows})"
