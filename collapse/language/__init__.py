"""Sources, models and training of language. Serves "A language with a known entropy" and "Stories".

- a language whose probabilities are known: story_source, MixedPages
- where models of a mixture end: page_floor, context_floor, page_divergences, context_divergences
- readers that count: ngram_excess, parrot, ngram_losses; that know both writers: mixture_reader
- text of your own: byte_pairs or Words, tokenised, TokenFile.split, TokenFile.windows, Mixture
- a GPT: GPTConfig, Recipe, train, generate; how good it is: judge, per_token, or model_reader, excess on a known language
- what a mixture costs: delay, worth

Sources, floors and n-gram models are numpy alone; what needs torch or a tokeniser is loaded on first use.
"""

from importlib import import_module

from .automaton import END, Automaton
from .delays import delay, worth
from .floors import Divergences, Floor, context_divergences, context_floor, page_divergences, page_floor
from .grammar import STORIES, WORDS, story_source
from .ngrams import ngram_excess, parrot
from .readers import excess, mixture_reader, model_reader
from .streams import MixedPages

_ON_FIRST_USE = {
    "gpt": ("GPT", "GPT2_SMALL", "GPTConfig"),
    "gpt2_weights": ("from_gpt2", "to_gpt2"),
    "training": ("Recipe", "Trained", "train"),
    "generation": ("generate",),
    "tokenisers": ("Words", "byte_pairs"),
    "corpus": ("Mixture", "TokenFile", "Windows", "tokenised"),
    "story_ngrams": ("ngram_losses",),
    "stories": ("judge", "per_token"),
    "plateau": ("generators", "plateau_run"),
}
_HOME = {name: module for module, names in _ON_FIRST_USE.items() for name in names}
__all__ = [
    "END",
    "GPT",
    "GPT2_SMALL",
    "STORIES",
    "WORDS",
    "Automaton",
    "Divergences",
    "Floor",
    "GPTConfig",
    "MixedPages",
    "Mixture",
    "Recipe",
    "TokenFile",
    "Trained",
    "Windows",
    "Words",
    "byte_pairs",
    "context_divergences",
    "context_floor",
    "delay",
    "excess",
    "from_gpt2",
    "generate",
    "generators",
    "judge",
    "mixture_reader",
    "model_reader",
    "ngram_excess",
    "ngram_losses",
    "page_divergences",
    "page_floor",
    "parrot",
    "per_token",
    "plateau_run",
    "story_source",
    "to_gpt2",
    "tokenised",
    "train",
    "worth",
]


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
