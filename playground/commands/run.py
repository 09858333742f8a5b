"""`playground run`, or just `playground`: open the app."""

import runpy
import socket
import sys

import typer

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
        help="Address to listen on; 127.0.0.1 keeps the app to this machine.",
    ),
) -> None:
    """Open the playground in the browser. Further options go to Streamlit, such as --server.baseUrlPath."""
    port = port or free_port(address)
    if not is_free(address, port):
        raise UserError(f"Port {port} is taken. Choose another: playground --port {port + 1}")
    announce(address, port)
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


def announce(address: str, port: int) -> None:
    """Say where the app can be opened: here, and from other machines in the room."""
    here = address if address not in ("", "0.0.0.0", "::") else "localhost"
    typer.echo(f"\n  Playground      http://{here}:{port}", err=True)
    if here == "localhost" and (other := lan_address()):
        typer.echo(f"  On the network  http://{other}:{port}", err=True)
    typer.echo("  Stop with Ctrl+C\n", err=True)
