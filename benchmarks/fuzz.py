"""Hostile input for ten minutes: project files, share links and socket messages that were bent, cut and made up.

Whatever comes, it is taken or refused with a sentence. `PLAYGROUND_FUZZ_MINUTES` sets another time for all three
together. A failure is shown with the seed and the smallest input that causes it. The messages go to a real engine.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import copy
import json
import os
import random
import sys
import tempfile
import time
import traceback
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from playground.core.catalogue import find_catalogue
from playground.core.files import (
    MAX_FILE,
    MAX_LINK,
    Layout,
    Project,
    read_link,
    read_project,
    write_link,
    write_project,
)
from playground.core.reading import Refused
from playground.core.shapes import check_experiment
from playground.export.rebuilt import CannotExport
from playground.export.source import to_source
from playground.studio.checking import understand
from playground.studio.documents import from_template

MINUTES = 10.0
EXAMPLES = 200
"""Inputs of one seed."""
SLOWEST = 10.0
"""Seconds that one input may take on a busy machine."""
CATALOGUES = ("layers", "datasets", "preparation", "objectives", "losses", "optimizers", "schedules", "metrics")
TEMPLATES = ("circle", "digits-mlp", "diabetes", "xor")

WORDS = [
    "",
    "constructor",
    "__proto__",
    "__class__",
    "../../etc/passwd",
    "C:\\Windows\\nul",
    "con",
    "a\nb",
    "\x00",
    "\x1b[2J",
    "\u202eabc",
    "\ud800",
    "\N{GRINNING FACE}",
    "=cmd()",
    "{0.__class__}",
    "%s%n",
    "'; DROP TABLE runs; --",
    "<img src=x onerror=alert(1)>",
    "# coding: utf-7",
    '"""',
    "in",
    "model",
    "hidden",
    "x" * 90,
    "x" * 5_000,
]
NUMBERS = [
    0,
    -1,
    1,
    2,
    3,
    7,
    0.5,
    -0.0,
    5e-324,
    1e-30,
    1e30,
    1e308,
    2**31 - 1,
    2**31,
    2**53,
    2**63,
    2**64,
    10**29,
    -(10**29),
]
ODD: list[Any] = [None, True, False, [], {}, [[]], [{}], {"kind": None}, {"kind": "dense"}, [0] * 50, {"": ""}]


# ---- documents ----------------------------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value but the whole of it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def parent(value: Any, path: tuple[Any, ...]) -> Any:
    """What holds the place."""
    for key in path[:-1]:
        value = value[key]
    return value


def bend(value: Any, chance: random.Random, *, times: int) -> Any:
    """A JSON value with some of its places changed: replaced, renamed, taken out, doubled, swapped, filled with a part."""
    value = copy.deepcopy(value)
    for _ in range(times):
        found = list(places(value))
        if not found:
            return value
        path = chance.choice(found)
        holder, key = parent(value, path), path[-1]
        match chance.randrange(12):
            case 0:
                holder[key] = chance.choice(WORDS)
            case 1:
                holder[key] = chance.choice(NUMBERS)
            case 2:
                holder[key] = copy.deepcopy(chance.choice(ODD))
            case 3:
                del holder[key]
            case 4 if isinstance(holder, dict):
                holder[chance.choice([*WORDS, "kind", "units", "seed"])] = copy.deepcopy(holder[key])
            case 4:
                holder[key:key] = [copy.deepcopy(holder[key]) for _ in range(chance.choice((1, 2, 40)))]
            case 5:
                holder[key] = a_part(chance)
            case 6:
                other = chance.choice(found)
                with contextlib.suppress(LookupError, TypeError):
                    parent(value, other)[other[-1]] = copy.deepcopy(holder[key])
            case _:
                holder[key] = near(holder[key], chance)
    return value


