"""A document, one text of a corpus, and the reasons for which one is dropped."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a document does not reach the lanes; counted by corpus in the manifest."""

    # what no parser could use
    MALFORMED = "malformed"  # a record that cannot be parsed, or not in time; doc_id names the file and the offset
    TRUNCATED = "truncated"  # the input ended inside this record, and the config says to keep what came before
    TOO_LARGE = "too_large"  # a record beyond what one document may take
    EMPTY = "empty"  # no text in it
    FAILED = "failed"  # the parser died on it, and the config says to skip such documents
    # what is not a document of its corpus
    NAMESPACE = "namespace"  # a wiki page outside the article namespace
    REDIRECT = "redirect"  # a wiki page that only leads to another
    NOT_WIKITEXT = "not_wikitext"  # a wiki page in another content model, such as JSON or CSS
    WRONG_TYPE = "wrong_type"  # a Gigaword document of an unwanted type
    LISTED_AS_BAD = "listed_as_bad"  # in the distributor's own list of bad documents
    HTTP_STATUS = "http_status"  # a web answer other than 200
    NOT_TEXT = "not_text"  # a web answer that is neither HTML nor plain text
    LANGUAGE = "language"  # in another language than the one wanted
    # what the filters drop
    TOO_SHORT = "too_short"  # fewer characters before cleaning, or words after it, than the limit
    TOO_LONG = "too_long"  # more characters before cleaning, or words after it, than the limit
    FEW_SENTENCES = "few_sentences"  # fewer sentences after cleaning than the limit
    CURLY_BRACE = "curly_brace"  # program code rather than text
    LOREM_IPSUM = "lorem_ipsum"  # a page without its content
    BAD_WORDS = "bad_words"  # a word that the config lists
    WORD_LENGTH = "word_length"  # the mean is that of no language
    SYMBOL_RATIO = "symbol_ratio"  # too many hash signs or ellipses for so few words
    BULLET_LINES = "bullet_lines"  # nearly all lines begin with a bullet
    ELLIPSIS_LINES = "ellipsis_lines"  # too many lines end in an ellipsis
    ALPHA_WORDS = "alpha_words"  # too few words hold a letter
    STOP_WORDS = "stop_words"  # hardly any of the language's most common words
    END_MARK_LINES = "end_mark_lines"  # too few lines end as sentences do
    SHORT_LINES = "short_lines"  # nearly all lines are short
    LINE_BREAKS = "line_breaks"  # too many lines for so few words: a list
    DUPLICATE_LINES = "duplicate_lines"  # lines that repeat an earlier line make up too much of the text
    DUPLICATE_PARAGRAPHS = "duplicate_paragraphs"  # paragraphs that repeat an earlier one make up too much of the text
    TOP_NGRAM = "top_ngram"  # one phrase makes up too much of the text
    DUPLICATE_NGRAMS = "duplicate_ngrams"  # repeated phrases make up too much of the text
    # what another document says already
    DUPLICATE = "duplicate"  # the same text
    NEAR_DUPLICATE = "near_duplicate"  # nearly the same text
    # what the sampling of the corpus leaves out
    EPOCHS = "epochs"  # epochs below 1 take only that share of the documents


@dataclass(frozen=True, slots=True)
class Drop:
    """Why a document is dropped.

    Attributes:
        reason: The reason.
        cause: What was found, and the limit that it is beyond: "12 words, min_words = 50".
    """

    reason: Reason
    cause: str


@dataclass(frozen=True, slots=True)
class Document:
    r"""One text of a corpus.

    Attributes:
        corpus: The corpus's name in the config.
        doc_id: Stable and unique within the corpus; independent of where the corpus lies.
        text: Paragraphs, separated by a blank line. Within a paragraph a line break separates sentences where the
            corpus has one sentence per line, and is mere white space elsewhere.
        reason: Why the document is dropped; None if it is kept.
        is_sentence_per_line: True: each line of the text is one sentence, none is to be split.
        notes: What is worth counting of a document that is kept nonetheless, such as "latin1" or "duplicate_id".
        cause: What led to the reason: what was measured and its limit, the language found, what the parser died of or
            that it took too long, the other document that says the same.
        url: Where the text comes from, if the format says so.
        title: What people call it, if the format says so: an article's title, a headline, a book's author and title.
    """

    corpus: str
    doc_id: str
    text: str
    reason: Reason | None = None
    is_sentence_per_line: bool = False
    notes: tuple[str, ...] = ()
    cause: str = ""
    url: str = ""
    title: str = ""
