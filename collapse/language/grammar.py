"""A grammar of small stories, and its compilation into an automaton. Serves "A language with a known entropy".

A rule is a scene; its alternatives are what may be written there, the commonest first. In an alternative

    word      is written as it stands,
    <slot>    is one word of the slot's list, and is remembered under the slot's name,
    {slot}    is the remembered word once more; {she} and {her} are the pronouns of the remembered child,
    [rule]    goes on with another scene; an alternative without it ends the story.

A list may depend on what is remembered: "name|girl" holds the names that fit the child "girl". The i-th alternative and the
i-th word of a list have weight 1/i. No two continuations of the same text may begin with the same word: then the text
alone tells where in the grammar its writer is, and every probability is a table look-up.
"""

import numpy as np

from ..checks import instance, real_number, whole_number
from .automaton import END, Automaton

STORIES = {
    "story": [
        "once there was a <trait> <child> named <name|child> . [home]",
        "one <season> day a <child> named <name|child> [outing]",
        "<name|any> was a <trait> <child|name> . [home]",
    ],
    "home": [
        "{she} had a <pet> . [play]",
        "{her} best friend was a <pet> . [play]",
    ],
    "outing": [
        "met a <pet> in the <place> . [play]",
        "saw a <colour> <pet> and <felt> . [play]",
    ],
    "play": [
        "{name} and the {pet} [together]",
        "the {pet} <sound|pet> and {she} <laughed> . [trouble]",
        "{she} gave the {pet} some <food> . [trouble]",
    ],
    "together": [
        "liked to <play> in the <place> . [trouble]",
        "were <close> friends . [trouble]",
    ],
    "trouble": [
        "but <when> {she} lost {her} <thing> . [search]",
        "then {name} wanted a <colour> <thing> . [wish]",
        "one <season> morning the {pet} took the <thing> . [search]",
    ],
    "search": [
        "{she} looked <where> the <furniture> . [search]",
        "the {pet} found the {thing} <where> the <furniture> . [end]",
        "{name} asked {her} <family> for help . [helper]",
    ],
    "helper": [
        "together they found the {thing} . [end]",
        "{her} <family> said , do not <worry> . [search]",
    ],
    "wish": [
        "{her} <family> said , you must <chore> first . [work]",
        "so {she} went to the <shop> with the {pet} . [shop]",
    ],
    "work": [
        "{name} did it <manner> and got the {thing} . [end]",
        "{she} was too <tired> to {chore} . [end]",
    ],
    "shop": [
        "the <seller> had a {thing} for {name} . [end]",
        "there was no {thing} , so {she} bought some <food> . [end]",
    ],
    "end": [
        "{name} was so <happy> . [moral]",
        "the {pet} was <happy> too . [moral]",
        "they all went home and <slept> .",
    ],
    "moral": [
        "from that day on , {she} and the {pet} always <shared> .",
        "the end .",
    ],
}
_BRACKETS = {"[": "]", "<": ">", "{": "}"}
_GIRLS, _BOYS = "lily mia anna sue zoe", "tom ben max sam tim"
PRONOUNS = {"she": {"girl": "she", "boy": "he"}, "her": {"girl": "her", "boy": "his"}}
WORDS = {
    "trait": "little happy kind clever brave shy funny lazy gentle quiet curious polite",
    "child": "girl boy",
    "name|girl": _GIRLS,
    "name|boy": _BOYS,
    **{f"child|{name}": "girl" for name in _GIRLS.split()},
    **{f"child|{name}": "boy" for name in _BOYS.split()},
    "name|any": " ".join(f"{girl} {boy}" for girl, boy in zip(_GIRLS.split(), _BOYS.split())),
    "pet": "dog cat bird frog",
    "sound|dog": "barked ran jumped",
    "sound|cat": "purred jumped hid",
    "sound|bird": "sang flew chirped",
    "sound|frog": "jumped croaked swam",
    "season": "summer sunny winter rainy spring",
    "place": "garden park forest river field meadow yard beach",
    "colour": "red blue big green yellow white pink tiny",
    "felt": "smiled waved stopped whistled",
    "laughed": "laughed clapped danced",
    "food": "cake bread apples milk soup cheese honey cookies",
    "play": "play run hide sing rest walk climb",
    "close": "good best old",
    "when": "today soon later",
    "thing": "ball hat kite book drum",
    "where": "under behind near inside",
    "furniture": "bed table chair door box tree sofa rug",
    "family": "mom dad grandma brother",
    "worry": "worry cry hurry",
    "chore": "clean cook read sweep wash",
    "shop": "shop market town",
    "manner": "quickly well slowly carefully",
    "tired": "tired sad small",
    "seller": "man lady baker",
    "happy": "happy proud glad excited cheerful",
    "slept": "slept ate rested",
    "shared": "shared played helped",
}


