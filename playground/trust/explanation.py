"""One answer of a network, explained and doubted: attribution, checks, stamp, proof, and the sentences about them.

Nothing is shown that its own check refutes: a withheld explanation carries its reason, not its map.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.explainers.explainer import Attribution, Explainer
from playground.explainers.frozen import CannotExplain, Frozen, freeze
from playground.trust.checks import completeness, cut, erasing, prove_it_wrong, randomised_weights
from playground.trust.stamp import Check, Stamp, stamp

if TYPE_CHECKING:
    import torch

    from playground.core.experiment import Experiment
    from playground.core.facts import Facts
    from playground.training.prepared import Prepared

    Array = np.ndarray[Any, np.dtype[Any]]

Progress = Callable[[float, str], None]
CENTRE_CASES = 2_000
OTHERS = 64


class Case(NamedTuple):
    """A case to explain. `raw` [*raw shape] as the data set gives it, `truth` a class number or the target's value."""

    id: int
    raw: Array
    truth: float | None = None


class Explanation(NamedTuple):
    """What a person is shown: `result` is the `explanation` message of docs/protocol.md, `arrays` its frame."""

    result: dict[str, Any]
    arrays: dict[str, Array]


def freeze_run(experiment: Experiment, weights: dict[str, torch.Tensor] | None, prepared: Prepared) -> Frozen:
    """A frozen rebuild that knows the average training case and the empty one."""
    raw = prepared.inputs("train")
    some = raw[:: max(1, len(raw) // CENTRE_CASES)]
    centre = np.asarray(prepared.transform(some), np.float32).mean(0)
    empty = np.asarray(prepared.transform(np.zeros_like(some[:1])), np.float32)[0]
    return freeze(experiment, weights, prepared.facts, centre=centre, empty=empty)


def explain(
    frozen: Frozen,
    prepared: Prepared,
    explainer: Explainer,
    case: Case,
    *,
    target: int | None = None,
    progress: Progress = lambda share, text: None,
) -> Explanation:
    """Explain the answer to one case towards `target` (None: the network's own answer), and check it.

    Raises CannotExplain with one sentence.
    """
    import torch

    begun = time.perf_counter()
    facts = frozen.facts
    offer = explainer.offer(frozen.checked, facts)
    if offer.exactness == "not offered":
        raise CannotExplain(offer.reason)
    inputs = np.asarray(prepared.transform(case.raw[None]), np.float32)
    answer = _answer(frozen, prepared, inputs, case.truth)
    chosen = target if target is not None else int(answer["index"] or 0)
    if not 0 <= chosen < max(len(facts.classes), 1):
        raise CannotExplain(f"There is no class {chosen}; pick one of {len(facts.classes)}.")
    prepared_case = torch.from_numpy(inputs[0])
    progress(0.1, "Explaining")
    found = _in_unit(explainer.attribute(frozen, prepared_case, chosen), frozen, prepared)
    progress(0.4, "Asking a network that never learned")
    checks = [completeness(found), _learned(explainer, frozen, prepared_case, chosen, found)]
    progress(0.6, "Erasing what it highlights")
    erased, proof = _erase(frozen, prepared, inputs[0], found, chosen)
    verdict = stamp([*checks, erased])
    result = {
        "case": case.id,
        "method": explainer.dump(),
        "title": explainer.title,
        "version": explainer.version,
        "scale": _scale(facts),
        "target": {"index": chosen, "name": _target_name(facts, chosen)},
        "answer": answer,
        "baseline": {"name": found.baseline_name, "value": found.baseline_value},
        "gap": found.gap,
        "score": found.value,
        "layer": found.layer,
        "question": explainer.question,
        "cannot_say": explainer.cannot_say,
        "offer": offer._asdict(),
        "stamp": verdict.dump(),
        "checks": [check.dump() for check in (*checks, erased)],
        "proof": proof,
        "features": None,
        "sentence": verdict.sentence,
        "warnings": list(found.warnings),
        "settings": found.settings,
        "seed": frozen.experiment.seed,
    }
    arrays: dict[str, Array] = {}
    if facts.view == "image":
        arrays["case"] = _thumbnail(case.raw)
    if verdict.word != "WITHHELD":
        _show(result, arrays, found, case, facts, verdict)
    result["seconds"] = time.perf_counter() - begun
    return Explanation(result, arrays)


def _learned(explainer: Explainer, frozen: Frozen, case: torch.Tensor, target: int, found: Attribution) -> Check:
    """The randomised-weights check: the same method on the same drawing with fresh weights."""
    unlearned = explainer.attribute(frozen.unlearned(frozen.experiment.seed + 1), case, target)
    if found.native is not None and unlearned.native is not None:
        # Enlarged maps repeat neighbours; the ranking belongs to the method's own resolution.
        return randomised_weights(found.native, unlearned.native, np.ones(found.native.shape, bool))
    reference = frozen.empty if found.baseline_name in ("a black picture", "all zeros") else frozen.centre
    return randomised_weights(found.values, unlearned.values, np.abs(case.numpy() - reference) > 1e-6)


def _erase(
    frozen: Frozen, prepared: Prepared, case: Array, found: Attribution, target: int
) -> tuple[Check, dict[str, Any] | None]:
    """The erasing check, and the three bars of "Prove it wrong" in what a person reads: probability, or the unit."""
    classifier = frozen.facts.task != "regression"
    raw = prepared.inputs("train")
    rows = np.linspace(0, len(raw) - 1, min(OTHERS, len(raw))).astype(int)
    others = np.asarray(prepared.transform(raw[rows]), np.float32)
    filling = frozen.empty if frozen.facts.view == "image" else frozen.centre
    parts = cut(case.shape)

    def score(cases: Array) -> Array:
        return frozen.score_of(cases, target, probability=classifier)

    def shown(cases: Array) -> Array:
        return score(cases) if classifier else np.asarray(prepared.untransform_targets(score(cases)[:, None])[:, 0])

    seed = frozen.experiment.seed
    check = erasing(score, case, found.values, parts=parts, baseline=filling, others=others, seed=seed)
    if parts.count < 2:
        return check, None
    proof = prove_it_wrong(shown, case, found.values, parts=parts, filling=filling, seed=seed)
    return check, {**proof, "name": _target_name(frozen.facts, target), "filling": found.baseline_name}


def _answer(frozen: Frozen, prepared: Prepared, inputs: Array, truth: float | None) -> dict[str, Any]:
    """What the network says and what the data say, in numbers and in one sentence."""
    import torch

    facts = frozen.facts
    with torch.no_grad():
        if facts.task == "regression":
            raw = frozen.module(torch.from_numpy(inputs)).numpy()
            value = float(np.asarray(prepared.untransform_targets(raw)).ravel()[0])
            unit = f" {facts.target_unit}" if facts.target_unit else ""
            sentence = f"The network says {value:,.4g}{unit}."
            if truth is not None:
                sentence += f" The data say {truth:,.4g}{unit}."
            return {"index": None, "probabilities": None, "value": value, "truth": truth, "sentence": sentence}
        probabilities = frozen.probabilities(torch.from_numpy(inputs))[0].double()
    if not bool(torch.isfinite(probabilities).all()):
        raise CannotExplain("The network's answer is not a number here. Rewind to an earlier step.")
    index = int(probabilities.argmax())
    sentence = f"The network says {facts.classes[index]}, {float(probabilities[index]):.2f}."
    if truth is not None:
        sentence += " The data say so too." if index == int(truth) else f" The data say {facts.classes[int(truth)]}."
    values = [float(p) for p in probabilities]
    return {"index": index, "probabilities": values, "value": None, "truth": truth, "sentence": sentence}


def _in_unit(found: Attribution, frozen: Frozen, prepared: Prepared) -> Attribution:
    """A regression's attribution in the target's own unit, where answers are scaled by a straight line."""
    if frozen.facts.task != "regression":
        return found
    low, one, two = np.asarray(prepared.untransform_targets(np.array([[0.0], [1.0], [2.0]])), np.float64)[:, 0]
    factor = one - low
    if not np.isclose(two - one, factor):
        return found
    origin = None if found.baseline_value is None else found.baseline_value * factor + low
    return replace(found, values=found.values * factor, value=found.value * factor + low, baseline_value=origin)


def _show(
    result: dict[str, Any],
    arrays: dict[str, Array],
    found: Attribution,
    case: Case,
    facts: Facts,
    verdict: Stamp,
) -> None:
    """Add the map or the list of features, and the sentence that reads it."""
    name = result["target"]["name"]
    against = f", compared with {found.baseline_name}" if found.baseline_value is not None else ""
    if facts.view == "image":
        arrays["map"] = np.ascontiguousarray(found.values.sum(0), np.float32)
        if found.native is not None:
            arrays["native"] = np.ascontiguousarray(found.native, np.float32)
            arrays["map"] /= len(found.values)
        where = f"the maps of {found.layer}" if found.layer else "the model's score"
        result["sentence"] = (
            f"For this case, {where} answered most to the marked region, towards {name}."
            if found.layer
            else f"For this case, {where} for {name} rose most with the marked pixels{against}."
        )
    else:
        values = case.raw.ravel() if case.raw.size == found.values.size else None
        names = facts.feature_names or tuple(f"input {i + 1}" for i in range(found.values.size))
        result["features"] = [
            {"name": n, "value": None if values is None else float(values[i]), "attribution": float(a)}
            for i, (n, a) in enumerate(zip(names, found.values.ravel(), strict=True))
        ]
        top = int(np.abs(found.values.ravel()).argmax())
        amount = float(found.values.ravel()[top])
        verb = "raised" if amount >= 0 else "lowered"
        whole = f"the score for {name}" if facts.classes else "the answer"
        result["sentence"] = (
            f"For this case, {names[top]} {verb} {whole} most: {_signed(amount)} {result['scale']}{against}."
        )
    if verdict.word == "CAUTION":
        result["caution"] = verdict.sentence


def _signed(amount: float) -> str:
    """`+2.1`, `−34`: the sign always, as a minus and not a hyphen."""
    return f"{amount:+.3g}".replace("-", "−")


def _scale(facts: Facts) -> str:
    return (facts.target_unit or "in the target's unit") if facts.task == "regression" else "logits"


def _target_name(facts: Facts, target: int) -> str:
    if facts.classes:
        return facts.classes[target]
    return facts.target_names[0] if facts.target_names else "the answer"


def _thumbnail(raw: Array) -> Array:
    """A picture [c, h, w] as grey bytes [h, w]; colours are averaged."""
    grey = raw.mean(0) if raw.ndim == 3 else raw
    return np.ascontiguousarray(grey.clip(0, 255).astype(np.uint8))
