"""Tasks that open what a person brings: parsed here, where it can neither slow the server down nor take it along."""

from __future__ import annotations

import base64
import binascii

from playground.engine.tasks import Answer, Work, task
from playground.imports import Imported, read


@task
def import_document(work: Work) -> Answer:
    """The project in `text`, or in the base64 of a file's `content`; `name` is the file's.

    Answers `source`, `project` (as in a project file), `remarks` (message, line, node) and `weights`, how many tensors
    the payload holds: a safetensors file by the names that building the network gives. Raises ValueError.
    """
    work.progress(0.1, "Reading")
    name = str(work.arguments.get("name") or "")[:200]
    content: bytes | str = str(work.arguments.get("text") or "")
    if "content" in work.arguments:
        try:
            content = base64.b64decode(str(work.arguments["content"]), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("The file did not arrive whole. Choose it once more.") from None
    return answer_of(read(content, name))


def answer_of(imported: Imported) -> Answer:
    """What is told of an import."""
    payload = b""
    if imported.weights:
        from safetensors.torch import save

        payload = save({name: tensor.contiguous() for name, tensor in imported.weights.items()})
    return Answer(
        {
            "source": imported.source,
            "project": imported.project.dump(),
            "remarks": [remark.dump() for remark in imported.remarks],
            "weights": len(imported.weights or ()),
        },
        payload,
    )
