"""Writes counts, bytes, shares and times short enough for a column."""


def show_bytes(number: float) -> str:
    """Return bytes with three digits.

    >>> show_bytes(950), show_bytes(62_345_678), show_bytes(126e9)
    ('950 B', '62.3 MB', '126 GB')
    """
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 999.5 or unit == "TB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if number >= 99.95 or unit == "B" else f"{number:.1f} {unit}"


def show_count(number: int) -> str:
    """Return a count with about three digits.

    >>> show_count(142), show_count(15_247_165), show_count(32_890_000_000)
    ('142', '15.2M', '32.9B')
    """
    for unit, size in (("B", 1_000_000_000), ("M", 1_000_000), ("k", 1000)):
        if number >= size * (10 if unit == "k" else 1):
            return f"{number / size:.3g}{unit}"
    return f"{number:,}"


def show_duration(secs: float) -> str:
    """Return a time in two units.

    >>> show_duration(7), show_duration(754), show_duration(20_000)
    ('7 s', '12 min 34 s', '5 h 33 min')
    """
    minutes, rest = divmod(round(secs), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def show_time_left(secs: float) -> str:
    """Return minutes and seconds.

    >>> show_time_left(754.2)
    '12:34'
    """
    minutes, rest = divmod(round(secs), 60)
    return f"{minutes}:{rest:02}"


def show_share(share: float) -> str:
    """Return a share in percent, with two digits that count.

    >>> show_share(0.339), show_share(0.00012), show_share(0), show_share(1), show_share(0.000001)
    ('34%', '0.012%', '0%', '100%', '<0.001%')
    """
    percent = 100 * share
    if 0 < percent < 0.001:
        return "<0.001%"
    if percent >= 9.95 or percent == 0:
        return f"{percent:.0f}%"
    return f"{percent:.2g}%"
