"""Makes the tables of a report, with bars beside the numbers: HTML for paper, phones and the dark."""

from collections.abc import Iterable, Sequence

LEFT = '<span class="left">{}</span>'
SHARE = LEFT.format("share")
"""Heads of columns with bars, which begin at the left."""


def bars_of(counts: Iterable[tuple[str, int]], total: int | None = None) -> str:
    """Return counts as a table with bars; names are HTML already, the shares are of the total or of their sum."""
    items = list(counts)
    whole = max(1, total or sum(count for _, count in items))
    most = max((count for _, count in items), default=1)
    rows = [(name, f"{count:,}", share_of(count / whole, count / most)) for name, count in items]
    return table_of(("", "number", SHARE), rows) if rows else "<p>none</p>"


def share_of(frac: float, bar: float) -> str:
    """Return a share as a number with a bar behind it, which is as long as another share says."""
    width = max(0.0, min(1.0, bar)) * 8
    return f'<span class="share">{frac:.1%}</span><span class="bar" style="width:{width:.2f}em"></span>'


def range_of(least: int) -> str:
    """Return what a power of two stands for: itself and all below the next.

    >>> range_of(1), range_of(1024)
    ('1', '1,024 to 2,047')
    """
    return f"{least:,} to {2 * least - 1:,}" if least > 1 else "1"


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]], *, is_text: bool = False) -> str:
    """Return a table; its cells are HTML already. A phone shows one of texts as a list, cells with heads."""
    cells = [f'<td data-head="{name}">' if is_text else "<td>" for name in head]
    shown = ("".join(f"{start}{cell}</td>" for start, cell in zip(cells, row, strict=True)) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in shown)
    top = "".join(f"<th>{cell}</th>" for cell in head)
    kind = ' class="words"' if is_text else ""
    return f'<div class="wide"><table{kind}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
