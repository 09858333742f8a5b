"""What the names of Keras and PyTorch do to a drawing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from playground.imports import keras_layers, torch_layers
from playground.imports.arithmetic import items_of
from playground.imports.imported import Remarks
from playground.imports.traced import Trace
from playground.imports.training_lines import LOSSES, OPTIMIZERS, TrainingLines
from playground.imports.use import ACTIVATIONS, CannotDraw, Use, Word
from playground.imports.values import (
    Batch,
    Chain,
    Instance,
    Lengths,
    Library,
    Made,
    Method,
    Tensor,
    Unknown,
    Value,
    Wired,
    is_tensor,
    tame,
    tensors_in,
)

EXAMPLES = frozenset("randn rand zeros ones empty".split())
QUIET = frozenset("contiguous to cuda cpu float detach clone type requires_grad_ squeeze double train eval".split())
"""What may be done to a tensor or a model without a change to the drawing."""

USUAL = {
    "np": "numpy",
    "tf": "tensorflow",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "layers": "keras.layers",
    "models": "keras.models",
    "K": "keras.backend",
}
"""What short names usually stand for, in a piece of code without its imports."""


class Vocabulary:
    """Calls of a library's names, drawn. `keras` turns true with the first word of Keras."""

    def __init__(self, trace: Trace, remarks: Remarks, training: TrainingLines) -> None:
        self.trace = trace
        self.remarks = remarks
        self.training = training
        self.keras = False

    def guess(self, name: str) -> Value:
        """What a name that was never defined most likely stands for."""
        name = USUAL.get(name, name)
        if "." in name or name in ("torch", "keras", "tensorflow", "numpy", "torchvision"):
            return Library(name)
        if name in ("Sequential", "Model", "Input") or (name in keras_layers.WORDS and name not in ("ReLU", "Softmax")):
            return Library(f"keras.{name}")
        if name in keras_layers.MISSING:
            return Library(f"keras.layers.{name}")
        if name.lower() in OPTIMIZERS and name[:1].isupper():
            return Library(f"keras.optimizers.{name}")
        if name in torch_layers.WORDS or name in ("ModuleList", "Module", "Parameter"):
            return Library(f"torch.nn.{name}")
        return Unknown(name)

    # ---- calls -----------------------------------------------------------------------------------------------------

    def call(self, called: Value, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        """A call of something that is not of the code's own."""
        match called:
            case Library():
                return self._library(called, args, named, line)
            case Made():
                return self._apply(called, args, named, line)
            case Chain():
                return self.through(called, args, line)
            case Wired(inputs=inputs, outputs=outputs):
                given = [one for arg in args for one in (arg if isinstance(arg, list | tuple) else [arg])]
                if len(given) != len(inputs) or not all(isinstance(one, Tensor) for one in given):
                    return Unknown("a model's answer")
                found = self.trace.again(inputs, outputs, given)
                return found[0] if len(found) == 1 else found
            case _:
                return Unknown("a call")

    def _library(self, called: Library, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        path, name = called.path, called.name
        if path.startswith("torch.optim."):
            if "lr_scheduler" not in path:
                self.training.take_optimizer(name, _bound(("", "lr"), args, named), line, keras=False)
            return Unknown(name)
        if path.startswith(("torch.nn.functional.", "torch.nn.init")) or (
            path.count(".") == 1 and path.startswith("torch.")
        ):
            return self._torch_function(name, args, named, line)
        if path.startswith(("torch.nn.", "torchvision.ops.")):
            return self._torch_module(name, args, named, line)
        if path.startswith(("torch.utils.data", "torchvision")):
            if name == "DataLoader":
                self.training.take_batch(_bound(("", "batch_size"), args, named).get("batch_size"))
            return Unknown(name)
        if path.startswith(("keras", "tensorflow", "tf_keras")):
            return self._keras(path, name, args, named, line)
        if name == "OrderedDict":
            pairs = items_of(args[0]) if args else None
            return dict(p for p in pairs or [] if isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str))
        if name == "summary":
            self._summary(args, named)
        if is_tensor(args):
            return self._beyond(f"{name}(…)", args, line)
        return Unknown(f"{name}(…)")

    def _summary(self, args: list[Value], named: Mapping[str, Value]) -> None:
        """`summary(model, (1, 28, 28))`; torchinfo's counts the batch, too."""
        size = named.get("input_size", args[1] if len(args) > 1 else None)
        if isinstance(size, list | tuple) and size and all(type(n) is int and n > 0 for n in size):
            self.training.shapes.append(tuple(size[1:] if len(size) == 4 else size))

    # ---- Keras -----------------------------------------------------------------------------------------------------

    def _keras(self, path: str, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        self.keras = True
        if ".optimizers" in path or (name.lower() in OPTIMIZERS and name not in keras_layers.WORDS):
            self.training.take_optimizer(name, _bound(("learning_rate",), args, named), line, keras=True)
            return Unknown(name)
        if ".losses" in path and name.replace("_", "").lower() in LOSSES:
            return Made(name, dict(named), line)
        if name == "Input" or name == "InputLayer":
            settings = _bound(("shape",), args, named)
            said = settings.get("shape", settings.get("input_shape"))
            shape = keras_layers.ours(said)
            if shape is None:
                self.remarks.add("The input's shape is only known when this runs; the data decide here.", line)
            return self.trace.input(shape, line=line)
        if name == "Sequential":
            settings = _bound(("layers",), args, named)
            return Chain(items_of(settings.get("layers")) or [], line, keras=True)
        if name == "Model":
            settings = _bound(("inputs", "outputs"), args, named)
            ends = [tensors_in(settings.get("inputs", settings.get("input"))), tensors_in(settings.get("outputs"))]
            return Wired(ends[0], ends[1], line) if all(ends) else Unknown("a model")
        if name in keras_layers.FUNCTIONS:
            joined = items_of(args[0] if args else named.get("inputs", named.get("values"))) or []
            word = keras_layers.FUNCTIONS[name]
            rest = _bound(("axis",), args[1:], named)
            return self._draw(name, keras_layers.WORDS[word], rest, tensors_in(joined), line)
        if name in ACTIVATIONS and (".layers" not in path):
            return self._draw(name, Word((), lambda use: use.draw(**ACTIVATIONS[name])), {}, tensors_in(args), line)
        if is_tensor(args):
            return self._beyond(f"{name}(…)", args, line)
        if name[:1].isupper() and (".layers" in path or name in keras_layers.WORDS or ".applications" in path):
            word_ = keras_layers.WORDS.get(name)
            settings = _bound(word_.settings if word_ else (), args, named)
            shape = keras_layers.ours(settings.get("input_shape", settings.get("input_dim")))
            made = Made(name, settings, line, shape=shape)
            if name == "VGG16":
                return Chain([made], line, keras=True, shape=shape)
            return made
        return Unknown(f"{name}(…)")

    # ---- PyTorch ---------------------------------------------------------------------------------------------------

    def _torch_module(self, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        if name == "Sequential":
            given: list[Value] = args
            if len(args) == 1 and isinstance(args[0], list | dict):
                given = list(args[0].values()) if isinstance(args[0], dict) else args[0]
            return Chain(list(given), line, keras=False)
        if name in ("ModuleList", "ParameterList"):
            return list(items_of(args[0]) or []) if args else []
        if name == "ModuleDict":
            return dict(args[0]) if args and isinstance(args[0], dict) else {}
        if name == "Parameter":
            return Unknown("a parameter")
        if name.replace("_", "").lower() in LOSSES:
            self.training.take_loss(Made(name, dict(named), line), line)
            return Unknown(name)
        word = torch_layers.WORDS.get(name)
        return Made(name, _bound(word.settings if word else (), args, named), line)

    def _torch_function(self, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        if name in EXAMPLES:
            self.training.take_example(args)
        if not is_tensor(args):
            return Unknown(f"{name}(…)")
        if name in ("add", "mul", "multiply") and len(args) == 2:
            return self.operate(ast.Add() if name == "add" else ast.Mult(), args[0], args[1], line)
        word = torch_layers.FUNCTIONS.get(name)
        if word is None:
            return self._beyond(f"{name}(…)", args, line)
        several = isinstance(args[0], list | tuple)
        settings = _bound(word.settings, args[1:], named)
        return self._draw(name, word, settings, tensors_in(args[0] if several else args[:1]), line)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def _apply(self, made: Made, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        """A layer that is called on what arrives."""
        inputs = [one for arg in (*args, *(named.get(k) for k in ("query", "key", "value"))) for one in tensors_in(arg)]
        if not inputs:
            return Unknown(f"{made.name}(…)")
        words = keras_layers.WORDS if self.keras and made.name in keras_layers.WORDS else torch_layers.WORDS
        word = words.get(made.name) or keras_layers.WORDS.get(made.name)
        made.calls += 1
        before = len(self.trace.steps)
        settings = {
            **made.settings,
            **{k: v for k, v in named.items() if k in ("attn_mask", "is_causal", "use_causal_mask", "attention_mask")},
        }
        answer = self._draw(made.name, word, settings, inputs, made.line)
        drawn = [step.layer for step in self.trace.steps[before:]]
        if made.calls == 2 and any(layer is not None and layer.trainable for layer in drawn):
            self.remarks.add(
                f"{made.name} is used in several places with the same weights; each has its own here.", made.line
            )
        if made.name in torch_layers.SEVERAL and not self.keras:
            return (answer, (answer, answer) if made.name == "LSTM" else answer)
        return answer

    def _draw(
        self, name: str, word: Word | None, settings: Mapping[str, Value], inputs: list[Tensor], line: int | None
    ) -> Value:
        if not inputs:
            return Unknown(f"{name}(…)")
        tamed = {key: tame(value) for key, value in settings.items()}
        use = Use(name, tamed, inputs, self.trace, self.remarks, line)
        if word is None:
            return use.pass_over("there is no such layer here yet")
        silent = keras_layers.SILENT if self.keras else torch_layers.SILENT
        for setting in settings:
            if setting.endswith(("_regularizer", "_constraint")):
                use.say(f"{setting} of {name} is left out; weight decay is a setting of the optimizer here.")
            elif setting == "return_sequences" or setting in silent:
                continue
        try:
            return word.rule(use)
        except CannotDraw as why:
            return use.pass_over(f"it {why}")

    def through(self, chain: Chain, args: list[Value], line: int) -> Value:
        """A sequence, one layer behind the other."""
        value: Value = args[0] if args else None
        if not isinstance(value, Tensor):
            return Unknown("a model's answer")
        for layer in chain.layers:
            if isinstance(value, tuple) and value:
                value = value[0]
            if isinstance(layer, Tensor):
                continue  # Keras lets the input stand among the layers
            value = self.into(layer, [value], getattr(layer, "line", line))
        return value

    def into(self, layer: Value, args: list[Value], line: int) -> Value:
        """One thing of a sequence, called; the interpreter puts its own here, which also knows the code's classes."""
        return self.call(layer, args, {}, line)

    def _beyond(self, what: str, args: list[Value], line: int | None) -> Value:
        """A call on a tensor that has no picture here: the tensor goes on without it."""
        inputs = tensors_in(args)
        return Use(what.removesuffix("(…)"), {}, inputs, self.trace, self.remarks, line).pass_over(
            "there is nothing like it here yet"
        )

    def unknown(self, called: Unknown, args: list[Value], line: int) -> Value:
        """A call of something nobody knows."""
        return (
            self._beyond(called.what.rpartition(".")[2] or "this", args, line)
            if is_tensor(args)
            else Unknown(called.what)
        )

    def operate(self, op: ast.operator, left: Value, right: Value, line: int | None) -> Value:
        """`x + y` and the like."""
        kind = {ast.Add: "add", ast.Mult: "multiply"}.get(type(op))
        inputs = tensors_in([left, right])
        if kind is not None and len(inputs) == 2:
            return self._draw(kind, Word((), lambda use: use.draw(kind, inputs=inputs)), {}, inputs, line)
        if isinstance(op, ast.Div | ast.Mult) and isinstance(right, int | float):
            self.remarks.add("A factor on all numbers is left out; scale them in the preparation.", line)
            return inputs[0]
        return self._beyond(
            {ast.Add: "+", ast.Sub: "-", ast.MatMult: "@"}.get(type(op), "this operation"), inputs, line
        )

    def length(self, lengths: Lengths, index: Value) -> Value:
        """`x.shape[1]`, of a batch."""
        if index == 0:
            return Batch()
        shape = self.trace.shape(lengths.tensor)
        if shape is not None and type(index) is int and -len(shape) <= index <= len(shape):
            seen = keras_layers.theirs(shape) if self.keras else shape
            return seen[index - 1] if index > 0 else seen[index]
        width = self.trace.last_width(lengths.tensor)
        if width is not None and index == (-1 if self.keras else 1):
            return width
        return Unknown("a length")

    def cut(self, owner: Value, index: ast.expr) -> Value:
        """`x[:, -1]`."""
        if isinstance(owner, Tensor):
            return self._beyond(f"[{ast.unparse(index)[:20]}]", [owner], getattr(index, "lineno", None))
        return Unknown("a part")

    # ---- methods ---------------------------------------------------------------------------------------------------

    def method(self, owner: Value, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        """`x.view(…)`, `model.add(…)`, `parts.append(…)`."""
        if isinstance(owner, Tensor):
            return self._of_tensor(owner, name, args, named, line)
        if isinstance(owner, Chain | Wired | Instance | Made):
            return self._of_model(owner, name, args, named, line)
        if isinstance(owner, Lengths) and name == "as_list":
            return owner
        if isinstance(owner, Method):
            return Unknown(name)
        return _of_python(owner, name, args)

    def _of_tensor(self, x: Tensor, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        if name in ("size", "dim"):
            return Lengths(x) if not args else self.length(Lengths(x), args[0])
        if name in QUIET:
            return x
        if name in ("view", "reshape"):
            rule = Word((), lambda use: torch_layers.view(use, [tame(arg) for arg in args]))
            return self._draw(name, rule, {}, [x], line)
        if name in ("add", "mul", "__add__"):
            return self.operate(ast.Mult() if name == "mul" else ast.Add(), x, args[0] if args else None, line)
        word = torch_layers.FUNCTIONS.get(name.removesuffix("_"))
        if word is None:
            return self._beyond(name, [x], line)
        return self._draw(name, word, _bound(word.settings, args, named), [x], line)

    def _of_model(self, owner: Value, name: str, args: list[Value], named: Mapping[str, Value], line: int) -> Value:
        match name:
            case "add" | "append" if isinstance(owner, Chain) and args:
                owner.layers.append(args[0])
            case "add_module" | "register_module" if len(args) == 2 and isinstance(args[0], str):
                if isinstance(owner, Instance):
                    owner.attributes[args[0]] = args[1]
                elif isinstance(owner, Chain):
                    owner.layers.append(args[1])
            case "compile":
                self.training.compile(_bound(("optimizer", "loss"), args, named), line)
            case "fit":
                self.training.fit(_bound(("x", "y", "batch_size", "epochs"), args, named))
            case "build" if args or named:
                said = args[0] if args else named.get("input_shape")
                if isinstance(owner, Chain) and isinstance(said, list | tuple):
                    owner.shape = keras_layers.ours(said[1:])
            case _:
                pass
        return owner


def _of_python(owner: Value, name: str, args: list[Value]) -> Value:
    """Methods of lists and dicts."""
    if isinstance(owner, list):
        if name == "append" and args and len(owner) < 10_000:
            owner.append(args[0])
            return None
        if name == "extend" and args and len(owner) < 10_000:
            owner.extend(items_of(args[0]) or [])
            return None
    if isinstance(owner, dict):
        views: dict[str, Any] = {"items": list(owner.items()), "keys": list(owner), "values": list(owner.values())}
        if name in views:
            return views[name]
        if name == "get" and args and isinstance(args[0], str | int):
            return owner.get(args[0], args[1] if len(args) > 1 else None)
    return Unknown(f".{name}(…)")


def _bound(names: tuple[str, ...], args: list[Value], named: Mapping[str, Value]) -> dict[str, Value]:
    """Settings by their names, whichever way they were given."""
    return {**{name: value for name, value in zip(names, args, strict=False) if name}, **named}
