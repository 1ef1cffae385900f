"""The paper's experiment with stories: a generator, the stories that it writes, students of mixtures. Serves "Stories".

Whatever takes long is kept in a folder under a name that tells what it is made of, so that an interrupted run goes on, and
whichever function needs something that is not there makes it.
"""

import functools
import warnings
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from .. import data
from ..checks import instance, real_number, whole_number
from ..results import code, folder_to_write, read_arrays, write_arrays
from . import checkpoints
from .automaton import END
from .copies import without_copies
from .corpus import Mixture, TokenFile, tokenised
from .generation import generate
from .gpt import GPT, GPTConfig
from .parallel import in_step, processes
from .quality_filter import RULES, fault
from .story_ngrams import ngram_losses
from .story_plans import NGRAM_SHARES, NGRAM_TOKENS, PLANS, SYNTHETIC
from .tokenisers import byte_pairs
from .training import Recipe, train

SHOWN = 3  # stories to read
ROWS = 16  # windows that a model reads at once


@in_step()
def prepare(size, synthetic, folder, device=None):
    """The texts as tokens and, if it has to write the synthetic ones, the generator. Returns nothing: all is kept."""
    plan = _plan(size, synthetic)
    texts(plan, folder)
    generator(plan, folder, device) if synthetic == "generated" else llm_stories(plan, folder)
    return {}


@in_step()
def draw(size, part, folder, device=None):
    """A part of the stories that the generator writes, without the poor ones. Returns nothing: it is kept."""
    plan = _plan(size, "generated")
    _draw(plan, part, generator(plan, folder, device), folder)
    return {}


@in_step()
def student(size, synthetic, p2, tokens, layers, heads, width, seed, folder, device=None):
    """A GPT trained on so many tokens, a share p2 of the rows from synthetic stories, and judged on held-out real ones.

    size : one of PLANS.  synthetic : "generated" by a GPT that learnt from other real stories, or "llm".
    Returns a dict of arrays, see story_plans.ABOUT. Raises ValueError or TypeError naming the argument,
    data.DataUnavailable.

    Implements: obs-stories-delay, obs-stories-size (chapter "Stories").
    """
    plan = _plan(size, synthetic)
    tokens = whole_number("tokens", tokens, low=plan.batch * plan.context)
    real_number("p2", p2, low=0, high=1)
    _, real, test = texts(plan, folder)
    if synthetic == "generated":
        other, dropped = generated_stories(plan, folder, device)
    else:
        other, dropped = llm_stories(plan, folder), np.zeros(len(RULES))
    rows = real.windows(plan.context, seed)  # those of a student that sees no other, whatever the other are
    if p2 > 0:
        rows = Mixture(rows, other.windows(plan.context, seed), p2)
    model = _trained(plan, (layers, heads, width), rows, tokens, seed, folder, device)
    seen, nats, counted = judge(model, test, plan.judged)
    loss, stderr = per_token(nats.sum(axis=1), counted.sum(axis=1))
    prompts, truth = openings(test, plan.context)
    text = generate(model, len(prompts), truth.shape[1], seed, prompts, stop=test.end)
    return {
        "loss": loss,
        "stderr": stderr,
        "nats": nats,
        "counted": counted,
        "seen": seen,
        "prompt": _decoded(plan, prompts),
        "real": _decoded(plan, truth),
        "text": _decoded(plan, text),
        "synthetic": _decoded(plan, np.hstack(openings(other, plan.context))),
        "dropped": dropped,
        "real_tokens": len(real.tokens),
        "synthetic_tokens": len(other.tokens),
    }


def short_memory(size, k, seed, folder):
    """n-gram models of context k on real stories and stories by Llama 3.1, as :func:`ngram_losses` has them.

    They read pieces of the texts in random order, as students do, and all real stories that are not held out.

    Returns a dict of arrays, see story_plans.NGRAM_ABOUT. Raises ValueError or TypeError naming the argument,
    data.DataUnavailable.
    """
    plan = _plan(size, "llm")
    *halves, test = texts(plan, folder)
    files = []
    for parts in halves, [llm_stories(plan, folder)]:
        windows = replace(test, tokens=np.concatenate([part.tokens for part in parts])).windows(plan.context, seed)
        files.append(replace(test, tokens=windows.rows(0, windows.count)[:, :-1].ravel()))
    nats, counted = ngram_losses(*files, test, NGRAM_SHARES, NGRAM_TOKENS[size], k)
    return {"nats": nats, "counted": counted}


