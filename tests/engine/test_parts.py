"""Parts of the engine that need no process: turns, mailboxes, the wire, speed, the lock, and what may not be loaded."""

import io
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.job_pace import Pace
from playground.engine.lock import Lock
from playground.engine.mailbox import Mailbox
from playground.engine.messages import COMMAND, EVENT, Frame, Metrics, Play
from playground.engine.wire import HEADER, MAX_JSON, Address, pack, read, read_address, write_address


@given(st.lists(st.sampled_from("efg"), max_size=60))
def test_a_mailbox_keeps_every_event_in_order_and_of_pictures_the_newest(puts: list[str]) -> None:
    box, events, newest = Mailbox(), list[bytes](), dict[str, bytes]()
    for number, put in enumerate(puts):
        message = f"{put}{number}".encode()
        if put == "e":
            box.put(message)
            events.append(message)
        else:
            box.put_frame(put, "frame", message)
            newest[put] = message
    taken = []
    while (message := box.take()) is not None:
        taken.append(message)
    assert taken[: len(events)] == events
    assert sorted(taken[len(events) :]) == sorted(newest.values())
    assert not box


def test_messages_come_off_the_wire_as_they_went_on() -> None:
    frame, play = Frame(run="a", step=3), Play(run="a", steps=2)
    stream = io.BytesIO(pack(frame, b"\0\1\2") + pack(play))
    first, second = read(stream), read(stream)
    assert first is not None
    assert second is not None
    assert EVENT.validate_json(first[0]) == frame
    assert first[1] == b"\0\1\2"
    assert COMMAND.validate_json(second[0]) == play
    assert read(stream) is None


def test_what_is_no_message_is_refused_before_it_is_read() -> None:
    assert read(io.BytesIO(HEADER.pack(MAX_JSON + 1, 0) + b"x" * 100)) is None
    assert read(io.BytesIO(pack(Play(run="a"))[:-1])) is None


def test_where_there_is_no_unix_socket_the_loopback_address_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = Address("secret", port=server.getsockname()[1])
        with address.connect(), server.accept()[0]:
            pass


def test_only_this_user_reads_the_token(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    address = Address("secret", 1, path="/nowhere")
    write_address(tmp_path, address)
    assert read_address(tmp_path) == address
    assert (tmp_path / "run" / "address.json").stat().st_mode & 0o077 == 0
    (tmp_path / "run" / "address.json").write_text("{")
    assert read_address(tmp_path) is None


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_chosen_speed_is_kept_in_single_steps() -> None:
    pace, now, steps = Pace(), 100.0, 0
    pace.set_limit(10.0, now)
    pace.begin(now)
    for tick in range(1, 501):
        now = 100.0 + tick * 0.01
        if pace.may_step(now):
            pace.count(1, now)
            steps += 1
    assert 49 <= steps <= 52
    assert abs(pace.speed - 10) < 2.5


def test_points_that_are_empty_say_only_that_the_curve_forgets() -> None:
    event = Metrics(run="a", points=[{"step": 0, "epoch": 0}], reset=True)
    assert EVENT.validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize(
    "module",
    ["playground.engine.host", "playground.engine.local", "playground.runs.store", "playground.commands.train"],
)
def test_what_the_server_and_the_host_load_loads_no_torch(module: str) -> None:
    script = (
        f"import {module}, sys; print([n for n in ('torch', 'captum', 'sklearn', 'streamlit') if n in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    assert out.stdout == "[]\n"


def test_a_fork_is_refused_beside_a_second_thread() -> None:
    from playground.engine.forkserver import threads

    before = threads()
    stop = threading.Event()
    second = threading.Thread(target=stop.wait)
    second.start()
    assert threads() == before + 1
    stop.set()
    second.join()
