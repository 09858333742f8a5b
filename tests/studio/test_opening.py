"""The shipped run of the first page is what the program would make today."""

from __future__ import annotations

import pytest

from playground.core.experiment import Experiment
from playground.studio import opening
from playground.studio.documents import find_template
from playground.training.checkpoints import read
from playground.training.frames import unpack

AGAIN = "Make it anew: python -m playground.studio.opening"


@pytest.mark.parametrize("kind", opening.KINDS)
def test_the_shipped_weights_belong_to_the_template_of_today(kind: str) -> None:
    experiment = find_template(kind).experiment()
    assert opening.weights_for(kind, experiment) == f"opening/{kind}", AGAIN
    assert read(opening.folder() / f"{kind}.safetensors").experiment.fingerprint() == experiment.fingerprint(), AGAIN


@pytest.mark.parametrize("kind", opening.KINDS)
def test_the_shipped_frames_show_the_trained_network_with_its_data(kind: str) -> None:
    data, picture = (unpack(frame) for frame in opening.frames(kind))
    assert data[0]["type"] == "data", AGAIN
    assert {"points", "targets", "part"} <= data[1].keys(), AGAIN
    assert picture[1]["output"].shape == (100, 100), AGAIN
    assert picture[0]["step"] == opening.points(kind)[-1]["step"], AGAIN
    target = find_template(kind).target()["test_accuracy"]
    assert opening.points(kind)[-1]["test_accuracy"] >= target, AGAIN


def test_any_change_of_the_experiment_is_no_longer_the_shipped_run() -> None:
    experiment = find_template("circle").experiment()
    other: Experiment = experiment.with_(seed=experiment.seed + 1)
    assert opening.weights_for("circle", other) is None
    assert opening.weights_for("spiral", experiment) is None
    assert opening.weights_for(None, experiment) is None
