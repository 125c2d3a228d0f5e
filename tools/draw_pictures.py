"""Draws the README's two pictures: the flow of a build, and one example with its mask, as SVG for light and dark pages.

    python tools/draw_pictures.py [FOLDER]

FOLDER is docs/_static unless told otherwise. The example and its mask come from the functions that fill the shards.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.factorization import is_target, perm_mask, ranks_of
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Sampling, draw_example
from xlnet_data.schemas.example import CLS_ID, SEP_ID, SPECIAL_PIECES

WIDTH = 680

STYLE = """\
text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 15px; fill: #1f2328 }
.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13.5px }
.strong { font-weight: 600 }
.muted { fill: #59636e; font-size: 13.5px }
.inverse { fill: #ffffff; font-weight: 600 }
.number { font-size: 12.5px }
.narrow { font-size: 12px }
.box { fill: #f5f7f9; stroke: #c5ced8 }
.stage { fill: #39648f }
.line { stroke: #8793a0; stroke-width: 1.5; fill: none }
.tip { fill: #8793a0 }
.cell { fill: #f5f7f9; stroke: #d5dce3 }
.token { fill: #f5f7f9; stroke: #c5ced8 }
.sees { fill: #8fb0d0 }
.shown { fill: #d98a2b }
.target { fill: #fbe3c3; stroke: #d98a2b }
.own { fill: none; stroke: #d98a2b; stroke-width: 2 }
.place { fill: #b0640f }
.functional { fill: #77828e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .muted { fill: #9da7b3 }
  .inverse { fill: #ffffff }
  .box, .token { fill: #1a212a; stroke: #3d4753 }
  .stage { fill: #39648f }
  .line { stroke: #7b8794 }
  .tip { fill: #7b8794 }
  .cell { fill: #161c24; stroke: #2b343e }
  .sees { fill: #4f7ba6 }
  .shown { fill: #d08428 }
  .target { fill: #4a3517; stroke: #d08428 }
  .own { stroke: #d08428 }
  .place { fill: #a8651a }
  .functional { fill: #67727e }
}
"""

STAGES = (
    ("Read", "cuts files into ranges; parses documents, each with a stable id"),
    ("Filter", "keeps a document, or drops it for a reason that is counted"),
    ("Tokenize", "makes SentencePiece ids; finds where sentences end"),
    ("Assign", "takes each document’s split, lane and place from a hash of its id"),
    ("Write", "samples segments, targets and orders; writes them as Arrow shards"),
    ("Publish", "writes the manifest last: counts, settings, the SHA-256 of every file"),
)
"""The stages of `pipelines/flow.py` by their labels there, and what each does."""

PASSED_ON = (
    "documents",
    "documents worth learning from",
    "token ids",
    "lanes: streams of whole documents, each a row of the batch through time",
    "shards, and what was counted",
)
"""What each stage but the last hands to the next."""

FOLDER = (
    ("train/shard-*.arrow", "examples: lanes in order, steps in order"),
    ("documents/…", "which document lies where in which lane"),
    ("dev/…", "the same, of documents held out by their hash"),
    ("spiece.model", "the vocabulary"),
    ("README.md", "what it holds, for people"),
    ("manifest.json", "without it the folder is no dataset"),
)

TEXT = ("Rain fell all day .", "Dusk came .", "We left .", "No one saw us .")
"""The sentences of the example's lane, each word a token."""

SETTINGS = ExampleSettings(seq_len=14, reuse_len=5, k=2.8)
SEED = 51  # draws the borders of TEXT's sentences, and targets that are words

CELL_WIDTH, CELL_HEIGHT, LEFT = 41, 24, 98


@dataclass(frozen=True)
class Drawn:
    """One example as the picture shows it.

    Attributes:
        tokens: The pieces, [seq_len].
        a_len: Tokens of A.
        ranks: int64 [seq_len], places in the order from 0 on, -1 for context.
        targets: int64 [num_targets], positions of the targets in factorization order.
        hidden: bool [seq_len, seq_len]. True: row must not see column, by the query rule.
    """

    tokens: list[str]
    a_len: int
    ranks: NDArray[np.int64]
    targets: NDArray[np.int64]
    hidden: NDArray[np.bool_]


def draw() -> Drawn:
    """Draw one example of the lane of TEXT."""
    words = [word for sentence in TEXT for word in sentence.split()]
    pieces = [*SPECIAL_PIECES, *dict.fromkeys(word for word in words if word not in SPECIAL_PIECES)]
    ids = np.array([pieces.index(word) for word in words], np.uint16)
    sentence_starts = np.cumsum([0, *(len(sentence.split()) for sentence in TEXT[:-1])])
    lane = Lane(ids, sentence_starts, np.zeros(1, np.int64), np.zeros(1, np.int64))
    example = draw_example(lane, 0, False, 0, Sampling(SETTINGS, SEED, "train"))
    targets = example.order[0][is_target(example.input_ids, example.order)[0]]
    return Drawn(
        tokens=[pieces[token] for token in example.input_ids[0].tolist()],
        a_len=int(example.pairs.a_len[0]),
        ranks=ranks_of(example.order, SETTINGS.seq_len)[0],
        targets=targets.astype(np.int64),
        hidden=perm_mask(example.input_ids, example.order, SETTINGS.reuse_len)[0],
    )


def flow_picture() -> str:
    """Return the picture of a build: corpora, the stages, the dataset folder."""
    parts = [
        box(10, 10, WIDTH - 20, 62, "box"),
        text(26, 36, "corpora", "strong"),
        text(26, 58, "Wikipedia, Gigaword, ClueWeb, Common Crawl, books; text, JSON lines, Parquet", "muted"),
    ]
    y = 72
    for number, (name, meaning) in enumerate(STAGES):
        parts += arrow(70, y, y + 34)
        if number:
            parts.append(text(86, y + 20, PASSED_ON[number - 1], "muted"))
        y += 34
        parts += [box(10, y, 120, 38, "stage"), text(70, y + 24, name, "inverse", "middle"), text(146, y + 24, meaning)]
        y += 38
    parts += arrow(70, y, y + 34)
    y += 34
    parts += [box(10, y, WIDTH - 20, 40 + 22 * len(FOLDER), "box"), text(26, y + 26, "dataset/", "strong code")]
    for number, (name, meaning) in enumerate(FOLDER):
        line = y + 48 + 22 * number
        parts += [text(42, line, name, "code"), text(262, line, meaning, "muted")]
    summary = "A build turns corpora into a dataset folder in six stages: " + ", ".join(name for name, _ in STAGES)
    return document(parts, y + 50 + 22 * len(FOLDER), summary)


def example_picture() -> str:
    """Return the picture of one example: its tokens, its order, and who sees whom in either stream."""
    example = draw()
    parts = [*segment_marks(example), text(LEFT - 12, 59, "tokens", "muted", "end")]
    for position, token in enumerate(example.tokens):
        kind = "target" if position in example.targets else "token"
        parts.append(box(column(position) + 1, 40, CELL_WIDTH - 2, 28, kind))
        parts.append(text(middle(position), 59, token, "code narrow" if len(token) > 4 else "code", "middle"))
    parts.append(text(LEFT - 12, 92, "order", "muted", "end"))
    parts += [place(middle(position), 87, example, position) for position in np.flatnonzero(example.ranks >= 0)]

    parts.append(text(10, 134, "Content stream: the states of all tokens", "strong"))
    own = np.eye(len(example.tokens), dtype=bool)
    parts += grid(146, example, range(len(example.tokens)), example.hidden & ~own)
    y = 146 + CELL_HEIGHT * len(example.tokens)

    parts.append(text(10, y + 40, "Query stream: predicts the targets, in their order", "strong"))
    parts += grid(y + 52, example, example.targets.tolist(), example.hidden)
    y += 52 + CELL_HEIGHT * len(example.targets)
    return document([*parts, *legend(y + 24)], y + 98, "One example, its factorization order and its permutation mask")


def segment_marks(example: Drawn) -> list[str]:
    """Return the brackets that name reuse, A and B."""
    a_end = SETTINGS.reuse_len + example.a_len
    parts = []
    for name, start, end in (("reuse", 0, SETTINGS.reuse_len), ("A", SETTINGS.reuse_len, a_end), ("B", a_end + 1, -2)):
        left, right = column(start) + 3, column(end % len(example.tokens)) - 3
        parts.append(f'<path class="line" d="M{left} 34V28H{right}V34"/>')
        parts.append(text((left + right) / 2, 20, name, "strong", "middle"))
    return parts


def grid(y: int, example: Drawn, rows: Sequence[int], hidden: NDArray[np.bool_]) -> list[str]:
    """Return one line of cells per row: which columns the row sees."""
    parts = []
    for line, row in enumerate(rows):
        top = y + CELL_HEIGHT * line
        if example.ranks[row] >= 0:
            parts.append(place(22, top + CELL_HEIGHT / 2, example, row))
        parts.append(text(LEFT - 12, top + 17, example.tokens[row], "code", "end"))
        for position in range(len(example.tokens)):
            kind = "cell"
            if not hidden[row, position]:
                kind = "shown" if position in example.targets else "sees"
            parts.append(box(column(position) + 1, top + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2, kind, 3))
            if row == position and hidden[row, position]:
                parts.append(box(column(position) + 2, top + 2, CELL_WIDTH - 4, CELL_HEIGHT - 4, "own", 3))
    return parts


def legend(y: int) -> list[str]:
    """Return what the cells mean."""
    meanings = (
        ("sees", "the row sees the column’s token"),
        ("shown", "the row sees it, and it is a target"),
        ("cell", "hidden from the row"),
        ("own", "its own token, which the query must predict"),
    )
    parts = []
    for number, (kind, meaning) in enumerate(meanings):
        x, top = 10 + 310 * (number % 2), y + 30 * (number // 2)
        parts += [box(x, top, 26, 18, kind, 3), text(x + 36, top + 14, meaning, "muted")]
    return parts


def place(x: float, y: float, example: Drawn, position: int) -> str:
    """Return a disc with a position's place in the order, counted from 1."""
    token = example.tokens[position]
    kind = "functional" if token in (SPECIAL_PIECES[SEP_ID], SPECIAL_PIECES[CLS_ID]) else "place"
    number = text(x, y + 4.5, str(example.ranks[position] + 1), "inverse number", "middle")
    return f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="10"/>{number}'


def column(position: int) -> int:
    """Return where a position's cells begin."""
    return LEFT + CELL_WIDTH * position


def middle(position: int) -> float:
    """Return the middle of a position's cells."""
    return column(position) + CELL_WIDTH / 2


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Return a line of text."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, kind: str, radius: int = 6) -> str:
    """Return a rectangle with round corners."""
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}"/>'


def arrow(x: int, top: int, bottom: int) -> list[str]:
    """Return an arrow downwards."""
    return [
        f'<path class="line" d="M{x} {top}V{bottom - 7}"/>',
        f'<path class="tip" d="M{x - 5} {bottom - 9}h10l-5 8z"/>',
    ]


def document(parts: list[str], height: int, summary: str) -> str:
    """Return a whole SVG file."""
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join([head, f"<title>{summary}</title>", f"<style>\n{STYLE}</style>", *parts, "</svg>", ""])


def main() -> None:
    """Write both pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flow.svg").write_text(flow_picture(), encoding="utf-8")
    (folder / "example.svg").write_text(example_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
