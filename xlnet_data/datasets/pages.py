"""Fills the HTML templates beside this module: pages that are complete in one file and run no code but their own."""

import base64
import hashlib
import json
import re
from html import escape
from importlib import resources
from typing import Any

from xlnet_data.files.writing import atomic_write, check_replaced
from xlnet_data.showing import make_safe

_DOCTYPE = b"<!doctype html"
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def escape_text(text: str) -> str:
    r"""Return a text from outside as HTML shows it, in an element or between the quotes of an attribute.

    >>> escape_text("<b>\x1b</b> & \u202e")
    '&lt;b&gt;\\u001b&lt;/b&gt; &amp; \\u202e'
    """
    return escape(make_safe(text))


def embed_json(value: Any) -> str:
    r"""Return a value as JSON that may stand in a script element: no character of it can end the element.

    >>> embed_json({"</script>": "\u2028"})
    '{"\\u003c/script\\u003e":"\\u2028"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def fill_page(template: str, values: dict[str, str]) -> str:
    """Return a page: the template with each ``{{name}}`` replaced, and a policy that lets only its own script run.

    Args:
        template: File name of the template beside this module.
        values: HTML by name, escaped where it comes from outside.
    """
    page = resources.files(__package__).joinpath(template).read_text(encoding="utf-8")
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _SCRIPT.findall(page)]
    scripts = " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {scripts}"
    return re.sub(r"\{\{(\w+)\}\}", lambda found: (values | {"policy": policy})[found[1]], page)


def write_page(path: str, page: str) -> None:
    """Write a page; it appears whole or not at all, and replaces no file but a page.

    Raises:
        ShardError: It cannot be written, or the name is that of another file.
    """
    check_replaced(path, "page", lambda head: head.lower().startswith(_DOCTYPE))
    with atomic_write(path) as file:
        file.write(page.encode())
