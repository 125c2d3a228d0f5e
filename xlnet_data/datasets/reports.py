"""Writes reports as pages without any script: of a dataset, and of a training run."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xlnet_data.datasets.inspection import Inspection
from xlnet_data.datasets.invariants import lane_rows
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.pages import escape_text, fill_page, write_page
from xlnet_data.datasets.report_builds import build_settings, build_times
from xlnet_data.datasets.report_charts import COUNTED, WANTED, Curve, columns_of, curves_of, histogram_of
from xlnet_data.datasets.report_figures import ExampleFigures, count_examples, promised_span_lens
from xlnet_data.datasets.report_tables import LEFT, SHARE, bars_of, share_of, table_of
from xlnet_data.datasets.report_texts import vocabulary_fit
from xlnet_data.datasets.run_reports import is_run, run_sections
from xlnet_data.datasets.shards import read_batches
from xlnet_data.datasets.shown_examples import ShownExample
from xlnet_data.datasets.summaries import Summary, summarize, summary_of
from xlnet_data.errors import ShardError
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.files.moving import join_path
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.manifest import Manifest, ShardInfo
from xlnet_data.showing import number_of
from xlnet_data.text.model_files import WORD_MARK
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

NUM_SHOWN = 5
"""Examples that a report of a dataset shows, the same on every run."""

MAX_SHOWN_SPAN = 12
"""Neighbouring targets up to which runs of them are shown."""

MAX_SHARDS = 8
"""Shards of a split that are read."""

MAX_COUNTED = 8192
"""Examples of a split that are counted, about: whole record batches, spread evenly over those shards."""

PAPER_TOKENS = {
    "Wikipedia": (2.78e9, ("wikipedia", "wikiextractor")),
    "BooksCorpus": (1.09e9, ("books",)),
    "Giga5": (4.75e9, ("gigaword",)),
    "ClueWeb": (4.30e9, ("clueweb",)),
    "Common Crawl": (19.97e9, ("commoncrawl-wet", "commoncrawl-warc")),
}
"""The tokens of the paper's corpora (section 3.1), and the formats in which they come here."""

_ALL_SHOWN = (Reason.DUPLICATE, Reason.NEAR_DUPLICATE)
"""Reasons of which all samples are shown: each names the document that is kept."""


def write_report(folder: str, path: str) -> None:
    """Write a page that reports on a dataset folder or on the folder of a training run.

    Raises:
        ShardError: The folder is neither, or that of a fine-tuned model; or the page cannot be written.
    """
    sections = run_sections(Path(folder)) if is_run(folder) else _dataset_sections(folder, read_manifest(folder))
    name = escape_text(os.path.basename(os.path.normpath(folder)))
    shown = "\n".join(f"<section>\n<h2>{title}</h2>\n{body}\n</section>" for title, body in sections if body)
    write_page(path, fill_page("report.html", {"title": name, "sections": shown}))


def summarize_dataset(folder: str) -> Summary:
    """Return what there is to say of a dataset.

    Raises:
        ShardError: The folder is no dataset; that of a training run is told as such.
    """
    if is_run(folder):
        raise ShardError(f"{folder} is a training run, which is shown as a page: give --output FILE.html")
    return summarize(folder)


