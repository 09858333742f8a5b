"""Links of the TensorFlow Playground open as the same experiment, and say what is not the same."""

from __future__ import annotations

import pytest

from playground.core.reading import Refused
from playground.core.shapes import check_experiment
from playground.imports import read

BASE = "https://playground.tensorflow.org/#"
WHOLE = (
    "activation=relu&regularization=L2&batchSize=12&dataset=spiral&regDataset=reg-plane&learningRate=0.1"
    "&regularizationRate=0.003&noise=15&networkShape=6,5,2&seed=0.12345&showTestData=true&discretize=false"
    "&percTrainData=70&x=true&y=true&xTimesY=true&xSquared=true&ySquared=false&cosX=false&sinX=true&cosY=false"
    "&sinY=false&collectStats=false&problem=classification&initZero=false&hideText=false"
)


def said(text: str) -> str:
    return " ".join(remark.text for remark in read(text).remarks)


def test_network_data_features_and_training_are_those_of_the_link() -> None:
    found = read(BASE + WHOLE).experiment
    layers = [node.layer.dump() for node in found.network.nodes if node.layer.kind == "dense"]
    assert [(one["units"], one["activation"]) for one in layers] == [
        (6, {"kind": "relu"}),
        (5, {"kind": "relu"}),
        (2, {"kind": "relu"}),
        (1, None),
    ]
    dataset = found.data.dataset.dump()
    assert (dataset["kind"], dataset["noise"], dataset["samples"]) == ("spiral", 15.0, 500)
    assert found.data.preparation[0].dump()["features"] == ["x1", "x2", "x1_squared", "x1_x2", "sin_x1"]
    assert (found.data.split.train, found.data.split.test) == (0.7, 0.3)
    optimizer = found.training.optimizer.dump()
    assert (optimizer["kind"], optimizer["learning_rate"], optimizer["weight_decay"]) == ("sgd", 0.1, 0.003)
    assert (found.training.batch_size, found.seed) == (12, 12345)
    assert check_experiment(found)["model"].ok


def test_the_same_link_is_the_same_experiment_and_another_seed_another() -> None:
    assert read(BASE + WHOLE).experiment.fingerprint() == read("#" + WHOLE).experiment.fingerprint()
    assert read(WHOLE).experiment == read(BASE + WHOLE).experiment
    other = WHOLE.replace("0.12345", "0.54321")
    assert read(BASE + other).experiment.fingerprint() != read(BASE + WHOLE).experiment.fingerprint()


def test_a_bare_address_is_that_sites_own_beginning() -> None:
    found = read("https://playground.tensorflow.org/").experiment
    assert [node.layer.dump().get("units") for node in found.network.nodes] == [None, 4, 2, 1, None]
    assert (found.data.dataset.kind, found.training.batch_size) == ("circle", 10)
    assert found.network["hidden1"].layer.dump()["activation"] == {"kind": "tanh"}


def test_regression_and_no_hidden_layer() -> None:
    found = read(BASE + "problem=regression&regDataset=reg-gauss&networkShape=&activation=linear").experiment
    assert found.data.dataset.kind == "regression-gauss"
    assert found.objective.dump()["loss"]["kind"] == "mean_squared_error"
    assert [node.id for node in found.network.nodes] == ["input", "last", "output"]


@pytest.mark.parametrize(
    ("garbage", "sentence"),
    [
        ("activation=foo", "activation='foo' is none of that site's values; its own default, tanh"),
        ("networkShape=4,,2", "its own default, 4,2, is taken"),
        ("networkShape=99999", "its own default, 4,2, is taken"),
        ("networkShape=" + ",".join(["8"] * 500), "its own default, 4,2, is taken"),
        ("networkShape=٤,٢", "its own default, 4,2, is taken"),
        ("learningRate=nan", "its own default, 0.03"),
        ("noise=1e308", "noise=1e+308 becomes 50"),
        ("batchSize=-5", "batchSize=-5 becomes 1"),
        ("percTrainData=0", "percTrainData=0 becomes 10"),
        ("x=false&y=false", "takes no input at all"),
        ("x=maybe", "x='maybe' is none"),
        ("seed=%00%1b[31m", "seed='  [31m' is none"),
        ("regularization=L1&regularizationRate=0.1", "L1 regularisation of 0.1 is left out"),
        ("initZero=true", "initZero is left out"),
        ("whatever=1", "'whatever' is no setting"),
    ],
)
def test_garbage_is_replaced_by_that_sites_default_and_said(garbage: str, sentence: str) -> None:
    assert sentence in said(BASE + garbage)
    assert check_experiment(read(BASE + garbage).experiment)["model"].ok


def test_a_link_beyond_all_length_is_refused() -> None:
    with pytest.raises(Refused, match="characters"):
        read(BASE + "&".join(["networkShape=1"] * 5_000))
