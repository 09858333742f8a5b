"""What pressing Train does: on a shared machine a run that takes long asks first."""

from __future__ import annotations

from typing import NamedTuple

from playground.core.experiment import Experiment
from playground.studio import admission
from playground.studio.admission import SmallVersion, Work
from playground.studio.checking import Understood
from playground.studio.desk import Desk, Sheet
from playground.studio.machine import Machine

SMALL_SHARE = 0.8
"""Part of a long run's time that a small version takes at most: it should not be asked about again."""
GREW = 1.1
"""How many times the work an edit must leave before a running run is asked about again."""


class Started(NamedTuple):
    """What became of it. `trouble`: why it cannot train. `small`: the version to play once the page has taken it."""

    trouble: str | None = None
    small: SmallVersion | None = None


async def start(
    desk: Desk,
    sheet: Sheet,
    *,
    how: str | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    admitted: bool = False,
) -> Started:
    """Train the project's run. `how`: the answer to an offer, as in the `command` message of the protocol. `admitted`:
    it is the small version that was offered."""
    if sheet.run.run is None or not sheet.run.loaded or sheet.run.state == "failed":
        await desk.begin_again(sheet)
    run, machine = sheet.run, desk.machine
    if how == "small" and sheet.understood.ok:
        run.offer = None
        small = admission.small_version(
            sheet.document,
            sheet.understood,
            machine.measured,
            within=min(admission.SMALL_SECONDS, SMALL_SHARE * machine.long_run),
            done=run.done,
            own=run.own_speed.per_step,
        )
        return Started(small=small)
    if how != "queue" and not admitted and steps is None and _asks_first(sheet, machine, epochs):
        return Started()
    return Started(run.play(steps=steps, epochs=epochs, when_free=how == "queue", instead=how == "instead"))


def look_again(sheet: Sheet, machine: Machine, before: tuple[Experiment, Understood]) -> bool:
    """After an edit: whether a running run pauses and asks, because there is much more to do than before."""
    if sheet.run.state != "running" or sheet.run.may_take_long or machine.measured is None:
        return False
    then, now = Work.of(*before), Work.of(sheet.document.experiment, sheet.understood)
    if then is None or now is None:
        return False
    was = then.seconds(before[0].training.epochs, machine.measured) or 0.0
    is_now = now.seconds(sheet.document.experiment.training.epochs, machine.measured) or 0.0
    if is_now < GREW * was or not _asks_first(sheet, machine, None):
        return False
    offer = sheet.run.offer
    sheet.run.pause()
    sheet.run.offer = offer
    return True


def _asks_first(sheet: Sheet, machine: Machine, epochs: int | None) -> bool:
    """Whether the run takes long on a machine that others need, too; then the offer is made."""
    if not machine.shared or not sheet.understood.ok:
        return False
    seconds = sheet.run.seconds_left(sheet.document.experiment, machine.measured, epochs=epochs)
    if seconds is None or seconds <= machine.long_run:
        return False
    sheet.run.ask(admission.long_run(seconds))
    return True
