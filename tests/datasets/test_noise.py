"""Noise takes any shape, and refuses what would not fit into memory."""

import numpy as np
import pytest
from pydantic import ValidationError

from playground.datasets.noise import Noise


@pytest.mark.parametrize(
    ("settings", "view", "width"),
    [
        ({"shape": (3, 32, 32), "answers": 10}, "image", 10),
        ({"shape": (7, 5), "task": "regression", "answers": 3}, "table", 3),
        ({"shape": (4,), "task": "binary"}, "table", 1),
        ({"shape": (2,), "answers": 1000}, "table", 1000),
    ],
)
def test_facts_hold_for_every_kind_of_answer(settings: dict[str, object], view: str, width: int) -> None:
    noise = Noise.model_validate(settings)
    facts, loaded = noise.facts(), noise.load()
    assert (facts.view, facts.output_width) == (view, width)
    assert loaded.inputs.shape == (facts.samples["all"], *facts.input_shape)
    assert loaded.inputs.dtype == (np.uint8 if view == "image" else np.float32)
    if facts.task == "regression":
        assert loaded.targets.shape == (facts.samples["all"], width)
    else:
        assert set(loaded.targets.tolist()) == set(range(len(facts.classes)))


def test_what_would_not_fit_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"160\.0 MB are made"):
        Noise(shape=(3, 1000, 1000))
    with pytest.raises(ValidationError, match="nothing to tell apart"):
        Noise(answers=1)
