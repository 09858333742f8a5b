"""A module of PyTorch as a project with its weights. For Python: the module is there already, and runs as it always does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from playground.core.files import Project
from playground.core.reading import Refused
from playground.core.shapes import check
from playground.imports import torch_layers
from playground.imports.imported import Imported, Remarks, laid_out, state_of, with_remarks
from playground.imports.surroundings import Wishes, experiment_for, facts_of
from playground.imports.torch_layers import view
from playground.imports.traced import Trace
from playground.imports.use import ACTIVATIONS, CannotDraw, Use, Word
from playground.imports.values import Batch, Tensor, Unknown, Value

if TYPE_CHECKING:
    import torch
    from torch import fx, nn

TOLERANCE = 1e-6
"""Largest difference of the drawing's answers, relative to answers above 1."""


def from_module(module: nn.Module, example: torch.Tensor, *, title: str = "") -> Imported:
    """The drawing of a module, with its weights; it answers as the module does in eval mode, to 1e-6.

    `example` is a batch [n, …] as the module takes it, on the CPU. The module is traced by torch.fx, so its forward may
    not depend on the numbers that pass through. Raises Refused with what cannot be drawn.
    """
    import torch
    from torch import fx

    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            expected = module(example)
        try:
            graph = fx.Tracer().trace(module)
        except Exception as problem:
            raise Refused(f"torch.fx cannot follow this module: {str(problem).splitlines()[0][:200]}") from problem
        return _Module(module, graph, example).imported(expected, title or type(module).__name__)
    finally:
        module.train(was_training)


