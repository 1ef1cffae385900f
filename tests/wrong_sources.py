"""Deliberately wrong formulas of collapse/language, and for each a test that must fail: for test_wrong_formulas.py."""

from . import test_delays, test_floors, test_language_sources, test_ngrams, test_story_ngrams

PAGE_FLOOR = [test_floors.test_page_floor_against_all_pages, dict(name="leaky")]
STDERR = [test_floors.test_the_standard_error_of_page_floor_is_its_scatter, {}]
CONTEXT_FLOOR = [test_floors.test_context_floor_against_all_pages, dict(name="leaky", k=1)]
PAGE_DIVERGENCES = [test_floors.test_page_divergences_against_all_pages, dict(name="leaky")]
CONTEXT_DIVERGENCES = [test_floors.test_context_divergences_against_all_pages, dict(name="leaky", k=1)]
SMALL_SHARE = [test_floors.test_small_shares_cost_the_leak_and_half_of_chi_squared, dict(name="leaky")]
SHORT_SMALL_SHARE = [test_floors.test_small_shares_cost_the_same_to_readers_of_short_contexts, dict(name="leaky", k=2)]
BEST_READER = [test_floors.test_no_reader_of_the_mixture_is_better_than_the_mixture, dict(name="copy")]
CONVEX = [test_floors.test_the_floor_is_the_ideal_readers_excess_and_is_convex_and_increases, dict(name="copy")]
WHO_SPEAKS = [test_floors.test_the_ideal_reader_pays_what_it_learns_about_the_writer, dict(name="copy", p2=0.3)]
NEXT_WORD = [test_floors.test_excess_is_the_divergence_of_the_next_word, {}]
READ_ALOUD = [test_language_sources.test_probabilities_are_those_of_the_grammar_read_aloud, {}]
ENTROPY = [test_language_sources.test_entropy_of_each_word_is_the_increase_of_the_entropy_of_the_text, {}]
OCCUPANCY = [test_language_sources.test_occupancy_is_how_often_a_page_comes_through_each_state, {}]
CONDITIONALS = [test_language_sources.test_conditionals_are_ratios_of_probabilities_of_texts, {}]
NGRAMS = [test_language_sources.test_ngrams_are_the_runs_of_words_of_all_pages, dict(order=3)]
SAMPLES = [test_language_sources.test_sampled_pages_have_their_probabilities, {}]
TASTE = [test_language_sources.test_taste_is_the_standard_deviation_of_what_is_added_to_the_logarithms_of_the_weights, {}]
DIGEST = [test_language_sources.test_the_digest_is_of_all_that_the_source_is, {}]
STREAM_DIGEST = [test_language_sources.test_the_digest_of_a_stream_is_of_all_that_it_is, {}]
SHARE = [test_language_sources.test_each_page_is_synthetic_with_probability_p2, dict(p2=0.3)]
IN_COMMON = [test_language_sources.test_streams_that_differ_in_p2_alone_have_their_real_pages_in_common, {}]
FUNCTION_OF_STEP = [test_language_sources.test_a_batch_is_a_function_of_the_step_and_begins_with_an_end, {}]
ADD_TO_ONE = [test_ngrams.test_predictions_add_to_one_after_each_context, dict(k=1)]
UNSEEN = [test_ngrams.test_what_was_never_seen_is_left_to_shorter_contexts, {}]
FOR_EVER = [test_ngrams.test_a_model_that_has_counted_for_ever_is_at_the_context_floor, dict(name="leaky", k=1)]
ONE_OVER_N = [test_ngrams.test_excess_comes_down_to_the_context_floor_like_one_over_n, dict(name="leaky", k=1, seeds=200)]
WILKS = [
    test_ngrams.test_excess_falls_like_the_number_of_parameters_over_twice_the_number_of_words,
    dict(k=1, parameters=6, seeds=100),
]
PARROT = [test_ngrams.test_a_parrot_repeats_each_word_as_often_as_it_has_read_it, dict(k=2)]
PARROT_ENDS = [test_ngrams.test_a_parrot_ends_what_it_has_only_read_at_the_end_of_a_page, {}]
DELAY = [test_delays.test_the_delay_of_a_curve_with_a_floor_grows_as_the_proposition_says, dict(floor=0.1, late=2.0)]
BETWEEN = [test_delays.test_between_two_points_the_loss_is_linear_in_the_logarithm, {}]
BEYOND = [test_delays.test_there_is_no_delay_beyond_the_clean_curve, {}]
WORTH = [test_delays.test_worth_is_how_many_real_tokens_a_synthetic_one_replaces, dict(p2=0.1, each=0.3)]
STORIES = [test_story_ngrams.test_losses_against_counting_by_hand, dict(k=1)]

MIXED = "(1 - p2) * first[inside] + p2 * second[inside]"
PAGE_CHI2 = "square.sum() - 2 * common.sum() + 1"

