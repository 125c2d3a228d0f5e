"""The shape of the project: who may import what, what the wheel holds, and that documented tables are the code's."""

import ast
import dataclasses
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.finetuning.settings import TuneSettings
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, example_schema
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.trainer.arguments import SETTINGS
from xlnet_data.trainer.flags import flags_of

ROOT = Path(__file__).parents[1]
SOURCES = ("xlnet_data", "pipelines", "schemas")
ORDER = (
    "schemas", "imports", "showing", "errors", "checks", "seeds", "files", "text", "corpora", "filters", "examples",
    "config", "config_files", "ingestion", "datasets", "estimates", "trainer", "finetuning", "dataset", "pipelines",
    "api", "training", "ablations", "repairs", "cli", "__main__",
)  # fmt: skip
"""The folders and modules of `xlnet_data`: each may import itself and those before it."""

MAX_LINES = 310
"""Of a source file."""


def module_name(path: Path) -> str:
    """Return what a source file is imported as.

    >>> module_name(Path("schemas/example.py")), module_name(Path("xlnet_data/cli/__init__.py"))
    ('xlnet_data.schemas.example', 'xlnet_data.cli')
    """
    parts = path.with_suffix("").parts if path.name != "__init__.py" else path.parent.parts
    return ".".join(parts if parts[0] == "xlnet_data" else ("xlnet_data", *parts))


def source_files() -> list[Path]:
    """Return the package's source files, relative to the root."""
    return sorted(path.relative_to(ROOT) for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))


