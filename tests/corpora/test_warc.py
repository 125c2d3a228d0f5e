"""WARC records: whole, in file ranges, and out of files with every fault that we know."""

import bz2
import gzip
import hashlib
import random
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from isal import isal_zlib

from xlnet_data.corpora.pieces import gzip_members
from xlnet_data.corpora.warc import reading as warc
from xlnet_data.corpora.warc.reading import is_warc_cuttable, read_records
from xlnet_data.corpora.warc.records import MAX_BLOCK_BYTES, WarcRecord
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Reason

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
SAMPLE_FILES = [
    path for name in ("clueweb12", "commoncrawl", "warc_malformed") for path in sorted((SAMPLES / name).glob("*"))
]
SEP = b"\r\n\r\n"

Write = Callable[[bytes], Path]


def record(
    name: str, block: bytes = b"some text\n", length: object = None, fields: bytes = b"", sep: bytes = SEP
) -> bytes:
    """Return a record; length None is the true one, b"" leaves the field out."""
    shown = len(block) if length is None else length
    field = b"" if shown == b"" else f"Content-Length: {shown}\r\n".encode()
    head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <{name}>\r\n".encode()
    return head + fields + field + b"\r\n" + block + sep


def member(content: bytes, level: int = 6) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, 31)
    return compressor.compress(content) + compressor.flush()


def read(path: Path, start: int = 0, end: int = -1) -> tuple[list[WarcRecord], str]:
    """Return the records, and the message of the TruncatedError that came last."""
    records = []
    try:
        for found in read_records(FileRange("c", str(path), "f", start, end)):
            records.append(found)
    except TruncatedError as error:
        return records, str(error)
    return records, ""


def summary(path: Path) -> list[tuple[str, bytes] | tuple[Reason, str]]:
    """Return id and block of each record; reason and place where there is none."""
    records, message = read(path)
    assert not message
    return [(r.reason, r.offset) if r.reason else (r.uri(b"WARC-Record-ID"), r.block) for r in records]


A, B, C = record("a"), record("b", b"more text\n"), record("c", b"the end\n")
ABC = [("a", b"some text\n"), ("b", b"more text\n"), ("c", b"the end\n")]


@pytest.mark.parametrize(
    "content",
    [
        A + B + C,
        member(A) + member(B) + member(C),
        member(A + B + C),
        member(A + B) + member(C),
        member(A[:50]) + member(A[50:] + B[:9]) + member(B[9:] + C),  # members that cut through records
        member(A, 0) + member(b"") + member(B, 9) + bytes(700) + member(C) + bytes(512),  # stored, empty, padded
        bz2.compress(A + B + C),
        zstandard.compress(A + B + C),
        A.replace(b"\r\n", b"\n") + B + C.lower(),
        A[: -len(SEP)] + B[:-2] + C[: -len(SEP)],  # no blank lines between records
        b"\r\n\r\n" + A + b"\r\n\r\n\r\n" + B + b" \t\r\n" + C,
        record("a", fields=b"X:\r\n folded\r\n\t1\r\nContent-Length: \r\nX-Empty:\r\n") + B + C,
        record("a", fields=b"WARC-Type: conversion\r\nWARC-Record-ID: <z>\r\n") + B + C,  # the first one counts
    ],
)
def test_valid_files_of_every_make_give_the_same_records(write: Write, content: bytes) -> None:
    assert summary(write(content)) == ABC


def digest(block: bytes) -> bytes:
    return b"WARC-Block-Digest: sha1:" + hashlib.sha1(block).hexdigest().encode() + b"\r\n"


def test_surplus_bytes_after_a_block_are_counted_and_the_block_is_kept(write: Write) -> None:
    marked = record("a", fields=digest(b"some text\n"), sep=b"SURPLUS\n" + SEP)
    assert summary(write(marked + B)) == [ABC[0], (Reason.MALFORMED, str(len(marked) - 12)), ABC[1]]
    assert summary(write(A + b"garbage\n" + B)) == [ABC[0], (Reason.MALFORMED, str(len(A))), ABC[1]]


@pytest.mark.parametrize("length", [4, 15, 999, 10**12, 10**30, b"", "", "ten", -5, "10, 10"])
def test_a_wrong_length_is_mended_by_the_next_record(write: Write, length: object) -> None:
    content = record("a", length=length) + B
    assert summary(write(content)) == ABC[:2]
    assert summary(write(member(content))) == ABC[:2]
    assert summary(write(member(record("a", length=length)) + member(B))) == ABC[:2]


def test_a_length_counted_in_characters_loses_nothing(write: Write) -> None:
    block = "Марк Твен\n\nЦитаты".encode()
    assert summary(write(record("a", block, length=len(block.decode())) + B)) == [("a", block), ABC[1]]


