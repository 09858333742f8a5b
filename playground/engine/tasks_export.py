"""Taking a network away, tried before it is handed out: it runs elsewhere and must answer as the network here does."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import torch

from playground.core.experiment import Experiment
from playground.engine.job_opening import shipped
from playground.engine.tasks import Answer, Work, task
from playground.export.taken import Form, Taken, take, tried
from playground.runs.records import NotFound
from playground.settings import cache_folder
from playground.training.frames import Field, pack
from playground.training.prepared import prepare

LARGEST = 16 * 2**20
"""Bytes of one file that goes to a page."""
FIRST_WEIGHTS = "Nothing was trained yet: these are the first weights."


@task
def export(work: Work) -> Answer:
    """A network in one `form`: of `experiment`, or with the newest weights of `run`, as that run had drawn it; with the
    shipped `weights` where it began with those and has kept none.

    The answer says `file`, `bytes`, `step`, `same` and `sentence` of the comparison, and `notes`; its payload holds the file.
    """
    form = Form(str(work.arguments["form"]))
    title = str(work.arguments.get("title") or "")
    experiment = Experiment.model_validate(work.arguments["experiment"])
    state, step, notes = None, None, list[str]()
    run, weights = str(work.arguments.get("run") or ""), str(work.arguments.get("weights") or "")
    if run:
        experiment, state, step, notes = _learned(work, run, experiment, weights)
    if state is None:
        notes.append(FIRST_WEIGHTS)
    work.progress(0.1, "Reading the data")
    prepared = prepare(experiment.data, cache=cache_folder())
    work.progress(0.3, "Writing it")
    purpose = str(work.arguments.get("purpose") or "")
    taken = take(experiment, form, stem=stem(title), title=title, purpose=purpose, state=state, prepared=prepared)
    if form in (Form.pytorch, Form.notebook):
        work.progress(0.5, "Running it elsewhere, to compare")
        taken = tried(taken, experiment, state=state, prepared=prepared)
    if taken.needs:
        notes.append(f"To train, put beside it: {', '.join(taken.needs)}.")
    return _handed_over(work, taken, {"step": step, "notes": notes, "run": run, "test_reads": int(bool(run))})


def stem(title: str) -> str:
    """A file's name of letters and digits, whatever the title."""
    return "-".join(re.findall(r"[A-Za-z0-9]+", title))[:40].lower() or "network"


def _learned(
    work: Work, run: str, drawn: Experiment, weights: str
) -> tuple[Experiment, Mapping[str, torch.Tensor] | None, int | None, list[str]]:
    """What the run had drawn when its newest weights were kept, and what there is to say about that."""
    try:
        snapshot = work.snapshot(run)
    except ValueError as problem:
        if not isinstance(problem.__context__, NotFound):
            raise
        # The run has kept no weights yet: it stands where it began.
        found = shipped(weights, drawn)
        if found is None:
            return drawn, None, None, []
        snapshot = found[0]
    experiment = snapshot.experiment
    role = next(iter(experiment.networks))
    notes = []
    if experiment.fingerprint() != drawn.fingerprint():
        notes.append(f"This is the network of step {snapshot.step:,}; what was changed since is not in it.")
    return experiment, snapshot.weights(role), snapshot.step, notes


def _handed_over(work: Work, taken: Taken, said: dict[str, object]) -> Answer:
    name, content = taken.packed()
    if len(content) > LARGEST:
        raise ValueError(
            f"This file would have {len(content) / 2**20:.0f} MB; a page takes {LARGEST // 2**20}. "
            "Use playground export on the machine itself."
        )
    parity = taken.parity
    result = {
        **said,
        "file": name,
        "bytes": len(content),
        "same": None if parity is None else parity.same,
        "sentence": None if parity is None else parity.sentence,
    }
    header = {"type": "export", "task": work.arguments.get("task", ""), "name": name}
    return Answer(result, pack(header, [Field("file", np.frombuffer(content, np.uint8))]))
