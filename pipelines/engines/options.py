"""Checks the options that are meant for an engine: Beam passes over those that it does not know without a word."""

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.portability.portable_runner import JobServiceHandle

from xlnet_data.checks import find_near
from xlnet_data.errors import ConfigError


class _Parser(_BeamArgumentParser):
    """Beam's parser of options, which raises where Beam's prints and exits."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"the engine's options, which follow after --, cannot be read: {message}")


def names_of(options: Sequence[str]) -> list[str]:
    """Return the names of the options given, without dashes and values.

    >>> names_of(["--project", "mine", "--region=here"])
    ['project', 'region']
    """
    return [option[2:].split("=", 1)[0] for option in options if option.startswith("--")]


def read_unknown(given: Sequence[str]) -> list[str]:
    """Return the options that Beam does not know; the engine may.

    Raises:
        ConfigError: A value is not what its option takes, or a word belongs to no option.

    >>> read_unknown(["--parallelism", "2", "--storage_level=DISK_ONLY", "--bundle_size", "9"])
    ['--storage_level=DISK_ONLY', '--bundle_size']
    >>> read_unknown(["--parallelism", "2", "3"])
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: the engine's options, which follow after --, begin with --: got '3'
    """
    _, words = _beam_parser().parse_known_args(given)
    unknown = []
    has_value = True
    for word in words:
        if word.startswith("-"):
            unknown.append(word)
        elif has_value:
            raise ConfigError(f"the engine's options, which follow after --, begin with --: got {word!r}")
        has_value = "=" in word or not word.startswith("-")
    return unknown


def refuse_unknown(unknown: Sequence[str], others: Iterable[str], engine: str) -> None:
    """Refuse the options that the engine does not know either.

    Args:
        unknown: Those that Beam does not know.
        others: The names that the engine's job server knows.
        engine: Its name.

    Raises:
        ConfigError: There is one.

    >>> refuse_unknown(["--spark_master=local"], ["storage_level"], "spark")
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: spark has no option --spark_master: did you mean --spark_master_url?
    """
    names = {*others} | {string.lstrip("-") for action in _beam_parser()._actions for string in action.option_strings}
    for name in names_of(unknown):
        if name not in names:
            near = find_near(name, sorted(names))
            hint = f": did you mean --{near}?" if near else "; see the options of Beam's runner of that name"
            raise ConfigError(f"{engine} has no option --{name}{hint}")


def _beam_parser() -> _Parser:
    """Return a parser of all options that Beam's Python side knows."""
    parser = _Parser(allow_abbrev=False, add_help=False)
    for kind in PipelineOptions.__subclasses__():
        kind._add_argparse_args(parser)
    return parser


class CheckedSubmission(JobServiceHandle):
    """Refuses options that neither Beam nor the job server knows, before the job is handed over.

    Attributes:
        engine: The engine's name.
        unknown: The options given that Beam does not know.
    """

    engine = ""
    unknown: Sequence[str] = ()

    def get_pipeline_options(self) -> Any:
        """Return the options as the job server takes them."""
        request = beam_job_api_pb2.DescribePipelineOptionsRequest()
        answer = self.job_service.DescribePipelineOptions(request)
        refuse_unknown(self.unknown, (option.name for option in answer.options), self.engine)
        return super().get_pipeline_options()
