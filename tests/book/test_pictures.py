"""Packed pictures look as before, and are packed once."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from book.ext import pictures


@pytest.fixture
def app(tmp_path):
    (tmp_path / "html" / "_images").mkdir(parents=True)
    return SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "html", builder=SimpleNamespace(format="html"))


def draw(app, alpha):
    """A picture as matplotlib makes it: thousands of shades of a few colours."""
    x, y = np.meshgrid(np.linspace(0, 1, 300), np.linspace(0, 1, 200))
    noise = np.random.default_rng(0).integers(0, 8, x.shape)
    pixels = np.stack([200 * x + noise, 200 * y + noise, 200 * x * y + noise, np.full_like(x, alpha)], axis=-1)
    path = app.outdir / "_images" / "one.png"
    Image.fromarray(pixels.astype(np.uint8)).save(path, dpi=(220, 220))
    return path, pixels[..., :3]


def test_a_packed_picture_is_smaller_and_looks_the_same(app):
    path, pixels = draw(app, 255)
    before = path.stat().st_size
    pictures.pack_all(app, None)
    assert path.stat().st_size < before / 2
    with Image.open(path) as packed:
        assert packed.info["dpi"] == pytest.approx((220, 220), abs=0.1)
        assert np.abs(np.asarray(packed.convert("RGB")) - pixels).mean() < 8


def test_a_picture_is_packed_once(app, monkeypatch):
    path, _ = draw(app, 255)
    pictures.pack_all(app, None)
    packed = path.read_bytes()
    draw(app, 255)
    monkeypatch.setattr(pictures.Image, "open", lambda path: pytest.fail("packed again"))
    pictures.pack_all(app, None)
    assert path.read_bytes() == packed


def test_a_build_that_is_stopped_keeps_no_part_of_a_picture(app, monkeypatch):
    _, pixels = draw(app, 255)

    def stopped(picture, path, *arguments, **keywords):
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Image.Image, "save", stopped)
        pictures.pack_all(app, None)
    path, _ = draw(app, 255)
    pictures.pack_all(app, None)
    with Image.open(path) as packed:
        assert np.abs(np.asarray(packed.convert("RGB")) - pixels).mean() < 8


@pytest.mark.parametrize("case", ["transparent", "failed build", "for paper"])
def test_other_pictures_stay_as_they_are(app, case):
    path, _ = draw(app, 100 if case == "transparent" else 255)
    app.builder.format = "latex" if case == "for paper" else "html"
    before = path.read_bytes()
    pictures.pack_all(app, ValueError() if case == "failed build" else None)
    assert path.read_bytes() == before
