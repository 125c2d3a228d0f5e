"""Writes a config as TOML, without what is the default: what a reader of a dataset needs to build it again."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.filters.presets import PRESETS
from xlnet_data.filters.settings import FilterSettings


def config_to_toml(config: BuildConfig) -> str:
    """Return a config as TOML; what it leaves out is the default."""
    return "\n".join(_config_lines(config)).strip() + "\n"


def _config_lines(config: BuildConfig) -> Iterator[str]:
    if config.seed:
        yield f"seed = {config.seed}"
    for name in ("tokenizer", "examples", "lanes", "deduplication", "output"):
        section = getattr(config, name)
        changed = list(_changed(section, type(section)()))
        if changed:
            yield f"\n[{name}]"
            yield from (f"{key} = {_to_toml(value)}" for key, value in changed)
    for corpus in config.corpora:
        yield "\n[[corpora]]"
        yield from _corpus_lines(corpus)


def _corpus_lines(corpus: CorpusConfig) -> Iterator[str]:
    plain = CorpusConfig(corpus.name, corpus.format, corpus.paths)
    for key in ("name", "format", "paths"):
        yield f"{key} = {_to_toml(getattr(corpus, key))}"
    without = dataclasses.replace(corpus, filters=plain.filters, settings=None)
    yield from (f"{key} = {_to_toml(value)}" for key, value in _changed(without, plain))
    yield from (f"{key} = {_to_toml(value)}" for key, value in _changed(corpus.settings, type(corpus.settings)()))
    yield f"filters = {_filters_to_toml(corpus.filters)}"


def _filters_to_toml(filters: FilterSettings) -> str:
    """Return the preset that comes nearest, and what differs from it."""
    differences = {name: list(_changed(filters, preset)) for name, preset in PRESETS.items()}
    name = min(differences, key=lambda name: len(differences[name]))
    if not differences[name]:
        return json.dumps(name)
    table = [("preset", name), *differences[name]]
    return "{ " + ", ".join(f"{key} = {_to_toml(value)}" for key, value in table) + " }"


def _changed(settings: Any, default: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields whose value is not the default's; None is what a file leaves out."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value is not None and value != getattr(default, field.name):
            yield field.name, value


def _to_toml(value: Any) -> str:
    r"""Return a value as TOML: strings, numbers and lists are written as in JSON, but for what TOML has no escape for.

    >>> print(_to_toml(("a\x7f", "é")), _to_toml(True), _to_toml(1e-9))
    ["a\u007f", "é"] true 1e-09
    """
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_to_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
