"""What a build on Dataflow costs, worked out from core-hours that were measured here and prices that are given.

    python benchmarks/dataflow_cost.py [--book-secs 0.169] [--web-secs 0.30] [--overhead 2] [--vcpu-hour 0.056] ...

Nothing is asked of Google: the prices are flags, whose defaults are list prices of a cheap region as remembered in
November 2026. Look them up, and give those of your region.
"""

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Corpus:
    """What is built.

    Attributes:
        name: For the table.
        text_gb: Its text, unpacked.
        flag: Which of the flags says what a megabyte of such text takes.
        shuffled_frac: Bytes that the shuffle moves, as a share of the text's: token ids of two bytes each.
    """

    name: str
    text_gb: float
    flag: str
    shuffled_frac: float = 0.52


UNPACKED = 2.6
"""Bytes of text in a byte of a WET file, guessed."""

CORPORA = (
    Corpus("the 126 GB mix of the paper", 126, "book_secs"),
    Corpus("a month of Common Crawl, 7 TB of WET files, nothing filtered out", 7000 * UNPACKED, "web_secs"),
)


@dataclass(frozen=True)
class Cost:
    """What a build takes and costs, in dollars."""

    vcpu_hours: float
    shuffled_gb: float
    vcpu: float
    memory: float
    disk: float
    shuffle: float

    @property
    def total(self) -> float:
        """All together."""
        return self.vcpu + self.memory + self.disk + self.shuffle


def cost_of(corpus: Corpus, prices: argparse.Namespace) -> Cost:
    """Return what a corpus costs.

    >>> prices = read_prices(["--book-secs", "0.36", "--overhead", "2", "--vcpu-hour", "0.05"])
    >>> round(cost_of(Corpus("small", 50, "book_secs"), prices).vcpu, 3)
    0.5
    """
    hours = corpus.text_gb * 1000 * getattr(prices, corpus.flag) / 3600 * prices.overhead
    shuffled = corpus.text_gb * corpus.shuffled_frac * 2  # written and read
    return Cost(
        vcpu_hours=hours,
        shuffled_gb=shuffled,
        vcpu=hours * prices.vcpu_hour,
        memory=hours * prices.memory_gb * prices.gb_hour,
        disk=hours * prices.disk_gb * prices.disk_gb_hour,
        shuffle=shuffled * prices.shuffle_gb,
    )


def read_prices(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default, meaning in (
        ("book-secs", 0.169, "core-seconds that a MB of books and articles takes: 5.9 core-hours for 126 GB"),
        ("web-secs", 0.30, "core-seconds that a MB of the text of WET files takes, without filters"),
        ("overhead", 2.0, "vCPU-hours of Dataflow for a core-hour of one machine"),
        ("vcpu-hour", 0.056, "dollars for a vCPU of a batch worker, an hour"),
        ("gb-hour", 0.003557, "dollars for a GB of its memory, an hour"),
        ("disk-gb-hour", 0.000054, "dollars for a GB of its disk, an hour"),
        ("shuffle-gb", 0.011, "dollars for a GB that the shuffle moves, before what Google takes off"),
        ("memory-gb", 4.0, "GB of memory for a vCPU: 4 of an n2-standard machine"),
        ("disk-gb", 6.25, "GB of disk for a vCPU: 50 for 8"),
    ):
        parser.add_argument(f"--{name}", type=float, default=default, help=f"{meaning} (default: {default})")
    return parser.parse_args(arguments)


def _show_hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def main() -> None:
    prices = read_prices()
    print("| corpus | text | vCPU-hours | with 40 machines of 8 vCPU | vCPU | memory | disk | shuffle | together |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for corpus in CORPORA:
        cost = cost_of(corpus, prices)
        parts = [cost.vcpu, cost.memory, cost.disk, cost.shuffle, cost.total]
        cells = [f"{corpus.text_gb:,.0f} GB", f"{cost.vcpu_hours:,.0f}", _show_hours(cost.vcpu_hours / 320)]
        print(f"| {' | '.join([corpus.name, *cells, *(f'${part:,.2f}' for part in parts)])} |")


if __name__ == "__main__":
    main()
