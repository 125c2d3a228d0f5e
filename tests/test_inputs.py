"""Which files a corpus has, what they are called, and how they open."""

import bz2
import contextlib
import errno
import glob
import gzip
import lzma
import os
import re
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import lz4.frame
import pytest
from backports import zstd
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from xlnet_data.errors import ConfigError, CorpusError, ShardError, TruncatedError
from xlnet_data.files import ranges, web
from xlnet_data.files.locations import find_passed_over, match_pattern
from xlnet_data.files.opening import is_compressed, open_decompressed, open_raw, read_blocks
from xlnet_data.files.ranges import InputFile, cut_file, list_files
from xlnet_data.files.writing import atomic_write

CONTENT = "".join(f"line {i} of some text, nearly incompressible: {i * 7919 % 104729}\n" for i in range(5000)).encode()
COMPRESSED = {
    "gz": gzip.compress(CONTENT[:1000]) + gzip.compress(CONTENT[1000:]),
    "bz2": bz2.compress(CONTENT[:1000]) + bz2.compress(CONTENT[1000:]),
    "xz": lzma.compress(CONTENT),
    "zst": zstd.compress(CONTENT),
    "lz4": lz4.frame.compress(CONTENT),
}


def make_files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"text")


def ids_of(patterns: list[str], base: Path) -> list[str]:
    return [file.file_id for file in list_files(patterns, str(base))]


