"""Writes a first config for the text in a folder, with sizes that fit it and a comment on each."""

import glob
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.errors import ConfigError
from xlnet_data.estimates.folders import FoundCorpus, FoundFiles, find_corpora
from xlnet_data.estimates.text_sizes import (
    CHARS_PER_PIECE,
    FittingSizes,
    TextSample,
    choose_sizes,
    measure_text,
    sample_text,
)
from xlnet_data.examples.lanes import num_lanes
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.files.writing import atomic_write, check_replaced
from xlnet_data.showing import make_safe, number_of
from xlnet_data.text.settings import TokenizerSettings


@dataclass(frozen=True)
class FirstConfig:
    """A config for a folder.

    Attributes:
        text: The config file.
        config: The same, parsed.
        found: What the folder holds.
    """

    text: str
    config: BuildConfig
    found: FoundFiles


_CONFIG_MARKS = (b"# Made by `xlnet-data init`", b"[[corpora]]")
"""Of which a config has one at its beginning, whatever its name."""


def write_config(folder: str, path: str, overwrite: bool, tell: Callable[[str], None]) -> FirstConfig:
    """Write a config for what lies in a folder, and return it.

    Args:
        folder: With files of text.
        path: The config file.
        overwrite: Replace it if it is there.
        tell: Is told what is being done.

    Raises:
        ConfigError: As in `make_config`; or the file is there already and shall not be replaced.
        ShardError: The file cannot be written, or is no config: a text, say, that would be lost.
    """
    if os.path.lexists(path) and not overwrite:
        raise ConfigError(f"{path} is there already: give --overwrite to replace it, or another --output")
    check_replaced(path, "config", lambda head: path.endswith(".toml") or any(mark in head for mark in _CONFIG_MARKS))
    first = make_config(folder, os.path.dirname(path), tell)
    with atomic_write(path) as file:
        file.write(first.text.encode())
    return first


def make_config(folder: str, base_dir: str, tell: Callable[[str], None]) -> FirstConfig:
    """Return a config for what lies in a folder.

    Args:
        folder: With files of text.
        base_dir: Where the config file will lie; its paths are relative to that.
        tell: Is told what is being done.

    Raises:
        ConfigError: The folder is not a local one, or holds no file that can be read.
        CorpusError: A file cannot be read.
        TokenizerError: The text is too little for any vocabulary.
    """
    tell("looking at the files")
    found = find_corpora(folder)
    samples = []
    for corpus in found.corpora:
        tell(f"reading some text of {corpus.name}")
        samples.append(sample_text(corpus, folder))
    corpora = "\n".join(
        _corpus_section(corpus, sample, os.path.relpath(folder, base_dir))
        for corpus, sample in zip(found.corpora, samples, strict=True)
    )
    draft = parse_config(tomllib.loads(corpora), base_dir)
    draft = replace(draft, corpora=tuple(replace(corpus, on_truncated="keep") for corpus in draft.corpora))
    sizes = choose_sizes(measure_text(draft, samples, tell))
    text = f"{_head(found, folder, samples, sizes)}\n{corpora}{_tail(found)}"
    return FirstConfig(text, parse_config(tomllib.loads(text), base_dir), found)


def _head(found: FoundFiles, folder: str, samples: list[TextSample], sizes: FittingSizes) -> str:
    """Return the config's sections before the corpora."""
    tokenizer, examples = sizes.text.tokenizer, sizes.examples
    name = make_safe(folder).replace("\n", " ")
    lines = [
        f"# Made by `xlnet-data init` for {name}: look at it, change what you know better, and ask `xlnet-data plan`",
        "# what it would give. Keys that are not here keep their defaults; the reference of the config has them all.",
        "",
        "[tokenizer]",
        f"# One piece for about {CHARS_PER_PIECE} characters of text, at most the paper's 32,000.",
        f"vocab_size = {tokenizer.vocab_size}",
    ]
    changing = [sample for sample in samples if sample.changes and (tokenizer.keep_accents or sample.changed_frac)]
    if tokenizer.keep_accents:
        worst = max(changing, key=lambda sample: sample.changed_frac)
        lines += [
            f"# Else {worst.changed_frac:.1%} of the characters would change: {worst.changes}.",
            "keep_accents = true",
        ]
    elif changing:
        lines.append(f"# keep_accents = true  # else {changing[0].changes}")
    if tokenizer.character_coverage != TokenizerSettings().character_coverage:
        lines += ["# Rarer characters are <unk>.", f"character_coverage = {tokenizer.character_coverage}"]
    lines += ["", "[examples]"]
    if examples.seq_len != ExampleSettings().seq_len:
        lines.append(f"# Short, for {sizes.text.tokens:,} tokens are little text; the paper has 512 and 256.")
    lines += [f"seq_len = {examples.seq_len}", f"reuse_len = {examples.reuse_len}"]
    if not examples.pairs:
        lines += ["# B always follows A: so few documents give no other place for it.", "pairs = false"]
    rows = num_lanes(round(sizes.text.tokens * (1 - sizes.dev_frac)), sizes.lane_tokens) * examples.num_readings
    return "\n".join(
        [
            *lines,
            "",
            "[lanes]",
            f"# {sizes.text.tokens:,} tokens in {sizes.text.documents:,} documents: lanes for batches of {rows} rows.",
            f"lane_tokens = {sizes.lane_tokens}",
            "",
            "[output]",
            "# Share of the documents that is held out, to measure on." if sizes.dev_frac else "# Too few documents.",
            f"dev_frac = {sizes.dev_frac}",
            "",
        ]
    )


def _corpus_section(corpus: FoundCorpus, sample: TextSample, folder: str) -> str:
    begin = "" if folder == "." else f"{folder}/"
    paths = [(begin if path in corpus.files else glob.escape(begin)) + path for path in corpus.patterns]
    keys = "".join(f"{key} = {_quoted(value)}\n" for key, value in corpus.keys.items())
    hint = "".join(f"# Mind: {remark}.\n" for remark in corpus.remarks)
    if corpus.format == "text" and "documents" not in corpus.keys and not corpus.remarks:
        hint = '# documents = "blank-line"  # where a blank line ends a document; else each file is one\n'
    return (
        f"# {number_of(len(corpus.files), 'file')}, {corpus.num_bytes / 1e6:,.2f} MB.\n[[corpora]]\n"
        f"name = {_quoted(corpus.name)}\nformat = {_quoted(corpus.format)}\npaths = {_listed(paths)}\n"
        f"language = {_quoted(sample.language)}  # judged by the text\n{keys}{hint}"
    )


def _listed(paths: list[str]) -> str:
    quoted = [_quoted(path) for path in paths]
    return f"[{', '.join(quoted)}]" if len(quoted) < 3 else "[\n" + "".join(f"  {path},\n" for path in quoted) + "]"


def _quoted(text: str | bool) -> str:
    """Return a TOML string, which JSON's escapes suit, or a truth value."""
    return make_safe(json.dumps(text, ensure_ascii=False))


def _tail(found: FoundFiles) -> str:
    lines = []
    for reason, names in found.left_out.items():
        more = f" and {len(names) - 1:,} more" if names[1:] else ""
        lines.append(make_safe(f"# Left out {names[0]}{more}: {reason}").replace("\n", " "))
    return "\n".join(["", *lines, ""]) if lines else ""
