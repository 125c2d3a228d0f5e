"""Draws the charts of a report as SVG in the page: in its colours, by light and dark, without script, id or date."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import leather

from xlnet_data.datasets.pages import escape_text
from xlnet_data.datasets.report_tables import bars_of, range_of

WIDTH, HEIGHT = 460, 250

MAX_NAMES = 12
"""Columns beyond which only every second one is named, as there is no room."""

COUNTED, WANTED = "var(--bar)", "var(--edge)"
"""Colours of the page for what was measured, and for what it is compared with."""

_UNITS = ("", "k", "M", "G", "T")


@dataclass(frozen=True)
class Curve:
    """A line of a chart: points from left to right, in a colour of the page, dashed or not."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    is_dashed: bool = False


def histogram_of(counts: Mapping[int, int], of: str) -> str:
    """Return a histogram by powers of two as a chart, with its numbers below it to be unfolded.

    Args:
        counts: How many have N to 2N - 1, by N, a power of two; gaps are drawn as zeros.
        of: What is counted along the axis, such as "tokens".
    """
    if not counts:
        return "<p>none</p>"
    powers = [1 << bit for bit in range(min(counts).bit_length() - 1, max(counts).bit_length())]
    drawn = columns_of([(short_power(power), counts.get(power, 0)) for power in powers], f"{of}: N to below 2N, by N")
    numbers = bars_of((range_of(least), count) for least, count in sorted(counts.items()))
    return f"{drawn}<details><summary>In numbers</summary>{numbers}</details>"


def columns_of(columns: Iterable[tuple[str, float]], axis: str, *, is_share: bool = False) -> str:
    """Return a chart of columns with names; their heights are counts, or shares in percent."""
    data = [(name, 100 * value if is_share else value) for name, value in columns]
    chart = leather.Chart()
    chart.add_columns(data, fill_color=COUNTED)
    chart.add_y_axis(tick_formatter=_written("%" if is_share else "", is_whole=not is_share))
    every = 1 if len(data) <= MAX_NAMES else 2
    chart.add_x_axis(name=axis, tick_formatter=lambda value, place, total: "" if place % every else value)
    return _to_svg(chart, axis)


def curves_of(curves: Sequence[Curve], axes: tuple[str, str], unit: str = "", from_zero: bool = False) -> str:
    """Return a chart of curves, named where they are several.

    Args:
        curves: At least one of them with a point.
        axes: What is along x, and what along y: the latter is what the chart is called where it cannot be seen.
        unit: Behind the numbers along y.
        from_zero: Whether y begins at zero.
    """
    chart = leather.Chart()
    for curve in curves:
        dashes = "5 4" if curve.is_dashed else None
        chart.add_line(list(curve.points), name=curve.name, stroke_color=curve.colour, width=2, stroke_dasharray=dashes)
    if from_zero:
        chart.add_y_scale(0, max(value for curve in curves for _, value in curve.points))
    chart.add_x_axis(name=axes[0], tick_formatter=_written(""))
    chart.add_y_axis(tick_formatter=_written(unit))
    return _to_svg(chart, axes[1])


def short_power(number: int) -> str:
    """Return a power of two in a few characters, with k for 1,024.

    >>> short_power(512), short_power(16_384), short_power(1 << 21)
    ('512', '16k', '2M')
    """
    unit = min((number.bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{number >> 10 * unit}{_UNITS[unit]}"


def _written(unit: str, *, is_whole: bool = False) -> Callable[[Decimal, int, int], str]:
    """Return what writes the numbers along an axis; where whole things are counted, no other numbers."""
    return lambda value, place, total: "" if is_whole and value % 1 else f"{float(value):,g}{unit}"


def _to_svg(chart: leather.Chart, name: str) -> str:
    """Return a chart as an element of the page, as wide as there is room, with numbers of one decimal."""
    svg = re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.1f}", chart.to_svg(width=WIDTH, height=HEIGHT))
    head = f'<svg class="chart" role="img" aria-label="{escape_text(name)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return head + svg[svg.index(">") + 1 :]
