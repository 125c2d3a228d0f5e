"""The parts of the README that are made from the code, so that they cannot disagree with it."""

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
from xlnet_data.schemas.example import example_schema

ROOT = Path(__file__).parents[1]
HELP_COLUMNS = 100


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
    """Return what `--help` says of every command."""
    parts = []
    for name in sorted(main.commands):
        shown = CliRunner().invoke(main, [name, "--help"], prog_name="xlnet-data", terminal_width=HELP_COLUMNS)
        assert shown.exit_code == 0, shown.output
        parts.append(f"#### `{name}`\n\n{_block(shown.output.rstrip(), 'text')}")
    return "\n\n".join(parts)


def config_reference() -> str:
    """Return the config's keys, section by section."""
    parts = []
    for field in dataclasses.fields(BuildConfig):
        if dataclasses.is_dataclass(field.default_factory):
            parts.append(f"#### `[{field.name}]`\n\n{_settings_table(field.default_factory)}")
    corpora = _settings_table(CorpusConfig, without=("settings",))
    return "\n\n".join([*parts, f"#### `[[corpora]]`\n\n{corpora}"])


def format_reference() -> str:
    """Return the corpus formats, and the keys that each takes beyond the common ones."""
    rows = [(f"`{name}`", _summary(form.read.__module__)) for name, form in FORMATS.items()]
    parts = [_table(("format", "reads"), rows)]
    classes: dict[Any, list[str]] = {}
    for name, form in FORMATS.items():
        classes.setdefault(form.settings, []).append(f"`{name}`")
    for settings, names in classes.items():
        if dataclasses.fields(settings):
            parts.append(f"{', '.join(names)} also take{'s' if len(names) == 1 else ''}\n\n{_settings_table(settings)}")
    return "\n\n".join(parts)


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
    """Return the columns of a shard, as the schema and its docstring have them."""
    text = inspect.getdoc(example_schema) or ""
    meanings = {
        name: " ".join(meaning.split()) for name, meaning in re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.M)
    }
    rows = []
    for field in example_schema(seq_len=512, num_targets=85, vocab_size=32_000):
        kind = str(field.type).replace("fixed_size_list<item: uint16>", "uint16 ")
        kind = kind.replace("[512]", "[seq_len]").replace("[88]", "[num_targets + 3]")
        rows.append((f"`{field.name}`", kind, meanings[field.name]))
    return _table(("column", "type", "meaning"), rows)


def field_docs(settings: Any) -> dict[str, str]:
    """Return what each field of a dataclass means, as the string under it says."""
    docs = {}
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
