"""Writes a dataset's card, README.md: for people, and for the hub and library of Hugging Face, which read its head."""

import json
from collections.abc import Iterator, Sequence

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.config_texts import config_to_toml
from xlnet_data.datasets.manifest_checks import read_config
from xlnet_data.datasets.summaries import CorpusSummary, Summary, describe_groups, median_of, summary_of
from xlnet_data.errors import ShardError
from xlnet_data.files.moving import join_path
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.manifest import BUILD_FILE, CARD_FILE, Manifest
from xlnet_data.showing import make_safe

_SIZES = (
    (10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"),
)  # fmt: skip


def write_card(manifest: Manifest, folder: str) -> None:
    """Write a dataset's card into its folder; the same manifest gives the same bytes.

    Raises:
        ShardError: The folder cannot be written.
    """
    with atomic_write(join_path(folder, CARD_FILE)) as file:
        file.write(make_card(manifest).encode("utf-8", "replace"))


def make_card(manifest: Manifest) -> str:
    """Return a dataset's card.

    Raises:
        ShardError: The manifest's config is none of this version.
    """
    problems: list[str] = []
    config = read_config(manifest.config, problems)
    if config is None:
        raise ShardError(f"the manifest's config is none of this version: {problems[0]}")
    summary = summary_of(manifest)
    parts = (
        _front_matter(summary, config),
        _introduction(summary, config),
        _corpora(summary, config),
        _splits(summary),
        _dropped(summary),
        _warnings(summary.warnings),
        _loading(summary),
        _rebuilding(manifest, config),
    )
    return "\n".join(line for part in parts for line in part)


def _front_matter(summary: Summary, config: BuildConfig) -> Iterator[str]:
    """Yield the head that `datasets.load_dataset` and the hub read: YAML, in which strings may be written as JSON."""
    examples = sum(split.examples for split in summary.splits)
    yield from ("---", "configs:", "- config_name: default", "  data_files:")
    for split in summary.splits:
        if split.examples:
            yield from (f"  - split: {split.name}", f"    path: {split.name}/*.arrow")
    yield "language:"
    yield from (f"- {json.dumps(code)}" for code in sorted({corpus.language for corpus in config.corpora}))
    yield "license:"
    yield from (
        f"- {json.dumps(name)}" for name in sorted({corpus.license.lower() or "unknown" for corpus in config.corpora})
    )
    size = next((name for most, name in _SIZES if examples < most), "10B<n<100B")
    yield from ("size_categories:", f"- {size}", "tags:", "- xlnet", "- pretraining", "---", "")


def _introduction(summary: Summary, config: BuildConfig) -> Iterator[str]:
    tokens = sum(split.tokens for split in summary.splits)
    examples = sum(split.examples for split in summary.splits)
    settings = config.examples
    yield from (
        "# Pretraining data for XLNet",
        "",
        f"{examples:,} examples of {summary.seq_len:,} tokens, drawn from {tokens:,} tokens of text by the recipe "
        f"`{settings.recipe}`: segment pairs, prediction targets and factorization orders, in Arrow files. "
        f"The vocabulary, `spiece.model`, has {summary.vocab_size:,} pieces.",
        "",
    )


def _corpora(summary: Summary, config: BuildConfig) -> Iterator[str]:
    wanted = ("share wanted",) if any(corpus.wanted_frac is not None for corpus in summary.corpora) else ()
    numbers = (
        "read",
        "kept",
        "dropped",
        "duplicates",
        "tokens",
        "share",
        *wanted,
        "`<unk>`",
        "letters that lost a mark",
    )
    yield from (
        "## Sources",
        "",
        f"| corpus | format | licence | {' | '.join(numbers)} |",
        f"| --- | --- | --- | {' | '.join(['---:'] * len(numbers))} |",
    )
    for corpus in summary.corpora:
        settings = config.corpus(corpus.name)
        cells = (
            _code(corpus.name),
            settings.format,
            _code(settings.license) if settings.license else "not stated",
            f"{corpus.documents_read:,}",
            f"{corpus.documents_kept:,}",
            f"{corpus.num_dropped - corpus.num_duplicates:,}",
            f"{corpus.num_duplicates:,}",
            f"{corpus.tokens:,}",
            f"{corpus.tokens_frac:.1%}",
            *(() if corpus.wanted_frac is None else (f"{corpus.wanted_frac:.1%}",)),
            f"{corpus.unknown_frac or 0:.2%}",
            f"{corpus.changed_letter_frac:.2%}",
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _splits(summary: Summary) -> Iterator[str]:
    yield from (
        "## Splits",
        "",
        "| split | examples | lanes | tokens | positive pairs | tokens in no example |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    )
    for split in summary.splits:
        positive = "" if split.positive_frac is None else f"{split.positive_frac:.1%}"
        cells = (split.name, f"{split.examples:,}", f"{split.lanes:,}", f"{split.tokens:,}", positive)
        yield f"| {' | '.join(cells)} | {split.tokens_in_no_example or 0:,} |"
    yield ""
    for name, lens in (("documents", summary.document_lens), ("sentences", summary.sentence_lens)):
        if lens:
            yield (
                f"Half of the {name} have fewer than {2 * (median_of(lens) or 0):,} tokens; the shortest have at least "
                f"{min(lens):,}, the longest fewer than {2 * max(lens):,}."
            )
    yield ""


def _dropped(summary: Summary) -> Iterator[str]:
    if any(corpus.num_dropped for corpus in summary.corpora):
        yield from ("## Dropped documents", "")
        for corpus in summary.corpora:
            yield from _dropped_of(corpus)
        if said := describe_groups(summary.duplicate_groups):
            yield from ("", f"Of duplicates there are {_plain(said)}.")
        yield ""


def _dropped_of(corpus: CorpusSummary) -> Iterator[str]:
    if corpus.num_dropped:
        reasons = ", ".join(f"{count:,} `{reason}`" for reason, count in corpus.documents_dropped.items())
        yield f"- {_code(corpus.name)}: {corpus.num_dropped:,} of {corpus.documents_read:,}: {reasons}"
        for reason, sample in corpus.samples:
            cause = f": {_code(sample.cause)}" if sample.cause else ""
            title = f" ({_code(sample.title)})" if sample.title else ""
            yield f"  - {_code(sample.doc_id)}{title}, `{reason}`{cause}"


def _warnings(warnings: Sequence[str]) -> Iterator[str]:
    if warnings:
        yield from ("## Warnings", "", *(f"- {_plain(warning)}" for warning in warnings), "")


def _loading(summary: Summary) -> Iterator[str]:
    yield from (
        "## Loading",
        "",
        "```python",
        "import xlnet_data",
        "",
        'data = xlnet_data.open_dataset(".")  # this folder, or its URL',
        "print(data, data[0])",
        "for batch in data.batches(num_rows=4, once=True):  # each row follows one lane, for XLNet's memory",
        "    print(batch)",
        "```",
        "",
        'Without that library, `datasets.load_dataset(".")` gives the examples as they are, and so do pyarrow.dataset, '
        "polars, DuckDB and pandas from the folder of a split.",
        "",
    )


def _rebuilding(manifest: Manifest, config: BuildConfig) -> Iterator[str]:
    version = manifest.versions.get("xlnet-data", "")
    yield from (
        "## Building it again",
        "",
        f"With xlnet-data {version}, the same input files and the config below, "
        "`xlnet-data build-corpus config.toml --output dataset` gives the same bytes. Paths are relative to the file.",
        "",
        "```toml",
        make_safe(config_to_toml(config)).rstrip(),
        "```",
        "",
        f"How long the build took stands in `{BUILD_FILE}`.",
        "",
    )


def _code(text: str) -> str:
    """Return text from outside as a code span of one line: in it, Markdown and HTML have no meaning.

    >>> _code("a|b`<i>")
    '`` a\\\\|b`<i> ``'
    """
    line = " ".join(make_safe(text).split()).replace("|", "\\|")
    fence = "`"
    while fence in line:
        fence += "`"
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def _plain(text: str) -> str:
    """Return a sentence of ours that may hold names from outside, as Markdown that shows it as it is."""
    safe = make_safe(text)
    for mark in "\\`*_[]<>|":
        safe = safe.replace(mark, f"\\{mark}")
    return safe
