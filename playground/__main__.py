"""The command line: `playground` opens the app, `playground list`, `train`, … do their work without a screen.

Every file of `playground/commands` is one command. Exit codes: 0, 1 for a mistake that one line explains,
2 for wrong usage. With `--json` standard output holds one JSON value and nothing else.
"""

import sys

import typer

from playground import __version__
from playground.commands import commands
from playground.commands.outcome import UserError

app = typer.Typer(
    name="playground",
    help="Draw a neural network, watch it learn, ask it why. Without a command: open the app.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def playground(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Hold the options that stand before any command."""


for _name, _command, _settings in commands():
    app.command(_name, context_settings=_settings)(_command)


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    # Everything that is not a command belongs to the app: `playground`, `playground --server.port 8600`.
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "--version")):
        arguments = ["run", *arguments]
    try:
        app(args=arguments, prog_name="playground")
    except UserError as error:
        typer.echo(f"playground: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
