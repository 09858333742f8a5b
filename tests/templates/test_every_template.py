"""What is true of every template, whichever file it is in."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.core.shapes import check_experiment
from playground.schedules.falling import Constant
from playground.templates import templates
from playground.templates.baselines import compare
from playground.templates.sketch import CARD, COLUMN, Sketch
from playground.training.fit import fit
from playground.training.prepared import Prepared, prepare
from playground.training.run import Result, Run

KINDS = templates.kinds()
PARTS_JUDGED = ("train", "validation", "test")


def sketch(kind: str) -> Sketch:
    template = templates[kind]()
    assert isinstance(template, Sketch)
    return template


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def prepared_or_skip(kind: str, cache: Path) -> Prepared:
    try:
        return prepare(templates[kind]().experiment().data, cache=cache)
    except DataMissing as error:
        pytest.skip(str(error))


def test_the_kinds_people_rely_on_are_there() -> None:
    plain = "xor circle gauss spiral plane-regression iris diabetes digits-mlp"
    assert {*plain.split(), "fashion-mnist-mlp", "fashion-mnist-cnn", "fashion-mnist-resnet"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wrong_with_it(kind: str) -> None:
    for checked in check_experiment(templates[kind]().experiment()).values():
        assert checked.diagnostics == ()
        assert set(checked.shapes) == {node.id for node in checked.network.nodes}


@pytest.mark.parametrize("kind", KINDS)
def test_its_experiment_survives_json(kind: str) -> None:
    experiment = templates[kind]().experiment()
    again = Experiment.model_validate(json.loads(experiment.model_dump_json()))
    assert again == experiment
    assert again.fingerprint() == experiment.fingerprint()


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_it_shows_and_what_to_try(kind: str) -> None:
    template = templates[kind]
    assert template.title
    assert template.group in {"Plane", "Tables", "Pictures"}
    assert template.purpose.count(".") == 2
    assert template.purpose.endswith(".")
    assert all(len(sentence.split()) <= 26 for sentence in template.purpose.split("."))


@pytest.mark.parametrize("kind", KINDS)
def test_its_target_is_one_of_its_metrics_on_a_part_it_has(kind: str) -> None:
    template = templates[kind]()
    experiment = template.experiment()
    assert template.target()
    for name in template.target():
        part, _, metric = name.partition("_")
        assert metric in {m.kind for m in experiment.metrics}
        assert getattr(experiment.data.split, part) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_raw_answers_reach_the_output(kind: str) -> None:
    network = templates[kind]().experiment().network
    (last,) = [edge.source for edge in network.incoming("output")]
    assert network[last].layer.kind == "dense"
    assert getattr(network[last].layer, "activation", None) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_has_a_place_of_its_own_and_wires_of_a_row_run_to_the_right(kind: str) -> None:
    template = sketch(kind)
    network, layout = template.experiment().network, template.layout()
    places = {id: (place["x"], place["y"]) for id, place in layout["nodes"].items()}
    assert set(places) == {node.id for node in network.nodes}
    assert min(x for x, _ in places.values()) == min(y for _, y in places.values()) == 0
    ids = list(places)
    for number, one in enumerate(ids):
        for other in ids[number + 1 :]:
            apart = abs(places[one][0] - places[other][0]), abs(places[one][1] - places[other][1])
            assert apart[0] >= COLUMN or apart[1] >= CARD, (one, other)
    for edge in network.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        assert x2 > x1 or y2 > y1, edge
    width = max(x for x, _ in places.values()) + 160
    assert width <= 1040
    assert set(layout["unfolded"]) <= set(places)
    assert all(getattr(network[id].layer, "units", 99) <= 16 for id in layout["unfolded"])


class OneBatch:
    """Prepared data with a single batch to learn from."""

    def __init__(self, source: Prepared, size: int) -> None:
        self.source, self.count, self.facts = source, min(size, source.size("train")), source.facts

    def size(self, part: Any) -> int:
        return self.count if part == "train" else 0

    def inputs(self, part: Any) -> Any:
        return self.source.inputs("train")[: self.size(part)]

    def targets(self, part: Any) -> Any:
        return self.source.targets("train")[: self.size(part)]

    def transform(self, inputs: Any) -> Any:
        return self.source.transform(inputs)

    def untransform_targets(self, values: Any) -> Any:
        return self.source.untransform_targets(values)

    def count_test_read(self) -> None: ...


def trained(experiment: Experiment, source: Any, steps: int) -> Result:
    ticks = fit(Run(experiment, source, device="cpu", stop_at=steps))
    while True:
        try:
            next(ticks)
        except StopIteration as end:
            result: Result = end.value
            return result


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_one_batch_by_heart_in_200_steps(kind: str, cache: Path) -> None:
    experiment = templates[kind]().experiment()
    source = OneBatch(prepared_or_skip(kind, cache), 8)
    training = experiment.training.with_(batch_size=source.count, epochs=200, schedule=Constant())
    scores = trained(experiment.with_(training=training), source, 200).scores["train"]
    for name in templates[kind]().target():
        metric = name.partition("_")[2]
        assert scores[metric] >= (1.0 if metric == "accuracy" else 0.9), scores


# ---- what each one is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("circle", 13), ("xor", 17), ("gauss", 3), ("diabetes", 321), ("fashion-mnist-mlp", 101_770)],
)
def test_it_has_the_stated_number_of_weights(kind: str, parameters: int) -> None:
    (checked,) = check_experiment(templates[kind]().experiment()).values()
    assert checked.total.parameters == parameters


def test_the_opening_network_has_the_nodes_the_first_lesson_names() -> None:
    template = sketch("circle")
    network = template.experiment().network
    assert [node.id for node in network.nodes] == ["input", "hidden", "last", "output"]
    hidden = network["hidden"].layer.dump()
    assert (hidden["units"], hidden["activation"]) == (3, {"kind": "tanh"})
    assert template.layout()["unfolded"] == ["hidden", "last"]


def test_the_residual_network_joins_a_skip_in_each_block() -> None:
    network = templates["fashion-mnist-resnet"]().experiment().network
    adds = [node.id for node in network.nodes if node.layer.kind == "add"]
    assert len(adds) == 2
    for id in adds:
        assert len(list(network.incoming(id))) == 2


@pytest.mark.parametrize(
    "settings", [{"activation": "tanh"}, {"cases": "zero_one"}, {"cases": "minus_one_one", "units": 8}]
)
def test_other_settings_of_xor_have_nothing_wrong_with_them(settings: dict[str, Any]) -> None:
    template = templates["xor"].model_validate(settings)
    (checked,) = check_experiment(template.experiment()).values()
    assert checked.diagnostics == ()


# ---- baselines --------------------------------------------------------------------------------------------------------


def test_baselines_are_judged_on_the_same_test_cases(cache: Path) -> None:
    prepared = prepared_or_skip("iris", cache)
    entries = {entry["name"]: entry for entry in compare(prepared)}
    assert prepared.test_reads == 1
    share = np.bincount(prepared.raw_targets("test")).max() / prepared.size("test")
    assert entries["majority"]["test_accuracy"] == pytest.approx(share)
    assert entries["logistic regression"]["test_accuracy"] > 0.85
    assert all(entry["cases"] == prepared.size("train") for entry in entries.values())


def test_baselines_for_numbers_are_in_the_unit_of_the_data(cache: Path) -> None:
    prepared = prepared_or_skip("diabetes", cache)
    entries = {entry["name"]: entry for entry in compare(prepared)}
    train, test = prepared.raw_targets("train"), prepared.raw_targets("test")
    assert entries["mean"]["test_mean_absolute_error"] == pytest.approx(np.abs(test - train.mean()).mean(), rel=1e-4)
    assert entries["mean"]["test_r2"] <= 0
    assert 0.3 < entries["ridge regression"]["test_r2"] < 0.6


def test_no_test_cases_no_baselines() -> None:
    template = templates["xor"].model_validate({"cases": "zero_one"})
    assert compare(prepare(template.experiment().data)) == []
