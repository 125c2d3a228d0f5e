"""Reads the header of a WARC record: its fields, its length, its digests."""

import base64
import hashlib
import re

HEADER_END = re.compile(rb"\n\r{0,2}\n")


def find_header_field(header: bytes, name: bytes) -> bytes:
    r"""Return the value of a field of a WARC header, empty if it is missing; the first one with a value counts.

    >>> find_header_field(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", b"WARC-Type")
    b'response'
    """
    begin = header.find(b"\n" + name + b":")
    end = header.find(b"\n", begin + 1)
    value = header[begin + len(name) + 2 : end].strip()
    if begin >= 0 and value and header[end + 1 : end + 2] not in (b" ", b"\t"):
        return value  # as nearly all are
    return parse_fields(header).get(name.lower(), b"")


def parse_fields(header: bytes) -> dict[bytes, bytes]:
    r"""Return the fields of a WARC or HTTP header after its first line, the names in lower case.

    The first one with a value counts.

    >>> parse_fields(b"WARC/1.0\r\nWARC-Type:\r\n response\r\ncontent-length: 5\r\n\r\n")
    {b'warc-type': b'response', b'content-length': b'5'}
    """
    parts: dict[bytes, list[bytes]] = {}  # of each value; none is empty
    name = b""
    for line in header.strip().split(b"\n")[1:]:
        value = line.strip()
        if line[:1] not in (b" ", b"\t"):
            name, colon, value = line.partition(b":")
            name = name.strip().lower()
            value = value.strip()
            if not colon or parts.get(name):
                name = b""
        if name:  # a line that begins with white space goes on with the value before
            parts.setdefault(name, []).extend([value] if value else [])
    return {name: b" ".join(values) for name, values in parts.items()}


def content_length(header: bytes) -> int | None:
    """Return the length of the block, None if it is missing or no number."""
    value = find_header_field(header, b"Content-Length")
    return int(value) if value.isdigit() and len(value) <= 18 else None


def has_right_digest(block: bytes, header: bytes) -> bool:
    """Return whether a digest in the record's header is that of the block, or of the HTTP payload in it."""
    end = HEADER_END.search(block)
    payload = block[end.end() :] if end else b""
    for name, content in ((b"WARC-Block-Digest", block), (b"WARC-Payload-Digest", payload)):
        algorithm, _, digest = find_header_field(header, name).partition(b":")
        if digest and algorithm.lower() in (b"sha1", b"sha256", b"md5"):
            found = hashlib.new(algorithm.decode().lower(), content, usedforsecurity=False)
            if digest.lower() in (found.hexdigest().encode(), base64.b32encode(found.digest()).lower().rstrip(b"=")):
                return True
    return False
