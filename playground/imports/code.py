"""Pasted code of Keras and PyTorch as a project. It is parsed and followed, never executed."""

from __future__ import annotations

import ast
import textwrap
import warnings

from playground.core.diagnostics import shape_text
from playground.core.facts import Task
from playground.core.files import Project
from playground.core.reading import Refused, megabytes
from playground.core.shapes import check
from playground.imports.imported import Imported, Remarks, laid_out, with_remarks
from playground.imports.interpreter import Interpreter
from playground.imports.surroundings import Wishes, experiment_for, facts_of, input_shape_of, mismatches
from playground.imports.traced import Drawn, Trace
from playground.imports.training_lines import TrainingLines
from playground.imports.values import Chain, Class, Function, Instance, Library, Made, Tensor, Unknown, Value, Wired
from playground.imports.vocabulary import Vocabulary

MOST_CODE = 200_000
"""Characters of the longest code; a long script has a tenth of it."""
MOST_LINE = 5_000
NO_NETWORK = "No network was found in this code. Paste a Sequential, a functional model or a Module, with the lines that make it."


def read_code(text: str, *, name: str = "") -> Imported:
    """The network that a piece of code describes, with what it says about training. Raises Refused."""
    tree = parse(text)
    remarks = Remarks()
    try:
        return _Reading(tree, remarks).imported(name)
    except Refused as problem:
        first = next((remark.text for remark in remarks.all() if remark.line is not None), "")
        raise Refused(f"{problem} {first}".strip()) from None
    except RecursionError:
        raise Refused("This code is nested too deep to be read. Paste only the network.") from None


