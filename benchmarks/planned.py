"""What `plan` says that 126 GB take, beside what SentencePiece alone takes for as much of the same text, in turns.

    python benchmarks/planned.py [CONFIG] [--bytes 126e9] [--rounds 3]

CONFIG names a vocabulary, and corpora of which a sample is enough; without it, text is made up. Both times are those of
the processor: how many times the second the first is says something of any machine.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import sentencepiece
from measuring import describe_machine, take_or_make_texts, take_or_train_model

import xlnet_data
from xlnet_data.config import BuildConfig
from xlnet_data.config_files import load_config
from xlnet_data.files.locations import locate
from xlnet_data.ingestion.reading import read_corpora

SAMPLE_BYTES = 8_000_000
"""Text of each corpus that SentencePiece encodes."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", nargs="?", type=Path)
    parser.add_argument("--bytes", type=float, default=126e9, help="on disk, of the whole input")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as name:
        config = options.config or make_config(Path(name))
        loaded = load_config(str(config))
        texts = {corpus.name: take_paragraphs(loaded, corpus.name) for corpus in loaded.corpora}
        model = sentencepiece.SentencePieceProcessor(model_file=locate(str(loaded.tokenizer.model), loaded.base_dir))
        planned, alone = [], []
        for _ in range(options.rounds):
            estimate = xlnet_data.plan(loaded, scale_to=options.bytes)
            planned.append(estimate.core_secs / 3600)
            alone.append(
                sum(corpus.text_bytes * secs_per_byte(model, texts[corpus.name]) for corpus in estimate.corpora) / 3600
            )
            print(f"planned {planned[-1]:.2f} core-hours, SentencePiece alone {alone[-1]:.2f}")
    ratio = statistics.median(ours / theirs for ours, theirs in zip(planned, alone, strict=True))
    print(f"planned as many times SentencePiece's, the median: {ratio:.2f}")


def make_config(folder: Path) -> Path:
    """Write a config of made-up books and a vocabulary that they train."""
    texts = take_or_make_texts(None, folder, 2 * SAMPLE_BYTES)
    (folder / "texts").mkdir()
    for number, text in enumerate(texts):
        (folder / "texts" / f"{number:04}.txt").write_text(text, encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = "{take_or_train_model(None, texts, folder)}"\n'
        '[[corpora]]\nname = "books"\nformat = "books"\npaths = ["texts/*.txt"]\n'
    )
    return config


def take_paragraphs(config: BuildConfig, corpus: str) -> list[str]:
    """Return the paragraphs of a corpus's first documents."""
    paragraphs: list[str] = []
    num_bytes = 0
    for document in read_corpora(config, corpus):
        paragraphs += filter(None, document.text.split("\n\n"))
        num_bytes += len(document.text.encode())
        if num_bytes > SAMPLE_BYTES:
            break
    return paragraphs


def secs_per_byte(model: sentencepiece.SentencePieceProcessor, paragraphs: list[str]) -> float:
    """Return the time of one core in which SentencePiece encodes a byte."""
    begin = time.process_time()
    model.encode_as_numpy(paragraphs, num_threads=1)
    return (time.process_time() - begin) / sum(len(paragraph.encode()) for paragraph in paragraphs)


if __name__ == "__main__":
    main()
