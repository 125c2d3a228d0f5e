"""Evaluates what MediaWiki itself puts into pages: {{PAGENAME}}, {{{1|given}}}, {{#if: ...}}, {{formatnum: ...}}."""

import ast
import contextlib
import math
import operator
import re
import sys
from collections.abc import Callable, Sequence

from xlnet_data.corpora.pieces.entities import decode_entities
from xlnet_data.corpora.wiki.arguments import HOLE, UNKNOWN
from xlnet_data.corpora.wiki.dates import format_time

_MOST_DIGITS, _MOST_PADDED = 12, 500

_FUNCTION = re.compile(
    r"(formatnum|lcfirst|ucfirst|lc|uc|plural|gender|grammar|nowrap|formatdate|padleft|padright|#dateformat|#time|#tag|#invoke"
    r"|#if|#ifeq|#ifexist|#iferror|#ifexpr|#switch|#expr)\s*:\s*(.*)",
    re.DOTALL,
)
# the page's own name as wikis of several languages write it; an E behind the English ones makes it fit for a URL
_PAGE_NAMES = """
NOMPAGE NOMBREDEPAGINA NOMBREDEPÁGINA NOMBREPAGINA NOMEDAPAGINA NOMEDAPÁGINA NOMEPAGINA TITOLOPAGINA SEITENNAME
PAGINANAAM SIDNAMN SIDENAVN SIVUNIMI NAZWASTRONY NÁZEVSTRÁNKY LAPNEVE SAYFAADI ИМЯСТРАНИЦЫ НАЗВАНИЕСТРАНИЦЫ 문서이름
ページ名 页名 頁名
"""
_WORD_ALONE = re.compile(r"\{\{\s*+\w++\s*+\}\}")
_PAGE_NAME = re.compile(
    r"\{\{\s*+(?:(?:FULL|BASE|SUB|ROOT|ARTICLE|SUBJECT)?PAGENAMEE?|" + "|".join(_PAGE_NAMES.split()) + r")\s*+\}\}"
)
_SITE_NAME = re.compile(r"\{\{\s*+SITENAME\s*+\}\}")
_PARAMETER = re.compile(r"\{\{\{[^{}|\n]{0,99}+\|([^{}|]*+)(?:\|[^{}]*+)?\}\}\}")
_MAX_EXPRESSION = 120
_OF_ONE = "ceil|floor|trunc|abs|ln|exp|sin|cos|tan|asin|acos|atan|sqrt"
_TOKEN = re.compile(
    rf"\s*+(\d++(?:\.\d*+)?|\.\d++|<>|!=|<=|>=|[-+*/^=<>()]|(?:mod|div|round|and|or|not|e|pi|{_OF_ONE})(?![a-z]))",
    re.ASCII | re.IGNORECASE,
)
_OF_ONE_NUMBER = re.compile(rf"\b({_OF_ONE})\s*+(-?(?:[\d.]++|e\b|pi\b))", re.ASCII | re.IGNORECASE)
_POWER_OF_TEN = re.compile(r"(?<=[\d.)])\s*+e\s*+(-?\d++)", re.ASCII | re.IGNORECASE)
_IN_PYTHON = {"^": "**", "=": "==", "<>": "!=", "mod": "%", "div": "/", "round": "<<"}
"""Operators by another name; "<<" binds as "round" does, behind sums and before comparisons."""
_SIGNS = str.maketrans({"−": "-", "×": "*", "÷": "/"})
_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv},
    **{ast.Mod: lambda a, b: math.fmod(int(a), int(b)), ast.Pow: math.pow, ast.LShift: lambda a, b: _round(a, int(b))},
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le},
    **{ast.Gt: operator.gt, ast.GtE: operator.ge},
}
_OPERATORS_OF_ONE: dict[type[ast.AST], Callable[[float], float]] = {
    **{ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_},
}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    **{"ceil": math.ceil, "floor": math.floor, "trunc": math.trunc, "abs": abs, "ln": math.log, "exp": math.exp},
    **{"sin": math.sin, "cos": math.cos, "tan": math.tan, "sqrt": math.sqrt},
    **{"asin": math.asin, "acos": math.acos, "atan": math.atan},
}
_CONSTANTS = {"e": math.e, "pi": math.pi}
_SHOWN = "nowiki poem small big b i em strong span div sub sup u s code tt blockquote center"
_SHOWN_ELEMENTS = frozenset(_SHOWN.split())
"""Elements that show their content when ``#tag`` makes them."""
_CHANGES: dict[str, Callable[[str], str]] = {
    "lc": str.lower,
    "uc": str.upper,
    "lcfirst": lambda text: text[:1].lower() + text[1:],
    "ucfirst": lambda text: text[:1].upper() + text[1:],
}


def fill_in_names(text: str, title: str, site_name: str) -> str:
    """Return an article's wikitext with its title and its wiki's name where it calls for them.

    Parameters leave what they stand for where none is given: an article is called without any.

    >>> fill_in_names("{{PAGENAME}}, {{{1|the|x}}} city, is in {{SITENAME}}.", "Ur", "Wikipedia")
    'Ur, the city, is in Wikipedia.'
    """
    if "{{" not in text:
        return text
    if _WORD_ALONE.search(text):
        text = _PAGE_NAME.sub(lambda _: title, text)
        text = _SITE_NAME.sub(lambda _: site_name, text)
    return _PARAMETER.sub(r"\1", text) if "{{{" in text else text


def function_name(name: str) -> str:
    """Return which of MediaWiki's functions a template's name in small letters calls, "" if it calls none.

    >>> function_name("#if: x"), function_name("lang")
    ('#if', '')
    """
    found = _FUNCTION.match(name) if ":" in name else None
    return found[1] if found else ""