def parse(text: str) -> ast.Module:
    """The code's syntax tree. Raises Refused with the line that is wrong."""
    if len(text) > MOST_CODE:
        raise Refused(f"This text has {megabytes(len(text))}; code of at most {megabytes(MOST_CODE)} is read.")
    lines = ["" if line.lstrip().startswith(("!", "%")) else line for line in text.split("\n")]  # notebooks' own
    if any(len(line) > MOST_LINE for line in lines):
        raise Refused(f"A line of this code has more than {MOST_LINE:,} characters. Paste code as people write it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings are nothing to us
            return ast.parse(textwrap.dedent("\n".join(lines)))
    except SyntaxError as error:
        where = f" at line {error.lineno}" if error.lineno else ""
        raise Refused(f"This is not Python{where}: {error.msg}. Copy whole lines and try again.") from None
    except (ValueError, RecursionError, MemoryError):
        raise Refused("This cannot be read as Python. Copy whole lines and try again.") from None


TASK_BY_END: dict[str, Task] = {"softmax": "classes", "sigmoid": "binary"}
"""What is asked, by the activation at the end, where the code names no loss."""


class _Reading:
    """One piece of code, being read."""

    def __init__(self, tree: ast.Module, remarks: Remarks) -> None:
        self.tree = tree
        self.remarks = remarks
        self.trace = Trace(remarks)
        self.training = TrainingLines(remarks)
        self.vocabulary = Vocabulary(self.trace, remarks, self.training)
        self.interpreter = Interpreter(self.vocabulary, self.trace, remarks)
        self.vocabulary.into = lambda layer, args, line: self.interpreter.call(layer, args, {}, line)  # type: ignore[method-assign]

    def imported(self, name: str) -> Imported:
        """Follow the code, choose its network, and put data and training around it."""
        self.interpreter.run(self.tree)
        self.training.take_names(self.interpreter.scope)
        self.training.look_for_data(self.tree)
        drawn = self._draw(self._model())
        declared = {id: step.declared for id, step in drawn.steps.items() if step.declared}
        wishes = Wishes(
            task=self.training.task or TASK_BY_END.get(drawn.left_out),
            loss=self.training.loss,
            optimizer=self.training.optimizer,
            epochs=self.training.epochs,
            batch_size=self.training.batch_size,
            dataset=self.training.dataset,
            gate=self.training.gate,
            shapes=self.training.shapes if drawn.input_shape is None else [],
        )
        shape = drawn.input_shape or input_shape_of(drawn.network, declared, wishes)
        if shape is None:
            raise Refused("What the network takes in could not be found. Add its input's shape to the code.")
        experiment = experiment_for(drawn.network, shape, wishes, self.remarks)
        self._compare(drawn, declared, experiment.data.facts().input_shape)
        found = self.remarks.all()
        title = name.rpartition("/")[2].rpartition("\\")[2].removesuffix(".py")[:80]
        title = title if title.isprintable() else ""
        project = Project(title=title or "Pasted network", experiment=experiment, layout=laid_out(drawn.network))
        return Imported(with_remarks(project, found), "keras" if self.vocabulary.keras else "pytorch", found)

    # ---- which network -----------------------------------------------------------------------------------------------

    def _model(self) -> Value:
        """The last network that has a name, `model` before others; else what a function or a class would make."""
        scope = self.interpreter.scope
        named = [(name, value) for name, value in scope.items() if _is_network(value)]
        for name, value in reversed(named):
            if name.lower() in ("model", "net", "network", "self"):
                return value
        if named:
            return named[-1][1]
        loose = [value for value in self.interpreter.loose if _is_network(value)]
        if loose:
            return loose[-1]
        classes = [value for value in scope.values() if isinstance(value, Class) and value.forward is not None]
        for one in reversed(classes):
            if not _is_part_of_others(one, classes):
                return self.interpreter.call(one, [], {}, one.node.lineno)
        for value in reversed(list(scope.values())):
            if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef):
                made = self.interpreter.call(value, [], {}, value.node.lineno)
                if _is_network(made):
                    return made
        layers = [value for value in (*scope.values(), *self.interpreter.loose) if isinstance(value, Made)]
        if layers:
            return Chain(list(layers), layers[0].line, keras=self.vocabulary.keras)
        raise Refused(NO_NETWORK)

    def _draw(self, model: Value) -> Drawn:
        if isinstance(model, Wired):
            return self.trace.finish(model.outputs[0], drop=self._drop(model.outputs[0]))
        line = model.line if isinstance(model, Chain) else model.of.node.lineno
        tensor = self.trace.input(_shape_of(model, self.trace), line=line)
        answer = self.interpreter.call(model, [tensor], {}, line)
        while isinstance(answer, list | tuple) and answer:
            answer = answer[0]
        if isinstance(answer, dict) and answer:
            answer = next(iter(answer.values()))
        if not isinstance(answer, Tensor):
            said = f": {answer.what}" if isinstance(answer, Unknown) and answer.what else ""
            raise Refused(f"Line {line}: what this network answers could not be followed{said}. {NO_NETWORK}")
        return self.trace.finish(answer, drop=self._drop(answer))

    def _drop(self, answer: Tensor) -> tuple[str, ...]:
        """The activations at the end that the loss contains; where no loss is named, those that ours would."""
        if self.training.loss is not None:
            return self.training.drop
        return ("sigmoid",) if self.trace.last_width(answer) == 1 else ("softmax",)

    # ---- what does not fit -------------------------------------------------------------------------------------------

    def _compare(self, drawn: Drawn, declared: dict[str, int], shape: tuple[int, ...]) -> None:
        """Say where the widths in the code are not those that arrive."""
        checked = check(drawn.network, facts_of(shape))
        for id, said, arriving in mismatches(checked, declared):
            step = drawn.steps[id]
            self.remarks.add(
                f"The code says that {said:,} numbers arrive here; {arriving:,} do. The drawing goes by what arrives.",
                step.line,
                id,
            )
        for note in checked.diagnostics:
            if note.code == "needs-flat" and note.node in declared:
                step = drawn.steps[note.node]
                self.remarks.add(
                    f"The code has no Flatten: {step.declared:,} numbers in a row are expected here, and "
                    f"{shape_text(shape)} arrives. Press Insert Flatten at the node.",
                    step.line,
                    note.node,
                )


def _is_network(value: Value) -> bool:
    if isinstance(value, Instance):
        forward = value.of.forward
        return forward is not None and not any(
            isinstance(base, Library) and base.name == "Layer" for base in value.of.bases
        )
    return isinstance(value, Chain | Wired) and not (isinstance(value, Chain) and not value.layers)


def _is_part_of_others(one: Class, classes: list[Class]) -> bool:
    name = one.node.name
    return any(
        isinstance(node, ast.Name) and node.id == name
        for other in classes
        if other is not one
        for node in ast.walk(other.node)
    )


def _shape_of(model: Value, trace: Trace) -> tuple[int, ...] | None:
    """What a sequence of Keras was told about its input."""
    if not isinstance(model, Chain):
        return None
    if model.shape is not None or not model.layers:
        return model.shape
    first = model.layers[0]
    if isinstance(first, Tensor):
        return trace.shape(first)
    if isinstance(first, Made):
        return first.shape
    return _shape_of(first, trace)
