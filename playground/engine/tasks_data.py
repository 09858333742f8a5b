"""Tasks about data."""

from __future__ import annotations

from playground.core.experiment import Data
from playground.engine.tasks import Answer, Work, task
from playground.settings import cache_folder
from playground.training.frames import pack
from playground.training.prepared import prepare
from playground.training.probes import data_frame


@task
def facts(work: Work) -> Answer:
    """What a network on these data must fit, with the real size of every part, and the data as a picture."""
    work.progress(0.1, "Reading the data")
    prepared = prepare(Data.model_validate(work.arguments["data"]), cache=cache_folder())
    header, fields = data_frame(prepared)
    return Answer({"facts": prepared.facts.model_dump(mode="json")}, pack(header, fields))
