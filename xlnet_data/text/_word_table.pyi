class WordTable:
    def __init__(
        self,
        pieces: list[bytes],
        scores: bytes,
        unk_id: int,
        unk_score: float,
        rules: bytes,
        symbols: list[bytes],
        cuts: bytes,
        max_words: int,
        max_bytes: int,
        /,
    ) -> None: ...
    def encode(self, sentences: list[str], /) -> tuple[bytes, bytes, list[int]]: ...
    def counts(self) -> dict[str, int]: ...
