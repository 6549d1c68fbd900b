"""Addresses under which other tools know a picture, as names of files."""

import os
import re
from urllib.parse import parse_qs, quote_from_bytes, unquote_to_bytes, urlsplit

_LOCAL_FILES = "/data/local-files/"
_UPLOAD = "/data/upload/"
_HASH = re.compile(r"[0-9a-f]{8}-")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def to_local_file(name: str) -> str:
    """Where Label Studio finds a picture whose folder is its document root."""
    return f"{_LOCAL_FILES}?d={quote_from_bytes(os.fsencode(name))}"


def to_name(address: str) -> str:
    """The name of the picture at an address; a name that is none stays as it is.

    Label Studio puts eight digits before the name of what was uploaded, and the path of a local file behind
    `?d=`. Of other addresses (http, s3, gs, file) the path is taken.
    """
    absolute = _SCHEME.match(address) is not None
    if not absolute and not address.startswith((_LOCAL_FILES, _UPLOAD)):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.path.endswith(_LOCAL_FILES) and (found := parse_qs(parts.query, encoding="latin-1").get("d")):
        return os.fsdecode(found[0].encode("latin-1"))
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if _UPLOAD in path:
        base = path.rpartition("/")[2]
        return base[9:] if _HASH.match(base) and len(base) > 9 else base
    return path.lstrip("/")