def _dataset_sections(folder: str, manifest: Manifest) -> list[tuple[str, str]]:
    settings = ExampleSettings(**manifest.config["examples"])
    sections = [
        ("Splits", _splits(manifest)),
        ("Warnings", "".join(f"<p>{escape_text(warning)}</p>" for warning in manifest.warnings)),
        ("The mix", _mix(manifest)),
        ("The vocabulary and the text", vocabulary_fit(manifest)),
        ("What was dropped, and why", _drops(manifest)),
        ("Duplicates", _duplicates(manifest)),
        ("Documents, in tokens", _histograms(manifest, "document_lens")),
        ("Sentences, in tokens", _histograms(manifest, "sentence_lens")),
    ]
    splits = [name for name, split in manifest.splits.items() if split.examples]
    if not splits:
        return sections
    shards = [shard for shard in manifest.shards if shard.split == splits[0] and shard.examples]
    read = shards[:: -(-len(shards) // MAX_SHARDS)]
    figures, lanes = _count_shards(folder, manifest, read, settings)
    of_them = f", in {len(read)} of its {len(shards)} shards" if len(read) < len(shards) else ""
    shown = Inspection(folder, splits[0]).draw(NUM_SHOWN, seed=0)
    return [
        *sections,
        (f"Lanes of {splits[0]}, in examples{of_them}", histogram_of(lanes, "examples")),
        ("Targets", _targets(figures, settings)),
        ("Pairs", _pairs(manifest, figures)),
        (f"Most frequent pieces, in {figures.num_examples:,} examples", _pieces(figures)),
        (f"{len(shown)} examples", "".join(map(_example, shown))),
        ("Time of the build", build_times(summarize(folder).times)),
        ("How it was built", build_settings(manifest)),
    ]


def _count_shards(
    folder: str, manifest: Manifest, shards: Sequence[ShardInfo], settings: ExampleSettings
) -> tuple[ExampleFigures, dict[int, int]]:
    """Count the examples of batches spread over some shards, and the examples of all their lanes by powers of two."""
    every = max(1, sum(shard.examples for shard in shards) // MAX_COUNTED)
    batches, steps = [], Counter[int]()
    for shard in shards:
        found = list(read_batches(folder, shard.file))
        for batch in found:
            steps[batch["lane"][0].as_py()] += batch.num_rows
        batches += found[::every]
    rows = [lane_rows(0, batch) for batch in batches]
    joined = {
        name: np.concatenate([getattr(one, name) for one in rows])
        for name in ("steps", "is_backward", "input_ids", "a_len", "b_len", "is_next", "b_start", "order", "memory_len")
    }
    pieces = Tokenizer.load(join_path(folder, manifest.tokenizer.file), TokenizerSettings()).pieces
    lanes = Counter(1 << (length.bit_length() - 1) for length in steps.values())
    return count_examples(type(rows[0])(lane=0, **joined), settings, pieces), lanes


def _splits(manifest: Manifest) -> str:
    rows = [
        (name, f"{one.examples:,}", f"{one.lanes:,}", f"{one.tokens:,}", f"{one.tokens_in_no_example:,}")
        for name, one in manifest.splits.items()
    ]
    return table_of(("split", "examples", "lanes", "tokens", "tokens in no example"), rows)


def _mix(manifest: Manifest) -> str:
    """Return the corpora's shares of the tokens, and beside them those of the paper."""
    all_tokens = max(1, sum(info.tokens for info in manifest.corpora.values()))
    wanted = {corpus.name: corpus.wanted_frac for corpus in summary_of(manifest).corpora}
    asked = ("share wanted",) if any(share is not None for share in wanted.values()) else ()
    ours = [
        (
            escape_text(name),
            f"{info.tokens:,}",
            share_of(info.tokens / all_tokens, info.tokens / all_tokens),
            *(f"{wanted[name] or 0:.1%}" for _ in asked),
        )
        for name, info in manifest.corpora.items()
    ]
    paper_tokens = sum(tokens for tokens, _ in PAPER_TOKENS.values())
    found = [(corpus["format"], escape_text(corpus["name"])) for corpus in manifest.config["corpora"]]
    theirs = [
        (
            who,
            f"{tokens / 1e9:.2f}\u00a0billion",
            share_of(tokens / paper_tokens, tokens / paper_tokens),
            ", ".join(name for kind, name in found if kind in kinds),
        )
        for who, (tokens, kinds) in PAPER_TOKENS.items()
    ]
    return (
        f'<div class="two"><div><h3>This dataset</h3>{table_of(("corpus", "tokens", SHARE, *asked), ours)}</div>'
        f"<div><h3>The paper</h3>{table_of(('corpus', 'tokens', SHARE, LEFT.format('here')), theirs)}</div></div>"
    )


def _drops(manifest: Manifest) -> str:
    parts = []
    for name, info in manifest.corpora.items():
        read = max(1, info.documents_read)
        kept = f"{info.documents_kept:,} of {info.documents_read:,} documents kept"
        parts.append(f"<h3>{escape_text(name)}: {kept}</h3>")
        dropped = sorted(info.documents_dropped.items(), key=lambda item: -item[1])
        parts.append(bars_of(((escape_text(reason), count) for reason, count in dropped if count), total=read))
        rows: list[tuple[str, ...]] = [
            (
                escape_text(reason),
                _named(one.doc_id, one.title),
                escape_text(one.cause),
                escape_text(one.excerpt) or "—",
            )
            for reason, found in sorted(info.dropped_samples.items())
            for one in (found if reason in _ALL_SHOWN else found[:1])
        ]
        if rows:
            head: tuple[str, ...] = ("reason", "document", "what was found", "its beginning")
            if all(row[-1] == "—" for row in rows):  # of duplicates, say, whose texts are gone when they are found
                head, rows = head[:-1], [row[:-1] for row in rows]
            parts.append(f"<details open><summary>Some of them</summary>{table_of(head, rows, is_text=True)}</details>")
    return "".join(parts)


def _named(doc_id: str, title: str) -> str:
    """Return a document's id, and what people know it by if the format says that."""
    return f"{escape_text(doc_id)}<br><small>{escape_text(title)}</small>" if title else escape_text(doc_id)


def _duplicates(manifest: Manifest) -> str:
    """Return how large the groups of duplicates are, and the largest; nothing where there are none."""
    groups = manifest.duplicate_groups
    if not groups.largest:
        return ""
    rows = [
        (f"{group.num_documents:,}", escape_text(group.corpus), _named(group.doc_id, group.title))
        for group in groups.largest
    ]
    sizes = histogram_of({int(size): count for size, count in groups.sizes.items()}, "documents of a group")
    largest = table_of(("documents", "of corpus", "is kept"), rows, is_text=True)
    return (
        f"<p>{number_of(sum(groups.sizes.values()), 'group')} of documents that say the same, or nearly, of each of "
        f'which one is kept.</p><div class="two"><div>{sizes}</div><div><h3>The largest</h3>{largest}</div></div>'
    )


def _histograms(manifest: Manifest, field: str) -> str:
    parts = []
    for name, info in manifest.corpora.items():
        lens = {int(least): count for least, count in getattr(info, field).items()}
        parts.append(f"<div><h3>{escape_text(name)}</h3>{histogram_of(lens, 'tokens')}</div>")
    return f'<div class="two">{"".join(parts)}</div>'


def _targets(figures: ExampleFigures, settings: ExampleSettings) -> str:
    said = (
        f"Each example has {settings.num_targets} targets of {settings.seq_len} tokens (K = {settings.k:g}): "
        f"{settings.reuse_targets} in the reuse part, {settings.rest_targets} behind it. Counted in "
        f"{figures.num_examples:,} examples."
    )
    places = columns_of([(f"{first}", frac) for first, frac in figures.target_fracs], "position", is_share=True)
    total, promised = max(1, sum(figures.span_lens.values())), promised_span_lens(settings)
    lens = range(1, MAX_SHOWN_SPAN + 1)
    curves = [Curve("counted", [(n, 100 * figures.span_lens.get(n, 0) / total) for n in lens], COUNTED)]
    if promised:
        curves.append(Curve("drawn by 1/L", [(n, 100 * promised.get(n, 0)) for n in lens], WANTED, is_dashed=True))
    spans = curves_of(curves, ("neighbouring targets", "share of the runs of targets, by their length"), "%", True)
    return (
        f'<p>{said}</p><div class="two"><div><h3>Share of the tokens that are targets</h3>{places}</div>'
        f"<div><h3>Share of the runs of neighbouring targets</h3>{spans}</div></div>"
        '<p class="muted">Spans that touch make one run, and the quota cuts some.</p>'
    )


def _pairs(manifest: Manifest, figures: ExampleFigures) -> str:
    rows = [
        (name, f"{one.positive:,}", f"{one.negative:,}", f"{one.fallback:,}", f"{one.positive_frac:.1%}")
        for name, one in manifest.splits.items()
    ]
    head = ("split", "B follows A", "from another place", "of the first, for want of another place", "share positive")
    heading = f"<h3>Distance of a negative B from A, in {figures.num_examples:,} examples</h3>"
    gaps = heading + histogram_of(figures.gaps, "tokens") if figures.gaps else ""
    return table_of(head, rows) + gaps


def _pieces(figures: ExampleFigures) -> str:
    most = max((frac for _, frac in figures.pieces), default=1.0)
    rows = [(f"<code>{escape_text(piece)}</code>", share_of(frac, frac / most)) for piece, frac in figures.pieces]
    words = figures.pieces_per_word
    said = f"<p>{words:.2f} pieces for each that begins a word.</p>" if words else ""
    return said + table_of(("piece", LEFT.format("share of all tokens")), rows)


def _example(example: ShownExample) -> str:
    direction = "backward" if example.backward else "forward"
    relation = "B follows A" if example.is_next else "B is from another place"
    ranks = {position: place for place, position in enumerate(example.order, 1)}
    parts = [f"<h3>Lane {example.lane}, step {example.step}, read {direction}: {relation}</h3>"]
    for segment in example.segments:
        words = []
        for position in range(segment.start, segment.end):
            piece = example.pieces[position]
            shown = escape_text(piece.removeprefix(WORD_MARK)) or ("␣" if position in ranks else "")
            marked = f"<mark>{shown}<sup>{ranks[position]}</sup></mark>" if position in ranks else shown
            space = " " if piece.startswith(WORD_MARK) else ""
            words.append(marked + space if example.backward else space + marked)
        sources = {
            escape_text(f"{part.corpus}: {part.doc_id}"): None
            for part in example.documents
            if part.segment == segment.name
        }
        parts.append(
            f'<p class="source"><b>{segment.name}</b> {"; ".join(sources)}</p><p dir="auto">{"".join(words)}</p>'
        )
    return f"<article>{''.join(parts)}</article>"
