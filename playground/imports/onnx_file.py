"""An ONNX file as a project: what the file is, whether it is whole, and whether the drawing gives its answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from playground.core.facts import Shape
from playground.core.files import Project
from playground.core.reading import Refused, megabytes, visible
from playground.core.shapes import check
from playground.imports.imported import Imported, Remarks, laid_out, state_of, with_remarks
from playground.imports.onnx_graph import Graph
from playground.imports.surroundings import Wishes, experiment_for, facts_of
from playground.imports.traced import Drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

MOST_NUMBERS = 200_000_000
"""Weights of the largest network; as many as a drawing may have."""
MOST_OPERATORS = 5_000
TOLERANCE = 1e-4
"""Largest difference to onnxruntime, relative to answers above 1."""
SIZES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
"""Bytes of one number, by the types of ONNX."""


def read_onnx(content: bytes, *, name: str = "") -> Imported:
    """The drawing and the weights in an ONNX file. Raises Refused with a sentence that says what is wrong, or which
    operators have no layer here."""
    model = _parse(content)
    _look_at_sizes(model)
    shape = _input_shape(model)
    remarks = Remarks()
    if len(model.graph.output) > 1:
        remarks.add(f"The file has {len(model.graph.output)} outputs; the first is drawn.")
    drawn = Graph(model, shape, remarks).drawn()
    checked = check(drawn.network, facts_of(shape))
    if not checked.ok or checked.output is None:
        first = next((note.message for note in checked.diagnostics if note.severity == "error"), "")
        raise Refused(f"The drawing of this file has an error, so it was not opened. {first}")
    experiment = experiment_for(drawn.network, shape, Wishes(task=_task(drawn), exact=True), remarks)
    try:
        weights = state_of(experiment, drawn.weights)
    except ValueError as problem:
        raise Refused(f"The weights in this file do not fit its operators. {problem}") from None
    _compare(content, shape, experiment, weights, model)
    remarks.add(f"The drawing gives the answers of the file, to {TOLERANCE:g}. Its weights came along.")
    remarks.add("A run that is started here begins with fresh weights; exports use those of the file.")
    found = remarks.all()
    title = visible(name.rpartition("/")[2].removesuffix(".onnx"))[:80].strip() or "ONNX file"
    project = Project(title=title, experiment=experiment, layout=laid_out(drawn.network))
    return Imported(with_remarks(project, found), "onnx", found, weights)


def _parse(content: bytes) -> Any:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    whole = Refused("This is no ONNX file, or not all of one. Export it again and bring the new file.")
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError, TypeError, RecursionError):
        raise whole from None
    if not model.graph.node or not model.graph.output:
        raise whole
    if len(model.graph.node) > MOST_OPERATORS:
        raise Refused(f"This file has {len(model.graph.node):,} operators; at most {MOST_OPERATORS:,} are read.")
    if model.functions:
        try:
            from onnx.inliner import inline_local_functions

            model = inline_local_functions(model)
        except Exception as problem:
            raise Refused("This file has functions of its own that cannot be written out.") from problem
    return model


def _look_at_sizes(model: Any) -> None:
    """Weights that are elsewhere, that are too many, or that are not as many as the file says."""
    total = 0
    for tensor in model.graph.initializer:
        name = visible(tensor.name)[:40]
        if tensor.data_location == 1 or tensor.external_data:
            raise Refused(
                f"The weights of this file ({name!r} and more) lie in another file beside it. "
                "Export it again as one file, without external data."
            )
        if any(length < 0 for length in tensor.dims):
            raise Refused(f"The weights {name!r} have a negative length. The file is damaged.")
        numbers = math.prod(tensor.dims)
        total += numbers
        if total > MOST_NUMBERS:
            raise Refused(
                f"This file says it holds more than {MOST_NUMBERS:,} weights ({megabytes(4 * total)}); no larger network "
                "is opened."
            )
        size = SIZES.get(tensor.data_type)
        typed = tensor.float_data or tensor.int64_data or tensor.int32_data or tensor.double_data or tensor.uint64_data
        if size is not None and numbers and len(tensor.raw_data) != numbers * size and len(typed) != numbers:
            raise Refused(f"The weights {name!r} should be {numbers:,} numbers and are not. The file is damaged.")


def _input_shape(model: Any) -> Shape:
    """Lengths of the one input without the batch."""
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in constants]
    if len(inputs) != 1:
        raise Refused(f"This file has {len(inputs)} inputs; networks here have one.")
    name, kind = visible(inputs[0].name)[:40], inputs[0].type.tensor_type
    if kind.elem_type not in (1, 10, 11):
        raise Refused(
            f"The input {name!r} takes no ordinary numbers (it may take words); such networks are not drawn yet."
        )
    axes = list(kind.shape.dim)
    if len(axes) < 2:
        raise Refused(f"The input {name!r} has {len(axes)} axes; expected the batch and at least one more.")
    lengths: list[int] = []
    for place, axis in enumerate(axes[1:], start=1):
        if axis.WhichOneof("value") != "dim_value":
            said = f" ({visible(axis.dim_param)[:20]!r})" if axis.dim_param else ""
            raise Refused(
                f"Axis {place} of the input {name!r} has no fixed length{said}. Export it with numbers for all but the batch."
            )
        if not 1 <= axis.dim_value <= 65_536:
            raise Refused(f"Axis {place} of the input {name!r} has the length {axis.dim_value}; 1 to 65,536 work here.")
        lengths.append(int(axis.dim_value))
    return tuple(lengths)


def _task(drawn: Drawn) -> Any:
    """What is asked, by the activation at the end."""
    end = next(iter(drawn.network.incoming("output"))).source
    layer = drawn.network[end].layer
    bend = getattr(layer, "activation", None) or layer
    return {"softmax": "classes", "sigmoid": "binary"}.get(bend.kind)


def _compare(content: bytes, shape: Shape, experiment: Any, weights: Mapping[str, torch.Tensor], model: Any) -> None:
    """Run the file and the drawing on the same cases."""
    import numpy as np
    import onnxruntime
    import torch

    from playground.training.build import build

    first = model.graph.input[0].type.tensor_type
    wanted = next(one for one in model.graph.input if one.name not in {t.name for t in model.graph.initializer})
    batch = wanted.type.tensor_type.shape.dim[0].dim_value or 3
    if not 1 <= batch <= 64:
        raise Refused(f"The file is made for batches of {batch:,}. Export it for any batch, or for one case.")
    kinds = {1: np.float32, 10: np.float16, 11: np.float64}
    cases = np.random.default_rng(0).standard_normal((batch, *shape)).astype(kinds[first.elem_type or 1])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        theirs = session.run([model.graph.output[0].name], {wanted.name: cases})[0]
    except Exception as problem:  # noqa: BLE001  # onnxruntime raises what it likes
        text = visible(" ".join(str(problem).split()))[:160]
        raise Refused(f"onnxruntime cannot run this file, so nothing can be compared with it: {text}") from None
    role, network = next(iter(experiment.networks.items()))
    built = build(check(network, experiment.data.facts()), seed=experiment.seed, role=role)
    built.module.load_state_dict(dict(weights))
    built.module.eval()
    with torch.no_grad():
        ours = built.module(torch.from_numpy(cases.astype(np.float32))).numpy()
    theirs = np.asarray(theirs, np.float32).reshape(len(cases), -1)
    ours = ours.reshape(len(cases), -1)
    difference = math.inf
    if ours.shape == theirs.shape:
        difference = float(np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)), initial=0))
    if not difference <= TOLERANCE:
        raise Refused(
            f"The drawing of this file answers differently from the file itself (by {difference:.1g}), so it was not "
            "opened. Please report which program wrote it."
        )
