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
    limited = how == "queue" or admitted or steps is not None
    if not limited and _asks_first(sheet, machine, epochs):
        return Started()
    # Before any worker has found out how fast it is, nobody can tell; then it is looked at once that is known.
    unknown = machine.shared and run.seconds_left(sheet.document.experiment, machine.measured) is None
    trouble = run.play(steps=steps, epochs=epochs, when_free=how == "queue", instead=how == "instead")
    run.not_estimated = unknown and not limited
    return Started(trouble)


def look_at_late(sheet: Sheet, machine: Machine) -> bool:
    """Whether a run that began when nothing was known of its speed pauses and asks, now that it is known."""
    run = sheet.run
    if run.state != "running" or not run.not_estimated:
        return False
    run.not_estimated = run.seconds_left(sheet.document.experiment, machine.measured) is None
    return not run.not_estimated and _asks_first(sheet, machine, None) and _pause_and_ask(sheet)


def look_again(sheet: Sheet, machine: Machine, before: tuple[Experiment, Understood]) -> bool:
    """After an edit: whether a running run pauses and asks, because there is much more to do than before."""
    if sheet.run.state != "running" or sheet.run.may_take_long or machine.measured is None:
        return False
    then, now = Work.of(*before), Work.of(sheet.document.experiment, sheet.understood)
    if then is None or now is None:
        return False
    was = then.seconds(before[0].training.epochs, machine.measured) or 0.0
    is_now = now.seconds(sheet.document.experiment.training.epochs, machine.measured) or 0.0
    return is_now >= GREW * was and _asks_first(sheet, machine, None) and _pause_and_ask(sheet)


def _pause_and_ask(sheet: Sheet) -> bool:
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
