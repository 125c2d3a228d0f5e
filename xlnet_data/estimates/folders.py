"""Finds the corpora in a folder: groups its files by what they hold, judged by their first kilobytes."""

import io
import json
import os
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa
from pyarrow import parquet

from xlnet_data.config import MAX_NAME_BYTES, is_mark
from xlnet_data.corpora import FORMATS
from xlnet_data.corpora.encodings import guess_encoding, is_of_other_bytes
from xlnet_data.corpora.recognition import read_head, recognise
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files.locations import match_pattern
from xlnet_data.files.stores import is_url

MAX_HEADS = 500
"""Files of a folder with the same ending whose first bytes are read; the others are taken for what most of them are."""

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
_GUTENBERG = re.compile(rb"Project Gutenberg", re.IGNORECASE)
_CONFIG = re.compile(rb"^\[\[corpora\]\]", re.MULTILINE)
_ID_FIELDS = ("id", "doc_id", "url", "title")
_END_MARKS = tuple(".!?:;\"'”’»…。！？।)")
_WRAPPED_CHARS = (40, 100)  # of a line in a text that was wrapped by hand


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
    """

    name: str
    format: str
    files: tuple[str, ...]
    patterns: tuple[str, ...]
    num_bytes: int
    keys: dict[str, str] = field(default_factory=dict)


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
    names = sorted(_list_files(folder))
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        alike[name.partition("/")[0] if "/" in name else "", _ending(name)].append(name)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    left_out: dict[str, list[str]] = defaultdict(list)
    for (top, _), members in alike.items():
        for name, (kind, encoding) in zip(members, _kinds(folder, members), strict=True):
            if kind in FORMATS:
                groups[top, kind, encoding].append(name)
            else:
                left_out[kind].append(name)
    if not groups:
        seen = "; ".join(f"{members[0]}: {reason}" for reason, members in [*left_out.items()][:3]) or "no file"
        raise ConfigError(f"{folder} holds nothing that can be read: {seen}")
    corpora = [_describe(folder, top, kind, encoding, groups, names) for top, kind, encoding in sorted(groups)]
    return FoundFiles(tuple(corpora), dict(left_out))


def _list_files(folder: str) -> Iterator[str]:
    """Yield the files below a folder by their relative paths, without hidden ones, which no glob matches either."""
    root = os.path.abspath(folder)
    for path, _ in match_pattern("**", root):
        yield os.path.relpath(path, root)


def _ending(name: str) -> str:
    """Return a file's ending, with that of its compression.

    >>> _ending("a/b.txt.gz"), _ending("wiki_00"), _ending("a.warc.wet.gz")
    ('.txt.gz', '', '.wet.gz')
    """
    stem, last = os.path.splitext(os.path.basename(name))
    return os.path.splitext(stem)[1] + last if last in _PACKED else last


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
    if _CONFIG.search(head):
        return "it is a config of this program", ""
    found = recognise(head)
    if found is not None:
        what, hint = found
        return (hint, "") if hint in FORMATS else (f"it is {what}: {hint}", "")
    if not head.strip():
        return "it is empty", ""
    if b"\0" in head:
        return "it is no text", ""
    encoding = guess_encoding(head) if is_of_other_bytes(head) else ""
    return ("books", "") if _GUTENBERG.search(head[:4096]) else ("text", encoding)


def _make_name(text: str) -> str:
    """Return a corpus's name made of a folder's, with room for what may have to be added.

    >>> _make_name("_my books (old)"), _make_name("हिन्दी"), _make_name("??")
    ('my books _old', 'हिन्दी', 'corpus')
    """
    allowed = "".join(char if is_mark(char) or re.match(r"[\w .-]", char) else "/" for char in text)
    name = re.sub(r"^[\W_]+", "", re.sub("/+", "_", allowed)).strip("_ ")
    return name.encode()[: MAX_NAME_BYTES - 50].decode(errors="ignore") or "corpus"


def _describe(
    folder: str,
    top: str,
    kind: str,
    encoding: str,
    groups: dict[tuple[str, str, str], list[str]],
    names: Sequence[str],
) -> FoundCorpus:
    files = groups[top, kind, encoding]
    others = [key for key in groups if key[0] == top and key != (top, kind, encoding)]
    name = _make_name(top or os.path.basename(os.path.abspath(folder)))
    if others:
        name = "-".join([name, kind, *([encoding] if encoding else [])])
    keys = _keys(os.path.join(folder, files[0]), kind) | ({"encoding": encoding} if encoding else {})
    sizes = (os.path.getsize(os.path.join(folder, file)) for file in files)
    return FoundCorpus(name, kind, tuple(files), _patterns(top, files, names), sum(sizes), keys)


def _patterns(top: str, files: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return globs by ending where they match no other file, else the files themselves."""
    found: list[str] = []
    for ending in sorted({_ending(name) for name in files}):
        mine = [name for name in files if _ending(name) == ending]
        begin = f"{top}/" if top else ""
        matched = [name for name in names if name.startswith(begin) and name.endswith(ending)]
        is_flat = all(name.count("/") == begin.count("/") for name in matched)
        if matched == mine and len(mine) > 1 and not re.search(r"[*?\[]", begin + ending):
            found.append(f"{begin}{'' if is_flat else '**/'}*{ending}")
        else:
            found += mine
    return tuple(found)


def _keys(path: str, kind: str) -> dict[str, str]:
    """Return the keys of a format that a file of it needs."""
    if kind == "text":
        return {"paragraphs": "blank-line"} if _is_wrapped(read_head(path)) else {}
    if kind == "jsonl":
        record = json.loads(read_head(path).decode("utf-8-sig", "replace").split("\n", 1)[0])
        texts = {str(name): value for name, value in record.items() if isinstance(value, str)}
        return _fields(texts, [str(name) for name in record])
    if kind == "parquet":
        with parquet.ParquetFile(path) as file:
            columns = [column.name for column in file.schema_arrow if _is_text(column.type)]
            first = next(file.iter_batches(16, columns=columns), None)
            rows = first.to_pylist() if first is not None else []
            lengths = {name: max((row[name] or "" for row in rows), key=len, default="") for name in columns}
            return _fields(lengths, file.schema_arrow.names)
    return {}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _fields(texts: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return which fields hold text and id: "text", or the field of the longest; and the first that names a document.

    >>> _fields({"url": "http://a", "body": "Once upon a time"}, ["url", "body"])
    {'text_field': 'body', 'id_field': 'url'}
    """
    longest = max(texts, key=lambda name: len(texts[name]), default="text")
    chosen = {} if "text" in texts else {"text_field": longest}
    ids = [name for name in _ID_FIELDS if name in names and name != chosen.get("text_field", "text")]
    return chosen | ({"id_field": ids[0]} if ids else {})


def _is_wrapped(head: bytes) -> bool:
    """Return whether a text's lines were broken by hand: of one length, and most end in the middle of a sentence."""
    lines = [line.strip() for line in io.StringIO(head.decode("utf-8", "replace"))]
    inner = [line for line, after in pairwise(lines) if line and after]
    if len(inner) < 8 or "" not in lines:
        return False
    least, most = _WRAPPED_CHARS
    num_open = sum(not line.endswith(_END_MARKS) for line in inner)
    is_narrow = least <= statistics.median(map(len, inner)) and statistics.quantiles(map(len, inner), n=20)[-1] <= most
    return is_narrow and num_open > 0.6 * len(inner)