def test_a_record_that_quotes_a_record_is_one(write: Write) -> None:
    assert summary(write(record("a", B + C) + B)) == [("a", B + C), ABC[1]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"not a WARC file", [(Reason.MALFORMED, "0")]),
        (b"garbage\n" + A, [(Reason.MALFORMED, "0"), ABC[0]]),
        (A[:60] + B, [(Reason.MALFORMED, "0"), ABC[1]]),  # a header that breaks off
        (b"WARC/1.0\r\n" + B, [(Reason.MALFORMED, "0"), ABC[1]]),
        (A + b"WARC/1.0 broken\r\n\r\n" + B, [ABC[0], (Reason.MALFORMED, str(len(A))), ABC[1]]),
        (A + b"WARC/1.0\r\nX: " + b"x" * 70_000 + SEP + B, [ABC[0], (Reason.MALFORMED, str(len(A))), ABC[1]]),
    ],
)
def test_what_is_no_record_is_counted_with_its_place(write: Write, content: bytes, expected: list[object]) -> None:
    assert summary(write(content)) == expected


def test_faults_between_and_in_gzip_members_are_counted_with_their_place(write: Write) -> None:
    a, b, c = member(A), member(B), member(C)
    at = str(len(a))
    garbage = random.Random(0).randbytes(3000)
    assert summary(write(a + garbage + b)) == [ABC[0], (Reason.MALFORMED, at), ABC[1]]
    assert summary(write(garbage + a)) == [(Reason.MALFORMED, "0"), ABC[0]]
    assert summary(write(a + garbage)) == [ABC[0], (Reason.MALFORMED, at)]
    assert summary(write(a + b[:-6] + bytes(1) + b[-5:] + c)) == [ABC[0], (Reason.MALFORMED, at), ABC[2]]  # checksum
    assert summary(write(a + b[:40] + c)) == [ABC[0], (Reason.MALFORMED, at), ABC[2]]  # cut short
    assert summary(write(a + b"\x1f\x8b\x08" + c)) == [ABC[0], (Reason.MALFORMED, at), ABC[2]]
    assert summary(write(a + member(b"no record") + c)) == [ABC[0], (Reason.MALFORMED, f"0+{len(A)}"), ABC[2]]
    assert summary(write(b"\x1e" + a[1:] + b)) == [(Reason.MALFORMED, "0"), ABC[1]]


def test_the_records_before_a_fault_in_one_large_member_are_read(write: Write) -> None:
    noise = " ".join(map(str, random.Random(0).choices(range(9**9), k=30_000)))
    whole = member(A + B + record("noise", noise.encode()) + C)
    records, message = read(write(whole[:80_000] + random.Random(0).randbytes(20_000) + whole[100_000:] + member(A)))
    assert not message
    assert [(r.uri(b"WARC-Record-ID"), r.reason) for r in records] == [
        ("a", None),
        ("b", None),
        ("noise", Reason.MALFORMED),
        ("a", None),
    ]


@pytest.mark.parametrize("make", [bytes, member], ids=["plain", "gzip"])
def test_a_truncated_file_is_an_error_after_all_that_could_be_read(
    write: Write, make: Callable[[bytes], bytes]
) -> None:
    a, b = make(A), make(record("b", b"more text " * 9))
    for cut in range(1, len(b)):
        records, message = read(write(a + b[:cut]))
        names = [r.uri(b"WARC-Record-ID") for r in records]
        assert names == ["a"] if message and cut < len(b) - 20 else names in (["a"], ["a", "b"])
        if message:
            assert "ends inside the record that begins at byte" in message
            assert 'on_truncated = "keep"' in message
        else:  # a plain file may end without the last blank line
            assert make is bytes
            assert cut >= len(b) - len(SEP)


def test_an_arc_file_is_named_as_such(write: Write) -> None:
    arc = b"filedesc://x.arc 0.0.0.0 20140301000000 text/plain 77\n1 0 X\nURL IP-address\n\nhttp://x 0 0 text/html 9\n"
    for content in (arc, member(arc)):
        with pytest.raises(CorpusError, match="is an ARC file"):
            read(write(content))


def test_empty_files_have_no_records(write: Write) -> None:
    assert summary(write(b"")) == summary(write(gzip.compress(b""))) == []


