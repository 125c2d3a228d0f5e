"""Finds out in which encoding a text is written that is not UTF-8, and reads it as what its corpus says."""

import codecs

from resiliparse.parse.encoding import detect_encoding

from xlnet_data.corpora.letters import guess_encoding_of_letters
from xlnet_data.corpora.warc.charsets import codec_of
from xlnet_data.errors import ConfigError, CorpusError

HEAD_BYTES = 65_536
"""Bytes of a file's content that it is recognised by."""

_WITHOUT_CAPITALS = (
    "big5",
    "cp932",
    "cp949",
    "cp1255",
    "cp1256",
    "cp874",
    "euc",
    "gb",
    "hz",
    "iso8859-6",
    "iso8859-8",
    "shift",
)
_OF_SEVERAL_BYTES = ("big5", "cp932", "cp949", "euc", "gb", "shift")
_ASCII = bytes(range(128))
_MIN_HIGH, _MAX_CHANCE_FRAC = 20, 0.75  # bytes above ASCII, and the share of them that may make UTF-8 by chance
_COMMON_LEADS = {"gb": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7), "cp949": range(0xB0, 0xC9)}
_MIN_COMMON_FRAC = 0.85
_MIN_HIGH_FRAC = 0.2  # of a text in a script other than Latin
_MIN_SYLLABLE_FRAC = 0.8
_OF_UKRAINE = b"\xa4\xa6\xa7\xad\xb4\xb6\xb7\xbd"  # letters of koi8-u where koi8-r has lines of boxes


def is_of_other_bytes(head: bytes) -> bool:
    """Return whether a text has bytes above ASCII that make no characters of UTF-8, or do so by chance alone."""
    sample = head[:-4]  # the head may end within a character
    kept = sample.decode("utf-8", "ignore").encode()
    if len(kept) == len(sample) or b"\0" in head:
        return False
    return count_high(kept) * 3 < count_high(sample) or is_utf8_by_chance(head)


def is_utf8_by_chance(content: bytes) -> bool:
    """Return whether a text of which some bytes make characters of UTF-8 is of an encoding of several bytes.

    In EUC-JP and its like half of the bytes above ASCII may be such.

    >>> is_utf8_by_chance("彼は毎朝本を読んでいます。".encode("euc_jp")), is_utf8_by_chance(b"n\\xc3\\xa9e, n\\xe9")
    (True, False)
    """
    sample = content[:HEAD_BYTES]
    num_kept, num_high = map(count_high, (sample.decode("utf-8", "ignore").encode(), sample))
    if num_high < _MIN_HIGH or num_kept > _MAX_CHANCE_FRAC * num_high:
        return False
    encoding = guess_encoding(sample)
    if not encoding.startswith(_OF_SEVERAL_BYTES):
        return False
    return sample[:-4].decode(encoding, "replace").count("\ufffd") <= 1


def count_high(content: bytes) -> int:
    """Return how many bytes are above ASCII."""
    return len(content.translate(None, _ASCII))


def check_encoding(encoding: str) -> None:
    """Check that an encoding is one that Python knows, and that lines can be found in it.

    Raises:
        ConfigError: It is not.
    """
    try:
        line_end = "\n".encode(encoding)
    except (LookupError, ValueError) as error:  # ValueError: a NUL
        raise ConfigError(f"encoding must be one that Python knows: got {encoding!r}") from error
    if line_end != b"\n":
        raise ConfigError(f"encoding must write a line end as one byte: got {encoding!r}; convert to utf-8")


def decode_as(encoding: str, piece: bytes, offset: int, path: str) -> str:
    """Return the characters of a piece of a file.

    Raises:
        CorpusError: It is not in the encoding; the message names the first byte that is not, and its offset.
    """
    if offset == 0 and piece.startswith(codecs.BOM_UTF8):
        offset, piece = len(codecs.BOM_UTF8), piece[len(codecs.BOM_UTF8) :]
    try:
        return piece.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"byte 0x{piece[error.start]:02x} at offset {offset + error.start} is not {encoding}"
        hint = (
            f"set `encoding` of this corpus to what its files are written in; it looks like {guess_encoding(piece)!r}"
        )
        raise CorpusError(f"cannot read {path}: {what}; {hint}") from error


def guess_encoding(content: bytes) -> str:
    """Return Python's name of the encoding that a text that is not UTF-8 looks like it is written in."""
    return find_encoding(content)[0]


def find_encoding(content: bytes) -> tuple[str, bool]:
    """Return what a text that is not UTF-8 looks like it is written in, and whether it looks like nothing else."""
    sample = content[:HEAD_BYTES]
    is_dense = count_high(sample) >= _MIN_HIGH_FRAC * max(1, len(sample))
    found = codec_of(detect_encoding(sample) or "") or ""
    if is_dense and found.startswith(_WITHOUT_CAPITALS):
        return found, _has_common_characters(sample, found)
    if is_dense and (guess := guess_encoding_of_letters(sample, found.replace("koi8-r", "koi8-u") or "unknown"))[1]:
        is_russian = guess[0] == "koi8-u" and not any(letter in sample for letter in _OF_UKRAINE)
        return ("koi8-r" if is_russian else guess[0]), True
    guess = guess_encoding_of_letters(sample)
    return ("cp949", True) if not guess[1] and _is_korean(sample) else guess


def _has_common_characters(sample: bytes, encoding: str) -> bool:
    """Return whether a Chinese or Korean text is made of common characters, which two encodings have side by side."""
    leads = next((leads for name, leads in _COMMON_LEADS.items() if encoding.startswith(name)), None)
    if leads is None:
        return True
    text = sample.decode(encoding, "ignore")
    letters = [letter.encode(encoding) for letter in text if letter.isalpha() and letter > "\u2e80"]
    num_common = sum(letter[0] in leads and (encoding != "cp949" or letter[1] > 0xA0) for letter in letters)
    return num_common >= _MIN_COMMON_FRAC * len(letters)


def _is_korean(sample: bytes) -> bool:
    """Return whether a text is Korean if it is read as such: half of its bytes make nearly nothing but syllables."""
    letters = [letter for letter in sample.decode("cp949", "ignore") if letter > "\x7f"]
    num_syllables = sum("가" <= letter <= "힣" for letter in letters)
    is_text = len(letters) * 4 >= len(sample) and num_syllables >= _MIN_SYLLABLE_FRAC * len(letters)
    return is_text and _has_common_characters(sample, "cp949")
