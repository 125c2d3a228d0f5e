"""The command `xlnet-data` as a process: Ctrl-C, SIGTERM and a lost terminal end it in one line, at any moment."""

import atexit
import contextlib
import errno
import faulthandler
import io
import os
import resource
import signal
import sys
from types import FrameType

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a disk says of standard output that is redirected to it."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What ends a command besides Ctrl-C."""

MIN_ADDRESS_BYTES = 700_000_000
"""Addresses that the libraries of any command take."""

_received = signal.SIGINT
_is_interrupted = False


def main() -> None:
    """Run the command; one that a signal ends cleans up and then dies of it, which shells and schedulers look for."""
    atexit.register(_die_of_signal)  # the first, so that it is called last
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, _interrupt)
    _fill_closed_streams()
    _write_utf8()
    _keep_to_address_space()
    faulthandler.enable()  # a mapped file that another process cuts ends this one: not without a word
    os.register_at_fork(after_in_child=_behave_as_a_worker)
    global _is_interrupted
    try:
        from xlnet_data.cli import main as command

        command(prog_name="xlnet-data")
    except KeyboardInterrupt:  # during the imports
        _is_interrupted = True
        sys.stderr.write("Error: interrupted\n")
    except OSError as error:  # files have names, in errors of ours
        if _received is signal.SIGHUP:  # it cannot be said where there is no terminal
            _is_interrupted = True
            return
        if error.filename is not None or error.errno not in _FULL:
            raise
        sys.exit(f"Error: cannot write the output: {error.strerror}")
    except SystemExit as end:
        _is_interrupted = end.code == 128 + signal.SIGINT
        raise


def _fill_closed_streams() -> None:
    """Open what the caller closed, so that no file of ours gets the number that libraries write their messages to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)  # noqa: SIM115 - for as long as the process runs
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)


def _write_utf8() -> None:
    """Write UTF-8 whatever the locale: JSON is nothing else, and texts have characters of all scripts."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def _keep_to_address_space() -> None:
    """Let Arrow take memory as it needs it where a limit is set (`ulimit -v`): it reserves 1 GB, and others abort then.

    Where too little is allowed for any command, say so.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        if limit < MIN_ADDRESS_BYTES:
            sys.exit(
                f"Error: this process may have {limit / 1e6:,.0f} MB of address space (ulimit -v), and its libraries "
                f"take {MIN_ADDRESS_BYTES / 1e6:,.0f} MB, most of it unused: raise the limit"
            )


def _behave_as_a_worker() -> None:
    for number in _ENDING:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_DFL)
    faulthandler.disable()  # the main process says at which document it died


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _received
    _received = signal.Signals(number)
    raise KeyboardInterrupt


def _die_of_signal() -> None:
    if _is_interrupted:
        with contextlib.suppress(OSError):  # whoever reads it may be gone
            sys.stdout.flush()
        signal.signal(_received, signal.SIG_DFL)
        os.kill(os.getpid(), _received)


if __name__ == "__main__":
    main()
