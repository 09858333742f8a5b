"""Whether what is taken away answers as the network here does: run elsewhere, on real cases, compared number by number."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from playground.training.prepared import Prepared
    from playground.training.split import PartName

    Array = np.ndarray[Any, Any]

TOLERANCE = 1e-6
"""Largest difference of a script's answers, relative to answers above 1: float32, CPU, eval mode."""
CASES = 64
"""Cases that are compared."""
SECONDS = 90
"""How long a script may take to answer them."""
ANSWERED = "answered.npy"


class CannotRun(ValueError):
    """An exported file that does not run. The message is the sentence a person reads."""


class Parity(NamedTuple):
    """What comparing gave. `largest` is the largest difference, relative to answers above 1, at case `worst`."""

    largest: float
    cases: int
    tolerance: float
    worst: int
    real: bool = True

    @property
    def same(self) -> bool:
        """Whether the answers count as equal."""
        return self.largest <= self.tolerance

    @property
    def sentence(self) -> str:
        """For the person who takes it away."""
        of = f"{self.cases} {'real test' if self.real else 'random'} case{'' if self.cases == 1 else 's'}"
        if self.largest == 0:
            return f"Same outputs: no difference on {of}."
        if self.same:
            return f"Same outputs: largest difference {self.largest:.1e} on {of}."
        return (
            f"Other outputs: they differ by up to {self.largest:.1e} on {of}, most at case {self.worst}; "
            f"{self.tolerance:.0e} is allowed."
        )


def compare(answers: Array, expected: Array, *, tolerance: float = TOLERANCE, real: bool = True) -> Parity:
    """Answers of an export beside those of the network here, case by case. Numbers that are none count as different."""
    import numpy as np

    if answers.shape != expected.shape:
        raise CannotRun(f"It answers numbers of shape {answers.shape}; the network here answers {expected.shape}.")
    difference = np.abs(answers.astype(float) - expected) / np.maximum(1, np.abs(expected.astype(float)))
    each = np.where(np.isfinite(difference), difference, np.inf).reshape(len(answers), -1).max(axis=1)
    both_none = (np.isnan(answers) & np.isnan(expected)).reshape(len(answers), -1).all(axis=1)
    each = np.where(both_none, 0.0, each)
    return Parity(float(each.max()), len(answers), tolerance, int(each.argmax()), real)


def real_cases(prepared: Prepared) -> Array:
    """Raw inputs of up to CASES cases, spread over the part that judges, or over what there is to train on."""
    import numpy as np

    parts: tuple[PartName, ...] = ("test", "validation", "train")
    inputs = prepared.inputs(next(part for part in parts if prepared.size(part)))
    rows = np.unique(np.linspace(0, len(inputs) - 1, min(len(inputs), CASES)).astype(int))
    return np.asarray(inputs[rows])


def answers_of(folder: Path, file: str, weights: str, raw: Array) -> Array:
    """What the script or notebook in this folder answers to raw cases with these weights.

    It runs in a process of its own: no module but those of the environment, no network, a limited time. Raises CannotRun.
    """
    import numpy as np

    np.save(folder / "asked.npy", raw)
    command = [sys.executable, "-I", "-c", _RUN, file, weights, str(SECONDS)]
    kept = {name: value for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR") if (value := os.environ.get(name))}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    try:
        done = subprocess.run(
            command, cwd=folder, env=kept | one, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotRun(f"The exported file did not answer within {SECONDS} seconds.") from None
    if done.returncode != 0 or not (folder / ANSWERED).is_file():
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1][:200]
        raise CannotRun(f"The exported file does not run: {last}")
    answers: Array = np.load(folder / ANSWERED, allow_pickle=False)
    return answers


_RUN = """
import json, runpy, signal, sys
from pathlib import Path

file, weights, seconds = sys.argv[1:]
if hasattr(signal, "alarm"):
    signal.alarm(int(seconds))  # whoever started us may be gone by then

def refuse(event, arguments):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.", "os.exec", "os.fork")):
        raise PermissionError(f"{event} is not for an exported file")

import numpy as np, torch, safetensors.torch
torch.set_num_threads(1)
sys.addaudithook(refuse)
if file.endswith(".ipynb"):
    cells = json.loads(Path(file).read_text("utf-8"))["cells"]
    scope = {"__name__": "exported"}
    for cell in cells:
        if "definition" in cell["metadata"].get("tags", ()):
            exec(compile("".join(cell["source"]), file, "exec"), scope)
else:
    scope = runpy.run_path(file, run_name="exported")
network = scope["load"](Path(weights))
with torch.no_grad():
    asked = torch.from_numpy(np.load("asked.npy", allow_pickle=False))
    np.save("answered.npy", network(scope["prepare"](asked)).numpy())
"""
