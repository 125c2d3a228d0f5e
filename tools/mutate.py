"""Changes one operator, constant, condition or call of a module at a time, and tells which changes its tests miss.

    nice python tools/mutate.py xlnet_data/examples/lanes.py tests/test_lanes.py --share 0.5 --seed 1

A changed module is compiled in memory, in a process of its own: no file is touched. The module's doctests run too.
"""

import ast
import copy
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam  # noqa: F401 - read once here, not again for every change
import click
import fsspec  # noqa: F401
import hypothesis
import pyarrow.compute  # noqa: F401
import pytest
import resiliparse  # noqa: F401
import sentencepiece  # noqa: F401
import smart_open  # noqa: F401

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip
WORDS = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "any": "all", "all": "any"}
SIDES = {"right": "left", "left": "right"}
UNTOUCHED = {"annotation", "returns", "decorator_list", "exc", "msg"}
"""Fields of nodes that say nothing of what the module does, or only word a message."""


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(op)]())
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield _with(node, ops=[*ops[:place], OPERATORS[type(op)](), *ops[place + 1 :]])
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)) if value in SIDES:
            yield ast.Constant(SIDES[value])
        case ast.Name(id=word) if word in WORDS:
            yield _with(node, id=WORDS[word])
        case ast.Attribute(attr=word) if word in WORDS:
            yield _with(node, attr=WORDS[word])
        case ast.If(test=test) | ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Expr(value=ast.Call()) | ast.Continue():
            yield ast.Pass()


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def mutants(node: ast.AST) -> Iterator[tuple[Any, Any, ast.AST, ast.AST]]:
    """Yield (where, key, node, replacement): a node's own field or the list in it, and its name or place there."""
    for name, value in ast.iter_fields(node):
        places = (
            [(value, i, item) for i, item in enumerate(value)] if isinstance(value, list) else [(node, name, value)]
        )
        for where, key, child in places:
            if isinstance(child, ast.AST) and name not in UNTOUCHED:
                yield from ((where, key, child, variant) for variant in variants(child))
                yield from mutants(child)


def _put(where: Any, key: Any, node: ast.AST) -> None:
    if isinstance(where, list):
        where[key] = node
    else:
        setattr(where, key, node)


def outcome(path: str, tree: ast.AST, tests: list[str], limit: float) -> str:
    """Return how the tests take a tree in place of the module: "survived", "killed" or "too slow"."""
    process = os.fork()
    if process == 0:
        os.setsid()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.alarm(int(limit))
        original = importlib.machinery.SourceFileLoader.get_code

        def get_code(self: Any, name: str) -> Any:
            if os.path.realpath(self.path) != path:
                return original(self, name)
            return compile(ast.unparse(ast.fix_missing_locations(tree)), path, "exec")

        importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
        os._exit(
            pytest.main(
                ["-xq", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", path, *tests]
            )
        )
    _, status = os.waitpid(process, 0)
    return "too slow" if os.WIFSIGNALED(status) else "killed" if os.waitstatus_to_exitcode(status) else "survived"


@click.command()
@click.argument("module", type=click.Path(exists=True))
@click.argument("tests", nargs=-1, required=True)
@click.option("--share", default=1.0, help="Of all changes, drawn at random.")
@click.option("--seed", default=1)
@click.option("--limit", default=120.0, help="Seconds that one change may take; more counts as noticed.")
@click.option("--lines", default="", help="Only changes of these lines, such as 12,31.")
def main(module: str, tests: tuple[str, ...], share: float, seed: int, limit: float, lines: str) -> None:
    """Print the changes of MODULE that none of TESTS notices, and how many were tried."""
    quick = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutate", phases=quick, database=None, derandomize=True)
    hypothesis.settings.load_profile("mutate")
    path = os.path.realpath(module)
    tree = ast.parse(Path(module).read_text(encoding="utf-8"))
    begin = time.monotonic()
    if outcome(path, tree, list(tests), limit) != "survived":
        sys.exit("the tests fail without any change")
    click.echo(f"unchanged: {time.monotonic() - begin:.1f} s")
    drawn = list(mutants(tree))
    wanted = {int(line) for line in lines.split(",") if line}
    drawn = [found for found in drawn if not wanted or getattr(found[2], "lineno", 0) in wanted]
    total = len(drawn)
    drawn = random.Random(seed).sample(drawn, round(share * total))
    counts: Counter[str] = Counter()
    for where, key, node, variant in drawn:
        _put(where, key, variant)
        result = outcome(path, tree, list(tests), limit)
        _put(where, key, node)
        counts[result] += 1
        if result != "killed":
            before, after = (ast.unparse(ast.fix_missing_locations(tree)).splitlines()[0] for tree in (node, variant))
            click.echo(
                f"{result}: {module}:{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}: {before} -> {after}"
            )
    click.echo(f"{module}: {len(drawn)} of {total} changes tried, {dict(counts)}, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
