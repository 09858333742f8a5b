"""A network as an ONNX file, for runtimes without PyTorch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playground.core.experiment import Experiment
from playground.export.rebuilt import CannotExport, rebuilt

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-4
"""Largest difference to PyTorch, relative to answers above 1."""


def to_onnx(
    experiment: Experiment, state: Mapping[str, torch.Tensor] | None = None, *, role: str | None = None
) -> bytes:
    """An ONNX file with one input `inputs` [batch, …] and one output `answers` [batch, k], for any batch size.

    Inputs are as the network sees them, after preparation; answers are raw. The file is run once and compared with
    PyTorch before it is handed out. Raises CannotExport.
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
    content: bytes = model.SerializeToString()
    more = torch.randn(5, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        _compare(run_onnx(content, more.numpy()), built.module(more).numpy())
    return content


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


def _compare(answers: Any, expected: Any) -> None:
    import numpy as np

    difference = float(np.max(np.abs(answers - expected) / np.maximum(1, np.abs(expected))))
    if not difference <= TOLERANCE:
        raise CannotExport(
            f"The ONNX file answers differently from PyTorch (by {difference:.1g}); it is not written. "
            "Export PyTorch source instead."
        )


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
