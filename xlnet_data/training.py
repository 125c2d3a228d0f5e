"""The functions behind the commands that train a model or take a trained one; api has the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from xlnet_data.api import PathLike
from xlnet_data.errors import ConfigError

if TYPE_CHECKING:
    from xlnet_data.finetuning.results import Tuned, TuneRecord
    from xlnet_data.trainer.metrics import StepRecord
    from xlnet_data.trainer.yardsticks import Evaluation


def train_smoke(
    dataset: PathLike,
    output: PathLike | None = None,
    *,
    display: "Callable[[StepRecord], None] | None" = None,
    **settings: Any,
) -> "StepRecord":
    """Train a small XLNet on a dataset and return the verdict: ``has_learned``, ``dev_loss`` and ``unigram_loss``.

    Args:
        dataset: The dataset folder, local or a URL.
        output: The run's folder, which gets metrics.jsonl, curves.svg, run.json and checkpoints/; None: the dataset's
            name with "-run" behind it.
        display: Is given every record, as the run goes.
        settings: The command's other flags by the names of their fields: ``steps``, ``learning_rate``, ``width``, ...

    Raises:
        XlnetDataError: What went wrong, by its name.
    """
    from xlnet_data.trainer.arguments import load_function, settings_from

    run_training: Callable[..., Iterator[StepRecord]] = load_function("loop", "run_training")
    options, config, training = settings_from(dataset, output, settings)
    for record in run_training(options, config, training):
        if display is not None:
            display(record)
    return record


def evaluate(
    run: PathLike,
    dataset: PathLike,
    *,
    examples: int = 256,
    alone: int = 8,
    by_share: bool = False,
    device: str = "cpu",
) -> "Evaluation":
    """Measure a run on the dev targets of its dataset, by the yardstick that is the same for every objective.

    Args:
        run: The run's folder.
        dataset: The dataset folder that it was trained on, or one of the same vocabulary and lengths.
        examples: Dev examples.
        alone: So many targets of each are also predicted one at a time, with all else seen.
        by_share: Also measure the loss with 1/7 to 7/7 of the text hidden.
        device: "cpu" or "cuda".

    Raises:
        ConfigError: There is no run with a checkpoint, or the loss by share was asked of a run of ``lm``.
        ShardError: The dataset does not fit the run, or a file is damaged.
    """
    from xlnet_data.files.stores import local_path
    from xlnet_data.trainer.arguments import load_function

    run, dataset = local_path(run, "run"), local_path(dataset, "dataset")
    evaluate_run = load_function("yardsticks", "evaluate_run")
    options = {"examples": examples, "alone": alone, "by_share": by_share, "device": device}
    return cast("Evaluation", evaluate_run(run, dataset, **options))


def generate(
    run: PathLike,
    prompt: str,
    *,
    length: int = 50,
    infill: bool = False,
    temperature: float = 1.0,
    top_p: float = 0.9,
    seed: int = 0,
) -> str:
    """Return a prompt with what a run's model writes behind it, or into its hole.

    From left to right it writes until ``length`` tokens or the end of the document; what leaves the model's window
    becomes memory. A hole gets exactly ``length`` tokens, in a random order, since nothing tells the model how many.

    Args:
        run: The run's folder; its objective is not "dae", and for a hole not "lm".
        prompt: The text; with ``infill`` it has one "<mask>" where the hole is.
        length: Tokens to write.
        infill: Write into the hole.
        temperature: Below 1 the likely becomes likelier; 0: the likeliest token is taken.
        top_p: Tokens are drawn from the likeliest that together have this probability.
        seed: Of what is drawn.

    Raises:
        ConfigError: There is no run with a checkpoint, it cannot write so, or a value is out of range.
    """
    from xlnet_data.files.stores import local_path
    from xlnet_data.trainer.arguments import load_function

    run = local_path(run, "run")
    generate_text = load_function("generation", "generate_text")
    drawing = {"temperature": temperature, "top_p": top_p, "seed": seed}
    return cast(str, generate_text(run, prompt, length=length, infill=infill, **drawing))


def finetune(
    run: PathLike,
    *,
    task: PathLike | None = None,
    dev: Sequence[PathLike] = (),
    test: Sequence[PathLike] = (),
    output: PathLike | None = None,
    export_hf: PathLike | None = None,
    overwrite: bool = False,
    display: "Callable[[TuneRecord], None] | None" = None,
    **settings: Any,
) -> "Tuned":
    """Fine-tune a run on a task, and return its scores beside those of guessing by frequency.

    What a file is, is told by its content: one of GLUE's tables or one of your own (columns text and label, or text_a,
    text_b and label; score in place of label for numbers), the same as JSON lines, SQuAD's JSON, RACE's JSON or a
    folder of it.

    Args:
        run: The folder of a run of any objective; or, without a task, that of a fine-tuned model, which only predicts.
        task: What is learned.
        dev: What is scored; without any a tenth of the task is held out.
        test: What is only predicted; labels may be missing.
        output: The folder of the fine-tuned model, which gets its weights, metrics.jsonl, scores.json and the
            predictions in the task's own form; None: the run's name with "-tuned" behind it.
        export_hf: A folder that transformers loads the fine-tuned model from, to be written.
        overwrite: Replace what lies in these folders.
        display: Is given every record, as the training goes.
        settings: The command's other flags by the names of their fields: ``epochs``, ``learning_rate``, ...

    Raises:
        CorpusError: A file of the task cannot be understood.
        ConfigError: There is no run with a checkpoint, or a setting is unknown or out of range.
    """
    from xlnet_data.checks import check_keys, check_list
    from xlnet_data.files.stores import local_path
    from xlnet_data.finetuning.settings import TuneOptions, TuneSettings
    from xlnet_data.trainer.arguments import load_function, path_beside

    check_keys(settings, [field.name for field in fields(TuneSettings)], "the settings of a fine-tuning")
    check_list("dev", dev)
    check_list("test", test)
    if task is None and not (dev or test):
        raise ConfigError("nothing to do: give a task to learn, or files to predict with a fine-tuned model")
    folder = local_path(run, "run")
    beside = path_beside(folder, "-tuned" if task else "-predictions")
    options = TuneOptions(
        run=folder,
        output=local_path(beside if output is None else output, "output"),
        task=None if task is None else local_path(task, "task"),
        dev=tuple(local_path(path, "dev") for path in dev),
        test=tuple(local_path(path, "test") for path in test),
        export_hf=None if export_hf is None else local_path(export_hf, "export_hf"),
        overwrite=overwrite,
    )
    tune = load_function("loop", "tune", "xlnet_data.finetuning")
    found = tune(options, TuneSettings(**settings), display or (lambda _: None))
    return cast("Tuned", found)