def story_source(taste=0.0, seed=0):
    """The grammar's writer as an :class:`Automaton`, or a copy of it with another taste.

    taste : standard deviation of what is added to the log-weights of the alternatives and of the words of each list, at
        each place of the grammar; 0 is the original. A copy tells the same stories, with other preferences.
    seed : of the copy's taste.
    """
    taste, seed = real_number("taste", taste, low=0, high=100), whole_number("seed", seed, low=0)
    return compiled(STORIES, WORDS, taste, np.random.default_rng(seed))


def compiled(rules, words, taste, rng):
    """The automaton of a grammar in the notation at the head of this module; its states are places with their memory.

    rules : dict, rule -> list of alternatives; the first rule begins a story.  words : dict, list -> its words in one text.
    taste : as in :func:`story_source`.  rng : a numpy Generator.

    Raises ValueError naming a rule or a list of words that is missing or empty, an item that is not in the notation, a slot
    that is recalled before it is filled, rules that lead back to themselves without a word, or two continuations of the
    same text that begin with the same word.
    """
    taste, rng = real_number("taste", taste, low=0), instance("rng", rng, np.random.Generator)
    grammar = _Grammar(rules, words, taste, rng)
    number, todo, branches = {}, [(grammar.opening, ())], []
    number[todo[0]] = 0
    for state in todo:  # grows as new states are reached
        try:
            found = grammar.continuations(*state)
        except RecursionError:
            raise ValueError(f"rules must not lead back to themselves without a word, as at {state}") from None
        if len({word for word, _, _ in found}) < len(found):
            raise ValueError(
                f"two continuations begin with the same word at {state}: {sorted(word for word, _, _ in found)}"
            )
        for _, _, target in found:
            if target not in number:
                number[target] = len(todo)
                todo.append(target)
        branches.append([(word, weight, number[target]) for word, weight, target in found])
    vocabulary = [END, *sorted({word for found in branches for word, _, _ in found} - {END})]
    index = {word: i for i, word in enumerate(vocabulary)}
    widest = max(map(len, branches))
    tokens, targets = np.zeros((2, len(branches), widest), np.int64)
    probabilities = np.zeros((len(branches), widest))
    for state, found in enumerate(branches):
        options, weights, goals = zip(*found)
        tokens[state, : len(found)] = [index[word] for word in options]
        probabilities[state, : len(found)] = np.array(weights) / sum(weights)
        targets[state, : len(found)] = goals
    return Automaton(vocabulary, tokens, probabilities, targets)


