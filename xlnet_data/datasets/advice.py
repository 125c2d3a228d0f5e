"""Says what will not work well with a dataset and what would help, computed from the lengths at hand."""

import math
import shlex
from collections.abc import Iterator, Mapping

from xlnet_data.config import MIN_WINDOWS, BuildConfig
from xlnet_data.datasets.lane_plans import MIN_LANE_DOCUMENTS
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.manifest import SplitInfo
from xlnet_data.showing import number_of

MIN_POSITIVE_FRAC, MAX_POSITIVE_FRAC = 0.4, 0.6
"""Share of positive pairs beyond which a split is warned of."""

MAX_FALLBACK_FRAC = 0.05
"""Share of the negative pairs that may become positive before a split is warned of."""

FEW_EXAMPLES = 200
"""Examples below which the share of positive pairs may lie outside its bounds by chance."""

SEEM_SHUFFLED = (
    "seem to be shuffled: none goes on from the one before, so neither pairs nor memory can learn from it; take texts "
    "whose sentences stand in their order, or set pairs = false and reuse_len = 0"
)
"""What is wrong with some sentences, and what to do."""

MAX_UNKNOWN_FRAC = 0.01
"""Share of <unk> among a corpus's tokens above which it is warned of."""

MAX_CHANGED_FRAC = 0.01
"""Share of a corpus's letters that lose a mark above which it is warned of."""

MAX_LOST_FRAC = 0.5
"""Share of a corpus's documents that may be dropped before it is warned of."""

NO_LOSSES = frozenset(
    (
        Reason.NAMESPACE,
        Reason.REDIRECT,
        Reason.NOT_WIKITEXT,
        Reason.WRONG_TYPE,
        Reason.LISTED_AS_BAD,
        Reason.HTTP_STATUS,
        Reason.NOT_TEXT,
        Reason.DUPLICATE,
        Reason.NEAR_DUPLICATE,
        Reason.EPOCHS,
    )
)
"""Reasons that take no text away: a record is no document of its corpus, another says the same, or none is wanted."""

MAX_SHARE_GAP = 0.03
"""How far a corpus's share of the tokens may be from the wanted one before it is warned of."""

MIN_ROWS = 32
"""Rows of a batch that a dataset should serve."""


def warn_of_pairs(
    name: str, split: SplitInfo, config: BuildConfig, document_tokens: float, uncut_fracs: Mapping[str, float]
) -> Iterator[str]:
    """Yield what is wrong with the balance of a split's pairs.

    Args:
        name: "train" or "dev".
        split: Its counts.
        config: The config.
        document_tokens: Tokens of a document, on average.
        uncut_fracs: By corpus, the share of the places at which A finds no sentence end to be cut at.
    """
    if not config.examples.pairs or not split.examples:
        return
    drawn_negative = split.negative + split.fallback
    if drawn_negative and split.fallback > MAX_FALLBACK_FRAC * drawn_negative:
        yield (
            f"{split.fallback:,} of {drawn_negative:,} negative pairs of the {name} split became positive, because "
            "their lane has no other document with room for B: "
            + _more_documents(name, split.tokens, config, document_tokens)
        )
    if not MIN_POSITIVE_FRAC <= split.positive_frac <= MAX_POSITIVE_FRAC:
        chance = " (which may be chance, with so few)" if split.examples < FEW_EXAMPLES else ""
        yield (
            f"{split.positive_frac:.0%} of the {split.examples:,} pairs of the {name} split are positive, about half "
            f"should be{chance}{_sentence_advice(config, split.positive_frac, uncut_fracs)}"
        )


def warn_of_sentences(config: BuildConfig, uncut_fracs: Mapping[str, float]) -> Iterator[str]:
    """Yield which corpora have too few sentence ends for MIN_POSITIVE_FRAC of their pairs to become positive."""
    if config.examples.pairs:
        for name in _corpora_without_ends(uncut_fracs):
            yield (
                f"about {(1 - uncut_fracs[name]) / 2:.0%} of the pairs of corpus {name!r} will be positive, about half "
                f"should be{_sentence_advice(config, 0, {name: uncut_fracs[name]})}"
            )


def warn_of_shuffled(config: BuildConfig, shuffled_fracs: Mapping[str, float]) -> Iterator[str]:
    """Yield which corpora have their sentences in no order, by the share of such among the documents that show it."""
    for name, share in shuffled_fracs.items():
        if share > 0.5 and (config.examples.pairs or config.examples.reuse_len):
            yield f"the sentences of corpus {name!r} {SEEM_SHUFFLED}"


def warn_of_few_documents(config: BuildConfig, lanes: int, tokens: int, document_tokens: float) -> Iterator[str]:
    """Yield what to do if the train split's lanes hold too few documents for negative pairs."""
    lane_len = min(config.lanes.lane_tokens, tokens / max(1, lanes))
    if config.examples.pairs and document_tokens * MIN_LANE_DOCUMENTS > lane_len:
        yield (
            f"documents have {document_tokens:,.0f} tokens on average, so a lane holds few of them and some negative "
            "pairs will find no other document and become positive: "
            + _more_documents("train", tokens, config, document_tokens)
        )


