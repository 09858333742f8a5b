"""The command line as a script sees it: exit codes, one line on mistakes, JSON alone on standard output."""

import json
import subprocess
import sys

import pytest

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
    assert playground("--version").stdout.strip().count(".") == 2


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
