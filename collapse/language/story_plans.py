"""The paper's experiment with stories, Figures 8 and 9, at several sizes: what is run at each. Serves "Stories".

Half of the real stories is for the generator, the other half for the students. All models but those of Figure 9 are alike.
"""

from dataclasses import dataclass

import numpy as np

SYNTHETIC = {
    "generated": "stories that a GPT like them writes, which learnt from other real ones",
    "llm": "stories by Llama 3.1",
}


@dataclass(frozen=True)
class Plan:
    """The experiment at one size.

    real : the real stories, as data.stories takes them.  test : how many of them are held out to judge the models, or the
    name of another text.  judged : windows of it that a model is judged on.
    vocabulary, context, dropout : of all models.  model : (layers, heads, width).
    batch, lr, warmup : of each training; where ``warmup`` is more than a fifth of the steps, it is a fifth. Few rows make
    many steps: the first few hundred teach a model no more than how frequent words are, by chance some more than others.
    generator : tokens the generator is trained on.
    drawn, longest, parts : stories it then writes, tokens after which it is stopped, files they are kept in.
    synthetic : which of SYNTHETIC there are at this size.
    mixtures : runs of Figure 8, as (tokens, shares p2 of synthetic rows, seeds).
    models : runs of Figure 9, as (tokens, models, seeds), all on synthetic stories.
    """

    real: str
    test: int | str
    judged: int
    vocabulary: int
    context: int
    dropout: float
    model: tuple
    batch: int
    lr: float
    warmup: int
    generator: int
    drawn: int
    longest: int
    parts: int
    synthetic: tuple
    mixtures: tuple
    models: tuple

    def texts(self, synthetic):
        """The names of the texts that it needs."""
        return [self.real, *[self.test] * isinstance(self.test, str), *["llm"] * (synthetic == "llm")]


PLANS = {
    "quick": Plan(
        real="human",
        test=100,
        judged=400,
        vocabulary=1024,
        context=64,
        dropout=0.0,
        model=(2, 2, 64),
        batch=4,
        lr=2.5e-3,
        warmup=100,
        generator=1 << 17,
        drawn=128,
        longest=512,
        parts=2,
        synthetic=("generated", "llm"),
        mixtures=((1 << 17, (0.0, 0.5, 1.0), 1), (1 << 15, (0.0, 0.5, 1.0), 1)),
        models=((1 << 17, ((1, 1, 32), (2, 2, 64), (2, 4, 128)), 1),),
    ),
    "laptop": Plan(
        real="human",
        test=100,
        judged=1000,
        vocabulary=2048,
        context=128,
        dropout=0.0,
        model=(3, 4, 128),
        batch=4,
        lr=2.5e-3,
        warmup=100,
        generator=1 << 22,
        drawn=2048,
        longest=2048,
        parts=16,
        synthetic=("generated", "llm"),
        mixtures=tuple(
            (tokens, (0.0, 0.1, 0.5, 1.0), seeds)
            for tokens, seeds in ((1 << 22, 1), (1 << 21, 1), (1 << 20, 2), (1 << 19, 2), (1 << 18, 3))
        ),
        models=tuple((tokens, ((2, 2, 64), (3, 4, 128), (4, 8, 256)), 1) for tokens in (1 << 22, 1 << 20, 1 << 18)),
    ),
    "gpu": Plan(
        real="human",
        test=100,
        judged=1000,
        vocabulary=50257,
        context=512,
        dropout=0.05,
        model=(12, 12, 768),
        batch=8,
        lr=6e-4,
        warmup=500,
        generator=1 << 24,
        drawn=1 << 13,
        longest=2048,
        parts=32,
        synthetic=("generated", "llm"),
        mixtures=tuple(
            (tokens, (0.0, 0.01, 0.1, 0.5, 0.9, 1.0), seeds)
            for tokens, seeds in ((1 << 24, 2), (1 << 23, 3), (1 << 22, 3), (1 << 21, 3))
        ),
        models=tuple(
            (tokens, tuple((layers, 12, 768) for layers in (6, 12, 18, 24)), 1)
            for tokens in (1 << 24, 1 << 23, 1 << 22, 1 << 21)
        ),
    ),
    "paper": Plan(
        real="babistories",
        test="tinystories-valid",
        judged=4000,
        vocabulary=50257,
        context=512,
        dropout=0.05,
        model=(12, 12, 768),
        batch=512,
        lr=5e-3,
        warmup=2000,
        generator=1 << 31,
        drawn=12_000_000,
        longest=512,
        parts=1000,
        synthetic=("generated",),
        mixtures=tuple(
            (tokens, (0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 1.0), 1) for tokens in (1 << 33, 1 << 32, 1 << 31, 1 << 30, 1 << 29)
        ),
        models=tuple(
            (tokens, tuple((layers, 12, 768) for layers in (6, 12, 18, 24)), 1)
            for tokens in (1 << 35, 1 << 34, 1 << 33, 1 << 32, 1 << 31, 1 << 30)
        ),
    ),
}

