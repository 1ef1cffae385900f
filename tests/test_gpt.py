"""The GPT: against Hugging Face's GPT-2 with the same weights, and what it must do by itself."""

import copy
import math
import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

from collapse.language import last_layer
from collapse.language.gpt import GPT, GPT2_SMALL, GPTConfig
from collapse.language.gpt2_weights import from_gpt2, to_gpt2

from .zscores import BOUND

SIZES = [GPTConfig(50, 16, 3, 2, 8), GPTConfig(7, 5, 1, 1, 6), GPTConfig(300, 40, 2, 3, 12), GPTConfig(2, 1, 2, 4, 4)]
SMALL = SIZES[0]
ROUNDING = 1e-12  # absolute; float64's rounding, 2e-16, times numbers of order 1, a few thousand sums long


def model(config=SMALL, seed=0):
    """A GPT in float64 whose weights and biases are all large enough to matter."""
    made = GPT(config, seed).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return made


def hugging_face(config, state=None, dtype=torch.float64):
    """A GPT2LMHeadModel of that size, with those weights if any."""
    drop = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), config.dropout)
    ends = dict.fromkeys(("bos_token_id", "eos_token_id"), config.vocabulary - 1)
    sizes = dict(vocab_size=config.vocabulary, n_positions=config.context, n_layer=config.layers)
    theirs = GPT2LMHeadModel(GPT2Config(**sizes, n_head=config.heads, n_embd=config.width, **drop, **ends)).to(dtype)
    if state is not None:
        theirs.load_state_dict(state)
    return theirs


def texts(config, rows=4, length=None, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(config.vocabulary, (rows, length or config.context), generator=generator)


def gradients(ours):
    """The gradients of a GPT's weights, as a GPT-2 state dict."""
    slopes = copy.deepcopy(ours)
    with torch.no_grad():
        for slope, parameter in zip(slopes.parameters(), ours.parameters()):
            slope.copy_(parameter.grad)
    return to_gpt2(slopes)


def assert_near(found, expected):
    np.testing.assert_allclose(found.detach(), expected.detach(), rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("config", SIZES, ids=str)
def test_logits_are_those_of_hugging_face(config):
    ours = model(config)
    theirs = hugging_face(config, to_gpt2(ours)).eval()
    for length in {1, config.context // 2 or 1, config.context}:
        tokens = texts(config, length=length)
        assert_near(ours(tokens), theirs(tokens).logits)


@pytest.mark.parametrize("rows", [1, 40])
def test_loss_and_gradients_are_those_of_hugging_face(rows):
    config = SIZES[2]
    ours = model(config)
    theirs = hugging_face(config, to_gpt2(ours))
    tokens = texts(config, rows)
    loss = functional.cross_entropy(theirs(tokens).logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    assert rows * (config.context - 1) > last_layer.ROWS or rows == 1
    found = ours.loss(tokens)
    assert_near(found, loss)
    (found * 3).backward(), (loss * 3).backward()
    slopes = gradients(ours)
    for name, parameter in theirs.named_parameters():
        assert_near(slopes[name], parameter.grad)


def test_dropout_stands_where_hugging_face_has_it():
    config = GPTConfig(50, 16, 3, 2, 8, dropout=0.3)
    ours = model(config).train()
    theirs = hugging_face(config, to_gpt2(ours)).train()
    tokens = texts(config)
    torch.manual_seed(0)
    found = ours(tokens)
    torch.manual_seed(0)
    assert_near(found, theirs(tokens).logits)
    assert not torch.allclose(found, ours.eval()(tokens))


def test_gpt2_small_differs_from_hugging_face_by_rounding_only():
    """In float32 each is as far from the float64 logits as the other. Any other difference would add to theirs."""
    torch.manual_seed(0)
    theirs = hugging_face(GPT2_SMALL, dtype=torch.float32).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter), alpha=0.02)
    ours = from_gpt2(theirs.state_dict(), heads=12).eval()
    assert ours.config == GPT2_SMALL
    tokens = texts(GPT2_SMALL, 1, 48)
    with torch.inference_mode():
        found, expected = ours(tokens).double(), theirs(tokens).logits.double()
        del theirs
        exact = ours.double()(tokens)
    rounding = (found - exact).square().mean().sqrt()
    assert 0 < rounding < 100 * torch.finfo(torch.float32).eps * exact.square().mean().sqrt()
    assert (expected - exact).square().mean().sqrt() < 2 * rounding


def test_weights_go_to_hugging_face_and_back():
    ours = model()
    theirs = hugging_face(SMALL, to_gpt2(ours))
    masks = {"transformer.h.0.attn.bias": torch.ones(1, 1, 16, 16), "transformer.h.0.attn.masked_bias": torch.tensor(-1e4)}
    for state in (theirs.state_dict(), theirs.transformer.state_dict(), theirs.state_dict() | masks):
        back = from_gpt2(state, SMALL.heads)
        assert back.config == SMALL
        for name, weight in ours.state_dict().items():
            np.testing.assert_array_equal(back.state_dict()[name], weight, err_msg=name)


def test_a_token_does_not_see_what_follows():
    ours = model()
    tokens = texts(SMALL)
    changed = tokens.clone()
    changed[:, 9] = (changed[:, 9] + 1) % SMALL.vocabulary
    before, after = ours(tokens), ours(changed)
    assert_near(before[:, :9], after[:, :9])
    assert ((before - after)[:, 9:].abs().amax(dim=(0, 2)) > 1e-3).all()


@pytest.mark.parametrize("config", SIZES, ids=str)
def test_the_number_of_parameters(config):
    assert config.parameters == sum(parameter.numel() for parameter in GPT(config, 0).parameters())


def test_gpt2_small_has_124_million_parameters():
    assert GPT2_SMALL.parameters == 124_439_808  # what Hugging Face's model card counts, "0.1B", in full


def test_the_seed_decides_the_weights_and_nothing_else_does():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first, second, other = GPT(SMALL, 3), GPT(SMALL, 3), GPT(SMALL, 4)
    assert torch.equal(torch.get_rng_state(), state)
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name])
        assert weight.ndim == 1 or not torch.equal(weight, other.state_dict()[name])


