"""Who may train now, played out with workers that are not there: each story says what they would say."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from playground.engine.admission import Admission
from playground.engine.crew import MOST_DEATHS, Crew
from playground.engine.messages import Message, Pause, Play, RunChanged, State, Watch
from playground.engine.orders import LoadRun, MeasureSpeed
from playground.engine.peer import Peer
from playground.engine.place import Call, Ended
from playground.engine.roster import Job
from playground.engine.rules import Denied, Rules
from playground.engine.wire import Address


class Nowhere:
    """A place where nothing is started."""

    ended: Ended

    async def start(self) -> None: ...

    async def launch(self, call: Call) -> None: ...

    def kill(self, id: str) -> None: ...

    async def rest(self, after: float) -> None: ...

    async def close(self) -> None: ...


class End:
    """A worker's end of a connection, which keeps what it was sent."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.sent: list[Message] = []
        self._more = asyncio.Event()

    def send(self, message: Message) -> None:
        self.sent.append(message)
        self._more.set()

    async def next(self) -> None:
        """Until something more is sent."""
        self._more.clear()
        await self._more.wait()


class Scene:
    """A host's crew and its turnstile."""

    def __init__(self, home: Path, rules: Rules) -> None:
        self.said: list[Message] = []
        self.watched: set[str] = set()
        watched = lambda run: Watch(run=run) if run in self.watched else None  # noqa: E731
        self.crew = Crew(
            home,
            Nowhere(),
            lambda: Address("token"),
            publish=self._publish,
            show=lambda frame, payload: None,
            watched=watched,
        )
        self.admission = Admission(home, self.crew, rules, publish=self._publish, watched=watched)
        self.server = cast(Peer, SimpleNamespace(shared=True))
        self.shell = cast(Peer, SimpleNamespace(shared=False))

    def _publish(self, event: Message) -> None:
        self.said.append(event)
        if isinstance(event, RunChanged):
            self.admission.look()

    async def begin(self) -> None:
        await self.crew.start()
        self.arrive()

    def arrive(self) -> None:
        for worker in self.crew.workers.values():
            if worker.peer is None:
                assert self.crew.arrived(cast(Peer, End(worker.id)), worker.secret)

    def run(self, name: str, owner: str) -> Job:
        """A run that stands ready."""
        job = self.crew.add(LoadRun(run=name, owner=owner, experiment={}), self.server)
        self.says(job, "paused")
        return job

    def says(self, job: Job, state: State, *, request: str | None = None, step: int = 7) -> None:
        """The run's worker says this of it."""
        assert job.worker is not None
        event = RunChanged(run=job.run, owner=job.owner, state=state, step=step, epoch=0, request=request)
        self.crew.heard(job.worker.id, event, b"")

    def told(self, job: Job) -> list[Message]:
        """What the run's worker was told about it."""
        assert job.worker is not None
        end = cast(End, job.worker.peer)
        return [message for message in end.sent if getattr(message, "run", None) == job.run]

    def obeys(self, job: Job) -> None:
        """The worker does what it was told last."""
        last = self.told(job)[-1]
        if isinstance(last, Play):
            self.says(job, "running", request=last.request)
        else:
            assert isinstance(last, Pause)
            self.says(job, "paused")

    async def play(self, job: Job, *, by: Peer | None = None, **fields: Any) -> None:
        """Have it train, and let the queue move."""
        self.admission.play(by or self.server, job, Play(run=job.run, **fields))
        await asyncio.sleep(0)
        if job.waiting is None:
            self.obeys(job)
            await asyncio.sleep(0)

    async def pause(self, job: Job) -> None:
        self.crew.tell(job, Pause(run=job.run))
        if job.state != "paused":
            self.obeys(job)
        await asyncio.sleep(0)

    def last(self, job: Job) -> tuple[str, int | None, str | None]:
        """What was told of a run last: state, how many wait before it, sentence."""
        events = [event for event in self.said if isinstance(event, RunChanged) and event.run == job.run]
        return events[-1].state, events[-1].ahead, events[-1].message

    async def until_paused(self, job: Job) -> None:
        """Until its worker is told to pause it."""
        assert job.worker is not None
        async with asyncio.timeout(30):
            while not isinstance(self.told(job)[-1], Pause):
                await cast(End, job.worker.peer).next()


