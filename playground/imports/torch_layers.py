"""The words of PyTorch: modules, and functions that do the same."""

from __future__ import annotations

from typing import Any

from playground.imports.use import ACTIVATIONS, CannotDraw, Rule, Use, Word, conv, flatten, pad
from playground.imports.values import Batch, Chain, Made, Tensor, Unknown, Value

SILENT = frozenset("inplace device dtype track_running_stats need_weights average_attn_weights training name".split())
"""Settings that change nothing in the drawing."""


def _linear(use: Use) -> Value:
    declared = use.declared("in_features")
    return use.draw("dense", declared=declared, units=use.whole("out_features"), bias=use.flag("bias", True))


def _conv2d(use: Use) -> Value:
    if use.get("padding_mode", "zeros") != "zeros":
        raise CannotDraw("pads with something other than zeros")
    return conv(
        use,
        channels=use.whole("out_channels"),
        margin=_margin(use),
        groups=use.whole("groups", 1),
        bias=use.flag("bias", True),
        declared=use.declared("in_channels"),
    )


def _margin(use: Use) -> int | str | tuple[int, int, int, int]:
    padding = use.get("padding", 0)
    if padding in ("same", "valid"):
        return str(padding)
    if isinstance(padding, list | tuple) and len(padding) == 2 and all(type(n) is int for n in padding):
        return (padding[0], padding[0], padding[1], padding[1])
    if type(padding) is not int:
        raise CannotDraw(f"has padding = {padding!r}")
    return padding


def _conv_transpose(use: Use) -> Value:
    kernel, stride = use.side("kernel_size", None), use.side("stride", 1)
    if use.side("padding", 0) or use.side("output_padding", 0) or use.side("dilation", 1) != 1:
        raise CannotDraw("has padding or dilation; transposed convolutions here have none")
    if use.whole("groups", 1) != 1:
        raise CannotDraw("has groups; transposed convolutions here have none")
    return use.draw(
        "conv_transpose2d",
        declared=use.declared("in_channels"),
        channels=use.whole("out_channels"),
        kernel=kernel,
        stride=stride,
        bias=use.flag("bias", True),
    )


def _pool(kind: str) -> Rule:
    def rule(use: Use) -> Value:
        size = use.side("kernel_size", None)
        stride = size if use.settings.get("stride") is None else use.side("stride", size)
        padding = use.side("padding", 0)
        if use.side("dilation", 1) != 1 or use.flag("ceil_mode", False):
            raise CannotDraw("has dilation or ceil_mode, which pools here do not know")
        fields: dict[str, Any] = {"size": size, "stride": None if stride == size else stride}
        if padding:
            if kind == "average_pool" or size % 2 == 0 or padding != size // 2:
                raise CannotDraw(f"has padding = {padding}; max pools of an odd size can have half of it")
            fields["padding"] = "same"
        return use.draw(kind, **fields)

    return rule