class _Module:
    """One traced module, becoming a drawing."""

    def __init__(self, module: nn.Module, graph: fx.Graph, example: torch.Tensor) -> None:
        self.module = module
        self.graph = graph
        self.example = example
        self.remarks = Remarks()
        self.trace = Trace(self.remarks)
        self.values: dict[str, Value] = {}

    def imported(self, expected: Any, title: str) -> Imported:
        import torch

        answer: Value = None
        for node in self.graph.nodes:
            if node.op == "placeholder" and not self.values:
                self.values[node.name] = self.trace.input(tuple(self.example.shape[1:]))
            elif node.op == "placeholder":
                self.values[node.name] = node.args[0] if node.args else Unknown(node.name)
            elif node.op == "output":
                answer = self._given(node.args[0])
            else:
                self.values[node.name] = self._step(node)
        while isinstance(answer, list | tuple) and answer:
            answer = answer[0]
        if not isinstance(answer, Tensor):
            raise Refused("This module does not answer with a tensor that could be drawn.")
        drawn = self.trace.finish(answer)
        shape = tuple(self.example.shape[1:])
        checked = check(drawn.network, facts_of(shape))
        if not checked.ok:
            raise Refused(next(note.message for note in checked.diagnostics if note.severity == "error"))
        experiment = experiment_for(drawn.network, shape, Wishes(exact=True), self.remarks)
        weights = state_of(experiment, drawn.weights)
        self._compare(experiment, weights, expected[0] if isinstance(expected, tuple) else expected)
        found = self.remarks.all()
        project = Project(title=title[:200], experiment=experiment, layout=laid_out(drawn.network))
        assert isinstance(next(iter(weights.values()), torch.zeros(1)), torch.Tensor)
        return Imported(with_remarks(project, found), "module", found, weights)

    def _given(self, value: Any) -> Value:
        """An argument, with what nodes stand for put in."""
        from torch import fx

        if isinstance(value, fx.Node):
            return self.values[value.name]
        if isinstance(value, list | tuple):
            return type(value)(self._given(item) for item in value)
        return value

    def _step(self, node: fx.Node) -> Value:
        args = [self._given(arg) for arg in node.args]
        named = {name: self._given(value) for name, value in node.kwargs.items()}
        try:
            match node.op:
                case "call_module":
                    return self._module(self.module.get_submodule(str(node.target)), args, named)
                case "call_function":
                    return self._function(node.target, args, named)
                case "call_method":
                    return self._method(str(node.target), args, named)
                case _:
                    return Unknown(str(node.target))  # a parameter or buffer that the forward uses by itself
        except CannotDraw as why:
            raise Refused(f"{node.target} cannot be drawn: it {str(why).rstrip('.')}.") from None

    def _use(self, name: str, settings: Mapping[str, Value], inputs: list[Tensor]) -> Use:
        if not inputs:
            raise CannotDraw("works on something other than what earlier layers answer")
        return Use(name, settings, inputs, self.trace, self.remarks, None)

    def _module(self, module: nn.Module, args: list[Value], named: Mapping[str, Value]) -> Value:
        name = type(module).__name__
        word = torch_layers.WORDS.get(name)
        rule: Callable[[Any], dict[str, Any]] = WEIGHTS.get(name, _plain)
        if word is None or not type(module).__module__.startswith("torch.nn"):
            raise CannotDraw(f"is a {name}, and there is no such layer here")
        inputs = [one for one in (*args, *(named.get(k) for k in ("query", "key", "value"))) if isinstance(one, Tensor)]
        settings = _settings(module, name) | {k: v for k, v in named.items() if k in ("attn_mask", "is_causal")}
        use = self._use(name, settings, inputs)
        if named.get("attn_mask") is not None or named.get("key_padding_mask") is not None:
            raise CannotDraw("has a mask, which is not carried over")
        before = len(self.trace.steps)
        answer = word.rule(use)
        made = [step for step in self.trace.steps[before:] if step.layer is not None]
        weights: dict[str, Any] = rule(module)
        if weights:
            made[-1].weights.update(weights)
        return answer

    def _function(self, function: Any, args: list[Value], named: Mapping[str, Value]) -> Value:
        import torch

        if function is operator.getitem:
            return args[0][args[1]] if isinstance(args[0], tuple | list) else Unknown("a part")
        if function is getattr:
            return (
                Unknown(f".{args[1]}")
                if not (isinstance(args[0], Tensor) and args[1] == "shape")
                else _lengths(self, args[0])
            )
        if function in (operator.add, operator.iadd, torch.add) or function in (operator.mul, torch.mul):
            kind = "add" if function in (operator.add, operator.iadd, torch.add) else "multiply"
            inputs = [one for one in args if isinstance(one, Tensor)]
            if len(inputs) < 2 or named:
                raise CannotDraw("adds or multiplies by something that is no answer of a layer")
            return self._use(kind, {}, inputs).draw(kind, inputs=inputs)
        name = getattr(function, "__name__", str(function)).removeprefix("_")
        return self._word(name, args, named)

    def _method(self, name: str, args: list[Value], named: Mapping[str, Value]) -> Value:
        x = args[0]
        if not isinstance(x, Tensor):
            return Unknown(name)
        if name == "size":
            lengths = _lengths(self, x)
            return lengths if len(args) == 1 else lengths[args[1]]
        if name in ("contiguous", "clone", "detach", "float"):
            return x
        if name in ("view", "reshape"):
            return view(self._use(name, {}, [x]), args[1:])
        return self._word(name.removesuffix("_"), args, named)

    def _word(self, name: str, args: list[Value], named: Mapping[str, Value]) -> Value:
        word = torch_layers.FUNCTIONS.get(name)
        if word is None and name in ACTIVATIONS:
            word = Word((), lambda use: use.draw(**ACTIVATIONS[name]))
        if word is None or name in ("log_softmax", "relu6"):
            raise CannotDraw("has no layer here")
        several = isinstance(args[0], list | tuple)
        inputs = [one for one in (args[0] if several else args[:1]) if isinstance(one, Tensor)]
        return word.rule(self._use(name, dict(zip(word.settings, args[1:], strict=False)) | dict(named), inputs))

    def _compare(self, experiment: Any, weights: Mapping[str, torch.Tensor], expected: Any) -> None:
        import torch

        from playground.training.build import build

        role, network = next(iter(experiment.networks.items()))
        built = build(check(network, experiment.data.facts()), seed=experiment.seed, role=role)
        built.module.load_state_dict(dict(weights))
        built.module.eval()
        with torch.no_grad():
            ours = built.module(self.example.float())
        same = ours.shape == expected.shape
        difference = float(((ours - expected).abs() / expected.abs().clamp(min=1)).max()) if same else float("inf")
        if not difference <= TOLERANCE:
            raise Refused(
                f"The drawing of this module answers differently from it (by {difference:.1g}); it is not opened."
            )


