"""A network as an ONNX file, for runtimes without PyTorch."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.core.experiment import Experiment
from playground.export.learning import loss_of
from playground.export.parity import Parity, compare
from playground.export.rebuilt import CannotExport, rebuilt
from playground.export.source import RAW, remark

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-4
"""Largest difference to PyTorch, relative to answers above 1."""


class OnnxFile(NamedTuple):
    """An ONNX file, and how its answers compare with PyTorch's."""

    content: bytes
    parity: Parity


def to_onnx(
    experiment: Experiment,
    state: Mapping[str, torch.Tensor] | None = None,
    *,
    role: str | None = None,
    title: str = "",
    cases: Any = None,
) -> OnnxFile:
    """An ONNX file with one input `inputs` [batch, …] and one output `answers` [batch, k], for any batch size.

    Inputs are as the network sees them, after preparation; answers are raw; its metadata say what both mean. The file
    is run and compared with PyTorch before it is handed out: on `cases`, prepared inputs, or else on random ones.
    Raises CannotExport.
    """
    import torch

    built = rebuilt(experiment, state, role)
    shape = experiment.data.facts().input_shape
    # Two cases: a batch of one would be taken for a fixed length.
    example = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    with _in_silence(), torch.no_grad():
        program = torch.onnx.export(
            built.module,
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=["inputs"],
            output_names=["answers"],
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _forget_origin(model)
    _describe(model, experiment, title)
    content: bytes = model.SerializeToString()
    real = cases is not None
    more = torch.from_numpy(cases) if real else torch.randn(5, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        parity = compare(run_onnx(content, more.numpy()), built.module(more).numpy(), tolerance=TOLERANCE, real=real)
    if not parity.same:
        raise CannotExport(
            f"The ONNX file answers differently from PyTorch (by {parity.largest:.1g}); it is not written. "
            "Export PyTorch source instead."
        )
    return OnnxFile(content, parity)


@contextmanager
def _in_silence() -> Iterator[None]:
    """The exporter warns about its own insides and about libraries it does not find; nobody here can act on that."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def run_onnx(content: bytes, inputs: Any) -> Any:
    """The answers of an ONNX file to a numpy batch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"inputs": inputs})[0]


def _describe(model: Any, experiment: Experiment, title: str) -> None:
    """What whoever runs the file has to know: `title`, `data`, `classes`, `inputs` and `answers` of its metadata."""
    facts = experiment.data.facts()
    loss = loss_of(experiment)
    steps = ", ".join(step.title for step in experiment.data.preparation)
    told = {
        "title": remark(title),
        "data": remark(experiment.data.dataset.title),
        "classes": json.dumps(list(facts.classes)) if facts.classes else "",
        "inputs": f"float32 [batch, {', '.join(map(str, facts.input_shape))}]" + (f", after {steps}" if steps else ""),
        "answers": f"Raw. {RAW.get(loss.answer, '') if loss is not None else ''}".strip(),
    }
    for key, value in told.items():
        if value:
            model.metadata_props.add(key=key, value=value)


def _forget_origin(model: Any) -> None:
    """The exporter notes file names of this machine beside every node; they are nobody's business."""
    model.producer_name, model.doc_string = "playground", ""
    graph = model.graph
    for item in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        item.ClearField("metadata_props")
        if item is not model:
            item.ClearField("doc_string")
    for function in model.functions:
        function.ClearField("metadata_props")
        for node in function.node:
            node.ClearField("metadata_props")
