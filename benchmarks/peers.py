"""From text to token files: this package beside others' ways, on the same text, vocabulary and cores, in one run.

    python benchmarks/peers.py [FOLDER] [--python PYTHON] [--model FILE] [--megabytes 64] [--workers N]
        [--rounds 3]

PYTHON is that of an environment with the others: `pip install 'datatrove[processing]' datasets tokenizers orjson
megatron-core sentencepiece`; what it lacks is left out, and said. The others get SentencePiece's model as a
tokenizer.json of the tokenizers library, in which user-defined symbols are ordinary pieces with a score that always
wins; the last column says to how many of 20,000 sentences it gives the same ids. Megatron's package lacks its script
preprocess_data.py: what stands here does as that does, with the package's files and SentencePiece itself, which sees
documents whole and as they are. Ours does more than they do: it finds sentence ends, and draws and writes examples.
All times hold the start of the processes.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

BATCH = 1000
DOCUMENTS_AT_ONCE = 32
NEEDED = {"datatrove": "datatrove", "datasets": "datasets", "megatron": "megatron.core.datasets.indexed_dataset"}


def main() -> None:
    from measuring import describe_machine, take_or_make_texts, take_or_train_model

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 16,000 pieces is trained")
    parser.add_argument("--megabytes", type=float, default=64)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        texts = take_or_make_texts(options.folder, scratch, int(options.megabytes * 1e6))
        num_mb = sum(len(text.encode()) for text in texts) / 1e6
        shutil.copy(take_or_train_model(options.model, texts, scratch, 16_000), scratch / "m.model")
        write_inputs(texts, scratch)
        same = compare_ids(texts, scratch)
        print(f"{num_mb:.1f} MB in {len(texts)} texts, {options.workers} workers, {options.rounds} rounds\n")
        runs = {
            name: partial(run_apart, options.python, name, scratch, options.workers)
            for name in NEEDED
            if is_installed(options.python, name)
        }
        runs["xlnet-data build-corpus"] = partial(run_ours, scratch, options.workers)
        secs: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(options.rounds):
            for name, run in list(runs.items()) if number % 2 else reversed(list(runs.items())):
                begin = time.perf_counter()
                run()
                secs[name].append(time.perf_counter() - begin)
        ours = statistics.median(secs["xlnet-data build-corpus"])
        print(f"{'':26}{'median':>9}{'':>10}  {'ours is so many times as fast':>30}  same ids")
        for name, values in secs.items():
            median = statistics.median(values)
            share = "" if name.startswith("xlnet") else f"{median / ours:.2f}"
            ids = "all" if name.startswith("xlnet") else "whole texts" if name == "megatron" else f"{same:.3%}"
            print(f"{name:26}{median:7.1f} s{num_mb / median:6.1f} MB/s{share:>30}  {ids:>11}")


def write_inputs(texts: list[str], scratch: Path) -> None:
    """Write what each reads: files of text, JSON lines, a config, and the vocabulary in the others' form."""
    from xlnet_data.trainer.fast_tokenizer import make_fast_tokenizer

    (scratch / "text").mkdir()
    (scratch / "jsonl").mkdir()
    rows = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts)]
    for number, text in enumerate(texts):
        (scratch / "text" / f"{number:05}.txt").write_text(text, encoding="utf-8")
    for part in range(16):  # as many files as any of them may want to share among its workers
        (scratch / "jsonl" / f"{part:02}.jsonl").write_text("".join(f"{row}\n" for row in rows[part::16]))
    content = make_fast_tokenizer((scratch / "m.model").read_bytes(), lowercase=False, keep_accents=False)
    (scratch / "tokenizer.json").write_text(json.dumps(content))
    (scratch / "config.toml").write_text(
        f'[tokenizer]\nmodel = "{scratch / "m.model"}"\n\n'
        '[[corpora]]\nname = "texts"\nformat = "text"\npaths = ["text/*.txt"]\n'
    )


