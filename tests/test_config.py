"""The config: every key checked, every error told with key and value, a fingerprint of what decides the bytes."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from xlnet_data.config import BuildConfig, tolerances, without_tolerance
from xlnet_data.config_files import load_config, parse_config
from xlnet_data.errors import ConfigError

CORPUS: dict[str, Any] = {"name": "books", "format": "text", "paths": ["a.txt"]}


def parse(corpus: dict[str, Any] | None = None, **sections: Any) -> BuildConfig:
    return parse_config({"corpora": [CORPUS | (corpus or {})]} | sections, "/data")


def test_every_key_of_the_stated_config_is_understood_and_the_defaults_are_the_stated_ones(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        """
        seed = 0
        [tokenizer]
        vocab_size = 32000
        lowercase = false
        keep_accents = false
        [[corpora]]
        name = "books"
        format = "books"
        paths = ["books/*.txt"]
        language = "en"
        epochs = 1.0
        [examples]
        seq_len = 512
        reuse_len = 256
        k = 6
        max_span = 5
        spans = true
        whole_words = false
        pairs = true
        bidirectional = true
        recipe = "paper"
        [lanes]
        lane_tokens = 1048576
        [output]
        dev_frac = 0.005
        """
    )
    short = {"corpora": [{"name": "books", "format": "books", "paths": ["books/*.txt"]}]}
    assert load_config(str(path)) == parse_config(short, str(tmp_path))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"sed": 1}, r"unknown key 'sed': did you mean 'seed'\?, in the config"),
        ({"examples": {"reuse_length": 1}}, r"unknown key 'reuse_length': did you mean 'reuse_len'\?, in \[examples\]"),
        ({"example": {}}, r"unknown key 'example': did you mean 'examples'\?"),
        ({"tokenizer": {"vocab": 1}}, r"unknown key 'vocab': did you mean 'vocab_size'\?, in \[tokenizer\]"),
        ({"lanes": {"zzz": 1}}, r"unknown key 'zzz': known are lane_tokens, in \[lanes\]"),
        ({"output": {"devfrac": 1}}, r"unknown key 'devfrac': did you mean 'dev_frac'\?, in \[output\]"),
        ({"examples": {"seq_len": "512"}}, r"seq_len in \[examples\] must be a whole number: got '512'"),
        ({"examples": {"seq_len": True}}, r"seq_len in \[examples\] must be a whole number: got True"),
        ({"examples": {"seq_len": 512.0}}, r"seq_len in \[examples\] must be a whole number: got 512\.0"),
        ({"examples": {"spans": 1}}, r"spans in \[examples\] must be true or false: got 1"),
        ({"examples": {"k": "6"}}, r"k in \[examples\] must be a number: got '6'"),
        ({"corpora": [CORPUS | {"language": "english"}]}, "unknown language 'english': give its code of two or three"),
        ({"corpora": [CORPUS | {"language": "eng"}]}, "unknown language 'eng': give its code of two letters, 'en'"),
        ({"examples": 3}, r"\[examples\] must be a table of keys: got 3"),
        (
            {"filters": {"min_words": 3}},
            r"'filters' is a key of a corpus: write \[corpora.filters\] in a \[\[corpora\]\]",
        ),
        ({"epochs": 2}, r"'epochs' is a key of a corpus: write epochs = ... in a \[\[corpora\]\] section"),
        ({"seed": 1.5}, r"seed must be a whole number: got 1\.5"),
        ({"output": {"dev_frac": 1.0}}, r"dev_frac must be at least 0 and below 1: got dev_frac=1\.0"),
        ({"output": {"shard_bytes": 10}}, r"shard_bytes must be at least 1,000,000: got shard_bytes=10"),
        (
            {"output": {"compression": "zst"}},
            r"compression must be 'none' or 'lz4' or 'zstd': got 'zst', did you mean 'zstd'\?",
        ),
        ({"deduplication": {"ngram": 3}}, "deduplication: ngram is of near-duplicates alone: set near = true"),
        ({"examples": {"SEQ_LEN": 8}}, r"unknown key 'SEQ_LEN': did you mean 'seq_len'\?, in \[examples\]"),
        ({"seed": 10**30}, r"seed must be between -2\^63 and 2\^63: got 10{30}"),
        (
            {"output": {"shard_bytes": 2**63}},
            r"output\.shard_bytes must be between -2\^63 and 2\^63: got 9223372036854775808",
        ),
        ({"examples": {"k": 1.005}}, r"k is too small: k=1\.005 asks for 254 targets among the 253 tokens"),
    ],
)
def test_a_key_or_value_that_is_wrong_is_named(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(**table)


@pytest.mark.parametrize("name", ["हिन्दी", "ไทยคำ", "a__b_", "2 books.v1-x", "語" * 50])
def test_a_corpus_may_have_a_name_in_any_script(name: str) -> None:
    assert parse({"name": name}).corpora[0].name == name


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ({"path": ["a"]}, r"unknown key 'path': did you mean 'paths'\?, in \[\[corpora\]\] 'books'"),
        ({"paths": "a.txt"}, r"paths in \[\[corpora\]\] 'books' must be a list: got .a.txt.; write ..a.txt.."),
        ({"paths": []}, r"corpus 'books' needs at least one entry in paths"),
        ({"paths": [1]}, r"paths in \[\[corpora\]\] 'books' must be text: got 1"),
        ({"format": "book"}, r"unknown format 'book': did you mean 'books'\?, in \[\[corpora\]\] 'books'"),
        ({"format": ["text"]}, r"unknown format ..'text'..: did you mean 'text'\?, in \[\[corpora\]\] 'books'"),
        ({"name": ""}, r"a corpus needs a name"),
        ({"name": "\u0301a"}, r"a corpus needs a name"),
        ({"name": 51 * "語"}, r"a corpus's name may have 150 bytes of UTF-8, as files are named after it: got 153"),
        (
            {"max_document_secs": float("inf")},
            r"corpora\[0\]\.max_document_secs must be between -2\^63 and 2\^63: got inf",
        ),
        ({"filters": {"bad_words": [1]}}, r"filters: bad_words must be a list of strings: got \[1\]"),
        ({"epochs": 0}, r"epochs must be above 0 and at most 1000: got epochs=0\.0 in 'books'"),
        ({"epochs": 1e6}, r"epochs must be above 0"),
        ({"on_error": "ignore"}, r"on_error must be 'error' or 'skip': got 'ignore'"),
        ({"on_truncated": "skip"}, r"on_truncated must be 'error' or 'keep': got 'skip'"),
        ({"max_malformed_frac": 2}, r"max_malformed_frac must be between 0 and 1: got 2"),
        ({"text_field": "body"}, r"unknown key 'text_field'"),  # of another format
    ],
)
def test_a_wrong_corpus_is_named(corpus: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(corpus)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seq_len = 64\n{corpus}", r"'seq_len' is a key of \[examples\]: write it there, not in the config"),
        (
            "{corpus}\nlowercase = true",
            r"'lowercase' is a key of \[tokenizer\]: write it there, not in \[\[corpora\]\]",
        ),
        ("{corpus}\n[output]\nlane_tokens = 8192", r"'lane_tokens' is a key of \[lanes\].* not in \[output\]"),
        (
            "{corpus}\n[tokenizer]\nlanguage = 'de'",
            r"'language' is a key of a corpus: write language = ... in a \[\[cor",
        ),
        ("{corpus}\nseed = 1", r"'seed' belongs to no section: write it above all of them, not in \[\[corpora\]\] 'a'"),
    ],
)
def test_a_key_in_the_wrong_section_is_told_where_it_belongs(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text.format(corpus="[[corpora]]\nname = 'a'\nformat = 'text'\npaths = ['a.txt']"))
    with pytest.raises(ConfigError, match=message):
        load_config(str(path))


@pytest.mark.parametrize("value", ["[" * 3000 + "]" * 3000, "9" * 5000])
def test_values_beyond_what_toml_readers_bear_are_errors_of_the_config(tmp_path: Path, value: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"seed = {value}\n")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_config(str(path))


@pytest.mark.parametrize("missing", ["name", "format", "paths"])
def test_a_corpus_without_a_needed_key_is_named(missing: str) -> None:
    corpus = {key: value for key, value in CORPUS.items() if key != missing}
    with pytest.raises(ConfigError, match=f"needs the key '{missing}'"):
        parse_config({"corpora": [corpus]}, ".")


def test_a_needed_key_that_is_misspelt_is_named_and_so_is_a_section_in_single_brackets() -> None:
    corpus = {"name": "a", "format": "text", "path": ["a"]}
    with pytest.raises(ConfigError, match="needs the key 'paths': is it meant by 'path'"):
        parse_config({"corpora": [corpus]}, ".")
    with pytest.raises(ConfigError, match=r"write \[\[corpora\]\], not \[corpora\]"):
        parse_config({"corpora": corpus}, ".")


@pytest.mark.parametrize("corpora", [None, [], {}, "books", [1]])
def test_a_config_without_corpora_is_refused(corpora: Any) -> None:
    table = {} if corpora is None else {"corpora": corpora}
    with pytest.raises(ConfigError, match=r"needs at least one \[\[corpora\]\] section"):
        parse_config(table, ".")


def test_two_corpora_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="two corpora have the same name: got books, books"):
        parse_config({"corpora": [CORPUS, CORPUS]}, ".")
    composed, apart = ({"name": unicodedata.normalize(form, "각")} for form in ("NFC", "NFD"))
    with pytest.raises(ConfigError, match="two corpora have the same name"):
        parse_config({"corpora": [CORPUS | composed, CORPUS | apart]}, ".")


def test_a_corpus_that_is_named_in_place_of_the_config_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "dump.xml").write_bytes(bytes(10_000_001))
    with pytest.raises(ConfigError, match=r"dump\.xml is no config: it has more than 10,000,000 bytes"):
        load_config(str(tmp_path / "dump.xml"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed = ", "is not valid TOML"),
        (b"\xff\xfea\0", "is no TOML, which is UTF-8: .*; save it as UTF-8"),
        (None, "cannot read the config"),
    ],
)
def test_a_file_that_is_no_config_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(str(path))
    assert str(path) in str(caught.value)


def test_a_file_may_begin_with_a_byte_order_mark_and_have_lines_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'\xef\xbb\xbf[[corpora]]\r\nname = "a"\r\nformat = "text"\r\npaths = ["a"]\r\n')
    assert load_config(str(path)).corpora[0].name == "a"


def test_an_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a"]\n[examples]\nseq_len = 3\n')
    with pytest.raises(ConfigError, match=r"config\.toml: seq_len must be between 8 and 65,535: got seq_len=3"):
        load_config(str(path))


def test_where_the_files_lie_does_not_change_the_fingerprint_and_all_else_does() -> None:
    plain = parse()
    assert parse({"paths": ["elsewhere/b.txt"]}).fingerprint() == plain.fingerprint()
    assert parse(tokenizer={"model": "x.model"}).fingerprint() == plain.fingerprint()
    assert parse_config({"corpora": [CORPUS]}, "/other").fingerprint() == plain.fingerprint()
    others = [
        parse(seed=1),
        parse({"epochs": 2}),
        parse({"language": "de"}),
        parse({"sentences": "line"}),
        parse({"filters": "web"}),
        parse(tokenizer={"lowercase": True}),
        parse(examples={"k": 7}),
        parse(lanes={"lane_tokens": 2048}),
        parse(output={"dev_frac": 0.1}),
        parse(output={"compression": "zstd"}),
    ]
    fingerprints = {config.fingerprint() for config in [plain, *others]}
    assert len(fingerprints) == 1 + len(others)


def test_the_resolved_config_spells_out_every_default_and_no_folder_of_this_machine() -> None:
    resolved = parse().to_json()
    assert resolved["examples"]["max_span"] == 5
    assert resolved["corpora"][0]["settings"]["sentences"] == "split"
    assert "/data" not in str(resolved)


def test_an_unknown_corpus_is_named() -> None:
    assert parse().corpus("books").format == "text"
    with pytest.raises(ConfigError, match=r"unknown corpus 'book': did you mean 'books'\?"):
        parse().corpus("book")


def test_tolerance_and_time_limits_do_not_make_another_build() -> None:
    def config(**keys: object) -> BuildConfig:
        return parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["a.txt"], **keys}]}, ".")

    strict, tolerant, slow = config(), config(on_error="skip", on_truncated="keep"), config(max_document_secs=900)
    assert without_tolerance(tolerant).fingerprint() == strict.fingerprint() == slow.fingerprint()
    assert tolerant.fingerprint() != strict.fingerprint()
    assert (tolerances(strict), tolerances(tolerant)) == ([False, False], [True, True])


def test_lists_that_a_corpus_names_may_lie_in_a_store_or_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    lists = ["a.map", "~/b.map", "s3://bucket/c.map"]
    [corpus] = parse({"format": "gigaword", "bad_documents": lists}).corpora
    located = ("/home/ada/b.map", "s3://bucket/c.map")
    assert corpus.settings.bad_documents[1:] == located
