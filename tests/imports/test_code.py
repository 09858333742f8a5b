"""Pasted code becomes the drawing it describes, or a line says why not."""

from __future__ import annotations

import pytest
import torch

from playground.core.experiment import Experiment
from playground.core.fixes import apply
from playground.core.shapes import Checked, check_experiment
from playground.imports import read
from playground.imports.imported import Imported
from tests.imports import examples


def checked(experiment: Experiment) -> Checked:
    return check_experiment(experiment)["model"]


def said(found: Imported) -> str:
    return " ".join(remark.text for remark in found.remarks)


def test_keras_and_pytorch_paste_to_the_same_drawing_once_the_missing_flatten_is_put_in() -> None:
    keras, pytorch = read(examples.KERAS_DENSE), read(examples.TORCH_DENSE)
    assert (keras.source, pytorch.source) == ("keras", "pytorch")
    assert checked(keras.experiment).total.parameters == 101_770
    trouble = checked(pytorch.experiment).diagnostics
    assert [note.code for note in trouble] == ["needs-flat"]
    assert any("no Flatten" in remark.message and remark.line == 10 for remark in pytorch.remarks)
    mended = apply(pytorch.experiment, trouble[0].fixes[0].ops)
    assert checked(mended).total.parameters == 101_770
    assert {node.id: node.layer for node in mended.network.nodes} == {
        node.id: node.layer for node in keras.experiment.network.nodes
    }
    assert {(e.source, e.target) for e in mended.network.edges} == {
        (e.source, e.target) for e in keras.experiment.network.edges
    }
    assert mended.with_network(keras.experiment.network).fingerprint() == keras.experiment.fingerprint()


def test_training_is_what_the_code_says() -> None:
    training = read(examples.KERAS_DENSE).experiment.training
    assert (training.batch_size, training.epochs) == (64, 5)
    assert training.optimizer.dump() | {"kind": "adam", "learning_rate": 0.001} == training.optimizer.dump()
    houses = read(examples.HOUSES).experiment
    assert (houses.training.batch_size, houses.training.epochs) == (16, 100)
    assert houses.training.optimizer.learning_rate == 0.01
    assert houses.objective.dump()["loss"]["kind"] == "mean_squared_error"


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        (examples.CIFAR, 210_602),
        (examples.HOUSES, 321),
        (examples.XOR, 17),
        (examples.TRANSFORMER, 10_656),
        (examples.TORCH_TRANSFORMER, 6_464),
        (examples.LENET, 61_706),
        (examples.VGG_SEQUENTIAL, 14_714_688 + 133_898),
    ],
    ids=["cifar", "houses", "xor", "transformer", "torch transformer", "lenet", "vgg"],
)
def test_the_courses_examples_open_with_their_numbers(code: str, parameters: int) -> None:
    found = checked(read(code).experiment)
    assert found.total.parameters == parameters
    # The Transformer blocks stand alone: what they answer fits no loss, which is not their fault.
    assert found.ok or "Block" in code


def test_the_sizes_of_the_cifar_pictures_are_those_of_the_course() -> None:
    found = checked(read(examples.CIFAR).experiment)
    sides = [found.shapes[id][1] for id in found.order if len(found.shapes[id]) == 3]
    assert list(dict.fromkeys(sides)) == [32, 30, 28, 14, 12, 10, 5, 3, 1]


def test_a_helper_function_is_followed_and_projects_only_where_shapes_change() -> None:
    found = read(examples.RESIDUAL).experiment.network
    kinds = [node.layer.kind for node in found.nodes]
    assert kinds.count("add") == 2
    assert kinds.count("conv2d") == 1 + 2 + 3  # the second block changes width and stride
    assert checked(read(examples.RESIDUAL).experiment).ok


def test_data_are_those_the_code_loads_or_noise_of_its_shape() -> None:
    assert read(examples.KERAS_DENSE).experiment.data.dataset.kind == "mnist"
    xor = read(examples.XOR).experiment.data.dataset
    assert (xor.kind, xor.dump()["gate"]) == ("logic", "xor")
    cifar = read(examples.CIFAR)
    assert cifar.experiment.data.facts().input_shape == (3, 32, 32)
    assert "noise" in said(cifar)


def test_what_cannot_be_drawn_is_named_with_its_line() -> None:
    found = read(examples.LSTM)
    lines = {remark.line: remark.message for remark in found.remarks if remark.line}
    assert "Embedding(…) cannot be drawn" in lines[3]
    assert "LSTM(…) cannot be drawn" in lines[4]
    assert "LSTM(…) cannot be drawn" in lines[5]
    assert "- Line 4: LSTM" in found.project.notes
    odd = read("model = nn.Sequential(\n  nn.Linear(4, 8),\n  nn.Bilinear(8, 8, 2),\n  nn.Linear(8, 3))")
    assert "Line 3: Bilinear(…) cannot be drawn" in said(odd)


