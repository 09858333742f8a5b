"""What happens goes into the history: each event that is worth keeping becomes one call of the recorder."""

from __future__ import annotations

from playground.engine.messages import (
    CheckpointsRemoved,
    CheckpointWritten,
    LedgerGrew,
    Message,
    Metrics,
    RunChanged,
    TestRead,
)
from playground.runs.recorder import Recorder


def record(event: Message, recorder: Recorder) -> None:
    """Enter an event, if it belongs into the history. Returns at once."""
    match event:
        case RunChanged():
            recorder.run_changed(
                event.run,
                state=event.state,
                step=event.step,
                epoch=event.epoch,
                seconds=event.seconds,
                parameters=event.parameters or None,
                device=event.device,
                stepper=event.stepper or None,
                message=event.message,
                environment=event.environment,
            )
        case Metrics():
            recorder.metrics(event.run, event.points, reset=event.reset)
        case LedgerGrew():
            recorder.ledger(
                event.run,
                position=event.position,
                step=event.step,
                edit=event.edit,
                kept=event.kept,
                new=event.new,
            )
        case CheckpointWritten():
            recorder.checkpoint(
                event.run,
                file=event.file,
                step=event.step,
                epoch=event.epoch,
                sha256=event.sha256,
                purpose=event.purpose,
            )
        case CheckpointsRemoved():
            recorder.forget_checkpoints(event.run, event.files)
        case TestRead():
            recorder.read_test(event.run, event.times)
