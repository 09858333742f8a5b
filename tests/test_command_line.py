"""The command line as a script sees it: exit codes, one line on mistakes, JSON alone on standard output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from playground import __version__
from playground.commands import run


def playground(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "playground", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_list_prints_one_json_array_and_nothing_else() -> None:
    done = playground("list", "layers", "--json")
    assert done.returncode == 0, done.stderr
    layers = json.loads(done.stdout)
    assert {"kind", "title", "group", "help", "fields"} <= set(layers[0])
    assert "dense" in {layer["kind"] for layer in layers}


def test_list_without_a_catalogue_prints_all_of_them_by_name() -> None:
    done = playground("list", "--json")
    assert done.returncode == 0, done.stderr
    assert "dense" in {layer["kind"] for layer in json.loads(done.stdout)["layers"]}


def test_list_for_people_shows_a_line_for_each() -> None:
    done = playground("list", "layers")
    assert done.returncode == 0, done.stderr
    assert any(line.startswith("dense ") for line in done.stdout.splitlines())


def test_an_unknown_catalogue_is_one_line_with_a_hint() -> None:
    done = playground("list", "layer")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Did you mean layers?" in done.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--nonsense"]])
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    done = playground(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "nonsense" in done.stderr


def test_help_and_version() -> None:
    assert "list" in playground("--help").stdout
    assert playground("--version").stdout.strip() == __version__


def test_a_taken_port_is_said_in_one_line() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = playground("--address", "127.0.0.1", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_announces_this_machine_and_the_network(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "lan_address", lambda: "192.0.2.7")
    run.announce("", 8501)
    said = capsys.readouterr().err
    assert "http://localhost:8501" in said
    assert "http://192.0.2.7:8501" in said
    run.announce("127.0.0.1", 8501)
    assert "192.0.2.7" not in capsys.readouterr().err


def test_a_shared_server_says_what_that_means_and_who_operates_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "lan_address", lambda: "192.0.2.7")
    monkeypatch.setattr(run.sys.stderr, "isatty", lambda: True)
    run.announce("", 8501, base="/nn", shared=True, key="secret")
    said = capsys.readouterr().err
    assert "http://localhost:8501/nn/pgapi/operator?key=secret" in said
    assert "one run a person at a time" in said
    assert run.qr_code("http://192.0.2.7:8501/nn") in said
    run.announce("127.0.0.1", 8501)
    alone = capsys.readouterr().err
    assert "one run" not in alone
    assert "█" not in alone


@pytest.mark.parametrize(
    ("address", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("", False), ("0.0.0.0", False), ("192.0.2.7", False)],
)
def test_a_server_that_other_machines_reach_is_shared(address: str, alone: bool) -> None:
    assert run.is_loopback(address) is alone


def test_the_base_path_stands_in_the_addresses() -> None:
    assert run.base_path(["--server.baseUrlPath=tools/nn/"]) == "/tools/nn"
    assert run.base_path(["--server.baseUrlPath", "/nn", "--x"]) == "/nn"
    assert run.base_path(["--server.baseUrlPath=/"]) == run.base_path([]) == ""


def test_the_qr_code_on_the_screen_is_the_one_that_was_made() -> None:
    import segno

    text = "http://192.168.1.20:8501"
    signs = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = [[int(dark) for dark in row] for row in segno.make(text, error="m", micro=False).matrix_iter(border=2)]
    seen: list[list[int]] = []
    for line in run.qr_code(text).splitlines():
        pairs = [signs[sign] for sign in line.removeprefix("  \x1b[30;107m").removesuffix("\x1b[0m")]
        seen += [[above for above, _ in pairs], [below for _, below in pairs]]
    assert seen[: len(rows)] == rows
    assert not any(cell for row in seen[len(rows) :] for cell in row)


def test_to_stop_everyone_there_must_be_someone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    done = playground("stop", "--hold")
    assert done.returncode == 1
    assert f"Nothing runs in {tmp_path}" in done.stderr
    assert "opposites" in playground("stop", "--hold", "--go-on").stderr
