"""The part of an exported script that learns: loss, optimizer, schedule and loop, in plain torch."""

from __future__ import annotations

from textwrap import indent

from playground.core.contracts import Loss
from playground.core.experiment import Experiment

JUDGES = {
    "sigmoid": "right = ((answers > 0).long().flatten() == targets.flatten()).float().mean().item()",
    "sign": "right = ((answers > 0).long().flatten() == targets.flatten()).float().mean().item()",
    "softmax": "right = (answers.argmax(dim=1) == targets).float().mean().item()",
}
"""How answers are counted as right, by `Loss.answer`; others by how much of the spread they explain."""


def loss_of(experiment: Experiment) -> Loss | None:
    """The loss of an experiment that learns from examples; None where there is no such thing."""
    loss = getattr(experiment.objective, "loss", None)
    return loss if isinstance(loss, Loss) else None


def training(experiment: Experiment, loss: Loss, judged: str | None, *, smallest: int) -> str:
    """`cases`, `factor`, `train` and, where a part is there to judge by, `judge`. `smallest`: cases of a batch."""
    plan = experiment.training
    texts = [
        f"EPOCHS, BATCH_SIZE, SEED = {plan.epochs}, {plan.batch_size}, {experiment.seed}",
        _CASES,
        f"{_FACTOR}\n{indent(plan.schedule.source(), '    ')}",
        _TRAIN.format(loss=loss.source(), optimizer=plan.optimizer.source(), **_batches(smallest)),
    ]
    if judged is not None:
        texts.append(_JUDGE.format(part=judged, verdict=_verdict(loss, judged)))
    return "\n\n\n".join(texts)


def _batches(smallest: int) -> dict[str, str]:
    if smallest == 1:
        return {"steps": "-(-len(inputs) // BATCH_SIZE)", "batches": "order.split(BATCH_SIZE)"}
    # A batch of one is left out: batch norm learns from the other cases of a batch.
    return {
        "steps": "len(inputs) // BATCH_SIZE + (len(inputs) % BATCH_SIZE > 1)",
        "batches": "(rows for rows in order.split(BATCH_SIZE) if len(rows) > 1)",
    }


def _verdict(loss: Loss, part: str) -> str:
    if loss.answer in JUDGES:
        said = f'f"{{right:.1%}} of {{len(targets):,}} {part} cases are answered right."'
        return f"{JUDGES[loss.answer]}\n    return {said}"
    rest = "((answers - targets) ** 2).sum() / ((targets - targets.mean(dim=0)) ** 2).sum()"
    return f'r2 = 1 - ({rest}).item()\n    return f"On {{len(targets):,}} {part} cases R² is {{r2:.3f}}."'


_CASES = '''def cases(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets as the network sees them."""
    inputs, targets = raw(part)
    return prepare(inputs), prepare_targets(targets)'''

_FACTOR = '''def factor(step: int, steps: int, steps_per_epoch: int) -> float:
    """What the learning rate is multiplied with at this step."""'''

_TRAIN = '''def train(epochs: int = EPOCHS, seed: int = SEED) -> tuple[Network, list[float]]:
    """A fresh network, trained; and the mean loss of each epoch."""
    torch.manual_seed(seed)
    network, loss_of = Network(), {loss}
    optimizer = {optimizer}
    inputs, targets = cases("train")
    steps = max(1, {steps})
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor(step, epochs * steps, steps))
    losses = []
    for epoch in range(epochs):
        network.train()
        total, order = 0.0, torch.randperm(len(inputs))
        for rows in {batches}:
            optimizer.zero_grad()
            loss = loss_of(network(inputs[rows]), targets[rows])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() / steps
        losses.append(total)
        if epoch % max(1, epochs // 20) == 0 or epoch == epochs - 1:
            print(f"epoch {{epoch + 1:4}}  loss {{total:.4f}}")
    return network.eval(), losses'''

_JUDGE = '''def judge(network: Network) -> str:
    """How it does on cases it has not learned from."""
    inputs, targets = cases("{part}")
    with torch.no_grad():
        answers = torch.cat([network.eval()(batch) for batch in inputs.split(500)])
    {verdict}'''
