"""The words of Keras. Its pictures have their channels last; here they come first."""

from __future__ import annotations

from typing import Any

from playground.core.facts import Shape
from playground.imports.use import ACTIVATIONS, CannotDraw, Rule, Use, Word, as_grey_picture, conv, flatten, pad
from playground.imports.values import Tensor, Unknown, Value

SILENT = frozenset(
    "name dtype trainable input_shape input_dim batch_input_shape batch_size data_format kernel_initializer "
    "bias_initializer gamma_initializer beta_initializer moving_mean_initializer moving_variance_initializer "
    "noise_shape seed shape autocast".split()
)
"""Settings that change nothing in the drawing."""


def ours(shape: Value) -> Shape | None:
    """A shape of Keras without its batch, channels first; None when it is not known."""
    if type(shape) is int:
        shape = (shape,)
    if not isinstance(shape, list | tuple) or not shape or not all(type(n) is int and 0 < n <= 65_536 for n in shape):
        return None
    lengths = tuple(shape)
    return (lengths[2], lengths[0], lengths[1]) if len(lengths) == 3 else lengths


def theirs(shape: Shape) -> Shape:
    """A shape of ours as Keras counts it."""
    return (shape[1], shape[2], shape[0]) if len(shape) == 3 else shape


def _margin(use: Use) -> str:
    padding = use.get("padding", "valid")
    if isinstance(padding, str) and padding.lower() in ("same", "valid"):
        return padding.lower()
    raise CannotDraw(f"has padding = {padding!r}; 'same' and 'valid' are drawn")


def _dense(use: Use) -> Value:
    bend = use.activation()
    shape = use.shape
    if shape is not None and len(shape) == 3:
        use.say("Dense on a picture looks at each point's channels by itself; here that is a convolution of 1 × 1.")
        drawn = use.draw("conv2d", channels=use.whole("units"), kernel=1, bias=use.flag("use_bias", True))
    else:
        drawn = use.draw("dense", units=use.whole("units"), bias=use.flag("use_bias", True))
    return use.bent(drawn, bend)


def _conv2d(use: Use) -> Value:
    bend = use.activation()
    drawn = conv(
        use,
        channels=use.whole("filters"),
        margin=_margin(use),
        stride_name="strides",
        dilation_name="dilation_rate",
        groups=use.whole("groups", 1),
        bias=use.flag("use_bias", True),
    )
    return use.bent(drawn, bend)


def _channels(use: Use) -> int:
    channels = use.trace.last_width(use.tensor)
    if channels is None:
        raise CannotDraw("needs to know how many channels arrive. Give the input's shape")
    return channels


def _depthwise(use: Use) -> Value:
    bend, channels = use.activation(), _channels(use)
    drawn = conv(
        use,
        channels=channels * use.whole("depth_multiplier", 1),
        margin=_margin(use),
        stride_name="strides",
        dilation_name="dilation_rate",
        groups=channels,
        bias=use.flag("use_bias", True),
    )
    return use.bent(drawn, bend)


def _separable(use: Use) -> Value:
    bend, channels = use.activation(), _channels(use)
    deep = conv(use, channels=channels, margin=_margin(use), stride_name="strides", groups=channels, bias=False)
    wide = use.draw("conv2d", after=deep, channels=use.whole("filters"), kernel=1, bias=use.flag("use_bias", True))
    return use.bent(wide, bend)


def _conv_transpose(use: Use) -> Value:
    bend = use.activation()
    kernel, stride = use.side("kernel_size", None), use.side("strides", 1)
    if _margin(use) == "same" and kernel != stride:
        raise CannotDraw("has padding='same' with a window other than its stride, which is not drawn here")
    drawn = use.draw(
        "conv_transpose2d",
        channels=use.whole("filters"),
        kernel=kernel,
        stride=stride,
        bias=use.flag("use_bias", True),
    )
    return use.bent(drawn, bend)


def _pool(kind: str) -> Rule:
    def rule(use: Use) -> Value:
        size = use.side("pool_size", 2)
        stride = size if use.settings.get("strides") is None else use.side("strides", size)
        fields: dict[str, Any] = {"size": size, "stride": None if stride == size else stride}
        if _margin(use) == "same":
            if kind == "average_pool":
                raise CannotDraw("has padding='same', which average pools here do not know")
            fields["padding"] = "same"
        return use.draw(kind, **fields)

    return rule


def _global(how: str) -> Rule:
    def rule(use: Use) -> Value:
        if use.flag("keepdims", False):
            use.say("keepdims is left out: the answer is one row, a number a channel.")
        return use.draw("global_pool", how=how)

    return rule


