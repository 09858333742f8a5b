"""The tables of the history. Every row says whose it is; nothing is listed or found without that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Float, ForeignKey, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A time in UTC. SQLite forgets the zone; here it comes back."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class Table(DeclarativeBase):
    """Every table of the history."""


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class ProjectRow(Table):
    """A drawing with its title, layout and notes, as it was saved last."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    run: Mapped[str | None] = mapped_column(String(64))
    """The run this project shows; it may have been deleted since."""
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    updated: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    touched: Mapped[int] = mapped_column(Integer, default=0, server_default="0", index=True)
    """Counts up over all projects: the one saved last has the largest, whatever the clock said."""


class RevisionRow(Table):
    """An earlier state of a project. Old ones are thinned out."""

    __tablename__ = "project_revisions"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(Moment, default=now)


class BlockRow(Table):
    """A block that its owner keeps for all projects."""

    __tablename__ = "blocks"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Text)
    layer: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The block as a part: its kind, its drawing, its face."""
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    updated: Mapped[datetime] = mapped_column(Moment, default=now)


class RunRow(Table):
    """One training. With its ledger and its first experiment it can be done again, byte for byte."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    project: Mapped[str | None] = mapped_column(String(64), index=True)
    template: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16))
    message: Mapped[str | None] = mapped_column(Text)
    experiment: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As it was at the start. What it became is in the ledger."""
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    seed: Mapped[int] = mapped_column(Integer)
    device: Mapped[str] = mapped_column(String(32), default="")
    stepper: Mapped[str] = mapped_column(String(32), default="")
    parameters: Mapped[int] = mapped_column(Integer, default=0)
    step: Mapped[int] = mapped_column(Integer, default=0)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    """Time spent training, pauses left out."""
    environment: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    test_reads: Mapped[int] = mapped_column(Integer, default=0)
    """How often numbers of the test part were read for this run."""
    sealed_opened: Mapped[datetime | None] = mapped_column(Moment)
    """When the sealed part was opened for this run; None: never."""
    created: Mapped[datetime] = mapped_column(Moment, default=now)
    updated: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    number: Mapped[int] = mapped_column(Integer, default=0, server_default="0", index=True)
    """Runs count in the order they began, whatever the clock said."""


class MetricRow(Table):
    """One point of a run's curves."""

    __tablename__ = "metrics"
    __table_args__ = (Index("ix_metrics_run_step", "run", "step"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    owner: Mapped[str] = mapped_column(String(64))
    step: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[float] = mapped_column(Float)
    """Epochs done, with their fraction."""
    values: Mapped[dict[str, Any]] = mapped_column(JSON)


class LedgerRow(Table):
    """One edit of a run and the step after which it was applied."""

    __tablename__ = "ledger"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    """0, 1, 2 …: edits count in their order, for after a rewind their steps do not grow."""
    owner: Mapped[str] = mapped_column(String(64))
    step: Mapped[int] = mapped_column(Integer)
    edit: Mapped[dict[str, Any]] = mapped_column(JSON)
    kept: Mapped[int | None] = mapped_column(Integer)
    new: Mapped[int | None] = mapped_column(Integer)
    created: Mapped[datetime] = mapped_column(Moment, default=now)


class CheckpointRow(Table):
    """A complete file of weights in the run's folder."""

    __tablename__ = "checkpoints"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    file: Mapped[str] = mapped_column(String(128), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    step: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(Moment, default=now)
