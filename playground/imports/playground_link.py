"""Links of the TensorFlow Playground: the part behind `#` says the network, the data and how it is trained.

Names and defaults are those of github.com/tensorflow/playground, src/state.ts; what they do there, of src/playground.ts
and src/nn.ts. Values that site would not offer are replaced by its defaults, and that is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from urllib.parse import unquote

from playground.core.experiment import Data, Experiment, Split, Training
from playground.core.files import MAX_LINK, Project
from playground.core.reading import Refused
from playground.datasets import datasets
from playground.imports.imported import Imported, Remarks, laid_out, with_remarks
from playground.layers import layers
from playground.layers.dense import Dense
from playground.losses.classification import BinaryCrossEntropy
from playground.losses.regression import MeanSquaredError
from playground.metrics.classification import Accuracy
from playground.metrics.regression import R2
from playground.objectives.supervised import Supervised
from playground.optimizers.descent import SGD
from playground.preparation.features import PlaneFeatures
from playground.schedules.falling import Constant
from playground.templates.plane import dense_network

SITE = "playground.tensorflow.org"
KEYS = frozenset(
    "activation regularization batchSize dataset regDataset learningRate regularizationRate noise networkShape seed "
    "showTestData discretize percTrainData x y xTimesY xSquared ySquared cosX sinX cosY sinY collectStats tutorial "
    "problem initZero hideText".split()
)
FEATURES = {
    "x": "x1",
    "y": "x2",
    "xSquared": "x1_squared",
    "ySquared": "x2_squared",
    "xTimesY": "x1_x2",
    "sinX": "sin_x1",
    "sinY": "sin_x2",
}
"""Their inputs in their order, and ours."""
SETS = {"circle": "circle", "xor": "xor", "gauss": "gauss", "spiral": "spiral"}
NUMBER_SETS = {"reg-plane": "regression-plane", "reg-gauss": "regression-gauss"}
POINTS = {"classification": 500, "regression": 1200}
MOST_LAYERS, MOST_UNITS = 12, 128
EPOCHS = 200
"""That site trains until it is stopped; this many are planned here."""


def is_playground_link(text: str) -> bool:
    """Whether a text is such a link, or the part of one behind `#`."""
    head, hash, tail = text.strip().partition("#")
    if SITE in head.lower() or (SITE in text.lower() and len(text) < MAX_LINK):
        return True
    words = {pair.partition("=")[0] for pair in (tail if hash else head).split("&")[:100]}
    return len(words & KEYS) >= 3


def read_playground_link(text: str) -> Imported:
    """The experiment of such a link. Raises Refused when it is too long."""
    if len(text) > MAX_LINK:
        raise Refused(
            f"This link has {len(text):,} characters; {MAX_LINK:,} are allowed. Copy it from the address bar."
        )
    remarks = Remarks()
    said = _Said(_pairs(text.strip()), remarks)
    problem = said.choice("problem", {"classification": "classification", "regression": "regression"}, "classification")
    experiment = _experiment(said, problem)
    _left_out(said, problem)
    found = remarks.all()
    project = Project(title="TensorFlow Playground", experiment=experiment, layout=laid_out(experiment.network))
    return Imported(with_remarks(project, found), "playground", found)


def _pairs(text: str) -> dict[str, str]:
    """Names and values behind `#`. Of a name that stands twice the last counts, as on that site."""
    pairs = (pair.partition("=") for pair in text.partition("#")[2].split("&")) if "#" in text else ()
    if "#" not in text and "=" in text and SITE not in text.lower():
        pairs = (pair.partition("=") for pair in text.split("&"))
    return {name: unquote(value)[:200] for name, _, value in pairs if name}


class _Said:
    """What the link says, with that site's defaults where it says nothing that can be used."""

    def __init__(self, pairs: Mapping[str, str], remarks: Remarks) -> None:
        self.pairs = pairs
        self.remarks = remarks

    def choice(self, name: str, known: Mapping[str, str], default: str) -> str:
        value = self.pairs.get(name, "")
        if value in known:
            return known[value]
        if value:
            self._instead(name, default)
        return known[default]

    def number(self, name: str, default: float, low: float, high: float, *, whole: bool = False) -> float:
        """A number between limits; beyond them, the limit."""
        if not (text := self.pairs.get(name, "")):
            return default
        try:
            value = float(text) if len(text) <= 40 else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._instead(name, f"{default:g}")
            return default
        inside = min(max(value, low), high)
        if whole:
            inside = float(round(inside))
        if inside != value:
            self.remarks.add(f"{name}={value:g} becomes {inside:g}: {low:g} to {high:g} work here.")
        return inside

    def flag(self, name: str, default: bool) -> bool:
        value = self.pairs.get(name)
        if value is None or value == "":
            return default
        if value not in ("true", "false"):
            self._instead(name, str(default).lower())
            return default
        return value == "true"

    def shape(self) -> list[int]:
        """Units of each hidden layer: `4,2`. Empty: none."""
        text = self.pairs.get("networkShape")
        if text is None:
            return [4, 2]
        if text == "":
            return []
        parts = text.split(",")
        if len(parts) <= MOST_LAYERS and all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
            units = [int(part) for part in parts]
            if all(1 <= number <= MOST_UNITS for number in units):
                return units
        self._instead("networkShape", "4,2")
        return [4, 2]

    def seed(self) -> int:
        """`0.12345` → 12345: the same link gives the same run here, every time."""
        text = self.pairs.get("seed", "")
        if text and not re.fullmatch(r"[0-9]*\.?[0-9]{1,30}", text):
            self._instead("seed", "0")
            return 0
        return int(text.removeprefix("0.").replace(".", "")[:30] or 0) % 2**31

    def _instead(self, name: str, default: str) -> None:
        value = "".join(c if c.isprintable() else " " for c in self.pairs[name])[:40]
        self.remarks.add(f"{name}={value!r} is none of that site's values; its own default, {default}, is taken.")


