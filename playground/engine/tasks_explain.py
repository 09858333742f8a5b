"""The task that explains one answer of a stored run."""

from __future__ import annotations

import numpy as np

from playground.engine.tasks import Answer, Work, task
from playground.engine.tasks_cases import case_of, opened
from playground.explainers import explainers
from playground.training.frames import Field, pack
from playground.trust.explanation import Case
from playground.trust.explanation import explain as explain_one

PRELOAD = ("captum.attr",)


@task
def explain(work: Work) -> Answer:
    """One test case by one method, with its checks, on a frozen rebuild of the run's newest weights."""
    work.progress(0.02, "Reading the run")
    explainer = explainers.read(work.arguments.get("method") or {"kind": "integrated_gradients"})
    run = opened(work)
    number = int(work.arguments.get("case") or 0)
    raw, truth = case_of(run, number)
    target = work.arguments.get("target")
    result, arrays = explain_one(
        run.frozen,
        run.prepared,
        explainer,
        Case(number, np.asarray(raw), truth),
        target=None if target is None else int(target),
        progress=work.progress,
    )
    fields = [
        Field(name, values, {"maximum": float(np.abs(values).max())} if values.dtype != np.uint8 else {})
        for name, values in arrays.items()
    ]
    header = {"type": "explanation", "run": run.run, "task": work.arguments.get("task", "")}
    result = {**result, "run": run.run, "step": run.step, "test_reads": 1}
    return Answer(result, pack(header, fields))
