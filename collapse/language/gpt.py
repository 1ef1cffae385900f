"""GPT-2's architecture, at any size. Serves "A language with a known entropy" and "Stories"."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from ..checks import instance, real_number, whole_number
from .last_layer import LastLayerLoss

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.int64)


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT: tokens it knows, longest input, blocks, attention heads of a block, numbers for each token.

    dropout : share of the activations set to 0 in training, where GPT-2 has it.
    Raises ValueError or TypeError naming the argument.
    """

    vocabulary: int
    context: int
    layers: int
    heads: int
    width: int
    dropout: float = 0.0

    def __post_init__(self):
        for name in ("vocabulary", "context", "layers", "heads", "width"):
            whole_number(name, getattr(self, name), low=1)
        if self.width % self.heads:
            raise ValueError(f"width must be a multiple of heads ({self.heads}), got {self.width}")
        if real_number("dropout", self.dropout, low=0, high=1) == 1:
            raise ValueError(f"dropout must be < 1, got {self.dropout}")

    @property
    def parameters(self):
        """How many numbers are trained."""
        block = 12 * self.width**2 + 13 * self.width
        return (self.vocabulary + self.context) * self.width + self.layers * block + 2 * self.width


GPT2_SMALL = GPTConfig(vocabulary=50257, context=1024, layers=12, heads=12, width=768)


class GPT(nn.Module):
    """A GPT with random weights, GPT-2's: N(0, .02^2), in what adds to the residual stream .02^2/(2 layers); biases 0.

    config : a GPTConfig.  seed : whole number >= 0. The same seed gives the same weights, on whatever device they go to.
    Raises ValueError or TypeError naming the argument.
    """

    def __init__(self, config, seed):
        super().__init__()
        self.config = instance("config", config, GPTConfig)
        self.embedding = nn.Parameter(torch.empty(config.vocabulary, config.width))
        self.positions = nn.Parameter(torch.empty(config.context, config.width))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        generator = torch.Generator().manual_seed(whole_number("seed", seed, low=0))
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                residual = name.endswith(("attention_out.weight", "mlp_out.weight"))
                std = 0.02 / (2 * config.layers) ** 0.5 if residual else 0.02
                nn.init.normal_(parameter, 0.0, std, generator=generator)

    def forward(self, tokens):
        """Logits (rows, length, vocabulary) of the token that follows each of ``tokens`` (rows, length), given all up to it.

        Raises ValueError or TypeError naming tokens.
        """
        return functional.linear(self._hidden(self._checked(tokens, self.config.context)), self.embedding)

    def loss(self, tokens):
        """Mean cross-entropy in nats of ``tokens[:, 1:]``, each given what stands before it in its row (rows, length + 1).

        Raises ValueError or TypeError naming tokens.
        """
        tokens = self._checked(tokens, self.config.context + 1, low=2)
        hidden, targets = self._hidden(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten()
        if hidden.is_cpu:
            return LastLayerLoss.apply(hidden, self.embedding, targets)
        return functional.cross_entropy(functional.linear(hidden, self.embedding).float(), targets)

    @torch.no_grad()
    def following(self, tokens, past):
        """Logits (rows, vocabulary) of the token after ``tokens`` (rows, n), which follow what ``past`` holds.

        past : a Past for each block; afterwards they hold ``tokens``, too. No gradients.
        Raises ValueError if they held any and n > 1.
        """
        if past[0].length and tokens.shape[1] > 1:
            raise ValueError(f"tokens must be one for each row where past is not empty, got {tokens.shape[1]}")
        return functional.linear(self._hidden(tokens, past)[:, -1], self.embedding)

    def _hidden(self, tokens, past=None):
        """What the last block knows after each token, normalised: (rows, length, width)."""
        first = past[0].length if past else 0
        x = functional.embedding(tokens, self.embedding) + self.positions[first : first + tokens.shape[1]]
        x = functional.dropout(x, self.config.dropout, self.training)
        for block, seen in zip(self.blocks, past or [None] * len(self.blocks)):
            x = block(x, seen)
        return self.norm(x)

    def _checked(self, tokens, high, low=1):
        """``tokens`` as int64. Their range is looked at on a CPU only: a GPU would have to wait for the answer."""
        if not isinstance(tokens, torch.Tensor) or tokens.dtype not in WHOLE:
            kind = getattr(tokens, "dtype", type(tokens).__name__)
            raise TypeError(f"tokens must be a torch tensor of whole numbers, got {kind}")
        if tokens.ndim != 2 or len(tokens) == 0 or not low <= tokens.shape[1] <= high:
            raise ValueError(f"tokens must have shape (rows, length), {low} <= length <= {high}, got {tuple(tokens.shape)}")
        tokens = tokens.long()
        if tokens.is_cpu:
            first, last = (int(value) for value in tokens.aminmax())
            if first < 0 or last >= self.config.vocabulary:
                raise ValueError(f"tokens must be from 0 to {self.config.vocabulary - 1}, got {first} to {last}")
        return tokens


class Block(nn.Module):
    """Each token looks at all before it, then each is worked on alone; both add to the residual stream."""

    def __init__(self, config):
        super().__init__()
        width, self.heads, self.dropout = config.width, config.heads, config.dropout
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention_in, self.attention_out = linear(width, 3 * width), linear(width, width)
        self.mlp_in, self.mlp_out = linear(width, 4 * width), linear(4 * width, width)

    def forward(self, x, past=None):
        x = x + self._drop(self.attention_out(self._attention(self.attention_in(self.attention_norm(x)), past)))
        return x + self._drop(self.mlp_out(functional.gelu(self.mlp_in(self.mlp_norm(x)), approximate="tanh")))

    def _attention(self, x, past):
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in x.chunk(3, dim=-1))
        if past is not None:
            key, value = past.extended(key, value)
        dropout, causal = self.dropout if self.training else 0.0, query.shape == key.shape
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=causal)
        return mixed.transpose(1, 2).flatten(2)

    def _drop(self, x):
        return functional.dropout(x, self.dropout, self.training)


class Past:
    """Keys and values of the tokens that a block has seen, so that it need not work them out again: room for ``longest``."""

    def __init__(self, model, rows, longest):
        config, like = model.config, model.embedding
        shape = 2, rows, config.heads, longest, config.width // config.heads
        self.both = torch.empty(shape, dtype=like.dtype, device=like.device)
        self.length = 0

    def extended(self, key, value):
        """Keys and values of all tokens so far, (rows, heads, tokens, width / heads), ``key`` and ``value`` last."""
        first, self.length = self.length, self.length + key.shape[2]
        for room, new in zip(self.both, (key, value)):
            room[:, :, first : self.length] = new
        return self.both[:, :, :, : self.length]

    def keep(self, rows):
        """Forget all rows but these."""
        self.both = self.both[:, rows]


def linear(inputs, outputs):
    """A layer x -> W x + b with b = 0 and W not yet filled."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
    nn.init.zeros_(layer.bias)
    return layer
