"""Documents that take too long are given up on engines, too, whose workers serve bundles in threads."""

import json
from collections.abc import Callable
from pathlib import Path

from engines.clusters import Engine
from engines.conftest import RunOn

from xlnet_data.datasets.manifests import read_manifest

SLOW = """
from xlnet_data.corpora import jsonl

parse = jsonl._parse_line

def parse_slowly(unread, line, *rest):
    while b"takes too long" in line:
        pass
    return parse(unread, line, *rest)

jsonl._parse_line = parse_slowly
"""


def test_a_document_that_takes_too_long_is_malformed_on_an_engine(
    tmp_path: Path, job_service: Engine, run_on: RunOn, small_model: Path, invent: Callable[..., str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    texts = [invent(number, 16) for number in range(30)]
    lines = [json.dumps({"text": text}) for text in (*texts, "This takes too long.")]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    config = tmp_path / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = {json.dumps(str(small_model))}\n[[corpora]]\nname = "c"\nformat = "jsonl"\n'
        'paths = ["a.jsonl"]\nmax_document_secs = 1\n[examples]\nseq_len = 64\nreuse_len = 32\n'
        "[lanes]\nlane_tokens = 4096\n"
    )
    run = run_on(job_service, config, tmp_path / "dataset", environment={"PYTHONPATH": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    (corpus,) = read_manifest(str(tmp_path / "dataset")).corpora.values()
    assert (corpus.documents_kept, corpus.documents_dropped) == (30, {"malformed": 1})
    assert corpus.notes == {"too_slow": 1}
