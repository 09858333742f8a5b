"""What a command answers with: a value as JSON, or a mistake in one line."""

import json

import typer

from playground.core.reading import visible

LONGEST = 1_000


class UserError(Exception):
    """A mistake of the person at the command line: printed as one line, exit code 1.

    Say what was received, what was expected and what to do next.
    """

    def __init__(self, message: str) -> None:
        # A file's name may hold a command to the terminal: it is shown, not obeyed.
        line = " ".join(visible(" ".join(message.split())).split())
        super().__init__(line if len(line) <= LONGEST else f"{line[:LONGEST]}…")


def print_json(value: object) -> None:
    """Print one JSON value on standard output; the only thing a command with --json prints there."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))
