"""A network as a plain PyTorch script: readable, complete, without an import of ours.

Names in the script are ours (`n1`, `n2` …). Titles and ids of the drawing appear in comments only, as visible text.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from playground.core.drawing import the_sink, the_source, title_of, wires
from playground.core.experiment import Experiment
from playground.core.network import Network, Node
from playground.core.reading import visible
from playground.core.shapes import Checked
from playground.export.rebuilt import drawn

RAW = {
    "sigmoid": "torch.sigmoid(answers) is the probability of the second class.",
    "softmax": "torch.softmax(answers, dim=1) is the probability of each class.",
    "sign": "Below zero is the first class, above zero the second.",
}
"""What raw answers mean, by `Loss.answer`."""


def to_source(experiment: Experiment, *, role: str | None = None, title: str = "", weights: str | None = None) -> str:
    """The script of one network. With `weights`, the name of a safetensors file beside it, it loads them when run.

    Raises CannotExport when the drawing has an error.
    """
    _, checked = drawn(experiment, role)
    needed = dict.fromkeys(d for id in checked.order for d in checked.network[id].layer.needed_definitions())
    blocks = [_head(experiment, title), *(_definition(name) for name in needed if _is_named(name, checked))]
    blocks += [_network(checked), _main(experiment, weights)]
    return "\n\n\n".join(blocks) + "\n"


def _head(experiment: Experiment, title: str) -> str:
    # The docstring comes first and is ours: a title in the first two lines could name an encoding for the file.
    loss = getattr(experiment.objective, "loss", None)
    meaning = RAW.get(getattr(loss, "answer", ""), "")
    facts = experiment.data.facts()
    steps = [step.title for step in experiment.data.preparation]
    after = f", after {', '.join(steps)}" if steps else ""
    lines = [
        '"""A network drawn in the playground, as plain PyTorch.',
        "",
        f"Inputs: {' x '.join(map(str, ('batch', *facts.input_shape)))}, float32{after}.",
        f"Answers are raw. {meaning}".rstrip(),
        '"""',
    ]
    lines += [f"# Title: {remark(title)}"] if title else []
    lines += [f"# Data: {remark(experiment.data.dataset.title)}"]
    lines += [f"# Classes, in order: {', '.join(map(remark, facts.classes))}"] if facts.classes else []
    lines += [
        "",
        "from collections import OrderedDict",
        "from pathlib import Path",
        "",
        "import torch",
        "from torch import nn",
    ]
    return "\n".join(lines)


def remark(text: str) -> str:
    """Text for a comment: one line, nothing but characters that can be seen."""
    return visible(text)[:200].strip()


def _definition(name: str) -> str:
    """The text of one of our own modules, read without importing it."""
    module, _, wanted = name.partition(":")
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    found = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == wanted)
    segment = ast.get_source_segment(text, found)
    assert segment is not None
    return segment


def _is_named(definition: str, checked: Checked) -> bool:
    """Whether some layer's source really uses the definition: a plain softmax is torch's own."""
    wanted = definition.partition(":")[2]
    for id in checked.order:
        layer = checked.network[id].layer
        if layer.end is None and definition in layer.needed_definitions():
            tree = ast.parse(layer.source(*checked.inputs(id)), mode="eval")
            if any(isinstance(part, ast.Name) and part.id == wanted for part in ast.walk(tree)):
                return True
    return False


def _network(checked: Checked) -> str:
    network = checked.network
    names = {id: f"n{position}" for position, id in enumerate(checked.order)}
    source, sink = the_source(network), the_sink(network)
    assert source is not None
    assert sink is not None
    names[source.id] = "inputs"
    inside = [network[id] for id in checked.order if network[id].layer.end is None]
    used = _leading_to(network, sink.id)
    makes = [f"        self.{names[node.id]} = {_made(node, checked)}" for node in inside]
    calls = [f"        {names[node.id]} = {_called(network, node, names)}" for node in inside if node.id in used]
    answer = names[wires(network, sink)[0].source]
    return "\n".join(
        [
            "class Network(nn.Module):",
            "    def __init__(self) -> None:",
            "        super().__init__()",
            *makes,
            "",
            "    def forward(self, inputs: torch.Tensor) -> torch.Tensor:",
            *calls,
            f"        return {answer}",
        ]
    )


def _made(node: Node, checked: Checked) -> str:
    shape = " x ".join(map(str, checked.shapes[node.id]))
    return f"{node.layer.source(*checked.inputs(node.id))}  # {remark(title_of(node))}: {shape}"


def _called(network: Network, node: Node, names: dict[str, str]) -> str:
    return f"self.{names[node.id]}({', '.join(names[edge.source] for edge in wires(network, node))})"


def _leading_to(network: Network, id: str) -> set[str]:
    """The node and everything whose answer reaches it."""
    found, open_ = {id}, [id]
    while open_:
        for edge in network.incoming(open_.pop()):
            if edge.source not in found:
                found.add(edge.source)
                open_.append(edge.source)
    return found


def _main(experiment: Experiment, weights: str | None) -> str:
    shape = experiment.data.facts().input_shape
    example = f"torch.zeros({', '.join(map(str, (1, *shape)))})"
    lines = [
        "def load(file: Path) -> Network:",
        '    """The network with the weights of a safetensors file, ready to answer."""',
        "    from safetensors.torch import load_file",
        "",
        "    network = Network()",
        "    network.load_state_dict(load_file(file))",
        "    return network.eval()",
        "",
        "",
        'if __name__ == "__main__":',
        f"    network = load(Path(__file__).with_name({weights!r}))" if weights else "    network = Network().eval()",
        "    with torch.no_grad():",
        f"        print(network({example}))",
    ]
    return "\n".join(lines)
