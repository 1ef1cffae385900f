"""Experiments with stored results, ``python -m collapse run NAME`` ("Does a larger model help?", "Digits at scale").

An experiment is a list of independent jobs, a function that does one, and a way to put their results together. Its quick
size runs on a laptop in seconds; its full size is stored under results/, or what two cores do in an hour, its hour size.
"""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from . import data, results
from .language import story_plans
from .setting import Setting
from .sweep import sweep


@dataclass(frozen=True)
class Experiment:
    """An experiment at several sizes.

    name; function(**job) -> dict of arrays; jobs(size) -> list of dicts, each with its ``seed``, for a size of
    results.SIZES, KeyError if there is no such size; combine(jobs, results) -> dict of arrays, what is stored; about: what
    they are, with their axes, for whoever finds the stored file; data(size) -> sha256 by name of the data that it reads;
    before(size) -> list of (function, jobs) that are done first, one after the other, and leave files.

    A function may also return ``gemm_share``, the part of its time that plain matrix products of as many flops take.
    """

    name: str
    function: Callable
    jobs: Callable
    combine: Callable
    about: str
    data: Callable = lambda size: {}
    before: Callable = lambda size: []


def run(experiment, size="quick", workers=1, dask=None, folder=None):
    """Run an Experiment through :func:`collapse.sweep.sweep`; above quick size store the result too.

    folder : for the jobs' results, by default _build/runs/NAME-SIZE in the working directory. Jobs done by other code than
        today's are not used.

    Returns (arrays, provenance). Raises what sweep raises, and ValueError if the experiment has no such size.
    """
    start, sizes = time.perf_counter(), [each for each in results.SIZES if _has(experiment, each)]
    if size not in sizes:
        raise ValueError(f"size must be one that {experiment.name} has ({', '.join(sizes)}), got {size!r}")
    folder = f"_build/runs/{experiment.name}-{size}" if folder is None else folder
    jobs, inputs = experiment.jobs(size), experiment.data(size)
    count, seconds, hardware = 0, 0.0, set()
    for function, each in [*experiment.before(size), (experiment.function, jobs)]:
        told = {"function": f"{function.__module__}:{function.__qualname__}", "code": results.code()}
        done = sweep(measured, [{**told, "job": job} for job in each], folder, workers, dask)
        count += len(done)
        seconds += sum(float(result.pop("job_seconds")) for result in done)
        hardware |= {str(result.pop("job_hardware")) for result in done}
    gemm_shares = [round(float(result.pop("gemm_share")), 2) for result in done if "gemm_share" in result]
    arrays = experiment.combine(jobs, done)
    command = f"python -m collapse run {experiment.name} --size {size}"
    command += f" --workers {workers}" * (workers > 1) + " --dask ADDRESS" * (dask is not None)
    provenance = results.provenance(
        command,
        size=size,
        seeds=_compact({job["seed"] for job in jobs}),
        seconds=time.perf_counter() - start,
        hardware=sorted(hardware),
        data=inputs,
    )
    provenance["about"] = experiment.about
    provenance["jobs"] = {"count": count, "seconds": round(seconds, 1)}
    if gemm_shares:
        provenance["jobs"]["gemm_share"] = gemm_shares
    if size != "quick" and results.first_process():
        results.save(experiment.name, arrays, provenance)
    return arrays, provenance


def _has(experiment, size):
    try:
        return bool(experiment.jobs(size))
    except KeyError:
        return False


def measured(function, code, job):
    """What ``function`` ("module:name") returns for ``job``, with the job's seconds and the machine that ran it."""
    if code != results.code():
        raise RuntimeError("this worker has another version of the package than the caller")
    module, name = function.split(":")
    start = time.perf_counter()
    arrays = attrgetter(name)(importlib.import_module(module))(**job)
    return {**arrays, "job_seconds": time.perf_counter() - start, "job_hardware": results.this_machine()}