def _adaptive(how: str) -> Rule:
    def rule(use: Use) -> Value:
        size = use.get("output_size")
        sides = tuple(size) if isinstance(size, list | tuple) else (size, size)
        if sides == (1, 1):
            return use.draw("global_pool", how=how)
        shape = use.shape
        if shape is not None and len(shape) == 3:
            if sides == shape[1:]:
                return use.tensor
            if type(sides[0]) is int and sides[0] == sides[1] and shape[1] == shape[2] and shape[1] % sides[0] == 0:
                return use.draw("average_pool" if how == "average" else "max_pool", size=shape[1] // sides[0])
        raise CannotDraw("makes a picture of a fixed size; that is drawn where the arriving size is known to divide")

    return rule


def _norm(use: Use) -> Value:
    if not use.flag("track_running_stats", True):
        raise CannotDraw("keeps no running mean; batch norm here always does")
    return use.draw(
        "batch_norm",
        declared=use.declared("num_features"),
        momentum=use.real("momentum", 0.1),
        epsilon=use.real("eps", 1e-5),
        scale_and_shift=use.flag("affine", True),
    )


def _layer_norm(use: Use) -> Value:
    wanted, shape = use.get("normalized_shape", 0), use.shape
    lengths = (wanted,) if type(wanted) is int else tuple(wanted) if isinstance(wanted, list | tuple) else ()
    if shape is not None and lengths not in ((0,), shape if len(shape) == 3 else shape[-1:]):
        raise CannotDraw(f"normalises over {lengths}; here it is the last axis, or the whole of a picture")
    return use.draw("layer_norm", epsilon=use.real("eps", 1e-5), scale_and_shift=use.flag("elementwise_affine", True))


def _dropout(use: Use) -> Value:
    if use.name.endswith("2d"):
        use.say(f"{use.name} drops whole channels; it is drawn as dropout of single numbers.")
    rate = use.real("p", 0.5)
    return use.draw("dropout", rate=rate) if rate > 0 else use.tensor


def _flatten(use: Use) -> Value:
    if use.get("start_dim", 1) not in (1, -3) or use.get("end_dim", -1) not in (-1, 3):
        raise CannotDraw("lays out a part of the axes only; here it is all but the batch")
    return flatten(use)


def _unflatten(use: Use) -> Value:
    size = use.get("unflattened_size")
    if use.get("dim", 1) not in (1, -1) or not isinstance(size, list | tuple):
        raise CannotDraw("is drawn for rows of numbers only")
    return use.draw("reshape", shape=list(size))


def view(use: Use, lengths: list[Value]) -> Value:
    """`x.view(-1, 784)`, `x.reshape(x.size(0), 1, 28, 28)`: the batch first."""
    if len(lengths) == 1 and isinstance(lengths[0], list | tuple):
        lengths = list(lengths[0])
    first, rest = (lengths[0], lengths[1:]) if lengths else (None, [])
    whole_batch = (
        first == -1 or isinstance(first, Batch | Unknown) or (type(first) is int and first >= 1 and -1 in rest)
    )
    if not rest or not whole_batch:
        raise CannotDraw("mixes cases of a batch; here each case keeps to itself")
    if len(rest) == 1:
        declared = rest[0] if type(rest[0]) is int and rest[0] > 0 else None
        return flatten(use, declared=declared)
    if not all(type(n) is int and n > 0 for n in rest):
        raise CannotDraw("has lengths that are only known when it runs")
    return use.tensor if tuple(rest) == use.shape else use.draw("reshape", shape=rest)


def _attention(use: Use) -> Value:
    features, heads = use.whole("embed_dim"), use.whole("num_heads")
    if heads < 1 or features % heads:
        raise CannotDraw(f"has {heads} heads, which do not divide {features} features")
    if not use.flag("batch_first", False):
        use.say("Without batch_first=True the first axis is the position; here it is always the case.")
    if use.real("dropout", 0.0):
        use.say("Dropout inside the attention is left out.")
    masked = use.settings.get("attn_mask") is not None
    causal = use.flag("is_causal", False) or masked
    if masked:
        use.say("attn_mask is taken for the usual one: a position sees itself and what came before.")
    fields: dict[str, Any] = {"heads": heads, "head_width": features // heads, "bias": use.flag("bias", True)}
    inputs = list(use.inputs)
    if len({one.node for one in inputs}) == 1:
        return (use.draw("self_attention", declared=features, causal=causal, **fields), Unknown("attention weights"))
    if len(inputs) > 2 and inputs[1] != inputs[2]:
        raise CannotDraw("takes keys and values from two places")
    drawn = use.draw("cross_attention", declared=features, inputs=inputs[:2], ports=("in", "memory"), **fields)
    return (drawn, Unknown("attention weights"))


def transformer_fields(use: Use) -> dict[str, Any]:
    """Settings of a Transformer block, by its torch names."""
    features, heads = use.whole("d_model"), use.whole("nhead")
    if heads < 1 or features % heads:
        raise CannotDraw(f"has {heads} heads, which do not divide {features} features")
    if use.real("layer_norm_eps", 1e-5) != 1e-5:
        raise CannotDraw("has a layer_norm_eps of its own")
    if not use.flag("batch_first", False):
        use.say("Without batch_first=True the first axis is the position; here it is always the case.")
    rate = use.real("dropout", 0.1)
    return {
        "heads": heads,
        "head_width": features // heads,
        "hidden": use.whole("dim_feedforward", 2048),
        "activation": use.activation() or {"kind": "relu"},
        "dropout": rate,
        "norm": "before" if use.flag("norm_first", False) else "after",
    }


def _encoder_layer(use: Use) -> Value:
    return use.draw("transformer_encoder", declared=use.whole("d_model"), **transformer_fields(use))


def _encoder(use: Use) -> Value:
    layer = use.settings.get("encoder_layer")
    if not isinstance(layer, Made) or layer.name != "TransformerEncoderLayer":
        raise CannotDraw("is drawn of TransformerEncoderLayer only")
    inner = Use(layer.name, layer.settings, use.inputs, use.trace, use.remarks, use.line)
    repeat = use.whole("num_layers")
    drawn = use.draw("transformer_encoder", declared=inner.whole("d_model"), repeat=repeat, **transformer_fields(inner))
    if use.settings.get("norm") is not None:
        return use.draw("layer_norm", after=drawn)
    return drawn


def _upsample(use: Use) -> Value:
    if use.settings.get("size") is not None or use.flag("align_corners", False):
        raise CannotDraw("is drawn by its scale_factor only, without align_corners")
    factor = use.get("scale_factor", 2)
    whole = int(factor) if isinstance(factor, float) and factor.is_integer() else factor
    return use.draw("upsample", factor=whole, mode=use.get("mode", "nearest"))


def _zero_pad(use: Use) -> Value:
    padding = use.get("padding")
    if type(padding) is int:
        return pad(use, (padding,) * 4)
    if isinstance(padding, list | tuple) and len(padding) == 4 and all(type(n) is int for n in padding):
        left, right, top, bottom = padding
        return pad(use, (top, bottom, left, right))
    raise CannotDraw(f"has padding = {padding!r}")


def _cat(use: Use) -> Value:
    if use.get("dim", 0) not in (1, -3):
        ranks = {len(shape) for one in use.inputs if (shape := use.trace.shape(one)) is not None}
        if use.get("dim", 0) != -1 or (ranks and ranks != {1}):
            raise CannotDraw("joins along another axis than dim=1; here things are joined along features or channels")
    return use.draw("concatenate", inputs=list(use.inputs))


def mean(use: Use) -> Value:
    """`x.mean([2, 3])`: the average of each channel."""
    axes = use.get("dim")
    if isinstance(axes, list | tuple) and {axis % 4 for axis in axes if type(axis) is int} == {2, 3}:
        return use.draw("global_pool", how="average")
    raise CannotDraw("is drawn over height and width of a picture only")


def _elementwise(kind: str, **names: str) -> Rule:
    def rule(use: Use) -> Value:
        fields: dict[str, Any] = {
            ours: float(use.real(theirs, 0.0)) for ours, theirs in names.items() if theirs in use.settings
        }
        use.say_of_ceiling(use.name)
        if kind == "gelu" and use.settings.get("approximate") == "tanh":
            fields["formula"] = "tanh"
        if kind == "softmax":
            shape = use.shape
            dim = use.get("dim", -1)
            if dim == 0 or (shape is not None and dim not in ((1, -3) if len(shape) == 3 else (-1, len(shape)))):
                raise CannotDraw(f"shares out along dim={dim}; here it is the features, or the channels of a picture")
        return use.draw(kind, **fields)

    return rule


def _prelu(use: Use) -> Value:
    several = use.whole("num_parameters", 1) > 1
    return use.draw("prelu", start=use.real("init", 0.25), per_channel=several)


SLOPES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "leaky_relu": (("negative_slope",), {"slope": "negative_slope"}),
    "elu": (("alpha",), {"alpha": "alpha"}),
    "softplus": (("beta",), {"beta": "beta"}),
    "softmax": (("dim",), {}),
}
NAMES = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "SELU": "selu",
    "Softplus": "softplus",
    "GELU": "gelu",
    "SiLU": "silu",
    "Mish": "mish",
    "Hardsigmoid": "hardsigmoid",
    "Hardswish": "hardswish",
    "Hardtanh": "hardtanh",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}


