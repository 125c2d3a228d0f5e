"""Makes the client of a URL's store, once for reading, writing, listing and removing alike.

Whose credentials and which server: what the environment says to each store's own tools (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, `STORAGE_EMULATOR_HOST` and their like). The clients themselves
try a server that does not answer for minutes, so each process asks it once beforehand.
"""

import functools
import importlib
import os
import socket
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from xlnet_data.errors import CorpusError

ANSWER_SECS = 10.0
"""How long a server may take to answer the first time that a process turns to it."""

_HDFS_PORT = 8020
_EMULATOR_VARIABLE = "STORAGE_EMULATOR_HOST"
"""Names the environment variable with the address of an emulator of Google's store, which knows no accounts."""


def client_of(url: str) -> tuple[Any, str]:
    """Return fsspec's client of a URL's store, and the URL's path in it.

    Raises:
        CorpusError: The store's server does not answer.
        ImportError: The store's package is not installed.
    """
    scheme = urlsplit(url).scheme
    if scheme == "gs":
        # gcsfs's client for zonal buckets, its default, asks a second service of Google's first, which may not be there
        package = importlib.import_module("gcsfs.core")
        _check_http(package._location(), _EMULATOR_VARIABLE)  # before it looks for an account on the network
        client = package.GCSFileSystem(token="anon" if os.environ.get(_EMULATOR_VARIABLE) else None)
        return client, client._strip_protocol(url)
    if scheme == "hdfs":
        importlib.import_module("hdfs_native")  # without it, fsspec takes a client that needs Hadoop on this machine
        _check_name_node(url)
    import fsspec  # not above: local files need none

    client, path = fsspec.core.url_to_fs(url)
    if scheme == "s3":
        client.connect()  # which asks nobody yet
        _check_http(client.s3.meta.endpoint_url, "AWS_ENDPOINT_URL")
    return client, path


class _KeepFirstAnswer(urllib.request.HTTPRedirectHandler):
    """Takes a redirection for the answer: where it leads to may lie beyond a firewall."""

    def redirect_request(self, *_: Any) -> None:
        return None


@functools.cache  # only a success is remembered
def _check_http(endpoint: str, variable: str) -> None:
    opener = urllib.request.build_opener(_KeepFirstAnswer)  # goes through the proxies that the environment names
    try:
        opener.open(urllib.request.Request(endpoint, method="HEAD"), timeout=ANSWER_SECS).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError as error:  # urllib's errors and time-outs among them
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLError):
            return  # the client may have been given certificates of its own
        raise CorpusError(f"{endpoint} does not answer ({_said(cause)}): is it up, and is {variable} right?") from error


def _check_name_node(url: str) -> None:
    parts = urlsplit(url)
    if parts.hostname:
        _check_port(parts.hostname, parts.port or _HDFS_PORT)


@functools.cache
def _check_port(host: str, port: int) -> None:
    try:
        socket.getaddrinfo(host, port)
    except OSError:
        return  # no host, but the name of a cluster with several name nodes, which Hadoop's settings explain
    try:
        socket.create_connection((host, port), ANSWER_SECS).close()
    except OSError as error:
        raise CorpusError(f"{host}:{port} does not answer ({_said(error)}): is the name node up?") from error


def _said(cause: object) -> str:
    return cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
