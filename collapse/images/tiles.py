"""A large symmetric matrix as square tiles: Gram matrix, Cholesky factor, solution. Serves "Digits at scale".

Only tiles on and below the diagonal are kept: half the memory, half the work. ``tiles[i][j]``, j <= i, holds rows i and
columns j of the matrix, TILE of each; the last row of tiles may be thinner.
"""

import hashlib

import numpy as np
import torch

from ..live import progress
from ..results import replace_file

TILE = 5000


def spans(n):
    """The rows of each tile, as slices."""
    return [slice(start, min(start + TILE, n)) for start in range(0, n, TILE)]


def gram(features, rows, folder=None):
    """The tiles of Phi Phi' for ``rows`` as from ``features.rows``.

    folder : where each finished row of tiles is kept as a file; those of an earlier call are read, not computed again.
    """
    parts = [rows[span] for span in spans(len(rows))]
    products = features.blocks * len(parts) * (len(parts) + 1) // 2
    with progress(total=products, unit="block", desc="Gram matrix", delay=1) as bar:
        if folder is None:
            return [_gram_row(features, parts[: i + 1], bar) for i in range(len(parts))]
        digest, tiles = hashlib.sha256(repr((features, rows.dtype)).encode()), []
        for i, part in enumerate(parts):
            digest.update(part.cpu().numpy().tobytes())
            tiles.append(_kept(folder / f"gram-{digest.hexdigest()[:16]}.npy", features, parts[: i + 1], bar))
        return tiles


def _gram_row(features, parts, bar):
    last = parts[-1]
    row = [last.new_zeros(len(last), len(part)) for part in parts]
    for index in range(features.blocks):
        phi = features.block(last, index)
        for tile, part in zip(row, parts):
            tile.addmm_(phi, (phi if part is last else features.block(part, index)).mT)
        bar.update(len(parts))
    return row


def _kept(path, features, parts, bar):
    """A row of tiles in a file, which stays on disk until a tile is used."""
    if path.exists():
        bar.update(features.blocks * len(parts))
    else:
        row = torch.cat(_gram_row(features, parts, bar), dim=1).cpu().numpy()
        replace_file(path, lambda stream: np.save(stream, row))
    kept = np.load(path, mmap_mode="c")
    return [torch.from_numpy(kept[:, span]) for span in spans(kept.shape[1])]


def leading(tiles, n):
    """The tiles of the first ``n`` rows and columns; views, no copies."""
    cropped = [[tile[: n - span.start] for tile in row] for span, row in zip(spans(n), tiles)]
    return [[*row[:-1], row[-1][:, : len(row[-1])]] for row in cropped]


def plus_ridge(tiles, ridge, device):
    """A copy of the matrix plus ``ridge`` times the identity."""
    copies = [[tile.to(device, copy=True) for tile in row] for row in tiles]
    for row in copies:
        row[-1].diagonal().add_(ridge)
    return copies


def cholesky_(tiles):
    """The lower Cholesky factor, in place of ``tiles``. Raises torch.linalg.LinAlgError if there is none."""
    for k, row in enumerate(tiles):
        row[k] = torch.linalg.cholesky(row[k])
        for below in tiles[k + 1 :]:
            below[k] = torch.linalg.solve_triangular(row[k].mT, below[k], upper=True, left=False)
        for i in range(k + 1, len(tiles)):
            for j in range(k + 1, i + 1):
                tiles[i][j].addmm_(tiles[i][k], tiles[j][k].mT, alpha=-1)
    return tiles


def solve_(factor, b):
    """The solution of L L' a = b (n, q), in place of ``b``."""
    parts = b.split([len(row[0]) for row in factor])
    for i, row in enumerate(factor):
        for tile, part in zip(row[:i], parts):
            parts[i].addmm_(tile, part, alpha=-1)
        parts[i].copy_(torch.linalg.solve_triangular(row[i], parts[i], upper=False))
    for i in reversed(range(len(factor))):
        for below, part in zip(factor[i + 1 :], parts[i + 1 :]):
            parts[i].addmm_(below[i].mT, part, alpha=-1)
        parts[i].copy_(torch.linalg.solve_triangular(factor[i][i].mT, parts[i], upper=True))
    return b
