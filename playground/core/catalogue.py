"""A catalogue knows every part of one family by its kind: the layers, the losses, the data sets."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import reprlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from playground.core.form import describe_fields
from playground.core.part import MAX_NESTING, Part

P = TypeVar("P", bound=Part)
C = TypeVar("C", bound=type[Part])


class UnknownPart(ValueError):
    """A kind that no part of the catalogue has. The message names the nearest ones."""


class Catalogue(Generic[P]):
    """The parts of one family. Its folder `playground/<name>/` is imported when the first part is asked for.

    `groups` are shown first, in this order; groups that are not named follow as they were registered.
    """

    def __init__(self, name: str, base: type[P], *, groups: tuple[str, ...] = ()) -> None:
        self.name = name
        self.base = base
        self.groups = groups
        self._parts: dict[str, type[P]] = {}
        self._discovered = False
        self._lock = threading.RLock()

    def register(
        self, kind: str, *, title: str, group: str, synonyms: tuple[str, ...] = ()
    ) -> Callable[[type[P]], type[P]]:
        """Decorator: give the class its kind and enter it here. A kind that is taken raises ValueError."""

        def enter(part: type[P]) -> type[P]:
            present = self._parts.get(kind)
            if present is not None and present.__qualname__ != part.__qualname__:
                raise ValueError(f"{self.name} already has {kind!r}: {present.__module__}.{present.__qualname__}.")
            if not (part.__dict__.get("__doc__") or "").strip():
                raise ValueError(f"{part.__qualname__} has no docstring; it is the help card.")
            part.kind, part.title, part.group, part.synonyms = kind, title, group, synonyms
            self._parts[kind] = part
            return part

        return enter

    def discover(self) -> None:
        """Import every module of the catalogue's folder once, so that each registers its parts."""
        with self._lock:
            if self._discovered:
                return
            self._discovered = True
            package = importlib.import_module(f"playground.{self.name}")
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(module.name)

    def __iter__(self) -> Iterator[type[P]]:
        self.discover()
        rank = {group: position for position, group in enumerate(self.groups)}
        return iter(sorted(self._parts.values(), key=lambda part: rank.get(part.group, len(rank))))

    def __contains__(self, kind: object) -> bool:
        self.discover()
        return kind in self._parts

    def __getitem__(self, kind: str) -> type[P]:
        self.discover()
        try:
            return self._parts[kind]
        except (KeyError, TypeError):
            raise UnknownPart(self._not_found(kind)) from None

    def read(self, value: object) -> P:
        """A part from a part of this catalogue or from `{"kind": …, **fields}`. Raises ValueError with one sentence."""
        if isinstance(value, self.base):
            return value
        if not isinstance(value, dict):
            raise ValueError(f"Expected one of the {self.name} as an object with a 'kind', got {type(value).__name__}.")
        if nesting(value, limit=MAX_NESTING) > MAX_NESTING:
            raise ValueError(f"Parts are nested more than {MAX_NESTING} deep.")
        fields = dict(value)
        kind = fields.pop("kind", None)
        if not isinstance(kind, str):
            raise ValueError(f"A part of {self.name} needs a 'kind', for example {next(iter(self.kinds()), '')!r}.")
        part = self[kind]
        try:
            return part.model_validate(fields)
        except ValidationError as error:
            raise ValueError(explain(error, part.title or kind)) from None

    def kinds(self) -> list[str]:
        """Every kind, in the order of groups, then of registration."""
        return [part.kind for part in self]

    def describe(self) -> list[dict[str, Any]]:
        """Every part as plain JSON: what palettes, forms and the command line show."""
        return [describe(part) for part in self]

    def _not_found(self, kind: object) -> str:
        near = difflib.get_close_matches(str(kind), self._parts, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        return f"There is no {str(kind)[:60]!r} among the {self.name}.{hint}"


def find_catalogue(name: str) -> Catalogue[Any]:
    """The catalogue called `name`, imported when first asked for."""
    catalogue = getattr(importlib.import_module(f"playground.{name}"), name)
    assert isinstance(catalogue, Catalogue)
    return catalogue


def describe(part: type[Part]) -> dict[str, Any]:
    """One part as plain JSON. Further class facts named in `card` (silhouette, ports) are added as they are."""
    entry: dict[str, Any] = {
        "kind": part.kind,
        "title": part.title,
        "group": part.group,
        "help": part.help(),
        "synonyms": list(part.synonyms),
        "summary": part.summary,
        "fields": describe_fields(part),
        "defaults": None,
    }
    entry["defaults"] = {field["name"]: field["default"] for field in entry["fields"]}
    card = getattr(part, "card", None)
    if card is not None:
        entry.update(card())
    return entry


def explain(error: ValidationError, what: str) -> str:
    """A pydantic error as sentences a person can act on: what field, what was got, what was expected."""
    return " ".join(explain_one(problem, what) for problem in error.errors(include_url=False)[:3])


def explain_one(problem: Mapping[str, Any], what: str, place: Sequence[int | str] | None = None) -> str:
    """One of a pydantic error's problems as a sentence. `place` is where, if not all of its own location."""
    steps = problem["loc"] if place is None else place
    where = ".".join(_step(step) for step in steps) or "value"
    got, rule = SHORT.repr(problem.get("input")), problem["msg"]
    if problem["type"] == "extra_forbidden":
        return f"{what} has no setting {where!r}."
    if problem["type"] == "missing":
        return f"{what} needs {where!r}."
    if problem["type"] == "value_error":
        return f"{what}, {where}: {rule.removeprefix('Value error, ')}"
    if rule.startswith("Input should be "):
        return f"{what}, {where}: got {got}, expected {rule.removeprefix('Input should be ')}."
    return f"{what}, {where}: got {got}; {rule[:1].lower()}{rule[1:]}."


def _step(step: int | str) -> str:
    """A name of ours as it is; what a file made up, quoted and cut."""
    text = str(step)
    ours = text.isdigit() or text.replace("-", "_").isidentifier()
    return text if ours and len(text) <= 40 else SHORT.repr(step)


SHORT = reprlib.Repr()
"""Values in sentences: cut to a line, whatever arrives."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother, SHORT.maxlong = 2, 40, 40, 30
SHORT.maxdict = SHORT.maxlist = SHORT.maxtuple = 2


def nesting(value: object, *, limit: int) -> int:
    """How deep a value is nested, without recursion. Stops counting one level above `limit`."""
    deepest, stack = 0, [(value, 1)]
    seen: dict[int, int] = {}
    while stack:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if deepest > limit:
            break
        if not isinstance(item, Mapping | list | tuple) or seen.get(id(item), 0) >= level:
            continue  # one list that is held in many places is looked at once a level
        seen[id(item)] = level
        stack.extend((child, level + 1) for child in (item.values() if isinstance(item, Mapping) else item))
    return deepest
