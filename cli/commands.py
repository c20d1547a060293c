"""The commands."""

import asyncio
import os
import socket
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from cli.accounts import create_account_json
from cli.demo.answers import DemoFailed
from cli.demo.story import run_demo
from cli.doctor import examine
from cli.processes import running, wait_until_ready
from cli.reload import restarted_on_change
from cli.services import configure_logging, services
from domain.settings import Settings
from jobs.worker import run_worker
from persistence.embedded import EmbeddedError
from persistence.migrations import migrate as migrate_database
from schema import build_schema

app = typer.Typer(no_args_is_help=True, add_completion=False, help="IGNY8: from keywords to published pages.")
Host = Annotated[str, typer.Option(help="Where to listen.")]
Port = Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)]
SAMPLE = Path(__file__).parent / "sample.csv"


@app.callback()
def prepare() -> None:
    configure_logging()
    if os.environ.pop("IGNY8_FOLLOW_PARENT", ""):
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Standard input is a pipe from the parent; it closes when that is gone, however it went."""
    while os.read(0, 1024):
        pass
    os._exit(0)


@app.command()
def demo(
    keywords: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, readable=True, help="A keyword export of yours.")
    ] = None,
    exit: Annotated[bool, typer.Option("--exit", help="End when the story is told; 0 when all of it worked.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8008,
) -> None:
    """The whole road on real servers: sign-up, import, clusters, ideas, draft articles."""
    console = Console()
    try:
        with services() as settings:
            migrate_database(str(settings.database_url))
            free = free_port(host, port)
            url = f"http://{host}:{free}"
            with running(["serve", "--host", host, "--port", str(free)], ["worker"]) as children:
                wait_until_ready(url, children)
                asyncio.run(run_demo(url, keywords or SAMPLE, console))
                if not exit:
                    console.print("\nThe servers stay up; end them with Ctrl-C.")
                    children[0].wait()
    except (DemoFailed, EmbeddedError, RuntimeError) as error:
        console.print(f"[bold red]The demo failed:[/] {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def dev(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """API and worker on embedded servers, restarted when the code changes."""
    with services() as settings:
        migrate_database(str(settings.database_url))
        free = free_port(host, port)
        typer.echo(f"http://{host}:{free}  (GraphiQL: http://{host}:{free}/graphiql)")
        restarted_on_change(["serve", "--host", host, "--port", str(free)], ["worker"])


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """An API process."""
    with services() as settings:
        uvicorn.run(
            "server:create_app",
            factory=True,
            host=host,
            port=port,
            forwarded_allow_ips=settings.trusted_proxies,
            log_level="warning",
            ws="websockets-sansio",
            ws_max_size=1_000_000,
            timeout_graceful_shutdown=5,
        )


@app.command()
def worker() -> None:
    """A worker process; start as many as there is work for."""
    with services() as settings:
        run_worker(settings)


@app.command()
def migrate(revision: str = "head") -> None:
    """Makes the roles, and moves the database to a revision."""
    with services() as settings:
        migrate_database(str(settings.database_url), revision)
    typer.echo(f"migrated to {revision}")


@app.command()
def schema() -> None:
    """Prints the GraphQL schema."""
    typer.echo(build_schema().as_str())


@app.command()
def create_account(
    name: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option()],
    credits: Annotated[int, typer.Option(help="On top of the trial's.", min=0)] = 0,
    staff: Annotated[bool, typer.Option("--staff", help="The user is our own staff.")] = False,
) -> None:
    """An account with its owner; prints ids and an accessToken as JSON. Works while `dev` runs."""
    with services() as settings:
        migrate_database(str(settings.database_url))
        typer.echo(asyncio.run(create_account_json(settings, name, email, password, credits, staff=staff)))


@app.command()
def doctor() -> None:
    """What is configured, what answers, what is missing."""
    typer.echo(f"igny8 {version('igny8')}, Python {sys.version.split()[0]}")
    if not asyncio.run(examine(Settings(), Console())):
        raise typer.Exit(1)


def free_port(host: str, wanted: int) -> int:
    """`wanted` when it is free, else one that is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError(f"nothing can listen on {host}")