WRONG_SOURCES = [
    # what is wrong, file, right expression, wrong expression, test that must fail
    ("floor: shares swapped", "floors.py", MIXED, "p2 * first[inside] + (1 - p2) * second[inside]", CONTEXT_FLOOR),
    (
        "floor: divergence reversed",
        "floors.py",
        "(first[inside] * (np.log(first[inside]) - np.log(mixed)))",
        "(mixed * (np.log(mixed) - np.log(first[inside])))",
        CONTEXT_FLOOR,
    ),
    (
        "floor: a context costs nothing",
        "floors.py",
        "_kl(first, second, p2) - _kl(*seen, p2)",
        "_kl(first, second, p2)",
        FOR_EVER,
    ),
    ("floor: halves weighted by the other's share", "floors.py", "(1 - share, share)", "(share, 1 - share)", PAGE_FLOOR),
    ("floor: shares of a page swapped", "floors.py", "(1 - p2) + p2 * np.exp", "p2 + (1 - p2) * np.exp", PAGE_FLOOR),
    ("floor: log P1/P2", "floors.py", "np.inf, second - first)", "-np.inf, first - second)", PAGE_FLOOR),
    (
        "floor: nothing from what only P2 writes",
        "floors.py",
        "np.where(np.isinf(inverse), 1, 1",
        "np.where(np.isinf(inverse), 0, 1",
        PAGE_FLOOR,
    ),
    ("floor: log r for r log r", "floors.py", "1 - (1 + np.log(inverse)) / inverse", "-np.log(inverse)", PAGE_FLOOR),
    ("floor: sums for words", "floors.py", "np.diff(loss, axis=1, prepend=0)", "loss + 0", PAGE_FLOOR),
    ("floor: error of a page for that of a word", "floors.py", "loss[:, -1] / length", "loss[:, -1]", PAGE_FLOOR),
    ("floor: one weight in the variance", "floors.py", "w**2 * half.var", "w * half.var", STDERR),
    ("divergences: P2 under chi2", "floors.py", "** 2 / first[inside]", "** 2 / second[inside]", CONTEXT_DIVERGENCES),
    ("divergences: chi2 of contexts kept", "floors.py", "chi2 - before_chi2", "chi2", SHORT_SMALL_SHARE),
    ("divergences: leak of contexts kept", "floors.py", "leak - before_leak", "leak", SHORT_SMALL_SHARE),
    ("divergences: no leak", "floors.py", "1 - common.sum()", "0 * common.sum()", SMALL_SHARE),
    ("divergences: chi2 as if nothing leaked", "floors.py", PAGE_CHI2, "square.sum() - 1", SMALL_SHARE),
    ("divergences: P1 for chi2 of a page", "floors.py", "second**2 / first", "second * first / first", PAGE_DIVERGENCES),
    (
        "divergences: KL of the sources swapped",
        "floors.py",
        "np.log(first / second), 0)",
        "np.log(second / first), 0)",
        PAGE_DIVERGENCES,
    ),
    (
        "divergences: KL one word short",
        "floors.py",
        'whole_number("length", length, low=1)):\n        kl',
        'whole_number("length", length, low=1) - 1):\n        kl',
        PAGE_DIVERGENCES,
    ),
    (
        "reader: belief without the prior",
        "readers.py",
        "np.log([1 - p2, p2])[:, None, None] + before",
        "np.array(before)",
        WHO_SPEAKS,
    ),
    (
        "reader: prior at each word",
        "readers.py",
        "np.log([1 - p2, p2])[:, None, None] + before",
        "np.log([1 - p2, p2])[:, None, None] * (1 + np.arange(pages.shape[1])) + before",
        WHO_SPEAKS,
    ),
    ("reader: shares swapped", "readers.py", "np.log([1 - p2, p2])", "np.log([p2, 1 - p2])", CONVEX),
    ("reader: knows the word that is to come", "readers.py", "[:, :-1], ((0, 0), (1, 0))", ", ((0, 0), (0, 0))", WHO_SPEAKS),
    (
        "reader: never learns who writes",
        "readers.py",
        "[:, None, None] + before",
        "[:, None, None] + 0 * np.array(before)",
        BEST_READER,
    ),
    (
        "reader: divergence reversed",
        "readers.py",
        "truth * (np.log(truth) - predicted)",
        "np.exp(predicted) * (predicted - np.log(truth))",
        NEXT_WORD,
    ),
    (
        "source: occupancy of a page one word later",
        "automaton.py",
        "found[0, 0] = 1",
        "found[0, self.targets[0, 0]] = 1",
        OCCUPANCY,
    ),
    (
        "source: occupancy of the page before",
        "automaton.py",
        "np.bincount(self.targets.ravel(), mass.ravel(), minlength=self.states)",
        "found[t - 1]",
        ENTROPY,
    ),
    (
        "source: entropy of a state without its weights",
        "automaton.py",
        "self.probabilities * np.log(self.probabilities), 0)",
        "np.log(self.probabilities) / self.states, 0)",
        ENTROPY,
    ),
    (
        "source: the first runs of a page forgotten",
        "automaton.py",
        "for words in range(1, order)]",
        "for words in range(2, order)]",
        NGRAMS,
    ),
    ("source: runs beyond the end of a page", "automaton.py", "[: length - order + 1]", "[: length - order + 2]", NGRAMS),
    (
        "source: runs begin in the first state",
        "automaton.py",
        "self._continued(visits, order)",
        "self._continued(visits.sum() * np.eye(1, self.states)[0], order)",
        NGRAMS,
    ),
    (
        "source: conditionals of the next state",
        "automaton.py",
        "known = states[page, place]",
        "known = self.targets[states[page, place], 0]",
        CONDITIONALS,
    ),
    (
        "sampler: the first branch left out",
        "automaton.py",
        "branch += chance >= column[states]",
        "branch += chance < column[states]",
        SAMPLES,
    ),
    (
        "sampler: one chance for all words",
        "automaton.py",
        "chance = rng.random(pages, np.float32)",
        "chance = np.random.default_rng(seed).random(pages, np.float32)",
        SAMPLES,
    ),
    ("grammar: equal weights", "grammar.py", "/ np.arange(1, count + 1)", "/ np.arange(1, 2)", READ_ALOUD),
    (
        "grammar: taste on the weights, not their logarithms",
        "grammar.py",
        "np.exp(self.taste * self.rng.standard_normal(count))",
        "(1 + self.taste * np.abs(self.rng.standard_normal(count)))",
        TASTE,
    ),
    (
        "digest without targets",
        "automaton.py",
        "self.tokens.tobytes(), self.targets.tobytes(),",
        "self.tokens.tobytes(),",
        DIGEST,
    ),
    ("digest of a stream without p2", "streams.py", " p2={float(self.p2)!r}", "", STREAM_DIGEST),
    ("stream: the share of real pages", "streams.py", "< self.p2", "> self.p2", SHARE),
    ("stream: words mixed, not pages", "streams.py", "random((rows, 1))", "random((rows, self.length))", SHARE),
    (
        "stream: the share is part of the seed",
        "streams.py",
        "[self.seed, step, 2]",
        "[self.seed, step, 2, int(100 * self.p2)]",
        IN_COMMON,
    ),
    ("stream: the same pages in each step", "streams.py", "[self.seed, step, i]", "[self.seed, i]", FUNCTION_OF_STEP),
    ("n-grams: the longest context left out", "ngrams.py", "range(1, k + 2)", "range(1, k + 1)", FOR_EVER),
    (
        "n-grams: nothing left to shorter contexts",
        "ngrams.py",
        "(seen + prior * predicted)",
        "(seen + prior / vocabulary)",
        UNSEEN,
    ),
    ("n-grams: the prior is not counted", "ngrams.py", "/ (context + prior)", "/ np.maximum(context, 1)", ADD_TO_ONE),
    ("n-grams: measured from no entropy", "ngrams.py", "np.log(best / predicted)", "np.log(1 / predicted)", WILKS),
    ("n-grams: shares swapped", "ngrams.py", "for share in (1 - p2, p2)])", "for share in (p2, 1 - p2)])", ONE_OVER_N),
    ("n-grams: its first word before a page", "ngrams.py", "((0, 0), (k, 0)))", "((0, 0), (k, 0)), mode='edge')", PARROT),
    (
        "parrot: each word as often as any",
        "ngrams.py",
        "probabilities[states, branch] = counts",
        "probabilities[states, branch] = 1",
        PARROT,
    ),
    (
        "parrot: goes on as if nothing was said",
        "ngrams.py",
        "tokens, np.searchsorted(contexts, goals)",
        "tokens, 0 * goals",
        PARROT,
    ),
    (
        "parrot: repeats END for ever",
        "ngrams.py",
        "probabilities[probabilities.sum(axis=1) == 0, 0] = 1",
        "targets[probabilities.sum(axis=1) == 0, 0] = 1\n    probabilities[probabilities.sum(axis=1) == 0, 0] = 1",
        PARROT_ENDS,
    ),
    ("delay: clean over mixed tokens", "delays.py", "tokens / np.exp(same)", "np.exp(same) / tokens", DELAY),
    ("delay: linear in the tokens", "delays.py", "tokens / np.exp(same)", "tokens / same", DELAY),
    (
        "delay: the loss not linear in the logarithm",
        "delays.py",
        "np.log(clean_tokens), left",
        "np.log(clean_tokens) ** 2, left",
        BETWEEN,
    ),
    ("delay: the clean curve goes on", "delays.py", ", left=np.nan, right=np.nan", "", BEYOND),
    ("worth: shares swapped", "delays.py", "(1 - p2)) / p2", "p2) / (1 - p2)", WORTH),
    ("worth: of all tokens", "delays.py", "(1 - p2)) / p2", "(1 - p2))", WORTH),
    ("stories: shares swapped", "story_ngrams.py", "for share in (1 - p2, p2)])", "for share in (p2, 1 - p2)])", STORIES),
    ("stories: nothing left to shorter contexts", "story_ngrams.py", "prior * backed_off", "prior / 4", STORIES),
    ("stories: the prior is not counted", "story_ngrams.py", "[..., place] + prior)", "[..., place] + 1)", STORIES),
    ("stories: no synthetic context", "story_ngrams.py", "context = context + ", "context = ", STORIES),
]
