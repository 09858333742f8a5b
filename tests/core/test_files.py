"""Files and links: a wrong drawing loads, what is not a project is refused with one sentence, nothing in it runs."""

from __future__ import annotations

import base64
import contextlib
import json
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import files
from playground.core.files import (
    SCHEMA,
    Layout,
    Place,
    Project,
    Refused,
    read_link,
    read_project,
    write_link,
    write_project,
)
from playground.core.shapes import check_experiment
from playground.templates import templates
from tests.core.drawings import chain, experiment, layer

HOSTILE = [
    "'",
    '"; import os #',
    "a\nb",
    "a\r\nimport os",
    "\u2028",
    "\u202eabc",
    "forward",
    "class",
    "None",
    "__class__",
    "__init__",
    "__import__('os').system('id')",
    "../../etc/passwd",
    "C:\\Windows",
    "{{7*7}}",
    "${HOME}",
    "<script>alert(1)</script>",
    "%s%n",
    "a" * 5_000,
    "",
    "\x00",
    "constructor",
    "日本語",
]


def circle() -> Project:
    places = {"input": Place(x=0, y=1.5), "output": Place(x=-3, y=1e5)}
    return Project(
        title="Circle", notes="Two\nlines", experiment=templates["circle"]().experiment(), layout=Layout(nodes=places)
    )  # type: ignore[arg-type]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = json.loads(write_project(circle()))
    change(document)
    return document


def refusal(content: object) -> str:
    """The sentence a content is refused with, by file and by link."""
    with pytest.raises(Refused) as refused:
        read_project(content)  # type: ignore[arg-type]
    sentence = str(refused.value)
    assert sentence.endswith((".", "?"))
    assert 4 <= len(sentence.split()) <= 30
    assert len(sentence) < 250
    assert sentence.isprintable()
    return sentence


def as_link(document: object) -> str:
    content = zlib.compress(json.dumps(document).encode(), 9)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize("kind", templates.kinds())
def test_every_template_survives_file_and_link(kind: str) -> None:
    project = Project(title=kind, experiment=templates[kind]().experiment())
    assert read_project(write_project(project)) == project
    assert read_project(write_project(project).encode()) == project
    link = write_link(project)
    assert read_link(link) == project
    assert len(link) < 2_000


def test_the_file_is_the_document_of_the_protocol() -> None:
    document = json.loads(write_project(circle()))
    assert list(document) == ["schema", "title", "notes", "experiment", "layout"]
    assert document["schema"] == SCHEMA
    assert document["layout"] == {
        "nodes": {"input": {"x": 0.0, "y": 1.5}, "output": {"x": -3.0, "y": 1e5}},
        "blocks": {},
        "unfolded": [],
        "viewport": None,
    }


def test_a_wrong_drawing_loads() -> None:
    tangle = chain(layer("conv2d"), layer("dense")).connect("layer2", "layer1").connect("output", "input")
    tangle = tangle.add(layer("add"), id="stray")
    project = Project(experiment=experiment(tangle))
    back = read_project(write_project(project))
    assert back == project
    assert not check_experiment(back.experiment)["model"].ok


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("x" * 2_000_001, "This file has 2.0 MB; a project has at most 2.0 MB."),
        ("hello", "This file is not JSON: line 1, column 1 is wrong. Choose a project file"),
        ('{"schema": 1,\n "title": }', "line 2, column 11 is wrong"),
        ("", "This file is empty."),
        (b"\xff\x00", "This file is not text."),
        ("[1, 2]", "expected one JSON object"),
        ("[" * 100_000, "nested too deep to be read"),
        ('{"a":' * 100 + "1" + "}" * 100, "nested more than 64 levels deep"),
        ('{"schema": 1, "experiment": NaN}', "This file holds NaN where a number is expected."),
        ('{"schema": 1, "experiment": 1e999}', "This file holds 1e999 where a number is expected."),
        ('{"schema": 1, "experiment": ' + "9" * 5_000 + "}", "This file holds 999999999999… where"),
        ("{}", "it has no 'schema' number"),
        ('{"schema": "1"}', "it has no 'schema' number"),
        ('{"schema": true}', "it has no 'schema' number"),
        ('{"schema": 0}', "it has no 'schema' number"),
        ('{"schema": 99}', "This project was made by a newer version (schema 99; this one reads up to 2)."),
        ('{"schema": 1}', "The project needs 'experiment'."),
        ('{"schema": 1, "schema": 1}', "This file says 'schema' twice in one place."),
        ('{"schema": 1}'.encode("utf-16"), "This file is text in UTF-16. Save it as UTF-8 and try again."),
        ('{"schema": 1, "title": "\\ud800"}', "This file holds half of a character"),
        ("null", "expected one JSON object"),
        (None, "expected one JSON object"),
        (7, "expected one JSON object"),
    ],
)
def test_what_is_not_a_project_is_refused_with_one_sentence(content: Any, sentence: str) -> None:
    assert sentence in refusal(content)


