"""Bad input to the functions of collapse.data that serve "Stories" gives an error that names the argument and the rule."""

import re

import pytest

from collapse import data

KNOWN = "human, llm, tinystories, tinystories-valid, babistories"
CASES = [
    (lambda: data.stories("humans"), ValueError, f"name must be one of {KNOWN} or the path of a text file, and there is no"),
    (lambda: data.stories("mnist"), ValueError, "there is no file mnist"),
    (lambda: data.stories("/"), ValueError, "there is no file /"),
    (lambda: data.stories(""), ValueError, "there is no file ."),
    (lambda: data.stories(None), TypeError, "name must be text or a path, got None"),
    (lambda: data.stories(["human"]), TypeError, "name must be text or a path, got ['human']"),
    (lambda: data.available("imagenet"), ValueError, f"names must be among mnist, {KNOWN}, gpt2, digits, got 'imagenet'"),
    (lambda: data.available("digits", 3), ValueError, "digits, got 3"),
    (lambda: data.checksums("digits"), ValueError, f"names must be among mnist, {KNOWN}, gpt2, got 'digits'"),
]


@pytest.mark.parametrize("call, error, text", CASES, ids=[f"{i} {text}" for i, (_, _, text) in enumerate(CASES)])
def test_the_error_names_the_argument_and_the_rule(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()
