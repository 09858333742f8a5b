"""Two tabs, one project: an edit made from an older revision is carried over onto the newest one.

Edits on different nodes, wires and settings are both kept. Where both changed the same thing, the later one wins, and
the node is named, so that the other tab can be told. Documents are plain JSON here; nothing in them is understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Document = dict[str, Any]
_NOTHING: Any = object()


class Merged(NamedTuple):
    """`conflicts` names the nodes, and the settings by their path, that both had changed."""

    document: Document
    conflicts: list[str]
    settings: list[str]


def merge(base: Document, theirs: Document, mine: Document) -> Merged:
    """`mine`, edited from `base`, onto `theirs`, which is newer than `base`."""
    if theirs == base:
        return Merged(mine, [], [])
    conflicts: list[str] = []
    settings: list[str] = []
    plain: Document = {}
    for key in _keys(theirs, mine):
        if key not in ("experiment", "layout"):
            _put(plain, key, _later(base.get(key, _NOTHING), theirs.get(key, _NOTHING), mine.get(key, _NOTHING)))
    experiments = [_mapping(document.get("experiment")) for document in (base, theirs, mine)]
    layouts = [_mapping(document.get("layout")) for document in (base, theirs, mine)]
    merged = {
        **plain,
        "experiment": {
            **_settings(*(_without(one, "networks") for one in experiments), path="", told=settings),
            "networks": _networks(*(_mapping(one.get("networks")) for one in experiments), conflicts=conflicts),
        },
        "layout": _layout(*layouts),
    }
    return Merged({key: merged[key] for key in _keys(mine, merged)}, conflicts, settings)


def _networks(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], *, conflicts: list[str]
) -> Document:
    merged: Document = {}
    for role in _keys(theirs, mine):
        if role in theirs and role in mine:
            merged[role] = _network(_mapping(base.get(role)), theirs[role], mine[role], conflicts=conflicts)
        else:
            _put(merged, role, _later(base.get(role, _NOTHING), theirs.get(role, _NOTHING), mine.get(role, _NOTHING)))
    return merged


def _network(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], *, conflicts: list[str]
) -> Document:
    nodes = [{node["id"]: node for node in one.get("nodes", ())} for one in (base, theirs, mine)]
    merged_nodes = _entries(*nodes, told=conflicts)
    edges = [{_edge_key(edge): edge for edge in one.get("edges", ())} for one in (base, theirs, mine)]
    merged_edges = _entries(*edges, told=[])
    return {
        **theirs,
        **mine,
        "nodes": list(merged_nodes.values()),
        "edges": [e for e in merged_edges.values() if e["source"] in merged_nodes and e["target"] in merged_nodes],
    }


def _entries(
    base: Mapping[Any, Any], theirs: Mapping[Any, Any], mine: Mapping[Any, Any], *, told: list[Any]
) -> dict[Any, Any]:
    """Whole entries by key, in the order of whoever moved them."""
    merged: dict[Any, Any] = {}
    for key in _ordered(base, theirs, mine):
        versions = [one.get(key, _NOTHING) for one in (base, theirs, mine)]
        _put(merged, key, _later(*versions))
        if _both_changed(*versions):
            told.append(key)
    return merged


def _settings(base: Any, theirs: Any, mine: Any, *, path: str, told: list[str]) -> Any:
    """Settings by field, as deep as all three are of one kind."""
    if (
        not all(isinstance(one, dict) for one in (base, theirs, mine))
        or len({one.get("kind") for one in (base, theirs, mine)}) > 1
    ):
        if _both_changed(base, theirs, mine):
            told.append(path)
        return _later(base, theirs, mine)
    merged: Document = {}
    for key in _keys(mine, theirs):
        versions = [one.get(key, _NOTHING) for one in (base, theirs, mine)]
        _put(merged, key, _settings(*versions, path=f"{path}.{key}".lstrip("."), told=told))
    return merged


def _layout(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Document:
    places = [_mapping(one.get("nodes")) for one in (base, theirs, mine)]
    merged = {**theirs, **mine, "nodes": _entries(*places, told=[])}
    opened = [dict.fromkeys(one.get("unfolded") or (), True) for one in (base, theirs, mine)]
    merged["unfolded"] = list(_entries(*opened, told=[]))
    return merged


def _later(base: Any, theirs: Any, mine: Any) -> Any:
    return theirs if mine == base else mine


def _both_changed(base: Any, theirs: Any, mine: Any) -> bool:
    return bool(theirs != base and mine != base and theirs != mine)


def _ordered(base: Iterable[Any], theirs: Iterable[Any], mine: Iterable[Any]) -> list[Any]:
    """Every key once: in my order if I changed the order, else in theirs, with additions behind."""
    known = set(base)
    kept = [key for key in mine if key in known]
    moved = kept != [key for key in base if key in set(kept)]
    first, second = (mine, theirs) if moved else (theirs, mine)
    return list(dict.fromkeys([*first, *second]))


def _edge_key(edge: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return (edge["source"], edge.get("source_port", "out"), edge["target"], edge.get("target_port", "in"))


def _keys(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _put(target: dict[Any, Any], key: Any, value: Any) -> None:
    if value is not _NOTHING:
        target[key] = value


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}
