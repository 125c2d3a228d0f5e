"""Chooses documents of the corpora for people to look at: of one corpus, dropped for some reason, cleaned or not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlnet_data.checks import describe_unknown
from xlnet_data.config import BuildConfig
from xlnet_data.errors import ConfigError
from xlnet_data.ingestion.reading import read_corpora
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.encoding import clean_text

_FOUND_BY_BUILDS = (Reason.DUPLICATE, Reason.NEAR_DUPLICATE, Reason.EPOCHS)


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """Which documents to show, and how.

    Attributes:
        corpus: Only those of this corpus; None: of all.
        with_rejected: Also those that are dropped.
        reasons: Only those that are dropped for one of these reasons; empty: all.
        cleaned: With their text as the vocabulary sees it.

    Raises:
        ConfigError: There is no such reason, or a build alone can tell it.
    """

    corpus: str | None
    with_rejected: bool
    reasons: tuple[str, ...]
    cleaned: bool

    def __post_init__(self) -> None:
        known = [str(reason) for reason in Reason]
        for name in self.reasons:
            if name not in known:
                raise ConfigError(describe_unknown("reason", name, known))
            if name in _FOUND_BY_BUILDS:
                raise ConfigError(
                    f"reason {name!r} is known once all is read: build with rejects = true in [output], "
                    "and look into the dataset's rejects/"
                )


def choose_documents(config: BuildConfig, choice: DocumentChoice) -> Iterator[Document]:
    """Yield the chosen documents, in the order in which they are read.

    Raises:
        ConfigError: The config has no such corpus.
        CorpusError: An input cannot be read.
    """
    for document in read_corpora(config, choice.corpus):
        if choice.reasons:
            is_chosen = document.reason is not None and str(document.reason) in choice.reasons
        else:
            is_chosen = choice.with_rejected or document.reason is None
        if is_chosen:
            yield _cleaned(document, config) if choice.cleaned else document


def _cleaned(document: Document, config: BuildConfig) -> Document:
    language = config.corpus(document.corpus).language
    text = clean_text(document.text, config.tokenizer, language, document.is_sentence_per_line)
    return replace(document, text=text)
