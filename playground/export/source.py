"""A network as a plain PyTorch script: readable, complete, without an import of ours.

Names in the script are ours (`n1`, `n2` …). Titles and ids of the drawing appear in comments only, as visible text.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from playground.core.composite import Composite, sources
from playground.core.drawing import the_sink, title_of, wires
from playground.core.experiment import Experiment
from playground.core.facts import Shape
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
    needed = dict.fromkeys(d for leaf in checked.leaves() for d in leaf.node.layer.needed_definitions())
    classes = _Classes()
    classes.write(checked, "Network")
    definitions = _named([_definition(name) for name in needed], classes.texts)
    modules = ["import math"] if any("math." in text for text in definitions) else []
    blocks = [_head(experiment, title, modules), *definitions, *classes.texts, _main(experiment, weights)]
    return "\n\n\n".join(blocks) + "\n"


def _head(experiment: Experiment, title: str, modules: list[str]) -> str:
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
        *modules,
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


def _named(definitions: list[str], texts: list[str]) -> list[str]:
    """The definitions that the script uses, or that one of those uses: a plain softmax is torch's own. What a
    definition uses stands before it."""
    used = {part.id for text in texts for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Name)}
    kept: list[str] = []
    for text in reversed(definitions):
        tree = ast.parse(text)
        if any(isinstance(part, ast.ClassDef) and part.name in used for part in tree.body):
            kept.insert(0, text)
            used |= {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    return kept


class _Classes:
    """The classes of a script: the network's, and before it one for each block that differs."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._names: dict[tuple[str, tuple[Shape, ...]], str] = {}

    def write(self, checked: Checked, name: str, about: str = "") -> None:
        """The class of a drawing, after those of its blocks."""
        network = checked.network
        names = {id: f"n{position}" for position, id in enumerate(checked.order)}
        inputs, sink = sources(network), the_sink(network)
        assert sink is not None
        for position, source in enumerate(inputs):
            names[source.id] = "inputs" if position == 0 else f"more{position}"
        used = _leading_to(network, sink.id)
        makes: list[str] = []
        calls: list[str] = []
        for id in checked.order:
            node = network[id]
            if node.layer.end is None:
                made, called = self._node(node, checked, names)
                makes += made
                calls += called if id in used else []
        arguments = ", ".join(f"{names[source.id]}: torch.Tensor" for source in inputs)
        lines = [
            f"class {name}(nn.Module):",
            *([f"    # {about}"] if about else []),
            "    def __init__(self) -> None:",
            "        super().__init__()",
            *(f"        {line}" for line in makes),
            "",
            f"    def forward(self, {arguments}) -> torch.Tensor:",
            *(f"        {line}" for line in calls),
            f"        return {names[wires(network, sink)[0].source]}",
        ]
        self.texts.append("\n".join(lines))

    def _node(self, node: Node, checked: Checked, names: dict[str, str]) -> tuple[list[str], list[str]]:
        """The lines that make a node and the lines that call it."""
        name = names[node.id]
        first, *others = (names[edge.source] for edge in wires(checked.network, node))
        comment = f"  # {remark(title_of(node))}: {' x '.join(map(str, checked.shapes[node.id]))}"
        if not isinstance(node.layer, Composite):
            made = f"self.{name} = {node.layer.source(*checked.inputs(node.id))}{comment}"
            return [made], [f"{name} = self.{name}({', '.join((first, *others))})"]
        makes, calls = [], []
        for repetition, inside in enumerate(checked.inside[node.id]):
            makes.append(f"self.{name}_r{repetition} = {self._block(node, inside)}(){comment}")
            calls.append(f"{name} = self.{name}_r{repetition}({', '.join((first, *others))})")
            first = name
        return makes, calls

    def _block(self, node: Node, inside: Checked) -> str:
        """The name of a block's class, written when it is first needed."""
        arriving = tuple(inside.shapes[source.id] for source in sources(inside.network))
        key = (inside.network.fingerprint(), arriving)
        if key not in self._names:
            for id, deeper in inside.inside.items():  # numbered as they are read: what is used comes first
                for one in deeper:
                    self._block(inside.network[id], one)
            self._names[key] = f"Block{len(self._names) + 1}"
            self.write(inside, self._names[key], remark(title_of(node)))
        return self._names[key]


def name_in_script(name: str) -> str:
    """What a weight is called in the script: there modules of a block lie in the block's."""
    module, dot, rest = name.partition(".")
    return module.replace("_n", ".n") + dot + rest


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