def nodes(document: dict[str, Any]) -> list[Any]:
    found = document["experiment"]["networks"]["model"]["nodes"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda d: nodes(d)[1]["layer"].update(kind="dens"),
            "Node 'hidden', layer: There is no 'dens' among the layers. Did you mean 'dense'",
        ),
        (lambda d: nodes(d)[1]["layer"].update(units=-3), "Dense, units: got -3, expected greater than or equal to 1."),
        (lambda d: nodes(d)[1]["layer"].update(units="3"), "Dense, units: got '3', expected a valid integer."),
        (lambda d: nodes(d)[1]["layer"].update(units=10**25), "expected less than or equal to 65536."),
        (lambda d: nodes(d)[1]["layer"].update(colour="red"), "Dense has no setting 'colour'."),
        (
            lambda d: nodes(d)[1]["layer"].update(activation={"kind": "dense"}),
            "'dense' belongs to 'Basics'; expected one of 'Activations'.",
        ),
        (
            lambda d: nodes(d)[1].update(layer=None),
            "Expected one of the layers as an object with a 'kind', got NoneType.",
        ),
        (lambda d: nodes(d)[1].update(id="a b"), "Node 2, id: 'a b' is not an id"),
        (lambda d: nodes(d).append(nodes(d)[0]), "Two nodes are called 'input'"),
        (lambda d: nodes(d).extend([nodes(d)[0]] * 2_000), "should have at most 2000 items"),
        (
            lambda d: d["experiment"]["networks"]["model"]["edges"][0].update(target="nobody"),
            "A wire leads to 'nobody'",
        ),
        (lambda d: d["experiment"]["networks"]["model"]["edges"][0].update(target_port="IN;"), "Wire 1, target_port"),
        (
            lambda d: d["experiment"].update(networks=[]),
            "The project, experiment.networks: got [], expected a valid dictionary.",
        ),
        (lambda d: d["experiment"].update(networks={}), "experiment.networks"),
        (lambda d: d["experiment"]["training"].update(batch_size=0), "experiment.training.batch_size: got 0"),
        (lambda d: d["experiment"]["data"]["dataset"].update(kind="circel"), "Did you mean 'circle'"),
        (lambda d: d["layout"]["nodes"].update(input={"x": 1e300, "y": 0}), "layout.nodes.input.x: got 1e+300"),
        (lambda d: d["layout"].update(unfolded="all"), "layout.unfolded"),
        (lambda d: d["layout"].update(viewport={"x": 0, "y": 0, "zoom": 0}), "layout.viewport.zoom"),
        (lambda d: d.update(title=7), "The project, title: got 7, expected a valid string."),
        (lambda d: d.update(notes="x" * 20_001), "The project, notes"),
        (lambda d: d.update(extra=1), "The project has no setting 'extra'."),
        (lambda d: d.update(notes="a\x1b[2J"), "Take out control characters."),
        (lambda d: d.update(title="a\nb"), "Take out line breaks and control characters."),
        (lambda d: nodes(d)[1].update(title="\u202eabc"), "Take out line breaks and control characters."),
        (lambda d: nodes(d)[1]["layer"].update(units=1_000_000), "got 1000000, expected less than or equal to 65536."),
        (lambda d: nodes(d)[1]["layer"].update(units=2**63), "expected less than or equal to 65536."),
        (lambda d: nodes(d)[1]["layer"].update(units=1e3), "Dense, units: got 1000.0, expected a valid integer."),
        (
            lambda d: nodes(d)[1].update(layer={"kind": "block", "drawing": "itself"}),
            "Block, drawing: got 'itself', expected a valid dictionary or instance of Network.",
        ),
        (lambda d: d["experiment"].update(seed=-(2**63)), "expected greater than or equal to 0."),
        (lambda d: d["experiment"]["training"].update(epochs=10**9), "expected less than or equal to 100000."),
        (lambda d: d["experiment"]["training"].update(batch_size=10**9), "expected less than or equal to 65536."),
        (
            lambda d: d["experiment"]["data"]["dataset"].update(samples=10**9),
            "Circle, samples: got 1000000000, expected less than or equal to 20000.",
        ),
        (
            lambda d: d["experiment"]["training"]["optimizer"].update(learning_rate=-0.0),
            "Adam, learning_rate: got -0.0, expected greater than 0.",
        ),
        (
            lambda d: d["experiment"].update(networks={name: {"nodes": [], "edges": []} for name in "abcdefghi"}),
            "experiment.networks",
        ),
    ],
)
def test_a_value_that_does_not_belong_is_refused_where_it_stands(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    document = changed(change)
    assert sentence in refusal(json.dumps(document))
    with pytest.raises(Refused) as refused:
        read_link(as_link(document))
    assert sentence in str(refused.value)


PLACES: dict[str, Callable[[dict[str, Any], str], object]] = {
    "id": lambda d, text: nodes(d).append({"id": text, "layer": {"kind": "relu"}}),
    "kind": lambda d, text: nodes(d)[1]["layer"].update(kind=text),
    "node title": lambda d, text: nodes(d)[1].update(title=text),
    "field": lambda d, text: nodes(d)[1]["layer"].update({text: 1}),
    "role": lambda d, text: d["experiment"]["networks"].update({text: {"nodes": [], "edges": []}}),
    "port": lambda d, text: d["experiment"]["networks"]["model"]["edges"][0].update(source_port=text),
    "wire": lambda d, text: d["experiment"]["networks"]["model"]["edges"][0].update(source=text),
    "project title": lambda d, text: d.update(title=text),
    "notes": lambda d, text: d.update(notes=text),
    "layout": lambda d, text: d["layout"]["nodes"].update({text: {"x": 0, "y": 0}}),
    "data": lambda d, text: d["experiment"]["data"]["dataset"].update(kind=text),
    "metric": lambda d, text: d["experiment"].update(metrics=[{"kind": text}]),
    "setting": lambda d, text: d["experiment"].update({text: 1}),
    "top": lambda d, text: d.update({text: 1}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_refused_or_stays_text(place: str, text: str) -> None:
    document = changed(lambda d: PLACES[place](d, text))
    try:
        project = read_project(json.dumps(document))
    except Refused:
        refusal(json.dumps(document))
        with pytest.raises(Refused):
            read_link(as_link(document))
        return
    assert place in ("id", "node title", "role", "port", "wire", "project title", "notes", "layout", "setting")
    assert read_project(write_project(project)) == project
    assert read_link(as_link(document)) == project
    check_experiment(project.experiment)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("", "This link is not complete."),
        ("not a link!", "This link is not complete."),
        ("AAAA", "This link is not complete."),
        ("x" * 16_385, "This link has 16,385 characters; 16,384 are allowed."),
        ("eN" * 2_000, "This link is not complete."),
        ("=" * 4, "This link is not complete."),
        ("A", "This link is not complete."),
        ("é" * 8, "This link is not complete."),
        ("eNqrVipOzkjNTVSyUjDUUSpOTM5ITVGyMtRRKkhNzEjMS1GyUjAEAGwPCnI\n", "This link is not complete."),
        (base64.urlsafe_b64encode(zlib.compress(b"[" * 1_000_000)).decode().rstrip("="), "nested too deep to be read"),
        (base64.urlsafe_b64encode(zlib.compress(b"")).decode(), "This link is not complete."),
        (base64.urlsafe_b64encode(zlib.compress(b"[]")).decode().rstrip("="), "expected one JSON object"),
    ],
)
def test_a_broken_link_is_refused_with_one_sentence(link: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_link(link)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_link_never_crashes(data: st.DataObject) -> None:
    link = write_link(circle())
    place = data.draw(st.integers(0, len(link) - 1))
    damaged = link[:place] + data.draw(st.sampled_from(["", "A", "-", "é", "\n", "AA"])) + link[place + 1 :]
    with contextlib.suppress(Refused):
        assert read_link(damaged) == read_link(link)


def test_a_link_that_unpacks_to_much_is_stopped_early() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 10_000_000, 9)).decode().rstrip("=")
    assert len(bomb) < files.MAX_LINK
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="unpacks to more than"):
            read_link(bomb)
        assert tracemalloc.get_traced_memory()[1] < 3 * files.MAX_FILE
    finally:
        tracemalloc.stop()