def _experiment(said: _Said, problem: str) -> Experiment:
    classes = problem == "classification"
    kind = said.choice("dataset", SETS, "circle") if classes else said.choice("regDataset", NUMBER_SETS, "reg-plane")
    seed = said.seed()
    noise = said.number("noise", 0, 0, 50)
    dataset = datasets.read({"kind": kind, "samples": POINTS[problem], "noise": float(noise), "seed": seed})
    features = [ours for theirs, ours in FEATURES.items() if said.flag(theirs, theirs in ("x", "y"))]
    if not features:
        said.remarks.add("The link takes no input at all; x₁ and x₂ are taken.")
        features = ["x1", "x2"]
    steps = () if features == ["x1", "x2"] else (PlaneFeatures.model_validate({"features": features}),)
    share = round(said.number("percTrainData", 50, 10, 90) / 100, 4)
    bend = said.choice("activation", {"tanh": "tanh", "relu": "relu", "sigmoid": "sigmoid", "linear": ""}, "tanh")
    hidden = [Dense(units=units, activation=layers[bend]() if bend else None) for units in said.shape()]
    rate = said.number("learningRate", 0.03, 1e-5, 10)
    return Experiment(
        networks={"model": dense_network(*hidden)},
        data=Data(
            dataset=dataset,
            preparation=steps,
            split=Split(train=share, validation=0.0, test=round(1 - share, 4), sealed=0.0, seed=seed, stratify=False),
        ),
        objective=Supervised(loss=BinaryCrossEntropy() if classes else MeanSquaredError()),
        training=Training(
            optimizer=SGD(learning_rate=float(rate), weight_decay=_decay(said)),
            schedule=Constant(),
            batch_size=int(said.number("batchSize", 10, 1, 1_000, whole=True)),
            epochs=EPOCHS,
        ),
        metrics=(Accuracy() if classes else R2(),),
        seed=seed,
    )


def _decay(said: _Said) -> float:
    """Their L2 is our optimizer's weight decay; there is no L1 here."""
    kind = said.choice("regularization", {"none": "", "L1": "L1", "L2": "L2", "null": "", "undefined": ""}, "none")
    rate = said.number("regularizationRate", 0, 0, 1)
    if kind == "L1" and rate > 0:
        said.remarks.add(
            f"L1 regularisation of {rate:g} is left out: there is none here. Weight decay (L2) is near it."
        )
    if kind == "L2" and rate > 0:
        said.remarks.add(
            f"L2 regularisation of {rate:g} is the optimizer's weight decay here; it also pulls at biases."
        )
        return float(rate)
    return 0.0


def _left_out(said: _Said, problem: str) -> None:
    """What that site does and this one does not, where it would be missed."""
    if said.flag("initZero", False):
        said.remarks.add("initZero is left out: weights begin at random numbers here.")
    if said.flag("cosX", False) or said.flag("cosY", False):
        said.remarks.add("cosX and cosY are left out: that site itself shows no such inputs.")
    if problem == "classification":
        said.remarks.add(
            "That site ends in tanh and squares the difference to −1 or 1; here binary cross-entropy judges the answer."
        )
    said.remarks.add(
        "Points are drawn by the same rules from other random numbers: the same picture, not the same points."
    )
    unknown = [name for name in said.pairs if name not in KEYS and not name.endswith("_hide")]
    if unknown:
        name = "".join(c if c.isprintable() else " " for c in unknown[0])[:40]
        said.remarks.add(f"{name!r} is no setting of that site; it is passed over.")