def call_function(name: str, arguments: Sequence[str], language: str = "") -> str:
    r"""Return what a function makes of its arguments; numbers and most dates stay as they are given.

    Args:
        name: What `function_name` returns.
        arguments: What stands between the bars, and behind the colon.
        language: Code of the wiki's language, "" if it is not known.

    >>> call_function("#if", ["", "a", "b"]), call_function("#switch", ["2", "1", "2=a", "b"])
    ('b', 'a')
    >>> call_function("#expr", ["3 * (4 - 1) / 2"]), call_function("#expr", ["1 / 0"])
    ('4.5', '\x00')
    """
    first, *others = (argument.strip() for argument in arguments)
    if UNKNOWN in first:  # what becomes of it is not known either
        return UNKNOWN
    if name == "plural":
        return _plural(first, others)
    if name == "gender":  # nobody's own
        return _argument(others, 2) or _argument(others, 0)
    if name == "#tag":
        return _argument(others, 0) if first.lower() in _SHOWN_ELEMENTS else HOLE
    if name == "#if":
        return _argument(others, 0 if first.strip("\0 \n") else 1)
    if name == "#ifeq":
        return _argument(others, 1 if first == _argument(others, 0) else 2)
    if name == "#ifexist":
        return _argument(others, 0)
    if name == "#iferror":
        return _argument(others, 0) if first == HOLE else _argument(others, 1) or first
    if name == "#ifexpr":
        value = _calculate(first) if first else 0
        return HOLE if value is None else _argument(others, 0 if value else 1)
    if name == "#switch":
        return _switch(first, others)
    if name == "#expr":
        value = _calculate(first)
        return HOLE if value is None else f"{value:.14g}"
    if name == "#time":
        return format_time(first, others[0], language) if others and others[0] else HOLE
    if name in ("padleft", "padright"):
        missing = _missing(first, others)
        return missing + first if name == "padleft" else first + missing
    if name == "grammar":
        return _argument(others, 0)
    return _CHANGES[name](first) if name in _CHANGES else first


def _calculate(expression: str) -> float | None:
    """Return the value of an expression of plain numbers, None for any other, such as one of this year.

    >>> [_calculate(given) for given in ("10 / 3 round 2", "7 mod 4 = 3", "floor(7 / 2) + abs -4", "2e3 + ln 1", "2 s")]
    [3.33, True, 7, 2000.0, None]
    """
    if len(expression) > _MAX_EXPRESSION:
        return None
    expression = decode_entities(expression).translate(_SIGNS).strip()
    expression = _POWER_OF_TEN.sub(r"*10^\1", expression)
    expression = _OF_ONE_NUMBER.sub(r"\1(\2)", expression)
    tokens, at = [], 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            return None
        tokens.append(_IN_PYTHON.get(token[1].lower(), token[1].lower().lstrip("0") or "0"))
        at = token.end()
    with contextlib.suppress(SyntaxError, KeyError, ArithmeticError, ValueError):
        value = _value(ast.parse(" ".join(tokens), mode="eval").body)
        return value if abs(value) <= sys.float_info.max else None  # a whole number may be larger
    return None


def _value(node: ast.AST) -> float:
    """Return the value of a parsed expression; a KeyError names what is no part of one."""
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS_OF_ONE[type(node.op)](_value(node.operand))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _OPERATORS[type(node.ops[0])](_value(node.left), _value(node.comparators[0]))
    if isinstance(node, ast.BoolOp):
        return (all if isinstance(node.op, ast.And) else any)(map(_value, node.values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return _FUNCTIONS[node.func.id](_value(node.args[0]))
    if isinstance(node, ast.Name):
        return _CONSTANTS[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    raise KeyError(node)


def _round(number: float, digits: int) -> float:
    factor = 10.0 ** max(min(digits, _MOST_DIGITS), -_MOST_DIGITS)
    return math.copysign(math.floor(float(f"{abs(number) * factor:.12g}") + 0.5) / factor, number)


def _plural(number: str, forms: Sequence[str]) -> str:
    """Return the form of a word behind a number: of two in most languages, of three in Slavic ones.

    >>> [_plural(number, ["дом", "дома", "домов"]) for number in ("1", "22", "12", "5")]
    ['дом', 'дома', 'домов', 'домов']
    """
    if len(forms) < 3 or not number.isdecimal():
        return _argument(forms, 0) if number == "1" else forms[-1] if forms else ""
    is_east = any("а" <= letter <= "я" for letter in forms[0].lower())
    last = int(number[-1:]) if is_east and number[-2:-1] != "1" else int(number[-9:])
    return forms[0 if last == 1 else 1 if 2 <= last <= 4 else 2]


def _missing(text: str, others: Sequence[str]) -> str:
    """Return what a text is padded with to a length."""
    wanted, padding = _argument(others, 0), _argument(others, 1) or "0"
    missing = min(int(wanted[:4]), _MOST_PADDED) - len(text) if wanted.isdecimal() else 0
    return (padding * missing)[: max(missing, 0)]


def _switch(value: str, cases: Sequence[str]) -> str:
    """Return the words of the first case that a value is, of those that share them with later ones, or the default."""
    default = ""
    is_found = is_default = False
    for i, case in enumerate(cases):
        key, equals, words = (part.strip() for part in case.partition("="))
        is_found |= key == value
        is_default |= key == "#default"
        if equals and is_found:
            return words
        if equals and is_default:
            default, is_default = words, False
        if not equals and i == len(cases) - 1:
            default = key
    return default


def _argument(arguments: Sequence[str], i: int) -> str:
    return arguments[i] if i < len(arguments) else ""