@functools.lru_cache(1)
def texts(plan, folder):
    """Real stories as TokenFiles: the generator's half, the students' half, and what models are judged on.

    No story of the last, in any edition, is among the others.
    """
    tokeniser, folder = byte_pairs(plan.vocabulary), folder_to_write(folder) / "tokens"
    real = tokenised(data.stories(plan.real), tokeniser, folder)
    if isinstance(plan.test, int):
        real, test = real.split(plan.test)
    else:
        test = tokenised(data.stories(plan.test), tokeniser, folder)
    return (*(without_copies(half, test) for half in real.split(len(real.ends) // 2)), test)


def generator(plan, folder, device=None):
    """The GPT that writes the synthetic stories, trained on its half of the real ones."""
    rows = texts(plan, folder)[0].windows(plan.context, 0)
    return _trained(plan, plan.model, rows, plan.generator, 0, folder, device)


@functools.lru_cache(1)
def llm_stories(plan, folder):
    """The stories by another, much larger model, as a TokenFile."""
    stories = tokenised(data.stories("llm"), byte_pairs(plan.vocabulary), Path(folder, "tokens"))
    return without_copies(stories, texts(plan, folder)[2])


def generated_stories(plan, folder, device=None):
    """The generator's stories as a TokenFile, and the share of them that each of quality_filter.RULES dropped (rules,)."""
    model = generator(plan, folder, device)
    for part in range(plan.parts):
        _draw(plan, part, model, folder)
    processes("cpu" if device is None else device).wait()
    parts = [read_arrays(_part(plan, part, folder)) for part in range(plan.parts)]
    tokens, dropped = np.concatenate([part["tokens"] for part in parts]), sum(part["dropped"] for part in parts)
    if not len(tokens):
        raise ValueError("the generator writes poor stories only: it must learn from more tokens")
    return TokenFile(tokens, texts(plan, folder)[0].end, plan.vocabulary), dropped / plan.drawn


def write(model, count, longest, seed, end):
    """``count`` stories drawn from a GPT, each (n,) tokens, the last of them ``end`` unless it is stopped after ``longest``.

    A story that is longer than the model's context goes on from its last tokens, half a context of them.
    """
    text, context = np.full((count, longest), end, np.int32), model.config.context
    going, done = np.arange(count), 0
    while len(going) and done < longest:
        start = text[going, max(0, done - max(1, context // 2)) : done] if done else np.full((count, 1), end)
        stop = min(longest, done + context + 1 - start.shape[1])
        number = np.random.SeedSequence([seed, done]).generate_state(1, np.uint64)[0]
        text[going, done:stop] = generate(model, len(going), stop - done, int(number), start, stop=end)
        going, done = going[(text[going, done:stop] != end).all(axis=1)], stop
    lengths = np.where((text == end).any(axis=1), (text == end).argmax(axis=1) + 1, longest)
    return [story[:length] for story, length in zip(text, lengths)]


def judge(model, test, count):
    """The loss of a model on ``count`` windows, evenly spread over the TokenFile ``test`` (all of them if there are fewer).

    Returns seen (bands,): 1, 2, 4, ... at least so many tokens stand in the window before a token of the band; nats and
    counted (stories, bands): the loss summed over a story's tokens, and how many they are. The loss per token is
    per_token(nats.sum(axis=1), counted.sum(axis=1)). Raises ValueError or TypeError naming the argument.
    """
    context = instance("model", model, GPT).config.context
    instance("test", test, TokenFile)
    whole_number("count", count, low=1)
    windows = (len(test.tokens) - 1) // context
    count = min(count, windows)
    places = context * (np.arange(count) * windows // count)[:, None] + np.arange(context + 1)
    stories = np.unique(np.searchsorted(test.ends, places[:, 1:], side="right"), return_inverse=True)[1]
    seen = 1 << np.arange(context.bit_length() - 1 or 1)
    bands = np.searchsorted(seen, np.arange(1, context + 1), side="right") - 1
    cells = stories.reshape(count, context) * len(seen) + bands
    losses = _losses(model, test.tokens[places].astype(np.int64))
    shape = stories.max() + 1, len(seen)
    sums = [np.bincount(cells.ravel(), weights, np.prod(shape)).reshape(shape) for weights in (losses.ravel(), None)]
    return seen, *sums


def per_token(nats, counted):
    """Nats per token and its standard error over stories.

    nats : (..., stories), summed over the tokens of each story; of a difference of two losses, too.
    counted : (stories,), how many tokens these are.
    What ``judge`` returns has bands, to be summed first. Raises ValueError naming the argument.
    """
    nats, counted = np.asarray(nats), np.asarray(counted)
    if counted.ndim != 1 or nats.shape[-1:] != counted.shape:
        raise ValueError(f"counted must be (stories,) and nats (..., stories), got {counted.shape} and {nats.shape}")
    mean = nats.sum(axis=-1) / counted.sum()
    rest = nats - mean[..., None] * counted
    count = (counted > 0).sum()
    return mean, np.sqrt((rest**2).sum(axis=-1) * count / (count - 1)) / counted.sum()


def openings(file, context):
    """How the first stories begin that have half a context of tokens: a quarter of a context, and what follows in it.

    Returns two arrays (stories, tokens).
    """
    starts = file.ends - np.diff(file.ends, prepend=0)
    starts = starts[(file.ends - starts >= context // 2) & (starts + context <= len(file.tokens))][:SHOWN]
    rows = file.tokens[starts[:, None] + np.arange(context)]
    return rows[:, : context // 4], rows[:, context // 4 :]


def _trained(plan, model, rows, tokens, seed, folder, device):
    config = GPTConfig(plan.vocabulary, plan.context, *model, plan.dropout)
    steps = round(tokens / (plan.batch * plan.context))
    recipe = Recipe(plan.batch, steps, plan.lr, warmup=min(plan.warmup, steps // 5))
    return train(config, rows, recipe, seed, Path(folder, "checkpoints"), device).model


@torch.no_grad()
def _losses(model, rows):
    """Nats of each token but the first of each row, given those before it: (rows, context)."""
    device, losses = model.embedding.device, []
    for part in torch.from_numpy(rows).to(device).split(ROWS):
        logits = model(part[:, :-1]).float()
        losses.append(cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten(), reduction="none").cpu())
    return torch.cat(losses).double().numpy().reshape(len(rows), -1)


def _draw(plan, part, model, folder):
    """Several processes take turns with the parts."""
    path, everybody = _part(plan, part, folder), processes()
    if part % everybody.count != everybody.rank or _is_whole(path):
        return
    first, last = (plan.drawn * number // plan.parts for number in (part, part + 1))
    end = texts(plan, folder)[0].end
    written = write(model, last - first, plan.longest, part, end)
    faults = [fault(story, end) for story in written]
    good = [story if story[-1] == end else [*story, end] for story, wrong in zip(written, faults) if wrong is None]
    tokens = np.concatenate([[], *good]).astype(np.uint16)
    write_arrays(path, {"tokens": tokens, "dropped": [faults.count(rule) for rule in RULES]})


def _part(plan, part, folder):
    """The file of a part, which other code, another plan or another text would not have made."""
    made_by = {"code": code(), "plan": asdict(plan), "text": texts(plan, folder)[0].digest, "part": part}
    return folder_to_write(Path(folder, "drawn")) / f"{checkpoints.digest(made_by)}.npz"


def _is_whole(path):
    if not path.exists():
        return False
    try:
        return bool(read_arrays(path))
    except Exception as error:  # zipfile, zlib and numpy each have their own
        warnings.warn(f"{path} is damaged ({error}): its stories are drawn again", stacklevel=2)
        return False


def _decoded(plan, rows):
    """The text of each row up to where its story ends."""
    tokeniser = byte_pairs(plan.vocabulary)
    return [tokeniser.decode(row).partition(END)[0] for row in rows]


def _plan(size, synthetic):
    if size not in PLANS:
        raise ValueError(f"size must be one of {', '.join(PLANS)}, got {size!r}")
    if synthetic not in SYNTHETIC:
        raise ValueError(f"synthetic must be one of {', '.join(SYNTHETIC)}, got {synthetic!r}")
    return PLANS[size]
