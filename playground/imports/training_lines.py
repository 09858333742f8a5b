"""What lines about training say: optimizer, loss, epochs, batch size, and which data are meant."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.core.contracts import Loss, Optimizer
from playground.core.facts import Shape, Task
from playground.imports.imported import Remarks
from playground.imports.values import Library, Made, Scope, Unknown, Value
from playground.losses import losses
from playground.optimizers import optimizers

RATES = {"sgd": 0.01, "adam": 0.001, "adamw": 0.001, "rmsprop": 0.001, "adagrad": 0.001}
"""Learning rates of Keras where the code names none; torch's are the same but for RMSprop, AdaGrad."""
TORCH_RATES = RATES | {"sgd": 0.001, "rmsprop": 0.01, "adagrad": 0.01}
OPTIMIZERS = {name: name for name in RATES} | {"nadam": "adam", "adamax": "adam", "radam": "adam"}
FIELDS = {
    "learning_rate": "learning_rate",
    "lr": "learning_rate",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "weight_decay": "weight_decay",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "epsilon": "epsilon",
    "eps": "epsilon",
    "rho": "smoothing",
    "alpha": "smoothing",
}
LOSSES: Mapping[str, tuple[str, Task, str]] = {
    "sparsecategoricalcrossentropy": ("cross_entropy", "classes", "softmax"),
    "categoricalcrossentropy": ("cross_entropy", "classes", "softmax"),
    "crossentropyloss": ("cross_entropy", "classes", ""),
    "nllloss": ("cross_entropy", "classes", "softmax"),
    "binarycrossentropy": ("binary_cross_entropy", "binary", "sigmoid"),
    "bceloss": ("binary_cross_entropy", "binary", "sigmoid"),
    "bcewithlogitsloss": ("binary_cross_entropy", "binary", ""),
    "meansquarederror": ("mean_squared_error", "regression", ""),
    "mse": ("mean_squared_error", "regression", ""),
    "mseloss": ("mean_squared_error", "regression", ""),
    "meanabsoluteerror": ("mean_absolute_error", "regression", ""),
    "mae": ("mean_absolute_error", "regression", ""),
    "l1loss": ("mean_absolute_error", "regression", ""),
    "huber": ("huber", "regression", ""),
    "huberloss": ("huber", "regression", ""),
    "smoothl1loss": ("huber", "regression", ""),
    "hinge": ("hinge", "binary", ""),
}
"""A loss by its name in small letters: ours, the task it is for, and the activation it expects before it."""
DATA = {
    "fashion_mnist": "fashion-mnist",
    "fashionmnist": "fashion-mnist",
    "mnist": "mnist",
    "load_iris": "iris",
    "load_diabetes": "diabetes",
    "load_breast_cancer": "breast-cancer",
    "load_digits": "digits",
    "make_moons": "moons",
    "make_circles": "circle",
}
"""Names in code that say which data are meant, the more special first."""