def test_file_ids_are_relative_to_the_folder_before_the_first_wildcard(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a/1.txt", "in/b/1.txt", "in/b/c/2.txt", "in/3.md")
    assert ids_of(["in/**/*.txt"], tmp_path) == ["a/1.txt", "b/1.txt", "b/c/2.txt"]
    assert ids_of(["in/*/1.txt"], tmp_path) == ["a/1.txt", "b/1.txt"]
    assert ids_of(["in/b/1.txt"], tmp_path) == ["1.txt"]


def test_file_ids_are_relative_to_what_all_patterns_share_and_do_not_stop_within_a_name(tmp_path: Path) -> None:
    make_files(tmp_path, "part1/a.txt", "part2/a.txt", "part10/b.txt")
    expected = ["part1/a.txt", "part10/b.txt", "part2/a.txt"]
    assert ids_of(["part1/*.txt", "part2/*", "part10/b.txt"], tmp_path) == expected


def test_file_ids_do_not_change_with_the_place_of_the_corpus_nor_with_further_files(tmp_path: Path) -> None:
    make_files(tmp_path, "here/x/1.txt", "there/far/x/1.txt", "there/far/x/0.txt")
    [here] = list_files(["x/*.txt"], str(tmp_path / "here"))
    there = list_files([str(tmp_path / "there/far/x/*.txt")], "/")
    assert here.file_id == there[1].file_id == "1.txt"
    assert there[0].file_id == "0.txt"


def test_a_file_matched_twice_is_listed_once_with_its_size_and_path(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt")
    assert list_files(["*.txt", "a.txt"], str(tmp_path)) == [InputFile(str(tmp_path / "a.txt"), "a.txt", 4)]


def test_a_file_whose_name_looks_like_a_glob_is_found_by_its_name(tmp_path: Path) -> None:
    make_files(tmp_path, "[1].txt", "1.txt")
    [file] = list_files(["[1].txt"], str(tmp_path))
    assert file.path.endswith("[1].txt")


def test_the_configs_folder_is_no_glob_whatever_its_name(tmp_path: Path) -> None:
    make_files(tmp_path, "dir[1]*/in/a.txt", "dir[1]*/in/.hidden.txt", "dir1x/in/b.txt")
    base = tmp_path / "dir[1]*"
    assert ids_of(["in/*.txt"], base) == ids_of(["**/*.txt"], base / "in") == ["a.txt"]
    assert ids_of(["../dir1x/*/*.txt", "in/a.txt"], base) == ["dir1x/in/b.txt", "dir[1]*/in/a.txt"]
    assert ids_of([str(tmp_path / "dir1*/in/*")], base) == ["dir1x/in/b.txt"]


GLOBS = (
    "*", "**", "**/*", "**/*.txt", "*/*.txt", "*/**/*.txt", "**/c/*", "in/**", "in/*/../3.md", "./in/[ab]/?.txt",
    "i*/[!b]*/*", "in/.h*", "**/.h*/*", "in//*.md", "in/b**/*", "*.txt/", "**/", "in/*/", "[[]x]*", "in/a/1.txt/*",
    "nowhere/*", "**/**/2.txt", "**/./**",
)  # fmt: skip


def test_a_glob_matches_the_files_that_pythons_does(tmp_path: Path) -> None:
    names = (
        "in/a/1.txt",
        "in/b/c/2.txt",
        "in/3.md",
        "in/.h/4.txt",
        "in/b/.h5.txt",
        "6.txt",
        "[x]7",
        "~",
        "~root/8.txt",
    )
    make_files(tmp_path, *names)
    (tmp_path / "link").symlink_to("in/b")
    for pattern in GLOBS:
        found = glob.glob(pattern, root_dir=tmp_path, recursive=True)
        expected = {os.path.abspath(tmp_path / name) for name in found if (tmp_path / name).is_file()}
        for base, asked in ((tmp_path, pattern), (Path("/"), f"{glob.escape(str(tmp_path))}/{pattern}")):
            assert {path for path, _ in match_pattern(asked, str(base))} == expected, asked


def test_a_link_to_a_folder_above_does_not_bring_its_files_again(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt", "x/b.txt", "y/c.txt")
    for link, target in (("loop", "."), ("x/up", ".."), ("x/l", "../y"), ("y/m", "../x")):
        (tmp_path / link).symlink_to(target)
    assert ids_of(["**/*.txt"], tmp_path) == ["a.txt", "x/b.txt", "y/c.txt"]


def test_a_file_that_links_lead_to_by_two_names_is_read_once(tmp_path: Path) -> None:
    make_files(tmp_path, "in/b.txt", "out/c.txt")
    for link, target in (("in/a.txt", "b.txt"), ("in/d.txt", "../out/c.txt"), ("in/e.txt", "../out/c.txt")):
        (tmp_path / link).symlink_to(target)
    assert ids_of(["in/*"], tmp_path) == ["b.txt", "d.txt"]
    assert ids_of(["in/a.txt", "in/e.txt"], tmp_path) == ["a.txt", "e.txt"]


@pytest.mark.parametrize("pattern", ["*.txt", "**/*.txt", "*/*.txt", "b.txt"])
def test_a_link_that_leads_nowhere_is_named_and_its_text_not_left_out_in_silence(tmp_path: Path, pattern: str) -> None:
    make_files(tmp_path, "a.txt", "x/a.txt")
    (tmp_path / "b.txt").symlink_to("gone")
    with pytest.raises(CorpusError, match=r"b\.txt is a link to gone, which leads nowhere"):
        list_files([pattern], str(tmp_path))
    assert ids_of(["a.*"], tmp_path) == ["a.txt"]


@pytest.mark.parametrize("pattern", ["**/*.txt", "*/*.txt"])
def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    make_files(tmp_path, "a.txt", "x/a.txt", "shut/b.txt")
    scan = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("shut"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CorpusError, match=r"cannot list .*/shut: Permission denied"):
        list_files([pattern], str(tmp_path))


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE])
def test_an_entry_that_its_file_system_does_not_describe_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(**_: bool) -> bool:
        raise OSError(code, os.strerror(code))

    entry = SimpleNamespace(name="a.txt", path=str(tmp_path / "a.txt"), is_symlink=fail, is_dir=fail)
    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext([entry]))
    with pytest.raises(CorpusError, match=rf"^cannot look at {tmp_path}/a\.txt: {os.strerror(code)}$"):
        list_files(["*.txt"], str(tmp_path))


def test_a_glob_passes_over_datasets_and_unfinished_builds_that_no_part_of_it_names(tmp_path: Path) -> None:
    make_files(tmp_path, "a.md", "in/b.md", "in/manifest.json", "data/README.md", "data/manifest.json")
    make_files(tmp_path, "data/spiece.model", "data/rejects/x.md", "built/.work/lock", "built/README.md")
    assert ids_of(["**/*.md"], tmp_path) == ["a.md", "in/b.md"]
    assert ids_of(["*/*.md"], tmp_path) == ["in/b.md"]
    assert ids_of(["data/**"], tmp_path) == ["README.md", "manifest.json", "rejects/x.md", "spiece.model"]
    assert ids_of(["*/rejects/*"], tmp_path) == ["data/rejects/x.md"]


