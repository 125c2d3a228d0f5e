"""Collect the English text that lies on every machine with this environment, and write it as corpora with a config.

Three corpora: what Python's own help says about the language, the docstrings of Python's and the installed packages'
modules, and the packages' readme and licence texts. Only prose is taken: no code, no tables, no lists of parameters.
"""

import ast
import hashlib
import importlib.metadata
import inspect
import json
import re
import sys
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from pydoc_data.topics import topics

MAX_CORPUS_CHARS = 5_000_000
"""Of each corpus, so that the demo takes no longer on a machine with many packages than on one with few."""

MAX_MODULE_BYTES = 500_000
"""Larger modules are tables and generated code."""

MIN_WORDS = 6
"""Of a paragraph; shorter ones are headings, labels and the like."""

CONFIG = """\
seed = 0

[tokenizer]
model = "spiece.model"
vocab_size = 8000

[lanes]
lane_tokens = 32768

[output]
dev_frac = 0.02
"""

CORPUS = """
[[corpora]]
name = "{name}"
format = "jsonl"
paths = ["corpus/{name}.jsonl"]
id_field = "id"
paragraphs = "blank-line"
"""

_FENCED = re.compile(r"^(```|~~~).*?^\1`*$", re.MULTILINE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_MARKUP = re.compile(
    r"<[^>\n]*>|!?\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])|:[a-z:]+:(?=`)|[*`]+_{0,2}|^#+ ", re.MULTILINE
)
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*[.,;:!?)\"'”’]*")
_NO_PROSE = re.compile(r"^(?:>>>|\.\. |\||[=\-~^*_+]{3}|:\w)|[{};]\s*$|::\s*$", re.MULTILINE)


def main(folder: Path) -> None:
    """Write the corpora and the config into a folder."""
    corpora = {"topics": read_topics(), "docstrings": read_docstrings(), "readmes": read_readmes()}
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    for name, documents in corpora.items():
        num_documents = num_chars = 0
        with open(folder / "corpus" / f"{name}.jsonl", "w", encoding="utf-8") as file:
            for doc_id, text in documents:
                if prose := new_prose(text, seen):
                    file.write(json.dumps({"id": doc_id, "text": prose}) + "\n")
                    num_documents, num_chars = num_documents + 1, num_chars + len(prose)
                if num_chars >= MAX_CORPUS_CHARS:
                    break
        print(f"{name}: {num_documents:,} documents, {num_chars / 1e6:.1f} MB")
    (folder / "config.toml").write_text(CONFIG + "".join(CORPUS.format(name=name) for name in corpora))


def read_topics() -> Iterator[tuple[str, str]]:
    """Yield what `help()` says about the language, by topic."""
    yield from sorted(topics.items())


def read_docstrings() -> Iterator[tuple[str, str]]:
    """Yield the docstrings of the modules of Python and of the installed packages; nothing is imported.

    Python's come first; the packages' modules come in the order of a hash, so that a part of them is a fair sample.
    """
    standard, installed = Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))
    skipped = {"site-packages", "test", "tests", "idlelib", "lib2to3", "_vendor"}
    for root in (standard, installed):
        names = [path.relative_to(root) for path in root.rglob("*.py")]
        for name in sorted(names, key=lambda name: hashlib.sha256(name.as_posix().encode()).digest()):
            if not skipped.intersection(name.parts) and (root / name).stat().st_size <= MAX_MODULE_BYTES:
                yield name.as_posix(), "\n\n".join(docstrings(root / name))


def docstrings(path: Path) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and their functions; none if it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes: list[ast.AST] = [ast.parse(path.read_bytes())]
    except (SyntaxError, ValueError, RecursionError):
        return
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
            nodes += [] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else node.body


def read_readmes() -> Iterator[tuple[str, str]]:
    """Yield the readme and licence texts of the installed packages."""
    found = {distribution.metadata["Name"]: distribution for distribution in importlib.metadata.distributions()}
    for name, distribution in sorted(found.items()):
        description = distribution.metadata.get_payload()  # type: ignore[attr-defined]
        yield f"{name}/readme", description if isinstance(description, str) else ""
        for file in sorted(distribution.files or []):
            if re.match(r"(licen[sc]e|copying|notice|authors|changelog|readme)", file.name, re.IGNORECASE):
                path = Path(str(file.locate()))
                if path.suffix.lower() in ("", ".txt", ".md", ".rst") and path.is_file():
                    yield f"{name}/{file}", path.read_text(encoding="utf-8", errors="ignore")


def new_prose(text: str, seen: set[str]) -> str:
    """Return the paragraphs of a text that are prose and were not seen before; they are from now on."""
    kept = []
    for block in _BLANK_LINES.split(_FENCED.sub("", inspect.cleandoc(text))):
        paragraph = _MARKUP.sub(lambda match: match[1] or "", inspect.cleandoc(block)).strip()
        if is_prose(paragraph) and paragraph not in seen:
            seen.add(paragraph)
            kept.append(paragraph)
    return "\n\n".join(kept)


def is_prose(paragraph: str) -> bool:
    """Return whether a paragraph reads as sentences: words for the most part, and an end mark.

    >>> is_prose("Return whether a paragraph reads as sentences."), is_prose("x = call(1, y=2)\\nreturn x + 1, y, 3.")
    (True, False)
    """
    words = paragraph.split()
    if len(words) < MIN_WORDS or paragraph[-1] not in ".:!?)\"'" or _NO_PROSE.search(paragraph):
        return False
    return share(words) >= 0.75


def share(words: Iterable[str]) -> float:
    """Return which share of the words is made of letters alone, but for punctuation at the end."""
    matches = [bool(_WORD.fullmatch(word)) for word in words]
    return sum(matches) / len(matches)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