def test_widths_that_do_not_follow_are_told_at_their_node() -> None:
    found = read("model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(),\n nn.Linear(9, 3))")
    assert [(remark.line, remark.node) for remark in found.remarks if "9 numbers" in remark.message] == [(2, "dense2")]


def test_activations_in_whichever_form_are_one_drawing() -> None:
    forms = [
        "model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))",
        (
            "class A(nn.Module):\n  def __init__(self):\n    super().__init__()\n    self.a = nn.Linear(4, 8)\n"
            "    self.b = nn.Linear(8, 3)\n  def forward(self, x):\n    return self.b(F.relu(self.a(x)))"
        ),
        "model = Sequential([Dense(8, input_shape=(4,)), Activation('relu'), Dense(3)])",
        "i = Input(shape=(4,))\nx = Dense(8, activation=tf.nn.relu)(i)\nmodel = Model(i, Dense(3)(x))",
    ]
    first, *others = [read(form).experiment.network for form in forms]
    assert first["dense"].layer.dump()["activation"] == {"kind": "relu"}
    assert all(other == first for other in others)


def test_a_softmax_before_pytorchs_cross_entropy_stays_and_is_told() -> None:
    code = "model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))\ncriterion = nn.CrossEntropyLoss()"
    notes = checked(read(code).experiment).diagnostics
    assert any("Softmax" in note.message or "softmax" in note.message for note in notes)


HOSTILE = {
    "five megabytes": "x = 1\n" * 900_000,
    "long but allowed": "x = (1)\n" * 20_000,
    "brackets": "x = " + "(" * 1_000 + ")" * 1_000,
    "signs": "x = " + "-" * 4_000 + "1",
    "a long sum": "x = 1" + "+1" * 2_400,
    "a power": "x = 9 ** 9 ** 9 ** 9\nmodel = nn.Sequential(nn.Linear(2, x))",
    "a long text": "x = 'a' * 10 ** 12\nmodel = x",
    "doubling": "x = [1]\nfor i in range(500):\n  x = x + x\nmodel = x",
    "lists of lists": "x = [1]\nfor i in range(90):\n  x = [x, x, x]\nif x == [x]:\n  pass\nmodel = nn.Linear(2, x)",
    "a list in itself": "x = []\nx.append(x)\nmodel = nn.Sequential(*x)",
    "a chain in itself": "x = nn.Sequential()\nx.append(x)",
    "recursion": "def f(x):\n  return f(x)\nmodel = f(1)",
    "recursion in two": "def f(x):\n  return f(x) + f(x)\nmodel = f(1)",
    "loops": "for i in range(1999):\n  for j in range(1999):\n    x = i * j",
    "too many nodes": "class A(nn.Module):\n  def __init__(self):\n    self.a = nn.Linear(2, 2)\n  def forward(self, x):\n"
    "    for i in range(1900):\n      x = self.a(x)\n    return x",
    "wide": "model = nn.Sequential(nn.Linear(2, 10 ** 9))",
    "a huge picture": "model = Sequential([Dense(2, input_shape=(65536, 65536, 3))])",
    "halves of halves": "s = nn.Sequential(nn.Linear(2, 2))\nfor i in range(40):\n  s = nn.Sequential(s, s)\nmodel = s",
    "no python": "<script>alert(1)</script>",
    "a nul": "x = 1\x00(",
    "nothing": "  \n ",
    "no network": "print('hello')",
    "cut off": "model = nn.Sequential(\n  nn.Linear(2, 3),",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(20)
def test_hostile_text_is_refused_with_a_sentence(code: str) -> None:
    from playground.core.reading import Refused

    with pytest.raises(Refused) as problem:
        read(code)
    assert 20 < len(str(problem.value)) < 700


def test_nothing_that_is_pasted_runs(tmp_path: object) -> None:
    mark = f"open({str(tmp_path)!r} + '/ran', 'w').write('x')"
    code = "\n".join(
        [
            f"import os; {mark}",
            f"__import__('os').system('touch {tmp_path}/ran')",
            f"exec({mark!r})",
            f'f"{{{mark}}}"',
            f"[{mark} for _ in range(2)]",
            f"@{mark}",
            f"class A(nn.Module, metaclass={mark}):",
            f"  x = {mark}",
            f"  def __init__(self, a={mark}):",
            "    self.a = nn.Linear(2, 3)",
            f"    {mark}",
            "  def forward(self, x):",
            f"    return self.a(x) if {mark} else self.a(x)",
        ]
    )
    before = torch.random.get_rng_state()
    assert read(code).experiment.network["dense"].layer.dump()["units"] == 3
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]
    assert torch.equal(before, torch.random.get_rng_state())