def compare_ids(texts: list[str], scratch: Path) -> float:
    """Return the share of sentences to which tokenizer.json gives the model's ids."""
    import tokenizers

    from xlnet_data.text.sentences import split_document
    from xlnet_data.text.settings import TokenizerSettings
    from xlnet_data.text.tokenizer import Tokenizer

    sentences: list[str] = []
    for text in texts:
        if len(sentences) < 20_000:
            sentences += split_document(text, "en", False)[0]
    fast = tokenizers.Tokenizer.from_file(str(scratch / "tokenizer.json"))
    found = fast.encode_batch(sentences, add_special_tokens=False)
    ids, lens = Tokenizer.load(str(scratch / "m.model"), TokenizerSettings()).encode(sentences)
    place, same = 0, 0
    for encoding, length in zip(found, lens.tolist(), strict=True):
        same += encoding.ids == ids[place : place + length].tolist()
        place += length
    return same / len(sentences)


def run_ours(scratch: Path, workers: int) -> None:
    from measuring import COMMAND

    arguments = ["build-corpus", str(scratch / "config.toml"), "--output", str(scratch / "out"), "--overwrite",
                 "--quiet", "--workers", str(workers)]  # fmt: skip
    subprocess.run([*COMMAND, *arguments], check=True, capture_output=True)


def is_installed(python: str, name: str) -> bool:
    found = subprocess.run([python, "-c", f"import {NEEDED[name]}"], capture_output=True, check=False).returncode == 0
    if not found:
        print(f"{name}: not installed in {python}, left out")
    return found


def run_apart(python: str, name: str, scratch: Path, workers: int) -> None:
    """Run one of the others in its environment: this file again, with a name in place of a folder."""
    output = tempfile.mkdtemp(dir=scratch)
    command = [python, __file__, f"--run={name}", str(scratch), str(workers), output]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_datatrove(scratch: Path, workers: int, output: Path) -> None:
    """Run datatrove's tokenizer over JSON lines: token ids, one document after another, and their ends."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer

    writer = DocumentTokenizer(
        str(output / "tokens"),
        tokenizer_name_or_path=str(scratch / "tokenizer.json"),
        eos_token="<eod>",
        shuffle_documents=False,
    )
    pipeline = [JsonlReader(str(scratch / "jsonl")), writer]
    LocalPipelineExecutor(pipeline, tasks=16, workers=workers, logging_dir=str(output / "logs")).run()


def run_datasets(scratch: Path, workers: int, output: Path) -> None:
    """Run the tokenizers library in `datasets.map`, and save what it makes."""
    import datasets
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(scratch / "tokenizer.json"))

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        return {"ids": [found.ids for found in tokenizer.encode_batch(batch["text"], add_special_tokens=False)]}

    files = [str(path) for path in sorted((scratch / "jsonl").iterdir())]
    source = datasets.load_dataset("json", data_files=files, split="train", cache_dir=str(output / "cache"))
    mapped = source.map(encode, batched=True, batch_size=BATCH, num_proc=workers, remove_columns=["id", "text"])
    mapped.save_to_disk(str(output / "saved"))


_processor: Any = None


def run_megatron(scratch: Path, workers: int, output: Path) -> None:
    """Write Megatron's indexed dataset of JSON lines by several processes, as its preprocess_data.py does."""
    import numpy as np
    from megatron.core.datasets.indexed_dataset import IndexedDatasetBuilder

    builder = IndexedDatasetBuilder(str(output / "tokens.bin"), dtype=np.uint16)
    lines = (line for path in sorted((scratch / "jsonl").iterdir()) for line in path.open(encoding="utf-8"))
    with multiprocessing.Pool(workers, load_processor, (str(scratch / "m.model"),)) as pool:
        for ids in pool.imap(encode_line, lines, DOCUMENTS_AT_ONCE):
            builder.add_document(ids, [len(ids)])
    builder.finalize(str(output / "tokens.idx"))


def load_processor(model: str) -> None:
    from sentencepiece import SentencePieceProcessor

    global _processor
    _processor = SentencePieceProcessor(model_file=model)


def encode_line(line: str) -> list[int]:
    ids: list[int] = _processor.encode_as_ids(json.loads(line)["text"])
    return ids


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("--run="):
        others = {"datatrove": run_datatrove, "datasets": run_datasets, "megatron": run_megatron}
        run_other = others[sys.argv[1][len("--run=") :]]
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the processes share the cores already
        run_other(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
