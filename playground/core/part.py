"""A part is anything a person can pick: a layer, a data set, a loss, an optimizer.

It is one frozen value. Its fields are its form, its docstring is its help card, its methods are its behaviour, and
`Catalogue.register` gives it its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

MAX_NESTING = 56
"""How deep parts may hold parts. Deeper documents are refused before anything recurses."""


class Value(BaseModel):
    """A frozen, strict value: no coercion, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    def with_(self, **changes: object) -> Self:
        """A validated copy with some fields changed."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**fields, **changes})

    def fingerprint(self) -> str:
        """Digest of exactly what changes numbers, the version of every part included. The only cache key."""
        text = json.dumps(identity(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Part(Value):
    """A value with a kind, found by that kind in its catalogue."""

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    group: ClassVar[str] = ""
    synonyms: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str] = ""
    """One line of settings for a card, a template over the fields: `"{units} units"`."""
    version: ClassVar[int] = 1
    """Raise it when the same settings begin to give other numbers."""

    def dump(self) -> dict[str, Any]:
        """The JSON form: the kind, then the fields."""
        return {"kind": self.kind, **self.model_dump(mode="json")}

    @classmethod
    def help(cls) -> str:
        """The docstring as plain text, one paragraph a line."""
        text = cls.__dict__.get("__doc__") or ""
        paragraphs = text.strip().split("\n\n")
        return "\n\n".join(" ".join(p.split()) for p in paragraphs)


FromList = Field(strict=False)
"""JSON has no tuples: the field takes a list, its items stay strict."""


@dataclass(frozen=True)
class AnyPart:
    """Marks a field that holds any part of a catalogue: `layer: Annotated[Layer, AnyPart("layers")]`.

    It is read by looking `kind` up and written as `{"kind": …, **fields}`; plain pydantic inheritance would silently
    drop the fields of the subclass. `group` narrows the choice to one group of the catalogue.
    """

    catalogue: str
    group: str | None = None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _write, return_schema=core_schema.any_schema()
            ),
        )

    def _read(self, value: object) -> Part:
        from playground.core.catalogue import find_catalogue

        part: Part = find_catalogue(self.catalogue).read(value)
        if self.group is not None and part.group != self.group:
            raise ValueError(f"{part.kind!r} belongs to {part.group!r}; expected one of {self.group!r}.")
        return part


def _write(part: Part) -> dict[str, Any]:
    return part.dump()


def identity(value: object) -> JSON:
    """The JSON form that a fingerprint digests: kinds, versions and every field that changes numbers."""
    if isinstance(value, Value):
        fields: dict[str, JSON] = {}
        for name, info in type(value).model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict) and extra.get("numbers") is False:
                continue
            held = getattr(value, name)
            if info.exclude_if is None or not info.exclude_if(held):  # what is not written down changes nothing
                fields[name] = identity(held)
        if isinstance(value, Part):
            return {"kind": value.kind, "version": value.version, **fields}
        return fields
    if isinstance(value, Mapping):
        return {str(key): identity(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [identity(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 1 and 1.0 are one setting
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no identity; parts hold numbers, text, lists and parts.")
