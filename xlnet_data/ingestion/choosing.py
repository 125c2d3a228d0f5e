"""Chooses documents of the corpora for people to look at: of one corpus, dropped for some reason, cleaned or not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xlnet_data.checks import check_count, check_list, describe_unknown
from xlnet_data.config import BuildConfig
from xlnet_data.errors import ConfigError
from xlnet_data.filters.duplicates import content_hash
from xlnet_data.ingestion.reading import read_corpora
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.encoding import clean_text

_FOUND_BY_BUILDS = (Reason.NEAR_DUPLICATE, Reason.EPOCHS)

IN_REJECTS = "known once all is read: build with rejects = true in [output], and look into the dataset's rejects/"
"""Where documents are that a build alone can tell."""


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """Which documents to show, and how.

    Attributes:
        corpus: Only those of this corpus; None: of all.
        with_rejected: Also those that are dropped.
        reasons: Only those that are dropped for one of these reasons; empty: all.
        cleaned: With their text as the vocabulary sees it.
        limit: At most this many; None: all.

    Raises:
        ConfigError: There is no such reason, or a build alone can tell it; or the limit is no number above 0.
    """

    corpus: str | None
    with_rejected: bool
    reasons: Sequence[str]
    cleaned: bool
    limit: int | None = None

    def __post_init__(self) -> None:
        check_list("reason", self.reasons)
        if self.limit is not None:
            check_count("limit", self.limit)
        known = [str(reason) for reason in Reason]
        for name in self.reasons:
            if name not in known:
                raise ConfigError(describe_unknown("reason", name, known))
            if name in _FOUND_BY_BUILDS:
                raise ConfigError(f"reason {name!r} is {IN_REJECTS}")

    @property
    def has_dropped(self) -> bool:
        """True: dropped documents are among those to show."""
        return self.with_rejected or bool(self.reasons)


def choose_documents(config: BuildConfig, choice: DocumentChoice) -> Iterator[Document]:
    """Yield the chosen documents, in the order in which they are read; a duplicate follows one with the same text.

    Raises:
        ConfigError: The config has no such corpus, or drops no duplicates that are asked for.
        CorpusError: An input cannot be read.
    """
    if Reason.DUPLICATE in choice.reasons and not any(config.drops_exact(corpus) for corpus in config.corpora):
        raise ConfigError("this config drops no duplicates: set exact = true in [deduplication]")
    documents = read_corpora(config, choice.corpus)
    for document in _mark_duplicates(documents, config) if choice.has_dropped else documents:
        if choice.reasons:
            is_chosen = document.reason is not None and str(document.reason) in choice.reasons
        else:
            is_chosen = choice.with_rejected or document.reason is None
        if is_chosen:
            yield _cleaned(document, config) if choice.cleaned else document


def _mark_duplicates(documents: Iterable[Document], config: BuildConfig) -> Iterator[Document]:
    """Put a reason on the documents whose text one has that was read before; which of them stays a build decides.

    Hash and id of every document are kept: some hundred bytes each.
    """
    read: dict[int, tuple[str, str]] = {}
    for document in documents:
        if document.reason is None and config.drops_exact(config.corpus(document.corpus)):
            key = content_hash(document.text)
            if key in read:
                name, doc_id = read[key]
                cause = f"the text of {doc_id!r} of corpus {name!r}; a build keeps one of that corpus, drawn by a hash"
                document = replace(document, reason=Reason.DUPLICATE, cause=cause)
            else:
                read[key] = document.corpus, document.doc_id
        yield document


def _cleaned(document: Document, config: BuildConfig) -> Document:
    language = config.corpus(document.corpus).language
    text = clean_text(document.text, config.tokenizer, language, document.is_sentence_per_line)
    return replace(document, text=text)
