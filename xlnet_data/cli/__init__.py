"""Offers the functions of `xlnet_data.api` as commands: parses arguments, prints results. No work of its own."""

import atexit
import errno
import gc
import os
import signal
from typing import Any

import click

from xlnet_data.cli.ablate import ablate
from xlnet_data.cli.build import build_corpus
from xlnet_data.cli.datasets import inspect, repair, report, verify
from xlnet_data.cli.finetune import finetune
from xlnet_data.cli.init import init
from xlnet_data.cli.plan import plan
from xlnet_data.cli.runs import evaluate, generate
from xlnet_data.cli.text import documents, encode, train_tokenizer
from xlnet_data.cli.train import train_smoke
from xlnet_data.errors import XlnetDataError
from xlnet_data.showing import make_safe

_NO_PROCESS = (
    "no more processes or threads can be started: raise the limit (ulimit -u, or a container's pids), or that of "
    "memory if there is one"
)


class _Commands(click.Group):
    """Turns named errors into one clear message and exit status 1, and interrupts into one and 130."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except XlnetDataError as error:
            raise click.ClickException(make_safe(str(error))) from error
        except OSError as error:
            if error.errno == errno.ENOENT and error.filename is None:
                _check_temporary_folder()
            if error.errno == errno.EAGAIN and error.strerror == os.strerror(errno.EAGAIN):  # not a pipe's
                raise click.ClickException(_NO_PROCESS) from error
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            raise click.ClickException("too many open files: raise the limit (ulimit -n), 1024 suffices") from error
        except RuntimeError as error:
            if "can't start new thread" not in str(error):
                raise
            raise click.ClickException(_NO_PROCESS) from error
        except KeyboardInterrupt as error:
            raise _Interrupted(": ".join(["interrupted", *getattr(error, "__notes__", ())])) from None


def _check_temporary_folder() -> None:
    from xlnet_data.files.writing import check_temporary_folder

    try:
        check_temporary_folder()
    except XlnetDataError as error:
        raise click.ClickException(str(error)) from error


class _Interrupted(click.ClickException):
    """Ctrl-C, SIGTERM or SIGHUP, with the notes of the command that it ended."""

    exit_code = 128 + signal.SIGINT  # what shells make of it


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xlnet-data")
def main() -> None:
    """Pretraining data for XLNet: raw corpora in, sharded Arrow files out, and a trainer that proves them."""


COMMANDS = (
    init,
    build_corpus,
    plan,
    train_tokenizer,
    encode,
    documents,
    verify,
    repair,
    report,
    inspect,
    train_smoke,
    evaluate,
    finetune,
    generate,
    ablate,
)

for command in COMMANDS:
    main.add_command(command)

atexit.register(gc.freeze)  # the system takes all memory back: to look for garbage among Beam's modules takes 0.2 s
