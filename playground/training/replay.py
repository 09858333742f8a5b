"""A run again, from its first experiment and its ledger: the same bytes on the same build and kind of device."""

from __future__ import annotations

from collections.abc import Sequence

from playground.core.edits import LedgerEntry, Rewind
from playground.training.fit import fit
from playground.training.ledger import AnyEdit
from playground.training.run import Run, Tick
from playground.training.state import RunState

FOREVER = 2**62


def replay(run: Run, ledger: Sequence[LedgerEntry], *, step: int) -> RunState:
    """The state that a run with these edits had at `step`, after the last of them. `run` holds the first experiment.

    Steps that the ledger goes back to are kept on the way. Raises ValueError when an edit of the ledger is refused.
    """
    run.keep = frozenset(entry.edit.step for entry in ledger if isinstance(entry.edit, Rewind) and entry.edit.step > 0)
    run.halt_on_trouble = False
    run.stop_at = FOREVER  # where the run itself ended, and went on, is told by the ledger's steps
    ticks = fit(run)
    stops: list[tuple[int, AnyEdit | None]] = [(entry.step, entry.edit) for entry in ledger]
    tick: Tick | None = None
    for stop, edit in [*stops, (step, None)]:
        run.pause_at = stop
        while tick is None or tick.step < stop:
            tick = next(ticks)
        if edit is not None:
            tick = ticks.send(edit)
            if tick.edited is not None and tick.edited.refused is not None:
                raise ValueError(f"At step {stop:,}: {tick.edited.refused.message}")
    assert run.state is not None
    return run.state
