"""Chooses sizes that fit a text: its language, whether accents are kept, vocabulary, examples, lanes and dev split."""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from resiliparse.parse import lang

from xlnet_data.config import MIN_WINDOWS, BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.datasets.advice import MIN_ROWS, least_lane_tokens
from xlnet_data.errors import CorpusError, VocabularySizeError
from xlnet_data.estimates.builds import estimate_build
from xlnet_data.estimates.folders import FoundCorpus
from xlnet_data.examples.lanes import LaneSettings
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.ingestion.reading import read_corpora
from xlnet_data.ingestion.vocabulary_samples import sample_sentences
from xlnet_data.showing import make_safe
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.encoding import encode_documents
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.text.vocabularies import train_tokenizer

CHARS_PER_PIECE = 300
"""Characters of text that a piece of the vocabulary needs, about, to be met often enough."""

MIN_VOCAB_SIZE, MAX_VOCAB_SIZE = 1_000, 32_000

MAX_TRIED_BYTES = 4_000_000
"""Input of at most so many bytes has a vocabulary trained on it, to see whether the size fits."""

MAX_TRIALS = 6
LEAST_COVERAGE = 0.98
"""Share of the characters that become pieces where not even all characters fit."""

MIN_DEV_DOCUMENTS = 4
"""Documents from which on some are held out."""

AIMED_ROWS = MIN_ROWS * 4 // 3
"""Rows of a batch that the lanes are made for: more than are needed, as tokens are guessed."""

SAMPLE_SECS = 5.0
SAMPLE_FILES, SAMPLE_DOCUMENTS, SAMPLE_CHARS = 40, 40, 2_000
"""Of a corpus, what its language is judged by."""

SEQ_LENS = (64, 128, 256, 512)
"""Lengths of an example to choose from; the last is the paper's."""

LARGE_TOKENS = 200_000
"""Tokens from which on examples are as long as the paper's."""

MIN_EXAMPLES = 16
"""Examples, end to end, that a smaller text shall have room for."""

PAIR_SENTENCES = 3
"""Sentences that A and B of a smaller text shall have room for, so that A can end where a sentence does."""

MIN_CHANGED = 0.0005
"""Share of a text's letters that the clean-up may change before accents are kept."""

