"""A network as a plain PyTorch script: readable, complete, without an import of ours.

Names in the script are ours (`n1`, `n2` …). Titles and ids of the drawing appear in comments only, as visible text.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from playground.core.composite import Composite, sources
from playground.core.drawing import the_sink, title_of, wires
from playground.core.experiment import Experiment
from playground.core.facts import Shape
from playground.core.network import Network, Node
from playground.core.reading import visible
from playground.core.shapes import Checked
from playground.export.cases import Cases
from playground.export.learning import loss_of, training
from playground.export.rebuilt import drawn

RAW = {
    "sigmoid": "torch.sigmoid(answers) is the probability of the second class.",
    "softmax": "torch.softmax(answers, dim=1) is the probability of each class.",
    "sign": "Below zero is the first class, above zero the second.",
}
"""What raw answers mean, by `Loss.answer`."""


class Sections(NamedTuple):
    """A script in pieces, in the order in which they stand; `data` and `training` are empty where it only answers."""

    about: str
    """What inputs and answers are, as a docstring's lines."""
    imports: str
    data: str
    network: str
    loading: str
    training: str


def to_source(
    experiment: Experiment,
    *,
    role: str | None = None,
    title: str = "",
    weights: str | None = None,
    cases: Cases | None = None,
) -> str:
    """The script of one network. With `weights`, the name of a safetensors file beside it, it loads them when run;
    with `cases` it also trains.

    Raises CannotExport when the drawing has an error.
    """
    parts = sections(experiment, role=role, title=title, cases=cases)
    # The docstring comes first and is ours: a title in the first two lines could name an encoding for the file.
    head = f'"""{parts.about}{_usage(weights, cases)}"""\n{parts.imports}'
    folder = "FOLDER = Path(__file__).parent" if cases is not None else ""
    blocks = [head, folder, parts.data, parts.network, parts.loading, parts.training, _main(experiment, weights, cases)]
    return "\n\n\n".join(filter(None, blocks)) + "\n"


def sections(
    experiment: Experiment, *, role: str | None = None, title: str = "", cases: Cases | None = None
) -> Sections:
    """The pieces of a script or a notebook. Raises CannotExport when the drawing has an error."""
    _, checked = drawn(experiment, role)
    loss = loss_of(experiment) if cases is not None else None
    needed = dict.fromkeys(d for leaf in checked.leaves() for d in leaf.node.layer.needed_definitions())
    classes = _Classes()
    classes.write(checked, "Network")
    learning = ""
    if cases is not None and loss is not None:
        needed |= dict.fromkeys(loss.definitions)
        smallest = 2 if any(leaf.node.layer.needs_batch for leaf in checked.leaves()) else 1
        judged = cases.parts[1] if len(cases.parts) > 1 else None
        learning = training(experiment, loss, judged, smallest=smallest)
    definitions = _named([_definition(name) for name in needed], [*classes.texts, learning])
    network = "\n\n\n".join((*definitions, *classes.texts))
    data = f"{cases.text}\n\n\n{cases.preparing}" if cases is not None else ""
    return Sections(
        about=_about(experiment),
        imports=_imports(experiment, title, "\n".join((data, network, learning))),
        data=data,
        network=network,
        loading=LOADING,
        training=learning,
    )


def _about(experiment: Experiment) -> str:
    loss = loss_of(experiment)
    meaning = RAW.get(loss.answer, "") if loss is not None else ""
    facts = experiment.data.facts()
    steps = [step.title for step in experiment.data.preparation if step.on == "inputs"]
    after = f", after {', '.join(steps)}" if steps else ""
    lines = [
        "A network drawn in the playground, as plain PyTorch.",
        "",
        f"Inputs: {' x '.join(map(str, ('batch', *facts.input_shape)))}, float32{after}.",
        f"Answers are raw. {meaning}".rstrip(),
    ]
    moved = [step.title for step in experiment.data.preparation if step.on == "targets"]
    lines += [f"They are in the unit of the targets after {', '.join(moved)}."] if moved else []
    return "\n".join(lines) + "\n"


def _usage(weights: str | None, cases: Cases | None) -> str:
    if cases is None:
        return ""
    lines = [f"Put beside it, as they are published: {', '.join(cases.needs)}."] if cases.needs else []
    lines += ["Run it to judge its trained weights; with --train it learns anew."] if weights else ["Run it to train."]
    return "\n".join((*lines, ""))


def _imports(experiment: Experiment, title: str, text: str) -> str:
    facts = experiment.data.facts()
    lines = [f"# Title: {remark(title)}"] if title else []
    lines += [f"# Data: {remark(experiment.data.dataset.title)}"]
    lines += [f"# Classes, in order: {', '.join(map(remark, facts.classes))}"] if facts.classes else []
    plain = [name for name in ("gzip", "math") if f"{name}." in text]
    return "\n".join(
        (
            *lines,
            "",
            *(f"import {name}" for name in plain),
            "from collections import OrderedDict",
            "from pathlib import Path",
            "",
            *(["import numpy as np"] if "np." in text else []),
            "import torch",
            "from torch import nn",
        )
    )


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


LOADING = '''def load(file: Path) -> Network:
    """The network with the weights of a safetensors file, ready to answer."""
    from safetensors.torch import load_file

    network = Network()
    network.load_state_dict(load_file(file))
    return network.eval()'''


def _main(experiment: Experiment, weights: str | None, cases: Cases | None) -> str:
    """What happens when the script is run."""
    loss = loss_of(experiment)
    if cases is None or loss is None:
        return _answering(experiment, weights)
    saved = f"{Path(weights).stem}-new.safetensors" if weights else "weights.safetensors"
    train = [
        "    from safetensors.torch import save_file",
        "",
        "    network, _ = train()",
        f"    save_file(network.state_dict(), FOLDER / {saved!r})",
    ]
    lines = ['if __name__ == "__main__":']
    if weights:
        choose = [
            "    import sys",
            "",
            '    if "--train" in sys.argv[1:]:',
            *(f"    {line}".rstrip() for line in train),
        ]
        lines += [*choose, "    else:", f"        network = load(FOLDER / {weights!r})"]
    else:
        lines += train
    lines += ["    print(judge(network))"] if len(cases.parts) > 1 else []
    return "\n".join(lines)


def _answering(experiment: Experiment, weights: str | None) -> str:
    shape = experiment.data.facts().input_shape
    example = f"torch.zeros({', '.join(map(str, (1, *shape)))})"
    lines = [
        'if __name__ == "__main__":',
        f"    network = load(Path(__file__).with_name({weights!r}))" if weights else "    network = Network().eval()",
        "    with torch.no_grad():",
        f"        print(network({example}))",
    ]
    return "\n".join(lines)
