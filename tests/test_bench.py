"""`playground bench`: what can be measured, and what was measured last."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from playground.commands import bench
from playground.commands.outcome import UserError
from playground.templates import templates

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"


def test_without_a_name_the_benchmarks_are_listed_without_being_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "playground", "bench", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    listed = {entry["name"]: entry["help"] for entry in json.loads(done.stdout)}
    assert {"templates", "xor", "training"} <= set(listed)
    assert all(listed.values())


def test_an_unknown_benchmark_gets_a_hint() -> None:
    with pytest.raises(UserError, match="Did you mean templates"):
        bench.command("template", only="", as_json=False)


def test_an_installed_copy_says_where_the_benchmarks_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "PACKAGE", tmp_path / "playground")
    with pytest.raises(UserError, match="come with the source"):
        bench.benchmarks()


def test_results_are_told_as_they_come_and_printed_as_one_array(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "benchmarks").mkdir()
    file = tmp_path / "benchmarks" / "counting.py"
    file.write_text(
        '"""Counts. Slowly."""\n'
        "def measure(*, only):\n"
        "    for number in (1, 2):\n"
        "        yield {'name': f'{only}{number}', 'rate': number / 3, 'runs': [1], 'says': 'Well done.'}\n"
    )
    monkeypatch.setattr(bench, "PACKAGE", tmp_path / "playground")
    bench.command("counting", only="n", as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out) == [{"name": f"n{n}", "rate": n / 3, "runs": [1], "says": "Well done."} for n in (1, 2)]
    assert told.err.splitlines() == ["name n1  rate 0.3333  Well done.", "name n2  rate 0.6667  Well done."]


COUNTING = """'''Counts. Slowly.'''
def measure(*, only):
    yield {"name": "one", "rate": 0.5, "goal": 0.4, "holds": True, "more": [float("nan"), (1, "a")]}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Source code with one benchmark that counts."""
    for folder in ("benchmarks", "playground", "docs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "benchmarks" / "counting.py").write_text(COUNTING)
    (tmp_path / "playground" / "code.py").write_text("x = 1")
    (tmp_path / "docs" / "tables.py").write_text("")
    monkeypatch.setattr(bench, "PACKAGE", tmp_path / "playground")
    return tmp_path


def test_what_was_measured_is_kept_with_its_machine(source: Path) -> None:
    bench.command("counting", only="", as_json=False)
    kept = json.loads((source / "benchmarks" / "results" / "counting.json").read_text())
    one = {"name": "one", "rate": 0.5, "goal": 0.4, "holds": True, "more": [None, [1, "a"]]}
    assert kept["measured"] == [one]
    assert set(kept["machine"]) == {"cores", "processor", "python", "torch", "date"}
    assert kept["machine"]["cores"] >= 1
    assert kept["machine"]["processor"]


def test_a_part_of_a_benchmark_is_not_kept_for_the_whole(source: Path) -> None:
    bench.command("counting", only="one", as_json=False)
    assert not (source / "benchmarks" / "results").exists()


def test_all_leaves_out_what_was_measured_with_this_code_and_goes_on_after_a_failure(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source / "benchmarks" / "breaking.py").write_text(COUNTING)
    asked: list[str] = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        asked.append(Path(command[-1]).name)
        if command[-1] == "counting":
            bench.command("counting", only="", as_json=False)
        return subprocess.CompletedProcess(command, int(command[-1] == "breaking"))

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(UserError, match="breaking"):
        bench.command("all", only="", as_json=False)
    assert asked == ["breaking", "counting", "tables.py", "tables.py"]  # its own, and that of all
    with pytest.raises(UserError):
        bench.command("all", only="", as_json=False)
    assert asked[4:] == ["breaking", "tables.py"]
    (source / "playground" / "code.py").write_text("x = 2")
    with pytest.raises(UserError):
        bench.command("all", only="", as_json=False)
    assert asked[6:] == ["breaking", "counting", "tables.py", "tables.py"]


def test_every_template_was_measured_and_reaches_its_target() -> None:
    measured = json.loads((RESULTS / "templates.json").read_text())["templates"]
    assert set(measured) == set(templates.kinds())
    for kind, entry in measured.items():
        assert entry["reached"], kind
        assert entry["metric"] in templates[kind]().target()
        assert entry["says"]
        assert entry["baselines"]


def test_xor_says_how_often_it_really_works() -> None:
    measured = json.loads((RESULTS / "xor.json").read_text())
    assert all(entry["reached"] for entry in measured.values())
    relu, tanh = (100 * measured[f"4 {bend} units, 500 points"]["solved"] for bend in ("ReLU", "tanh"))
    assert f"of 100 seeds {relu:.0f} work with ReLU, {tanh:.0f} with tanh" in templates["xor"].purpose


@pytest.mark.slow
@pytest.mark.parametrize("kind", templates.kinds())
def test_what_was_measured_is_the_template_of_today(kind: str) -> None:
    entry = json.loads((RESULTS / "templates.json").read_text())["templates"][kind]
    today = templates[kind]().experiment().with_(seed=0).fingerprint()
    assert entry["fingerprint"] == today, "Measure again: playground bench templates"