def near(value: Any, chance: random.Random) -> Any:
    """Something of the same type, so that more of it gets past the first look."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + chance.choice((-1, 1, 10, 1_000)))
    if isinstance(value, float):
        return value * chance.choice((-1, 0.5, 0.9, 1.1, 10, 1e6))
    if isinstance(value, str):
        return chance.choice((value + "x", value[:-1], value.upper(), *list(find_catalogue("layers").kinds())[:40]))
    return value


def a_part(chance: random.Random, catalogue: str | None = None) -> dict[str, Any]:
    """Some part of a catalogue with its defaults, or only its kind."""
    part = chance.choice(list(find_catalogue(catalogue or chance.choice(CATALOGUES))))
    try:
        return part().dump() if chance.random() < 0.7 else {"kind": part.kind}
    except ValueError:  # parts that need a setting
        return {"kind": part.kind}


def redraw(document: dict[str, Any], chance: random.Random, *, times: int) -> None:
    """Other layers, wires, data and settings, each of a kind that can be read: drawings as wrong as a person draws them."""
    experiment = document["experiment"]
    network = experiment["networks"]["model"]
    nodes, edges = network["nodes"], network["edges"]
    for _ in range(times):
        match chance.randrange(7):
            case 0:
                chance.choice(nodes)["layer"] = a_part(chance, "layers")
            case 1 if len(nodes) < 40:
                nodes.append({"id": f"f{chance.randrange(10**9)}", "layer": a_part(chance, "layers")})
            case 2 if nodes:
                ends = {"source": chance.choice(nodes)["id"], "target": chance.choice(nodes)["id"]}
                edges.append({**ends, "target_port": chance.choice(("in", "in", "a", "b", "query"))})
            case 3 if edges:
                edges.remove(chance.choice(edges))
            case 4:
                experiment["data"]["dataset"] = a_part(chance, "datasets")
                experiment["data"]["preparation"] = [a_part(chance, "preparation") for _ in range(chance.randrange(3))]
            case 5:
                experiment["objective"] = {"kind": "supervised", "loss": a_part(chance, "losses")}
                experiment["metrics"] = [a_part(chance, "metrics") for _ in range(chance.randrange(3))]
            case _:
                experiment["training"]["optimizer"] = a_part(chance, "optimizers")
                experiment["training"]["batch_size"] = chance.choice((1, 2, 7, 512, 65_536))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A project's document, drawn anew in some places and bent in others."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    document = from_template(chance.choice(TEMPLATES))
    redraw(document, chance, times=draw(st.sampled_from((0, 1, 3, 10))))
    bent = bend(document, chance, times=draw(st.sampled_from((0, 0, 0, 1, 1, 2, 3, 6))))
    assert isinstance(bent, dict)
    return bent


@st.composite
def noise(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes with some cut out, put in, turned round."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from((0, 1, 2, 8, 300))))
        put = draw(
            st.sampled_from((b"", b"\x00", b"\xff\xfe", b'"', b"{", b"]", b"[" * 5_000, b"1e999", b"NaN", b"9" * 400))
        )
        content = content[:start] + (put or content[start:end][::-1]) + content[end:]
    return content


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """What may stand in a project file."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    text = json.dumps(draw(documents()), indent=draw(st.sampled_from((None, 1))))
    content = text.encode(draw(st.sampled_from((*["utf-8"] * 12, "utf-8-sig", "utf-16", "utf-32"))))
    return draw(noise(content)) if draw(st.integers(0, 3)) == 0 else content


