"""ONNX files: ours come back with their weights, others as far as layers reach, damaged ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from playground.core.experiment import Experiment
from playground.core.reading import Refused
from playground.export.onnx_model import run_onnx, to_onnx
from playground.export.rebuilt import rebuilt
from playground.imports import read
from playground.layers import layers
from playground.templates import templates
from tests.core.drawings import chain, experiment, layer
from tests.export.test_source import trained

DRAWINGS = {
    "circle": templates["circle"]().experiment(),
    "mlp": templates["fashion-mnist-mlp"]().experiment(),
    "cnn": templates["fashion-mnist-cnn"]().experiment(),
    "pictures": experiment(
        chain(
            layer("conv2d", channels=4, kernel=2, stride=2, activation={"kind": "mish"}),
            layer("prelu", per_channel=True),
            layer("max_pool", size=2, padding="same"),
            layer("zero_pad", top=0, right=2),
            layer("upsample"),
            layer("conv_transpose2d", channels=3, bias=False),
            layer("squeeze_excitation"),
            layer("residual_block", channels=4, stride=2),
            layer("global_pool", how="max"),
            layer("layer_norm"),
            layer("dense", units=10, activation={"kind": "softmax", "temperature": 0.5}),
        ),
        "fashion-mnist-cnn",
    ),
}


@pytest.mark.parametrize("start", DRAWINGS.values(), ids=DRAWINGS.keys())
def test_our_own_files_come_back_and_answer_alike(start: Experiment) -> None:
    state = trained(start)
    content = to_onnx(start, state).content
    back = read(content, "net.onnx")
    assert back.weights is not None
    x = torch.randn(3, *start.data.facts().input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = rebuilt(back.experiment, back.weights).module(x)
        before = rebuilt(start, state).module(x)
    assert torch.allclose(ours, before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["circle", "cnn"])
def test_drawing_and_weights_come_back_exactly(name: str) -> None:
    start = DRAWINGS[name]
    state = trained(start)
    back = read(to_onnx(start, state).content)
    kept = [node.layer for node in start.network.nodes if node.layer.kind != "dropout"]  # it does nothing in a file
    assert [node.layer for node in back.experiment.network.nodes] == kept
    assert back.weights is not None
    weights = [tensor for tensor in state.values() if tensor.is_floating_point()]
    assert all(torch.equal(a, b) for a, b in zip(weights, back.weights.values(), strict=True))


def test_every_activation_is_known_by_its_curve() -> None:
    kinds = [part.kind for part in layers if part.group == "Activations" and part.kind != "prelu"]
    special = [{"kind": "leaky_relu", "slope": 0.3}, {"kind": "elu", "alpha": 0.5}, {"kind": "softplus", "beta": 2.0}]
    bends = [*({"kind": kind} for kind in kinds), *special, {"kind": "gelu", "formula": "tanh"}]
    start = experiment(chain(*(layer("dense", units=3, activation=bend) for bend in bends), layer("dense", units=1)))
    back = read(to_onnx(start).content)
    assert [node.layer for node in back.experiment.network.nodes] == [node.layer for node in start.network.nodes]


def made(
    *nodes: Any,
    weights: dict[str, Any] | None = None,
    shape: tuple[Any, ...] = ("n", 4),
    out: str = "y",
    opset: int = 18,
) -> bytes:
    """A file with these operators."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in (weights or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return model.SerializeToString()


W = np.arange(12, dtype=np.float32).reshape(4, 3) / 10
LINEAR = helper.make_node("MatMul", ["x", "w"], ["h"])


