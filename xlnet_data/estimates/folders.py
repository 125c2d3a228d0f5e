"""Finds the corpora in a folder: groups its files by what they hold, judged by their first kilobytes."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from resiliparse.parse import lang

from xlnet_data.config import MAX_NAME_BYTES, is_mark
from xlnet_data.corpora import FORMATS
from xlnet_data.corpora.encodings import guess_encoding, is_of_other_bytes
from xlnet_data.corpora.jsonl import look_up_field
from xlnet_data.corpora.listings import recognise_companion, recognise_listing
from xlnet_data.corpora.recognition import name_binary, read_head, recognise
from xlnet_data.datasets.advice import SEEM_SHUFFLED
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.estimates.path_patterns import PACKED, ending_of, find_patterns
from xlnet_data.estimates.record_fields import choose_fields, read_json, read_rows
from xlnet_data.estimates.text_layouts import find_layout, has_headings, is_wrapped
from xlnet_data.files.locations import NO_FILE, match_pattern
from xlnet_data.files.stores import is_url
from xlnet_data.text.shuffling import is_shuffled

MAX_HEADS = 500
"""Files of a folder with the same ending whose first bytes are read; the others are taken for what most of them are."""

_GUTENBERG = re.compile(rb"Project Gutenberg", re.IGNORECASE)
_CONFIG = re.compile(rb"^\[\[corpora\]\]", re.MULTILINE)
_BOOKCORPUS = re.compile(r"books_large_p\d")
_OF_WIKIEXTRACTOR = re.compile(rb'\{"id": ?"?\d[^\n]{0,200}"url": ?"[^"\n]*\?curid=\d')
_COMPANION = re.compile(
    r"(?:readme|licen[cs]e|copying|change(?:s|log)|authors|citation|notice|attribution)(?:\.(?:txt|md|rst|html?))?"
    r"|.*\.ids(?:\.gz)?|(?:dataset_infos?|dataset_dict|state|datapackage)\.json",
    re.IGNORECASE,
)
_HELD_OUT = re.compile(r"(?:^|[-_./])(?:val|valid|validation|test|dev|heldout|held-out)(?=[-_./]|$)")
_FEWEST_EMPTY = 10
"""Empty ones among the first records from which on they may be lines, as those of WikiText are."""

_FEW_FILES, _LARGE_BYTES = 10, 4_000_000
"""Files of a corpus, and the bytes of one, up to and from which on a file may hold many documents."""


@dataclass(frozen=True)
class FoundCorpus:
    """Files of a folder that make a corpus.

    Attributes:
        name: A name for it.
        format: What its files are, a name of FORMATS.
        files: Their paths, relative to the folder.
        patterns: Paths and globs that match these files and no others, relative to the folder.
        num_bytes: Of the files on disk.
        keys: Keys of the format that differ from their defaults.
        remarks: What is wrong with its text, and what to do.
    """

    name: str
    format: str
    files: tuple[str, ...]
    patterns: tuple[str, ...]
    num_bytes: int
    keys: dict[str, str | bool] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


class _Group(NamedTuple):
    """What the files of one corpus have in common.

    Attributes:
        top: The folder that they are in, "" for the folder itself.
        kind: A name of FORMATS.
        encoding: Of texts that are not UTF-8.
        language: The code of a language that their names end in, "" for none.
    """

    top: str
    kind: str
    encoding: str
    language: str


@dataclass(frozen=True)
class FoundFiles:
    """What a folder holds.

    Attributes:
        corpora: What can be read.
        left_out: Other files, by the reason.
    """

    corpora: tuple[FoundCorpus, ...]
    left_out: dict[str, list[str]]


def find_corpora(folder: str) -> FoundFiles:
    """Return the corpora in a folder: the files of one format in each of its own folders.

    Raises:
        ConfigError: The folder is not a local one, or holds no file that can be read.
    """
    if is_url(folder) or not os.path.isdir(folder):
        raise ConfigError(f"{folder} is no folder of this machine: give one that holds text files, or write the config")
    names, others = _list_files(folder)
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        alike[name.partition("/")[0] if "/" in name else "", ending_of(name)].append(name)
    groups: dict[_Group, list[str]] = defaultdict(list)
    left_out: dict[str, list[str]] = defaultdict(list, {NO_FILE: others} if others else {})
    for (top, _), members in alike.items():
        for name, (kind, encoding) in zip(members, _kinds(folder, members), strict=True):
            if kind in FORMATS:
                groups[_Group(top, kind, encoding, _language_of(name) if kind == "text" else "")].append(name)
            else:
                left_out[kind].append(name)
    for group in [group for group in groups if group.language]:
        plain = group._replace(language="")
        if len(groups.get(plain, ())) > len(groups[group]):  # a word, then, such as "no.txt"
            groups[plain] = sorted([*groups[plain], *groups.pop(group)])
    corpora = []
    for group in sorted(groups):
        try:
            corpora.append(_describe(folder, group, groups, names))
        except CorpusError as error:
            left_out[str(error)] += groups[group]
    if not corpora:
        seen = "; ".join(f"{members[0]}: {reason}" for reason, members in [*left_out.items()][:3]) or "no file"
        raise ConfigError(f"{folder} holds nothing that can be read: {seen}")
    return FoundFiles(tuple(corpora), dict(left_out))


def _list_files(folder: str) -> tuple[list[str], list[str]]:
    """Return what lies below a folder, by relative paths, without hidden ones, which no glob matches either.

    Returns:
        The files, and the pipes, sockets and devices.
    """
    root = os.path.abspath(folder)
    others: list[str] = []
    names = sorted(os.path.relpath(path, root) for path, _ in match_pattern("**", root, others))
    return names, sorted(os.path.relpath(path, root) for path in others)


def _language_of(name: str) -> str:
    """Return the code of a language that a file's name ends in or consists of, as where texts are translations.

    >>> _language_of("Europarl.de-en.de"), _language_of("cc/fr.txt.xz"), _language_of("a.txt"), _language_of("to")
    ('de', 'fr', '', '')
    """
    ending = ending_of(name)
    stem = os.path.basename(name).removesuffix(ending)
    for packed in PACKED:
        ending = ending.removesuffix(packed)
    code = ending[1:] if ending != ".txt" else stem
    return code if ending and code in lang.supported_langs() else ""


def _kinds(folder: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return a format and an encoding for each file, or why it cannot be read; of very many only some are looked at."""
    every = max(1, len(names) // MAX_HEADS)
    seen = {name: _kind(os.path.join(folder, name)) for name in names[::every]}
    usual = Counter(seen.values()).most_common(1)[0][0]
    return [seen.get(name, usual) for name in names]


def _kind(path: str) -> tuple[str, str]:
    try:
        path.encode()
        head = read_head(path)
    except UnicodeEncodeError:
        return "its name is no UTF-8, so no config can hold it: rename it", ""
    except CorpusError as error:
        return f"it cannot be read ({error})", ""
    if path.endswith("~"):
        return "it is what an editor keeps of an older version", ""
    if _COMPANION.fullmatch(os.path.basename(path)):
        return "it tells of other files, by its name: add it to `paths` if it is text of the corpus", ""
    if _CONFIG.search(head):
        return "it is a config of this program", ""
    found = recognise(head)
    if found is not None:
        what, hint = found
        hint = "wikiextractor" if hint == "jsonl" and _OF_WIKIEXTRACTOR.match(head) else hint
        return (hint, "") if hint in FORMATS else (f"it is {what}: {hint}", "")
    if not head.strip():
        return "it is empty", ""
    if b"\0" in head:
        what, hint = name_binary(path)
        return f"it is {what}: {hint}", ""
    if found := recognise_listing(path, head):
        return f"it is {found[0]}: {found[1]}", ""
    if what := recognise_companion(head):
        return f"it holds {what}, and no text", ""
    encoding = guess_encoding(head) if is_of_other_bytes(head) else ""
    is_book = _GUTENBERG.search(head[:4096]) or _BOOKCORPUS.match(os.path.basename(path))
    return ("books", "") if is_book else ("text", encoding)


def _make_name(text: str) -> str:
    """Return a corpus's name made of a folder's, with room for what may have to be added.

    >>> _make_name("_my books (old)"), _make_name("हिन्दी"), _make_name("??")
    ('my books _old', 'हिन्दी', 'corpus')
    """
    allowed = "".join(char if is_mark(char) or re.match(r"[\w .-]", char) else "/" for char in text)
    name = re.sub(r"^[\W_]+", "", re.sub("/+", "_", allowed)).strip("_ ")
    return name.encode()[: MAX_NAME_BYTES - 50].decode(errors="ignore") or "corpus"


def _describe(folder: str, group: _Group, groups: dict[_Group, list[str]], names: Sequence[str]) -> FoundCorpus:
    """Return the corpus that a group of files makes.

    Raises:
        CorpusError: They hold no text after all; the message says what they hold.
    """
    files = groups[group]
    name = _make_name(group.top or os.path.basename(os.path.abspath(folder)))
    beside = [other for other in groups if other.top == group.top and other != group]
    if any(other[1:3] != group[1:3] for other in beside):
        name = "-".join(filter(None, [name, group.kind, group.encoding]))
    if group.language and any(other.language != group.language for other in beside):
        name = f"{name}-{group.language}"
    paths = [os.path.join(folder, file) for file in files]
    sizes = [os.path.getsize(path) for path in paths]
    may_hold_many = len(files) <= _FEW_FILES or max(sizes) >= _LARGE_BYTES
    if group.kind == "text":
        paths.sort(key=os.path.getsize, reverse=True)  # the largest shows most
    head = read_head(paths[0]) if group.kind in ("text", "wikipedia") else b""
    read = {"jsonl": read_json, "parquet": read_rows}.get(group.kind)
    records = read(paths[0]) if read else []
    others = read(paths[-1]) if read and len(paths) > 1 else []
    keys = _keys(group.kind, head, records, others, may_hold_many)
    keys |= {"encoding": group.encoding} if group.encoding else {}
    remarks = (*_remarks(group.kind, head, records, keys), *_remark_held_out(files, names))
    return FoundCorpus(
        name, group.kind, tuple(files), find_patterns(group.top, files, names), sum(sizes), keys, remarks
    )


def _remarks(
    kind: str, head: bytes, records: Sequence[Mapping[str, Any]], keys: Mapping[str, str | bool]
) -> Iterator[str]:
    """Yield what is wrong with the text of a file, whose beginning or first records these are, and what to do."""
    if kind == "text" and has_headings(head):
        yield (
            "lines such as '= Boats =' are headings, as WikiText has them: they stay in the text, and each file is "
            "one document; the documentation of public corpora has a command that makes a document of each article"
        )
    if kind == "text" and keys.get("sentences") == "line" and is_shuffled(head.decode("utf-8", "replace")):
        yield f"its sentences {SEEM_SHUFFLED}"
    if kind in ("jsonl", "parquet"):
        name = str(keys.get("text_field", "text"))
        texts = [text for record in records if isinstance(text := look_up_field(record, name), str)]
        num_empty = sum(not text.strip() for text in texts)
        is_named = "id_field" in keys or "url_field" in keys
        if num_empty >= _FEWEST_EMPTY and not is_named and not any("\n" in text.strip() for text in texts):
            yield (
                "its records seem to be the lines of documents, many of them empty, and each would be a document: "
                "write the documents as records, or the lines one after the other as text"
            )
        if texts and all("\\n" in text and "\n" not in text for text in texts):
            mended = f""".{name} |= gsub("\\\\\\\\n"; "\\n")"""
            yield f"its lines end in a backslash and an n: make line ends of them, as `jq -c '{mended}'` does"


def _remark_held_out(files: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Yield which files of a corpus are for measuring, where others are called after training."""
    held_out = [name for name in files if _HELD_OUT.search(name)]
    if held_out and any("train" in name for name in names):
        more = f", and {len(held_out) - 1:,} more are" if held_out[1:] else ""
        yield f"{held_out[0]} is for measuring, by its name{more}: leave out of `paths` what you measure on"


def _keys(
    kind: str,
    head: bytes,
    records: Sequence[Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]],
    may_hold_many: bool,
) -> dict[str, str | bool]:
    """Return the keys of a format that its files need.

    Args:
        kind: A name of FORMATS.
        head: The beginning of a file, if it is text.
        records: Some of a file, if it has records.
        others: Some of another file.
        may_hold_many: A file may hold many documents.

    Raises:
        CorpusError: Their records hold no text.
    """
    if kind == "text":
        return {**find_layout(head, may_hold_many)}
    if kind == "wikipedia" and b"<sitename>Wiktionary" in head:
        return {"lists": True}  # what words mean stands in lists
    if kind in ("jsonl", "parquet"):
        keys = choose_fields(records, others)
        texts = [look_up_field(record, keys.get("text_field", "text")) for record in records]
        wrapped = is_wrapped("\n\n".join(text.strip() for text in texts if isinstance(text, str)))
        return {**keys, **({"paragraphs": "blank-line"} if wrapped else {})}
    return {}
