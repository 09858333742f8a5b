"""Frames on the wire: a JSON header and arrays, as `docs/protocol.md` has them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DTYPES: dict[str, np.dtype[Any]] = {"u8": np.dtype("u1"), "f32": np.dtype("<f4"), "i32": np.dtype("<i4")}
_SHORT = {np.dtype(long): short for long, short in (("uint8", "u8"), ("float32", "f32"), ("int32", "i32"))}
_AS_TEXT = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Field(NamedTuple):
    """One array of a frame. `more` is added to its entry in the header: `maximum`, `range`, `index`."""

    name: str
    values: NDArray[Any]
    more: Mapping[str, Any] = {}


def pack(header: Mapping[str, Any], fields: Sequence[Field]) -> bytes:
    """`u32` length of the header · header, padded with spaces to a multiple of 4 · arrays, each at a multiple of 4."""
    entries, offset = [], 0
    chunks: list[Any] = []
    for name, values, more in fields:
        entry = {"name": name, "dtype": _SHORT[values.dtype], "shape": values.shape, "offset": offset}
        entries.append({**entry, **more})
        chunks.append(np.ascontiguousarray(values))
        offset += values.nbytes
        if padding := -offset % 4:
            chunks.append(b"\0" * padding)
            offset += padding
    text = _AS_TEXT({**header, "arrays": entries}).encode()
    text += b" " * (-len(text) % 4)
    return b"".join((struct.pack("<I", len(text)), text, *chunks))


def unpack(frame: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays by name. Raises ValueError for a frame that is cut short."""
    (length,) = struct.unpack_from("<I", frame)
    header: dict[str, Any] = json.loads(frame[4 : 4 + length])
    arrays = {}
    for entry in header["arrays"]:
        dtype, count = DTYPES[entry["dtype"]], int(np.prod(entry["shape"], dtype=np.int64))
        start = 4 + length + entry["offset"]
        arrays[entry["name"]] = np.frombuffer(frame, dtype, count, start).reshape(entry["shape"])
    return header, arrays
