"""The gallery of templates: of each what it shows, how it is drawn, what it learned and what a simpler model knows.

Drawings are read from the templates themselves. Scores and pictures of the data are shipped: `python -m
playground.studio.gallery` writes them anew from what `playground bench templates` measured; a test says when that is due.
"""

from __future__ import annotations

import base64
import functools
import json
import sys
from pathlib import Path
from typing import Any

from playground._paths import assets_dir
from playground.core.contracts import Template
from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment
from playground.core.shapes import check
from playground.studio.catalogues import everything
from playground.studio.documents import row_of_nodes
from playground.studio.opening import frames
from playground.templates import templates

POINTS, TILES, ROWS = 150, 9, 12
"""Cases in a picture of points, of pictures, of a table."""
GRID = 50
"""Fields along one side of an answer on the plane."""
MEASURED = ("metric", "median", "target", "simple_model", "simple_score", "seconds")


def file() -> Path:
    """Where scores and pictures lie."""
    return assets_dir() / "gallery.json"


@functools.cache
def cards() -> list[dict[str, Any]]:
    """One card a template, in the order of the catalogue: see docs/protocol.md, `gallery`."""
    shipped = read()
    order = [entry["kind"] for entry in everything()["templates"] if not entry.get("hidden")]
    return [_card(kind, templates[kind](), shipped.get(kind, {})) for kind in order]


def read() -> dict[str, Any]:
    """What was shipped, by kind; empty where it is missing or broken."""
    try:
        found: dict[str, Any] = json.loads(file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _card(kind: str, template: Template, shipped: dict[str, Any]) -> dict[str, Any]:
    experiment = template.experiment()
    facts = experiment.data.facts()
    checked = check(experiment.network, facts)
    return {
        "kind": kind,
        "title": template.title,
        "group": template.group,
        "purpose": template.purpose,
        "about": (type(template).__doc__ or "").strip().split("\n\n")[0].replace("\n", " "),
        "synonyms": list(templates[kind].synonyms),
        "data": experiment.data.dataset.title,
        "view": facts.view,
        "task": facts.task,
        "parameters": checked.total.parameters,
        "score": {name: shipped[name] for name in MEASURED} if is_current(shipped, experiment) else None,
        "picture": shipped.get("picture"),
        **_drawing(template, experiment),
    }


def is_current(shipped: dict[str, Any], experiment: Experiment) -> bool:
    """Whether the scores are of exactly this experiment. It was stored as a document, not as a fingerprint: a field that
    is new and says what was always so makes nobody measure again."""
    try:
        return Experiment.model_validate(shipped["measured"]).with_(seed=0) == experiment.with_(seed=0)
    except (KeyError, ValueError):
        return False


def _drawing(template: Template, experiment: Experiment) -> dict[str, Any]:
    """Nodes with their places and silhouettes, and wires by the numbers of their nodes."""
    layout = getattr(template, "layout", None)
    places = layout()["nodes"] if layout is not None else row_of_nodes(experiment)
    nodes = experiment.network.nodes
    numbers = {node.id: number for number, node in enumerate(nodes)}
    return {
        "nodes": [
            {"x": places[node.id]["x"], "y": places[node.id]["y"], "silhouette": node.layer.silhouette}
            for node in nodes
        ],
        "edges": [[numbers[edge.source], numbers[edge.target]] for edge in experiment.network.edges],
    }


# ---- what is shipped ------------------------------------------------------------------------------------------------


def make(results: Path) -> dict[str, Any]:
    """Scores from a file of `playground bench templates`, and pictures of the data. Data that are not here keep theirs."""
    measured: dict[str, Any] = json.loads(results.read_text("utf-8"))["templates"]
    before, made = read(), dict[str, Any]()
    for kind in templates.kinds():
        template = templates[kind]()
        try:
            picture = _picture(kind, template.experiment())
        except DataMissing as missing:
            print(missing, file=sys.stderr)  # noqa: T201
            picture = before.get(kind, {}).get("picture")
        experiment, entry = template.experiment(), measured.get(kind, {})
        made[kind] = {"picture": picture}
        # Either it was measured as it stands now, or it is still what was shipped with the scores.
        if entry.get("fingerprint") == experiment.with_(seed=0).fingerprint() or is_current(
            before.get(kind, {}), experiment
        ):
            document = experiment.model_dump(mode="json", exclude_defaults=True)
            made[kind] |= {name: entry[name] for name in MEASURED} | {"measured": document}
    return made


def _picture(kind: str, experiment: Experiment) -> dict[str, Any]:
    import numpy as np

    facts, loaded = experiment.data.dataset.facts(), experiment.data.dataset.load()
    rows = np.unique(np.linspace(0, len(loaded.targets) - 1, POINTS).astype(int))
    if facts.view == "plane":
        inputs, targets = loaded.inputs[rows], loaded.targets[rows].reshape(len(rows)).astype(float)
        values = targets * 2 - 1 if facts.task == "binary" else targets / max(1e-9, float(abs(loaded.targets).max()))
        points = np.round(np.column_stack([inputs, values]), 2).tolist()
        return {"domain": list(facts.domain), "points": points, "output": _output(kind)}
    if facts.view == "image":
        grey = loaded.inputs.mean(axis=1) if loaded.inputs.ndim == 4 else loaded.inputs
        grey = grey[[int((loaded.targets == label).argmax()) for label in np.unique(loaded.targets)[:TILES]]]
        bytes_ = np.round(255 * (grey / max(1.0, float(grey.max())))).astype(np.uint8)
        tiles = [base64.b64encode(tile.tobytes()).decode() for tile in bytes_]
        return {"width": grey.shape[2], "height": grey.shape[1], "tiles": tiles}
    flat = loaded.inputs.reshape(len(loaded.inputs), -1)
    spread = (flat - flat.mean(axis=0)) / np.maximum(flat.std(axis=0), 1e-9)
    chosen = rows[np.linspace(0, len(rows) - 1, ROWS).astype(int)]
    return {"rows": np.round(np.clip(spread[chosen] / 2, -1, 1), 2).tolist()}


def _output(kind: str) -> str | None:
    """The answer on the plane with which a template opens, as GRID × GRID bytes from the top."""
    from playground.training.frames import unpack

    last = frames(kind)[-1:]
    if not last or "output" not in (arrays := unpack(last[0])[1]):
        return None
    output = arrays["output"]
    step = output.shape[0] // GRID
    return base64.b64encode(output[step // 2 :: step, step // 2 :: step].tobytes()).decode()


def main() -> None:
    """Write the file anew, from the results named on the command line."""
    made = make(Path(sys.argv[1] if len(sys.argv) > 1 else "benchmarks/results/templates.json"))
    lines = ",\n".join(
        f"{json.dumps(kind)}: {json.dumps(entry, separators=(',', ':'))}" for kind, entry in made.items()
    )
    file().write_text(f"{{\n{lines}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
