"""Two tabs edited one project: put both edits together. Pure functions over the JSON of a document.

Edits of different things merge. Of the same thing the later wins, and the nodes on which it replaced the other are
named; the earlier document stays in the project's history, so nothing is lost.
"""

from __future__ import annotations

from typing import Any

_ABSENT: Any = object()


def merge(base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """`mine`, edited from `base`, put on top of `theirs`, which came between. Also the ids of the nodes that both
    changed differently, in which `mine` stands now."""
    conflicts: set[str] = set()
    merged = _value((), base, theirs, mine, conflicts)
    return _only_whole_wires(merged), sorted(conflicts)


def _value(path: tuple[str, ...], base: Any, theirs: Any, mine: Any, conflicts: set[str]) -> Any:
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    # Both changed it, differently.
    if isinstance(mine, dict) and isinstance(theirs, dict):
        # A part is one choice: its settings belong to its kind and are never mixed with another kind's.
        if path and mine.get("kind") != theirs.get("kind"):
            return _later(path, mine, conflicts)
        return _fields(path, base if isinstance(base, dict) else {}, theirs, mine, conflicts)
    if isinstance(mine, list) and isinstance(theirs, list) and path:
        start: list[Any] = base if isinstance(base, list) else []
        if path[-1] == "nodes" and _have_ids(start, theirs, mine):
            return _nodes(path, start, theirs, mine, conflicts)
        if path[-1] == "edges":
            return _edges(start, theirs, mine)
    return _later(path, mine, conflicts)


def _fields(path: tuple[str, ...], base: Any, theirs: Any, mine: Any, conflicts: set[str]) -> dict[str, Any]:
    merged = {}
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        there = (base.get(key, _ABSENT), theirs.get(key, _ABSENT), mine.get(key, _ABSENT))
        value = _value((*path, key), *there, conflicts)
        if value is not _ABSENT:
            merged[key] = value
    return merged


def _nodes(path: tuple[str, ...], base: Any, theirs: Any, mine: Any, conflicts: set[str]) -> list[Any]:
    by_id = [{node["id"]: node for node in nodes} for nodes in (base, theirs, mine)]
    merged = []
    for id in [*by_id[1], *(id for id in by_id[2] if id not in by_id[1])]:
        was, there, here = (nodes.get(id, _ABSENT) for nodes in by_id)
        node = _value((*path, id), was, there, here, conflicts)
        if node is not _ABSENT:
            merged.append(node)
    return merged


def _edges(base: list[Any], theirs: list[Any], mine: list[Any]) -> list[Any]:
    kept = [edge for edge in theirs if edge in mine or edge not in base]
    return kept + [edge for edge in mine if edge not in theirs and edge not in base]


def _later(path: tuple[str, ...], mine: Any, conflicts: set[str]) -> Any:
    if "nodes" in path:
        after = path[path.index("nodes") + 1 :]
        conflicts.update(after[:1])
    return mine


def _have_ids(*lists: list[Any]) -> bool:
    return all(isinstance(node, dict) and isinstance(node.get("id"), str) for nodes in lists for node in nodes)


def _only_whole_wires(document: dict[str, Any]) -> dict[str, Any]:
    """Without wires to nodes that the other tab removed: such a drawing would be refused as a whole."""
    networks = (document.get("experiment") or {}).get("networks")
    if not isinstance(networks, dict):
        return document
    whole = {}
    for role, network in networks.items():
        if not (isinstance(network, dict) and _have_ids(network.get("nodes", []))):
            return document
        ids = {node["id"] for node in network["nodes"]}
        edges = [edge for edge in network.get("edges", []) if {edge.get("source"), edge.get("target")} <= ids]
        whole[role] = {**network, "edges": edges}
    return {**document, "experiment": {**document["experiment"], "networks": whole}}