def test_a_slash_behind_a_files_name_does_not_change_its_id(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a.txt")
    assert ids_of(["in/a.txt/"], tmp_path) == ["a.txt"]


@pytest.mark.parametrize("pattern", ["missing.txt", "in/*.txt"])
def test_a_pattern_without_files_is_an_error_that_names_it_and_where_it_looked(tmp_path: Path, pattern: str) -> None:
    make_files(tmp_path, "in/a.md")
    with pytest.raises(CorpusError, match="no file matches") as caught:
        list_files(["in/a.md", pattern], str(tmp_path))
    assert repr(pattern) in str(caught.value)
    assert str(tmp_path / pattern) in str(caught.value)


@pytest.mark.parametrize("pattern", ["in/pipe", "in/*", "**/*"])
def test_a_pipe_among_the_files_is_named_and_not_left_out_in_silence(tmp_path: Path, pattern: str) -> None:
    make_files(tmp_path, "in/a.md")
    os.mkfifo(tmp_path / "in/pipe")
    with pytest.raises(CorpusError, match=r"in/pipe is a pipe, a socket or a device, .*: write what it gives"):
        list_files([pattern], str(tmp_path))
    assert ids_of(["in/*.md"], tmp_path) == ["a.md"]


def test_a_glob_that_matches_folders_alone_is_an_error_that_shows_one_of_their_files(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a/b.md")
    with pytest.raises(CorpusError, match=r"it matches folders alone: write 'in/\*/\*'"):
        list_files(["in/*"], str(tmp_path))


def test_folders_that_a_glob_matches_are_counted_with_the_files_that_no_pattern_reads(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a.md", "in/b/c.md", "in/b/d.md", "in/e/f.md", "in/built/manifest.json")
    make_files(tmp_path, "in/built/spiece.model", "in/.git/x")
    (tmp_path / "in" / "empty").mkdir()
    within = {str(tmp_path / "in" / "b"): 2, str(tmp_path / "in" / "e"): 1}
    assert find_passed_over(["in/*"], str(tmp_path)) == within
    assert find_passed_over(["in/*", "in/e/*.md"], str(tmp_path)) == {str(tmp_path / "in" / "b"): 2}
    for patterns in (["in/**"], ["in/*", "in/**/*.md"], ["in/*.md"], ["in/a.md"], ["s3://bucket/*"]):
        assert find_passed_over(patterns, str(tmp_path)) == {}


def test_a_folder_instead_of_files_is_an_error_that_shows_the_glob(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a.md")
    for pattern, glob_of_all in (("in/", r"in/\*"), ("in", r"in/\*"), ("", r"\*")):
        with pytest.raises(CorpusError, match=f"it is a folder: write '{glob_of_all}'"):
            list_files([pattern], str(tmp_path))


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("in/{a,b}.md", "{a,b} is no wildcard: write an entry for each"),
        ("$HOME/a.md", "variables are not filled in"),
        ("${DATA}/*.md", "variables are not filled in"),
        ("file:///no/a%20b.md", "write them without %"),
    ],
)
def test_what_paths_do_not_understand_is_said_where_nothing_matches(tmp_path: Path, pattern: str, hint: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(hint)):
        list_files([pattern], str(tmp_path))


def test_a_file_url_is_listed_as_a_local_path_is(tmp_path: Path) -> None:
    make_files(tmp_path, "in/a/1.txt", "in/b/c/2.txt", "in/b/c/[x]?.txt", "in/b/.hidden.txt", "in/b/3.md")
    names = ["a/1.txt", "b/c/2.txt", "b/c/[x]?.txt"]
    files = list_files([f"file://{tmp_path}/in/**/*.txt"], "/")
    assert [file.file_id for file in files] == names
    assert [file.size for file in files] == [4, 4, 4]
    assert [list(read_blocks(file.path)) for file in files[:2]] == [[b"text"], [b"text"]]
    assert ids_of([f"file://{tmp_path}/in/*/[a-z]*/[!1].txt"], tmp_path) == ["b/c/2.txt"]
    assert ids_of([f"file://{tmp_path}/in/?/1.txt"], tmp_path) == ["a/1.txt"]
    assert ids_of([f"file://{tmp_path}/in/a/1.txt"], tmp_path) == ["1.txt"]
    assert len(ids_of([f"file://{tmp_path}/in/**"], tmp_path)) == 4
    for missing in ("in/*.txt", "nowhere/*.txt", "in/a/2.txt"):
        with pytest.raises(CorpusError, match="no file matches"):
            list_files([f"file://{tmp_path}/{missing}"], "/")


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    make_files(tmp_path, "one/a.txt", "two/a.txt")
    with pytest.raises(ConfigError, match="make two corpora"):
        list_files(["one/a.txt", f"file://{tmp_path}/two/a.txt"], str(tmp_path))


def test_a_scheme_that_nothing_reads_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot list gopher://host/a"):
        list_files(["gopher://host/a"], str(tmp_path))


@pytest.mark.parametrize("open_file", [open_raw, open_decompressed])
def test_a_file_that_cannot_be_opened_is_an_error_that_names_it_and_the_cause(tmp_path: Path, open_file) -> None:
    with pytest.raises(CorpusError, match=r"cannot open .*gone\.txt: No such file or directory"):
        open_file(str(tmp_path / "gone.txt"))
    with pytest.raises(CorpusError, match="Is a directory"):
        open_file(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    make_files(tmp_path, "secret.txt")
    (tmp_path / "secret.txt").chmod(0)
    with pytest.raises(CorpusError, match="Permission denied"):
        open_raw(str(tmp_path / "secret.txt"))


@pytest.mark.parametrize("kind", COMPRESSED)
def test_content_is_decompressed_by_its_first_bytes_whatever_the_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(COMPRESSED[kind])
    assert is_compressed(str(path))
    with open_decompressed(str(path)) as content:
        assert content.readline() == CONTENT.splitlines(keepends=True)[0]
        assert content.read() == CONTENT[len(CONTENT.splitlines(keepends=True)[0]) :]
    assert b"".join(read_blocks(str(path))) == CONTENT


def test_plain_content_named_gz_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "data.gz"
    path.write_bytes(CONTENT)
    assert not is_compressed(str(path))
    assert b"".join(read_blocks(str(path))) == CONTENT
    assert b"".join(read_blocks(str(path), 4321)) == CONTENT[4321:]


@pytest.mark.parametrize("kind", COMPRESSED)
def test_a_cut_file_gives_all_that_came_before_the_cut_and_then_says_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data"
    path.write_bytes(COMPRESSED[kind][: len(COMPRESSED[kind]) * 3 // 4])
    blocks: list[bytes] = []
    with pytest.raises(TruncatedError, match=r"data: ends in the middle.*on_truncated = \"keep\""):
        blocks.extend(read_blocks(str(path)))
    read = b"".join(blocks)
    assert CONTENT.startswith(read)
    assert kind == "bz2" or len(read) >= 128 * 1024  # nothing comes of a block of bzip2 that is not whole


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that opens and cannot be read")
@pytest.mark.parametrize("num_bytes", [8, -1])
def test_a_file_that_the_disk_does_not_give_is_an_error_that_names_it(num_bytes: int) -> None:
    path, message = "/proc/self/mem", r"^cannot read /proc/self/mem: Input/output error$"
    with open_raw(path) as file, pytest.raises(CorpusError, match=message):
        file.read(num_bytes)
    for look in (is_compressed, lambda path: list(read_blocks(path))):
        with pytest.raises(CorpusError, match=message):
            look(path)


@pytest.mark.parametrize("kind", COMPRESSED)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data"
    damaged = bytearray(COMPRESSED[kind])
    middle = len(damaged) // 2
    damaged[middle : middle + 64] = bytes(255 - byte for byte in damaged[middle : middle + 64])
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match=f"cannot read {path}: it is damaged"):
        list(read_blocks(str(path)))


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_zero_bytes_between_and_behind_streams_are_padding(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data"
    path.write_bytes((COMPRESSED[kind] + bytes(512)) * 2)
    assert b"".join(read_blocks(str(path))) == CONTENT * 2


@pytest.mark.parametrize("kind", COMPRESSED)
def test_whatever_else_stands_behind_a_stream_is_never_left_out_in_silence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data"
    for other in (b"some lines of text\n", COMPRESSED["gz" if kind != "gz" else "bz2"]):
        path.write_bytes(COMPRESSED[kind] + other)
        with pytest.raises(CorpusError, match=r"data: it is damaged|data: ends in the middle"):
            list(read_blocks(str(path)))


def test_zstd_that_looks_back_as_far_as_it_can_is_read_and_xz_that_asks_for_more_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data"
    options = {zstd.CompressionParameter.window_log: 31, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    path.write_bytes(compressor.compress(CONTENT) + compressor.flush())
    assert b"".join(read_blocks(str(path))) == CONTENT
    packed = bytearray(lzma.compress(CONTENT))
    place = packed.index(bytes([0x21, 1])) + 2  # of the size of the dictionary, in the header of the first block
    packed[place] = 40  # 4 GiB
    end = 12 + packed[12] * 4
    packed[end : end + 4] = zlib.crc32(packed[12:end]).to_bytes(4, "little")
    path.write_bytes(packed)
    with pytest.raises(CorpusError, match=r"data: it needs more than 2,147,483,648 bytes of memory"):
        list(read_blocks(str(path)))


def test_a_text_whose_first_letters_are_those_of_bzip2_is_text(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"BZh is how such files begin.")
    assert b"".join(read_blocks(str(path))) == b"BZh is how such files begin."


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_damaged_start_of_a_later_stream_is_not_taken_for_the_end(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data"
    path.write_bytes(COMPRESSED[kind] + b"junk" + COMPRESSED[kind])
    with pytest.raises(CorpusError, match="data: it is damaged"):
        list(read_blocks(str(path)))


def test_a_zip_archive_is_an_error_that_says_to_unpack_it(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(CorpusError, match="unpack it"):
        open_decompressed(str(path))


def test_an_empty_file_has_no_blocks(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert list(read_blocks(str(tmp_path / "empty"))) == []


def test_splits_cover_a_file_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100)
    parts = [(s.start, s.end) for s in cut_file(InputFile("p", "i", 250), "c", is_cuttable=True)]
    assert parts == [(0, 100), (100, 200), (200, 250)]
    for size, is_cuttable in [(250, False), (100, True), (-1, True)]:
        [file_range] = cut_file(InputFile("p", "i", size), "c", is_cuttable=is_cuttable)
        assert file_range.is_whole_file


class Handler(SimpleHTTPRequestHandler):
    """A server of one folder that refuses, forbids or breaks off on request."""

    def do_HEAD(self) -> None:
        if self.path.startswith("/nohead/"):
            self.send_error(405)
        else:
            super().do_HEAD()

    def do_GET(self) -> None:
        self.path = self.path.removeprefix("/nohead")
        if self.path.startswith("/cut/"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:100_000])
            return
        super().do_GET()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "data.txt").write_bytes(CONTENT)
    (tmp_path / "data.gz").write_bytes(COMPRESSED["gz"])
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Handler(*a, directory=str(tmp_path))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


def test_a_url_is_listed_with_its_size_and_read_as_a_file_is(server: str) -> None:
    [file] = list_files([f"{server}/data.txt"], "/")
    assert file == InputFile(f"{server}/data.txt", "data.txt", len(CONTENT))
    assert b"".join(read_blocks(file.path)) == CONTENT
    assert b"".join(read_blocks(file.path, 4321)) == CONTENT[4321:]
    assert b"".join(read_blocks(f"{server}/data.gz")) == CONTENT


def test_a_url_whose_server_does_not_tell_the_size_is_one_split(server: str) -> None:
    [file] = list_files([f"{server}/nohead/data.txt"], "/")
    assert file.size == -1
    assert b"".join(read_blocks(file.path)) == CONTENT


def test_a_url_that_cannot_be_reached_is_an_error_that_names_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "FIRST_PAUSE_SECS", 0.01)
    with pytest.raises(CorpusError, match=r"cannot read http://127.*gone\.txt: HTTP Error 404"):
        list_files([f"{server}/gone.txt"], "/")
    with pytest.raises(CorpusError, match=r"cannot read http://127.*gone\.txt"):
        open_decompressed(f"{server}/gone.txt")
    with pytest.raises(CorpusError, match=r"cannot read http://127\.0\.0\.1:9/a: Connection refused, 6 times in a row"):
        list_files(["http://127.0.0.1:9/a"], "/")


def test_a_url_whose_server_breaks_off_is_an_error_not_a_short_file(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "FIRST_PAUSE_SECS", 0.01)
    with pytest.raises(CorpusError, match="/cut/data"):
        list(read_blocks(f"{server}/cut/data.txt"))


@pytest.mark.parametrize(("url", "hint"), [("s3://bucket/a", "s3"), ("gs://bucket/a", "gcs")])
def test_a_store_whose_package_is_missing_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, url: str, hint: str
) -> None:
    for module in ("s3fs", "gcsfs.core"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)  # where it was imported before
    with pytest.raises(CorpusError, match=rf"cannot open {url}: .*pip install 'xlnet-data\[{hint}\]'"):
        open_raw(url)
    with pytest.raises(CorpusError, match=rf"cannot list {url}: .*pip install 'xlnet-data\[{hint}\]'"):
        list_files([url], "/")
    with pytest.raises(ShardError, match=rf"cannot write {url}: .*pip install"), atomic_write(url):
        pass


class BucketFile(AbstractBufferedFile):
    """A file of a store that sends ranges of bytes, and takes an object as a whole."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        return bytes(Bucket.objects[self.path][start:end])

    def _upload_chunk(self, final: bool = False) -> bool:
        if final and self.autocommit:
            self.commit()
        return False  # the buffer is kept until the object is complete

    def commit(self) -> None:
        Bucket.objects[self.path] = self.buffer.getvalue()

    def discard(self) -> None:
        self.buffer = None


class Bucket(AbstractFileSystem):
    """A store of objects, whose names have slashes but no folders."""

    protocol = "bucket"
    objects: ClassVar[dict[str, bytes]] = {}

    def ls(self, path: str, detail: bool = True, **_: object) -> list[dict[str, object]]:
        folder = path.rstrip("/")
        found = [
            {"name": name, "size": len(content), "type": "file"}
            for name, content in self.objects.items()
            if folder in (name, self._parent(name))
        ]
        names = {name for name in self.objects if name.startswith(folder + "/")}
        folders = {folder + "/" + name[len(folder) + 1 :].partition("/")[0] for name in names} - set(self.objects)
        return found + [{"name": name, "size": 0, "type": "directory"} for name in sorted(folders)]

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **keys: object) -> BucketFile:
        return BucketFile(self, path, mode, block_size or 65536, **keys)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, "bucket", Bucket)
    monkeypatch.setattr(Bucket, "objects", {})
    return Bucket.objects


def test_a_stores_files_are_listed_as_local_ones_are_and_read_from_any_byte(bucket: dict[str, bytes]) -> None:
    for name in ("in/a/1.txt", "in/b/c/2.txt", "in/b/.hidden.txt", "in/b/.no/3.txt", "in/b/3.md"):
        bucket[f"name/{name}"] = CONTENT
    files = list_files(["bucket://name/in/**/*.txt"], "/")
    assert files == [
        InputFile("bucket://name/in/a/1.txt", "a/1.txt", len(CONTENT)),
        InputFile("bucket://name/in/b/c/2.txt", "b/c/2.txt", len(CONTENT)),
    ]
    assert b"".join(read_blocks(files[0].path)) == CONTENT
    assert b"".join(read_blocks(files[0].path, 4321)) == CONTENT[4321:]
    bucket["name/in/a/1.txt"] = COMPRESSED["bz2"]
    assert b"".join(read_blocks(files[0].path)) == CONTENT
    assert ids_of(["bucket://name/in/*/[!0-2].md", "bucket://name/in/a/1.txt"], Path("/")) == ["a/1.txt", "b/3.md"]
    with pytest.raises(CorpusError, match="no file matches"):
        list_files(["bucket://name/in/b"], "/")


def test_a_stores_object_whose_name_looks_like_a_glob_is_found_by_its_name(bucket: dict[str, bytes]) -> None:
    bucket["name/[1].txt"] = b"text"
    assert ids_of(["bucket://name/[1].txt"], Path("/")) == ["[1].txt"]


@pytest.mark.parametrize("scheme", ["bucket", "file"])
def test_a_file_of_a_store_appears_when_it_is_whole_and_never_if_writing_fails(
    tmp_path: Path, bucket: dict[str, bytes], scheme: str
) -> None:
    url = f"{scheme}://{tmp_path}/shard"
    with pytest.raises(TypeError), atomic_write(url) as file:
        file.write(CONTENT) / None
    with pytest.raises(CorpusError, match="no file matches"):
        list_files([url], "/")
    with atomic_write(url) as file:
        file.write(CONTENT)
        with pytest.raises(CorpusError, match="no file matches"):
            list_files([url], "/")
    assert b"".join(read_blocks(url)) == CONTENT
    assert list_files([f"{url}*"], "/")[0].size == len(CONTENT)
