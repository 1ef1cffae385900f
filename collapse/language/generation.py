"""Text drawn from a GPT, many rows at once. Serves "A language with a known entropy" and "Stories"."""

import numpy as np
import torch

from ..checks import instance, real_number, whole_number
from .gpt import GPT, Past

TOGETHER = {"cpu": 1 << 26, "cuda": 1 << 33}  # bytes that the keys and values of the rows drawn together may take
FEWEST = 64  # rows drawn together in any case: the weights are read once for all of them


def generate(model, count, length, seed, start, temperature=1.0, top_p=1.0, stop=None):
    """Tokens (count, length), int32, drawn one after the other from the probabilities that ``model`` gives them.

    Parameters
    ----------
    model : a GPT. Dropout is off.
    count, length : rows, and tokens of a row. Row i is the same for any larger count, up to rounding.
    seed : whole number >= 0.
    start : what stands before a row and is not returned: one token, or (count, k) tokens. k + length - 1 <= the context.
    temperature : the logits are divided by it, > 0.
    top_p : only the most probable tokens are drawn, the fewest whose probabilities add up to top_p; in (0, 1].
    stop : the token that ends a row, if any: after it the row is filled with it.

    Raises ValueError or TypeError naming the argument.
    """
    config = instance("model", model, GPT).config
    count, length = whole_number("count", count, low=1), whole_number("length", length, low=1)
    rng = np.random.default_rng(whole_number("seed", seed, low=0))
    start = _tokens("start", start, config.vocabulary)
    if start.ndim not in (0, 2) or start.ndim and (len(start) != count or start.shape[1] == 0):
        raise ValueError(f"start must be one token or have shape ({count}, k), k >= 1, got shape {start.shape}")
    start = np.broadcast_to(start, (count, start.shape[1] if start.ndim else 1))
    longest = config.context - start.shape[1] + 1
    if longest < 1:
        raise ValueError(f"start must have at most {config.context} tokens a row, the context, got {start.shape[1]}")
    if length > longest:
        raise ValueError(f"length must be <= {longest}, where the context ends, got {length}")
    temperature = real_number("temperature", temperature, low=0, low_is_allowed=False)
    top_p = real_number("top_p", top_p, low=0, high=1, low_is_allowed=False)
    stop = None if stop is None else int(_tokens("stop", whole_number("stop", stop, low=0), config.vocabulary))

    drawn = np.empty((count, length), np.int32)
    size = together(model, start.shape[1] + length - 1)
    was_training = model.training
    model.eval()
    try:
        for first in range(0, count, size):
            prompts = start[first : first + size]
            chances = 1 - rng.random((len(prompts), length))  # in (0, 1]
            drawn[first : first + size] = _rows(model, prompts, chances, temperature, top_p, stop)
    finally:
        model.train(was_training)
    return drawn


def together(model, inputs):
    """How many rows with so many ``inputs`` are drawn together."""
    row = 2 * model.config.layers * model.config.width * inputs * model.embedding.element_size()
    return max(FEWEST, TOGETHER.get(model.embedding.device.type, TOGETHER["cpu"]) // row)


@torch.inference_mode()
def _rows(model, prompts, chances, temperature, top_p, stop):
    """The rows (rows, length) that follow ``prompts`` (rows, k), drawn by ``chances`` (rows, length)."""
    device, (rows, length) = model.embedding.device, chances.shape
    tokens, chances = torch.tensor(prompts, device=device), torch.as_tensor(chances, device=device)
    past = [Past(model, rows, prompts.shape[1] + length - 1) for _ in model.blocks]
    drawn = torch.full((rows, length), 0 if stop is None else stop, device=device)
    going = torch.arange(rows, device=device)  # the rows in past
    ended = torch.zeros(rows, dtype=torch.bool, device=device)  # those of them that are ended
    for position in range(length):
        logits = model.following(tokens, past)
        tokens = draw(logits / temperature, top_p, chances[going, position])[:, None]
        drawn[going, position] = tokens[:, 0]
        if stop is None:
            continue
        ended |= tokens[:, 0] == stop
        if 2 * int(ended.sum()) > len(ended):
            going, tokens = going[~ended], tokens[~ended]
            for block in past:
                block.keep(~ended)
            ended = ended[~ended]
            if len(going) == 0:
                break
    if stop is not None:
        after = (drawn == stop).cumsum(dim=1) > 0
        drawn[after] = stop
    return drawn.cpu().numpy()


def draw(logits, top_p, chances):
    """One token (rows,) for each row of ``logits`` (rows, vocabulary), by its ``chances`` in (0, 1]."""
    probabilities = logits.softmax(dim=1)
    if top_p < 1:
        probabilities, tokens = probabilities.sort(dim=1, descending=True)
        before = probabilities.cumsum(dim=1) - probabilities
        probabilities[before >= top_p] = 0
    upto = probabilities.cumsum(dim=1)
    found = torch.searchsorted(upto, chances[:, None].to(upto.dtype) * upto[:, -1:])
    return (found if top_p == 1 else tokens.gather(1, found))[:, 0]


def _tokens(name, value, vocabulary):
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, got {value!r}")
    if array.size and (array.min() < 0 or array.max() >= vocabulary):
        raise ValueError(f"{name} must be from 0 to {vocabulary - 1}, got {array.min()} to {array.max()}")
    return array.astype(np.int64)