NGRAM_SHARES = (0.0, 0.1, 0.5, 1.0)
NGRAM_TOKENS = {"quick": [1 << power for power in range(13, 21)], "laptop": [1 << power for power in range(13, 24)]}
NGRAM_SEEDS = {"quick": 1, "laptop": 3}


def prepare_jobs(size, synthetic):
    """What is done before the students: one job for stories.prepare."""
    return [{"size": size, "synthetic": synthetic, "folder": _folder(size)}]


def draw_jobs(size):
    """What is done then, if the synthetic stories are generated: jobs for stories.draw."""
    return [{"size": size, "part": part, "folder": _folder(size)} for part in range(PLANS[size].parts)]


def mixture_jobs(size, synthetic):
    """The students of Figure 8, the longest trainings first. KeyError if the size has no such synthetic stories."""
    plan = PLANS[size]
    if synthetic not in plan.synthetic:
        raise KeyError(size)
    return [
        _student(size, synthetic, p2, tokens, plan.model, seed)
        for tokens, shares, seeds in plan.mixtures
        for seed in range(seeds)
        for p2 in shares
    ]


def model_jobs(size):
    """The students of Figure 9, the longest trainings first."""
    return [
        _student(size, "generated", 1.0, tokens, model, seed)
        for tokens, models, seeds in PLANS[size].models
        for seed in range(seeds)
        for model in reversed(models)
    ]


def ngram_jobs(size):
    """n-gram models of zero, one and two tokens of context."""
    return [
        {"size": size, "k": k, "seed": seed, "folder": _folder(size)} for k in (0, 1, 2) for seed in range(NGRAM_SEEDS[size])
    ]


def ngrams_combined(jobs, done):
    """The results of n-gram models as arrays."""
    asked = {name: [job[name] for job in jobs] for name in ("k", "seed")}
    of_all = {"p2": NGRAM_SHARES, "tokens": NGRAM_TOKENS[jobs[0]["size"]], "counted": done[0]["counted"]}
    return {**asked, **of_all, "nats": np.stack([result["nats"] for result in done])}


def combined(jobs, done):
    """The students' results as arrays, those that differ between the runs with a leading axis of runs."""
    asked = {name: [job[name] for job in jobs] for name in ("p2", "tokens", "layers", "width", "seed")}
    found = {name: np.stack([result[name] for result in done]) for name in ("loss", "stderr", "nats", "text")}
    return {**asked, **done[0], **found}


def _student(size, synthetic, p2, tokens, model, seed):
    layers, heads, width = model
    return {
        **{"size": size, "synthetic": synthetic, "p2": p2, "tokens": tokens},
        **{"layers": layers, "heads": heads, "width": width, "seed": seed, "folder": _folder(size)},
    }


def _folder(size):
    return f"_build/runs/stories-{size}-parts"  # the same for all experiments with stories, which share a generator


ABOUT = (
    "GPTs trained on real stories, a share p2 of the rows replaced by {}, and judged on held-out real ones. A run learnt "
    "from so many tokens, with so many layers of a width. loss, stderr (runs,): nats per token, standard error over "
    "held-out stories. nats (runs, stories, bands), counted (stories, bands): summed loss of the tokens that have at least "
    "`seen` (bands,) and fewer than the next entry's tokens before them in the window, and their number, for "
    "stories.per_token. text (runs, prompts): how each run goes on after `prompt`, where the real story has `real`; "
    "synthetic: how some of the synthetic stories begin. dropped (rules,): share of the generator's stories that "
    "quality_filter.RULES dropped. real_tokens, synthetic_tokens: how many different ones there were to learn from."
)

NGRAM_ABOUT = (
    "n-gram models of k tokens of context, trained on real stories and, for a share p2 of the tokens, stories by Llama 3.1, "
    "and judged on held-out real ones. nats (runs, p2, tokens, stories): loss summed over the tokens of a story, of which "
    "there are counted (stories,), for stories.per_token."
)
