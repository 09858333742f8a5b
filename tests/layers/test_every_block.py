"""One interrogation for every shipped block: a new one is tested by being registered."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from playground.core.composite import Composite, ports_of, size
from playground.core.facts import Shape
from playground.core.network import Network
from playground.core.shapes import check
from playground.layers import layers
from playground.layers.block import Block
from playground.training.build import build
from tests.core.drawings import chain, experiment, facts, layer
from tests.export.test_source import assert_same_answers

BLOCKS = [kind for kind in layers.kinds() if issubclass(layers[kind], Composite) and kind != "block"]
SHAPES: tuple[Shape, ...] = ((8, 8, 8), (6, 8))
SMALL: dict[str, dict[str, Any]] = {
    "vgg_block": {"channels": 6},
    "transformer_encoder": {"heads": 2, "head_width": 3, "hidden": 5, "dropout": 0.0},
    "transformer_decoder": {"heads": 2, "head_width": 3, "hidden": 5, "dropout": 0.0},
    "unet_level": {"channels": 3, "levels": 2},
}


def small(kind: str, **more: Any) -> Composite:
    """The block, with settings that build in milliseconds."""
    found = layer(kind, **{**SMALL.get(kind, {}), **more})
    assert isinstance(found, Composite)
    return found


def fitting(block: Composite) -> tuple[Shape, ...]:
    """Shapes that it takes."""
    for shape in SHAPES:
        try:
            block.output_shape(*[shape] * len(block.in_ports))
        except ValueError:
            continue
        return (shape,) * len(block.in_ports)
    raise AssertionError(f"No shape of {SHAPES} fits {block.kind}: add one.")


def around(block: Composite) -> Network:
    """A network of this block alone, fed at all its ports."""
    network = chain(block)
    for port in block.in_ports[1:]:
        network = network.connect("input", "layer1", target_port=port.name)
    return network


def made(block: Composite) -> tuple[Any, nn.Module]:
    checked = check(around(block), facts(fitting(block)[0]))
    assert not [note for note in checked.diagnostics if note.severity == "error"]
    return checked, build(checked).module


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("repeat", [1, 2])
def test_shape_and_weights_are_those_of_the_built_module(kind: str, repeat: int) -> None:
    block = small(kind, repeat=repeat)
    checked, module = made(block)
    shapes = fitting(block)
    answer = module(torch.randn(3, *shapes[0]))
    assert tuple(answer.shape[1:]) == checked.shapes["layer1"] == block.output_shape(*shapes)
    weights = sum(weight.numel() for weight in module.parameters())
    assert weights == checked.total.parameters == block.parameters(*shapes) > 0


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_weight_gets_a_finite_gradient(kind: str) -> None:
    _, module = made(small(kind))
    module.train()
    module(torch.randn(3, *fitting(small(kind))[0])).square().sum().backward()
    for name, weight in module.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_drawing_has_the_ports_of_the_block_and_no_trouble(kind: str) -> None:
    block = small(kind)
    checked, _ = made(block)
    assert ports_of(block.inside(*fitting(block))) == block.in_ports
    assert [note.message for note in checked.diagnostics] == []
    assert size(block.inside())[0] > 3


@pytest.mark.parametrize("kind", BLOCKS)
def test_made_ones_own_it_gives_the_same_numbers(kind: str) -> None:
    block = small(kind)
    own = Block(drawing=block.inside(*fitting(block)))
    first, second = made(block)[1].eval(), made(own)[1].eval()
    second.load_state_dict(first.state_dict())
    x = torch.randn(2, *fitting(block)[0])
    assert torch.equal(first(x), second(x))


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_does_not_fit_is_a_sentence_at_the_block(kind: str) -> None:
    block = small(kind)
    checked = check(around(block), facts((5,)))
    note = next(note for note in checked.diagnostics if note.severity == "error")
    assert note.node == "layer1"
    assert note.message.endswith(".")


@pytest.mark.parametrize("kind", [kind for kind in BLOCKS if layers[kind].in_ports is not None])
def test_the_script_gives_the_same_answers(kind: str) -> None:
    block = small(kind, repeat=2 if kind in ("residual_block", "transformer_encoder") else 1)
    if len(fitting(block)[0]) == 3:
        network = chain(layer("conv2d", channels=4), block, layer("flatten"), layer("dense", units=10))
        assert_same_answers(experiment(network, "fashion-mnist-cnn"), tolerance=1e-5)
    else:
        network = chain(layer("reshape", shape=[28, 28]), block, layer("flatten"), layer("dense", units=10))
        for port in block.in_ports[1:]:
            network = network.connect("layer1", "layer2", target_port=port.name)
        assert_same_answers(experiment(network, "fashion-mnist-cnn"), tolerance=1e-5)


@pytest.mark.parametrize("norm", ["after", "before"])
def test_the_encoder_is_that_of_torch(norm: str) -> None:
    block = small("transformer_encoder", norm=norm, heads=2, head_width=4, hidden=16)
    checked = check(around(block), facts((6, 8)))
    built = build(checked)
    theirs = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, norm_first=norm == "before").eval()
    ours = {path.partition(".")[2]: built.part(path) for path in built.names}
    attention = ours["attention"]
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(
            torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
        )
        theirs.self_attn.in_proj_bias.copy_(torch.cat([attention.query.bias, attention.key.bias, attention.value.bias]))
        theirs.self_attn.out_proj.load_state_dict(attention.combine.state_dict())
        theirs.linear1.load_state_dict(ours["hidden"].linear.state_dict())
        theirs.linear2.load_state_dict(ours["back"].linear.state_dict())
    x = torch.randn(3, 6, 8)
    torch.testing.assert_close(built.module.eval()(x), theirs(x), rtol=1e-5, atol=1e-5)


def test_the_head_width_is_that_of_each_head() -> None:
    wide = small("transformer_encoder", heads=2, head_width=32, hidden=32)
    divided = small("transformer_encoder", heads=2, head_width=16, hidden=32)
    assert wide.parameters((10, 32)) == 10_656
    assert divided.parameters((10, 32)) == 6_464


def test_resnet_18_has_the_known_number_of_weights() -> None:
    stages = [(64, 1), (128, 2), (256, 2), (512, 2)]
    blocks = [
        layer("residual_block", channels=channels, stride=stride if number == 0 else 1)
        for channels, stride in stages
        for number in range(2)
    ]
    first = [layer("conv2d", channels=64, kernel=7, stride=2, bias=False), layer("batch_norm"), layer("relu")]
    network = chain(
        *first,
        layer("max_pool", size=3, stride=2, padding="same"),
        *blocks,
        layer("global_pool"),
        layer("dense", units=1000),
    )
    assert check(network, facts((3, 224, 224), task="classes", width=1000)).total.parameters == 11_689_512


def test_a_u_of_odd_pictures_says_what_to_do() -> None:
    checked = check(around(small("unet_level")), facts((1, 6, 6)))
    assert any("halves height and width" in note.message for note in checked.diagnostics)
