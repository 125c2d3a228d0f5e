"""Makes the tables of the documentation from the code, so that they cannot disagree with it."""

import ast
import dataclasses
import inspect
import itertools
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from xlnet_data.cli import main
from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.filters.presets import PRESETS
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, example_schema
from xlnet_data.schemas.manifest import (
    CorpusInfo,
    DroppedSample,
    DuplicateGroup,
    DuplicateGroups,
    Manifest,
    ShardInfo,
    SplitInfo,
    TokenizerInfo,
)

ROOT = Path(__file__).parents[1]
SECTIONS: dict[str, Any] = {
    field.name: field.default_factory
    for field in dataclasses.fields(BuildConfig)
    if dataclasses.is_dataclass(field.default_factory)
}
"""The config's sections that stand there once, by name."""
HELP_COLUMNS = 88
"""Of a command's help: what fits the column of text of a page."""


def file_map() -> str:
    """Return the source files as a tree, each with the first line of its docstring."""
    lines = []
    for folder in ("schemas", "xlnet_data", "pipelines"):
        for path in sorted(
            (ROOT / folder).rglob("*.py"), key=lambda path: (path.parent, path.name != "__init__.py", path)
        ):
            summary = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0]
            depth = len(path.relative_to(ROOT).parts)
            if path.name == "__init__.py":
                lines.append(f"{'  ' * (depth - 2)}{path.parent.name + '/':<{28 - 2 * depth}}  {summary}")
            else:
                lines.append(f"{'  ' * (depth - 1)}{path.stem:<{26 - 2 * depth}}  {summary}")
    return _block("\n".join(lines), "text")


def command_help() -> str:
    """Return a section for every command: what its `--help` says."""
    parts = []
    for name in sorted(main.commands):
        shown = CliRunner().invoke(main, [name, "--help"], prog_name="xlnet-data", terminal_width=HELP_COLUMNS)
        assert shown.exit_code == 0, shown.output
        parts.append(f"## `{name}`\n\n{_block(shown.output.rstrip(), 'text')}")
    return "\n\n".join(parts)


def config_reference() -> str:
    """Return the config's keys, section by section."""
    parts = [f"## The top\n\n{_settings_table(BuildConfig, without=('corpora', 'base_dir', 'check_ids', *SECTIONS))}"]
    parts += [f"## `[{name}]`\n\n{_settings_table(section)}" for name, section in SECTIONS.items()]
    corpora = _settings_table(CorpusConfig, without=("settings",))
    return "\n\n".join([*parts, f"## `[[corpora]]`\n\n{corpora}"])


def format_list() -> str:
    """Return the corpus formats, and what each reads."""
    rows = [(f"`{name}`", _summary(form.read.__module__)) for name, form in FORMATS.items()]
    return _table(("format", "reads"), rows)


def format_reference() -> str:
    """Return the keys that each format takes beyond the common ones."""
    names: dict[Any, list[str]] = {}
    for name, form in FORMATS.items():
        names.setdefault(form.settings, []).append(f"`{name}`")
    return "\n\n".join(
        f"## Keys of {' and '.join(titles)}\n\n{_settings_table(settings)}"
        for settings, titles in names.items()
        if dataclasses.fields(settings)
    )


def filter_reference() -> str:
    """Return every limit of the filters, beside its value in each preset."""
    meanings = field_docs(FilterSettings)
    rows = []
    for field in dataclasses.fields(FilterSettings):
        values = [_literal(getattr(preset, field.name)) for preset in PRESETS.values()]
        shown = [
            "" if value == values[0] and name != "none" else value for name, value in zip(PRESETS, values, strict=True)
        ]
        rows.append((f"`{field.name}`", meanings[field.name], *shown))
    return _table(("key", "meaning", *(f"`{name}`" for name in PRESETS)), rows)


def reason_reference() -> str:
    """Return why a document may be dropped, with what the source says beside each reason."""
    source = inspect.getsource(Reason)
    notes = dict(re.findall(r'= "(\w+)"(?:  # (.*))?', source))
    return _table(("reason", "meaning"), [(f"`{reason}`", notes[reason]) for reason in Reason])


def schema_reference() -> str:
    """Return the columns of a shard."""
    columns = example_schema(seq_len=512, num_targets=85, vocab_size=32_000)
    return _columns_table(columns, _named_lines(inspect.getdoc(example_schema) or ""))


def sidecar_reference() -> str:
    """Return the columns of a sidecar, with what the source says beside each."""
    source = inspect.getsource(sys.modules[example_schema.__module__])
    notes = dict(re.findall(r'pa\.field\("(\w+)", .*?\),  # (.*)', source))
    return _columns_table(DOCUMENTS_SCHEMA, notes)


