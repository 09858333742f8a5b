"""Everything that is taken away, in the form that was asked for: one file, or several that lie beside each other."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playground.core.experiment import Experiment
from playground.export.cases import take_cases
from playground.export.notebook import to_notebook
from playground.export.onnx_model import to_onnx
from playground.export.parity import Parity, answers_of, compare, real_cases
from playground.export.rebuilt import CannotExport, rebuilt
from playground.export.source import to_source
from playground.export.weights import to_weights

if TYPE_CHECKING:
    import torch

    from playground.training.prepared import Prepared

EPOCH = (1980, 1, 1, 0, 0, 0)
"""When every file of an archive was made: the same export gives the same bytes."""


class Form(StrEnum):
    """What a network can be taken away as."""

    pytorch = "pytorch"
    notebook = "notebook"
    onnx = "onnx"
    weights = "weights"
    project = "project"


ENDINGS = {Form.pytorch: ".py", Form.notebook: ".ipynb", Form.onnx: ".onnx", Form.weights: ".safetensors"}


class Taken(NamedTuple):
    """Files by name, the one that was asked for first, and what a person has to know of them."""

    files: dict[str, bytes]
    parity: Parity | None = None
    needs: tuple[str, ...] = ()

    def packed(self) -> tuple[str, bytes]:
        """One file to hand over: the only one, or all of them in an archive."""
        name, content = next(iter(self.files.items()))
        if len(self.files) == 1:
            return name, content
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in self.files.items():
                archive.writestr(zipfile.ZipInfo(entry, EPOCH), data, zipfile.ZIP_DEFLATED)
        return f"{Path(name).stem}.zip", stream.getvalue()


def take(
    experiment: Experiment,
    form: Form,
    *,
    stem: str,
    title: str = "",
    purpose: str = "",
    state: Mapping[str, torch.Tensor] | None = None,
    prepared: Prepared | None = None,
) -> Taken:
    """Script, notebook, ONNX or weights; `stem` is the files' name. Without `state` these are the first weights.

    With `prepared` data the script also trains, and an ONNX file is compared on real cases. Raises CannotExport.
    """
    name = stem + ENDINGS[form]
    if form is Form.weights:
        return Taken({name: to_weights(experiment, state)})
    if form is Form.onnx:
        asked = None if prepared is None else prepared.transform(real_cases(prepared))
        made = to_onnx(experiment, state, title=title, cases=asked)
        return Taken({name: made.content}, made.parity)
    cases = None if prepared is None else take_cases(prepared, f"{stem}.npz")
    beside = None if state is None else f"{stem}.safetensors"
    if form is Form.pytorch:
        text = to_source(experiment, title=title, weights=beside, cases=cases)
    elif cases is None:
        raise CannotExport("A notebook trains, and its data are not on this machine. Take the PyTorch script instead.")
    else:
        text = to_notebook(experiment, cases=cases, title=title, purpose=purpose, weights=beside)
    files = {name: text.encode()}
    if beside is not None:
        files[beside] = to_weights(experiment, state)
    if cases is not None and cases.file is not None:
        files[cases.name] = cases.file
    return Taken(files, needs=cases.needs if cases is not None else ())


def tried(
    taken: Taken, experiment: Experiment, *, state: Mapping[str, torch.Tensor] | None, prepared: Prepared
) -> Taken:
    """The same script or notebook, after it was run elsewhere on real cases and compared. Raises CannotRun."""
    import torch

    weights = "learned.safetensors"
    raw = real_cases(prepared)
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        for name, content in {**taken.files, weights: to_weights(experiment, state)}.items():
            (Path(folder) / name).write_bytes(content)
        answers = answers_of(Path(folder), next(iter(taken.files)), weights, raw)
    with torch.no_grad():
        inputs = torch.from_numpy(prepared.transform(raw))
        expected = rebuilt(experiment, state).module(inputs).numpy()
    return taken._replace(parity=compare(answers, expected))
