"""Writes a page that shows examples: their text, who sees whom, and what each target is predicted from."""

import dataclasses
import os
from collections.abc import Sequence

from xlnet_data.datasets.pages import embed_json, escape_text, fill_page, write_page
from xlnet_data.datasets.shown_examples import ShownExample
from xlnet_data.showing import make_safe

STEPS_AROUND = 12
"""Examples before and behind the chosen one that its page holds."""


def write_example_page(path: str, folder: str, examples: Sequence[ShownExample], first: ShownExample) -> None:
    """Write a page of examples.

    Args:
        path: The HTML file.
        folder: The dataset folder, for the title.
        examples: What the page can show, in this order.
        first: The one that it shows first.

    Raises:
        ShardError: The file cannot be written.
    """
    write_page(path, example_page(folder, examples, first))


def example_page(folder: str, examples: Sequence[ShownExample], first: ShownExample) -> str:
    """Return the page; fields as in `write_example_page`."""
    places = [(example.lane, example.step) for example in examples]
    data = {"first": places.index((first.lane, first.step)), "examples": [_as_shown(example) for example in examples]}
    name = os.path.basename(os.path.normpath(folder)) or folder
    return fill_page("example.html", {"title": escape_text(name), "data": embed_json(data)})


def _as_shown(example: ShownExample) -> dict[str, object]:
    """Return an example's fields with their text safe to show: no mark of direction can turn the page around."""
    fields = dataclasses.asdict(example)
    fields["pieces"] = [make_safe(piece) for piece in example.pieces]
    fields["documents"] = [
        part | {"corpus": make_safe(part["corpus"]), "doc_id": make_safe(part["doc_id"])}
        for part in fields["documents"]
    ]
    del fields["input_ids"]
    return fields