def _lengths(of: _Module, x: Tensor) -> tuple[Value, ...]:
    shape = of.trace.shape(x)
    return (Batch(), *(shape or ()))


def _settings(module: nn.Module, name: str) -> dict[str, Value]:
    """What a module was made with, as the words of pasted code have it."""
    known = torch_layers.WORDS[name].settings
    extra = ("padding_mode", "ceil_mode", "track_running_stats", "batch_first", "approximate", "align_corners", "size")
    found = {key: getattr(module, key) for key in (*known, *extra) if hasattr(module, key)}
    if "bias" in found:
        found["bias"] = found["bias"] is not None and found["bias"] is not False
    for key in ("normalized_shape", "unflattened_size", "kernel_size", "stride", "padding"):
        if isinstance(found.get(key), tuple):
            found[key] = list(found[key])
    if name == "MultiheadAttention":
        found["bias"] = getattr(module, "in_proj_bias", None) is not None
    if name == "TransformerEncoderLayer":
        found |= _of_encoder_layer(module)
    limits: Any = (getattr(module, "min_val", -1), getattr(module, "max_val", 1))
    if name == "ReLU6" or (name == "Hardtanh" and limits != (-1, 1)):
        raise CannotDraw(f"is a {name} with limits that no layer here has")
    return found


def _of_encoder_layer(module: Any) -> dict[str, Value]:
    return {
        "d_model": module.linear1.in_features,
        "nhead": module.self_attn.num_heads,
        "dim_feedforward": module.linear1.out_features,
        "dropout": module.dropout.p,
        "activation": getattr(module.activation, "__name__", type(module.activation).__name__),
        "layer_norm_eps": module.norm1.eps,
        "batch_first": module.self_attn.batch_first,
        "norm_first": module.norm_first,
    }


def _plain(module: nn.Module) -> dict[str, Any]:
    """Weights by their own names: norms and PReLU."""
    return {name: value.detach().numpy() for name, value in module.state_dict().items() if value.is_floating_point()}


def _prefixed(prefix: str) -> Callable[[nn.Module], dict[str, Any]]:
    return lambda module: {f"{prefix}.{name}": value for name, value in _plain(module).items()}


def _attention(module: Any) -> dict[str, Any]:
    """torch keeps queries, keys and values in one matrix where they have one width."""
    import numpy as np

    found = _plain(module)
    if "in_proj_weight" in found:
        parts = dict(zip(("query", "key", "value"), np.split(found["in_proj_weight"], 3), strict=True))
    else:
        parts = {name: found[f"{name[0]}_proj_weight"] for name in ("query", "key", "value")}
    weights = {f"{name}.weight": value for name, value in parts.items()}
    weights["combine.weight"] = found["out_proj.weight"]
    if "in_proj_bias" in found:
        biases = zip(("query", "key", "value"), np.split(found["in_proj_bias"], 3), strict=True)
        weights |= {f"{name}.bias": value for name, value in biases}
        weights["combine.bias"] = found["out_proj.bias"]
    return weights


def _encoder_layer(module: Any) -> dict[str, Any]:
    """By the nodes inside our block."""
    weights = {f"attention/{name}": value for name, value in _attention(module.self_attn).items()}
    for ours, theirs in (("attention_norm", module.norm1), ("feed_norm", module.norm2)):
        weights |= {f"{ours}/{name}": value for name, value in _plain(theirs).items()}
    for ours, theirs in (("hidden", module.linear1), ("back", module.linear2)):
        weights |= {f"{ours}/linear.{name}": value for name, value in _plain(theirs).items()}
    return weights


WEIGHTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Linear": _prefixed("linear"),
    "Conv2d": _prefixed("conv"),
    "ConvTranspose2d": _prefixed("conv"),
    "MultiheadAttention": _attention,
    "TransformerEncoderLayer": _encoder_layer,
}
"""A module's weights by the names they have here, where those differ."""
