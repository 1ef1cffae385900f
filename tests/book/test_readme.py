"""The Python of README.md runs as it stands, one block after the other, in an empty folder with two texts in it."""

import re
from pathlib import Path

import pytest

from collapse import data

TEXT = Path(__file__).resolve().parents[2].joinpath("README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    if data.available("gpt2")["gpt2"] is None:
        pytest.skip("GPT-2's byte pairs are not to be had")
    monkeypatch.chdir(tmp_path)
    for name, word in ("real", "cat"), ("synthetic", "dog"):
        story = f"One day the {word} saw a bird in a tree. It was a very small bird, and it sang. The {word} sang too.\n"
        Path(f"{name}.txt").write_text(40 * (story + "<|endoftext|>\n"))
    names = {}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
    error, stderr = names["language"].per_token(names["nats"].sum(axis=1), names["counted"].sum(axis=1))
    assert 0 <= error < 1 and stderr >= 0, "texts that repeat themselves are learnt"
    assert "cat" in capsys.readouterr().out
