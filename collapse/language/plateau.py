"""A GPT trained on a mixture of two known sources, and what it loses (A language with a known entropy)."""

from ..checks import whole_number
from .gpt import GPTConfig
from .grammar import story_source
from .ngrams import parrot
from .readers import excess, mixture_reader, model_reader
from .streams import MixedPages
from .training import Recipe, train

LENGTH = 40  # words of a page
TASTE = 1.0  # of the copy that writes the synthetic pages
PARROT = {"pages": 60, "k": 2}  # what the other generator has read, and how much of it it remembers
BATCH = 32
JUDGED = 4000  # real pages on which a model is judged, the same for all


def generators(seed=0):
    """The real source, and the synthetic ones by name: a copy with another taste, and a parrot of a few real pages."""
    real, seed = story_source(), whole_number("seed", seed, low=0)
    pages = real.sample(PARROT["pages"], LENGTH, [seed, 1])
    return real, {"taste": story_source(TASTE, seed), "parrot": parrot(pages, PARROT["k"], real.words)}


def plateau_run(generator, p2, tokens, width, layers, seed, folder=None, device=None):
    """A GPT trained on ``tokens`` words, a share p2 of the pages by ``generator``, judged on JUDGED real pages.

    Returns a dict of arrays, in nats: by position on the page, (LENGTH,), ``excess`` over the real entropy, its standard
    error ``excess_stderr`` over pages, and ``gap``, how much more it is than the ideal reader of the mixture loses on the
    same pages; and the standard errors of the page's average of both, ``page_stderr`` and ``page_gap_stderr``.

    Implements: obs-gpt-floor (chapter "A language with a known entropy").
    """
    real, synthetic = generators()
    if generator not in synthetic:
        raise ValueError(f"generator must be one of {', '.join(synthetic)}, got {generator!r}")
    for name, value in ("width", width), ("layers", layers):
        whole_number(name, value, low=1)
    config = GPTConfig(len(real.words), LENGTH, layers, max(1, width // 32), width)
    steps = round(whole_number("tokens", tokens, low=BATCH * LENGTH) / (BATCH * LENGTH))
    stream = MixedPages(real, synthetic[generator], p2, LENGTH, seed)
    recipe = Recipe(BATCH, steps, warmup=min(200, steps // 5))
    model = train(config, stream, recipe, seed, folder, device).model
    pages = real.sample(JUDGED, LENGTH, 0)
    found = excess(model_reader(model, pages), real, pages)
    gap = found - excess(mixture_reader(real, synthetic[generator], p2, pages)[0], real, pages)
    return {
        "excess": found.mean(axis=0),
        "excess_stderr": _stderr(found),
        "gap": gap.mean(axis=0),
        "page_stderr": _stderr(found.mean(axis=1)),
        "page_gap_stderr": _stderr(gap.mean(axis=1)),
    }


def _stderr(samples):
    return samples.std(axis=0, ddof=1) / len(samples) ** 0.5
