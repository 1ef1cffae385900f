"""A GPT's last layer and its loss as one function, for a CPU. Serves "A language with a known entropy" and "Stories"."""

import torch
from torch.autograd.function import once_differentiable

ROWS = 256  # rows whose logits are held at once: a processor's cache should hold them for vocabularies of the grammar's size


class LastLayerLoss(torch.autograd.Function):
    """Mean cross-entropy in nats of ``targets`` (N,) under softmax(``hidden`` ``embedding``'), as a differentiable function.

    hidden : (N, width).  embedding : (vocabulary, width).
    The gradients are made on the way forward, a few rows at a time: the logits of all rows are never there together.
    """

    @staticmethod
    def forward(ctx, hidden, embedding, targets):
        slopes = any(ctx.needs_input_grad)
        d_hidden, d_embedding = (torch.empty_like(hidden), torch.zeros_like(embedding)) if slopes else (hidden, None)
        loss = 0.0
        for x, target, d_x in zip(hidden.split(ROWS), targets[:, None].split(ROWS), d_hidden.split(ROWS)):
            logits = x @ embedding.T
            logits -= logits.amax(dim=1, keepdim=True)
            loss -= logits.gather(1, target).sum()
            total = logits.exp_().sum(dim=1, keepdim=True)
            loss += total.log().sum()
            if slopes:
                excess = logits.scatter_add_(1, target, -total)  # total times (probability - 1 of the target)
                torch.div(excess @ embedding, total, out=d_x)
                d_embedding.addmm_(excess.T, x / total)
        if slopes:
            ctx.slopes = d_hidden.div_(len(targets)), d_embedding.div_(len(targets))
        return loss / len(targets)

    @staticmethod
    @once_differentiable
    def backward(ctx, slope):
        d_hidden, d_embedding = ctx.slopes
        del ctx.slopes
        return d_hidden.mul_(slope), d_embedding.mul_(slope), None
