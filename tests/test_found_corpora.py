"""What init makes of corpora as they are distributed: fields, layouts, languages, and what lies beside the texts."""

import gzip
import json
import os
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

import xlnet_data
from xlnet_data.errors import CorpusError
from xlnet_data.estimates.folders import FoundCorpus, find_corpora
from xlnet_data.estimates.record_fields import choose_fields
from xlnet_data.estimates.text_layouts import find_layout
from xlnet_data.files.ranges import list_files
from xlnet_data.text.shuffling import is_shuffled

TEXT = "The ferry leaves at six. Nobody waits on the pier."
UUID = "<urn:uuid:{}>"
URL = "https://example.org/{}"
PAGE = "<!DOCTYPE html>\n<html><body><p>{}</p></body></html>"

RECORDS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "C4": ({"text": TEXT, "timestamp": "2019-04-25T12:57:54Z", "url": URL}, {"id_field": "url"}),
    "OSCAR 23.01": (
        {
            "content": TEXT,
            "warc_headers": {"warc-record-id": UUID, "content-type": "text/plain", "warc-target-uri": URL},
            "metadata": {"identification": {"label": "en", "prob": 0.9}, "quality_warnings": None},
        },
        {
            "text_field": "content",
            "id_field": "warc_headers.warc-record-id",
            "url_field": "warc_headers.warc-target-uri",
        },
    ),
    "CCNet": (
        {"url": URL, "digest": "sha1:{}", "title": "Boats", "raw_content": TEXT, "cc_segment": "crawl-data/a.wet.gz"},
        {"text_field": "raw_content", "id_field": "url", "title_field": "title"},
    ),
    "The Pile": ({"text": TEXT, "meta": {"pile_set_name": "Pile-CC"}}, {}),
    "Reddit's comments": (
        {
            "author": "a b c",
            "body": "No.",
            "id": "e{}",
            "link_id": "t3_{}",
            "permalink": "/r/boats/{}/what_is_the_best/",
        },
        {"text_field": "body", "id_field": "id"},
    ),
    "Reddit's submissions": (
        {"id": "a{}", "title": "Which of the two boats is better for a river?", "selftext": "This?", "url": URL},
        {"text_field": "selftext", "id_field": "id", "url_field": "url", "title_field": "title"},
    ),
    "FineWeb": (
        {"text": TEXT, "id": UUID, "dump": "CC", "url": URL, "file_path": "s3://commoncrawl/" + "a" * 300},
        {"id_field": "id", "url_field": "url"},
    ),
    "HPLT 2": ({"f": "./a.warc.gz", "u": URL, "text": TEXT, "id": "{}"}, {"id_field": "id", "url_field": "u"}),
    "ClueWeb22": (
        {"URL": URL + "\n", "URL-hash": "A{}", "ClueWeb22-ID": "clueweb22-en0000-00-{}", "Clean-Text": TEXT},
        {"text_field": "Clean-Text", "id_field": "ClueWeb22-ID", "url_field": "URL"},
    ),
    "S2ORC": (
        {
            "corpusid": "{}",
            "content": {"source": {"oainfo": None}, "text": TEXT, "annotations": {"title": '[{"start": 1}]'}},
        },
        {"text_field": "content.text", "id_field": "corpusid"},
    ),
    "BigPatent": (
        {"publication_number": "US-{}-A", "abstract": "A boat.", "description": TEXT},
        {"text_field": "description"},
    ),
    "CNN": ({"article": TEXT, "highlights": TEXT + TEXT, "id": "{}"}, {"text_field": "article", "id_field": "id"}),
    "a name in a field that is called as a text's": ({"document": "d{}", "story": TEXT}, {"text_field": "story"}),
    "texts of one word": ({"text": "Boats", "key": "k{}"}, {}),
    "Chinese without a known name": ({"key": "{}", "story": "今天船晚点了。"}, {"text_field": "story"}),
}
"""A record as it is distributed, with a number for {}, and the keys that are right."""


