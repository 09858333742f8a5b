"""Where a run computes, and the random states that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


class NoSuchDevice(ValueError):
    """A device this machine does not have."""


def find_device(wish: str = "auto") -> torch.device:
    """The device for `auto`, `cpu`, `cuda`, `cuda:1` or `mps`. Raises NoSuchDevice."""
    if wish == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    kind, _, number = wish.partition(":")
    enough = not number or (
        number.isdecimal() and len(number) < 9 and int(number) < (torch.cuda.device_count() if kind == "cuda" else 1)
    )
    if not there.get(kind, False) or not enough:
        have = ", ".join(name for name, present in there.items() if present)
        raise NoSuchDevice(f"This machine has no device {wish[:40]!r}; it has {have}. Use 'auto' to take the best.")
    return torch.device(wish)


_TINY = torch.tensor(1e-40)


@contextmanager
def without_denormals() -> Iterator[None]:
    """Inside, what is smaller than 10⁻³⁸ counts as zero on the CPU.

    Where a pixel is always black, Adam's moments fade to such numbers and stay there; the processor takes many times as
    long over each of them.
    """
    if float(_TINY * 1) == 0 or not torch.set_flush_denormal(True):  # so already, or this processor cannot
        yield
        return
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


class Randomness:
    """A run's own random states, in place of torch's global ones while the run works.

    Dropout draws from the global state. Putting ours in for each slice, and the other back after it, makes a run give
    the same bytes whatever else runs in the process.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.device = device
        self.states: dict[str, torch.Tensor] = {"cpu": generator.get_state()}
        if device.type == "cuda":
            self.states["cuda"] = torch.Generator(device).manual_seed(seed).get_state()
        elif device.type == "mps":
            self.states["mps"] = torch.Generator("mps").manual_seed(seed).get_state()
        self._outside: dict[str, torch.Tensor] | None = None

    def __enter__(self) -> None:
        self._outside = self.outside()
        self.put(self.states)

    def __exit__(self, *problem: object) -> None:
        assert self._outside is not None
        self.states = self.outside()
        self.put(self._outside)
        self._outside = None

    def copy(self) -> dict[str, torch.Tensor]:
        """The states as they are now, inside a slice or outside."""
        states = self.states if self._outside is None else self.outside()
        return {kind: state.clone() for kind, state in states.items()}

    def load(self, states: dict[str, torch.Tensor]) -> None:
        """Go on from these states. A state of another kind of device is left out."""
        kept = {kind: states[kind].clone() for kind in self.states if kind in states}
        self.states = {**self.states, **kept}
        if self._outside is not None:
            self.put(self.states)

    def outside(self) -> dict[str, torch.Tensor]:
        """torch's global random states as they are now."""
        states = {"cpu": torch.default_generator.get_state()}
        if self.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(self.device)
        elif self.device.type == "mps":
            states["mps"] = torch.mps.get_rng_state()
        return states

    def put(self, states: dict[str, torch.Tensor]) -> None:
        """Make these torch's global random states."""
        torch.default_generator.set_state(states["cpu"])
        if "cuda" in states:
            torch.cuda.set_rng_state(states["cuda"], self.device)
        elif "mps" in states:
            torch.mps.set_rng_state(states["mps"])
