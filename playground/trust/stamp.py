"""The stamp: OK, CAUTION, WITHHELD or NOT TESTED, from the checks that ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from playground.trust.thresholds import VERSION

Status = Literal["pass", "caution", "fail", "not_run", "not_applicable"]
Word = Literal["OK", "CAUTION", "WITHHELD", "NOT TESTED"]


class Check(NamedTuple):
    """One check of one explanation. `sentence` says what was found, with its number, for a person."""

    id: str
    title: str
    status: Status
    sentence: str
    value: float | None = None
    threshold: float | None = None
    direction: Literal["below", "above"] = "below"
    control: tuple[float, float] | None = None
    """Range of the random control, where there is one."""

    def dump(self) -> dict[str, Any]:
        """JSON form."""
        return {**self._asdict(), "control": list(self.control) if self.control else None}


class Stamp(NamedTuple):
    """The verdict and its one sentence. `passed` of `of` applicable checks were green."""

    word: Word
    passed: int
    of: int
    sentence: str

    def dump(self) -> dict[str, Any]:
        """JSON form, with the version of the thresholds."""
        return {**self._asdict(), "thresholds": VERSION}


def stamp(checks: Sequence[Check]) -> Stamp:
    """WITHHELD if any check failed; OK only if every applicable one is green and ran; else CAUTION."""
    applicable = [check for check in checks if check.status != "not_applicable"]
    ran = [check for check in applicable if check.status != "not_run"]
    passed = sum(check.status == "pass" for check in applicable)
    if not ran:
        return Stamp("NOT TESTED", 0, len(applicable), "No check applied to this explanation.")
    failed = [check for check in ran if check.status == "fail"]
    if failed:
        return Stamp("WITHHELD", passed, len(applicable), f"Withheld. {failed[0].sentence}")
    if passed == len(applicable):
        sentence = f"Passed {passed} of {passed} checks listed; this does not prove the reasons are true."
        return Stamp("OK", passed, passed, sentence)
    weak = next(check for check in applicable if check.status != "pass")
    return Stamp("CAUTION", passed, len(applicable), weak.sentence)
