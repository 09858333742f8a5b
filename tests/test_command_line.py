"""The command line as a script sees it: exit codes, one line on mistakes, JSON alone on standard output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from playground.commands import bench, run
from playground.commands.outcome import UserError


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


@pytest.fixture
def benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of benchmarks: one that holds, one that misses."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    print_row = 'import json, sys; print("talk", file=sys.stderr); print(json.dumps({"rate": 7, "holds": %s}))'
    (folder / "quick.py").write_text(f'"""How quick."""\n{print_row % True}\n')
    (folder / "small.py").write_text(f'"""How small.\n\nMore."""\n{print_row % False}\n')
    (folder / "broken.py").write_text('"""Broken."""\nraise SystemExit(3)\n')
    monkeypatch.setattr(bench, "FOLDER", folder)
    return folder


def test_bench_prints_the_results_of_one_benchmark(benchmarks: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bench.command("quick", as_json=True, names=False)
    assert json.loads(capfd.readouterr().out) == [{"benchmark": "quick", "rate": 7, "holds": True}]


def test_bench_fails_when_a_goal_is_missed_and_still_prints(
    benchmarks: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match="1 of 1 results miss their goal"):
        bench.command("small", as_json=True, names=False)
    assert json.loads(capfd.readouterr().out)[0]["holds"] is False


def test_bench_says_what_there_is(benchmarks: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bench.command("", as_json=False, names=True)
    assert capfd.readouterr().out.splitlines() == ["broken  Broken.", "quick  How quick.", "small  How small."]
    with pytest.raises(UserError, match=r"no benchmark 'nonsense'. There are: broken, quick, small"):
        bench.command("nonsense", as_json=False, names=False)
    with pytest.raises(UserError, match="ended with code 3"):
        bench.command("broken", as_json=False, names=False)