def test_the_first_weights_are_gpt2s():
    """Biases 0, scales 1, matrices N(0, .02^2), and .02/sqrt(2 layers) in what adds to the residual stream."""
    layers = 8
    for name, weight in GPT(GPTConfig(400, 60, layers, 2, 48), 0).state_dict().items():
        if weight.ndim == 1:
            assert (weight == ("norm" in name and name.endswith("weight"))).all()
            continue
        std = 0.02 / math.sqrt(2 * layers) if "_out" in name else 0.02
        n = weight.numel()
        assert abs(weight.double().mean()) < BOUND * std / math.sqrt(n)
        assert abs(weight.double().square().mean() / std**2 - 1) < BOUND * math.sqrt(2 / n)


@pytest.mark.parametrize("rows", [1, last_layer.ROWS, 2 * last_layer.ROWS + 3])
def test_the_last_layer_and_its_loss_in_one(rows):
    generator = torch.Generator().manual_seed(0)
    hidden, embedding = (torch.randn(n, 5, generator=generator, dtype=torch.float64) for n in (rows, 9))
    targets = torch.randint(9, (rows,), generator=generator)
    found, expected = [], []
    for results, loss in (
        (found, lambda x, w: last_layer.LastLayerLoss.apply(x, w, targets)),
        (expected, lambda x, w: functional.cross_entropy(x @ w.T, targets)),
    ):
        x, w = hidden.clone().requires_grad_(), embedding.clone().requires_grad_()
        value = loss(x, w)
        (2.5 * value).backward()
        results.extend((value, x.grad, w.grad))
    for one, other in zip(found, expected):
        assert_near(one, other)


def test_gradients_are_made_only_where_they_are_asked_for():
    hidden, targets = torch.ones(3, 2, dtype=torch.float64), torch.tensor([0, 1, 1])
    embedding = torch.eye(2, dtype=torch.float64)
    assert_near(last_layer.LastLayerLoss.apply(hidden, embedding, targets), torch.tensor(math.log(2), dtype=torch.float64))
    with torch.no_grad():
        loss = last_layer.LastLayerLoss.apply(hidden.requires_grad_(), embedding, targets)
    assert not loss.requires_grad


def test_logits_of_any_size_give_a_finite_loss():
    hidden = torch.tensor([[1e4, 0.0], [0.0, -1e4]], requires_grad=True)
    loss = last_layer.LastLayerLoss.apply(hidden, torch.eye(2), torch.tensor([1, 0]))
    loss.backward()
    assert loss.item() == 5e3 and torch.isfinite(hidden.grad).all()


def test_the_loss_is_the_same_without_the_function_of_the_cpu():
    """On other devices torch's own cross-entropy is used; on the device without numbers it can be asked for its shape."""
    ours, tokens = model(), texts(SMALL)
    expected = functional.cross_entropy(ours(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    assert_near(ours.loss(tokens), expected)
    assert ours.to("meta").loss(tokens.to("meta")).shape == ()


def test_tokens_may_be_of_any_whole_type():
    ours, tokens = model(), texts(SMALL)
    for dtype in (torch.int16, torch.int32, torch.uint8):
        assert torch.equal(ours(tokens.to(dtype)), ours(tokens))


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GPT(SMALL, 0).loss(texts(SMALL)).backward()