class _Grammar:
    """Places of a grammar: (rule, None, 0) before the choice of an alternative, (rule, i, j) before item j of alternative i.

    A memory is a sorted tuple of (slot, word), with only the slots that are recalled later.
    """

    def __init__(self, rules, words, taste, rng):
        self.rules, self.words = _split(rules, words)
        self.opening = (next(iter(self.rules)), None, 0)
        self.taste, self.rng, self.weights = taste, rng, {}
        for rule, alternatives in self.rules.items():
            for items in alternatives:
                for left, item in zip(reversed(range(len(items))), items):
                    self._check(rule, item, left)
        self.recalled = self._recalled_later()

    def continuations(self, place, memory):
        """[(word, weight, (place, memory))] of what may be written next."""
        rule, alternative, index = place
        if alternative is None:
            found = []
            for i, weight in enumerate(self._weighted(place, len(self.rules[rule]))):
                found += [(word, weight * w, goal) for word, w, goal in self.continuations((rule, i, 0), memory)]
            return found
        items = self.rules[rule][alternative]
        if index == len(items):
            return [(END, 1.0, (self.opening, ()))]
        item, known = items[index], dict(memory)
        kind, name, key = _parts(item)
        if kind == "[":
            return self.continuations((name, None, 0), memory)
        following = (rule, alternative, index + 1)
        if kind == "<":
            listed = f"{name}|{known.get(key, key)}" if key else name
            if listed not in self.words:
                raise ValueError(f"rule {rule!r} has {item}, but there is no list of words {listed!r}")
            options = self.words[listed]
            weights = self._weighted((place, listed), len(options))
            return [(w, p, (following, self._kept(following, {**known, name: w}))) for w, p in zip(options, weights)]
        word = item
        if kind == "{":
            word = PRONOUNS[name][known["child"]] if name in PRONOUNS else known[name]
        return [(word, 1.0, (following, self._kept(following, known)))]

    def _weighted(self, what, count):
        """Normalised weights 1/i of ``count`` options, bent by the taste; the same at each visit of the same place."""
        if what not in self.weights:
            weights = np.exp(self.taste * self.rng.standard_normal(count)) / np.arange(1, count + 1)
            self.weights[what] = weights / weights.sum()
        return self.weights[what].tolist()

    def _kept(self, place, known):
        return tuple(sorted((slot, word) for slot, word in known.items() if slot in self.recalled[place]))

    def _recalled_later(self):
        """place -> the slots that may be recalled from there on before they are filled anew."""
        recalled = {(rule, None, 0): frozenset() for rule in self.rules}
        while True:
            before = dict(recalled)
            for rule, alternatives in self.rules.items():
                for i, items in enumerate(alternatives):
                    needed = frozenset()
                    recalled[rule, i, len(items)] = needed
                    for j in reversed(range(len(items))):
                        kind, name, key = _parts(items[j])
                        if kind == "[":
                            needed = recalled[name, None, 0]
                        elif kind == "<":
                            needed = needed - {name} | ({key} if self._is_slot(key) else set())
                        elif kind == "{":
                            needed = needed | {"child" if name in PRONOUNS else name}
                        recalled[rule, i, j] = needed
                recalled[rule, None, 0] = frozenset().union(*(recalled[rule, i, 0] for i in range(len(alternatives))))
            if recalled == before:
                if recalled[self.opening]:
                    raise ValueError(f"these slots are recalled before they are filled: {sorted(recalled[self.opening])}")
                return recalled

    def _is_slot(self, key):
        return key in self.words or any(name.startswith(f"{key}|") for name in self.words)

    def _check(self, rule, item, left):
        """An error unless the item can be understood; ``left`` items follow it."""
        kind, name, _ = _parts(item)
        if kind and not item.endswith(_BRACKETS[kind]):
            raise ValueError(f"rule {rule!r} has {item}, which must end in {_BRACKETS[kind]}")
        if kind == "[" and left:
            raise ValueError(f"rule {rule!r} has {item} before the end of an alternative: nothing may follow it")
        if kind == "{" and name in PRONOUNS:
            children = {word for listed, words in self.words.items() if listed.split("|")[0] == "child" for word in words}
            if not children <= set(PRONOUNS[name]):
                raise ValueError(f"rule {rule!r} has {item}, for a child that is one of {', '.join(PRONOUNS[name])} only")
        if kind == "[" and name not in self.rules:
            raise ValueError(f"rule {rule!r} goes on with {item}, but there is no such rule")
        if kind in ("<", "{") and name not in PRONOUNS and not self._is_slot(name):
            raise ValueError(f"rule {rule!r} has {item}, but there is no such list of words")


def _split(rules, words):
    """Rules as lists of lists of items, lists of words as lists; or an error that names what cannot be split."""
    for rule, texts in instance("rules", rules, dict).items():
        for text in instance(f"rule {rule!r}", texts, list):
            instance(f"an alternative of {rule!r}", text, str)
    for name, text in instance("words", words, dict).items():
        if not instance(f"words of {name!r}", text, str).split() or END in text:
            raise ValueError(f"words of {name!r} must be one word or more, and not {END}")
    if not rules or not all(rules.values()):
        raise ValueError("rules must have at least one rule, and each rule at least one alternative")
    listed = {name: text.split() for name, text in words.items()}
    return {rule: [text.split() for text in texts] for rule, texts in rules.items()}, listed


def _parts(item):
    """The kind of an item ("[", "<", "{" or "" for a word), its name, and the slot that its list depends on, or ""."""
    if item[0] not in _BRACKETS:
        return "", item, ""
    name, _, key = item[1:-1].partition("|")
    return item[0], name, key
