"""Turns a SentencePiece model into a tokenizer.json of the tokenizers library, so that loading needs no converter."""

import base64
import struct
import sys
import unicodedata
from typing import Any

from xlnet_data.schemas.example import CLS_ID, SEP_ID, SPECIAL_PIECES, UNK_ID, USER_SYMBOLS
from xlnet_data.text.model_files import read_fields

DIGIT_COMMA_PENALTY = 100.0
"""Taken from the score of a piece that ends in a digit and a comma, so that it never wins: the digit-comma rule."""


_CASED = r"[\p{Lu}\p{Ll}\p{Lt}]"
_LAST_SIGMA = rf"(?<={_CASED}|{_CASED}\p{{M}})Σ(?![\p{{M}}\p{{Cf}}\p{{Lm}}\p{{Sk}}'.’:·]*{_CASED})"
"""A capital sigma behind a letter with case and not before one."""


def make_fast_tokenizer(model: bytes, lowercase: bool, keep_accents: bool) -> dict[str, Any]:
    """Return the content of tokenizer.json.

    Args:
        model: The SentencePiece model file (a unigram model).
        lowercase: Capitals are lowered.
        keep_accents: Accents and other combining marks stay.

    Source: transformers, ``XLNetConverter``; but symbols such as ``.`` are plain pieces (they cannot be cut
    otherwise, and as added tokens they would grow a ``▁`` after them), and the text is normalized as ours.
    """
    pieces, rules = read_pieces(model)
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    added = SPECIAL_PIECES[: -len(USER_SYMBOLS)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number, "content": piece, "special": True, "single_word": False, "lstrip": piece == "<mask>",
                "rstrip": False, "normalized": False,
            }
            for number, piece in enumerate(added)
        ],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(rules, lowercase, keep_accents)},
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": _template(("A", 0), ("<sep>", 0), ("<cls>", 2)),
            "pair": _template(("A", 0), ("<sep>", 0), ("B", 1), ("<sep>", 1), ("<cls>", 2)),
            "special_tokens": {
                piece: {"id": piece, "ids": [number], "tokens": [piece]}
                for piece, number in (("<sep>", SEP_ID), ("<cls>", CLS_ID))
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": UNK_ID,
            "vocab": [[p, score - DIGIT_COMMA_PENALTY * _ends_in_digit_comma(p)] for p, score in pieces],
            "byte_fallback": False,
        },
    }  # fmt: skip


def read_pieces(model: bytes) -> tuple[list[tuple[str, float]], dict[int, Any]]:
    """Return a SentencePiece model's pieces with their scores, and the fields of its normalizer.

    Source: sentencepiece_model.proto: ModelProto.pieces = 1 {piece = 1, score = 2}, normalizer_spec = 3
    {name = 1, precompiled_charsmap = 2}.
    """
    pieces, rules = [], {}
    for number, value in read_fields(model):
        if number == 1:
            fields = dict(read_fields(value))
            pieces.append((fields[1].decode(), float(struct.unpack("<f", fields[2])[0]) if 2 in fields else 0.0))
        elif number == 3:
            rules = dict(read_fields(value))
    return pieces, rules


def _normalizers(rules: dict[int, Any], lowercase: bool, keep_accents: bool) -> list[dict[str, Any]]:
    """Return what makes of a text what `clean_sentences` and then SentencePiece make of it.

    The library's StripAccents drops vowel signs of Hindi and Thai, too; its Lowercase knows no sigma at the end of a
    word; its Precompiled leaves clusters of six bytes and more alone, such as Korean syllables that were decomposed.

    Args:
        rules: The fields of the model's normalizer.
        lowercase: Capitals are lowered.
        keep_accents: Accents and other combining marks stay.
    """
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    normalizers = [
        _replace("Regex", r"[\s\x1c-\x1f]+", " "), strip, _replace("String", "``", '"'), _replace("String", "''", '"'),
    ]  # fmt: skip
    if not keep_accents:
        normalizers += [{"type": "NFKD"}, _replace("Regex", _combining_marks(), "")]
    if lowercase:
        normalizers += [_replace("Regex", _LAST_SIGMA, "ς"), {"type": "Lowercase"}]
    if b"nfkc" in rules.get(1, b""):
        normalizers.append({"type": "NFKC"})
    if charsmap := rules.get(2):
        normalizers.append({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()})
    return [*normalizers, _replace("String", "▁", " "), _replace("Regex", " {2,}", " "), strip]


def _replace(kind: str, pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def _combining_marks() -> str:
    """Return a regular expression of the characters that are dropped as accents: of a combining class that is not 0."""
    codes = [code for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    firsts = [code for code in codes if not unicodedata.combining(chr(code - 1))]
    lasts = [code for code in codes if not unicodedata.combining(chr(code + 1))]
    return f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in zip(firsts, lasts, strict=True))}]"


def _ends_in_digit_comma(piece: str) -> bool:
    return len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit()


def _template(*parts: tuple[str, int]) -> list[dict[str, Any]]:
    return [
        {"Sequence" if name in ("A", "B") else "SpecialToken": {"id": name, "type_id": type_id}}
        for name, type_id in parts
    ]