@st.composite
def links(draw: st.DrawFn) -> str:
    """What may stand in a link."""
    content = draw(files())
    match draw(st.integers(0, 19)):
        case 0:
            packed = zlib.compressobj(9, zlib.DEFLATED, -15)
            content = packed.compress(content) + packed.flush()
        case 1:
            packed = zlib.compressobj(zdict=b'{"schema": 1')
            content = packed.compress(content) + packed.flush()
        case 2:
            content = zlib.compress(content) + draw(st.binary(max_size=20))
        case 3:
            times = min(draw(st.sampled_from((1, 50, 5_000))), 1 + 2 * MAX_FILE // max(1, len(content)))
            content = zlib.compress(content * times, 9)
        case _:
            content = zlib.compress(content, 9)
    text = base64.urlsafe_b64encode(content).decode().rstrip("=" if draw(st.integers(0, 9)) else "")
    if draw(st.integers(0, 3)):
        return text
    return draw(noise(text.encode())).decode("latin-1")


# ---- what must hold -----------------------------------------------------------------------------------------------


def assert_sentence(text: str) -> None:
    """A sentence that a person can read, and nothing of a traceback."""
    assert_words(text)
    assert len(text) > 8, text
    assert text[-1] in ".?!…", text


def assert_words(text: str) -> None:
    """The same for a line that need not be a sentence: `Step 540 · loss 0.46 · it is guessing`."""
    assert text.isprintable(), repr(text)
    assert 0 < len(text) < 700, text
    for word in ("Traceback", "Error:", "object at 0x", "ended with an error", "That did not work"):
        assert word not in text, text


def take_file(content: bytes) -> bool:
    """A project file is refused with a sentence, or read, checked, written and exported like any other."""
    try:
        project = read_project(content)
    except Refused as refusal:
        assert_sentence(str(refusal))
        return False
    holds(project)
    return True


def take_link(text: str) -> bool:
    """The same of a link."""
    try:
        project = read_link(text)
    except Refused as refusal:
        assert_sentence(str(refusal))
        return False
    holds(project)
    return True


def holds(project: Project) -> None:
    """What is true of every project that was read."""
    again = read_project(write_project(project))
    assert again == project
    assert again.experiment.fingerprint() == project.experiment.fingerprint()
    try:
        link = write_link(project)
        assert len(link) <= MAX_LINK
        assert read_link(link) in (project.with_(notes=""), project.with_(notes="", layout=Layout()))
    except Refused as refusal:
        assert_sentence(str(refusal))
    understood = understand(project.experiment)
    json.dumps(understood.message(1), allow_nan=False).encode()
    for note in understood.diagnostics:
        assert_sentence(note.message)
    if understood.facts is not None:
        check_experiment(project.experiment)
    try:
        source = to_source(project.experiment, title=project.title)
    except CannotExport as refusal:
        assert_sentence(str(refusal))
    except ValueError:  # data whose original files are not here
        if understood.facts is not None:
            raise
    else:
        ast.parse(source.encode())
        assert all(line.isprintable() for line in source.splitlines())


# ---- messages -----------------------------------------------------------------------------------------------------

SAID: list[dict[str, Any]] = [
    {"type": "open", "project": "$mine"},
    {"type": "open", "project": "$theirs"},
    {"type": "edit", "seq": 1, "base": 1, "label": "Change", "document": "$document"},
    {"type": "edit", "seq": 2, "base": 10**6, "label": "Change", "document": "$document"},
    *({"type": "command", "name": name} for name in ("play", "pause", "step", "epoch", "rewind", "start_over")),
    {"type": "command", "name": "play", "how": "now"},
    {"type": "command", "name": "speed", "value": 3.0},
    {"type": "command", "name": "speed", "value": None},
    {"type": "weight", "node": "hidden", "name": "weight", "index": [0, 0], "value": 1.0},
    {"type": "weight", "node": "last", "name": "bias", "index": [0], "value": -1e30},
    {"type": "watch", "visible": True, "focus": {"node": "hidden", "unit": 0}, "sample": 3},
    {"type": "watch", "visible": False, "focus": None, "sample": None},
    {"type": "template", "kind": "spiral"},
    {"type": "dataset", "kind": "iris"},
    {"type": "new", "kind": "xor"},
    {"type": "copy"},
    {"type": "link"},
    {"type": "file", "document": "$document"},
    {"type": "projects"},
    {"type": "delete_project", "project": "$theirs"},
    {"type": "explain_runs"},
    {"type": "explain_cases", "run": "$run", "count": 5},
    {"type": "explain", "task": "t", "run": "$run", "case": 0, "method": {"kind": "gradient"}, "target": None},
    {"type": "explain_answer", "task": "u", "run": "$run", "values": [0.5, -0.5]},
    {"type": "inside", "path": "hidden"},
    {"type": "keep_block", "title": "Mine", "layer": {"kind": "block", "repeat": 2}},
    {"type": "drop_block", "block": "none"},
    {"type": "lesson", "name": "first"},
    {"type": "keep_version", "title": "Before"},
    {"type": "versions"},
    {"type": "version", "revision": 1},
    {"type": "export", "task": "e", "form": "pytorch"},
    {"type": "gallery"},
    {"type": "cancel", "task": "t"},
]


@st.composite
def said(draw: st.DrawFn) -> str:
    """One message of a browser, bent or not; `$…` stands for what only the conversation knows."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    message = copy.deepcopy(chance.choice(SAID))
    if message.get("document") == "$document":
        message["document"] = draw(documents())
    bent = bend(message, chance, times=draw(st.sampled_from((0, 0, 1, 1, 2, 3))))
    text = json.dumps(bent)
    if draw(st.integers(0, 9)) == 0:
        return draw(noise(text.encode())).decode("latin-1")
    return text


class Overheard:
    """An engine, and what it was told last."""

    def __init__(self, engine: Any, sent: deque[Any]) -> None:
        self._engine, self._sent = engine, sent
        self.request, self.subscribe, self.close = engine.request, engine.subscribe, engine.close

    def send(self, command: Any) -> None:
        """Note it, and pass it on."""
        self._sent.append(command)
        self._engine.send(command)


class Talk:
    """A conversation that lasts through many inputs, with whatever engine it is given. Every exception surfaces."""

    def __init__(self, engine: Any, home: Path) -> None:
        import asyncio

        from playground.live.hub import Viewer

        self.engine = engine
        self.sent: deque[Any] = deque(maxlen=1_000)
        self.loop = asyncio.new_event_loop()
        self.viewer = Viewer("ada")
        self.problems: list[str] = []
        """What the engine said that no person should read."""
        self.loop.run_until_complete(self._begin(home))

    async def _begin(self, home: Path) -> None:
        from playground.live.conversation import Conversation
        from playground.live.explaining import Explaining
        from playground.live.hub import Hub
        from playground.runs.store import Store
        from playground.studio.desk import Desk
        from playground.studio.shelf import Shelf

        store = Store(home)
        engine = Overheard(self.engine, self.sent)
        self.hub = Hub(engine.send, self._hear)
        self.desk = Desk(engine, store, is_watched=self.hub.is_watched)
        self.engine.subscribe(self.hub.hear)
        explaining = Explaining(engine, store)
        self.conversation = Conversation(self.viewer, self.hub, self.desk, explaining, shelf=Shelf(engine, store))
        self.theirs = await self.desk.create("bob", "circle")
        self.mine = await self.desk.create("ada", "circle")

    def _hear(self, event: Any) -> None:
        if event.type == "notice":
            self.problems.append(event.text)
            return
        if "ended with an error" in (getattr(event, "message", "") or ""):
            self.problems.append(event.message)
        found = self.desk.take(event)
        if found is not None:
            self.hub.tell(found[0].id, found[1], owners=True)

    def say(self, text: str) -> list[dict[str, Any]]:
        """What is answered, each message as it travelled."""
        from playground.live import messages

        run = next((command.run for command in reversed(self.sent) if command.type == "start_run"), "none")
        for name, value in (("mine", self.mine), ("theirs", self.theirs), ("run", run)):
            text = text.replace(f"${name}", value)
        try:
            message = messages.read(text)
        except messages.Unreadable as problem:
            return [{"type": "error", "text": str(problem)}]
        self.loop.run_until_complete(self.conversation.answer(message))
        self.viewer.tell({"type": "end"})
        answers = [json.loads(sent) for sent in self.loop.run_until_complete(self.viewer.take())[0]][:-1]
        for answer in answers:
            if answer["type"] == "redirect":
                self.mine = answer["project"]
        return answers

    def take(self, text: str) -> bool:
        """A message is done, or refused with a sentence. Whether it was done."""
        answers = self.say(text)
        for answer in answers:
            if answer["type"] in ("error", "toast"):
                assert_sentence(answer["text"])
            if answer["type"] == "run" and answer["message"]:
                assert_words(answer["message"])
        assert not self.problems, self.problems
        return all(answer["type"] != "error" for answer in answers)

    def end(self) -> None:
        """Let go of the engine."""
        self.conversation.end()
        self.engine.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


# ---- for ten minutes ----------------------------------------------------------------------------------------------


def rounds(strategy: st.SearchStrategy[Any], take: Callable[[Any], bool], seconds: float) -> dict[str, Any]:
    """One seed after the other until the time is up: how many inputs were tried, and what failed."""
    tried, taken, slowest, failures, started = 0, 0, 0.0, [], time.monotonic()
    number = int(time.time())
    first = number
    problems: list[str] = []
    while time.monotonic() - started < seconds:
        problems.clear()

        @seed(number)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def one(content: Any) -> None:
            nonlocal tried, taken, slowest
            tried += 1
            begun = time.monotonic()
            try:
                taken += take(content)
            except Exception:
                # What comes after may not fail in the same way: a conversation remembers.
                problems.append(traceback.format_exc(limit=-6))
                raise
            took = time.monotonic() - begun
            slowest = max(slowest, took)
            assert took < SLOWEST, f"took {took:.1f} s"

        try:
            one()
        except Exception as problem:  # noqa: BLE001  # whatever it is: that is what we look for
            smallest = next(iter(getattr(problem, "__notes__", [])), "")
            failures.append(f"seed {number}: {type(problem).__name__}: {str(problem)[:300]} {smallest[:1_500]}")
            print(*problems[:1], failures[-1], sep="\n", file=sys.stderr, flush=True)
        number += 1
    return {
        "inputs": tried,
        "taken": taken,
        "failures": len(failures),
        "seconds": round(time.monotonic() - started, 1),
        "slowest_seconds": round(slowest, 2),
        "seeds": f"{first}-{number - 1}",
        "failed": failures[:5],
    }


def talk_for(seconds: float) -> dict[str, Any]:
    """Messages to a server's conversation with an engine of its own; what the engine's log calls an error fails too."""
    from playground.engine.local import connect

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["PLAYGROUND_HOME"] = folder
        home = Path(folder)
        engine = connect(home)
        talk = Talk(engine, home)

        def take(text: str) -> bool:
            try:
                return talk.take(text)
            finally:
                talk.problems.clear()

        try:
            result = rounds(said(), take, seconds)
        finally:
            talk.end()
            engine.wait_for_end()
        log = home / "logs" / "engine.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    bad = [line for line in lines if '"trace"' in line or '"level": "error"' in line or line.startswith("Traceback")]
    for line in bad[:20]:
        print(line[:3_000], file=sys.stderr)
    return {**result, "errors_in_log": len(bad)}


def measure(*, only: str = "") -> Iterator[dict[str, Any]]:
    """A third of the time for each of the three."""
    seconds = 60 * float(os.environ.get("PLAYGROUND_FUZZ_MINUTES") or MINUTES) / 3
    for name, run in (
        ("project file", lambda: rounds(files(), take_file, seconds)),
        ("share link", lambda: rounds(links(), take_link, seconds)),
        ("socket protocol", lambda: talk_for(seconds)),
    ):
        if only in name:
            yield {"name": name, **run()}