def filled(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {name: filled(inner, number) for name, inner in value.items()}
    return value.replace("{}", str(number)) if isinstance(value, str) else value


@pytest.mark.parametrize("name", RECORDS)
def test_the_fields_of_records_are_found_in_corpora_as_they_are_distributed(name: str) -> None:
    record, keys = RECORDS[name]
    assert choose_fields([filled(record, number) for number in range(9)]) == keys


def test_an_id_that_another_file_has_too_is_none() -> None:
    first, second = ([{"id": i, "text": TEXT, "url": URL.format(name + str(i))} for i in range(5)] for name in "ab")
    assert choose_fields(first) == {"id_field": "id", "url_field": "url"}
    assert choose_fields(first, second) == {"id_field": "url"}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": "a/0", "quality_signals": {"length": [[0, 99, 9.5]]}}, "its records hold no text"),
        ({"splits": ["train"]}, "its records hold no text"),
        ({"key": "1", "url": "https://example.org/1", "title": "Three words long"}, "its records hold no text"),
        (
            {"name": "Boat", "article_body": {"html": PAGE.format(TEXT), "wikitext": "A '''boat'''."}},
            r"its texts are HTML \(in article_body\.html\)",
        ),
        (
            {"paper_id": "1", "body_text": [{"section": "One", "text": TEXT}, {"section": "Two", "text": TEXT}]},
            r"lists of pieces: .+ '\.body_text \|= \(map\(\.text\) \| join\(\"\\n\"\)\)'",
        ),
    ],
)
def test_records_without_text_are_left_out_with_what_they_hold(record: dict[str, Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        choose_fields([record])


def sentences(number: int) -> list[str]:
    """Return made-up sentences, of which each eight in a row speak of the same few things."""
    draw = random.Random(number)
    words = ["".join(draw.choices(["ba", "ko", "li", "mu", "ne", "ri", "sa", "to"], k=4)) for _ in range(600)]
    topics = [draw.sample(words, 5) for _ in range(-(-number // 8))]
    return [
        f"Here {draw.choice(topics[i // 8])} and {draw.choice(words)} meet {draw.choice(topics[i // 8])} again."
        for i in range(number)
    ]


def paragraphs(number: int) -> list[str]:
    return [" ".join(sentences(number * 4)[i * 4 : i * 4 + 4]) for i in range(number)]


WIKITEXT = " = Boats = \n \n = = Late ones = = \n" + "".join(
    f" {line} \n {line} \n {line} \n \n" for line in paragraphs(12)
)
LAYOUTS = {
    "CC-100: paragraphs a line, documents between blank lines": (
        "\n".join("\n".join(paragraphs(12)[i : i + 3]) + "\n" for i in range(0, 12, 3)),
        {"documents": "blank-line"},
    ),
    "OpenWebText: paragraphs between blank lines": ("\n\n".join(paragraphs(12)), {}),
    "BERT's input: sentences a line, documents between blank lines": (
        "\n".join("\n".join(sentences(40)[i : i + 8]) + "\n" for i in range(0, 40, 8)),
        {"documents": "blank-line", "sentences": "line"},
    ),
    "OpenSubtitles: a sentence a line, some without an end": (
        "\n".join(f"- {line}" if i % 5 else line[:20] for i, line in enumerate(sentences(60))),
        {"sentences": "line"},
    ),
    "Europarl: a sentence a line": ("\n".join(sentences(40)), {"sentences": "line"}),
    "WikiText: blank lines within articles": (WIKITEXT, {}),
    "paragraphs of words apart from their stops, a line each": (
        "\n".join(line.replace(".", " .") for line in paragraphs(40)),
        {},
    ),
    "verse between blank lines": ("\n".join("The boats are late,\nthe boats are out,\n" for _ in range(20)), {}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_of_a_text_is_judged_by_its_lines(name: str) -> None:
    text, keys = LAYOUTS[name]
    assert find_layout(text.encode(), is_collection=True) == keys
    assert "documents" not in find_layout(text.encode(), is_collection=False)


def test_wikitext_is_told_by_its_headings(tmp_path: Path) -> None:
    (tmp_path / "wiki.train.tokens").write_text(WIKITEXT)
    (corpus,) = found(tmp_path)[0].values()
    assert [remark[:29] for remark in corpus.remarks] == ["lines such as '= Boats =' are"]


def test_shuffled_sentences_are_told_from_ordered_ones() -> None:
    ordered = sentences(900)
    shuffled = random.Random(1).sample(ordered, len(ordered))
    assert is_shuffled("\n".join(ordered)) is False
    assert is_shuffled("\n".join(shuffled)) is True
    assert is_shuffled("\n".join(shuffled[:150])) is None
    assert is_shuffled("One more time.\n" * 900) is None


@pytest.mark.parametrize("is_ordered", [True, False])
def test_init_plan_and_build_say_that_sentences_are_shuffled(tmp_path: Path, is_ordered: bool) -> None:
    lines = sentences(900)
    if not is_ordered:
        random.Random(1).shuffle(lines)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "news.en-00001-of-00100").write_text("\n".join(lines))
    config = tmp_path / "c.toml"
    xlnet_data.init(tmp_path / "news", output=config)
    assert ("# Mind: its sentences seem to be shuffled" in config.read_text()) is not is_ordered
    assert 'sentences = "line"\n' in config.read_text()
    manifest = xlnet_data.build_corpus(config, tmp_path / "dataset", workers=0)
    assert manifest is not None
    for warnings in (xlnet_data.plan(config, seconds=1).warnings, manifest.warnings):
        assert len([text for text in warnings if "corpus 'news' seem to be shuffled" in text]) == (not is_ordered)


def found(folder: Path) -> tuple[dict[str, FoundCorpus], dict[str, list[str]]]:
    files = find_corpora(str(folder))
    return {corpus.name: corpus for corpus in files.corpora}, files.left_out


def test_texts_whose_names_say_their_language_are_corpora_of_their_own(tmp_path: Path) -> None:
    for name in ("europarl.de-en.de", "europarl.de-en.en", "europarl.de-en.ids"):
        (tmp_path / name).write_text(TEXT)
    corpora, left_out = found(tmp_path)
    assert {corpus.patterns for corpus in corpora.values()} == {("europarl.de-en.de",), ("europarl.de-en.en",)}
    assert [name[-3:] for name in corpora] == ["-de", "-en"]
    assert left_out == {
        "it tells of other files, by its name: add it to `paths` if it is text of the corpus": ["europarl.de-en.ids"]
    }


def test_chinese_that_is_like_no_profile_is_chinese(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    for number in range(20):
        text = f"第{number}艘船今天早上到达港口。船长说天气很好。他们明天去北京。\n" * 9
        (tmp_path / "text" / f"{number}.txt").write_text(text)
    xlnet_data.init(tmp_path / "text", output=tmp_path / "c.toml")
    assert 'language = "zh"' in (tmp_path / "c.toml").read_text()


def test_a_name_that_is_a_code_among_others_that_are_none_is_a_word(tmp_path: Path) -> None:
    for name in ("boats", "ferries", "no"):
        (tmp_path / f"{name}.txt").write_text(TEXT)
    assert [corpus.patterns for corpus in found(tmp_path)[0].values()] == [("*.txt",)]


BESIDE = {
    "README.md": "# Boats\n\nWhat this corpus is.\n",
    "LICENSE": "You may read this.\n",
    "part_sha256.txt": f"{7:064x}  part_1.txt.gz\n{8:064x}  part_2.txt.gz\n",
    "dump-multistream-index.txt": "".join(f"597:{i}:Boat: {i}\n" for i in range(9)),
    "part.offset": "0000000000\n0000004711\n",
    "site.cdx": " CDX N b a\norg,example)/ 20240101000000 https://example.org text/html\n",
    "site.cdxj": 'org,example)/ 20240101000000 {"url": "https://example.org"}\n',
    "PG1_tokens.txt": "the\nferry\nleaves\nat\nsix\n" * 30,
    "PG1_counts.txt": "".join(f"boat{i}\t{i}\n" for i in range(30)),
    "metadata.csv": "1,The Boat,1898,https://example.org\n",
    "dataset_dict.json": '{"splits": ["train"]}\n',
    "pages.jsonl": '{"format": "json-pages-1.0", "id": "pages"}\n{"id": "1", "url": "https://example.org"}\n',
    "page.sql": "-- MySQL dump 10.19\nINSERT INTO `page` VALUES (10,0,'Boat');\n",
}
"""Files that lie beside the texts of corpora and are no text of theirs."""


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_beside_the_texts_of_a_corpus_is_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.txt").write_text("\n\n".join(paragraphs(5)))
    (tmp_path / name).write_text(BESIDE[name])
    corpora, left_out = found(tmp_path)
    assert [corpus.files for corpus in corpora.values()] == [("text.txt",)]
    assert [*left_out.values()] == [[name]]


def test_parts_with_numbers_in_their_names_are_one_glob_and_other_files_none_of_it(tmp_path: Path) -> None:
    for number in range(1, 13):
        (tmp_path / f"news.en-{number:05d}-of-00100").write_text(TEXT)
    (tmp_path / "news.json-12").write_text(json.dumps({"text": TEXT}))
    corpora, _ = found(tmp_path)
    assert sorted(corpus.patterns for corpus in corpora.values()) == [("news.en-*-of-00100",), ("news.json-12",)]


def test_many_files_beside_one_that_is_no_text_are_few_globs_that_leave_it_out(tmp_path: Path) -> None:
    for number, word in enumerate({word for line in sentences(300) for word in line.split() if len(word) == 8}):
        (tmp_path / f"{word}{number % 3}.txt").write_text(TEXT)
    (tmp_path / "kobakoba.txt").touch()
    names = sorted(path.name for path in tmp_path.iterdir() if path.stat().st_size)
    (corpus,) = found(tmp_path)[0].values()
    assert len(names) > 200
    assert len(corpus.patterns) < 30
    assert sorted(file.file_id for file in list_files(corpus.patterns, str(tmp_path))) == names


def test_wrapped_texts_of_records_and_first_records_longer_than_a_head_are_read(tmp_path: Path) -> None:
    abstract = "  " + "\n".join(
        f"This line of an abstract was broken by hand, it is the {i} of them and" for i in range(9)
    )
    rows = [{"id": f"0704.{i}", "abstract": abstract, "title": "Boats"} for i in range(9)]
    (tmp_path / "arxiv.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (corpus,) = found(tmp_path)[0].values()
    keys = {"text_field": "abstract", "id_field": "id", "title_field": "title", "paragraphs": "blank-line"}
    assert corpus.keys == keys
    (tmp_path / "arxiv.json").write_text("".join(json.dumps({"n": "{" * 99_999} | row) + "\n" for row in rows))
    assert found(tmp_path)[0].popitem()[1].keys == keys
    (tmp_path / "arxiv.json").unlink()
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert found(tmp_path)[0].popitem()[1].keys == keys


def test_columns_that_no_key_can_name_are_passed_over_and_text_may_be_bytes(tmp_path: Path) -> None:
    for name in ("lists", "bytes"):
        (tmp_path / name).mkdir()
    lists = {
        "text": [TEXT],
        "title": [["Boats"]],
        "url": [["https://example.org"]],
        "id": [1.5],
        "image": [b"\xff" * 99],
    }
    parquet.write_table(pa.table(lists), tmp_path / "lists" / "a.parquet")
    parquet.write_table(pa.table({"body": [TEXT.encode()], "n": [7]}), tmp_path / "bytes" / "a.parquet")
    corpora, _ = found(tmp_path)
    assert {name: corpus.keys for name, corpus in corpora.items()} == {"lists": {}, "bytes": {"text_field": "body"}}


@pytest.mark.parametrize(
    ("text", "number"), [(r"The boats are late.\nThey are out.", 1), ("It lies in C:\\new.\nNo more.", 0)]
)
def test_line_ends_that_are_two_signs_are_told_with_how_to_mend_them(tmp_path: Path, text: str, number: int) -> None:
    (tmp_path / "de_clean_0000.jsonl").write_text((json.dumps({"text": text}) + "\n") * 9)
    (corpus,) = found(tmp_path)[0].values()
    mended = r"""`jq -c '.text |= gsub("\\\\n"; "\n")'`"""
    assert len(corpus.remarks) == sum(mended in remark for remark in corpus.remarks) == number


def test_records_that_are_the_lines_of_documents_are_told(tmp_path: Path) -> None:
    rows = [text for line in paragraphs(12) for text in ("", f" = Boat {line[:9]} = \n", "", f" {line} \n")]
    for name, keys, number in (("lines", {}, 1), ("posts", {"id": True}, 0)):
        (tmp_path / name).mkdir()
        table = [{"text": text, **({"id": str(i)} if keys else {})} for i, text in enumerate(rows)]
        parquet.write_table(pa.Table.from_pylist(table), tmp_path / name / "a.parquet")
        assert len(found(tmp_path / name)[0][name].remarks) == number


def test_files_for_measuring_are_told_where_others_are_for_training(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"c4-validation.{number:05d}-of-00008.json").write_text(json.dumps({"text": TEXT}))
    assert found(tmp_path)[0].popitem()[1].remarks == ()
    (tmp_path / "c4-train.00000-of-01024.json").write_text(json.dumps({"text": TEXT}))
    (remark,) = found(tmp_path)[0].popitem()[1].remarks
    assert remark.startswith("c4-validation.00000-of-00008.json is for measuring, by its name, and 2 more are: leave")


def test_wikiextractors_json_and_bookcorpus_have_formats_of_their_own_and_a_dictionary_its_lists(
    tmp_path: Path,
) -> None:
    for name in ("wiki", "books", "words"):
        (tmp_path / name).mkdir()
    record = {"id": "7", "revid": "9", "url": "https://en.wikipedia.org/wiki?curid=7", "title": "A", "text": TEXT}
    (tmp_path / "wiki" / "wiki_00").write_text(json.dumps(record) + "\n")
    (tmp_path / "books" / "books_large_p1.txt").write_text("the boats are late .\n" * 30)
    page = "<page><title>boat</title><ns>0</ns><id>1</id><revision><text># A vessel.</text></revision></page>"
    site = "<siteinfo>\n<sitename>Wiktionary</sitename></siteinfo>"
    (tmp_path / "words" / "dump.xml").write_text(f"<mediawiki>{site}{page}</mediawiki>")
    corpora, _ = found(tmp_path)
    assert {name: (corpus.format, corpus.keys) for name, corpus in corpora.items()} == {
        "wiki": ("wikiextractor", {}),
        "books": ("books", {}),
        "words": ("wikipedia", {"lists": True}),
    }


def test_init_takes_a_dump_that_ends_in_a_page_and_says_why_nothing_is_left_of_another(tmp_path: Path) -> None:
    page = "<page><title>A</title><ns>{}</ns><id>{}</id><revision><text>{}</text></revision></page>"
    pages = "".join(page.format(0, i, paragraphs(9)[i]) for i in range(9))
    dump = tmp_path / "dumps" / "enwik8"
    dump.parent.mkdir()
    dump.write_text(f"<mediawiki>{pages}"[:-40])
    xlnet_data.init(dump.parent, output=tmp_path / "a.toml")
    assert xlnet_data.load_config(tmp_path / "a.toml").corpora[0].format == "wikipedia"
    dump.write_bytes(gzip.compress(f"<mediawiki>{page.format(104, 1, TEXT)}</mediawiki>".encode()))
    with pytest.raises(CorpusError, match="no document is left to make a config for: 1 as namespace"):
        xlnet_data.init(dump.parent, output=tmp_path / "b.toml")


def test_a_pipe_in_the_folder_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The boats are late today, and nobody minds it. They sleep in.\n" * 9)
    os.mkfifo(tmp_path / "b.txt")
    corpora, left_out = found(tmp_path)
    assert len(corpora) == 1
    assert left_out == {"a pipe, a socket or a device": ["b.txt"]}
