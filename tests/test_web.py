"""Reading from servers that misbehave: every byte comes, once and in order, or an error says what happened."""

import contextlib
import io
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from xlnet_data.errors import CorpusError
from xlnet_data.files import web
from xlnet_data.files.opening import open_raw, read_blocks
from xlnet_data.files.requests import _SafeRedirects
from xlnet_data.files.stores import match_url
from xlnet_data.files.web import WebFile, ask_about

CONTENT = bytes(range(256)) * 4000


@dataclass
class Manners:
    """How the server behaves.

    Attributes:
        statuses: Of the next answers, before any good one.
        cuts: After how many bytes the next bodies break off.
        has_ranges: It can begin in the middle of a file.
        tag: Of the file; another one after each answer if it changes.
        stalls: Of the next answers, how many say nothing for longer than the client waits.
        headers: Of the answers with a status, and of good ones; they replace those that a good one has.
        is_slow: A byte comes now and then, so that the client never waits long for the next one.
        seen: The ranges asked for.
    """

    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    has_ranges: bool = True
    tag: str = '"one"'
    changes: bool = False
    stalls: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    is_slow: bool = False
    seen: list[str] = field(default_factory=list)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Manners], str]]:
    """Return a function that starts a server with some manners and returns the URL of its one file."""
    monkeypatch.setattr(web, "FIRST_PAUSE_SECS", 0.01)
    monkeypatch.setattr(web, "TIMEOUT_SECS", 0.5)
    servers: list[ThreadingHTTPServer] = []
    released = threading.Event()

    def start(manners: Manners) -> str:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_HEAD(self) -> None:
                self.answer(is_head=True)

            def do_GET(self) -> None:
                self.answer(is_head=False)

            def answer(self, is_head: bool) -> None:
                if manners.stalls:
                    manners.stalls -= 1
                    released.wait(5)
                    return
                if manners.statuses:
                    self.send_response(manners.statuses.pop(0))
                    for name, value in manners.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    return
                asked = self.headers.get("Range", "")
                manners.seen += [] if is_head else [asked]
                same = self.headers.get("If-Range", manners.tag) == manners.tag
                start = int(re.findall(r"bytes=(\d+)-", asked)[0]) if asked and manners.has_ranges and same else 0
                self.send_response(206 if start else 200)
                said = {"ETag": manners.tag, "Content-Length": str(len(CONTENT) - start)}
                if manners.has_ranges:
                    said["Accept-Ranges"] = "bytes"
                if start:
                    said["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
                for name, value in (said | manners.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                while manners.is_slow and not is_head and not released.wait(0.2):
                    self.wfile.write(b".")
                if manners.changes:
                    manners.tag = manners.tag[:-1] + 'x"'
                if not is_head:
                    end = start + manners.cuts.pop(0) if manners.cuts else len(CONTENT)
                    with contextlib.suppress(OSError):  # the client has seen enough
                        self.wfile.write(CONTENT[start:end])

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/file"

    yield start
    released.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def read_all(url: str) -> bytes:
    with open_raw(url) as file:
        return file.read()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_answer_that_says_later_is_asked_for_again(serve: Callable[[Manners], str], status: int) -> None:
    url = serve(Manners(statuses=[status] * 3))
    assert read_all(url) == CONTENT


def test_a_body_that_breaks_off_goes_on_at_the_byte_that_was_reached(serve: Callable[[Manners], str]) -> None:
    manners = Manners(cuts=[100_000, 1, 0, 300_000])
    assert read_all(serve(manners)) == CONTENT
    assert manners.seen == ["", "bytes=100000-", "bytes=100001-", "bytes=100001-", "bytes=400001-"]


def test_a_server_without_ranges_begins_anew_and_no_byte_comes_twice(serve: Callable[[Manners], str]) -> None:
    manners = Manners(cuts=[100_000, 150_000, 200_000], has_ranges=False)
    url = serve(manners)
    assert read_all(url) == CONTENT
    with open_raw(url) as file, pytest.raises(io.UnsupportedOperation):
        file.seek(10)
    assert b"".join(read_blocks(url, 999_999)) == CONTENT[999_999:]


def test_a_server_that_says_nothing_is_left_after_a_while_and_asked_again(serve: Callable[[Manners], str]) -> None:
    assert read_all(serve(Manners(stalls=2))) == CONTENT


def test_an_early_end_that_stays_is_an_error_and_no_short_file(serve: Callable[[Manners], str]) -> None:
    url = serve(Manners(cuts=[1000] + [0] * 20))
    with pytest.raises(CorpusError, match=r"cannot read http.*: the answer ends early, 6 times in a row"):
        read_all(url)


def test_a_server_that_always_fails_is_given_up_after_some_tries(serve: Callable[[Manners], str]) -> None:
    url = serve(Manners(statuses=[503] * 50))
    with pytest.raises(CorpusError, match=r"HTTP Error 503: Service Unavailable, 6 times in a row"):
        read_all(url)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_answer_that_says_no_is_final(serve: Callable[[Manners], str], status: int) -> None:
    manners = Manners(statuses=[status])
    url = serve(manners)
    with pytest.raises(CorpusError, match=f"HTTP Error {status}"):
        read_all(url)
    assert manners.seen == []


def test_a_file_that_changes_between_two_parts_is_named(serve: Callable[[Manners], str]) -> None:
    url = serve(Manners(cuts=[100_000], changes=True))
    with pytest.raises(CorpusError, match="changed while it was read"):
        read_all(url)


def test_a_pause_that_a_server_asks_for_is_kept_but_not_beyond_a_limit(
    serve: Callable[[Manners], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(web.time, "sleep", pauses.append)
    assert read_all(serve(Manners(statuses=[429, 503], headers={"Retry-After": "7"}))) == CONTENT
    assert read_all(serve(Manners(statuses=[429], headers={"Retry-After": "7200"}))) == CONTENT
    assert pauses == [7, 7, web.MAX_PAUSE_SECS]


def test_a_file_is_read_from_any_byte_on(serve: Callable[[Manners], str]) -> None:
    manners = Manners()
    url = serve(manners)
    with WebFile(url) as file:
        assert (file.size, file.seekable()) == (len(CONTENT), True)
        assert file.seek(-10, io.SEEK_END) == len(CONTENT) - 10
        assert file.read() == CONTENT[-10:]
        file.seek(256)
        assert file.read(4) == bytes(range(4))
        assert file.tell() == 260
    assert manners.seen == ["", f"bytes={len(CONTENT) - 10}-", "bytes=256-"]


def test_size_and_tag_are_asked_for_again_where_a_server_says_later(serve: Callable[[Manners], str]) -> None:
    assert ask_about(serve(Manners(statuses=[503, 500]))) == (len(CONTENT), '"one"')
    assert ask_about(serve(Manners(statuses=[405]))) == (-1, "")
    with pytest.raises(CorpusError, match="HTTP Error 404"):
        ask_about(serve(Manners(statuses=[404])))


@pytest.mark.parametrize("said", ["bytes 0-9/1024000", "bytes x-y/z", ""])
def test_a_part_that_is_not_the_one_asked_for_is_no_part_of_the_file(
    serve: Callable[[Manners], str], said: str
) -> None:
    url = serve(Manners(cuts=[100_000], headers={"Content-Range": said}))
    with pytest.raises(CorpusError, match="its server sends other bytes than those from 100,000 on"):
        read_all(url)


@pytest.mark.parametrize("status", [201, 204, 205, 299])
def test_a_success_that_is_no_file_is_no_empty_file(serve: Callable[[Manners], str], status: int) -> None:
    with pytest.raises(CorpusError, match=f"its server answers {status}, which is no file"):
        read_all(serve(Manners(statuses=[status])))


def test_a_file_that_is_packed_on_the_way_is_refused_unless_its_bytes_say_how(serve: Callable[[Manners], str]) -> None:
    with pytest.raises(CorpusError, match="packs it by 'br', though asked not to"):
        read_all(serve(Manners(headers={"Content-Encoding": "br"})))
    assert read_all(serve(Manners(headers={"Content-Encoding": "gzip"}))) == CONTENT


@pytest.mark.parametrize("length", ["many", "-5", "9" * 5000])
def test_a_length_that_is_none_is_unknown(serve: Callable[[Manners], str], length: str) -> None:
    url = serve(Manners(headers={"Content-Length": length}))
    assert ask_about(url) == (-1, '"one"')
    with WebFile(url) as file:
        assert file.size == -1


def test_a_server_that_gives_a_byte_now_and_then_is_given_up(serve: Callable[[Manners], str]) -> None:
    with pytest.raises(CorpusError, match=r"only \d bytes came in 0.5 seconds, 6 times in a row"):
        read_all(serve(Manners(is_slow=True)))


def test_a_server_that_breaks_off_after_every_few_bytes_is_given_up(serve: Callable[[Manners], str]) -> None:
    with pytest.raises(CorpusError, match="6 times in a row"):
        read_all(serve(Manners(cuts=[1000] * 1000)))
    assert read_all(serve(Manners(cuts=[70_000] * 14))) == CONTENT


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/file", "file:///etc/hostname", "http://[::1", "http://a b.example/"]
)
def test_a_redirection_out_of_the_web_is_not_followed(serve: Callable[[Manners], str], target: str) -> None:
    manners = Manners(statuses=[302] * 2, headers={"Location": target})
    with pytest.raises(CorpusError, match="cannot read http"):
        read_all(serve(manners))
    assert len(manners.statuses) == 1


def test_a_redirection_that_gives_up_encryption_is_not_followed() -> None:
    request = urllib.request.Request("https://example.org/a")
    follow = _SafeRedirects().redirect_request
    assert follow(request, None, 302, "", {}, "https://example.org/b").full_url == "https://example.org/b"
    with pytest.raises(urllib.error.HTTPError, match=r"redirected to http://example\.org/b, which is not followed"):
        follow(request, io.BytesIO(), 302, "", {}, "http://example.org/b")


def test_redirections_without_end_are_told_in_one_line(serve: Callable[[Manners], str]) -> None:
    with pytest.raises(CorpusError, match="infinite loop") as caught:
        read_all(serve(Manners(statuses=[302] * 50, headers={"Location": "/file"})))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://[::1/a", "no address of a web server"),
        ("http://localhost:xx/a", "no address of a web server"),
        ("http://localhost:99999/a", "no address of a web server"),
        ("http://a..example/a", "no address of a web server"),
        ("http:///a", "names no server"),
        ("http://me:secret@localhost/a", "holds a name or password"),
    ],
)
def test_what_is_no_address_is_named_at_once(url: str, problem: str) -> None:
    for use in (open_raw, match_url):
        with pytest.raises(CorpusError, match=problem) as caught:
            use(url)
        assert "secret" not in str(caught.value)


def test_blanks_and_letters_of_an_address_are_sent_as_servers_take_them(serve: Callable[[Manners], str]) -> None:
    assert read_all(serve(Manners()) + "/été 1.txt?q=ü") == CONTENT
