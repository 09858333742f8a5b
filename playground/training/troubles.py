"""What a run says when it cannot go on."""

from __future__ import annotations

from playground.core.contracts import Turn
from playground.core.diagnostics import Diagnostic, Fix


def not_a_number(step: int, turn: Turn) -> Diagnostic:
    """The loss of this step was infinite or not a number."""
    rate = turn.optimizer.learning_rate
    usual = float(type(turn.optimizer).model_fields["learning_rate"].default)
    message = f"The loss is not a number since step {step:,}. "
    if rate > usual:
        message += f"The learning rate {rate:g} is too large: each step overshoots."
    else:
        message += f"Try a learning rate below {rate:g}, or bring the inputs to one scale first."
        usual = rate / 10
    path = "training.optimizer.learning_rate"
    fix = Fix(f"Use {usual:g}", ({"op": "experiment", "path": path, "value": usual},))
    return Diagnostic(None, "loss-not-a-number", message, (fix,))
