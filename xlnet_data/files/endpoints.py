"""Says soon that a store's server does not answer: the stores' own clients try again for minutes before they do."""

import functools
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
EMULATOR_VARIABLE = "STORAGE_EMULATOR_HOST"
"""Names the environment variable with the address of an emulator of Google's store."""


def is_emulated() -> bool:
    """Return whether an emulator stands for Google's store: it knows no accounts, and nothing looks for one."""
    return bool(os.environ.get(EMULATOR_VARIABLE))


def check_s3(store: Any) -> None:
    """Check that the server of an S3 client answers at all, once in each process.

    Raises:
        CorpusError: It does not answer.
    """
    store.connect()  # which asks nobody yet
    _check_http(store.s3.meta.endpoint_url, "AWS_ENDPOINT_URL")


def check_gs(endpoint: str) -> None:
    """Check that Google's store, or its emulator, answers at all, once in each process.

    Raises:
        CorpusError: It does not answer.
    """
    _check_http(endpoint, EMULATOR_VARIABLE)


def check_hdfs(url: str) -> None:
    """Check that the name node of a URL answers at all, once in each process.

    Raises:
        CorpusError: It does not answer.
    """
    parts = urlsplit(url)
    if parts.hostname:
        _check_port(parts.hostname, parts.port or _HDFS_PORT)


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