Story = Callable[[Scene], Coroutine[Any, Any, None]]
Act = Callable[..., None]


@pytest.fixture
def act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Plays a story with so many workers and these rules."""

    def act(story: Story, *, workers: int = 6, **rules: Any) -> None:
        monkeypatch.setenv("PLAYGROUND_WORKERS", str(workers))
        (tmp_path / "run").mkdir(exist_ok=True)

        async def all_of_it() -> None:
            scene = Scene(tmp_path, Rules(**rules))
            await scene.begin()
            await story(scene)

        asyncio.run(all_of_it())

    return act


# ---- one run an owner -----------------------------------------------------------------------------------------------


def test_a_second_run_of_an_owner_is_refused_and_the_other_named(act: Act) -> None:
    async def story(scene: Scene) -> None:
        one, two, other = scene.run("one", "ann"), scene.run("two", "ann"), scene.run("other", "bob")
        await scene.play(one)
        await scene.play(one, steps=1)  # the same once more
        for fields in ({}, {"steps": 1}, {"epochs": 1}):
            with pytest.raises(Denied, match="You train another run already") as denied:
                await scene.play(two, **fields)
            assert (denied.value.code, denied.value.other) == ("one_run", "one")
        await scene.play(other)
        await scene.pause(one)
        await scene.play(two)
        assert [job.active for job in (one, two, other)] == [False, True, True]

    act(story)


def test_two_commands_at_once_do_not_both_find_the_free_place(act: Act) -> None:
    """The worker has said nothing yet when the second comes."""

    async def story(scene: Scene) -> None:
        one, two = scene.run("one", "ann"), scene.run("two", "ann")
        scene.admission.play(scene.server, one, Play(run="one"))
        with pytest.raises(Denied):
            scene.admission.play(scene.server, two, Play(run="two"))

    act(story)


def test_a_pause_from_before_does_not_hide_a_play_that_is_on_its_way(act: Act) -> None:
    async def story(scene: Scene) -> None:
        one, two = scene.run("one", "ann"), scene.run("two", "ann")
        await scene.play(one, steps=1)
        scene.admission.play(scene.server, one, Play(run="one"))
        scene.says(one, "running")  # a sign of life
        scene.says(one, "paused")  # after the one step
        assert one.active
        with pytest.raises(Denied):
            await scene.play(two)
        scene.obeys(one)
        scene.says(one, "paused")
        assert not one.active

    act(story)


def test_instead_pauses_the_other_which_says_why(act: Act) -> None:
    async def story(scene: Scene) -> None:
        one, two = scene.run("one", "ann"), scene.run("two", "ann")
        await scene.play(one)
        await scene.play(two, instead=True)
        scene.obeys(one)
        assert scene.last(one) == ("paused", None, "Paused at step 7: another run of yours trains now.")
        assert scene.last(two)[0] == "running"

    act(story)


def test_as_many_runs_as_the_rules_say(act: Act) -> None:
    async def story(scene: Scene) -> None:
        jobs = [scene.run(name, "ann") for name in ("one", "two", "three")]
        for job in jobs[:2]:
            await scene.play(job)
        with pytest.raises(Denied, match="You train 2 other runs already, and 2 at a time"):
            await scene.play(jobs[2])
        await scene.play(jobs[2], instead=True)
        assert [job.active for job in jobs] == [False, True, True]

    act(story, runs_at_once=2)


def test_the_command_line_is_exempt(act: Act) -> None:
    async def story(scene: Scene) -> None:
        for owner, by in (("ann", scene.shell), ("local", scene.server)):
            for name in ("one", "two"):
                await scene.play(scene.run(f"{name} {owner}", owner), by=by)
        await scene.play(scene.run("third", "ann"))  # what she trains by the shell is not counted
        assert scene.admission.running == 5

    act(story)


# ---- the queue ------------------------------------------------------------------------------------------------------


def test_one_at_a_time_leaves_the_queue_and_nobodys_second_comes_before_anybodys_first(act: Act) -> None:
    async def story(scene: Scene) -> None:
        names = {"a1": "ann", "a2": "ann", "a3": "ann", "b1": "bob", "c1": "cem", "b2": "bob"}
        jobs = {name: scene.run(name, owner) for name, owner in names.items()}
        for job in jobs.values():
            await scene.play(job, when_free=True)
        scene.obeys(jobs["a1"])
        order = ["b1", "c1", "a2", "b2", "a3"]
        assert [scene.last(jobs[name])[:2] for name in order] == [("queued", ahead) for ahead in range(5)]
        went = ["a1"]
        while scene.admission.running:
            (running,) = [job for job in jobs.values() if job.active]
            scene.says(running, "finished")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for job in jobs.values():
                if job.active:
                    went.append(job.run)
                    scene.obeys(job)
        assert went == ["a1", "b1", "c1", "a2", "b2", "a3"]
        assert scene.admission.queued == 0

    act(story, runs_at_once=3)


def test_nothing_leaves_the_queue_while_every_worker_has_a_run(act: Act) -> None:
    async def story(scene: Scene) -> None:
        first, second, waits = (scene.run(name, name) for name in ("first", "second", "waits"))
        await scene.play(first)
        await scene.play(second)
        await scene.play(waits, when_free=True)
        assert scene.last(waits) == ("queued", 0, None)
        await scene.pause(second)
        scene.obeys(waits)
        assert scene.last(waits)[0] == "running"

    act(story, workers=2)


def test_a_run_in_the_queue_is_its_owners_one_and_leaves_it_by_pause(act: Act) -> None:
    async def story(scene: Scene) -> None:
        busy, waits, other = scene.run("busy", "bob"), scene.run("waits", "ann"), scene.run("other", "ann")
        await scene.play(busy)
        scene.says(waits, "finished")
        await scene.play(waits, when_free=True)
        with pytest.raises(Denied):
            await scene.play(other)
        scene.says(waits, "paused")  # an edit brought it back; it stands in the queue all the same
        assert scene.last(waits)[0] == "queued"
        scene.crew.tell(waits, Pause(run="waits"))
        assert scene.last(waits) == ("paused", None, None)
        await scene.play(other)
        await scene.play(waits, when_free=True, instead=True)
        assert not other.active
        assert waits.waiting is not None

    act(story, workers=1)


def test_one_more_run_may_wait_beside_the_one_that_trains_and_begins_after_it(act: Act) -> None:
    async def story(scene: Scene) -> None:
        trains, waits, third = (scene.run(name, "ann") for name in ("trains", "waits", "third"))
        other = scene.run("other", "bob")
        await scene.play(trains)
        await scene.play(waits, when_free=True)
        await scene.play(other, when_free=True)
        scene.obeys(other)
        assert (scene.last(waits)[:2], scene.last(other)[0]) == (("queued", 0), "running"), "others go first meanwhile"
        with pytest.raises(Denied):
            await scene.play(third, when_free=True)
        scene.says(other, "finished")
        scene.says(trains, "finished")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        scene.obeys(waits)
        assert scene.last(waits)[0] == "running"

    act(story)


def test_pressing_train_again_begins_at_once(act: Act) -> None:
    async def story(scene: Scene) -> None:
        busy, waits = scene.run("busy", "bob"), scene.run("waits", "ann")
        await scene.play(busy)
        await scene.play(waits, when_free=True)
        await scene.play(waits)
        assert scene.last(waits)[0] == "running"
        assert not waits.from_queue

    act(story, workers=1)


def test_the_death_of_a_worker_keeps_place_and_flag(act: Act) -> None:
    async def story(scene: Scene) -> None:
        goes, first, second = (scene.run(name, name) for name in ("goes", "first", "second"))
        for job in (goes, first, second):
            await scene.play(job, when_free=True)
        for id in list(scene.crew.workers):
            scene.crew.gone(id)
        scene.arrive()
        for job in (goes, first, second):
            scene.says(job, "paused")
        await asyncio.sleep(0)
        scene.obeys(goes)
        assert goes.from_queue
        assert [scene.last(job)[:2] for job in (goes, first, second)] == [
            ("running", None),
            ("queued", 0),
            ("queued", 1),
        ]

    act(story)


def test_a_run_that_fails_makes_room(act: Act) -> None:
    async def story(scene: Scene) -> None:
        goes, waits = scene.run("goes", "ann"), scene.run("waits", "bob")
        await scene.play(goes, when_free=True)
        await scene.play(waits, when_free=True)
        for _ in range(MOST_DEATHS):
            assert goes.worker is not None
            scene.says(goes, "paused")
            scene.crew.gone(goes.worker.id)
            scene.arrive()
        await asyncio.sleep(0)
        assert scene.last(goes)[0] == "failed"
        assert waits.active

    act(story)


# ---- what nobody looks at -------------------------------------------------------------------------------------------


def test_what_nobody_looks_at_pauses_and_says_so(act: Act) -> None:
    async def story(scene: Scene) -> None:
        alone, seen, queued = (scene.run(name, name) for name in ("alone", "seen", "queued"))
        shell = scene.run("shell", "dee")
        scene.watched.add("seen")
        await scene.play(queued, when_free=True)
        for job, by in ((alone, scene.server), (seen, scene.server), (shell, scene.shell)):
            await scene.play(job, by=by)
        watch = asyncio.create_task(scene.admission.pause_unseen())
        await scene.until_paused(alone)
        scene.obeys(alone)
        sentence = "Paused at step 7: nobody was looking for 0.04 seconds. Press Space to go on."
        assert scene.last(alone) == ("paused", None, sentence)
        assert all(job.active for job in (seen, queued, shell))
        scene.watched.clear()  # the other one's viewer leaves
        await scene.until_paused(seen)
        assert queued.active
        watch.cancel()

    act(story, unseen=0.04)


def test_somebody_who_looks_again_begins_the_time_anew(act: Act) -> None:
    async def story(scene: Scene) -> None:
        missed, seen = scene.run("missed", "ann"), scene.run("seen", "bob")
        for job in (missed, seen):
            await scene.play(job)
            job.seen -= 1000
        scene.crew.rewatch("seen")  # somebody came and went between two looks
        watch = asyncio.create_task(scene.admission.pause_unseen())
        await scene.until_paused(missed)
        assert seen.active
        watch.cancel()

    act(story, unseen=6)


# ---- the operator ---------------------------------------------------------------------------------------------------


def test_the_operator_stops_everything_and_holds_it_even_beyond_the_death_of_a_host(act: Act) -> None:
    async def story(scene: Scene) -> None:
        runs, shell, waits = scene.run("runs", "ann"), scene.run("shell", "local"), scene.run("waits", "bob")
        await scene.play(runs)
        await scene.play(shell, by=scene.shell)
        await scene.play(waits, when_free=True)
        scene.admission.stop_all("Look at the board.", hold=True)
        for job in (runs, shell):
            scene.obeys(job)
        assert {scene.last(job) for job in (runs, shell, waits)} == {("interrupted", None, "Look at the board.")}
        assert (scene.admission.running, scene.admission.queued) == (0, 0)
        for by in (scene.server, scene.shell):
            with pytest.raises(Denied, match="Training is held for everyone at the moment"):
                await scene.play(runs, by=by)

    async def next_host(scene: Scene) -> None:
        assert scene.admission.held
        scene.admission.go_on()
        await scene.play(scene.run("runs", "ann"))

    async def third_host(scene: Scene) -> None:
        assert not scene.admission.held

    act(story, workers=2)
    act(next_host)
    act(third_host)


def test_one_worker_is_asked_how_fast_the_machine_is(act: Act) -> None:
    async def story(scene: Scene) -> None:
        def asked() -> list[str]:
            ends = {id: cast(End, worker.peer) for id, worker in scene.crew.workers.items()}
            return [id for id, end in ends.items() if any(isinstance(told, MeasureSpeed) for told in end.sent)]

        (first,) = asked()
        scene.crew.gone(first)
        scene.arrive()
        (second,) = asked()
        assert second != first

    act(story)
