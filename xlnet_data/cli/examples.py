"""Draws an example on a terminal: segments in colour, targets with their place in the order, whose text it is."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from xlnet_data.datasets.shown_examples import DocumentPart, Segment, ShownExample
from xlnet_data.schemas.example import CLS_ID, SEP_ID, SPECIAL_PIECES
from xlnet_data.showing import make_safe
from xlnet_data.text.model_files import WORD_MARK

INDENT = 2
FUNCTIONAL = (SPECIAL_PIECES[SEP_ID], SPECIAL_PIECES[CLS_ID])
COLOURS = {"reuse": "cyan", "A": "green", "B": "magenta"}
BLANK = "␣"
"""Stands for a target that is nothing but the space before a word."""

OPENING, CLOSING = "⟦⟧"
_ESCAPED = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in OPENING + CLOSING})
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def print_examples(examples: Sequence[ShownExample], console: Console, *, as_written: bool) -> None:
    """Print examples one below the other.

    Args:
        examples: What to show.
        console: Where to; without colours, targets stand in brackets that no text of the example can hold.
        as_written: Show the text of backward lanes as it was written, first word first.
    """
    for number, example in enumerate(examples):
        if number:
            console.print()
        for line in _lines_of(example, console, as_written and example.backward):
            console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _lines_of(example: ShownExample, console: Console, is_reversed: bool) -> Iterator[Text]:
    width = console.width - INDENT
    ranks = {position: rank for rank, position in enumerate(example.order, 1)}
    yield from _wrap(_prose(_heading(example, is_reversed)), console.width, "")
    step = -1 if is_reversed else 1
    for segment in example.segments[::step]:
        colour = COLOURS[segment.name]
        yield Text()
        yield Text(f"{segment.name}, {segment.end - segment.start} tokens", f"bold {colour}")
        for part in [part for part in example.documents if part.segment == segment.name][::step]:
            yield from _wrap(_prose(_source(part, example.backward), "italic"), width, " " * INDENT)
            positions = range(part.start, _end_of(part, segment, example))[::step]
            tokens = [_token(example, position, ranks, colour, console) for position in positions]
            is_spaced_behind = example.backward and not is_reversed  # read backwards, a word ends with its first piece
            words = _words([example.pieces[position] for position in positions], tokens, is_spaced_behind)
            yield from _wrap(words, width, " " * INDENT)
    yield Text()
    yield Text("order", "bold")
    tokens = [_token(example, position, ranks, _colour_of(position, example), console) for position in example.order]
    yield from _wrap([token.append(" ") for token in tokens], width, " " * INDENT)
    yield Text()
    yield from _wrap(_prose(_key(example, console), "dim"), console.width, "")


def _prose(sentences: str, style: str = "") -> list[Text]:
    return [Text(f"{word} ", style) for word in sentences.split()]


def _heading(example: ShownExample, is_reversed: bool) -> str:
    direction = "backward" if example.backward else "forward"
    shown = ", shown as it was written" if is_reversed else ""
    relation = "B follows A" if example.is_next else f"B is from another place, token {example.b_start:,} of the lane"
    count = f"the {example.memory_len:,} tokens before it are" if example.memory_len else "nothing before it is"
    return (
        f"lane {example.lane} of {example.split}, step {example.step} of {example.num_steps}, read {direction}{shown}. "
        f"{relation}. Memory: {count} of the same document."
    )


def _source(part: DocumentPart, is_backward: bool) -> str:
    count = f"{part.tokens_before:,} tokens"
    if is_backward:
        begins = f"up to {count} before its end" if part.tokens_before else "up to its end"
    else:
        begins = f"from {count} into it" if part.tokens_before else "from its beginning"
    return f"{make_safe(part.corpus)}: {make_safe(part.doc_id)}, {begins}"


def _key(example: ShownExample, console: Console) -> str:
    mark = f"{OPENING}token{CLOSING}¹²" if console.no_color or not console.is_terminal else "A coloured token with ¹²"
    num_context = len(example.pieces) - len(example.order)
    return (
        f"{mark} comes 12th in the order: it is predicted from the {num_context} tokens without a number, as far as "
        "they are in its half or before it, and from those with a lower one."
    )


def _end_of(part: DocumentPart, segment: Segment, example: ShownExample) -> int:
    """Return the position behind a part and the functional tokens that follow it."""
    if part.end < segment.end or segment.name == "reuse":
        return part.end
    return part.end + 1 if segment.name == "A" else len(example.pieces)


def _colour_of(position: int, example: ShownExample) -> str:
    found = [segment.name for segment in example.segments if segment.start <= position < segment.end]
    return COLOURS[found[0]] if found else ""


def _token(example: ShownExample, position: int, ranks: dict[int, int], colour: str, console: Console) -> Text:
    """Return a token with its place in the order, if it has one."""
    text = make_safe(example.pieces[position]).translate(_ESCAPED).replace(WORD_MARK, "")
    rank = ranks.get(position)
    if rank is None:
        return Text(text, "dim" if text.startswith("<") and text.endswith(">") else "")
    text = text or BLANK
    number = str(rank).translate(_SUPERSCRIPTS)
    if position not in example.targets:
        return Text.assemble((text, "bold yellow"), (number, "yellow"))
    if console.no_color or not console.is_terminal:
        return Text(f"{OPENING}{text}{CLOSING}{number}")
    return Text.assemble((text, f"black on {colour}"), (number, f"bold {colour}"))


def _words(pieces: Sequence[str], tokens: Sequence[Text], is_spaced_behind: bool) -> list[Text]:
    """Return tokens joined to what a line may be broken between: words, and characters of scripts without spaces."""
    words = [Text()]
    for piece, token in zip(pieces, tokens, strict=True):
        is_marked = piece.startswith(WORD_MARK) or piece in FUNCTIONAL
        if is_marked and not is_spaced_behind and words[-1]:
            words[-1].append(" ")
            words.append(Text())
        elif words[-1] and (_is_wide(words[-1].plain) or _is_wide(token.plain)):
            words.append(Text())
        words[-1].append_text(token)
        if is_marked and is_spaced_behind:
            words[-1].append(" ")
            words.append(Text())
    return words


def _is_wide(text: str) -> bool:
    return any(cell_len(character) > 1 for character in text)


def _wrap(words: Sequence[Text], width: int, indent: str) -> Iterator[Text]:
    """Yield lines of words, at most so many columns wide; a word that is wider is cut."""
    line = Text(indent)
    for word in words:
        while cell_len(line.plain) - len(indent) + cell_len(word.plain.rstrip()) > width:
            if line.plain != indent:
                line.rstrip()
                yield line
                line = Text(indent)
            else:
                end = _chars_within(word.plain, width)
                yield Text(indent) + word[:end]
                word = word[end:]
        line.append_text(word)
    if line.plain != indent:
        line.rstrip()
        yield line


def _chars_within(text: str, width: int) -> int:
    """Return how many characters of a text fit into so many columns, at least one."""
    used = 0
    for number, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return max(1, number)
    return len(text)
