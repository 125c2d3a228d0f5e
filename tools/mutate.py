"""Changes one operator, constant, condition or call of a module at a time, and tells which changes its tests miss.

    nice python tools/mutate.py xlnet_data/examples/lanes.py tests/test_lanes.py --share 0.5 --seed 1

A changed module is compiled in memory, in a process of its own: no file is touched. The module's doctests run too.
"""

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import hypothesis
import pytest

LIMIT_SECS = 120  # a change that makes the tests run on for longer counts as noticed
IMPORTED_ONCE = ("apache_beam", "fsspec", "pyarrow.compute", "resiliparse", "sentencepiece", "smart_open")
PAIRS = (
    "Add Sub, Mult FloorDiv, BitAnd BitOr, LShift RShift, Lt LtE, Gt GtE, Eq NotEq, Is IsNot, In NotIn, And Or, "
    "minimum maximum, min max, any all, left right"
)
SWAPS = {one: other for pair in PAIRS.split(", ") for one, other in (pair.split(), pair.split()[::-1])}
SWAPS |= {"Div": "Mult", "Mod": "FloorDiv", "Pow": "Mult"}
UNTOUCHED = {"annotation", "returns", "decorator_list", "exc", "msg"}  # they decide nothing, or only word a message


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Continue) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()
    for name, value in ast.iter_fields(node):
        variant: Any = copy.copy(node)
        match name, value:
            case "op", ast.operator() | ast.boolop() if type(value).__name__ in SWAPS:
                variant.op = getattr(ast, SWAPS[type(value).__name__])()
            case "ops", [operator, *others]:
                variant.ops = [getattr(ast, SWAPS[type(operator).__name__])(), *others]
            case "test", ast.expr():
                variant.test = ast.UnaryOp(ast.Not(), value)
            case "value" | "id" | "attr", str() if value in SWAPS:
                setattr(variant, name, SWAPS[value])
            case "value", int() | float():
                variant.value = not value if isinstance(value, bool) else value + 1
            case _:
                continue
        yield variant


def mutants(node: ast.AST) -> Iterator[tuple[Any, Any, ast.AST, ast.AST]]:
    """Yield (where, key, child, variant) of all below a node: ``where[key]`` is the child."""
    for name, value in ast.iter_fields(node):
        where = value if isinstance(value, list) else vars(node)
        for key, child in enumerate(value) if isinstance(value, list) else [(name, value)]:
            if isinstance(child, ast.AST) and name not in UNTOUCHED:
                yield from ((where, key, child, variant) for variant in variants(child))
                yield from mutants(child)


def survives(path: str, tree: ast.AST, tests: list[str]) -> bool:
    """Return whether the tests pass with a tree in place of the module."""
    changed, original = compile(ast.unparse(ast.fix_missing_locations(tree)), path, "exec"), SourceFileLoader.get_code
    process = os.fork()
    if process == 0:
        signal.alarm(LIMIT_SECS)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        SourceFileLoader.get_code = lambda self, name: (  # type: ignore[method-assign]
            changed if os.path.realpath(self.path) == path else original(self, name)
        )
        # Plain asserts: else pytest loads the module itself, unchanged, to rewrite those in it.
        os._exit(pytest.main(["-xq", "--assert=plain", "-p", "no:cacheprovider", path, *tests]))
    return os.waitpid(process, 0)[1] == 0


def main(module: str, tests: list[str], share: float, seed: int) -> None:
    """Print the changes of a module that none of the tests notices, and how many were tried."""
    for name in IMPORTED_ONCE:
        importlib.import_module(name)
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # a failure is not made smaller
    hypothesis.settings.register_profile("mutate", phases=phases, database=None, derandomize=True)
    hypothesis.settings.load_profile("mutate")
    path, tree = os.path.realpath(module), ast.parse(Path(module).read_text(encoding="utf-8"))
    if not survives(path, tree, tests):
        sys.exit("the tests fail without any change")
    found, num_missed = list(mutants(tree)), 0
    drawn = random.Random(seed).sample(found, round(share * len(found)))
    for where, key, node, variant in drawn:
        where[key] = variant
        if survives(path, tree, tests):
            before, after = (ast.unparse(ast.fix_missing_locations(part)).splitlines()[0] for part in (node, variant))
            print(f"{module}:{getattr(node, 'lineno', 0)}: {before} -> {after}", flush=True)
            num_missed += 1
        where[key] = node
    print(f"{module}: of {len(found)} changes {len(drawn)} were tried, and {num_missed} were missed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--share", type=float, default=1.0, help="of all changes, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