def _compact(seeds):
    first, last = min(seeds), max(seeds)
    return f"{first} to {last}" if seeds == set(range(first, last + 1)) else sorted(seeds)


# Test error against model size, for several shares of synthetic rows: Figures 1 to 3 of the paper.

SHARES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9)
RELATIVE_SIZES = (
    *(0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95),
    *(1.0, 1.05, 1.1, 1.2, 1.35, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0),
)
QUICK = {"n": 100, "d": 400, "lam": 1e-5}
FULL = {"n": 500, "d": 2000, "lam": 1e-6}


def model_size_problem(d, p2=SHARES, c2=1.0):
    """Strong and weak directions, s_j ~ j^-1.2; a synthetic teacher that is off by equal amounts in all of them."""
    return Setting.power_law(d, np.asarray(p2), c2, noise=0.05, beta=1.2, r=1.8, q=1.2)


def model_size(n, d, m, lam, seed):
    """Test errors of one student with m projections at c2 = 1, for all SHARES: bias, variance and shift, each (shares,).

    Other qualities need no other run: the shift part is proportional to c2.

    Implements: obs-figure-1, obs-figures-2-3 (chapter "Does a larger model help?").
    """
    from . import simulate

    samples = simulate.projection(model_size_problem(d), n, m, lam, trials=1, seed=seed).samples
    return {part: getattr(samples, part)[0] for part in ("bias", "variance", "shift")}


def _model_size_jobs(size):
    problem = {"quick": QUICK, "full": FULL}[size]
    sizes = [round(psi * problem["n"]) for psi in RELATIVE_SIZES]
    return [{**problem, "m": m, "seed": seed} for m in sizes for seed in range(5)]


def _model_size_combined(jobs, done):
    problem, sizes = {name: jobs[0][name] for name in ("n", "d", "lam")}, list(dict.fromkeys(job["m"] for job in jobs))
    parts = {
        part: np.stack([result[part] for result in done]).reshape(len(sizes), -1, len(SHARES)).swapaxes(0, 1)
        for part in ("bias", "variance", "shift")
    }
    return {**problem, "p2": SHARES, "m": sizes, **parts}


_MODEL_SIZE_ABOUT = (
    "Parts of the test error of students with m random projections, S ~ N(0, 1/d), n rows, ridge lam, in the problem "
    "experiments.model_size_problem(d): bias, variance and shift (independent runs, m, p2), with p2 the shares of synthetic "
    "rows and m the sizes. shift is for quality c2 = 1 and proportional to c2."
)

# Test error against n on MNIST, for shares of synthetic labels: Figure 7 of the paper.

SIXTEEN_THOUSAND = [500, 1000, 2000, 4000, 8000, 16_000]
WIDE = {
    "quick": {"width": 4000, "n": [[250, 500, 1000, 2000]] * 2},  # n: one list for each run
    "hour": {"width": 100_000, "n": [SIXTEEN_THOUSAND, SIXTEEN_THOUSAND, [*SIXTEEN_THOUSAND, 30_000]]},
    "full": {"width": 100_000, "n": [[*SIXTEEN_THOUSAND, 30_000, 60_000]] * 3},
}
NETWORK = {  # n, epochs, runs
    "quick": {"width": 100, "runs": [(250, 60, 2), (1000, 40, 2)]},
    "full": {"width": 2000, "runs": [(1000, 40, 3), (4000, 25, 3), (15_000, 15, 3), (60_000, 10, 1)]},
}
LABELLER_IMAGES = [100, 1000]
NETWORK_LABELLERS = [0, 3]


def digits_wide(width, n, seed, folder):
    """One run of :func:`collapse.images.wide` on MNIST, lam = 0.01/n; on the GPU if there is one."""
    from . import images

    return images.wide(data.mnist(), width, n, 0.01, LABELLER_IMAGES, seed, _device(), folder)