def test_a_link_with_something_behind_its_end_is_refused() -> None:
    packed = zlib.compress(json.dumps(circle().dump()).encode()) + b"more"
    with pytest.raises(Refused, match="not complete"):
        read_link(base64.urlsafe_b64encode(packed).decode().rstrip("="))


def test_a_large_drawing_leaves_its_layout_out_of_the_link_and_a_huge_one_is_a_file() -> None:
    wide = chain(*[layer("dense", units=7 * n % 97 + 1, activation={"kind": "tanh"}) for n in range(900)])
    places = {node.id: Place(x=n * 17.3 % 991, y=n * 7.7 % 613) for n, node in enumerate(wide.nodes)}
    project = Project(title="Wide", notes="n", experiment=experiment(wide), layout=Layout(nodes=places))
    assert len(write_link(project)) <= files.MAX_LINK
    assert read_link(write_link(project)) == project.with_(notes="", layout=Layout())
    crowd = chain(
        *[
            layer("dense", units=n * n % 60_000 + 1, activation={"kind": "elu", "alpha": 1 / (n + 1)})
            for n in range(1_900)
        ]
    )
    with pytest.raises(Refused, match="Save a file instead"):
        write_link(Project(experiment=experiment(crowd)))


def test_older_files_are_brought_up_to_date_one_schema_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SCHEMA", 3)
    monkeypatch.setattr(
        files,
        "MIGRATIONS",
        {1: lambda d: {**d, "title": d["title"] + "!"}, 2: lambda d: {**d, "title": d["title"] + "?"}},
    )
    old = write_project(circle()).replace('"schema": 3', '"schema": 1')
    assert read_project(old).title == "Circle!?"
    assert read_project(old.replace('"schema": 1', '"schema": 2')).title == "Circle?"


