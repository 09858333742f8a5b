"""What comes from outside, before anybody believes it: bytes of a file, and text that should be JSON.

Every file, link and message goes through here, so that size, depth and odd numbers are looked at in one place.
"""

from __future__ import annotations

import errno
import json
import math
import os
import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

LONGEST_NUMBER = 30
"""Digits of the longest whole number; no setting has more."""
KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}


class Refused(ValueError):
    """Content that is not what it should be. The message is the sentence a person reads."""


def open_file(path: Path) -> BinaryIO:
    """Open a file to read, if it is one: a pipe would wait for ever, a device never ends. Raises OSError with a
    `strerror` in words."""
    try:
        # Opening a pipe waits for somebody to write, unless it is told not to.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError:  # a NUL, or half of a character
        raise OSError(errno.EINVAL, "no file can have this name") from None
    file = os.fdopen(handle, "rb") if stat.S_ISREG(mode := os.fstat(handle).st_mode) else None
    if file is None:
        os.close(handle)
        raise OSError(errno.EINVAL, KINDS.get(stat.S_IFMT(mode), "it is not a file"))
    return file


def read_bytes(path: Path, *, most: int) -> bytes:
    """The content of a file. Raises OSError, and Refused when it holds more than `most` bytes; no more are read."""
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(most + 1) if size <= most else b""
    if size > most or len(content) > most:
        raise Refused(f"This file has {megabytes(max(size, most + 1))}; at most {megabytes(most)} are read.")
    return content


def is_file(text: str) -> bool:
    """Whether a text is the name of a file or folder that is there. Names that no file can have are not."""
    return os.path.exists(text)  # noqa: PTH110  # Path.exists raises for names that are too long


def read_json(content: bytes | str, *, what: str = "This file", hint: str = "") -> Any:
    """The JSON value in a text. Raises Refused with a sentence that begins with `what`; `hint` says what to do about
    something that is no JSON at all.

    Stricter than JSON's rules, where they would lose or spoil something: a name that stands twice in one object,
    numbers too large for a computer, half of a character.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
        value = json.loads(
            text,
            parse_constant=_not_a_number,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_each_once,
        )
        if "\\ud" in text.lower():
            # Half of a character: no file, database or socket could write it down again.
            json.dumps(value, ensure_ascii=False).encode()
    except _Odd as odd:
        raise Refused(f"{what} {odd}") from None
    except json.JSONDecodeError as error:
        if not text.strip():
            raise Refused(f"{what} is empty. {hint}".rstrip()) from None
        raise Refused(
            f"{what} is not JSON: line {error.lineno}, column {error.colno} is wrong. {hint}".rstrip()
        ) from None
    except UnicodeDecodeError:
        assert isinstance(content, bytes)
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise Refused(f"{what} is text in UTF-16. Save it as UTF-8 and try again.") from None
        raise Refused(f"{what} is not text. {hint}".rstrip()) from None
    except UnicodeEncodeError:
        raise Refused(f"{what} holds half of a character (\\ud8…). Write the whole character.") from None
    except RecursionError:
        raise Refused(f"{what} is nested too deep to be read.") from None
    return value


class _Odd(ValueError):
    """Something that JSON allows and we do not; the rest of the sentence."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _Odd(f"says {visible(twice)[:40]!r} twice in one place. Each setting may stand there once.")
    return found


def _not_a_number(text: str) -> NoReturn:
    raise _Odd(f"holds {text} where a number is expected. Settings are ordinary numbers.")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_a_number(text[:20])


def _short(text: str) -> int:
    return int(text) if len(text) <= LONGEST_NUMBER else _not_a_number(f"{text[:12]}…")


def visible(text: str) -> str:
    """Text as one line of characters that can be seen: no line break, no command to a terminal, no turn of the writing
    direction."""
    return "".join(c if c.isprintable() else " " for c in text)


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:.1f} MB"
