"""GPT-2's weights under Hugging Face's names. Serves "Stories"."""

import re

import torch

from ..checks import instance
from .gpt import GPT, GPTConfig

# Ours, and theirs.
NAMES = {
    "embedding": "wte.weight",
    "positions": "wpe.weight",
    "norm": "ln_f",
    "blocks": "h",
    "attention_norm": "ln_1",
    "attention_in": "attn.c_attn",
    "attention_out": "attn.c_proj",
    "mlp_norm": "ln_2",
    "mlp_in": "mlp.c_fc",
    "mlp_out": "mlp.c_proj",
}
TRANSPOSED = re.compile(r"\.c_\w+\.weight$")  # theirs multiply from the right
OURS = re.compile("|".join(NAMES))


def to_gpt2(model):
    """The weights of ``model``, a GPT, as a state dict for transformers.GPT2LMHeadModel. Raises TypeError naming model."""
    state = {}
    for ours, weight in instance("model", model, GPT).state_dict().items():
        theirs = OURS.sub(lambda found: NAMES[found.group()], ours)
        state[f"transformer.{theirs}"] = weight.T if TRANSPOSED.search(theirs) else weight
    return state | {"lm_head.weight": state["transformer.wte.weight"]}


def from_gpt2(state, heads, dropout=0.0):
    """A GPT with the weights of ``state``, the state dict of a transformers.GPT2LMHeadModel or GPT2Model.

    heads : of each block, which the weights do not tell (GPT-2 small: 12).  dropout : as in GPTConfig.
    Raises ValueError or TypeError naming the argument.
    """
    state = {name.removeprefix("transformer."): weight for name, weight in instance("state", state, dict).items()}
    for name in ("wte.weight", "wpe.weight"):
        if name not in state:
            raise ValueError(f"state must be that of a GPT-2, it has no {name}: {', '.join(sorted(state)[:5])}, ...")
    (vocabulary, width), context = state["wte.weight"].shape, len(state["wpe.weight"])
    layers = 1 + max((int(found[1]) for found in map(re.compile(r"h\.(\d+)\.").match, state) if found), default=0)
    model = GPT(GPTConfig(vocabulary, context, layers, heads, width, dropout), seed=0).to(state["wte.weight"].dtype)
    if not torch.equal(state.get("lm_head.weight", state["wte.weight"]), state["wte.weight"]):
        raise ValueError("state must have one embedding for input and output, its lm_head.weight is not its wte.weight")
    found = {}
    for ours in model.state_dict():
        theirs = OURS.sub(lambda name: NAMES[name.group()], ours)
        if theirs not in state:
            raise ValueError(f"state must be that of a GPT-2, it has no {theirs}")
        found[ours] = state[theirs].T if TRANSPOSED.search(theirs) else state[theirs]
    model.load_state_dict(found)
    return model
