"""What a command answers with: a value as JSON, or a mistake in one line."""

import json

import typer


class UserError(Exception):
    """A mistake of the person at the command line: printed as one line, exit code 1.

    Say what was received, what was expected and what to do next.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def print_json(value: object) -> None:
    """Print one JSON value on standard output; the only thing a command with --json prints there."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))
