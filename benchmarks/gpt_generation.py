"""Drawing text from a GPT: language.generate against Hugging Face's generate, tokens a second.

    python benchmarks/gpt_generation.py [--quick]

Both have the same weights and a cache of keys and values, and draw from the same probabilities (temperature 1, top-p 1):
the mean surprise of what they drew, printed with its standard error, agrees. Hugging Face's draws the rows one by one, and
all together; they and ours take turns.
"""

import argparse
import itertools
from time import perf_counter

import machine
import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from collapse.language.generation import generate
from collapse.language.gpt import GPT, GPTConfig
from collapse.language.gpt2_weights import to_gpt2

CHAPTERS = [
    GPTConfig(1024, 64, 2, 2, 64),  # Stories: quick, laptop
    GPTConfig(2048, 128, 3, 4, 128),
    GPTConfig(200, 64, 2, 4, 64),  # others like them
    GPTConfig(200, 64, 2, 2, 128),
    GPTConfig(1000, 128, 2, 4, 128),
    GPTConfig(4096, 128, 4, 4, 128),
    GPTConfig(4096, 256, 4, 4, 128),
]
ROWS = 256
ALONE, TOGETHER = 10, 2  # the goals: times Hugging Face's without batching, and with
FEW = 3  # rows that are drawn one by one
START = 0


def models(config):
    """Ours and theirs, with weights large enough that tokens are not equally likely."""
    ours = GPT(config, 0).eval()
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.mul_(4)
    sizes = dict(vocab_size=config.vocabulary, n_positions=config.context, n_layer=config.layers)
    theirs = GPT2LMHeadModel(
        GPT2Config(**sizes, n_head=config.heads, n_embd=config.width, bos_token_id=START, eos_token_id=None)
    )
    theirs.load_state_dict(to_gpt2(ours))
    return ours, theirs.eval()


def hugging_face(model, rows, length):
    start = torch.full((rows, 1), START)
    how = dict(do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=length, pad_token_id=START)
    return model.generate(start, attention_mask=torch.ones_like(start), **how)[:, 1:].numpy()


def one_by_one(draw, rows):
    return np.concatenate([draw(1) for _ in range(rows)])


def surprise(model, texts):
    """Mean of -log p over the tokens of each row, nats: its mean over the rows, and the standard error."""
    tokens = torch.as_tensor(np.pad(texts.astype(int), ((0, 0), (1, 0)), constant_values=START))
    with torch.no_grad():
        rows = np.array([model.loss(row[None]).item() for row in tokens])
    return f"{rows.mean():.3f} ± {rows.std(ddof=1) / np.sqrt(len(rows)):.3f}"


def timed(draw):
    start = perf_counter()
    texts = draw()
    return texts, texts.size / (perf_counter() - start)


def compare(config, rounds):
    """Texts of ours and theirs, all together and one by one, and the tokens a second of each round: {name: [...]} twice."""
    ours, theirs = models(config)
    length, seeds = config.context - 1, itertools.count()
    draws = {
        "ours": lambda: generate(ours, ROWS, length, next(seeds), START),
        "theirs": lambda: hugging_face(theirs, ROWS, length),
        "ours alone": lambda: one_by_one(lambda n: generate(ours, n, length, next(seeds), START), FEW),
        "theirs alone": lambda: one_by_one(lambda n: hugging_face(theirs, n, length), FEW),
    }
    draws["ours alone"](), draws["theirs alone"]()  # warm-up
    found = [{name: timed(draw) for name, draw in draws.items()} for _ in range(rounds)]
    told = {name: surprise(ours, np.concatenate([one[name][0] for one in found])) for name in ("ours", "theirs")}
    return {name: np.array([one[name][1] for one in found]) for name in draws}, told


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds; the ratios are less certain")
    rounds = 1 if parser.parse_args().quick else 5
    machine.describe("numpy", "torch", "transformers", threads=torch.get_num_threads())
    torch.manual_seed(0)
    print(f"{ROWS} rows, together and one by one; tokens a second, median of the rounds; ratios: ours together over theirs")
    print(
        "vocabulary context layers width |   ours: together  one | theirs: together  one | ratios: together  one | surprise"
    )
    for config in CHAPTERS:
        rates, told = compare(config, rounds)
        rate = {name: np.median(values) for name, values in rates.items()}
        together, alone = (np.median(rates["ours"] / rates[name]) for name in ("theirs", "theirs alone"))
        print(
            f"{config.vocabulary:10d} {config.context:7d} {config.layers:6d} {config.width:5d} "
            f"| {rate['ours']:12,.0f} {rate['ours alone']:9,.0f} | {rate['theirs']:12,.0f} {rate['theirs alone']:9,.0f} "
            f"| {together:14.1f} {alone:6.0f} | {told['ours']}, {told['theirs']}   "
            f"targets {TOGETHER}, {ALONE}: {'met' if together >= TOGETHER and alone >= ALONE else 'MISSED'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