def imported_modules(path: Path) -> Iterator[str]:
    """Yield what a source file imports, anywhere in it, relative imports made absolute."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*parent, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def place_in_order(module: str) -> int | None:
    """Return the place of a module in ORDER, None if it is not ours or the package itself.

    The compiled part of a module has its name behind an underscore, and its place.

    >>> place_in_order("xlnet_data.schemas.example"), place_in_order("numpy"), place_in_order("xlnet_data")
    (0, None, None)
    """
    package, _, rest = module.partition(".")
    name = rest.split(".")[0]
    name = name if name in ORDER else name.removeprefix("_")
    return ORDER.index(name) if package == "xlnet_data" and rest else None


ALLOWED_IN = {
    "apache_beam": ("pipelines/",),
    "torch": ("xlnet_data/trainer/", "xlnet_data/finetuning/"),
    "transformers": (),
    "click": ("xlnet_data/cli/",),
    "rich": ("xlnet_data/cli/",),
}


@pytest.mark.parametrize("library", ALLOWED_IN)
def test_a_library_is_imported_only_where_it_lives(library: str) -> None:
    strays = [
        str(path)
        for path in source_files()
        for module in imported_modules(path)
        if module.split(".")[0] == library and not path.as_posix().startswith(ALLOWED_IN[library])
    ]
    assert strays == []


def test_schemas_import_the_standard_library_and_pyarrow_alone() -> None:
    allowed = {*sys.stdlib_module_names, "pyarrow"}
    strays = [
        (str(path), module)
        for path in source_files()
        for module in imported_modules(path)
        if path.parts[0] == "schemas"
        if module.split(".")[0] not in allowed and not module.startswith("xlnet_data.schemas")
    ]
    assert strays == []


def test_a_module_imports_only_what_stands_before_it_in_the_order() -> None:
    strays = []
    for path in source_files():
        own = place_in_order(module_name(path))
        if own is not None:
            strays += [(str(path), name) for name in imported_modules(path) if (place_in_order(name) or 0) > own]
    assert strays == []


def test_builds_on_one_machine_and_on_engines_do_not_know_of_each_other() -> None:
    kinds = ("local", "engines")
    strays = [
        (str(path), name)
        for path in source_files()
        if path.parts[0] == "pipelines"
        if path not in (Path("pipelines/builds.py"), Path("pipelines/displays.py"))  # which begin and show both
        for name in imported_modules(path)
        for kind in kinds
        if name.startswith(f"xlnet_data.pipelines.{kind}.") and path.parts[1] != kind
    ]
    assert strays == []


def test_the_order_names_every_folder_and_module_once() -> None:
    found = {module_name(path).split(".")[1] for path in source_files() if module_name(path) != "xlnet_data"}
    assert sorted(ORDER) == sorted(found)


def test_a_file_can_be_read_in_one_go() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in source_files()}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_our_packages_are_imported_by_their_long_names() -> None:
    files = [*source_files(), *(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))]
    strays = [
        (str(path), module)
        for path in files
        for module in imported_modules(path)
        if module.split(".")[0] in ("pipelines", "schemas")
    ]
    assert strays == []


def test_the_door_for_python_is_pinned_and_loads_nothing_until_it_is_used() -> None:
    names = [
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
        "repair",
        "report",
        "train_smoke",
        "train_tokenizer",
        "verify",
    ]
    code = (
        "import sys, xlnet_data\n"
        "heavy = {'apache_beam', 'torch', 'numpy', 'pyarrow', 'click', 'sentencepiece'} & {*sys.modules}\n"
        "print(*xlnet_data.__all__)\n"
        "print(*(getattr(xlnet_data, name).__name__ for name in xlnet_data.__all__))\n"
        "sys.exit(' '.join(heavy) or 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stderr, run.returncode) == ("", 0)
    assert [line.split() for line in run.stdout.splitlines()] == [names, names]
    with pytest.raises(AttributeError, match="no attribute 'build_corpora'"):
        xlnet_data.build_corpora  # noqa: B018
    page = (ROOT / "docs" / "reference" / "python.md").read_text()
    described = set(re.findall(r"^.. auto(?:function|exception):: xlnet_data\.(\w+)$", page, re.MULTILINE))
    assert described == {*names}


def test_no_module_has_the_name_of_a_function_of_the_door() -> None:
    modules = {module_name(path).split(".")[1] for path in source_files() if module_name(path) != "xlnet_data"}
    assert modules & {*xlnet_data.__all__} == set()  # importing such a module would put it in the function's place


def test_python_offers_what_the_commands_do_with_the_same_parameters() -> None:
    for name, command in main.commands.items():
        parameters = {*inspect.signature(getattr(xlnet_data, name.replace("-", "_"))).parameters}
        options = {parameter.name for parameter in command.params}
        differences = options ^ parameters
        assert differences == SHOWN_OTHERWISE[name], name


SHOWN_OTHERWISE = {
    # how the command shows its progress is a parameter of its own in Python
    "build-corpus": {"quiet", "verbose", "display", "beam_options", "engine_options"},
    "plan": {"as_json"},  # the form of what is printed
    # its flags have one home, the fields of three dataclasses, and in Python they are named as those
    "train-smoke": {"display", "settings"}
    | {field.name for one in SETTINGS for field, _, _ in flags_of(one) if field.name != "output"},
    "evaluate": {"as_json"},  # the form of what is printed
    "generate": set(),
    # its flags have one home, too
    "finetune": {"display", "settings", "as_json"} | {field.name for field, _, _ in flags_of(TuneSettings)},
    # the settings of the training are those of train-smoke, those of the fine-tuning are finetune's
    "ablate": {"display", "settings", "batch_size", "width", "num_layers", "num_heads", "learning_rate"}
    | {"tuning", "tune_steps", "tune_batch_size", "tune_lr", "tune_summary"},
    "train-tokenizer": set(),
    "encode": {"lines"},  # standard input
    "documents": {"full", "as_json"},
    "verify": {"display", "as_json"},
    "repair": {"display"},
    "report": {"as_json"},
    "init": {"display"},
    "inspect": {"as_written", "as_json"},  # the form of what is printed
}


@pytest.mark.parametrize(
    "command", [(), *[(name,) for name in sorted(main.commands)]], ids=lambda names: "-".join(names)
)
def test_help_imports_nothing_large(command: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from xlnet_data.cli import main\n"
        f"main([*{command!r}, '--help'], standalone_mode=False)\n"
        "sys.exit(' '.join(m for m in ('apache_beam', 'torch', 'numpy', 'pyarrow') if m in sys.modules) or 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stderr.strip(), run.returncode) == ("", 0)
    assert "Usage:" in run.stdout


def tracked_files() -> list[str]:
    """Return the files of the checkout that git knows or would add, those still there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so there is no list of files to compare with")
    return sorted(name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the names in the wheel, which is built from a copy: a stale build folder must not fill it."""
    copy, wheels = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheels")
    for name in tracked_files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(wheels),
        ".",
    ]
    built = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.iterdir()
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel_files: list[str]) -> None:
    expected, compiled = set(), set()
    for name in tracked_files():
        folder, _, rest = name.partition("/")
        if folder in SOURCES and rest:
            expected.add(name if folder == "xlnet_data" else f"xlnet_data/{name}")
        if folder in SOURCES and rest.endswith(".c") and shutil.which("cc"):
            compiled.add(name.removesuffix(".c") + ".abi3.so")
    assert {name for name in wheel_files if ".dist-info/" not in name} == expected | compiled


def test_the_wheel_holds_the_licence_and_no_other_top_level_name(wheel_files: list[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel_files} == {"xlnet_data"}
    assert [name for name in wheel_files if name.endswith(".dist-info/licenses/LICENSE")]


def test_pyproject_lists_every_package_once() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = sorted({module_name(path.parent / "__init__.py") for path in source_files()})
    assert sorted(packages) == found


def test_the_lock_pins_what_pyproject_asks_for_with_every_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    classified = [line.rsplit(" ", 1)[-1] for line in project["classifiers"] if " :: Python :: 3." in line]
    assert classified == ["3.11", "3.12", "3.13"]
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if "==" not in line or "+" in line or "/" in line] == []
    for python in classified:
        pinned = {
            canonicalize_name(found.name): next(iter(found.specifier)).version
            for found in map(Requirement, lines)
            if found.marker is None or found.marker.evaluate({"python_version": python})
        }
        for wanted in requirements_of(project, "dev", python):
            name = canonicalize_name(wanted.name)
            assert wanted.specifier.contains(pinned.get(name, "0")), (python, str(wanted))


def requirements_of(project: dict[str, Any], extra: str, python: str) -> Iterator[Requirement]:
    """Yield what a Python of some version needs for the package and one of its extras."""
    for found in map(Requirement, [*project["dependencies"], *project["optional-dependencies"][extra]]):
        if found.name == project["name"]:
            for name in found.extras:
                yield from requirements_of(project, name, python)
        elif found.marker is None or found.marker.evaluate({"python_version": python}):
            yield found


REFERENCE = ROOT / "docs" / "reference"


def table_rows(page: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a page's tables by the heading above them, each row by column."""
    rows: dict[str, list[dict[str, str]]] = {}
    heading, head = "", []
    for line in (REFERENCE / page).read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").replace("`", "")
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            head = []
        elif not head:
            head = cells
        elif set("".join(cells)) != {"-"}:
            rows.setdefault(heading, []).append(dict(zip(head, cells, strict=True)))
    return rows


def test_the_generated_tables_say_what_the_code_says() -> None:
    pages = [str(path) for path in sorted(REFERENCE.glob("*.md"))]
    command = [sys.executable, "-m", "cogapp", "--check", "-I", "tools", *pages, "README.md"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, "out of step with the code, run `make fix`\n" + checked.stdout + checked.stderr


def test_every_command_has_its_section_with_its_help() -> None:
    page = (REFERENCE / "commands.md").read_text()
    assert re.findall(r"^## `(.*)`\n\n```text\nUsage: xlnet-data (\S+)", page, re.M) == [
        (name, name) for name in sorted(main.commands)
    ]


