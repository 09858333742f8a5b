"""Weights, ONNX and project files: the same numbers elsewhere, and nothing about this machine."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.core.experiment import Data, Experiment
from playground.core.files import Layout, Place, read_project
from playground.core.layer import Layer
from playground.datasets.noise import Noise
from playground.export import onnx_model
from playground.export.onnx_model import run_onnx, to_onnx
from playground.export.project import to_project
from playground.export.rebuilt import CannotExport, rebuilt
from playground.export.weights import from_weights, to_weights
from playground.layers import layers
from playground.templates import templates
from playground.training.prepared import prepare
from tests.core.drawings import chain, experiment, layer
from tests.export.test_source import trained


def test_weights_come_back_as_they_were_with_the_names_of_the_script() -> None:
    start = templates["circle"]().experiment()
    state = trained(start)
    back = from_weights(to_weights(start, state))
    assert sorted(back) == ["n1.linear.bias", "n1.linear.weight", "n2.linear.bias", "n2.linear.weight"]
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_without_a_run_the_first_weights_of_the_seed_are_exported() -> None:
    start = templates["circle"]().experiment()
    again = from_weights(to_weights(start))
    assert all(torch.equal(again[name], w) for name, w in rebuilt(start, None).module.state_dict().items())
    other = from_weights(to_weights(start.with_(seed=start.seed + 1)))
    assert not torch.equal(again["n1.linear.weight"], other["n1.linear.weight"])


def test_weights_of_another_drawing_are_refused_by_name() -> None:
    start = templates["circle"]().experiment()
    state = trained(start)
    with pytest.raises(CannotExport, match=r"'n1.linear.bias' is \(3,\), the drawing needs \(5,\)"):
        to_weights(experiment(chain(layer("dense", units=5), layer("dense", units=1))), state)
    with pytest.raises(CannotExport, match=r"'n2.linear.bias' is missing, the drawing needs \(1,\)"):
        to_weights(start, {name: w for name, w in state.items() if name.startswith("n1")})
    with pytest.raises(CannotExport, match=r"'extra' is .* needs nothing of that name"):
        to_weights(start, {**state, "extra": torch.zeros(1)})


def test_what_is_no_safetensors_file_is_refused() -> None:
    with pytest.raises(CannotExport, match="not a whole safetensors file"):
        from_weights(b"\x80\x04pickled")


EVERYTHING = [
    layer("conv2d", channels=4, kernel=2, stride=2, activation={"kind": "mish"}),
    layer("batch_norm"),
    layer("prelu", per_channel=True),
    layer("max_pool", size=2, padding="same"),
    layer("dropout"),
    layer("average_pool", size=3, stride=2),
    layer("concatenate"),
    layer("layer_norm"),
    layer("add"),
    layer("flatten"),
    layer("dense", units=12, activation={"kind": "softmax", "temperature": 0.5}),
    layer("reshape", shape=[3, 2, 2]),
    layer("global_pool", how="max"),
]


def everything() -> Experiment:
    network = chain(*EVERYTHING).connect("layer6", "layer7").connect("layer7", "layer9")
    return experiment(network, "fashion-mnist-cnn")


@pytest.mark.parametrize(
    "start",
    [templates["circle"]().experiment(), templates["fashion-mnist-resnet"]().experiment(), everything()],
    ids=["circle", "resnet", "everything"],
)
def test_onnx_gives_the_same_answers_at_any_batch_size(start: Experiment) -> None:
    state = trained(start)
    content = to_onnx(start, state).content
    module = rebuilt(start, state).module
    for cases in (1, 7):
        x = torch.randn(cases, *start.data.facts().input_shape, generator=torch.Generator().manual_seed(cases))
        with torch.no_grad():
            expected = module(x).numpy()
        np.testing.assert_allclose(run_onnx(content, x.numpy()), expected, rtol=1e-4, atol=1e-4)


def test_onnx_knows_every_activation() -> None:
    """Exporting compares the answers; one network with all of them says the same as fifteen exports."""
    kinds = [part.kind for part in layers if part.group == "Activations"]
    bent = [layer("dense", units=3, activation={"kind": kind}) for kind in kinds]
    to_onnx(experiment(chain(*bent, layer("dense", units=1))))


def test_an_onnx_file_says_nothing_about_this_machine() -> None:
    import onnx

    content = to_onnx(templates["circle"]().experiment(), title="Ring\n<b>").content
    assert b".py" not in content
    assert b"/site-packages" not in content
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [i.name for i in model.graph.input] == ["inputs"]
    assert [o.name for o in model.graph.output] == ["answers"]
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert {entry.key: entry.value for entry in model.metadata_props} == {
        "title": "Ring <b>",
        "data": "Circle",
        "classes": '["orange", "blue"]',
        "inputs": "float32 [batch, 2]",
        "answers": "Raw. torch.sigmoid(answers) is the probability of the second class.",
    }


@pytest.mark.parametrize(
    "middle",
    [
        [layer("residual_block"), layer("global_pool")],
        [layer("reshape", shape=[49, 16]), layer("self_attention", heads=2), layer("flatten")],
    ],
    ids=["block", "attention"],
)
def test_onnx_and_script_see_through_blocks_and_attention_on_real_cases(middle: list[Layer]) -> None:
    network = chain(layer("conv2d", channels=16, kernel=3, stride=4), *middle, layer("dense", units=10))
    start = experiment(network, "fashion-mnist-cnn")
    prepared = prepare(Data(dataset=Noise(shape=[1, 28, 28], answers=10, samples=60), split=start.data.split))
    state = trained(start)
    made = to_onnx(start, state, cases=prepared.transform(prepared.inputs("train")))
    assert made.parity.same
    assert made.parity.sentence.startswith("Same outputs: ")


def test_an_onnx_file_that_answers_differently_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = onnx_model.run_onnx
    monkeypatch.setattr(onnx_model, "run_onnx", lambda content, inputs: right(content, inputs) + 0.01)
    with pytest.raises(CannotExport, match="answers differently from PyTorch"):
        to_onnx(templates["circle"]().experiment())


def test_the_project_file_is_read_back_with_everything_in_it() -> None:
    start = templates["xor"]().experiment()
    layout = Layout(nodes={"input": Place(x=1, y=2)})  # type: ignore[dict-item]
    back = read_project(to_project(start, title="XOR", notes="Four points.", layout=layout))
    assert (back.experiment, back.title, back.notes, back.layout) == (start, "XOR", "Four points.", layout)
