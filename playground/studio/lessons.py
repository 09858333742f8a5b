"""Guided lessons: cards with words, a question to guess first, and a condition that says when a card is done.

A lesson is one Markdown file in `assets/lessons`; `docs/lessons.md` says how it is written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from playground._paths import assets_dir
from playground.core.reading import Refused

OPERATORS = ("==", "!=", ">=", "<=", ">", "<")
FACT = re.compile(
    r"edited|answered|parameters|run\.(step|epoch|playing)|value\.[a-z_0-9]+|(layers|largest|smallest)\.[a-z_0-9]+"
    r"|setting(\.[a-z_0-9]+)+"
)
"""What a condition may be about."""
_PIECE = re.compile(r"([a-z_0-9.]+)(?:\s*(==|!=|>=|<=|>|<)\s*(-?\d+(?:\.\d+)?))?")


class BadLesson(ValueError):
    """A lesson that cannot be read. The message says in which file and why."""


class Condition(NamedTuple):
    """One comparison. `edited` alone stands for `edited == 1`."""

    fact: str
    operator: str
    number: float


class Card(NamedTuple):
    """One step of a lesson: words, perhaps a question with its answer, and what must hold for it to be done."""

    title: str
    text: tuple[str, ...]
    question: str | None
    choices: tuple[str, ...]
    answer: str | None
    after: tuple[str, ...]
    """Words that follow the answer."""
    done: tuple[Condition, ...]


class Lesson(NamedTuple):
    """A lesson and the template it starts from."""

    name: str
    title: str
    start: str
    cards: tuple[Card, ...]

    def dump(self) -> dict[str, Any]:
        """The JSON form of the protocol."""
        cards = [{**card._asdict(), "done": [one._asdict() for one in card.done]} for card in self.cards]
        return {"name": self.name, "title": self.title, "cards": cards}


def lessons() -> dict[str, str]:
    """Name → title of every lesson."""
    return {file.stem: _read(file).title for file in sorted(_folder().glob("*.md"))}


def lesson(name: str) -> Lesson:
    """A lesson by its name. Raises Refused."""
    file = _folder() / f"{name}.md"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name) or not file.is_file():
        raise Refused(f"There is no lesson {name[:40]!r}. The project menu lists them.")
    return _read(file)


def _folder() -> Path:
    return assets_dir() / "lessons"


@lru_cache(maxsize=64)
def _read(file: Path) -> Lesson:
    return parse(file.stem, file.read_text("utf-8"))


def parse(name: str, text: str) -> Lesson:
    """A lesson from its Markdown. Raises BadLesson."""
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if not {"title", "start"} <= facts.keys():
        raise BadLesson(f"{name}.md begins with 'title:' and 'start:' between two lines of '---'.")
    cards = tuple(_card(name, part) for part in re.split(r"^# ", body, flags=re.MULTILINE)[1:])
    if not cards:
        raise BadLesson(f"{name}.md has no card. A card begins with '# ' and its title.")
    return Lesson(name, facts["title"], facts["start"], cards)


def _card(name: str, part: str) -> Card:
    title, *lines = [line.strip() for line in part.strip().splitlines()]
    text, after, choices, done = list[str](), list[str](), list[str](), list[Condition]()
    question = answer = None
    for line in filter(None, lines):
        if line.startswith("? "):
            question = line[2:]
        elif line.startswith("- "):
            choices.append(line[2:])
        elif line.startswith("answer: "):
            answer = line.removeprefix("answer: ")
        elif line.startswith("done: "):
            done = _conditions(name, line.removeprefix("done: "))
        else:
            (text if question is None else after).append(line)
    if (question is None) != (answer is None) or (question is not None and len(choices) < 2):
        raise BadLesson(f"{name}.md, card {title!r}: a question has two choices or more, and an answer.")
    if not done and question is None:
        raise BadLesson(f"{name}.md, card {title!r}: it says neither 'done:' nor asks a question.")
    return Card(title, tuple(text), question, tuple(choices), answer, tuple(after), tuple(done))


def _conditions(name: str, text: str) -> list[Condition]:
    found = []
    for piece in text.split(" and "):
        match = _PIECE.fullmatch(piece.strip())
        if match is None or not FACT.fullmatch(match[1]):
            raise BadLesson(f"{name}.md: {piece!r} is no condition. Write a fact, a comparison and a number.")
        found.append(Condition(match[1], match[2] or "==", float(match[3] or 1)))
    return found
