"""Ridge regression on random features of any width, all labels and sizes in one run. Serves "Digits at scale".

Below the width, the dual form: Phi Phi' (n x n) is built once for the largest n, and the first rows of it serve all n.
From the width on, the primal form: Phi'Phi (width x width), built up over the images. In both, each n and lam takes one
Cholesky factor, a third of n^3 flops, for all labels together: they are right-hand sides. An eigendecomposition would serve
all lam, at the price of about thirty factors (benchmarks/feature_panel.py).
"""

import numpy as np
import torch

from ..checks import instance, real_array, whole_number
from ..live import progress
from ..results import folder_to_write
from . import tiles
from .memory import require
from .random_features import BLOCK, RandomFeatures


def feature_ridge(features, x, targets, n, lam, test, *, device=None, dtype="float64", folder=None):
    """Predictions of ridge students on random features: (len(n), len(lam), len(test), ...), of the given dtype.

    The loss is (1/n) sum |y - w'phi(x)|^2 + lam |w|^2 over the first n rows; the features phi are never trained. Answers are
    linear in the targets: those for the identity matrix hold those for all targets.

    Implements: prop-parabola (chapter "Digits at scale").

    Parameters
    ----------
    features : RandomFeatures.
    x : (N, inputs), the training images in the order in which students see them.
    targets : (N, ...), the labels, one-hot or soft; each trailing entry is a regression: outputs, labellers, shares p2.
    n : increasing whole numbers in 1..N, how many rows a student sees.
    lam : numbers > 0, (len(lam),), or (len(n), len(lam)) with other ridges for each n; unit [phi]^2.
    test : (T, inputs), images to answer for.
    device : "cpu" (default), "cuda", ...   dtype : "float64", or "float32" for large runs: then keep lam >= 1e-7 E|phi|^2.
    folder : where finished parts of a large Gram matrix are kept (5000 rows of it each), so that an interrupted call, made
        again, goes on from there. Half of n^2 numbers for the largest n < width; it may be deleted afterwards.

    The images may have any scale, the same in x and test. For pixels in 0..1, E|phi|^2 is about 0.1 and ridges from 1e-6 to
    1e-4 are sensible.

    Raises ValueError or TypeError naming the argument, MemoryError if :func:`peak_memory_bytes` is more than there is,
    ArithmeticError if lam is too small for the dtype.
    """
    features = instance("features", features, RandomFeatures)
    if dtype not in ("float32", "float64"):
        raise ValueError(f"dtype must be 'float32' or 'float64', got {dtype!r}")
    rows, test = features.rows("x", x), features.rows("test", test)
    targets = real_array("targets", targets)
    if targets.ndim < 1 or len(targets) != len(rows):
        raise ValueError(f"targets must have {len(rows)} rows, one for each row of x, got shape {targets.shape}")
    n = _sizes(n, len(rows))
    lam = _ridges(lam, n)
    outputs, targets = targets.shape[1:], torch.from_numpy(targets.reshape(len(targets), -1))
    folder = None if folder is None else folder_to_write(folder)
    require(peak_memory_bytes(features, n, lam.shape[1], len(test), targets.shape[1], dtype, folder), device)
    rows, targets, test = (part.to(device=device, dtype=getattr(torch, dtype)) for part in (rows, targets, test))

    answers = rows.new_zeros(*lam.shape, len(test), targets.shape[1])
    below = sum(size < features.width for size in n)
    if below:
        _answers(features, test, _dual(features, rows, targets, n[:below], lam[:below], folder), answers[:below])
    if below < len(n):
        _answers(features, test, _primal(features, rows, targets, n[below:], lam[below:]), answers[below:])
    return answers.cpu().numpy().reshape(*answers.shape[:3], *outputs)


def peak_memory_bytes(features, n, lams, tests, targets, dtype="float64", folder=None):
    """Bytes that :func:`feature_ridge` takes at its peak, arguments and answers included.

    n : as for feature_ridge; lams, tests, targets : how many of each. With a ``folder`` the Gram matrix stays on disk.
    """
    n = np.atleast_1d(n)
    below = int(n[n < features.width].max(initial=0))
    answers = 2 * tests * n.size * lams * targets
    arguments = (n.max() + tests) * (features.inputs + 1) + n.max() * targets
    dual = (1 if folder else 2) * below * (below + tiles.TILE) / 2 + n.sum() * lams * targets
    dual += BLOCK * (below + tiles.TILE + 2 * n.size * lams * targets)
    primal = 0
    if n.max() >= features.width:
        primal = features.width * (features.width + BLOCK + 3 * tiles.TILE + targets * (1 + n.size * lams))
    return int((arguments + answers + max(dual, primal)) * np.dtype(dtype).itemsize + arguments * 8)


