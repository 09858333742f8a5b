"""Points on the plane, made by rule. The rules are those of TensorFlow Playground (moons: scikit-learn's).

Source: github.com/tensorflow/playground, src/dataset.ts. Noise is drawn beside the points, so moving its slider moves
the same points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from playground.core.contracts import Dataset, Loaded
from playground.core.facts import Facts, Task
from playground.datasets import datasets

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

RADIUS = 5.0
"""Points lie within this distance of the middle; the drawn square goes one unit further."""
EDGE = 6.0


class PlaneSet(Dataset):
    """Points with two coordinates, x₁ and x₂. `rule` says where they lie and what is asked of them."""

    task: ClassVar[Task] = "binary"
    summary: ClassVar[str] = "{samples} points"

    samples: int = Field(500, ge=10, le=20_000, description="How many points.", json_schema_extra={"step": 10})
    noise: float = Field(
        0.0,
        ge=0,
        le=50,
        description="How blurred the rule is. At 50 a good part of the points is in the wrong place.",
        json_schema_extra={"unit": "%", "slider": True, "step": 5},
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Which points. Another number, other points by the same rule.")

    def facts(self) -> Facts:
        """Two coordinates in; the chance of blue, or one number, out."""
        binary = self.task == "binary"
        return Facts(
            task=self.task,
            input_shape=(2,),
            output_width=1,
            feature_names=("x₁", "x₂"),
            roles=("changeable", "changeable"),
            classes=("orange", "blue") if binary else (),
            target_names=() if binary else ("y",),
            noun="point",
            view="plane",
            domain=(-EDGE, EDGE),
            samples={"all": self.samples},
        )

    def load(self) -> Loaded:
        """Inputs float32 [samples, 2]; targets int64 [samples] with 1 = blue, or float32 [samples, 1]."""
        import numpy as np

        draw, blur = (np.random.default_rng([self.seed, stream]) for stream in (0, 1))
        points, targets = self.rule(draw, blur)
        order = draw.permutation(len(points))  # no part of the file is all one colour
        if self.task == "binary":
            return Loaded(points[order].astype(np.float32), targets[order].astype(np.int64))
        return Loaded(points[order].astype(np.float32), targets[order].astype(np.float32)[:, None])

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        """Points [samples, 2] and targets [samples], before shuffling. `draw` makes points, `blur` makes noise."""
        raise NotImplementedError

    def shifted(self, points: Array, blur: np.random.Generator, radius: float = RADIUS) -> Array:
        """The points as the rule sees them: moved by up to noise % of the radius."""
        return points + blur.uniform(-radius, radius, points.shape) * (self.noise / 100)


class ColourSet(PlaneSet):
    """Orange points and blue points."""

    balance: float = Field(
        0.5,
        ge=0.05,
        le=0.95,
        description="Share of points that are made blue, before noise.",
        json_schema_extra={"slider": True, "step": 0.05},
    )

    @property
    def blue(self) -> int:
        """How many points are made blue: at least one of each colour."""
        return min(max(round(self.samples * self.balance), 1), self.samples - 1)


@datasets.register("circle", title="Circle", group="Plane", synonyms=("ring", "disc"))
class Circle(ColourSet):
    """Blue points lie in a disc, orange points in a ring around it. No straight line can part them."""

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        orange = self.samples - self.blue
        inner = draw.uniform(0, RADIUS * 0.5, self.blue)
        outer = draw.uniform(RADIUS * 0.7, RADIUS, orange)
        radius = np.concatenate([inner, outer])
        angle = draw.uniform(0, 2 * math.pi, self.samples)
        points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
        seen = self.shifted(points, blur)
        return points, np.hypot(seen[:, 0], seen[:, 1]) < RADIUS * 0.5


@datasets.register("xor", title="Exclusive or", group="Plane", synonyms=("checkerboard", "exclusive or"))
class Xor(ColourSet):
    """Blue where both coordinates have the same sign, orange where they differ: either, but not both."""

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        gap = 0.3
        size = draw.uniform(0, RADIUS, (self.samples, 2)) + gap
        first = draw.choice([-1.0, 1.0], self.samples)
        same = np.where(np.arange(self.samples) < self.blue, 1.0, -1.0)
        points = size * np.stack([first, first * same], axis=1)
        seen = self.shifted(points, blur)
        return points, seen[:, 0] * seen[:, 1] >= 0


@datasets.register("gauss", title="Two clouds", group="Plane", synonyms=("gaussian", "blobs", "clusters"))
class Gauss(ColourSet):
    """Two round clouds of points. Without noise a straight line parts them: one unit is enough."""

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        blue = np.arange(self.samples) < self.blue
        middle = np.where(blue, 2.0, -2.0)[:, None]
        variance = 0.5 + (4 - 0.5) * self.noise / 50
        points = middle + math.sqrt(variance) * draw.standard_normal((self.samples, 2))
        return np.clip(points, -EDGE, EDGE), blue


@datasets.register("spiral", title="Spiral", group="Plane", synonyms=("two spirals", "swirl"))
class Spiral(ColourSet):
    """Two arms wound around each other. The hardest of the plane sets: it takes several layers, or features that help."""

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        blue = np.arange(self.samples) < self.blue
        along = np.concatenate([(np.arange(n) + 0.5) / n for n in (self.blue, self.samples - self.blue)])
        angle = 1.75 * along * 2 * math.pi + np.where(blue, 0, math.pi)
        points = along[:, None] * RADIUS * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        return points + blur.uniform(-1, 1, points.shape) * (self.noise / 100), blue


@datasets.register("moons", title="Two moons", group="Plane", synonyms=("half moons", "crescents"))
class Moons(ColourSet):
    """Two half circles that reach into each other. A gentle bend is enough to part them.

    Source: scikit-learn's make_moons, stretched over the plane.
    """

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        blue = np.arange(self.samples) < self.blue
        angle = draw.uniform(0, math.pi, self.samples)
        side = np.where(blue, -1.0, 1.0)
        across = side * np.cos(angle) + np.where(blue, 1.0, 0.0) - 0.5
        up = side * np.sin(angle) + np.where(blue, 0.5, 0.0) - 0.25
        points = np.stack([across, up], axis=1) * (3.2, 4.0)
        moved = points + blur.standard_normal(points.shape) * (1.6 * self.noise / 50)
        return np.clip(moved, -EDGE, EDGE), blue


@datasets.register("regression-plane", title="Slope", group="Plane", synonyms=("plane", "linear", "tilted plane"))
class RegressionPlane(PlaneSet):
    """A tilted plane: the number grows evenly from one corner to the other. One linear unit can answer it."""

    task: ClassVar[Task] = "regression"

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        points = draw.uniform(-EDGE, EDGE, (self.samples, 2))
        return points, self.shifted(points, blur, EDGE).sum(axis=1) / 10


@datasets.register("regression-gauss", title="Hills and hollows", group="Plane", synonyms=("bumps", "gaussians"))
class RegressionGauss(PlaneSet):
    """Three hills and three hollows on flat ground. The number is the height."""

    task: ClassVar[Task] = "regression"

    def rule(self, draw: np.random.Generator, blur: np.random.Generator) -> tuple[Array, Array]:
        import numpy as np

        points = draw.uniform(-EDGE, EDGE, (self.samples, 2))
        seen = self.shifted(points, blur, EDGE)
        tops = np.array([(-4, 2.5), (0, 2.5), (4, 2.5), (-4, -2.5), (0, -2.5), (4, -2.5)])
        signs = np.array([1, -1, 1, -1, 1, -1])
        distance = np.linalg.norm(seen[:, None] - tops, axis=2)
        heights = signs * np.clip(1 - distance / 2, 0, 1)
        return points, heights[np.arange(len(points)), np.abs(heights).argmax(axis=1)]
