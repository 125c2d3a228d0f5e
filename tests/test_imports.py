"""Imports in a process that runs nothing but a build: what Beam seldom needs comes later, and comes whole."""

import subprocess
import sys

LATER = """
import importlib.util, sys
from xlnet_data.imports import BEAM_EXTRAS, BEAM_SELDOM, quick_imports, serve_one_build

serve_one_build()
with quick_imports():
    import apache_beam
print([name for name in BEAM_SELDOM if type(sys.modules[name]).__name__ != "_LazyModule"])
print([name for name in sys.modules if name.startswith(BEAM_EXTRAS)])

import asyncio
import httplib2
import requests  # which nobody is kept from now

async def answer():
    return 42

print(asyncio.run(answer()), httplib2.Http.__name__, requests.get.__name__)
"""


def test_what_beam_seldom_needs_is_loaded_when_it_is_used_and_its_extras_are_there_afterwards() -> None:
    run = subprocess.run([sys.executable, "-c", LATER], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]", "[]", "42 Http get"]
