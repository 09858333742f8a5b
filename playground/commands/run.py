"""`playground run`, or just `playground`: open the app."""

import ipaddress
import os
import runpy
import socket
import sys

import typer

from playground import settings
from playground._paths import PACKAGE
from playground.commands.outcome import UserError

SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}
FIRST_PORT, TRIED_PORTS = 8501, 20


def command(
    context: typer.Context,
    port: int = typer.Option(
        0, "--port", "--server.port", help="Port to listen on.  [default: the first free one from 8501]"
    ),
    address: str = typer.Option(
        "",
        "--address",
        "--server.address",
        help="Address to listen on; 127.0.0.1 keeps the app to this machine, and to one person.",
    ),
) -> None:
    """Open the playground in the browser. Further options go to Streamlit, such as --server.baseUrlPath."""
    port = port or free_port(address)
    if not is_free(address, port):
        raise UserError(f"Port {port} is taken. Choose another: playground --port {port + 1}")
    # The pages and the engine's processes read it from here.
    os.environ.setdefault(settings.SHARED, "0" if is_loopback(address) else "1")
    try:
        shared, _ = settings.shared(), settings.long_run_seconds()
    except ValueError as problem:
        raise UserError(str(problem)) from None
    announce(address, port, base=base_path(context.args), shared=shared, key=operator_key())
    options = [f"--server.port={port}", *([f"--server.address={address}"] if address else []), *context.args]
    sys.argv = ["streamlit", "run", str(PACKAGE / "app" / "server.py"), *options]
    # The same as `python -m streamlit run …`: Streamlit is started, not imported, so no command depends on it.
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen here now."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def free_port(address: str) -> int:
    """The first free port a person would expect."""
    for port in range(FIRST_PORT, FIRST_PORT + TRIED_PORTS):
        if is_free(address, port):
            return port
    raise UserError(
        f"Ports {FIRST_PORT} to {FIRST_PORT + TRIED_PORTS - 1} are all taken. Choose one: playground --port 9000"
    )


def lan_address() -> str | None:
    """This machine's address in its network, or None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only asks the routing table. The target is a
            # documentation address that belongs to nobody.
            probe.connect(("192.0.2.1", 9))
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if found.startswith(("127.", "0.")) else found


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach a server that listens here."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def base_path(arguments: list[str]) -> str:
    """The path below which Streamlit is told to serve: `/tools/nn`, or nothing."""
    name = "--server.baseUrlPath"
    for position, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            return f"/{argument.partition('=')[2].strip('/')}".rstrip("/")
        if argument == name and position + 1 < len(arguments):
            return f"/{arguments[position + 1].strip('/')}".rstrip("/")
    return ""


def operator_key() -> str | None:
    """The key of the operator's page, or None where it cannot be kept."""
    from playground.live.operator import make_key

    try:
        return make_key(settings.home())
    except OSError:
        return None


def announce(address: str, port: int, *, base: str = "", shared: bool = False, key: str | None = None) -> None:
    """Say where the app can be opened, here and from other machines in the room, and what it means that they can."""
    everywhere = address in ("", "0.0.0.0", "::")
    here = f"http://{'localhost' if everywhere else url_host(address)}:{port}{base}"
    other = lan_address() if everywhere else None if is_loopback(address) else address
    there = f"http://{url_host(other)}:{port}{base}" if other else None
    typer.echo(f"\n  Playground      {here}", err=True)
    if there and there != here:
        typer.echo(f"  On the network  {there}", err=True)
    if key:
        typer.echo(f"  Operator        {here}/pgapi/operator?key={key}", err=True)
    if shared:
        minutes = f"{settings.long_run_seconds() / 60:g}"
        typer.echo(
            f"  Shared          one run a person at a time; over {minutes} min it asks first; unseen runs pause",
            err=True,
        )
    if there and sys.stderr.isatty():
        typer.echo(qr_code(there), err=True)
    typer.echo("  Stop with Ctrl+C\n", err=True)


def url_host(address: str) -> str:
    """The address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def qr_code(text: str) -> str:
    """What a phone's camera reads from the terminal: dark on light, whatever the colours of the terminal."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    signs = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    lines = (
        "".join(signs[bool(above), bool(below)] for above, below in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )
    # Black on white said outright: inverted, some cameras see nothing.
    return "\n".join(f"  \x1b[30;107m{line}\x1b[0m" for line in lines) + "\n"