def test_a_byte_order_mark_is_no_part_of_the_project() -> None:
    content = write_project(circle())
    assert read_project(content.encode("utf-8-sig")) == read_project("\ufeff" + content) == circle()


def test_nothing_and_less_than_nothing_are_the_same_number() -> None:
    project = read_project(changed(lambda d: d["layout"]["nodes"]["input"].update(x=-0.0)))
    assert read_project(write_project(project)) == project == circle()
    noisy = changed(lambda d: d["experiment"]["data"]["dataset"].update(noise=-0.0))
    assert read_project(noisy).experiment.fingerprint() == circle().experiment.fingerprint()


def test_a_document_that_holds_itself_is_refused_without_going_round() -> None:
    document = changed(lambda d: None)
    drawing = document["experiment"]["networks"]["model"]
    drawing["nodes"][1]["layer"] = {"kind": "block", "drawing": drawing}
    with pytest.raises(Refused, match=f"nested more than {files.MAX_DEPTH} levels deep"):
        read_project(document)
    doubled: list[Any] = []
    for _ in range(30):  # as a tree it has a thousand million leaves
        doubled = [doubled, doubled]
    with pytest.raises(Refused, match="The project, notes"):
        read_project(changed(lambda d: d.update(notes=doubled)))


def test_blocks_in_blocks_that_would_fill_the_memory_are_told_without_being_written_out() -> None:
    layers: dict[str, Any] = {"kind": "dense", "units": 2}
    for _ in range(7):
        inside = [("input", {"kind": "input"}), ("inner", layers), ("output", {"kind": "output"})]
        drawing = {
            "nodes": [{"id": id, "layer": layer} for id, layer in inside],
            "edges": [{"source": "input", "target": "inner"}, {"source": "inner", "target": "output"}],
        }
        layers = {"kind": "block", "repeat": 100, "drawing": drawing}
    project = read_project(changed(lambda d: nodes(d)[1].update(layer=layers)))
    (note,) = check_experiment(project.experiment)["model"].diagnostics
    assert note.message.endswith("nodes; at most 5,000 work. Repeat less often.")


def test_a_link_of_a_later_version_says_so() -> None:
    with pytest.raises(Refused, match=r"made by a newer version \(schema 99; this one reads up to"):
        read_link(as_link(changed(lambda d: d.update(schema=99))))


def test_every_older_schema_has_its_migration() -> None:
    assert sorted(files.MIGRATIONS) == list(range(1, files.SCHEMA))
