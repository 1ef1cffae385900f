"""Sphinx extension: the site's pictures with at most 256 colours, a third of their size. None is a photograph."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

SMALL = 30_000  # bytes: below, there is nothing to win


def pack(path, kept):
    """Replaces the picture by its packed copy, which is ``kept`` for the next build: the name is a hash of the content."""
    if not kept.exists():
        with Image.open(path) as picture:
            if picture.mode != "RGBA" or picture.getextrema()[3][0] < 255:
                return  # few colours already, or transparent
            part = kept.with_suffix(".part")
            picture.convert("RGB").quantize(256).save(part, "PNG", dpi=picture.info.get("dpi", (72, 72)))
        part.replace(kept)  # only when it is whole: a build may be stopped
    shutil.copyfile(kept, path)


def pack_all(app, error):
    if error is None and app.builder.format == "html":
        folder = Path(app.srcdir, "_build", "pictures")
        folder.mkdir(parents=True, exist_ok=True)
        large = [path for path in Path(app.outdir, "_images").glob("*.png") if path.stat().st_size > SMALL]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda path: pack(path, folder / path.name), large))


def setup(app):
    app.connect("build-finished", pack_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
