"""The functions behind the commands, for Python: each does what the command of its name does, and returns values.

`import xlnet_data` offers them, and loads what a function needs when it is first called.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from xlnet_data.imports import quick_imports

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig
    from xlnet_data.dataset import Dataset
    from xlnet_data.datasets.shown_examples import ShownExample
    from xlnet_data.datasets.summaries import Summary
    from xlnet_data.estimates.builds import BuildEstimate
    from xlnet_data.estimates.first_configs import FirstConfig
    from xlnet_data.pipelines.displays import BuildDisplay
    from xlnet_data.schemas.document import Document
    from xlnet_data.schemas.manifest import Manifest
    from xlnet_data.text.ids import IdArray
    from xlnet_data.text.tokenizer import Tokenizer

PathLike: TypeAlias = str | os.PathLike[str]
ConfigLike: TypeAlias = "BuildConfig | PathLike"
"""A config, or the path of its file."""


def load_config(path: PathLike) -> "BuildConfig":
    """Read a config file.

    Raises:
        ConfigError: The file cannot be read, is not TOML, or holds an unknown key or a value out of range.
    """
    from xlnet_data.config_files import load_config

    return load_config(os.fspath(path))


def init(
    folder: PathLike, *, output: PathLike = "corpus.toml", overwrite: bool = False,
    display: "Callable[[str], None] | None" = None,
) -> "FirstConfig":  # fmt: skip
    """Write a config for the text files in a folder, with sizes that fit them, and return it.

    Args:
        folder: A local folder; its files are recognised by what they hold.
        output: The config file to write; overwrite: replace it if it is there.
        display: Is told what is being done, in a few words.

    Raises:
        ConfigError, CorpusError: The folder holds nothing that can be read, or the file is there already, or a URL.
        TokenizerError: The text is too little for any vocabulary.
    """
    from xlnet_data.estimates.first_configs import write_config
    from xlnet_data.files.stores import local_path

    path = os.path.abspath(local_path(output, "output"))
    return write_config(os.fspath(folder), path, overwrite, display or (lambda text: None))


def build_corpus(
    config: ConfigLike,
    output: PathLike,
    *,
    runner: str = "local",
    workers: int | None = None,
    resume: bool = True,
    overwrite: bool = False,
    check_ids: float | None = None,
    engine_options: Sequence[str] = (),
    display: "BuildDisplay | None" = None,
) -> "Manifest | None":
    """Build a dataset and return its manifest; None where an engine's options pack the job into a file to be run later.

    Args:
        config: The config, or its file.
        output: The dataset folder: local, or a URL with an engine.
        runner: "local", "spark", "flink", "dataflow", "prism", or "portable": a job server of Beam's that runs already.
        workers: Local worker processes, at most 16 per core; 0: none, everything runs in this one; None: one per core.
        resume: Go on with an unfinished build that the folder holds.
        overwrite: Replace the dataset that the folder holds.
        check_ids: Share of the sentences whose ids are compared with SentencePiece's; None: 0.1%.
        engine_options: The engine's own options, as on a command line.
        display: Is told how the build goes.

    Raises:
        XlnetDataError: What went wrong, by its name.
    """
    from xlnet_data.pipelines.local.crew import Crew

    with Crew() as crew:
        if runner == "local" and workers != 0:
            crew.begin()  # it imports what its workers need while this process does
        with quick_imports():
            loaded = _load(config)  # what is wrong in it is said before the engine is imported
            if check_ids is not None:
                loaded = replace(loaded, check_ids=check_ids)
            from xlnet_data.pipelines.builds import build_dataset
        return build_dataset(
            loaded, os.fspath(output), runner=runner, workers=workers, resume=resume, overwrite=overwrite,
            engine_options=engine_options, display=display, crew=crew,
        )  # fmt: skip


def plan(
    config: ConfigLike,
    *,
    output: PathLike | None = None,
    workers: int | None = None,
    seconds: float = 20.0,
    scale_to: float | None = None,
) -> "BuildEstimate":
    """Return what building the corpora would give and take, without building.

    Args:
        config: The config, or its file.
        output: Where the dataset shall go: the estimate warns if the disk has too little room.
        workers: Local worker processes; None: one per core.
        seconds: Time for the sample, about.
        scale_to: Bytes on disk of the whole input, of which the config's files are a sample in the same mix; None:
            they are the whole.

    Raises:
        ConfigError: A number is out of range.
        CorpusError: An input cannot be read.
        TokenizerError: The model cannot be loaded.
    """
    from xlnet_data.estimates.builds import estimate_build
    from xlnet_data.estimates.disks import disk_warnings

    num_workers = len(os.sched_getaffinity(0)) if workers is None else workers
    estimate = estimate_build(_load(config), num_workers, seconds, scale_to)
    warnings = () if output is None else disk_warnings(estimate, os.fspath(output))
    return replace(estimate, warnings=(*estimate.warnings, *warnings))


def documents(
    config: ConfigLike,
    *,
    corpus: str | None = None,
    limit: int | None = None,
    with_rejected: bool = False,
    reason: Sequence[str] = (),
    cleaned: bool = False,
) -> "Iterator[Document]":
    """Yield what the readers make of the corpora, before anything is built.

    Args:
        config: The config, or its file.
        corpus: Only the corpus of this name.
        limit: At most this many documents.
        with_rejected: Also the dropped documents, with the reason and what led to it.
        reason: Only documents that are dropped for one of these reasons.
        cleaned: With their text as the vocabulary sees it, each sentence a line: without accents unless they are kept.

    Raises:
        ConfigError: The config has no such corpus, there is no such reason, or the limit is no number above 0.
        CorpusError: An input cannot be read.
    """
    from xlnet_data.ingestion.choosing import DocumentChoice, choose_documents

    return islice(choose_documents(_load(config), DocumentChoice(corpus, with_rejected, reason, cleaned, limit)), limit)


def train_tokenizer(config: ConfigLike, output: PathLike) -> "Tokenizer":
    """Train a SentencePiece model from a sample of the corpora, write it, and return it loaded.

    Args:
        config: The config, or its file.
        output: The model file to write.

    Raises:
        CorpusError: An input cannot be read.
        ShardError: The model file cannot be written; said before the work where it can be known.
        TokenizerError: The text does not suffice for the vocabulary, or the vocabulary not for the text.
    """
    from xlnet_data.ingestion.vocabulary_samples import sample_sentences
    from xlnet_data.text.tokenizer import Tokenizer
    from xlnet_data.text.vocabularies import check_model_output, train_tokenizer

    loaded = _load(config)
    check_model_output(os.fspath(output))
    train_tokenizer(sample_sentences(loaded), loaded.tokenizer, os.fspath(output))
    return Tokenizer.load(os.fspath(output), loaded.tokenizer)


def encode(
    model: PathLike, lines: Iterable[str], *, lowercase: bool = False, keep_accents: bool = False
) -> "Iterator[IdArray]":
    """Yield the ids of lines of text, uint16 or int32 [tokens] each.

    Args:
        model: A SentencePiece model with XLNet's special pieces.
        lines: Each is one sentence.
        lowercase: Lower-case the text first.
        keep_accents: Keep accents, which are stripped otherwise.

    Raises:
        ConfigError: The lines are one text, not a list or another iterable of them.
        TokenizerError: The model cannot be loaded.
    """
    from xlnet_data.checks import check_list
    from xlnet_data.text.encoding import encode_lines
    from xlnet_data.text.settings import TokenizerSettings
    from xlnet_data.text.tokenizer import Tokenizer

    check_list("lines", lines)
    settings = TokenizerSettings(lowercase=lowercase, keep_accents=keep_accents)
    return encode_lines(Tokenizer.load(os.fspath(model), settings), lines)


def open_dataset(folder: PathLike, split: str = "train", *, check: bool = True) -> "Dataset":
    """Open a split of a dataset; its examples are read in place.

    Args:
        folder: The dataset folder, a local path or a URL; of a URL the split is copied to this machine first.
        split: "train" or "dev".
        check: Compare its files with the manifest's checksums first, which reads every byte once.

    Raises:
        ShardError: The folder is no dataset, or has no such split, or a file has other bytes than its manifest says.
    """
    from xlnet_data.dataset import Dataset

    return Dataset(os.fspath(folder), split, check=check)


def verify(folder: PathLike, *, fast: bool = False, display: "Callable[[int, int], None] | None" = None) -> list[str]:
    """Check every byte, the schema and every example of a dataset, and return the problems found, in sentences.

    Args:
        folder: The dataset folder, a local path or a URL.
        fast: Compare the bytes alone.
        display: Is told how many shards are done, of how many.

    Raises:
        ShardError: The folder is no dataset.
    """
    from xlnet_data.datasets.verification import verify_dataset

    return list(verify_dataset(os.fspath(folder), fast=fast, on_shard=display or (lambda done, total: None)))


def report(folder: PathLike, *, output: PathLike | None = None) -> "Summary | None":
    """Return what there is to say of a dataset: what each corpus gave and lost and why, the splits, lengths, warnings.

    Args:
        folder: The dataset folder, a local path or a URL; for a page also the folder of a run of `train_smoke`.
        output: Write a page to this HTML file instead, with more figures and some examples: complete in one file.

    Raises:
        ShardError: The folder is no dataset, or the page cannot be written.
    """
    from xlnet_data.datasets.reports import summarize_dataset, write_report

    if output is None:
        return summarize_dataset(os.fspath(folder))
    write_report(os.fspath(folder), os.fspath(output))
    return None


def inspect(
    folder: PathLike,
    split: str = "train",
    *,
    lane: int | None = None,
    step: int | None = None,
    random: int | None = None,
    seed: int | None = None,
    doc: str | None = None,
    html: PathLike | None = None,
) -> "list[ShownExample]":
    """Return examples as they are worth seeing: segments, targets, the order, and whose text it is.

    Args:
        folder: The dataset folder, a local path or a URL.
        split: "train" or "dev".
        lane: Lane number; None: the first, or the first that holds the document.
        step: Step in the lane; None: 0.
        random: So many examples drawn at random, instead of one by its lane and step.
        seed: Of random: the same seed draws the same ones; None: others each time.
        doc: The example in which the document of this id begins, instead.
        html: Also write a page that shows them, complete in one file; one example with those before and behind it.

    Raises:
        ConfigError: The example is named in two ways, or random is no number above 0.
        ShardError: The folder is no dataset, or has no such example or document; or the page cannot be written.
    """
    from xlnet_data.datasets.example_pages import STEPS_AROUND, write_example_page
    from xlnet_data.datasets.inspection import Inspection

    inspection = Inspection(os.fspath(folder), split)
    chosen = inspection.choose(lane, step, random, seed, doc)
    if html is not None:
        shown = inspection.around(chosen[0], STEPS_AROUND) if len(chosen) == 1 else chosen
        write_example_page(os.fspath(html), os.fspath(folder), shown, chosen[0])
    return chosen


def _load(config: ConfigLike) -> "BuildConfig":
    """Return the config itself, or what its file holds."""
    from xlnet_data.config import BuildConfig

    return config if isinstance(config, BuildConfig) else load_config(config)
