"""A part's fields as the description of a form: what the browser, the terminal and the help show."""

from __future__ import annotations

import types
import typing
from typing import Any, Union

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from playground.core.network import Network
from playground.core.part import AnyPart, Part


def describe_fields(part: type[BaseModel]) -> list[dict[str, Any]]:
    """One entry a field, in order: name, title, help, type, default, limits and what a widget needs to know."""
    return [describe_field(name, info) for name, info in part.model_fields.items()]


def describe_field(name: str, info: FieldInfo) -> dict[str, Any]:
    """Name, help, type and limits of one field. `json_schema_extra` may add unit, slider, logarithmic, advanced."""
    entry: dict[str, Any] = {
        "name": name,
        "title": info.title or name.replace("_", " ").capitalize(),
        "help": info.description or "",
        "default": _plain_default(info),
        **_describe_type(info.annotation, info.metadata),
    }
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            entry["minimum"] = rule.ge
        elif isinstance(rule, annotated_types.Gt):
            entry["minimum"], entry["exclusive_minimum"] = rule.gt, True
        elif isinstance(rule, annotated_types.Le):
            entry["maximum"] = rule.le
        elif isinstance(rule, annotated_types.Lt):
            entry["maximum"], entry["exclusive_maximum"] = rule.lt, True
        elif isinstance(rule, annotated_types.MaxLen):
            entry["maximum_length"] = rule.max_length
    if isinstance(info.json_schema_extra, dict):
        entry.update({key: value for key, value in info.json_schema_extra.items() if key != "numbers"})
    return entry


def _describe_type(annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    marker = next((m for m in metadata if isinstance(m, AnyPart)), None)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        described = _describe_type(inner[0], metadata) if len(inner) == 1 else {"type": "text"}
        return {**described, "nullable": type(None) in arguments}
    if origin is typing.Annotated:
        return _describe_type(arguments[0], [*metadata, *arguments[1:]])
    if annotation is Network:
        return {"type": "drawing"}
    if marker is not None and isinstance(annotation, type) and issubclass(annotation, Part):
        return {"type": "part", "catalogue": marker.catalogue, "group": marker.group}
    if origin is typing.Literal:
        return {"type": "choice", "choices": [{"value": a, "title": str(a).replace("_", " ")} for a in arguments]}
    if origin is tuple:
        return {"type": "list", "items": _describe_type(arguments[0], [])}
    simple = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return {"type": simple.get(annotation, "text")}


def _plain_default(info: FieldInfo) -> Any:
    default = info.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return None
    if isinstance(default, Part):
        return default.dump()
    if isinstance(default, Network):
        return default.model_dump(mode="json")
    if isinstance(default, tuple):
        return [item.dump() if isinstance(item, Part) else item for item in default]
    return default
