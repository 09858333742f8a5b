"""Reads IDX files, the format of MNIST: a short header that says type and lengths, then the numbers.

Nothing in a file is believed before it is checked: a header that lies, a file cut short and an archive that unpacks
to gigabytes each become one sentence. Source: the description on the MNIST page (LeCun, Cortes, Burges).
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playground.core.diagnostics import DataMissing
from playground.core.reading import open_file

if TYPE_CHECKING:
    import numpy as np

GZIP = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08
LARGEST = 2**28
"""Bytes of the largest array that is read unless the caller says otherwise."""
CHUNK = 2**20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BadFile(DataMissing):
    """A file that is there and cannot be used. The message says what is wrong with it and what to do."""


def read_idx(path: Path, *, axes: int, largest: int = LARGEST) -> np.ndarray[Any, Any]:
    """The array in an IDX file of bytes, gzipped or plain: uint8 with that many axes, read-only.

    At most `largest` bytes are unpacked. Raises BadFile.
    """
    import numpy as np

    try:
        with open_file(path) as original:
            packed = original.read(2) == GZIP
            original.seek(0)
            file: _Readable = gzip.GzipFile(fileobj=original) if packed else original
            shape = _read_header(file, path, axes, largest)
            content = _read_content(file, path, math.prod(shape))
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadFile(f"{path.name} is damaged: it does not unpack ({error}). Copy the original file again.") from None
    except EOFError:
        raise BadFile(f"{path.name} is cut short in the middle of its archive. Copy the original file again.") from None
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read: {error.strerror or error}.") from None
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_header(file: _Readable, path: Path, axes: int, largest: int) -> tuple[int, ...]:
    """The lengths of the axes, once they are known to be what the caller expects and small enough."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise BadFile(f"{path.name} is not an IDX file: it begins with {start.hex(' ') or 'nothing'}, not with 00 00.")
    if start[2] != UNSIGNED_BYTE:
        raise BadFile(f"{path.name} holds numbers of type 0x{start[2]:02x}; expected bytes, 0x08.")
    if start[3] != axes:
        raise BadFile(f"{path.name} has {start[3]} axes; expected {axes}. Is it the right one of the four files?")
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise BadFile(f"{path.name} is cut short in its header. Copy the original file again.")
    shape = tuple(int.from_bytes(lengths[i : i + 4], "big") for i in range(0, 4 * axes, 4))
    # One axis of length 0 makes nothing of all others; none of them is longer than what may be read all the same.
    if math.prod(shape) > largest or max(shape, default=0) > largest:
        size = " × ".join(f"{n:,}" for n in shape)
        raise BadFile(f"{path.name} says it holds {size} numbers; at most {largest:,} are read. Is it the original?")
    return shape


def _read_content(file: _Readable, path: Path, size: int) -> bytes:
    """Exactly `size` bytes. Memory grows with what is really there, not with what the header promises."""
    content = bytearray()
    while len(content) <= size:
        chunk = file.read(min(CHUNK, size + 1 - len(content)))
        if not chunk:
            break
        content += chunk
    if len(content) < size:
        raise BadFile(
            f"{path.name} is cut short: its header promises {size:,} numbers, {len(content):,} are there. "
            "Copy the original file again."
        )
    if len(content) > size:
        raise BadFile(f"{path.name} holds more than the {size:,} numbers its header promises. Is it the original?")
    return bytes(content)
