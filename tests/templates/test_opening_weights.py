"""The weights that the first page opens with score what their curve says."""

import json

import pytest

from playground._paths import assets_dir
from playground.templates import templates
from playground.training.checkpoints import read
from playground.training.fit import fit
from playground.training.prepared import prepare
from playground.training.run import Result, Run

OPENING = assets_dir() / "opening"
SHIPPED = sorted(file.stem for file in OPENING.glob("*.safetensors"))


def test_the_circle_opens_trained() -> None:
    assert "circle" in SHIPPED


@pytest.mark.parametrize("kind", SHIPPED)
def test_shipped_weights_score_what_their_curve_says(kind: str) -> None:
    experiment = templates[kind]().experiment()
    taken = read(OPENING / f"{kind}.safetensors")
    last = json.loads((OPENING / f"{kind}.json").read_text())["points"][-1]
    assert taken.step == last["step"] >= 300
    ticks = fit(Run(experiment, prepare(experiment.data), device="cpu", snapshot=taken, stop_at=taken.step))
    while True:
        try:
            next(ticks)
        except StopIteration as end:
            result: Result = end.value
            break
    assert result.steps == taken.step
    for part in ("train", "test"):
        for name, value in result.scores[part].items():
            # Another processor may round otherwise in the last digits.
            assert value == pytest.approx(last[f"{part}_{name}"], rel=1e-4), (part, name)
    assert result.scores["test"]["accuracy"] >= templates[kind]().target()["test_accuracy"]
