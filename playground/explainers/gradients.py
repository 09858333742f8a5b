"""Explanations by gradients: integrated gradients and Grad-CAM, computed by captum on a frozen rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from playground.core.facts import Facts
from playground.core.shapes import Checked
from playground.explainers import explainers
from playground.explainers.explainer import Attribution, Explainer, Offer
from playground.explainers.frozen import CannotExplain, kept_random_state

if TYPE_CHECKING:
    import torch

    from playground.explainers.frozen import Frozen

GAP_WANTED = 0.01
MOST_STEPS = 1024


@explainers.register(
    "integrated_gradients", title="Integrated gradients", group="Gradients", synonyms=("IG", "path attribution")
)
class IntegratedGradients(Explainer):
    """Walks from a baseline to the case and adds up how much each input moved the answer on the way.

    The parts add up to the difference between the answer and the baseline's answer; the gap that is left is shown.
    Sundararajan, Taly and Yan, 2017.
    """

    summary: ClassVar[str] = "{steps} steps from {baseline}"
    question: ClassVar[str] = "How much did each input move the score, on the way from the baseline to this case?"
    cannot_say: ClassVar[str] = "It does not say what would happen if an input were changed alone."

    steps: int = Field(64, ge=8, le=MOST_STEPS, description="Stops on the way. Doubled until the parts add up.")
    baseline: Literal["usual", "zero", "mean"] = Field(
        "usual", description="Where the walk begins. Usual: a black picture, or the average training case of a table."
    )

    def offer(self, checked: Checked, facts: Facts) -> Offer:
        if not checked.ok:
            return Offer("not offered", "The drawing has errors.")
        return Offer("exact", "Needs gradients only, which every layer here has; the gap shows how exact it is.")

    def attribute(self, frozen: Frozen, case: torch.Tensor, target: int) -> Attribution:
        import torch
        from captum.attr import IntegratedGradients as Captum

        inputs = case.unsqueeze(0)
        start, name = self._start(frozen, inputs)
        with torch.no_grad():
            value = float(frozen.score(inputs, target))
            origin = float(frozen.score(start, target))
        if not torch.isfinite(torch.tensor([value, origin])).all():
            raise CannotExplain("The network's answer is not a number here. Rewind to an earlier step.")
        method = Captum(lambda x: frozen.score(x, target))
        steps, warnings = self.steps, list[str]()
        while True:
            with kept_random_state(frozen.experiment.seed):
                values = method.attribute(inputs, baselines=start, n_steps=steps, internal_batch_size=256)
            difference = value - origin
            missing = abs(float(values.double().sum()) - difference)
            gap = missing / abs(difference) if abs(difference) > 1e-6 else (0.0 if missing < 1e-6 else 1.0)
            if gap <= GAP_WANTED or steps >= MOST_STEPS:
                break
            steps *= 2
        if abs(difference) <= 1e-6:
            warnings.append("The baseline has the same answer as this case: there is nothing to share out.")
        return Attribution(
            values=values[0].detach().numpy(),
            target=target,
            value=value,
            baseline_name=name,
            baseline_value=origin,
            gap=gap,
            settings={"steps": steps, "baseline": self.baseline},
            warnings=tuple(warnings),
        )

    def _start(self, frozen: Frozen, inputs: torch.Tensor) -> tuple[torch.Tensor, str]:
        """The baseline [1, *input_shape] and what a sentence calls it."""
        import torch

        picture = frozen.facts.view == "image"
        if self.baseline == "mean" or (self.baseline == "usual" and not picture):
            centre = torch.from_numpy(frozen.centre).expand_as(inputs)
            return centre, "the average training picture" if picture else "the average training case"
        return torch.from_numpy(frozen.empty).expand_as(inputs), "a black picture" if picture else "all zeros"


@explainers.register("grad_cam", title="Grad-CAM", group="Gradients", synonyms=("class activation map",))
class GradCam(Explainer):
    """Weighs the maps of a convolution by how much each of them raises the score, and adds them up.

    Coarse, but it shows which region the late maps answered to. Negative parts speak against the target.
    Selvaraju et al., 2017.
    """

    views: ClassVar[tuple[str, ...]] = ("image",)
    needs_layer: ClassVar[bool] = True
    question: ClassVar[str] = "Which region did the maps of this layer answer to, for this class?"
    cannot_say: ClassVar[str] = "It is as coarse as the layer's maps, and says nothing about single pixels."

    layer: str | None = Field(None, max_length=200, description="Path of the convolution. None: the last one.")

    def offer(self, checked: Checked, facts: Facts) -> Offer:
        if facts.view != "image" or not self._paths(checked):
            return Offer("not offered", "Grad-CAM needs a convolution with maps; this network has none.")
        return Offer("exact", "Equals its definition at the chosen layer; the map is then enlarged for display.")

    def attribute(self, frozen: Frozen, case: torch.Tensor, target: int) -> Attribution:
        import torch
        from captum.attr import LayerGradCam
        from torch.nn.functional import interpolate

        paths = self._paths(frozen.checked)
        path = self.layer or (paths[-1] if paths else None)
        if path is None or path not in paths:
            raise CannotExplain("Grad-CAM needs a convolution; pick one of this network's convolutions.")
        inputs = case.unsqueeze(0)
        method = LayerGradCam(lambda x: frozen.score(x, target), frozen.answering(path))
        with kept_random_state(frozen.experiment.seed), torch.enable_grad():
            # Weights are frozen, so without this no gradient would flow to the layer.
            native = method.attribute(inputs.clone().requires_grad_(True), relu_attributions=False)
        native = native.detach()
        large = interpolate(native, inputs.shape[-2:], mode="bilinear", align_corners=False)[0]
        with torch.no_grad():
            value = float(frozen.score(inputs, target))
        warnings = () if float(native.max()) > 0 else (self._no_evidence(frozen, target),)
        return Attribution(
            values=large.expand(case.shape).clone().numpy(),
            target=target,
            value=value,
            baseline_name="a black picture",
            native=native[0, 0].numpy(),
            layer=next(leaf.title for leaf in frozen.checked.leaves() if leaf.path == path),
            settings={"layer": path},
            warnings=warnings,
        )

    @staticmethod
    def _paths(checked: Checked) -> list[str]:
        return [leaf.path for leaf in checked.leaves() if leaf.node.layer.silhouette == "conv"]

    @staticmethod
    def _no_evidence(frozen: Frozen, target: int) -> str:
        name = frozen.facts.classes[target] if frozen.facts.classes else "this answer"
        return f"No positive evidence in this layer for {name}."
