"""Asks web servers for files: sends addresses as servers take them, and follows no redirection that is unsafe."""

import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from xlnet_data.errors import CorpusError

_LENGTH = re.compile(r"\d{1,18}")
_KEPT = "!#$%&'()*+,/:;=?@[]~"  # in a URL; other characters are sent as %XX, as browsers do


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections within the web, but none by which a connection would lose its encryption."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Return the next request.

        Raises:
            HTTPError: The redirection is not followed.
        """
        followed = ("https",) if req.type == "https" else ("http", "https")
        if urlsplit(newurl).scheme not in followed:
            said = f"it is redirected to {newurl}, which is not followed: give that address if you trust it"
            raise urllib.error.HTTPError(req.full_url, code, said, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def ask(url: str, headers: dict[str, str], timeout_secs: float, method: str = "GET") -> Any:
    """Return a server's answer, of which only the head has been read.

    Args:
        url: As `request_url` gives it.
        headers: What to ask for besides.
        timeout_secs: To connect, and between two pieces of the answer.
        method: GET or HEAD.

    Raises:
        OSError, http.client.HTTPException, ValueError: There is no answer, or one that says no.
    """
    headers = {"Accept-Encoding": "identity"} | headers  # what is counted are the file's own bytes
    request = urllib.request.Request(url, method=method, headers=headers)
    return urllib.request.build_opener(_SafeRedirects).open(request, timeout=timeout_secs)


def request_url(url: str) -> str:
    """Return a URL as servers take it, without blanks and letters beyond ASCII.

    Raises:
        CorpusError: It is no address of a web server.

    >>> request_url("https://example.org/a b/%C3%A9t\u00e9.txt")
    'https://example.org/a%20b/%C3%A9t%C3%A9.txt'
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError as error:  # UnicodeError among them
        raise CorpusError(f"cannot read {url}: it is no address of a web server ({error})") from error
    if parts.username is not None:
        at = parts.netloc.rpartition("@")[2]
        raise CorpusError(f"cannot read from {at}: the address holds a name or password, which is not supported")
    if not host:
        raise CorpusError(f"cannot read {url}: it names no server")
    quoted = [quote(part, safe=_KEPT) for part in (parts.path, parts.query)]
    return urlunsplit((parts.scheme, parts.netloc, *quoted, ""))


def length_of(answer: Any) -> int:
    """Return the bytes that an answer says it has; -1 if it does not say, or says nothing certain."""
    said = {*answer.headers.get_all("Content-Length", [])}
    return int(said.pop()) if len(said) == 1 and all(map(_LENGTH.fullmatch, said)) else -1
