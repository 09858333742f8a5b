"""Anything a person may drop or paste: what it is, and the project in it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playground.core.files import MAX_FILE, MAX_LINK, read_link, read_project
from playground.core.reading import Refused, megabytes
from playground.imports.code import MOST_CODE, read_code
from playground.imports.imported import Imported
from playground.imports.playground_link import is_playground_link, read_playground_link

MOST_ONNX = 200_000_000
"""Bytes of the largest ONNX file."""
LINK = "x"
"""Name of a whole project in our addresses: `…/?x=eNq…`."""
KINDS = "a project file, a share link, a TensorFlow Playground link, an ONNX file, or code of Keras or PyTorch"


def read(content: bytes | str, name: str = "") -> Imported:
    """The project in a file's content or in pasted text; `name` is the file's. Raises Refused with a sentence."""
    if isinstance(content, bytes):
        if name.lower().endswith(".onnx") or _is_binary(content):
            return _binary(content, name)
        if len(content) > MAX_FILE:
            raise Refused(f"This file has {megabytes(len(content))}; text of at most {megabytes(MAX_FILE)} is read.")
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(f"This is neither text in UTF-8 nor an ONNX file. Bring {KINDS}.") from None
    return _text(content.removeprefix("\ufeff"), name)


def _is_binary(content: bytes) -> bool:
    return b"\x00" in content[:4096] or content[:1] == b"\x08"


def _binary(content: bytes, name: str) -> Imported:
    if content[:4] == b"PK\x03\x04" or content[:2] == b"\x80\x02":
        raise Refused(
            "This looks like weights saved by Python (a pickle), which may run code when it is opened. It was not read. "
            "Export the network to ONNX and bring that file."
        )
    if content[:8] == b"\x89HDF\r\n\x1a\n":
        raise Refused("This is an HDF5 file of Keras. Paste the code that makes the network, or export it to ONNX.")
    if len(content) > MOST_ONNX:
        raise Refused(
            f"This file has {megabytes(len(content))}; ONNX files of at most {megabytes(MOST_ONNX)} are read."
        )
    from playground.imports.onnx_file import read_onnx

    return read_onnx(content, name=name)


def _text(text: str, name: str) -> Imported:
    brief = text.strip()
    if not brief:
        raise Refused(f"There is nothing in it. Bring {KINDS}.")
    if len(brief) > MAX_FILE:
        raise Refused(f"This text has {megabytes(len(brief))}; at most {megabytes(MAX_FILE)} are read. Bring {KINDS}.")
    if brief.startswith("{") or name.lower().endswith(".json"):
        return Imported(read_project(brief), "project")
    if "\n" not in brief and is_playground_link(brief):
        return read_playground_link(brief)
    if "\n" not in brief and (link := _our_link(brief)):
        return Imported(read_link(link), "link")
    if re.match(r"https?://\S+$", brief):
        raise Refused("This address holds no network: it is neither a share link nor one of the TensorFlow Playground.")
    if len(brief) > MOST_CODE:
        raise Refused(f"This text has {megabytes(len(brief))}; code of at most {megabytes(MOST_CODE)} is read.")
    return _code(text, name)


def _our_link(text: str) -> str | None:
    """The packed project in one of our addresses, or the text itself if it is nothing else."""
    if text.startswith(("http://", "https://", "/", "?")):
        try:
            return parse_qs(urlsplit(text).query, max_num_fields=50).get(LINK, [None])[0]
        except ValueError:
            return None
    return text if re.fullmatch(r"eN[A-Za-z0-9_-]{20,}", text) or len(text) > MAX_LINK else None


def _code(text: str, name: str) -> Imported:
    """Code; what is plainly no code is said to be something else."""
    if not re.search(r"[=(]", text):
        raise Refused(f"This text is nothing that can be drawn. Bring {KINDS}.")
    return read_code(text, name=name)
