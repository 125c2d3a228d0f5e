"""The commands that look at text: documents, train-tokenizer, encode."""

import json
import sys
from itertools import islice

import click


@click.command()
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--corpus", help="Only the corpus of this name.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many documents.")
@click.option("--with-rejected", is_flag=True, help="Also the dropped documents, with the reason.")
def documents(config: str, corpus: str | None, limit: int | None, with_rejected: bool) -> None:
    """Show what the readers make of the corpora, as JSON lines, before anything is built."""
    from xlnet_data.config_files import load_config
    from xlnet_data.documents.reading import filter_documents, read_documents
    from xlnet_data.documents.tasks import list_tasks

    loaded = load_config(config)
    if corpus is not None:
        loaded.corpus(corpus)
    shown = (
        document
        for task in list_tasks(loaded)
        if corpus in (None, task.corpus)
        for file_range in task.ranges
        for read in read_documents(file_range, loaded.corpus(task.corpus))
        for document in filter_documents([read], loaded.corpus(task.corpus))
        if with_rejected or document.reason is None
    )
    for document in islice(shown, limit):
        line = {"corpus": document.corpus, "doc_id": document.doc_id, "text": document.text, "reason": document.reason}
        click.echo(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace"))


@click.command("train-tokenizer")
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--output", required=True, type=click.Path(dir_okay=False), help="The model file to write.")
def train_tokenizer(config: str, output: str) -> None:
    """Train a SentencePiece model from a sample of the corpora; the same sample and model on every run."""
    from xlnet_data.config_files import load_config
    from xlnet_data.documents.vocabulary_samples import sample_sentences
    from xlnet_data.text import vocabularies

    loaded = load_config(config)
    click.echo(f"training a vocabulary of {loaded.tokenizer.vocab_size:,} pieces", err=True)
    vocabularies.train_tokenizer(sample_sentences(loaded), loaded.tokenizer, output)
    click.echo(f"wrote {output}", err=True)


@click.command()
@click.option("--model", required=True, type=click.Path(dir_okay=False), help="A SentencePiece model.")
@click.option("--lowercase", is_flag=True, help="Lower-case the text first.")
@click.option("--keep-accents", is_flag=True, help="Keep accents, which are stripped otherwise.")
def encode(model: str, lowercase: bool, keep_accents: bool) -> None:
    """Read lines on stdin and write their ids on stdout, one line per line."""
    import numpy as np

    from xlnet_data.text.settings import TokenizerSettings
    from xlnet_data.text.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(model, TokenizerSettings(lowercase=lowercase, keep_accents=keep_accents))
    stdin = open(sys.stdin.fileno(), encoding="utf-8", errors="surrogateescape", newline="\n", closefd=False)  # noqa: SIM115
    while lines := list(islice(stdin, 10_000)):
        ids, lens = tokenizer.encode([line.removesuffix("\n") for line in lines])
        for line_ids in np.split(ids, np.cumsum(lens)[:-1]):
            sys.stdout.write(" ".join(map(str, line_ids.tolist())) + "\n")