def test_a_matrix_product_and_a_sum_are_one_dense_layer_with_a_bias() -> None:
    file = made(LINEAR, helper.make_node("Add", ["h", "b"], ["y"]), weights={"w": W, "b": [1, 2, 3]})
    back = read(file, "a.onnx")
    assert [node.id for node in back.experiment.network.nodes] == ["input", "dense", "output"]
    assert back.weights is not None
    assert np.array_equal(back.weights["n1.linear.weight"].numpy(), W.T)
    x = np.ones((2, 4), np.float32)
    model = rebuilt(back.experiment, back.weights).module
    session = onnx.load_from_string(file)
    session.graph.input[0].name = session.graph.node[0].input[0] = "inputs"
    assert np.allclose(run_onnx(session.SerializeToString(), x), model(torch.from_numpy(x)).detach().numpy(), atol=1e-5)


def test_operators_without_a_layer_are_named() -> None:
    file = made(
        LINEAR,
        helper.make_node("Sin", ["h"], ["s"]),
        helper.make_node("Einsum", ["h"], ["y"], equation="ij->ji"),
        weights={"w": W},
    )
    with pytest.raises(Refused, match=r"Sin, Einsum\. Only whole networks"):
        read(file, "a.onnx")
    own = made(helper.make_node("Magic", ["x"], ["y"], domain="evil.example"))
    with pytest.raises(Refused, match=r"evil\.example\.Magic"):
        read(own, "a.onnx")


def damaged(change: Callable[[Any], None]) -> bytes:
    """A sound file with one thing changed."""
    model = onnx.load_from_string(made(LINEAR, helper.make_node("Relu", ["h"], ["y"]), weights={"w": W}))
    change(model)
    content: bytes = model.SerializeToString()
    return content


def _external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _large(model: Any) -> None:
    model.graph.initializer[0].dims[:] = [2**20, 512]


def _short(model: Any) -> None:
    model.graph.initializer[0].raw_data = b"\x00" * 8


def _negative(model: Any) -> None:
    model.graph.initializer[0].dims[:] = [-4, -3]


def _circle(model: Any) -> None:
    model.graph.node[0].input[0] = "y"


def _orphan(model: Any) -> None:
    model.graph.node[0].input[0] = "nobody"


def _words(model: Any) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64


def _dimension(value: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        axis = model.graph.input[0].type.tensor_type.shape.dim[1]
        if isinstance(value, str):
            axis.dim_param = value
        else:
            axis.dim_value = value

    return change


def _scalar(model: Any) -> None:
    del model.graph.input[0].type.tensor_type.shape.dim[:]


def _no_output(model: Any) -> None:
    model.graph.output[0].name = "nobody"


def _attribute(model: Any) -> None:
    tensor = TensorProto(dims=[1], data_type=1, data_location=TensorProto.EXTERNAL)
    model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], value=tensor))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_external, "lie in another file beside it"),
        (_attribute, "lies in another file beside it"),
        (_large, r"more than 200,000,000 weights \(2147.5 MB\)"),
        (_short, "should be 12 numbers and are not"),
        (_negative, "negative length"),
        (_circle, "go round in a circle"),
        (_orphan, "Nothing in this file makes 'nobody'"),
        (_no_output, "Nothing in this file makes its output"),
        (_words, "takes no ordinary numbers"),
        (_dimension("width"), r"Axis 1 of the input 'x' has no fixed length \('width'\)"),
        (_dimension(0), "has the length 0"),
        (_dimension(-3), "has the length -3"),
        (_dimension(7), "answers differently|cannot run this file|do not fit"),
        (_scalar, "has 0 axes"),
    ],
)
def test_damaged_and_hostile_files_are_refused_with_a_sentence(change: Callable[[Any], None], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read(damaged(change), "a.onnx")


def test_truncated_and_foreign_files_are_refused() -> None:
    whole = damaged(lambda model: None)
    assert read(whole, "a.onnx").source == "onnx"
    for cut in range(1, len(whole) - 1, 7):
        with pytest.raises(Refused):
            read(whole[:cut], "a.onnx")
    with pytest.raises(Refused, match="no ONNX file"):
        read(b"\x08\x07garbage" * 50, "a.onnx")
    with pytest.raises(Refused, match="no ONNX file"):
        read(b"", "a.onnx")