_NO_CUTOFF = 1_000_000
_KANA = re.compile(r"[\u3041-\u30ff]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class TextSample:
    """What some of a corpus's text says of it.

    Attributes:
        language: ISO 639 code.
        changed_frac: Share of its letters that the clean-up changes unless accents are kept.
        changes: Some letters and what they become.
        cjk_frac: Share of its characters that are Chinese, Japanese or Korean.
        bytes_per_char: Bytes of UTF-8.
    """

    language: str
    changed_frac: float
    changes: str
    cjk_frac: float
    bytes_per_char: float


@dataclass(frozen=True)
class MeasuredText:
    """The tokens, documents and sentences that a vocabulary makes of a text; no sentences where they are unknown."""

    tokenizer: TokenizerSettings
    tokens: int
    documents: int
    sentences: int = 0


@dataclass(frozen=True)
class FittingSizes:
    """What is chosen for all corpora together, and the text that it was chosen for."""

    examples: ExampleSettings
    lane_tokens: int
    dev_frac: float
    text: MeasuredText


def sample_text(corpus: FoundCorpus, folder: str) -> TextSample:
    """Judge a corpus by the beginnings of some of its documents."""
    files = corpus.files[:: max(1, len(corpus.files) // SAMPLE_FILES)]
    table = {"name": "sample", "format": corpus.format, "paths": list(files), "filters": "none", **corpus.keys}
    table["on_truncated"] = "keep"
    config = parse_config({"corpora": [table]}, folder)
    documents = (document.text[:SAMPLE_CHARS] for document in read_corpora(config) if document.text)
    texts = list(islice(documents, SAMPLE_DOCUMENTS)) or [""]
    whole = "\n".join(texts)
    languages = Counter(lang.detect_fast(text)[0] for text in texts if len(text) >= SAMPLE_CHARS // 4)
    best = (languages or Counter([lang.detect_fast(whole)[0]])).most_common(1)[0][0]
    if best == "unknown" and sum(map(str.isascii, whole)) * 2 < len(whole):  # of a script that few languages have
        best = lang.detect_fast(whole[:SAMPLE_CHARS], cutoff=_NO_CUTOFF)[0]
        best = ("ja" if _KANA.search(whole) else "zh") if best in ("ja", "zh") else best
    letters = Counter(character for character in whole if not character.isascii() and not character.isspace())
    bare = {one: clean_sentences([one], TokenizerSettings())[0] for one in letters}
    changed = Counter(
        {one: count for one, count in letters.items() if (bare[one] != one and one.isalpha()) or not bare[one]}
    )
    shown = [f"{one} becomes {bare[one]}" if bare[one] else f"{one} goes" for one, _ in changed.most_common(3)]
    num_chars = max(1, len(whole))
    return TextSample(
        language="en" if best == "unknown" else best,
        changed_frac=sum(changed.values()) / num_chars,
        changes=make_safe(", ".join(shown)),
        cjk_frac=len(_CJK.findall(whole)) / num_chars,
        bytes_per_char=len(whole.encode()) / num_chars or 1.0,
    )


def choose_sizes(text: MeasuredText) -> FittingSizes:
    """Return sizes that a text bears, and against which the build has nothing to say if it can be helped."""
    long = max(1, text.tokens // text.documents)
    seq_len = _choose_seq_len(text)
    examples = ExampleSettings(seq_len=seq_len, reuse_len=seq_len // 2, pairs=text.tokens >= least_lane_tokens(long))
    window = examples.window_len
    least = max(1_024, MIN_WINDOWS * window, least_lane_tokens(long) if examples.pairs else 0)
    lane_tokens = min(LaneSettings().lane_tokens, max(least, text.tokens * examples.num_readings // AIMED_ROWS))
    dev_documents = 1.5 * 2 * window / min(long, window)
    dev_frac = min(0.2, max(0.005, dev_documents / text.documents)) if text.documents >= MIN_DEV_DOCUMENTS else 0.0
    return FittingSizes(examples, lane_tokens, round(dev_frac, 3), text)


def _choose_seq_len(text: MeasuredText) -> int:
    if text.tokens >= LARGE_TOKENS or not text.sentences:
        return SEQ_LENS[-1]
    wanted = 2 * PAIR_SENTENCES * text.tokens / text.sentences
    fitting = [one for one in SEQ_LENS if one * MIN_EXAMPLES <= text.tokens] or [SEQ_LENS[0]]
    return next((one for one in fitting if one >= wanted), fitting[-1])


def _needs_accents(sample: TextSample) -> bool:
    return sample.language != "en" and sample.changed_frac > MIN_CHANGED


def measure_text(draft: BuildConfig, samples: list[TextSample], tell: Callable[[str], None]) -> MeasuredText:
    """Return what a vocabulary that fits the text makes of it; the vocabulary of a small text is tried.

    Raises:
        CorpusError: No document is left.
        TokenizerError: The text is too little for any vocabulary.
    """
    tell("measuring a sample of the text")
    estimate = estimate_build(draft, 1, SAMPLE_SECS)
    if not any(corpus.documents_kept for corpus in estimate.corpora):
        dropped = Counter[str]()
        for corpus in estimate.corpora:
            dropped.update(corpus.documents_dropped)
        reasons = ", ".join(f"{count:,} as {reason}" for reason, count in dropped.most_common(3)) or "none is there"
        raise CorpusError(f"no document is left to make a config for: {reasons}; write it by hand, with other filters")
    sized = zip(estimate.corpora, samples, strict=True)
    chars = sum(corpus.text_bytes / sample.bytes_per_char for corpus, sample in sized)
    tokenizer = TokenizerSettings(
        vocab_size=_rounded_down(min(MAX_VOCAB_SIZE, max(MIN_VOCAB_SIZE, round(chars / CHARS_PER_PIECE)))),
        keep_accents=any(_needs_accents(sample) for sample in samples),
        character_coverage=0.9995 if any(sample.cjk_frac > 0.2 for sample in samples) else 0.99995,
    )
    if sum(corpus.input_bytes for corpus in estimate.corpora) <= MAX_TRIED_BYTES:
        return _try(replace(draft, tokenizer=tokenizer), tell)
    documents = sum(corpus.documents_kept for corpus in estimate.corpora)
    return MeasuredText(tokenizer, sum(corpus.tokens for corpus in estimate.corpora), max(1, documents))


def _try(config: BuildConfig, tell: Callable[[str], None]) -> MeasuredText:
    """Train a vocabulary, with other sizes until one fits, and encode the text."""
    sampled, settings = sample_sentences(config), config.tokenizer
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "trial.model")
        for attempt in range(MAX_TRIALS):
            tell(f"trying a vocabulary of {settings.vocab_size:,} pieces")
            try:
                train_tokenizer(sampled, settings, model)
                break
            except VocabularySizeError as error:
                if attempt == MAX_TRIALS - 1:
                    raise
                is_too_small = error.fitting > settings.vocab_size  # for the characters; words need room as well
                settings = replace(settings, vocab_size=error.fitting * (2 if is_too_small else 1))
                if attempt > 1:  # what holds the characters is too large for the text
                    settings = replace(settings, character_coverage=LEAST_COVERAGE)
        tokenizer = Tokenizer.load(model, settings)
    tell("counting the tokens")
    documents = tokens = sentences = 0
    for document in read_corpora(config):
        if document.reason is None:
            language = config.corpus(document.corpus).language
            encoded = encode_documents([document.text], tokenizer, language, document.is_sentence_per_line)
            documents, tokens = documents + 1, tokens + len(encoded.ids)
            sentences += len(encoded.sentence_lens)
    return MeasuredText(settings, tokens, max(1, documents), sentences)


def _rounded_down(number: int) -> int:
    """Return a number with its first two digits alone.

    >>> _rounded_down(2_649), _rounded_down(97)
    (2600, 97)
    """
    unit = int(10 ** max(0, len(str(number)) - 2))
    return number // unit * unit
