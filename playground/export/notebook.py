"""A network as a notebook that says what it is, trains it anew and draws the curve."""

from __future__ import annotations

import json
from typing import Any

from playground.core.experiment import Experiment
from playground.core.reading import visible
from playground.export.cases import Cases
from playground.export.learning import loss_of
from playground.export.rebuilt import CannotExport
from playground.export.source import sections

DEFINITION = "definition"
"""Tag of the cells that only define: with them alone the network can be made and loaded."""


def to_notebook(
    experiment: Experiment,
    *,
    cases: Cases,
    role: str | None = None,
    title: str = "",
    purpose: str = "",
    weights: str | None = None,
) -> str:
    """An nbformat 4 notebook, as JSON. `weights` is the name of a safetensors file beside it.

    Raises CannotExport when the drawing has an error, or learns in a way a notebook cannot show.
    """
    if loss_of(experiment) is None:
        raise CannotExport("This network does not learn from examples; take the PyTorch script instead.")
    parts = sections(experiment, role=role, title=title, cases=cases)
    plan = experiment.training
    judged = cases.parts[1] if len(cases.parts) > 1 else None
    cells = [
        _words(
            f"# {shown(title) or 'A network'}",
            shown(purpose),
            *map(shown, filter(None, parts.about.splitlines())),
            f"Put beside it, as they are published: {shown(', '.join(cases.needs))}." if cases.needs else "",
        ),
        _code(f"{parts.imports}\n\nFOLDER = Path()", DEFINITION),
        _words("## Data", f"{shown(experiment.data.dataset.title)}. {_needs(cases)}"),
        _code(parts.data, DEFINITION),
        _words("## Network"),
        _code(parts.network, DEFINITION),
        _code(parts.loading, DEFINITION),
        _words(
            "## Training",
            f"{plan.epochs:,} epochs in batches of {plan.batch_size:,}, {shown(plan.optimizer.title)}, "
            f"learning rate {plan.optimizer.learning_rate:g}.",
        ),
        _code(parts.training, DEFINITION),
        _code("network, losses = train()"),
        _code(_CURVE),
    ]
    if judged is not None:
        cells += [_code("print(judge(network))")]
    if weights is not None:
        cells += [_words("## Weights", "What the playground's run had learned, from the file beside this notebook.")]
        cells += [_code(f"learned = load(FOLDER / {weights!r})" + ("\nprint(judge(learned))" if judged else ""))]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    book = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def shown(text: str) -> str:
    """Text of a person for a notebook's page: every sign that could be markup or a formula is written as its number."""
    return "".join(c if c.isalnum() or c in " ,:;" else f"&#{ord(c)};" for c in visible(text)[:1000].strip())


def _needs(cases: Cases) -> str:
    if cases.needs:
        return f"The files that were published have to lie beside this notebook: {shown(', '.join(cases.needs))}."
    return f"The cases lie in {shown(cases.name)}, beside this notebook." if cases.file is not None else ""


def _words(*paragraphs: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines("\n\n".join(filter(None, paragraphs)))}


def _code(text: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": _lines(text),
        "execution_count": None,
        "outputs": [],
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


_CURVE = """import matplotlib.pyplot as plt

plt.plot(range(1, len(losses) + 1), losses)
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()"""

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
