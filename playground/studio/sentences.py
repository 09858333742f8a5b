"""What the page says about a run, in the words of the first lesson."""

from __future__ import annotations

from collections.abc import Mapping

from playground.core.facts import Facts
from playground.core.network import Network, Node
from playground.core.shapes import title_of

HEADLINE = "This is a neural network. {points} are its data."
TRAINED_BEFORE = "It was trained before you came. Press ▶ to watch it learn again from nothing."
GUESSING = 0.25
"""Share of the way from chance to perfect below which a network is said to guess."""
CASES = {"plane": "points", "image": "pictures", "table": "cases"}


def opening(facts: Facts) -> str:
    """The headline of the first page, and what to do."""
    points = " and ".join(f"{name} points" for name in facts.classes) if facts.view == "plane" else ""
    headline = HEADLINE.format(points=points.capitalize() or "The pictures and tables")
    return f"{headline}\n{TRAINED_BEFORE}"


def at_step(step: int, values: Mapping[str, float], facts: Facts | None) -> str:
    """ "Step 300 · loss 0.02 · 99 of 100 test points right"."""
    parts = [f"Step {step:,}"]
    loss = next((values[name] for name in ("test_loss", "validation_loss", "train_loss") if name in values), None)
    if loss is not None:
        parts.append(f"loss {short(loss)}")
    verdict = judge(values, facts)
    return " · ".join([*parts, verdict] if verdict else parts)


def judge(values: Mapping[str, float], facts: Facts | None) -> str | None:
    """How good it is, counted in cases."""
    if facts is None:
        return None
    for part, words in (("test", "test"), ("validation", "validation"), ("train", "training")):
        share = values.get(f"{part}_accuracy")
        if share is None:
            continue
        kinds = max(2, len(facts.classes))
        if share < 1 / kinds + GUESSING * (1 - 1 / kinds):
            return "it is guessing"
        cases = facts.samples.get(part, 0)
        if cases:
            return f"{round(share * cases):,} of {cases:,} {words} {CASES[facts.view]} right"
        return f"{round(share * 100)} % right"
    r2 = values.get("test_r2", values.get("validation_r2"))
    if r2 is None:
        return None
    return (
        "no better than always answering the mean"
        if r2 < 0.1
        else f"it explains {round(r2 * 100)} % of the differences"
    )


def paused(step: int) -> str:
    """What a pause says."""
    return f"Paused at step {step:,}. Space goes on."


def queued(ahead: int) -> str:
    """What a run says that waits until the machine has room."""
    if ahead == 0:
        return "Queued: it is next."
    return f"Queued: {ahead:,} {'run is' if ahead == 1 else 'runs are'} before it."


def came_back(step: int) -> str:
    """What a run says whose server was restarted."""
    return f"The server was restarted. It goes on from step {step:,}; Space starts it."


def carried(before: Network, after: Network, kept: int, new: int) -> str | None:
    """ "Dense added. 13 of 25 weights were kept; the 12 new ones are outlined." None when the drawing is the same."""
    what = changed_nodes(before, after)
    if what is None:
        return None
    total = kept + new
    if total == 0:
        return f"{what}."
    if new == 0:
        return f"{what}. {'All' if total > 1 else 'Its'} {total:,} {_weights(total)} kept."
    if kept == 0:
        return f"{what}. Its {new:,} weights are new; they are outlined."
    ones = "the new one is outlined" if new == 1 else f"the {new:,} new ones are outlined"
    return f"{what}. {kept:,} of {total:,} weights were kept; {ones}."


def changed_nodes(before: Network, after: Network) -> str | None:
    """ "Dense added", "2 layers removed", "Dense changed"; None when both are the same."""
    old = {node.id: node for node in before.nodes}
    new = {node.id: node for node in after.nodes}
    added = [node for id, node in new.items() if id not in old]
    removed = [node for id, node in old.items() if id not in new]
    changed = [node for id, node in new.items() if id in old and old[id].layer != node.layer]
    for nodes, word in ((added, "added"), (removed, "removed"), (changed, "changed")):
        if nodes:
            return f"{_name(nodes)} {word}"
    return "Wires changed" if before.edges != after.edges else None


def short(value: float) -> str:
    """A loss in as few digits as tell something."""
    if value != value:
        return "not a number"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.01 or value == 0 else f"{value:.1g}"


def _name(nodes: list[Node]) -> str:
    return title_of(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} layers"


def _weights(count: int) -> str:
    return "weight was" if count == 1 else "weights were"
