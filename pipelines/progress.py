"""How far a build is: the counts that the stages report, and a progress that keeps silent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuildCounts:
    """Sums over all workers since the build began or went on.

    Attributes:
        input_bytes: Bytes on disk of the finished input, and of the text read so far from the unfinished.
        documents_read: Documents that the parsers saw.
        documents_dropped: Documents dropped.
        text_bytes: Bytes of the text read.
        tokens_read: Tokens that go into the lanes; where a build on one machine writes, those of all its parts, without
            those of duplicates.
        tokens_written: Tokens of the lanes whose examples are written.
    """

    input_bytes: int = 0
    documents_read: int = 0
    documents_dropped: int = 0
    text_bytes: int = 0
    tokens_read: int = 0
    tokens_written: int = 0


class Progress:
    """Takes what the stages report; this one keeps silent, because an engine counts by itself."""

    def add(self, **amounts: int) -> None:
        """Add to this process's counts, by the fields of BuildCounts."""

    def finish_task(self) -> None:
        """Note that what was counted so far is of finished tasks."""

    def read_from(self, corpus: str, source: str) -> None:
        """Note which file or range this process reads documents of a corpus from, "" for none."""
