"""Loaded before anything is forked: reads one experiment of every template, so that all parts a document can name are
found and their forms are made. Without this each child, and the host, looked for them when the first person trained,
which took a third of a second of CPU time.
"""

from __future__ import annotations

from playground.core.experiment import Experiment
from playground.templates import templates

for _template in templates:
    Experiment.model_validate(_template().experiment().model_dump(mode="json"))
