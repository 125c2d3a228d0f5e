"""Makes machines of their own out of this one's network namespaces, each with an address, on a bridge.

Root may make them on Linux with the command `ip`, unless a container forbids it. Their disks are this machine's.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


class CannotSeparate(Exception):  # noqa: N818 - it is why a test skips, no error of the code under test
    """Says why there can be no network namespaces here."""


@dataclass(frozen=True)
class Machine:
    """A place where processes run.

    Attributes:
        address: Where others reach it.
        prefix: What goes before a command that shall run there.
    """

    address: str
    prefix: tuple[str, ...] = ()


@contextlib.contextmanager
def separate_machines(number: int) -> Iterator[tuple[str, Sequence[Machine]]]:
    """Yield this machine's address on a bridge, and some machines on it, all of which are gone after the block.

    Raises:
        CannotSeparate: The system does not allow it.
    """
    if shutil.which("ip") is None:
        raise CannotSeparate("network namespaces need the command ip")
    net, bridge = f"10.231.{os.getpid() % 250}", f"xl{os.getpid()}"
    names = [f"{bridge}-{index}" for index in range(number)]
    with contextlib.ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        machines = []
        for index, name in enumerate(names):
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
            outer, address = f"{bridge}v{index}", f"{net}.{index + 2}"
            _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", outer, "master", bridge, "up")
            _ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
            machines.append(Machine(address, ("ip", "netns", "exec", name)))
        yield f"{net}.1", machines


def _ip(*arguments: str) -> None:
    run = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise CannotSeparate(f"no network namespaces here: ip {' '.join(arguments)}: {run.stderr.strip()}")