def _bend(small: str) -> Word:
    kind = str(ACTIVATIONS[small]["kind"])
    settings, fields = SLOPES.get(kind, ((), {}))
    return Word(settings, _elementwise(kind, **fields))


WORDS: dict[str, Word] = {
    "Linear": Word(("in_features", "out_features", "bias"), _linear),
    "LazyLinear": Word(("out_features", "bias"), _linear),
    "Conv2d": Word(
        ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"), _conv2d
    ),
    "ConvTranspose2d": Word(
        ("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "bias"),
        _conv_transpose,
    ),
    "MaxPool2d": Word(("kernel_size", "stride", "padding", "dilation"), _pool("max_pool")),
    "AvgPool2d": Word(("kernel_size", "stride", "padding"), _pool("average_pool")),
    "AdaptiveAvgPool2d": Word(("output_size",), _adaptive("average")),
    "AdaptiveMaxPool2d": Word(("output_size",), _adaptive("max")),
    "BatchNorm1d": Word(("num_features", "eps", "momentum", "affine"), _norm),
    "BatchNorm2d": Word(("num_features", "eps", "momentum", "affine"), _norm),
    "LayerNorm": Word(("normalized_shape", "eps", "elementwise_affine"), _layer_norm),
    "Dropout": Word(("p",), _dropout),
    "Dropout2d": Word(("p",), _dropout),
    "Flatten": Word(("start_dim", "end_dim"), _flatten),
    "Unflatten": Word(("dim", "unflattened_size"), _unflatten),
    "Identity": Word((), lambda use: use.tensor),
    "PReLU": Word(("num_parameters", "init"), _prelu),
    "MultiheadAttention": Word(("embed_dim", "num_heads", "dropout", "bias"), _attention),
    "TransformerEncoderLayer": Word(
        ("d_model", "nhead", "dim_feedforward", "dropout", "activation", "layer_norm_eps", "batch_first", "norm_first"),
        _encoder_layer,
    ),
    "TransformerEncoder": Word(("encoder_layer", "num_layers", "norm"), _encoder),
    "Upsample": Word(("size", "scale_factor", "mode", "align_corners"), _upsample),
    "ZeroPad2d": Word(("padding",), _zero_pad),
    **{name: _bend(small) for name, small in NAMES.items()},
}

FUNCTIONS: dict[str, Word] = {
    "max_pool2d": WORDS["MaxPool2d"],
    "avg_pool2d": WORDS["AvgPool2d"],
    "adaptive_avg_pool2d": WORDS["AdaptiveAvgPool2d"],
    "adaptive_max_pool2d": WORDS["AdaptiveMaxPool2d"],
    "dropout": WORDS["Dropout"],
    "dropout2d": WORDS["Dropout2d"],
    "flatten": WORDS["Flatten"],
    "interpolate": WORDS["Upsample"],
    "cat": Word(("dim",), _cat),
    "concat": Word(("dim",), _cat),
    "mean": Word(("dim",), mean),
    **{small: _bend(small) for small in ACTIVATIONS if small not in ("swish", "leakyrelu", "prelu")},
}
"""Functions of a tensor: `F.relu(x)`, `torch.flatten(x, 1)`, `x.mean([2, 3])`."""

SEVERAL = {"LSTM", "GRU", "RNN"}
"""Modules that answer a pair: what came out at every step, and what is remembered."""


def is_layer(value: Value) -> bool:
    """Whether it can be one of a sequence."""
    return isinstance(value, Made | Chain | Tensor) or callable(getattr(value, "of", None)) or hasattr(value, "of")