def warn_of_few_lanes(config: BuildConfig, lanes: int, tokens: int, document_tokens: float) -> Iterator[str]:
    """Yield what to do if the train split has too few lanes for a batch of MIN_ROWS rows."""
    readings = config.examples.num_readings
    if lanes * readings >= MIN_ROWS:
        return
    shortest = max(1_024, MIN_WINDOWS * config.examples.window_len)
    if config.examples.pairs:
        shortest = max(shortest, least_lane_tokens(document_tokens))
    fitting = max(shortest, tokens * readings // MIN_ROWS)
    rows = max(1, round(tokens / fitting)) * readings
    found = f"the text makes {number_of(lanes, 'lane')}, so no batch can have more than {lanes * readings} rows: "
    if rows <= lanes * readings:
        yield found + "add text; shorter lanes would hold too few documents for negative pairs"
    elif rows < MIN_ROWS:
        yield found + (
            f"lower lane_tokens to {fitting} for {rows} rows, and add text for more: shorter lanes would hold too few "
            "documents for negative pairs"
        )
    else:
        yield found + f"lower lane_tokens to {fitting} for {rows} rows, or add text"


def warn_of_dev(config: BuildConfig, room: int, documents: int) -> Iterator[str]:
    """Yield what to do if the dev split has fewer than two documents that fit an example.

    Args:
        config: The config.
        room: Tokens of its documents, of each at most as many as an example takes.
        documents: Its documents.
    """
    window = config.examples.window_len
    if config.output.dev_frac and config.examples.pairs and room < 2 * window:
        yield (
            f"the dev split has {number_of(documents, 'document')} with {room / window:.1f} times what one example "
            "takes, no document counted more than once; below 2 its negative pairs find no other document: add "
            "documents, as one more would be too large a part of the text, or set dev_frac = 0"
        )


def warn_of_unknown(config: BuildConfig, unknown_fracs: Mapping[str, float]) -> Iterator[str]:
    """Yield which corpora the vocabulary does not fit, and what helps.

    Args:
        config: The config.
        unknown_fracs: By corpus, the share of <unk> among its tokens.
    """
    if config.tokenizer.model is None:
        helps = "raise character_coverage in [tokenizer], or leave out the documents in other scripts"
    else:
        helps = "train a vocabulary on this text (train-tokenizer, or leave out model in [tokenizer])"
    for name, share in unknown_fracs.items():
        if share > MAX_UNKNOWN_FRAC:
            yield f"{share:.1%} of the tokens of corpus {name!r} are <unk>, text that the vocabulary lacks: {helps}"


def warn_of_clean_up(changed_fracs: Mapping[str, float]) -> Iterator[str]:
    """Yield which corpora's letters the clean-up changes, and how they stay.

    Args:
        changed_fracs: By corpus, the share of its letters that lose a mark.
    """
    for name, share in changed_fracs.items():
        if share > MAX_CHANGED_FRAC:
            yield (
                f"{share:.1%} of the letters of corpus {name!r} lose an accent or other mark (é becomes e, が か); "
                "they stay with keep_accents = true in [tokenizer]"
            )


def warn_of_losses(corpora: Mapping[str, tuple[int, Mapping[str, int]]]) -> Iterator[str]:
    """Yield which corpora lose most of their documents, mainly why, and where to see it.

    Args:
        corpora: By corpus, how many documents were kept, and how many dropped by reason.
    """
    for name, (num_kept, dropped) in corpora.items():
        losses = {reason: count for reason, count in dropped.items() if reason not in NO_LOSSES}
        lost = sum(losses.values())
        named = sum(dropped.get(reason, 0) for reason in (Reason.DUPLICATE, Reason.NEAR_DUPLICATE, Reason.EPOCHS))
        total = num_kept + named + lost
        if num_kept and lost <= MAX_LOST_FRAC * total:
            continue
        if not lost:
            yield f"corpus {name!r} gives no document: {_all_gone(dropped)}"
            continue
        reason, count = max(losses.items(), key=lambda item: (item[1], item[0]))
        what = "no document" if not num_kept else f"only {total - lost:,} of its {total:,} documents"
        yield (
            f"corpus {name!r} gives {what}: {count:,} are dropped as {reason}; see some with "
            f"`xlnet-data documents CONFIG --corpus {shlex.quote(name)} --reason {reason}`, and {_remedy(reason)}"
        )


def _all_gone(dropped: Mapping[str, int]) -> str:
    """Return what became of the records of a corpus none of which is lost."""
    if not dropped:
        return "its files hold none; see that `paths` and `format` are right"
    return "its records are dropped as " + ", ".join(f"{reason} ({count:,})" for reason, count in dropped.items())


def _remedy(reason: str) -> str:
    """Return what to do if documents should not be dropped for a reason."""
    if reason == Reason.LANGUAGE:
        return "correct the corpus's `language` if it is another"
    if reason in (Reason.MALFORMED, Reason.TRUNCATED, Reason.TOO_LARGE, Reason.EMPTY, Reason.FAILED):
        return "see that its `format` and its keys are right, and the files whole"
    return "if they should stay, change that limit in the corpus's `filters`"


def wanted_shares(stated: Mapping[str, float | None], tokens: Mapping[str, int]) -> dict[str, float]:
    """Return the share of the tokens that each corpus shall have; those that state none divide the rest as they do.

    Args:
        stated: Of each corpus, as the config says; None: it does not.
        tokens: Of each corpus.

    Returns:
        By corpus; empty if none is stated.

    >>> wanted_shares({"a": 0.5, "b": None, "c": None}, {"a": 10, "b": 10, "c": 30})
    {'a': 0.5, 'b': 0.125, 'c': 0.375}
    """
    shares = {name: share for name, share in stated.items() if share is not None}
    if not shares:
        return {}
    left = max(0.0, 1 - sum(shares.values()))
    others = sum(count for name, count in tokens.items() if name not in shares)
    return {name: shares.get(name, left * count / max(1, others)) for name, count in tokens.items()}


def warn_of_shares(config: BuildConfig, tokens: Mapping[str, int]) -> Iterator[str]:
    """Yield which corpora have another share of the tokens than the config wants, and what ``epochs`` come near to it.

    Corpora without a wanted share keep their epochs; where each has one, the sum of the tokens stays.

    Args:
        config: The config.
        tokens: Of each corpus.
    """
    stated = {corpus.name: corpus.share for corpus in config.corpora}
    wanted, total = wanted_shares(stated, tokens), sum(tokens.values())
    if not wanted or not total:
        return
    free = [corpus.name for corpus in config.corpora if corpus.share is None]
    free_share = sum(wanted[name] for name in free)
    wanted_total = sum(tokens[name] for name in free) / free_share if free_share else float(total)
    for corpus in config.corpora:
        share, count = wanted[corpus.name], tokens[corpus.name]
        if corpus.share is None or not count or abs(count / total - share) <= MAX_SHARE_GAP:
            continue
        epochs = corpus.epochs * share * wanted_total / count
        yield (
            f"corpus {corpus.name!r} has {count / total:.0%} of the tokens, and share = {corpus.share:g} wants "
            f"{share:.0%}: epochs = {epochs:.2g} would come near to it, with such epochs for all that are warned of"
        )


def least_lane_tokens(document_tokens: float) -> int:
    """Return the tokens of a lane that holds MIN_LANE_DOCUMENTS documents."""
    return math.ceil(MIN_LANE_DOCUMENTS * document_tokens)


def _more_documents(split: str, tokens: int, config: BuildConfig, document_tokens: float) -> str:
    """Return how a split's lanes get more documents."""
    least = least_lane_tokens(document_tokens)
    documents = round(tokens / max(1.0, document_tokens))
    about = f"about {number_of(documents, 'document')}" if documents else "less than one document"
    if split == "dev":
        wanted = config.output.dev_frac * MIN_LANE_DOCUMENTS / max(1, documents)
        raised = f"raise dev_frac to {wanted:.2g}, or " if config.output.dev_frac < wanted < 0.2 else ""
        return f"the dev split has {about} of {document_tokens:,.0f} tokens; {raised}add documents"
    if tokens < least:
        return f"the text has only {about} of {document_tokens:,.0f} tokens; add documents, or set pairs = false"
    if config.lanes.lane_tokens < least:
        return f"raise lane_tokens to at least {least}, so that a lane holds {MIN_LANE_DOCUMENTS} documents"
    longer = f"raise lane_tokens above {config.lanes.lane_tokens}"
    return f"the documents' lengths differ much; {longer}, or leave out the longest"


def _corpora_without_ends(uncut_fracs: Mapping[str, float]) -> list[str]:
    return [name for name, share in uncut_fracs.items() if (1 - share) / 2 < MIN_POSITIVE_FRAC]


def _sentence_advice(config: BuildConfig, positive_frac: float, uncut_fracs: Mapping[str, float]) -> str:
    """Return what helps where too few pairs are positive because A finds no sentence end."""
    names = _corpora_without_ends(uncut_fracs)
    if positive_frac >= MIN_POSITIVE_FRAC or not names:
        return ""
    shares = ", ".join(f"{uncut_fracs[name]:.0%} of {name!r}" for name in names)
    return (
        f": A can be cut at no sentence end in {shares}; if the text has one sentence a line, set sentences = "
        '"line"; else correct the corpus\'s language, or raise seq_len where sentences are longer than the '
        f"{config.examples.pair_len:,} tokens of A and B"
    )