def digits_network(width, n, epochs, seed, folder):
    """One run of :func:`collapse.images.trained` on MNIST; on the GPU if there is one."""
    from . import images

    recipe = images.Recipe(width, epochs)
    return images.trained(data.mnist(), recipe, n, LABELLER_IMAGES, seed, NETWORK_LABELLERS, _device(), folder)


def _device():
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _wide_jobs(size):
    width, folder = WIDE[size]["width"], f"_build/runs/digits-wide-{size}-parts"
    return [{"width": width, "n": n, "seed": seed, "folder": f"{folder}/{seed}"} for seed, n in enumerate(WIDE[size]["n"])]


def _network_jobs(size):
    problem = NETWORK[size]
    common = {"width": problem["width"], "folder": f"_build/runs/digits-network-{size}-parts"}
    runs = [(n, epochs, seed) for n, epochs, count in problem["runs"] for seed in range(count)]
    return [{**common, "n": n, "epochs": epochs, "seed": seed} for n, epochs, seed in runs]


def _labeller_names():
    return [f"{kind}, {count} images" for kind in ("soft", "hard") for count in LABELLER_IMAGES]


def _wide_combined(jobs, done):
    from .images.figure7 import SHARES

    rows = [(job["seed"], n, result, i) for job, result in zip(jobs, done) for i, n in enumerate(job["n"])]
    found = {name: [result[name][i] for *_, result, i in rows] for name in ("error", "accuracy")}
    judged = {name: [result[name] for *_, result, _ in rows] for name in ("c2", "c2_stderr")}
    seed, n = zip(*((seed, n) for seed, n, *_ in rows))
    return {"seed": seed, "n": n, "p2": SHARES, "labeller": _labeller_names(), **found, **judged}


def _network_combined(jobs, done):
    from .images.figure7 import NETWORK_SHARES

    seed, n = zip(*((job["seed"], job["n"]) for job in jobs))
    labeller = [_labeller_names()[i] for i in NETWORK_LABELLERS]
    found = {name: [result[name] for result in done] for name in ("error", "accuracy", "c2", "c2_stderr")}
    return {"seed": seed, "n": n, "p2": NETWORK_SHARES, "labeller": labeller, **found}


_DIGITS_ABOUT = (
    "{} on MNIST: squared error summed over the ten outputs, and accuracy, (rows, p2, labeller) on 5,000 held-out images; a "
    "row is one run, with its seed and the number n of training images. c2 and c2_stderr (rows, labeller): quality of the "
    "labellers, E|label - truth|^2 on the same held-out images, and its standard error."
)

# Excess loss of a GPT on a language whose entropy is known: the plateau that the paper expects and does not show.

PLATEAU = {  # layers; the runs: generator, p2, words to learn from, width, seeds
    "quick": (1, [("taste", (0.0, 0.5), 100_000, 32, 1)]),
    "hour": (
        2,
        [
            ("taste", (0.0, 0.01, 0.1, 0.5, 0.9, 1.0), 16_000_000, 64, 1),
            ("parrot", (0.1, 0.5), 16_000_000, 64, 1),
            ("taste", (0.0, 0.01, 0.1, 0.5, 0.9, 1.0), 4_000_000, 64, 2),
            ("taste", (0.0, 0.5, 0.9), 4_000_000, 32, 1),
            ("taste", (0.0, 0.5, 0.9), 4_000_000, 16, 1),
            ("taste", (0.0, 0.01, 0.1, 0.5, 0.9, 1.0), 1_000_000, 64, 2),
        ],
    ),
    "full": (
        4,
        [
            (generator, shares, tokens, 128, 3)
            for tokens in (300_000_000, 100_000_000, 30_000_000, 10_000_000)
            for generator, shares in (
                ("taste", (0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 1.0)),
                ("parrot", (0.001, 0.01, 0.1, 0.5, 0.9)),  # at 1 its floor is infinite
            )
        ],
    ),
}


