"""The commands. Each imports what it runs: `igny8 --help` need not wait for a database driver."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cli.jobs import Desk
    from domain.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it would print local variables: passwords
    help="IGNY8: from keywords to published pages.",
)
jobs = typer.Typer(no_args_is_help=True, help="Background work of all accounts.")
app.add_typer(jobs, name="jobs")
JobId = Annotated[str, typer.Argument(help="job_…")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Host = Annotated[str, typer.Option(help="Where to listen.")]
Port = Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)]
SAMPLE = Path(__file__).parent / "sample.csv"


@app.callback()
def prepare() -> None:
    from cli.logs import configure_logging

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
    wordpress: Annotated[str | None, typer.Option(help="A WordPress to publish to, in place of a folder.")] = None,
    user: Annotated[str | None, typer.Option(help="Who publishes there.")] = None,
    app_password: Annotated[str | None, typer.Option(help="An application password of that user.")] = None,
) -> None:
    """The whole road on real servers: sign-up, import, clusters, ideas, draft articles, a published page."""
    from rich.console import Console

    from cli.demo.answers import DemoFailed
    from cli.demo.publishing import allowed_too, destination_of
    from cli.demo.story import run_demo
    from cli.embedded import EmbeddedError
    from cli.extras import need_workers
    from cli.failures import CannotRun
    from cli.ports import free_port
    from cli.processes import running, wait_until_ready
    from cli.services import services
    from persistence.postgres.migrations import migrate

    def refuse(missing: str) -> None:
        raise typer.BadParameter(missing)

    console = Console()
    destination_of(Path(), wordpress, user, app_password, refuse)
    if wordpress:
        allowed = allowed_too(wordpress, os.environ.get("IGNY8_ALLOWED_HOSTS", ""))
        os.environ["IGNY8_ALLOWED_HOSTS"] = allowed
    try:
        need_workers()
        with services() as settings:
            destination = destination_of(settings.published, wordpress, user, app_password, refuse)
            migrate(str(settings.database_url))
            free = free_port(host, port)
            url = f"http://{host}:{free}"
            with running(["serve", "--host", host, "--port", str(free)], ["worker"]) as children:
                wait_until_ready(url, children)
                asyncio.run(run_demo(url, keywords or SAMPLE, console, destination))
                if not exit:
                    console.print("\nThe servers stay up; end them with Ctrl-C.")
                    while not children.is_over(0):
                        time.sleep(1)
    except (DemoFailed, EmbeddedError, CannotRun) as error:
        console.print("[bold red]The demo failed:[/]", end=" ")
        console.print(str(error), markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def dev(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """API and worker on embedded servers, restarted when the code changes."""
    from cli.extras import need_workers
    from cli.ports import free_port
    from cli.reload import restarted_on_change
    from cli.services import services
    from persistence.postgres.migrations import migrate

    need_workers()
    with services() as settings:
        migrate(str(settings.database_url))
        free = free_port(host, port)
        typer.echo(f"http://{host}:{free}  (GraphiQL: http://{host}:{free}/graphiql)")
        restarted_on_change(["serve", "--host", host, "--port", str(free)], ["worker"])


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """An API process."""
    import uvicorn

    from cli.draining import DrainingServer
    from cli.ports import claim_port
    from cli.services import services
    from persistence.files.served_address import note
    from server import create_app

    with services(migrated=True) as settings, claim_port(host, port) as listening:
        note(settings.data, host, listening.getsockname()[1])
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            forwarded_allow_ips=settings.trusted_proxies,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=1_000_000,
            ws_per_message_deflate=False,  # a frame of progress costs several times as much to press as to send
            timeout_graceful_shutdown=5,
        )
        server = DrainingServer(config, app.state.drain)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
        if not server.started:
            raise typer.Exit(3)


@app.command()
def worker() -> None:
    """A worker process; start as many as there is work for."""
    from cli.extras import need_workers
    from cli.services import services

    need_workers()
    with services(migrated=True) as settings:
        from jobs.worker import run_worker

        run_worker(settings)


@app.command()
def migrate(
    revision: Annotated[str, typer.Option(help="`base` takes everything away again.")] = "head",
    drop_data: Annotated[bool, typer.Option("--drop-data", help="Goes back without asking, whatever is lost.")] = False,
) -> None:
    """Makes the roles, and moves the database to a revision."""
    from cli.services import services
    from persistence.postgres.migrations import accounts_at_stake, migrate

    with services() as settings:
        url = str(settings.database_url)
        accounts = None if drop_data else accounts_at_stake(url, revision)
        if accounts is not None:
            _ask_to_drop(url, revision, accounts)
        migrate(url, revision)
    typer.echo(f"migrated to {revision}")


def _ask_to_drop(url: str, revision: str, accounts: int) -> None:
    """CannotRun without a terminal to ask at; the way back is never a slip."""
    from sqlalchemy import make_url

    from cli.failures import CannotRun

    what = "everything" if revision == "base" else f"what came after {revision}"
    loss = f"This drops {what} in the database {make_url(url).database}, which has {accounts} accounts"
    if not sys.stdin.isatty():
        raise CannotRun(f"{loss}. Give --drop-data if that is meant")
    typer.confirm(f"{loss}. Go on?", abort=True)


@app.command()
def rotate_secrets() -> None:
    """Seals stored secrets under the first key of IGNY8_SECRET_KEY; the others may be dropped then."""
    from cli.services import services
    from persistence.postgres.secret_rotation import rotate
    from persistence.secrets import Vault

    with services() as settings:
        try:
            done = rotate(str(settings.database_url), Vault(settings.secrets()))
        except ValueError as error:
            raise SystemExit(str(error)) from None
    typer.echo(", ".join(f"{number} of {table}" for table, number in done.items()))


@app.command()
def schema() -> None:
    """Prints the GraphQL schema."""
    from schema import build_schema

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
    from cli.accounts import create_account_json
    from cli.services import services
    from persistence.postgres.migrations import migrate

    with services() as settings:
        migrate(str(settings.database_url))
        typer.echo(asyncio.run(create_account_json(settings, name, email, password, credits, staff=staff)))


@app.command()
def doctor() -> None:
    """What is configured, what answers, what is missing."""
    from rich.console import Console

    from cli.doctor import examine
    from domain.settings import Settings

    if not asyncio.run(examine(Settings(), Console())):
        raise typer.Exit(1)


def _jobs(ask: Callable[["Desk"], Awaitable[list[dict[str, Any]]]], *, as_json: bool) -> None:
    from cli.jobs import Desk, told
    from cli.services import services

    async def answered(settings: "Settings") -> list[dict[str, Any]]:
        async with Desk.opened(settings) as desk:
            return await ask(desk)

    with services(migrated=True) as settings:
        typer.echo(told(asyncio.run(answered(settings)), as_json=as_json))


@jobs.command("list")
def list_jobs(
    status: Annotated[str | None, typer.Option(help="QUEUED, RUNNING, FAILED …; open ones when not given.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Jobs, the newest first."""
    from persistence.terms import JobStatus

    if status is not None and status.upper() not in set(JobStatus):
        raise typer.BadParameter(f"there are {', '.join(JobStatus)}", param_hint="--status")
    wanted = JobStatus(status.upper()) if status else None
    _jobs(lambda desk: desk.listed(wanted, limit), as_json=as_json)


@jobs.command("show")
def show_job(id: JobId, as_json: AsJson = False) -> None:
    """A job, and its items below it."""

    async def ask(desk: "Desk") -> list[dict[str, Any]]:
        job = await desk.shown(id)
        return [job] if as_json else job["items"]

    _jobs(ask, as_json=as_json)


@jobs.command("cancel")
def cancel_job(id: JobId, as_json: AsJson = False) -> None:
    """Ends what has not begun and gives its credits back; what runs ends within seconds."""

    async def ask(desk: "Desk") -> list[dict[str, Any]]:
        return [await desk.cancelled(id)]

    _jobs(ask, as_json=as_json)


@jobs.command("retry")
def retry_job(id: JobId, as_json: AsJson = False) -> None:
    """The failed items of a job that has ended once more."""

    async def ask(desk: "Desk") -> list[dict[str, Any]]:
        return [await desk.retried(id)]

    _jobs(ask, as_json=as_json)


@jobs.command("queues")
def show_queues(as_json: AsJson = False) -> None:
    """What waits and runs in each queue, and why items failed in the last day."""
    _jobs(lambda desk: desk.queues(), as_json=as_json)