def manifest_reference() -> str:
    """Return the manifest's fields, and those of the objects in it."""
    parts = []
    for title, record, meanings in (
        ("The top", Manifest, field_docs(Manifest)),
        ("`tokenizer`", TokenizerInfo, field_docs(TokenizerInfo)),
        ("`splits`: an object each", SplitInfo, field_docs(ShardInfo) | field_docs(SplitInfo)),
        ("`corpora`: an object each", CorpusInfo, field_docs(CorpusInfo)),
        ("`dropped_samples`: an object each", DroppedSample, field_docs(DroppedSample)),
        ("`duplicate_groups`", DuplicateGroups, field_docs(DuplicateGroups)),
        ("`largest`: an object each", DuplicateGroup, field_docs(DuplicateGroup)),
        ("`shards`: an object each", ShardInfo, field_docs(ShardInfo)),
    ):
        rows = [
            (f"`{field.name}`", _json_type(str(field.type)), meanings.get(field.name, ""))
            for field in dataclasses.fields(record)
        ]
        parts.append(f"## {title}\n\n{_table(('field', 'type', 'meaning'), rows)}")
    return "\n\n".join(parts)


def _columns_table(schema: Any, meanings: dict[str, str]) -> str:
    rows = []
    for field in schema:
        kind = str(field.type).replace("fixed_size_list<item: uint16>", "uint16 ")
        kind = kind.replace("[512]", "[seq_len]").replace("[88]", "[num_targets + 3]")
        rows.append((f"`{field.name}`", kind, meanings.get(field.name, "")))
    return _table(("column", "type", "meaning"), rows)


def _json_type(annotation: str) -> str:
    """Return what JSON calls a type.

    >>> _json_type("list[ShardInfo]"), _json_type("<class 'int'>"), _json_type("dict[str, int]")
    ('list of objects', 'number', 'object')
    """
    name = re.sub(r"<class '(?:.*\.)?(\w+)'>", r"\1", annotation)
    kinds = {"str": "text", "int": "number", "float": "number", "bool": "true or false"}
    if name.startswith("list["):
        return "list of texts" if name == "list[str]" else "list of objects"
    return kinds.get(name, "object")


def _named_lines(docstring: str) -> dict[str, str]:
    """Return the meanings in a docstring's list of names."""
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", docstring, re.M)
    return {name: " ".join(text.split()) for name, text in found}


def field_docs(settings: Any) -> dict[str, str]:
    """Return what each field of a dataclass means: the string under it, or its line in the docstring's Attributes."""
    docs = _named_lines(inspect.getdoc(settings) or "")
    body = ast.parse(textwrap.dedent(inspect.getsource(settings))).body[0].body  # type: ignore[attr-defined]
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            docs[field.target.id] = " ".join(str(text.value.value).split())  # type: ignore[union-attr]
    return docs


def _settings_table(settings: Any, without: tuple[str, ...] = ()) -> str:
    docs = field_docs(settings)
    rows = [
        (f"`{field.name}`", _default(field), docs.get(field.name, "").replace("; None: ", "; absent: "))
        for field in dataclasses.fields(settings)
        if field.name not in without
    ]
    return _table(("key", "default", "meaning"), rows)


def _default(field: "dataclasses.Field[Any]") -> str:
    """Return a field's default as TOML has it; nothing if it must be given or has a table of its own."""
    if field.default is not dataclasses.MISSING:
        return _literal(field.default)
    if field.default_factory is not dataclasses.MISSING and not dataclasses.is_dataclass(field.default_factory()):
        return _literal(field.default_factory())
    return "" if field.default_factory is not dataclasses.MISSING else "*required*"


def _literal(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        quoted = "'" if '"' in value else '"'
        return f"`{quoted}{value}{quoted}`"
    if isinstance(value, tuple | list):
        return f"`[{', '.join(_literal(item).strip('`') for item in value)}]`"
    return f"`{value:_}`" if isinstance(value, int) else f"`{value}`"


def _summary(module: str) -> str:
    return (sys.modules[module].__doc__ or "").strip().split("\n")[0]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    """Return a text as Markdown takes it in a table: `<eop>` outside of code would be an HTML tag."""
    parts = re.split(r"(`[^`]*`)", text.replace("``", "`").replace("|", "\\|"))
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in parts)


def _block(text: str, language: str) -> str:
    stripped = "\n".join(line.rstrip() for line in text.split("\n"))
    return f"```{language}\n{stripped}\n```"
