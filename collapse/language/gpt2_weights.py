"""GPT-2's weights under Hugging Face's names. Serves "Stories"."""

import re

import torch

from ..checks import instance
from .gpt import GPT, GPTConfig

OURS_AND_THEIRS = {
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
OURS = re.compile("|".join(OURS_AND_THEIRS))
TRANSPOSED = re.compile(r"\.c_\w+\.weight$")  # theirs multiply from the right
MASKS = re.compile(r"\.attn\.(masked_)?bias$")  # constants that old files hold


def to_gpt2(model):
    """The weights of ``model``, a GPT, as a state dict for transformers.GPT2LMHeadModel. Raises TypeError naming model."""
    weights = instance("model", model, GPT).state_dict()
    state = {f"transformer.{_theirs(name)}": _turned(_theirs(name), weight) for name, weight in weights.items()}
    return state | {"lm_head.weight": state["transformer.wte.weight"]}


def from_gpt2(state, heads, dropout=0.0):
    """A GPT with the weights of ``state``, the state dict of a transformers.GPT2LMHeadModel or GPT2Model.

    heads : of each block, which the weights do not tell (GPT-2 small: 12).  dropout : as in GPTConfig.
    Raises ValueError or TypeError naming the argument.
    """
    state = {name.removeprefix("transformer."): weight for name, weight in instance("state", state, dict).items()}
    state = {name: weight for name, weight in state.items() if not MASKS.search(name)}
    for name in ("wte.weight", "wpe.weight"):
        if name not in state:
            raise ValueError(f"state must be that of a GPT-2, it has no {name}")
    (vocabulary, width), context = state["wte.weight"].shape, len(state["wpe.weight"])
    layers = len({name.split(".")[1] for name in state if name.startswith("h.")})
    model = GPT(GPTConfig(vocabulary, context, layers, heads, width, dropout), seed=0).to(state["wte.weight"].dtype)

    if not torch.equal(state.pop("lm_head.weight", state["wte.weight"]), state["wte.weight"]):
        raise ValueError("state must have one embedding for input and output, its lm_head.weight is not its wte.weight")
    ours = {_theirs(name): weight for name, weight in model.state_dict().items()}
    for name in sorted(ours.keys() ^ state.keys()):
        raise ValueError(f"state must be that of a GPT-2, it has {'no' if name in ours else 'also'} {name}")
    with torch.no_grad():
        for name, weight in ours.items():
            weight, given = _turned(name, weight), state[name]
            if given.shape != weight.shape:
                raise ValueError(f"state must have {name} of shape {tuple(weight.shape)}, got {tuple(given.shape)}")
            weight.copy_(given)
    return model


def _theirs(name):
    return OURS.sub(lambda found: OURS_AND_THEIRS[found.group()], name)


def _turned(theirs, weight):
    return weight.T if TRANSPOSED.search(theirs) else weight
