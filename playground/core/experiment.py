"""An experiment is everything that decides the numbers of a run: networks, data, objective, training, seed."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from playground.core.contracts import Dataset, Metric, Objective, Optimizer, PreparationStep, Schedule
from playground.core.facts import Facts
from playground.core.network import Network
from playground.core.part import AnyPart, FromList, Value


class Split(Value):
    """Shares of the four parts. The sealed part is read by nothing until it is opened for one named run."""

    train: float = Field(0.7, gt=0, le=1, description="Share of cases to learn from.")
    validation: float = Field(0.1, ge=0, lt=1, description="Share to choose settings by.")
    test: float = Field(0.1, ge=0, lt=1, description="Share to judge by. Every reading is counted.")
    sealed: float = Field(0.1, ge=0, lt=1, description="Share that nothing reads before it is opened.")
    stratify: bool = Field(True, description="Whether every part keeps the mix of classes.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Which shuffling decides the parts.")

    @model_validator(mode="after")
    def _shares(self) -> Self:
        total = self.train + self.validation + self.test + self.sealed
        if total > 1 + 1e-9:
            raise ValueError(f"The parts add up to {total:.2f}; they may add up to 1.")
        return self


class Data(Value):
    """Which cases, prepared how, split how."""

    dataset: Annotated[Dataset, AnyPart("datasets")]
    preparation: Annotated[tuple[Annotated[PreparationStep, AnyPart("preparation")], ...], FromList] = Field(
        (), max_length=20
    )
    split: Split = Split()

    def facts(self) -> Facts:
        """What the network sees: the data set's facts after every step."""
        facts = self.dataset.facts()
        for step in self.preparation:
            facts = step.facts(facts)
        return facts


class Training(Value):
    """How a run goes through the data."""

    optimizer: Annotated[Optimizer, AnyPart("optimizers")]
    schedule: Annotated[Schedule, AnyPart("schedules")]
    batch_size: int = Field(32, ge=1, le=65_536, description="Cases in one update.")
    epochs: int = Field(20, ge=1, le=100_000, description="How often every training case is seen.")


class Experiment(Value):
    """The whole of it. Layout, title and notes stand beside it, in the project."""

    networks: dict[str, Network] = Field(min_length=1, max_length=8)
    data: Data
    objective: Annotated[Objective, AnyPart("objectives")]
    training: Training
    metrics: Annotated[tuple[Annotated[Metric, AnyPart("metrics")], ...], FromList] = Field((), max_length=12)
    seed: int = Field(0, ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _roles(self) -> Self:
        for role in self.networks:
            if not role.isidentifier() or len(role) > 40:
                raise ValueError(f"{role[:50]!r} is not a role: use a word such as 'model' or 'generator'.")
        return self

    @property
    def network(self) -> Network:
        """The first network; most experiments have only one."""
        return next(iter(self.networks.values()))

    def with_network(self, network: Network, role: str | None = None) -> Experiment:
        """The same experiment with one network replaced."""
        name = role or next(iter(self.networks))
        return self.with_(networks={**self.networks, name: network})