def make_pages(rng: random.Random) -> list[bytes]:
    pages = []
    for i in range(120):
        text = b" ".join(
            rng.choice([b"cat", b"dog", b"WARC/1.0", b"bird\n", b"\x1f\x8b\x08"]) for _ in range(rng.randrange(900))
        )
        if i % 40 == 7:  # a crawled archive, stored uncompressed in the member around it
            text = b"".join(member(record(f"inner{j}", rng.randbytes(200))) for j in range(9))
        if i % 40 == 9:
            text = b"".join(record(f"quoted{j}") for j in range(9))
        pages.append(record(f"r{i}", text))
    return pages


@pytest.mark.parametrize("make", ["plain", "members", "stored", "faulty"])
def test_splits_anywhere_give_together_what_the_whole_file_gives(
    write: Write, make: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(make)
    pages = make_pages(rng)
    if make == "faulty":
        members = [member(page) for page in pages]
        for i in range(5, 120, 10):
            flipped = members[i][:20] + bytes([members[i][20] ^ 1]) + members[i][21:]
            members[i] = rng.choice([members[i][:30], rng.randbytes(500), flipped, bytes(99)])
        content = b"".join(members)
    else:
        content = b"".join(page if make == "plain" else member(page, 0 if make == "stored" else 6) for page in pages)
    monkeypatch.setattr(
        warc, "_BACK_BYTES", 20_000
    )  # the longest record here is shorter, as 9 MB is than MAX_BLOCK_BYTES
    path = write(content)
    whole, message = read(path)
    assert not message
    assert len(whole) >= 105
    for _ in range(60):
        cuts = sorted(rng.randrange(len(content)) for _ in range(rng.choice([1, 2, 9])))
        edges = [0, *cuts, len(content)]
        assert [
            r for i in range(len(cuts) + 1) for r in read(path, edges[i], edges[i + 1])[0] if edges[i] < edges[i + 1]
        ] == whole


def test_exactly_one_split_of_a_truncated_file_says_so(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "_BACK_BYTES", 20_000)
    pages = make_pages(random.Random(1))
    for content in (b"".join(map(member, pages))[:-30], b"".join(pages)[:-30]):
        path = write(content)
        step = len(content) // 7 + 1
        messages = [read(path, start, min(start + step, len(content)))[1] for start in range(0, len(content), step)]
        assert [bool(message) for message in messages] == [False] * 6 + [True]


def test_only_files_with_records_to_find_are_cuttable(write: Write) -> None:
    noise = record("n", random.Random(0).randbytes(3_000_000))
    for content, expected in [
        (A + B, True),
        (member(A) + member(B), True),
        (member(A + noise), False),
        (bz2.compress(A), False),
        (b"garbage" + A, False),
        (gzip.compress(b"") + member(A), False),
        (b"", False),
    ]:
        path = write(content)
        assert is_warc_cuttable(InputFile(str(path), "f", len(content)), None) is expected


def bomb(before: bytes, num_bytes: int, after: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    block = compressor.compress(before)
    block += b"".join(compressor.compress(b"x" * (1 << 20)) for _ in range(num_bytes >> 20))
    return block + compressor.compress(after) + compressor.flush()


READ_ALONE = """
import resource, sys
from xlnet_data.corpora.warc.reading import read_records
from xlnet_data.files.ranges import FileRange
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
records = read_records(FileRange("c", sys.argv[1], "f"))
print([(record.offset, record.reason and str(record.reason)) for record in records])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def read_alone(path: Path) -> tuple[str, int]:
    """Return what a process of its own reads, and the MB by which its memory grew."""
    done = subprocess.run(
        [sys.executable, "-c", READ_ALONE, path], capture_output=True, text=True, check=True, timeout=120
    )
    records, grown = done.stdout.splitlines()
    return records, int(grown)


def test_a_decompression_bomb_and_a_huge_record_take_bounded_memory_and_are_counted(write: Write) -> None:
    size = 200 << 20
    for claimed, expected in ((size, [("", "too_large")]), (7, [("", None), ("+82", "malformed")])):
        content = member(A) + bomb(record("x", length=claimed)[: -10 - len(SEP)], size, SEP) + member(B)
        records, grown = read_alone(write(content))
        at = len(member(A))
        middle = [(f"{at}{inner}", reason) for inner, reason in expected]
        assert records == str([("0", None), *middle, (str(len(content) - len(member(B))), None)])
        assert grown < 90


def test_a_huge_record_between_others_loses_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "file"
    size = 300 << 20
    with path.open("wb") as file:  # a hole on disk
        file.write(A + record("x", length=size)[: -10 - len(SEP)])
        file.seek(size, 1)
        file.write(SEP + B)
    records, grown = read_alone(path)
    assert records == str([("0", None), (str(len(A)), "too_large"), (str(path.stat().st_size - len(B)), None)])
    assert grown < 60


def test_records_up_to_the_limit_are_read(write: Write) -> None:
    for size, reason in ((MAX_BLOCK_BYTES, None), (MAX_BLOCK_BYTES + 1, Reason.TOO_LARGE)):
        content = record("a", b"x" * size)
        for made in (content + B, member(content) + member(B)):
            records, _ = read(write(made))
            assert [r.reason for r in records] == [reason, None]
            assert len(records[0].block) == (0 if reason else size)


def test_faults_by_the_thousand_are_passed_in_time(write: Write) -> None:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 8000000\r\n\r\n"
    version = b"WARC/1.0\r\n"
    spam = [b"\x1f\x8b\x08\0\0\0\0\0\0\3" * 5_000, version * 30_000, head * 3_000, (version + b"X:") * 10_000]
    spam += [version + b" A: b\r\n" * 50_000]
    begin = time.process_time()
    for middle in spam:
        for content in (A + middle + B, member(A) + middle + member(B), member(A + middle + B)):
            records, _ = read(write(content))
            assert {"a", "b"} <= {r.uri(b"WARC-Record-ID") for r in records}
    assert time.process_time() - begin < 60


def mutations() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Return functions that flip bits, cut, delete, double, exchange or insert bytes."""

    def mutate(seed: int, kinds: list[int]) -> Callable[[bytes], bytes]:
        def apply(content: bytes) -> bytes:
            rng = random.Random(seed)
            changed = bytearray(content)
            for kind in kinds:
                at = rng.randrange(len(changed) + 1)
                until = at + rng.choice([1, 2, 40, 3000])
                if kind == 0 and at < len(changed):
                    changed[at] ^= 1 << rng.randrange(8)
                elif kind == 1:
                    del changed[at:]
                elif kind == 2:
                    del changed[at:until]
                elif kind == 3:
                    changed[at:at] = changed[at:until]
                elif kind == 4:
                    changed[at:until] = rng.randbytes(rng.choice([0, 1, 20]))
                else:
                    changed[at:at] = rng.choice(
                        [b"WARC/1.0\r\n", b"\x1f\x8b\x08", SEP, b"Content-Length: 9999999999\r\n"]
                    )
            return bytes(changed)

        return apply

    return st.builds(mutate, st.integers(0, 2**32), st.lists(st.integers(0, 5), min_size=1, max_size=4))


def unpack(content: bytes) -> Iterator[bytes]:
    """Yield the content of gzip members, or what is none as it is."""
    while content.startswith(gzip_members.MAGIC):
        inflater = isal_zlib.decompressobj(31)  # it passes over flags that are not in use, at which zlib gives up
        yield inflater.decompress(content)
        content = inflater.unused_data
    if content:
        yield content


@pytest.mark.skipif(not SAMPLE_FILES, reason=f"no sample files at {SAMPLES}")
@settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), mutate=mutations(), is_inside=st.booleans())
def test_mutated_files_never_crash_and_split_as_they_read(
    write: Write, data: st.DataObject, mutate: Callable[[bytes], bytes], is_inside: bool
) -> None:
    content = data.draw(st.sampled_from(SAMPLE_FILES)).read_bytes()
    mutated = b"".join(member(mutate(part), 1) for part in unpack(content)) if is_inside else mutate(content)
    path = write(mutated)
    try:
        whole = read(path)
    except CorpusError:
        return  # an ARC file
    assert whole[0] or whole[1] or not b"".join(unpack(mutated)).strip(b"\0\r\n\t ")
    if is_warc_cuttable(InputFile(str(path), "f", len(mutated)), None):
        cut = data.draw(st.integers(1, max(1, len(mutated) - 1)))
        parts = [read(path, 0, cut), read(path, cut, len(mutated))]
        assert [r for part in parts for r in part[0]] == whole[0]
        assert [part[1] for part in parts if part[1]] == [whole[1]][: bool(whole[1])]


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_costs_at_most_the_record_it_is_in(write: Write, seed: int) -> None:
    rng = random.Random(seed)
    pages = [member(record(f"r{i}", rng.randbytes(rng.randrange(400)))) for i in range(20)]
    content = bytearray(b"".join(pages))
    at = rng.randrange(len(content))
    content[at] ^= 1 << rng.randrange(8)
    hit = next(i for i in range(20) if at < sum(map(len, pages[: i + 1])))
    records, message = read(write(bytes(content)))
    counts = Counter(r.reason for r in records)
    names = [r.uri(b"WARC-Record-ID") for r in records if not r.reason]
    assert not message or hit == 19
    assert [name for name in names if name != f"r{hit}"] == [f"r{i}" for i in range(20) if i != hit]
    assert counts[Reason.MALFORMED] + len(names) + bool(message) == 20
