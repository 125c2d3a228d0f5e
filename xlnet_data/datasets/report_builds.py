"""Shows of a build what a report ends with: how long its stages took, and the config that repeats it."""

import json

from xlnet_data.datasets.config_texts import config_to_toml
from xlnet_data.datasets.manifest_checks import read_config
from xlnet_data.datasets.pages import escape_text
from xlnet_data.datasets.report_tables import SHARE, share_of, table_of
from xlnet_data.schemas.manifest import BuildTimes, Manifest
from xlnet_data.showing import number_of


def build_times(times: BuildTimes | None) -> str:
    """Return how long the stages took; nothing where nobody wrote it down."""
    if times is None:
        return ""
    stages = (("vocabulary", times.vocabulary_secs), ("reading", times.read_secs), ("writing", times.write_secs))
    shares = [(name, secs, secs / max(times.wall_secs, 1e-9)) for name, secs in stages if secs is not None]
    rows = [(name, f"{secs:,.1f}", share_of(share, share)) for name, secs, share in shares]
    workers = "" if times.workers is None else f", with {number_of(times.workers, 'worker')}"
    said = f"<p>{times.wall_secs:,.1f} seconds in all{workers}.</p>"
    return said + table_of(("stage", "seconds", SHARE), rows)


def build_settings(manifest: Manifest) -> str:
    """Return the config without what is the default, and the versions of what built the dataset."""
    config = read_config(manifest.config, [])
    text = json.dumps(manifest.config, indent=2) if config is None else config_to_toml(config)
    rows = [(escape_text(name), escape_text(version)) for name, version in manifest.versions.items()]
    rows += [
        ("vocabulary", f"{manifest.tokenizer.vocab_size:,} pieces"),
        ("fingerprint", escape_text(manifest.fingerprint)),
    ]
    said = '<p class="muted">What is not there has its default.</p>'
    return f"<pre>{escape_text(text.strip())}</pre>{said}{table_of(('what', 'value'), rows, is_text=True)}"
