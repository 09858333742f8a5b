"""One mailbox a viewer: messages always arrive, of pictures only the newest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from playground.engine import messages as engine
from playground.live.hub import BACKLOG, Hub, Viewer, kind_of
from tests.live.test_strangers import frame

Told = list[Any]


def in_loop(story: Callable[[Hub, Told], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        told: Told = []
        await story(Hub(told.append, lambda event: None), told)

    asyncio.run(run())


def viewer_of(hub: Hub, project: str = "p", *, owns: bool = True) -> Viewer:
    viewer = Viewer("owner")
    hub.join(viewer, project, owns=owns)
    return viewer


async def passed_on() -> None:
    """What was handed over from another thread is done when the loop comes round."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def numbered(number: int, kind: str = "frame") -> bytes:
    return frame(kind) + number.to_bytes(4, "little")


def test_of_many_frames_a_slow_viewer_gets_the_newest() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        viewer = viewer_of(hub)
        for number in range(100):
            hub.hear(engine.Frame(run="r", step=number), numbered(number))
            await passed_on()
        messages, frames = await viewer.take()
        assert (messages, frames) == ([], [numbered(99)])

    in_loop(story)


def test_the_data_are_not_pushed_out_by_pictures_and_come_first() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        viewer = viewer_of(hub)
        hub.hear(engine.Frame(run="r", step=0), numbered(1, "data"))
        for number in (2, 3):
            hub.hear(engine.Frame(run="r", step=number), numbered(number))
        await passed_on()
        assert (await viewer.take())[1] == [numbered(1, "data"), numbered(3)]

    in_loop(story)


def test_messages_are_never_dropped_and_points_are_put_together() -> None:
    async def story(hub: Hub, told: Told) -> None:
        viewer = viewer_of(hub)
        for step in range(500):
            hub.tell("p", [{"type": "metrics", "run": "r", "reset": step == 0, "points": [{"step": step}]}])
        hub.tell("p", [{"type": "toast", "level": "note", "text": "x"}])
        first, second = (json.loads(text) for text in (await viewer.take())[0])
        assert [point["step"] for point in first["points"]] == list(range(500))
        assert second["type"] == "toast"

    in_loop(story)


def test_who_comes_late_sees_the_last_picture_at_once() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        viewer_of(hub)
        hub.hear(engine.Frame(run="r", step=1), numbered(1))
        await passed_on()
        late = viewer_of(hub)
        assert (await late.take())[1] == [numbered(1)]

    in_loop(story)


def test_what_was_to_be_told_while_nobody_looked_is_told_to_the_first_who_does() -> None:
    async def story(hub: Hub, told: Told) -> None:
        toast = {"type": "toast", "level": "warn", "text": "The history was damaged."}
        hub.announce(toast, owner=None)
        hub.announce({**toast, "text": "Hers alone."}, owner="ada")
        first, second = viewer_of(hub), viewer_of(hub, "q")
        assert (await first.take())[0] == [json.dumps(toast)]
        assert not second._wake.is_set()

    in_loop(story)


def test_the_wishes_of_all_viewers_reach_the_engine_as_one() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        one, other = viewer_of(hub), viewer_of(hub)
        hub.look(one, visible=True, focus={"node": "hidden", "unit": 2}, sample=None)
        hub.look(other, visible=True, focus={"node": "hidden", "unit": 0}, sample=7)
        assert told[-1].focus == [{"node": "hidden", "unit": 0}, {"node": "hidden", "unit": 2}]
        assert (told[-1].sample, told[-1].frames_per_second) == (7, 30.0)
        count = len(told)
        hub.look(other, visible=True, focus={"node": "hidden", "unit": 0}, sample=7)
        assert len(told) == count, "the same wish is told once"

    in_loop(story)


def test_when_nobody_looks_the_engine_draws_nothing() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        one, other = viewer_of(hub), viewer_of(hub)
        hub.look(one, visible=False, focus=None, sample=None)
        assert told[-1].type == "watch"
        hub.leave(other)
        assert told[-1] == engine.Unwatch(run="r")
        hub.look(one, visible=True, focus=None, sample=None)
        assert told[-1].type == "watch"

    in_loop(story)


def test_a_hidden_page_gets_no_frames_and_the_newest_when_it_is_back() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "r")
        hidden, seen = viewer_of(hub), viewer_of(hub)
        hub.look(hidden, visible=False, focus=None, sample=None)
        hub.hear(engine.Frame(run="r", step=1), numbered(1))
        await passed_on()
        assert (await seen.take())[1] == [numbered(1)]
        hub.look(hidden, visible=True, focus=None, sample=None)
        assert (await hidden.take())[1] == [numbered(1)]

    in_loop(story)


def test_frames_of_a_run_that_is_no_longer_shown_are_dropped() -> None:
    async def story(hub: Hub, told: Told) -> None:
        hub.show_run("p", "old")
        viewer = viewer_of(hub)
        hub.hear(engine.Frame(run="old", step=1), numbered(1))
        await passed_on()
        hub.show_run("p", "new")
        hub.hear(engine.Frame(run="old", step=2), numbered(2))
        hub.hear(engine.Frame(run="new", step=0), numbered(3))
        await passed_on()
        assert (await viewer.take())[1] == [numbered(3)]
        assert engine.Unwatch(run="old") in told

    in_loop(story)


def test_a_viewer_who_stops_reading_is_cut_off() -> None:
    async def story(hub: Hub, told: Told) -> None:
        viewer = viewer_of(hub)
        hub.tell("p", [{"type": "toast", "level": "note", "text": str(n)} for n in range(BACKLOG + 1)])
        assert viewer.overrun

    in_loop(story)


def test_a_loss_that_is_no_number_travels_as_null() -> None:
    async def story(hub: Hub, told: Told) -> None:
        viewer = viewer_of(hub)
        points = [{"step": 1, "train_loss": float("nan"), "test_loss": float("inf")}]
        hub.tell("p", [{"type": "metrics", "run": "r", "reset": False, "points": points}])
        (text,) = (await viewer.take())[0]
        assert json.loads(text)["points"] == [{"step": 1, "train_loss": None, "test_loss": None}]

    in_loop(story)


@pytest.mark.parametrize("kind", ["frame", "data"])
def test_the_kind_of_a_frame_is_read_wherever_it_stands(kind: str) -> None:
    assert kind_of(frame(kind)) == kind
    header = f'{{"nodes": {{"a": {{"units": {"1" * 90}}}}}, "type": "{kind}"}}'.encode()
    assert kind_of(len(header).to_bytes(4, "little") + header) == kind
    assert kind_of(b"") == "frame"
