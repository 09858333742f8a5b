"""What a frozen network answers over the whole plane, with the points it learned from and was tested on."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.explainers.frozen import Frozen
from playground.training.frames import Field
from playground.training.prepared import Prepared, plane_points

SIDE = 100


def plane_picture(frozen: Frozen, prepared: Prepared) -> tuple[dict[str, Any], list[Field]]:
    """What a `data` message and a frame of the Build page hold: entries of the header, and arrays."""
    import torch

    from playground.training.pictures import TINY, signed_bytes
    from playground.training.probes import data_frame

    facts = prepared.facts
    header, fields = data_frame(prepared)
    grid = np.asarray(prepared.transform(plane_points(facts.domain, SIDE)), np.float32)
    with torch.no_grad():
        raw = frozen.module(torch.from_numpy(grid))
        if facts.task == "classes":
            share, chosen = frozen.probabilities(torch.from_numpy(grid)).max(1)
            sure = (share * 255).nan_to_num().round().to(torch.uint8)
            kinds = [("output_class", chosen.to(torch.uint8)), ("output_confidence", sure)]
            return _of(header), fields + [Field(name, it.numpy().reshape(SIDE, SIDE)) for name, it in kinds]
        if facts.task == "binary":
            maximum, answer = 1.0, 2 * torch.sigmoid(raw[:, 0]) - 1
        else:
            values = np.asarray(prepared.untransform_targets(raw.numpy()), np.float32)
            maximum = max(float(np.abs(prepared.raw_targets("train")).max()), TINY)
            answer = torch.from_numpy(values[:, 0].copy())
    shown = signed_bytes(answer, torch.tensor(maximum)).reshape(SIDE, SIDE)
    return _of(header), [*fields, Field("output", shown, {"maximum": maximum})]


def _of(header: dict[str, Any]) -> dict[str, Any]:
    return {"domain": header["domain"]}
