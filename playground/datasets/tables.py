"""Small, well-known tables that come with scikit-learn, read from the very files it ships: no network is needed."""

from __future__ import annotations

import gzip
import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from playground.core.contracts import Dataset, Loaded
from playground.core.diagnostics import DataMissing
from playground.core.facts import Facts, Role
from playground.datasets import datasets

if TYPE_CHECKING:
    import numpy as np


def shipped_file(name: str) -> Path:
    """A data file inside the scikit-learn package, found without importing it. Raises DataMissing."""
    spec = find_spec("sklearn")
    folder = Path(spec.origin).parent / "datasets" / "data" if spec and spec.origin else Path("sklearn")
    path = folder / name
    if not path.is_file():
        raise DataMissing(f"{name} is not where scikit-learn ships it. Install scikit-learn again.")
    return path


def read_numbers(name: str, *, skip: int = 0, separator: str | None = ",") -> np.ndarray[Any, Any]:
    """The numbers of a shipped text file, float64 [rows, columns]; columns are parted by spaces for None."""
    import numpy as np

    content = shipped_file(name).read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return np.loadtxt(io.BytesIO(text), delimiter=separator, skiprows=skip, ndmin=2)


@datasets.register("iris", title="Iris", group="Tables", synonyms=("flowers", "fisher"))
class Iris(Dataset):
    """Three kinds of iris, fifty flowers each, told apart by four lengths. One kind is easy, two are close.

    Source: R. A. Fisher, 1936; the file of scikit-learn.
    """

    def facts(self) -> Facts:
        return Facts(
            task="classes",
            input_shape=(4,),
            output_width=3,
            feature_names=("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
            roles=("input",) * 4,
            classes=("setosa", "versicolor", "virginica"),
            noun="iris",
            samples={"all": 150},
        )

    def load(self) -> Loaded:
        import numpy as np

        rows = read_numbers("iris.csv", skip=1)
        return Loaded(rows[:, :4].astype(np.float32), rows[:, 4].astype(np.int64))


MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


@datasets.register("breast-cancer", title="Breast cancer", group="Tables", synonyms=("wisconsin", "tumour"))
class BreastCancer(Dataset):
    """569 tumours, thirty measures of their cell nuclei each: benign or malignant. The positive answer is malignant.

    Source: Wolberg, Street, Mangasarian, 1995; the file of scikit-learn, whose class numbers are the other way round.
    """

    def facts(self) -> Facts:
        names = [f"{kind} {measure}" for kind in ("mean", "deviation of", "worst") for measure in MEASURES]
        return Facts(
            task="binary",
            input_shape=(30,),
            output_width=1,
            feature_names=tuple(names),
            roles=("input",) * 30,
            classes=("benign", "malignant"),
            noun="tumour",
            samples={"all": 569},
        )

    def load(self) -> Loaded:
        import numpy as np

        rows = read_numbers("breast_cancer.csv", skip=1)
        return Loaded(rows[:, :30].astype(np.float32), 1 - rows[:, 30].astype(np.int64))


@datasets.register("diabetes", title="Diabetes", group="Tables", synonyms=("health", "progression", "lars"))
class Diabetes(Dataset):
    """442 patients, ten measures each: how far will diabetes have progressed in a year? Hard: half of it is chance.

    Source: Efron, Hastie, Johnstone, Tibshirani, 2004; the raw file of scikit-learn, in its own units. The index of
    progression runs from 25 to 346 and has no further unit.
    """

    roles: ClassVar[tuple[Role, ...]] = ("protected", "protected", *(("changeable",) * 8))

    def facts(self) -> Facts:
        return Facts(
            task="regression",
            input_shape=(10,),
            output_width=1,
            feature_names=(
                "age (years)",
                "sex",
                "body mass index",
                "blood pressure (mm Hg)",
                "total cholesterol (mg/dl)",
                "LDL (mg/dl)",
                "HDL (mg/dl)",
                "cholesterol ratio",
                "log triglycerides",
                "blood sugar (mg/dl)",
            ),
            roles=self.roles,
            target_names=("progression in a year",),
            target_unit="points",
            samples={"all": 442},
        )

    def load(self) -> Loaded:
        import numpy as np

        inputs = read_numbers("diabetes_data_raw.csv.gz", separator=None)
        targets = read_numbers("diabetes_target.csv.gz", separator=None)
        return Loaded(inputs.astype(np.float32), targets.astype(np.float32))


@datasets.register("digits", title="Digits", group="Pictures", synonyms=("handwriting", "numbers", "optdigits"))
class Digits(Dataset):
    """1,797 handwritten digits, 8 × 8 grey values each. Small enough to learn in seconds.

    Source: Alpaydin and Kaynak, 1998; the file of scikit-learn. Its ink counts 0 to 16 become bytes 0 to 255.
    """

    def facts(self) -> Facts:
        return Facts(
            task="classes",
            input_shape=(1, 8, 8),
            output_width=10,
            classes=tuple("0123456789"),
            noun="digit",
            view="image",
            samples={"all": 1797},
        )

    def load(self) -> Loaded:
        import numpy as np

        rows = read_numbers("digits.csv.gz")
        ink = np.rint(rows[:, :64] * (255 / 16)).astype(np.uint8)
        return Loaded(ink.reshape(-1, 1, 8, 8), rows[:, 64].astype(np.int64))
