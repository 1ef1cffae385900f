"""GPT-2's architecture, at any size. Serves "A language with a known entropy" and "Stories"."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from ..checks import instance, real_number, whole_number
from .last_layer import LastLayerLoss


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

    def following(self, tokens, past):
        """Logits (rows, vocabulary) of the token after ``tokens`` (rows, n), which follow what is in ``past``, one Past a block.

        Afterwards they are in past, too. n is 1 where past is not empty.
        """
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
        if not isinstance(tokens, torch.Tensor) or tokens.dtype.is_floating_point or tokens.dtype.is_complex:
            raise TypeError(
                f"tokens must be a tensor of whole numbers, got {getattr(tokens, 'dtype', type(tokens).__name__)}"
            )
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
        query, key, value = x = x.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if past is not None:
            key, value = past.extended(x[1:])
        if key.shape != query.shape:  # one token asks
            mixed = (query @ key.mT * query.shape[-1] ** -0.5).softmax(dim=-1) @ value
        else:
            dropout = self.dropout if self.training else 0.0
            mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=True)
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

    def extended(self, both):
        """Keys and values (2, rows, heads, tokens, width / heads) of all tokens so far and, after them, of n more, ``both``."""
        first, self.length = self.length, self.length + both.shape[3]
        self.both[:, :, :, first : self.length] = both
        return self.both[:, :, :, : self.length]

    def keep(self, rows):
        """Forget all rows but these."""
        self.both = self.both[:, rows]


def linear(inputs, outputs):
    """A layer x -> W x + b with b = 0 and W not yet filled."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
    nn.init.zeros_(layer.bias)
    return layer