@dataclass
class TrainingLines:
    """What the code says about training, as far as it says it."""

    remarks: Remarks
    optimizer: Optimizer | None = None
    loss: Loss | None = None
    task: Task | None = None
    drop: tuple[str, ...] = ()
    """Activations at the end of the network that the loss here contains."""
    epochs: int | None = None
    batch_size: int | None = None
    dataset: str | None = None
    gate: str | None = None
    shapes: list[Shape] = field(default_factory=list)
    """Shapes of examples that are made up in the code: `torch.randn(1, 3, 32, 32)`."""

    def take_optimizer(self, name: str, settings: Mapping[str, Value], line: int | None, *, keras: bool) -> None:
        """`Adam(learning_rate=0.01)`."""
        word = name.lower()
        kind = OPTIMIZERS.get(word)
        if kind is None:
            self.remarks.add(f"There is no optimizer {name[:30]!r} here; Adam is taken.", line)
            kind, settings = "adam", {}
        elif kind != word:
            self.remarks.add(f"{name} is not here; Adam, which is close, is taken.", line)
        known = optimizers[kind].model_fields
        fields: dict[str, Any] = {"learning_rate": (RATES if keras else TORCH_RATES)[kind]}
        for said, value in settings.items():
            ours = FIELDS.get(said)
            if isinstance(value, bool) and ours == "nesterov":
                fields["nesterov"] = value
            elif isinstance(value, int | float) and ours in known:
                fields[ours] = float(value)
            elif ours == "learning_rate":
                self.remarks.add(f"The learning rate of {name} is not a number here; {fields[ours]} is taken.", line)
        if kind == "adam" and fields.get("weight_decay") and keras:
            kind = "adamw"
        if kind == "sgd" and not fields.get("momentum"):
            fields.pop("nesterov", None)
        try:
            self.optimizer = optimizers.read({"kind": kind, **fields})
        except ValueError as problem:
            self.remarks.add(f"{problem} The usual {optimizers[kind].title} is taken.", line)
            self.optimizer = optimizers.read({"kind": kind})

    def take_loss(self, value: Value, line: int | None) -> None:
        """A loss by its name, or as it was made."""
        name = value if isinstance(value, str) else getattr(value, "name", "")
        settings = value.settings if isinstance(value, Made) else {}
        word = str(name).replace("_", "").lower()
        if word not in LOSSES:
            if name:
                self.remarks.add(f"There is no loss {str(name)[:40]!r} here; one that fits the answer is taken.", line)
            return
        kind, self.task, before = LOSSES[word]
        raw = settings.get("from_logits") is True
        self.drop = () if raw or not before else (before,)
        smoothing = settings.get("label_smoothing")
        fields = (
            {"label_smoothing": float(smoothing)} if kind == "cross_entropy" and isinstance(smoothing, float) else {}
        )
        try:
            self.loss = losses.read({"kind": kind, **fields})
        except ValueError:
            self.loss = losses[kind]()

    def compile(self, settings: Mapping[str, Value], line: int | None) -> None:
        """`model.compile(optimizer=…, loss=…)`."""
        optimizer, loss = settings.get("optimizer"), settings.get("loss")
        if isinstance(optimizer, str):
            self.take_optimizer(optimizer, {}, line, keras=True)
        elif isinstance(optimizer, Library):
            self.take_optimizer(optimizer.name, {}, line, keras=True)
        if loss is not None and not isinstance(loss, Unknown):
            self.take_loss(loss, line)

    def fit(self, settings: Mapping[str, Value]) -> None:
        """`model.fit(x, y, epochs=5, batch_size=32)`."""
        self.take_epochs(settings.get("epochs", 1))
        self.take_batch(settings.get("batch_size", 32))

    def take_epochs(self, value: Value) -> None:
        """A number of epochs, if it is one."""
        if type(value) is int and 1 <= value <= 100_000:
            self.epochs = value

    def take_batch(self, value: Value) -> None:
        """A batch size, if it is one; the first that is said is that of the training data."""
        if type(value) is int and 1 <= value <= 65_536 and self.batch_size is None:
            self.batch_size = value

    def take_names(self, scope: Scope) -> None:
        """`EPOCHS = 10`, `batch_size = 64`."""
        for name, value in scope.items():
            word = name.lower()
            if word in ("epochs", "num_epochs", "n_epochs", "nb_epochs", "max_epochs") and self.epochs is None:
                self.take_epochs(value)
            elif word in ("batch_size", "bs"):
                self.take_batch(value)

    def take_example(self, args: list[Value]) -> None:
        """`torch.randn(1, 3, 32, 32)`: what follows the batch."""
        lengths = list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else args
        if 2 <= len(lengths) <= 4 and all(type(n) is int and 0 < n <= 65_536 for n in lengths):
            self.shapes.append(tuple(lengths[1:]))

    def look_for_data(self, tree: ast.Module) -> None:
        """Which data the code loads, by the names it uses."""
        words: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
                    words.update(word.lower().split("."))
                case ast.ImportFrom(module=str(word)):
                    words.update(word.lower().split("."))
                case ast.List():
                    self._look_for_gate(node)
        self.dataset = next((kind for word, kind in DATA.items() if word in words), None)

    def _look_for_gate(self, node: ast.List) -> None:
        numbers = (
            {ast.unparse(one).strip("[]()").removesuffix(".0") for one in node.elts} if len(node.elts) == 4 else {""}
        )
        if not numbers <= {"0", "1"}:
            return
        said = tuple(int(ast.unparse(one).strip("[]()").removesuffix(".0")) for one in node.elts)
        gates: dict[tuple[int, ...], str] = {
            (0, 0, 0, 1): "and",
            (0, 1, 1, 1): "or",
            (0, 1, 1, 0): "xor",
            (1, 1, 1, 0): "nand",
        }
        self.gate = gates.get(said) or self.gate
