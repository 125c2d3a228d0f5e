"""Pretraining data for XLNet: raw corpora in, sharded Arrow files out, and a trainer that proves them.

The names below do what the commands of the same name do. Each loads what it needs when it is first used, so that the
import itself costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlnet_data.ablations.running import ablate
    from xlnet_data.api import (
        build_corpus,
        documents,
        encode,
        init,
        inspect,
        load_config,
        open_dataset,
        plan,
        report,
        train_tokenizer,
        verify,
    )
    from xlnet_data.errors import XlnetDataError
    from xlnet_data.training import evaluate, finetune, generate, train_smoke

__all__ = [
    "XlnetDataError",
    "ablate",
    "build_corpus",
    "documents",
    "encode",
    "evaluate",
    "finetune",
    "generate",
    "init",
    "inspect",
    "load_config",
    "open_dataset",
    "plan",
    "report",
    "train_smoke",
    "train_tokenizer",
    "verify",
]

_ELSEWHERE = (
    {"XlnetDataError": "errors"}
    | dict.fromkeys(("evaluate", "finetune", "generate", "train_smoke"), "training")
    | {"ablate": "ablations.running"}
)
"""The modules of the names that are not in api."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ELSEWHERE.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
