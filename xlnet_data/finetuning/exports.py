"""Writes fine-tuned models for the transformers library, which gives the same scores with them."""

from pathlib import Path

from torch import Tensor

from xlnet_data.finetuning.folders import Tuning
from xlnet_data.finetuning.settings import CLS
from xlnet_data.finetuning.spans import NUM_ENDS, NUM_STARTS, Spans
from xlnet_data.finetuning.summaries import Classes, Numbers
from xlnet_data.trainer.transformers_format import describe_size, describe_tokenizer, to_transformers, write_folder

SUMMARY_NAMES = {"inner": "sequence_summary.summary", "outer": "logits_proj"}
SPAN_NAMES = {
    "start": "start_logits.dense", "end_inner": "end_logits.dense_0", "end_norm": "end_logits.LayerNorm",
    "end_outer": "end_logits.dense_1", "none_inner": "answer_class.dense_0", "none_outer": "answer_class.dense_1",
}  # fmt: skip
"""Our names of a head's layers, and theirs."""


def export_tuning(tuning: Tuning, output: Path) -> None:
    """Write a folder of XLNetForSequenceClassification, -MultipleChoice or -QuestionAnswering, as the task is.

    Raises:
        ShardError: The folder cannot be written.
    """
    kind, config = tuning.kind, tuning.model.body.config
    summary_type = "last" if tuning.model.summary == CLS else "mean"
    configuration: dict[str, object] = {"mem_len": None, "summary_last_dropout": config.dropout}
    configuration |= {"summary_type": summary_type}
    if isinstance(kind, Spans):
        configuration |= {"architectures": ["XLNetForQuestionAnswering"], "start_n_top": NUM_STARTS}
        configuration |= {"end_n_top": NUM_ENDS}
    elif isinstance(kind, Classes):
        labels = {str(number): label for number, label in enumerate(kind.labels)}
        configuration |= {"architectures": ["XLNetForSequenceClassification"], "id2label": labels}
        configuration |= {"label2id": {label: int(number) for number, label in labels.items()}}
    elif isinstance(kind, Numbers):
        configuration |= {"architectures": ["XLNetForSequenceClassification"], "id2label": {"0": "score"}}
        configuration |= {"label2id": {"score": 0}, "problem_type": "regression"}
    else:
        configuration |= {"architectures": ["XLNetForMultipleChoice"]}
    cleaning = tuning.tokenizer.settings
    files = describe_tokenizer(tuning.tokenizer.model_bytes, cleaning.lowercase, cleaning.keep_accents)
    write_folder(output, describe_size(config) | configuration, _weights_of(tuning), files)


def _weights_of(tuning: Tuning) -> dict[str, Tensor]:
    """Return the body's and the head's weights by their names in transformers, without the pretraining's bias."""
    body = to_transformers(tuning.model.body)
    del body["lm_loss.bias"]
    names = SPAN_NAMES if isinstance(tuning.kind, Spans) else SUMMARY_NAMES
    head = {}
    for name, tensor in tuning.model.head.state_dict().items():
        layer, _, end = name.partition(".")
        head[f"{names[layer]}.{end}"] = tensor.detach().cpu().clone()
    return body | head
