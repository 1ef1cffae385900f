"""The command line of the paper's experiment with stories, ``python -m collapse.language figure8`` ("Stories").

On several GPUs: ``torchrun --nproc-per-node 8 -m collapse.language figure8 --size paper``.
"""

import argparse

import numpy as np

from ..__main__ import run_and_tell
from .parallel import alone
from .story_plans import PLANS, SYNTHETIC


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m collapse.language", description=__doc__.partition(",")[0] + ".")
    parser.add_argument("figure", choices=["figure8", "figure9"], help="shares of synthetic stories, or sizes of the model")
    parser.add_argument("--size", choices=PLANS, default="quick", help="quick (default) prints a summary only")
    parser.add_argument("--synthetic", choices=SYNTHETIC, help="who writes the synthetic stories of figure8 (generated)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="local processes (default 1)")
    chosen = parser.parse_args(arguments)
    if chosen.workers < 1:
        parser.error(f"--workers must be >= 1, got {chosen.workers}")
    if chosen.workers > 1 and not alone():
        parser.error("--workers and torchrun exclude each other")
    if chosen.figure == "figure9" and chosen.synthetic:
        parser.error("--synthetic is for figure8; the students of figure9 learn from generated stories")
    name = "stories-size" if chosen.figure == "figure9" else f"stories-{chosen.synthetic or 'generated'}"
    run_and_tell(name, chosen.size, chosen.workers, summary=table)


def table(found):
    """Test losses as text: a line for each number of tokens, a column for each p2 or model; means where there are seeds."""
    tokens, loss, stderr = (np.array(found[name]) for name in ("tokens", "loss", "stderr"))
    kinds = [f"p2={p2:g} {layers}x{width}" for p2, layers, width in zip(found["p2"], found["layers"], found["width"])]
    lines = [["tokens", *dict.fromkeys(kinds)]]
    for count in np.unique(tokens):
        chosen = [(tokens == count) & (np.array(kinds) == kind) for kind in lines[0][1:]]
        lines.append([f"{count:,}", *(f"{loss[runs].mean():.4f} ± {stderr[runs].mean():.4f}" for runs in chosen)])
    return "\n".join("  ".join(f"{cell:>17}" for cell in line) for line in lines)


if __name__ == "__main__":
    main()
