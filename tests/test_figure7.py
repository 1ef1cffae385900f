"""Figure 7 of the paper: what both experiments compute, on the small digits, on MNIST, and as stored."""

import numpy as np
import pytest

from collapse import data, experiments, images, results
from collapse.images import figure7

from .marks import real_mnist

RECIPE = images.Recipe(width=40, epochs=8)


@pytest.fixture(scope="module")
def wide():
    return images.wide(data.digits(), 1500, [100, 400, 1000], 0.01, [30, 200], seed=0)


@pytest.fixture(scope="module")
def trained():
    return images.trained(data.digits(), RECIPE, 300, [30, 200], seed=0, labellers=[0, 3])


@pytest.mark.proves("obs-figure-7")
def test_without_synthetic_labels_it_is_ridge_on_the_features(wide):
    parts = images.split(data.digits(), 0)
    features = images.RandomFeatures(1500, 64, 0)
    n, lam = [100, 400, 1000], [[1e-4], [2.5e-5], [1e-5]]
    answers = images.feature_ridge(features, parts.students.x, parts.students.y, n, lam, parts.test.x)[:, 0]
    error = ((answers - parts.test.y) ** 2).sum(axis=2).mean(axis=1)
    np.testing.assert_allclose(wide["error"][:, 0, :].T, np.tile(error, (4, 1)), rtol=1e-3)  # single precision there
    accuracy = (answers.argmax(axis=2) == parts.test.labels).mean(axis=1)
    np.testing.assert_allclose(wide["accuracy"][:, 0, 0], accuracy, atol=0.005)


@pytest.mark.proves("obs-figure-7")
def test_with_synthetic_labels_only_the_error_ends_near_c2_and_clean_labels_pass_it(wide):
    error, c2 = wide["error"], wide["c2"]
    assert error.shape == (3, len(figure7.SHARES), 4) and 0 < wide["gemm_share"]
    assert (np.abs(error[-1, -1, :2] / c2[:2] - 1) < 0.15).all()  # soft labels: smooth, so learned from 1000 images
    assert (error[-1, 0] < 0.9 * error[-1, -1]).all()
    assert (np.diff(error[-1], axis=0) > -0.01).all(), "more synthetic labels, more error"


@pytest.mark.proves("obs-figure-7")
def test_trained_networks_are_those_of_train(trained):
    parts = images.split(data.digits(), 0)
    students = parts.students
    labels = images.synthetic_labels(parts, [30, 200], 0, students.x[:300])
    for i, j in ((0, 0), (0, 1), (3, 1), (5, 0)):
        targets = images.mixed(students.y[:300], labels[[[0, 3][j]]], figure7.NETWORK_SHARES[i], 0)[:, 0, 0]
        answers = images.train(students.x[:300], targets[None], RECIPE, [0]).predict(parts.test.x)[0]
        assert trained["error"][i, j] == pytest.approx(((answers - parts.test.y) ** 2).sum(axis=1).mean(), rel=1e-3)
    assert trained["error"].shape == (6, 2) and trained["c2"].shape == (2,)


@pytest.mark.parametrize("name", ["wide", "trained"])
def test_too_many_images_are_refused(name):
    function = {
        "wide": lambda n: images.wide(data.digits(), 50, [n], 0.1, [30], 0),
        "trained": lambda n: images.trained(data.digits(), RECIPE, n, [30], 0, [0]),
    }[name]
    with pytest.raises(ValueError, match="n must be <= 1078, the images for students in 8x8 digits, got 1079"):
        function(1079)


@real_mnist
@pytest.mark.proves("obs-figure-7")
def test_on_mnist_a_synthetic_share_costs_more_the_more_data_there_are():
    found = images.wide(data.mnist(), 1200, [250, 1000], 0.01, [100], seed=0)
    extra = found["error"][:, 4, 0] - found["error"][:, 0, 0]  # p2 = 0.3, soft labels
    assert figure7.SHARES[4] == 0.3 and extra[1] > 1.3 * extra[0] > 0


@pytest.mark.proves("obs-figure-7")
@pytest.mark.parametrize("name", ["digits-wide", "digits-network"])
def test_the_stored_run_is_whole(name):
    stored = results.load(name)
    rows = len(stored.arrays["n"])
    assert stored.provenance["size"] in ("hour", "full") and stored.provenance["data"] == data.mnist_checksums()
    assert stored.arrays["n"].max() >= 30_000 and len(set(zip(stored.arrays["n"], stored.arrays["seed"]))) == rows
    shape = (rows, len(stored.arrays["p2"]), len(stored.arrays["labeller"]))
    assert stored.arrays["error"].shape == stored.arrays["accuracy"].shape == shape
    assert all(np.isfinite(stored.arrays[part]).all() for part in ("error", "accuracy", "c2", "c2_stderr"))


@pytest.mark.parametrize("name", ["digits-wide", "digits-network"])
def test_jobs_and_what_is_stored_fit_together(name):
    experiment = experiments.EXPERIMENTS[name]
    jobs = experiment.jobs("quick")
    judged = {"c2": np.zeros(4), "c2_stderr": np.ones(4)}
    if name == "digits-wide":
        done = [
            {"error": np.full((len(job["n"]), 8, 4), job["seed"]), "accuracy": np.zeros((len(job["n"]), 8, 4)), **judged}
            for job in jobs
        ]
    else:
        done = [{"error": np.full((6, 2), job["seed"]), "accuracy": np.zeros((6, 2)), **judged} for job in jobs]
    arrays = experiment.combine(jobs, done)
    for seed, error in zip(arrays["seed"], arrays["error"]):
        assert (error == seed).all()
