"""Reads a config file: TOML in, a BuildConfig out, and an error that names what is wrong in it."""

import dataclasses
import json
import os
import tomllib
import types
import typing
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from xlnet_data.checks import check_keys, describe_unknown, find_near
from xlnet_data.config import WEB_FORMATS, BuildConfig, CorpusConfig, OutputSettings
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import ConfigError
from xlnet_data.examples.lanes import LaneSettings
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.files.locations import locate
from xlnet_data.filters.duplicates import DeduplicationSettings
from xlnet_data.filters.presets import filter_settings
from xlnet_data.text.settings import TokenizerSettings

T = TypeVar("T")

MAX_BYTES = 10_000_000
"""Bytes of a config at most; a corpus that is named in its place is not read to its end."""

_KINDS: dict[Any, str] = {
    str: "text", int: "a whole number", float: "a number", bool: "true or false", tuple: "a list"
}  # fmt: skip
_SECTIONS = {
    "tokenizer": TokenizerSettings,
    "examples": ExampleSettings,
    "lanes": LaneSettings,
    "deduplication": DeduplicationSettings,
    "output": OutputSettings,
}
_CORPUS_KEYS = tuple(item.name for item in dataclasses.fields(CorpusConfig) if item.name != "settings")
_HOMES = {item.name: name for name, section in _SECTIONS.items() for item in dataclasses.fields(section)}
"""By key: the section that it belongs to."""


def load_config(path: str) -> BuildConfig:
    """Read a config file.

    Raises:
        ConfigError: The file cannot be read, is not TOML, or holds an unknown key or a value out of range.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ConfigError(f"{path} is no config: it has more than {MAX_BYTES:,} bytes; name the TOML file")
        table = tomllib.loads(text.decode("utf-8-sig"))  # some editors begin a file with a mark
    except OSError as error:
        raise ConfigError(f"cannot read the config {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no TOML, which is UTF-8: {error}; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # of TOML, of numbers and nests beyond all limits
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    try:
        return parse_config(table, os.path.dirname(os.path.abspath(path)))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_config(table: Mapping[str, Any], base_dir: str) -> BuildConfig:
    """Return the config that a TOML table describes.

    Raises:
        ConfigError: An unknown key (the nearest one is named), a wrong type or a value out of range.
    """
    _check_keys(table, ["seed", "corpora", *_SECTIONS], "the config")
    values: dict[str, Any] = {
        name: _parse_section(section, table.get(name, {}), f"[{name}]") for name, section in _SECTIONS.items()
    }
    corpora = table.get("corpora")
    if isinstance(corpora, dict) and corpora:
        raise ConfigError("corpora is a list of sections: write [[corpora]], not [corpora]")
    if not isinstance(corpora, list) or not corpora or not all(isinstance(corpus, dict) for corpus in corpora):
        raise ConfigError("the config needs at least one [[corpora]] section with name, format and paths")
    parsed = tuple(_parse_corpus(corpus, base_dir) for corpus in corpora)
    names = [unicodedata.normalize("NFC", corpus.name) for corpus in parsed]  # two forms of one name look alike
    if len(set(names)) < len(names):
        raise ConfigError(f"two corpora have the same name: got {', '.join(names)}")
    seed = _convert(table.get("seed", 0), int, "seed")
    return BuildConfig(corpora=parsed, seed=seed, base_dir=base_dir, **values)


def _parse_corpus(table: Mapping[str, Any], base_dir: str) -> CorpusConfig:
    name = table.get("name", "?")
    where = f"[[corpora]] {name!r}"
    for key in ("name", "format", "paths"):
        if key not in table:
            near = find_near(key, [other for other in table if other not in _CORPUS_KEYS])
            raise ConfigError(f"{where} needs the key {key!r}" + (f": is it meant by {near!r}?" if near else ""))
    if table["format"] not in tuple(FORMATS):  # what is no text may have no hash
        raise ConfigError(describe_unknown("format", str(table["format"]), list(FORMATS)) + f", in {where}")
    form = FORMATS[table["format"]]
    own = [item.name for item in dataclasses.fields(form.settings)]
    _check_keys(table, [*_CORPUS_KEYS, *own], where)
    settings = _parse_section(form.settings, {key: table[key] for key in own if key in table}, where)
    for key in form.path_settings:
        paths = tuple(locate(path, base_dir) for path in getattr(settings, key))
        settings = dataclasses.replace(settings, **{key: paths})
    default = "web" if table["format"] in WEB_FORMATS else "none"
    filters = filter_settings(table.get("filters", default), default)
    values = {key: table[key] for key in _CORPUS_KEYS if key in table and key != "filters"}
    return _parse_section(CorpusConfig, values, where, settings=settings, filters=filters)


def _parse_section(section: type[T], table: Any, where: str, **ready: Any) -> T:
    """Return the dataclass that a table describes; ``ready`` holds fields that are already converted."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} must be a table of keys: got {table!r}")
    hints = typing.get_type_hints(section)
    fields = [item.name for item in dataclasses.fields(section)]  # type: ignore[arg-type]
    _check_keys(table, fields, where)
    values = {key: _convert(value, hints[key], f"{key} in {where}") for key, value in table.items()}
    return section(**values, **ready)


def _check_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Check that a table has no key that it may not have, and name the right section of one that stands in a wrong one.

    Raises:
        ConfigError: It has one.
    """
    for key in table:
        if key in known:
            continue
        if key in _HOMES:
            raise ConfigError(f"{key!r} is a key of [{_HOMES[key]}]: write it there, not in {where}")
        if key in _CORPUS_KEYS:
            section = f"[corpora.{key}]" if isinstance(table[key], dict) else f"{key} = ..."
            raise ConfigError(f"{key!r} is a key of a corpus: write {section} in a [[corpora]] section")
        if key == "seed":
            raise ConfigError(f"'seed' belongs to no section: write it above all of them, not in {where}")
    check_keys(table, known, where)


def _convert(value: Any, hint: Any, where: str) -> Any:
    """Return a TOML value as the type that a field's annotation names."""
    choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for choice in choices:
        if choice is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if typing.get_origin(choice) is tuple and isinstance(value, list):
            return tuple(_convert(item, typing.get_args(choice)[0], where) for item in value)
        if isinstance(choice, type) and isinstance(value, choice) and (choice is bool or not isinstance(value, bool)):
            return value
    kinds = " or ".join(_KINDS[typing.get_origin(choice) or choice] for choice in choices if choice is not type(None))
    hint = f"; write [{json.dumps(value)}]" if kinds == "a list" and isinstance(value, str) else ""
    raise ConfigError(f"{where} must be {kinds}: got {value!r}{hint}")
