"""Evaluates what MediaWiki itself puts into pages: {{PAGENAME}}, {{{1|given}}}, {{#if: ...}}, {{formatnum: ...}}."""

import ast
import contextlib
import operator
import re
from collections.abc import Callable, Sequence

_FUNCTION = re.compile(
    r"(formatnum|lcfirst|ucfirst|lc|uc|plural|nowrap|formatdate|#dateformat"
    r"|#if|#ifeq|#ifexist|#iferror|#switch|#expr)\s*:\s*(.*)",
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
_EXPRESSION = re.compile(r"[\d.\s()+*/-]{1,80}", re.ASCII)
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub},
    **{ast.Mult: operator.mul, ast.Div: operator.truediv},
}
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
    found = _FUNCTION.match(name)
    return found[1] if found else ""


def call_function(name: str, arguments: Sequence[str]) -> str:
    r"""Return what a function makes of its arguments; numbers and dates stay as they are given.

    >>> call_function("#if", ["", "a", "b"]), call_function("#switch", ["2", "1", "2=a", "b"])
    ('b', 'a')
    >>> call_function("#expr", ["3 * (4 - 1) / 2"]), call_function("#expr", ["1 / 0"])
    ('4.5', '\x00')
    """
    first, *others = (argument.strip() for argument in arguments)
    if name == "plural":
        return _argument(others, 0) if first == "1" else others[-1] if others else ""
    if name == "#if":
        return _argument(others, 0 if first.strip("\0 \n") else 1)
    if name == "#ifeq":
        return _argument(others, 1 if first == _argument(others, 0) else 2)
    if name == "#ifexist":
        return _argument(others, 0)
    if name == "#iferror":
        return _argument(others, 1) or first
    if name == "#switch":
        return _switch(first, others)
    if name == "#expr":
        return _calculate(first)
    return _CHANGES[name](first) if name in _CHANGES else first


def _calculate(expression: str) -> str:
    """Return the value of an expression of plain numbers, the mark of a gap for any other, such as one of this year."""
    if _EXPRESSION.fullmatch(expression):
        with contextlib.suppress(SyntaxError, KeyError, ArithmeticError):
            return f"{_value(ast.parse(expression, mode='eval').body):.14g}"
    return "\0"


def _value(node: ast.AST) -> float:
    """Return the value of a parsed expression; a KeyError names what is no sum, product or quotient."""
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp):
        return {ast.USub: -1, ast.UAdd: 1}[type(node.op)] * _value(node.operand)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    raise KeyError(node)


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
