"""The commands that look at text: documents, train-tokenizer, encode."""

import json
import sys

import click

from xlnet_data import api
from xlnet_data.cli.helping import Command
from xlnet_data.showing import make_safe

JSON_FIELDS = ("corpus", "doc_id", "url", "title", "text", "reason", "cause")
"""What `documents --json` tells of a document."""


@click.command(cls=Command, examples=(
    "xlnet-data documents corpus.toml --limit 3",
    "xlnet-data documents corpus.toml --corpus books --with-rejected",
    "xlnet-data documents corpus.toml --reason too_short --reason language",
    "xlnet-data documents corpus.toml --limit 1 --full --cleaned",
    "xlnet-data documents corpus.toml --json",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--corpus", help="Only the corpus of this name.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many documents.")
@click.option(
    "--with-rejected",
    is_flag=True,
    help="Also the dropped documents, each with its cause, and those whose text was read before.",
)
@click.option("--reason", multiple=True, metavar="REASON", help="Only documents dropped for this reason, or these.")
@click.option("--cleaned", is_flag=True, help="The text as the vocabulary sees it, a sentence a line: accents, quotes.")
@click.option("--full", is_flag=True, help="All of each text, not only its beginning.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead, with all of each text.")
def documents(
    config: str,
    corpus: str | None,
    limit: int | None,
    with_rejected: bool,
    reason: tuple[str, ...],
    cleaned: bool,
    full: bool,
    as_json: bool,
) -> None:
    """Show what the readers make of the corpora before anything is built: lengths, beginnings, why one is dropped."""
    loaded = api.load_config(config)
    if loaded.deduplication.near and (with_rejected or reason):
        from xlnet_data.ingestion.choosing import IN_REJECTS

        click.echo(f"near-duplicates are {IN_REJECTS}", err=True)
    found = api.documents(
        loaded, corpus=corpus, limit=limit, with_rejected=with_rejected, reason=reason, cleaned=cleaned
    )
    is_none = True
    if as_json:
        for document in found:
            is_none = False
            line = {name: getattr(document, name) for name in JSON_FIELDS}
            click.echo(make_safe(json.dumps(line, ensure_ascii=False)))
    else:
        from xlnet_data.cli.document_views import print_document
        from xlnet_data.cli.summaries import make_console

        console = make_console()
        for document in found:
            is_none = False
            print_document(document, console, is_full=full)
    if is_none:
        why = f"is dropped as {' or '.join(reason)}" if reason else "is there"
        if not reason and not with_rejected:
            why = "is kept: --with-rejected shows those that are dropped"
        click.echo(f"no document {why}", err=True)


@click.command("train-tokenizer", cls=Command, examples=(
    "xlnet-data train-tokenizer corpus.toml --output spiece.model",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--output", required=True, type=click.Path(dir_okay=False), help="The model file to write.")
def train_tokenizer(config: str, output: str) -> None:
    """Train a SentencePiece model from a sample of the corpora; the same sample and model on every run."""
    from xlnet_data.cli.training_time import show_training

    loaded = api.load_config(config)
    try:
        with show_training(loaded.tokenizer.vocab_size):
            api.train_tokenizer(loaded, output)
    except KeyboardInterrupt as error:
        error.add_note("no model is written")
        raise
    click.echo(make_safe(f"wrote {output}"), err=True)


@click.command(cls=Command, examples=(
    "head -n 3 sample.txt | xlnet-data encode --model spiece.model",
))  # fmt: skip
@click.option("--model", required=True, type=click.Path(dir_okay=False), help="A SentencePiece model.")
@click.option("--lowercase", is_flag=True, help="Lower-case the text first.")
@click.option("--keep-accents", is_flag=True, help="Keep accents, which are stripped otherwise.")
def encode(model: str, lowercase: bool, keep_accents: bool) -> None:
    """Read lines on stdin and write their ids on stdout, one line per line."""
    stdin = open(sys.stdin.fileno(), encoding="utf-8", errors="surrogateescape", newline="\n", closefd=False)  # noqa: SIM115
    lines = (line.removesuffix("\n") for line in stdin)
    for ids in api.encode(model, lines, lowercase=lowercase, keep_accents=keep_accents):
        sys.stdout.write(" ".join(map(str, ids.tolist())) + "\n")
    sys.stdout.flush()  # where a full disk may show
