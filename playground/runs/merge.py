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
        if not path or mine.get("kind") == theirs.get("kind"):
            return _fields(path, base if isinstance(base, dict) else {}, theirs, mine, conflicts)
    elif isinstance(mine, list) and isinstance(theirs, list) and path:
        start: list[Any] = base if isinstance(base, list) else []
        if path[-1] == "nodes" and _have_ids(start, theirs, mine):
            return _nodes(start, theirs, mine, conflicts)
        if path[-1] in ("edges", "unfolded"):
            return _set(start, theirs, mine)
    return mine


def _fields(path: tuple[str, ...], base: Any, theirs: Any, mine: Any, conflicts: set[str]) -> dict[str, Any]:
    merged = {}
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        there = (base.get(key, _ABSENT), theirs.get(key, _ABSENT), mine.get(key, _ABSENT))
        value = _value((*path, key), *there, conflicts)
        if value is not _ABSENT:
            merged[key] = value
    return merged


def _nodes(base: list[Any], theirs: list[Any], mine: list[Any], conflicts: set[str]) -> list[Any]:
    """A node is one thing: where both changed it, mine stands whole."""
    was, there, here = ({node["id"]: node for node in nodes} for nodes in (base, theirs, mine))
    merged = []
    for id in _ordered(list(was), list(there), list(here)):
        states = [nodes.get(id, _ABSENT) for nodes in (was, there, here)]
        node = states[1] if states[2] == states[0] else states[2]
        if states[1] != states[0] and states[2] != states[0] and states[1] != states[2]:
            conflicts.add(id)
        if node is not _ABSENT:
            merged.append(node)
    return merged


def _ordered(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """Every id once: in my order if I changed the order, else in theirs, with additions behind."""
    kept = [id for id in mine if id in base]
    moved = kept != [id for id in base if id in kept]
    first, second = (mine, theirs) if moved else (theirs, mine)
    return list(dict.fromkeys([*first, *second]))


def _set(base: list[Any], theirs: list[Any], mine: list[Any]) -> list[Any]:
    kept = [item for item in theirs if item in mine or item not in base]
    return kept + [item for item in mine if item not in theirs and item not in base]


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