def _norm(use: Use) -> Value:
    axis = use.get("axis", -1)
    if axis not in (-1, 3, 1, [-1], (-1,)):
        raise CannotDraw(f"has axis = {axis!r}; it is drawn along the channels only")
    both = use.flag("center", True) and use.flag("scale", True)
    if not both and (use.flag("center", True) or use.flag("scale", True)):
        use.say("center and scale go together here: it learns both, or none with both False.")
        both = True
    momentum = round(1 - use.real("momentum", 0.99), 9)  # they name the share that is kept, torch that of the newest
    return use.draw("batch_norm", momentum=momentum, epsilon=use.real("epsilon", 1e-3), scale_and_shift=both)


def _layer_norm(use: Use) -> Value:
    shape = use.shape
    if shape is not None and len(shape) == 3:
        raise CannotDraw("on a picture is along the channels of each point; here it is over the whole picture")
    return use.draw("layer_norm", epsilon=use.real("epsilon", 1e-3))


def _activation(use: Use) -> Value:
    return use.bent(use.tensor, use.activation())


def _leaky(use: Use) -> Value:
    slope = use.settings.get("negative_slope", use.settings.get("alpha", 0.3))
    return use.draw("leaky_relu", slope=float(slope) if isinstance(slope, int | float) else 0.3)


def _reshape(use: Use) -> Value:
    target = use.get("target_shape")
    lengths = list(target) if isinstance(target, list | tuple) else [target]
    if not all(type(n) is int for n in lengths):
        raise CannotDraw("has a target_shape that is only known when it runs")
    shape = use.shape
    if -1 in lengths:
        if lengths == [-1]:
            return flatten(use)
        if shape is None:
            raise CannotDraw("has -1 in its target_shape, and what arrives is not known. Write the number")
        total, known = 1, 1
        for n in shape:
            total *= n
        for n in lengths:
            known *= n if n != -1 else 1
        lengths[lengths.index(-1)] = total // max(1, known)
    new = ours(lengths)
    if new is None:
        raise CannotDraw(f"has target_shape = {lengths!r}")
    if use.trace.kind(use.tensor) == "input" and shape is not None and len(shape) == 2 and new == (1, *shape):
        as_grey_picture(use)
        return use.tensor
    if new == shape:
        return use.tensor
    if len(new) == 3 and new[0] > 1 and shape is not None and len(shape) == 1:
        use.say("Keras fills the channels last, here they are filled first: trained weights would not carry over.")
    return use.draw("reshape", shape=list(new))


def _merge(kind: str) -> Rule:
    def rule(use: Use) -> Value:
        if len(use.inputs) < 2:
            raise CannotDraw("joins several things; one arrives")
        if kind == "concatenate":
            axis = use.get("axis", -1)
            ranks = {len(shape) for one in use.inputs if (shape := use.trace.shape(one)) is not None}
            last = {-1} | ({3} if ranks == {3} else {1} if ranks == {1} else set())
            if axis not in last or 2 in ranks:
                raise CannotDraw(f"joins along axis {axis!r}; here things are joined along features or channels")
        return use.draw(kind, inputs=list(use.inputs))

    return rule


def _attention(use: Use) -> Value:
    heads, width = use.whole("num_heads"), use.whole("key_dim")
    if use.settings.get("value_dim") not in (None, width):
        raise CannotDraw("has a value_dim other than key_dim")
    bias = use.flag("use_bias", True)
    if use.real("dropout", 0.0):
        use.say("Dropout inside the attention is left out.")
    if use.settings.get("attention_mask") is not None:
        use.say("attention_mask is left out: every position sees all others.")
    inputs = list(use.inputs)
    if len({one.node for one in inputs}) == 1:
        return use.draw(
            "self_attention", heads=heads, head_width=width, bias=bias, causal=use.flag("use_causal_mask", False)
        )
    if len(inputs) > 2 and inputs[1] != inputs[2]:
        raise CannotDraw("takes keys and values from two places")
    return use.draw(
        "cross_attention", inputs=inputs[:2], ports=("in", "memory"), heads=heads, head_width=width, bias=bias
    )


def _upsample(use: Use) -> Value:
    return use.draw("upsample", factor=use.side("size", 2), mode=use.get("interpolation", "nearest"))


def _zero_padding(use: Use) -> Value:
    value = use.get("padding", 1)
    if type(value) is int:
        return pad(use, (value,) * 4)
    if isinstance(value, list | tuple) and len(value) == 2:
        pairs = [(one, one) if type(one) is int else one for one in value]
        if all(isinstance(p, list | tuple) and len(p) == 2 and all(type(n) is int for n in p) for p in pairs):
            return pad(use, (*pairs[0], *pairs[1]))
    raise CannotDraw(f"has padding = {value!r}")


def _skipped(why: str) -> Rule:
    def rule(use: Use) -> Value:
        use.say(f"{use.name}(…) is left out: {why}")
        return use.tensor

    return rule