def plateau(generator, p2, tokens, width, layers, seed, folder):
    """:func:`collapse.language.plateau_run`, on the GPU if there is one."""
    from . import language

    return language.plateau_run(generator, p2, tokens, width, layers, seed, folder, _device())


def _plateau_jobs(size):
    layers, groups = PLATEAU[size]
    common = {"layers": layers, "folder": f"_build/runs/plateau-{size}-parts"}
    return [
        {**common, "generator": generator, "p2": p2, "tokens": tokens, "width": width, "seed": seed}
        for generator, shares, tokens, width, seeds in groups
        for seed in range(seeds)
        for p2 in shares
    ]


def _plateau_combined(jobs, done):
    asked = {name: [job[name] for job in jobs] for name in ("generator", "p2", "tokens", "width", "layers", "seed")}
    return {**asked, **{name: np.stack([result[name] for result in done]) for name in done[0]}}


_PLATEAU_ABOUT = (
    "GPTs trained on pages of 40 words, a share p2 of them by a synthetic generator, in the language of "
    "collapse.language.story_source; a row is one run. excess, excess_stderr, gap (rows, position) and page_stderr, "
    "page_gap_stderr (rows,) in nats per word, see collapse.language.plateau_run."
)

# Test loss of a GPT on real stories against tokens, for shares of synthetic stories: Figures 8 and 9 of the paper.


def stories_prepare(**job):
    """:func:`collapse.language.stories.prepare`, on the GPU if there is one."""
    from .language import stories

    return stories.prepare(**job, device=_device())


def stories_draw(**job):
    """:func:`collapse.language.stories.draw`, on the GPU if there is one."""
    from .language import stories

    return stories.draw(**job, device=_device())


def stories_student(**job):
    """:func:`collapse.language.stories.student`, on the GPU if there is one."""
    from .language import stories

    return stories.student(**job, device=_device())


def stories_ngrams(**job):
    """:func:`collapse.language.stories.short_memory`."""
    from .language import stories

    return stories.short_memory(**job)


def _stories(name, jobs, synthetic):
    def before(size):
        drawn = [(stories_draw, story_plans.draw_jobs(size))] * (synthetic == "generated")
        return [(stories_prepare, story_plans.prepare_jobs(size, synthetic)), *drawn]

    def inputs(size):
        return data.checksums(*story_plans.PLANS[size].texts(synthetic), "gpt2")

    about = story_plans.ABOUT.format(story_plans.SYNTHETIC[synthetic])
    return Experiment(name, stories_student, jobs, story_plans.combined, about, inputs, before)


def _story_checksums(size):
    return data.checksums(*story_plans.PLANS[size].texts("llm"), "gpt2")


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in [
        Experiment("model-size", model_size, _model_size_jobs, _model_size_combined, _MODEL_SIZE_ABOUT),
        Experiment(
            "digits-wide",
            digits_wide,
            _wide_jobs,
            _wide_combined,
            _DIGITS_ABOUT.format("Ridge regression (lam = 0.01/n) on random ReLU features"),
            lambda size: data.mnist_checksums(),
        ),
        Experiment(
            "digits-network",
            digits_network,
            _network_jobs,
            _network_combined,
            _DIGITS_ABOUT.format("Trained two-layer ReLU networks"),
            lambda size: data.mnist_checksums(),
        ),
        Experiment("plateau", plateau, _plateau_jobs, _plateau_combined, _PLATEAU_ABOUT),
        _stories("stories-generated", lambda size: story_plans.mixture_jobs(size, "generated"), "generated"),
        _stories("stories-llm", lambda size: story_plans.mixture_jobs(size, "llm"), "llm"),
        _stories("stories-size", story_plans.model_jobs, "generated"),
        Experiment(
            "stories-ngrams",
            stories_ngrams,
            story_plans.ngram_jobs,
            story_plans.ngrams_combined,
            story_plans.NGRAM_ABOUT,
            _story_checksums,
        ),
    ]
}
