"""Turns a SentencePiece model into a tokenizer.json of the tokenizers library, so that loading needs no converter."""

import base64
import struct
from typing import Any

from xlnet_data.schemas.example import CLS_ID, SEP_ID, SPECIAL_PIECES, UNK_ID, USER_SYMBOLS
from xlnet_data.text.model_files import read_fields

DIGIT_COMMA_PENALTY = 100.0
"""Taken from the score of a piece that ends in a digit and a comma, so that it never wins: the digit-comma rule."""


def make_fast_tokenizer(model: bytes, lowercase: bool, keep_accents: bool) -> dict[str, Any]:
    """Return the content of tokenizer.json.

    Args:
        model: The SentencePiece model file (a unigram model).
        lowercase: Capitals are lowered.
        keep_accents: Accents and other combining marks stay.

    Source: transformers, ``XLNetConverter``; but symbols such as ``.`` are plain pieces (they cannot be cut
    otherwise, and as added tokens they would grow a ``▁`` after them), and white space is stripped.
    """
    pieces, charsmap = read_pieces(model)
    normalizers: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
        {"type": "Strip", "strip_left": True, "strip_right": True},
        *({"type": "Replace", "pattern": {"String": quote}, "content": '"'} for quote in ("``", "''")),
    ]
    if not keep_accents:
        normalizers += [{"type": "NFKD"}, {"type": "StripAccents"}]
    if lowercase:
        normalizers.append({"type": "Lowercase"})
    if charsmap:
        normalizers.append({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()})
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
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
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


def read_pieces(model: bytes) -> tuple[list[tuple[str, float]], bytes]:
    """Return a SentencePiece model's pieces with their scores, and its normalizer's compiled rules.

    Source: sentencepiece_model.proto: ModelProto.pieces = 1 {piece = 1, score = 2}, normalizer_spec = 3
    {precompiled_charsmap = 2}.
    """
    pieces, charsmap = [], b""
    for number, value in read_fields(model):
        if number == 1:
            fields = dict(read_fields(value))
            pieces.append((fields[1].decode(), float(struct.unpack("<f", fields[2])[0]) if 2 in fields else 0.0))
        elif number == 3:
            charsmap = dict(read_fields(value)).get(2, b"")
    return pieces, charsmap


def _ends_in_digit_comma(piece: str) -> bool:
    return len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit()


def _template(*parts: tuple[str, int]) -> list[dict[str, Any]]:
    return [
        {"Sequence" if name in ("A", "B") else "SpecialToken": {"id": name, "type_id": type_id}}
        for name, type_id in parts
    ]