def _vgg16(use: Use) -> Value:
    tensor: Tensor = use.tensor
    for channels, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        tensor = use.draw("vgg_block", after=tensor, channels=channels, convolutions=convolutions)
    if use.flag("include_top", True):
        tensor = use.draw("flatten", after=tensor)
        for _ in range(2):
            tensor = use.draw("dense", after=tensor, units=4096, activation={"kind": "relu"})
        tensor = use.draw("dense", after=tensor, units=use.whole("classes", 1000), activation={"kind": "softmax"})
    if isinstance(use.settings.get("weights", "imagenet"), str | Unknown):
        use.say(
            "Pretrained weights are not part of the code: the network begins with fresh ones, and all of it learns."
        )
    return tensor


SCALED = "numbers are scaled by the preparation, beside the data."
AUGMENTED = "pictures are not varied by the network here."

WORDS: dict[str, Word] = {
    "Dense": Word(("units", "activation", "use_bias"), _dense),
    "Conv2D": Word(
        ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation"),
        _conv2d,
    ),
    "DepthwiseConv2D": Word(("kernel_size", "strides", "padding", "depth_multiplier"), _depthwise),
    "SeparableConv2D": Word(("filters", "kernel_size", "strides", "padding"), _separable),
    "Conv2DTranspose": Word(("filters", "kernel_size", "strides", "padding"), _conv_transpose),
    "MaxPooling2D": Word(("pool_size", "strides", "padding"), _pool("max_pool")),
    "AveragePooling2D": Word(("pool_size", "strides", "padding"), _pool("average_pool")),
    "GlobalAveragePooling2D": Word((), _global("average")),
    "GlobalMaxPooling2D": Word((), _global("max")),
    "Flatten": Word((), flatten),
    "Reshape": Word(("target_shape",), _reshape),
    "Dropout": Word(("rate",), lambda use: use.draw("dropout", rate=use.real("rate", 0.5))),
    "SpatialDropout2D": Word(("rate",), lambda use: use.draw("dropout", rate=use.real("rate", 0.5))),
    "BatchNormalization": Word(("axis", "momentum", "epsilon", "center", "scale"), _norm),
    "LayerNormalization": Word(("axis", "epsilon"), _layer_norm),
    "Activation": Word(("activation",), _activation),
    "LeakyReLU": Word(("alpha",), _leaky),
    "ReLU": Word((), lambda use: use.draw("relu")),
    "PReLU": Word((), lambda use: use.draw("prelu")),
    "ELU": Word(("alpha",), lambda use: use.draw("elu", alpha=use.real("alpha", 1.0))),
    "Softmax": Word(("axis",), lambda use: use.draw("softmax")),
    "Add": Word((), _merge("add")),
    "Multiply": Word((), _merge("multiply")),
    "Concatenate": Word(("axis",), _merge("concatenate")),
    "MultiHeadAttention": Word(("num_heads", "key_dim", "value_dim", "dropout", "use_bias"), _attention),
    "UpSampling2D": Word(("size", "data_format", "interpolation"), _upsample),
    "ZeroPadding2D": Word(("padding",), _zero_padding),
    "Rescaling": Word(("scale", "offset"), _skipped(SCALED)),
    "Normalization": Word((), _skipped(SCALED)),
    **{
        name: Word((), _skipped(AUGMENTED))
        for name in ("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomCrop")
    },
    "VGG16": Word(("include_top", "weights"), _vgg16),
}
WORDS |= {"MaxPool2D": WORDS["MaxPooling2D"], "AvgPool2D": WORDS["AveragePooling2D"]}
WORDS |= {"GlobalAvgPool2D": WORDS["GlobalAveragePooling2D"], "GlobalMaxPool2D": WORDS["GlobalMaxPooling2D"]}

FUNCTIONS = {"add": "Add", "multiply": "Multiply", "concatenate": "Concatenate", "concat": "Concatenate"}
"""Small words for the same: `layers.add([a, b])`, `tf.concat`."""
BENDS = frozenset(ACTIVATIONS)

MISSING = frozenset(
    "Embedding LSTM GRU SimpleRNN RNN Bidirectional TimeDistributed Masking Attention AdditiveAttention Lambda Permute "
    "RepeatVector Conv1D Conv3D ConvLSTM2D Conv1DTranspose SeparableConv1D MaxPooling1D MaxPool1D AveragePooling1D "
    "GlobalAveragePooling1D GlobalMaxPooling1D SpatialDropout1D GaussianNoise GroupNormalization UnitNormalization "
    "Cropping2D Subtract Average Maximum Minimum Dot TextVectorization".split()
)
"""Layers of Keras that there are none of here yet; they are known by name, so that their line can be told."""