def test_every_config_key_has_its_row() -> None:
    rows = {heading: [row["key"] for row in found] for heading, found in table_rows("config.md").items()}
    expected = {
        "[[corpora]]" if field.name == "corpora" else f"[{field.name}]": [
            key.name for key in dataclasses.fields(section) if key.name != "settings"
        ]
        for field in dataclasses.fields(BuildConfig)
        if dataclasses.is_dataclass(section := CorpusConfig if field.name == "corpora" else field.default_factory)
    }
    assert rows == {"The top": ["seed"]} | expected


def test_every_format_key_filter_reason_column_and_field_has_its_row() -> None:
    formats = table_rows("formats.md")
    assert [row["format"] for row in formats.pop("Formats")] == [*FORMATS]
    own = {key.name for form in FORMATS.values() for key in dataclasses.fields(form.settings)}
    assert {row["key"] for rows in formats.values() for row in rows} == own
    filters = table_rows("filters.md")["Every limit"]
    assert [row["key"] for row in filters] == [key.name for key in dataclasses.fields(FilterSettings)]
    assert [row["reason"] for row in table_rows("reasons.md")["Reasons"]] == [*Reason]
    dataset = table_rows("dataset.md")
    columns = example_schema(seq_len=512, num_targets=85, vocab_size=32_000).names
    assert [row["column"] for row in dataset["A shard"]] == columns
    assert [row["column"] for row in dataset["A sidecar"]] == DOCUMENTS_SCHEMA.names
    manifest = [row["field"] for row in table_rows("manifest.md")["The top"]]
    assert manifest == [field.name for field in dataclasses.fields(Manifest)]


def test_no_meaning_in_the_reference_is_empty() -> None:
    pages = ("config.md", "formats.md", "filters.md", "reasons.md", "dataset.md", "manifest.md")
    rows = [(page, row) for page in pages for found in table_rows(page).values() for row in found]
    assert [(page, row) for page, row in rows if not row.get("meaning", row.get("reads"))] == []


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    text = (ROOT / "README.md").read_text()
    links = [*re.findall(r"\]\(([^)#]+)[^)]*\)", text), *re.findall(r'src="([^"]+)"', text)]
    local = [link for link in links if "://" not in link]
    assert len(local) > 20
    assert [link for link in local if not (ROOT / link).is_file()] == []


def test_the_supported_pythons_are_the_tested_ones() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line) for line in project["classifiers"]]
    supported = [match[1] for match in found if match]
    matrix = re.search(r"^ +python: (\[.*\])$", (ROOT / ".github/workflows/ci.yml").read_text(), re.MULTILINE)
    assert matrix
    assert ast.literal_eval(matrix[1]) == supported
    assert project["requires-python"] == f">={supported[0]}"


def test_the_workflow_calls_targets_that_make_has() -> None:
    called = re.findall(r"run: make (\w+)", (ROOT / ".github/workflows/ci.yml").read_text())
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert called
    assert set(called) - set(targets) == set()


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    summaries = {
        path: (ast.get_docstring(ast.parse((ROOT / path).read_text())) or "").split("\n")[0] for path in source_files()
    }
    assert [str(path) for path, summary in summaries.items() if not summary.endswith((".", "?"))] == []