def _dual(features, rows, targets, n, lam, folder):
    """The weights (width, len(n), len(lam), targets) block by block, each Phi_block' times the dual coefficients."""
    whole = tiles.gram(features, rows[: n[-1]], folder)
    coefficients = [rows.new_empty(size, lam.shape[1], targets.shape[1]) for size in n]
    for size, ridges, found in zip(progress(n, unit="n", desc="students", delay=1), lam, coefficients):
        for j, ridge in enumerate(ridges):
            factor = _factor(tiles.leading(whole, size), size, ridge, rows.device)
            found[:, j] = tiles.solve_(factor, targets[:size].clone())
    for index in range(features.blocks):
        phi = [features.block(rows[span], index) for span in tiles.spans(n[-1])]
        yield torch.stack([_products(phi, found) for found in coefficients], dim=1)


def _products(phi, coefficients):
    parts = coefficients.split(tiles.TILE)
    return sum(torch.tensordot(block[: len(part)], part, dims=([0], [0])) for block, part in zip(phi, parts))


def _primal(features, rows, targets, n, lam):
    """The weights (width, len(n), len(lam), targets), block by block."""
    sizes = [min(BLOCK, features.width - start) for start in range(0, features.width, BLOCK)]
    gram = [[rows.new_zeros(size, other) for other in sizes[: i + 1]] for i, size in enumerate(sizes)]
    cross = rows.new_zeros(features.width, targets.shape[1])
    weights = rows.new_empty(features.width, *lam.shape, targets.shape[1])
    for i, (start, size) in enumerate(zip([0, *n], progress(n, unit="n", desc="students", delay=1))):
        for span in tiles.spans(size - start):
            _add(features, rows[start:size][span], targets[start:size][span], gram, cross)
        for j, ridge in enumerate(lam[i]):
            factor = _factor(gram, size, ridge, rows.device)
            weights[:, i, j] = tiles.solve_(factor, cross.clone())
    return weights.split(BLOCK)


def _add(features, rows, targets, gram, cross):
    phi = [features.block(rows, index) for index in range(features.blocks)]
    for left, tile_row, part in zip(phi, gram, cross.split(BLOCK)):
        part.addmm_(left.mT, targets)
        for tile, right in zip(tile_row, phi):
            tile.addmm_(left.mT, right)


def _answers(features, test, weights, answers):
    """Add Phi_test times the weights, which come block by block, to ``answers`` (n, lam, T, targets)."""
    for index, block in enumerate(progress(weights, total=features.blocks, unit="block", desc="answers", delay=1)):
        for span in tiles.spans(len(test)):
            answers[:, :, span] += torch.tensordot(features.block(test[span], index), block, dims=1).movedim(0, 2)


def _factor(gram, n, ridge, device):
    matrix = tiles.plus_ridge(gram, n * ridge, device)
    try:
        return tiles.cholesky_(matrix)
    except torch.linalg.LinAlgError:
        precision = str(matrix[0][0].dtype)[6:]
        raise ArithmeticError(
            f"lam = {ridge:g} is too small for {precision}: the Gram matrix has no Cholesky factor"
        ) from None


def _ridges(lam, n):
    lam = np.atleast_1d(real_array("lam", lam, low=0, low_is_allowed=False))
    if lam.ndim > 2 or (lam.ndim == 2 and len(lam) != len(n)):
        raise ValueError(f"lam must have shape (L,) or ({len(n)}, L), one row for each n, got {lam.shape}")
    return np.broadcast_to(lam, (len(n), lam.shape[-1]))


def _sizes(n, most):
    n = [whole_number("n", size, low=1) for size in np.atleast_1d(np.asarray(n, dtype=object)).tolist()]
    if not n:
        raise ValueError("n must not be empty")
    if sorted(set(n)) != n or n[-1] > most:
        raise ValueError(f"n must increase and be <= {most}, the number of rows of x, got {n}")
    return n
