"""Figure 7 of the paper at any size: test error against n for mixtures of labels. Serves "Digits at scale"."""

from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from ..checks import instance, real_array, real_number, whole_number
from .feature_ridge import feature_ridge
from .labellers import feature_labels, hard, mixed
from .network import train
from .quality import quality
from .random_features import RandomFeatures
from .splits import Part, split

SHARES = (0.0, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 1.0)
NETWORK_SHARES = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
LABELLER_WIDTH, LABELLER_LAM = 2000, 1e-5


def synthetic_labels(parts, n0, seed, images):
    """Labels (2 len(n0), N, 10) of labellers trained on n0 images each: first their soft answers, then their decisions.

    The students of the same seed have other features: theirs have seed 2 seed, a labeller's 2 seed + 1.
    """
    features = RandomFeatures(LABELLER_WIDTH, images.shape[1], 2 * seed + 1)
    soft = feature_labels(features, parts.labellers.x, parts.labellers.y, n0, LABELLER_LAM, images)
    return np.concatenate([soft, hard(soft)])


def wide(source, width, n, ridge, n0, seed, device=None, folder=None):
    """Random-feature students of mixtures, in single precision: each of SHARES, each labeller of :func:`synthetic_labels`.

    The ridge of a student of n rows is ridge/n: as penalty of a sum over the rows, it is the same for all n.

    source : an Images.  width, n, device, folder : as for feature_ridge.  n0 : as for synthetic_labels.  seed : of the
    order of the images, the features, the labellers and the choice of rows.

    Returns a dict: error and accuracy (n, shares, labellers) on the test part; c2 and c2_stderr (labellers,), measured
    there by :func:`quality`; and, unless parts were found in the folder, gemm_share, the part of the time that plain
    matrix products of as many flops would take.

    Implements: obs-figure-7 (chapter "Digits at scale").
    """
    students, test, labels, judged = _world(source, n[-1], n0, seed)
    targets = mixed(students.y[: n[-1]], labels, SHARES, seed)
    features = RandomFeatures(width, test.x.shape[1], 2 * seed)
    lam = real_number("ridge", ridge, low=0, low_is_allowed=False) / np.array(n)[:, None]
    resumed = folder is not None and any(Path(folder).glob("*"))
    start = perf_counter()
    answers = feature_ridge(
        features, students.x[: n[-1]], targets, n, lam, test.x, device=device, dtype="float32", folder=folder
    )
    seconds = perf_counter() - start
    error, accuracy = scores(answers[:, 0], test)
    found = {"error": error, "accuracy": accuracy, **judged}
    if not resumed:
        found["gemm_share"] = _flops(width, n, len(test.x), targets[0].size) / _gemm_rate(device) / seconds
    return found


def trained(source, recipe, n, n0, seed, labellers, device=None, folder=None):
    """Two-layer networks trained on the first n images of a mixture: each of NETWORK_SHARES, the given ``labellers``.

    recipe, device, folder : as for :func:`train`.  labellers : which of :func:`synthetic_labels`, by position. All
    networks of one seed start from the same weights and see the images in the same order.

    Returns a dict as :func:`wide`: error and accuracy (shares, labellers); c2 and c2_stderr (labellers,).

    Implements: obs-figure-7 (chapter "Digits at scale").
    """
    students, test, labels, judged = _world(source, n, n0, seed)
    if not set(labellers) <= set(range(len(labels))):
        raise ValueError(f"labellers must be positions in 0..{len(labels) - 1}, got {labellers}")
    targets = mixed(students.y[:n], labels[labellers], NETWORK_SHARES, seed)
    runs = [(i, j) for i, share in enumerate(NETWORK_SHARES) for j in range(len(labellers)) if share or not j]
    chosen = np.stack([targets[:, i, j] for i, j in runs])
    answers = train(students.x[:n], chosen, recipe, [seed] * len(runs), device, folder).predict(test.x)
    place = {run: answer for run, answer in zip(runs, answers)}
    grid = [[place[i, j if share else 0] for j in range(len(labellers))] for i, share in enumerate(NETWORK_SHARES)]
    error, accuracy = scores(np.moveaxis(grid, 2, 0)[None], test)
    return {"error": error[0], "accuracy": accuracy[0], **{name: value[labellers] for name, value in judged.items()}}


def _world(source, n, n0, seed):
    """Students' part, test part, synthetic labels (q, n, 10) of the students' first n images, quality of the labellers."""
    parts, n = split(source, seed), whole_number("n", n, low=1)
    if n > len(parts.students.x):
        raise ValueError(f"n must be <= {len(parts.students.x)}, the images for students in {source.name}, got {n}")
    test = parts.test
    labels = synthetic_labels(parts, n0, seed, np.concatenate([test.x, parts.students.x[:n]]))
    c2, stderr = np.transpose([quality(each[: len(test.x)], test.y) for each in labels])
    return parts.students, test, labels[:, len(test.x) :], {"c2": c2, "c2_stderr": stderr}


def scores(answers, part):
    """Squared error, summed over the outputs, and accuracy on a Part of N images: answers (n, N, ..., 10) -> twice (n, ...).

    Of what feature_ridge returns, (n, lam, N, ..., 10), choose a lam: ``scores(answers[:, j], part)``.
    Raises TypeError or ValueError naming the argument.
    """
    part = instance("part", part, Part)
    answers = real_array("answers", answers)
    if answers.ndim < 3 or (answers.shape[1], answers.shape[-1]) != part.y.shape:
        images, outputs = part.y.shape
        raise ValueError(f"answers must have shape (n, {images}, ..., {outputs}) for this part, got {answers.shape}")
    count, *others = answers.shape[1:-1]
    ones = (1,) * len(others)
    truth, labels = part.y.reshape(count, *ones, -1), part.labels.reshape(count, *ones)
    error = np.stack([((each - truth) ** 2).sum(axis=-1).mean(axis=0) for each in answers])
    return error, (answers.argmax(axis=-1) == labels).mean(axis=1)


def _flops(width, n, tests, regressions):
    """Floating-point operations of the dual form, one lam: half the Gram matrix, the factors, the answers."""
    answers = 2 * width * (sum(n) + len(n) * tests) * regressions
    return n[-1] ** 2 * width + sum(size**3 / 3 for size in n) + answers


def _gemm_rate(device, size=3000):
    """Flops per second of a plain matrix product in single precision."""
    a = torch.ones(size, size, device=device)
    a @ a
    start = perf_counter()
    float((a @ a)[0, 0])
    return 2 * size**3 / (perf_counter() - start)
