"""What the tests of jobs share: rows read past row-level security, and a runner inside the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from domain.functions import GrouperProcess, Tools
from domain.ports import (
    CallReport,
    Mailer,
    ProviderChoice,
    ProviderError,
    Providers,
    PublicUrl,
    TextProvider,
    TextRequest,
)
from domain.registry import FUNCTIONS
from domain.tokens import Tokens
from jobs.adapters.mail import mailer_of
from jobs.adapters.offline import OfflineText
from jobs.adapters.platform import Platform
from jobs.adapters.providers import ProviderPool
from jobs.grouper import ChildGrouper
from jobs.runner import Runner
from persistence.files.blobs import Blobs
from persistence.files.paid_answers import Answers
from persistence.files.served_address import USUAL
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.progress.snapshot import Snapshot
from persistence.secrets import Vault
from persistence.unit import Dispatch, News, Units
from tests.client import Api
from tests.conftest import SECRET, Place
from tests.databases import sql_at
from tests.files import blobs_of

BUY = """
with bought as (update credit_balance set balance = balance + %s where account_id = %s
                returning account_id, new.balance - old.balance as amount, balance + held as after)
insert into credit_transaction (account_id, transaction_type, amount, balance_after, description, key)
select account_id, 'PURCHASE', amount, after, 'more', 'more' from bought
"""
HEADER = "Keyword,Intent,Volume,Keyword Difficulty,CPC (USD)"


def sql(place: Place, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As the superuser: all accounts' rows."""
    return sql_at(place.database_url, query, *parameters)


def one(place: Place, query: str, *parameters: Any) -> Any:
    ((value,),) = sql(place, query, *parameters)
    return value


def account_of(place: Place, api: Api) -> UUID:
    found: UUID = one(place, "select account_id from app_user where email = %s", api.email)
    return found


def buy(place: Place, api: Api, credits: int) -> None:
    """Once an account, which is on the largest plan then."""
    account = account_of(place, api)
    sql(place, BUY, credits, account)
    sql(place, "update account set plan_id = (select id from plan where slug = 'scale') where id = %s", account)


def check_books(place: Place) -> None:
    """Of every account: the ledger's sum is what it has and holds, holds add up, no leg is there twice."""
    assert not sql(
        place,
        "select b.account_id from credit_balance b where b.balance + b.held <> (select coalesce(sum(t.amount), 0) "
        "from credit_transaction t where t.account_id = b.account_id) or b.balance < 0 or b.held < 0 or b.held <> "
        "(select coalesce(sum(h.amount - h.spent - h.released), 0) from credit_hold h "
        "where h.account_id = b.account_id)",
    )
    assert not sql(place, "select key from credit_transaction group by account_id, key having count(*) > 1")
    assert not sql(
        place,
        "select j.id from job j join credit_hold h on h.job_id = j.id where j.finished_at is not null and "
        "(h.status <> 'CLOSED' or j.credits_held <> 0 or h.spent + h.released <> h.amount)",
    )
    assert not sql(
        place,
        "select j.id from job j where j.credits_spent <> (select coalesce(-sum(t.amount), 0) from credit_transaction t "
        "where t.job_id = j.id) "
        "or j.credits_spent <> (select sum(i.credits_spent) from job_item i where i.job_id = j.id)",
    )


def keywords(number: int, seed: str = "brew") -> str:
    """An export of that many synthetic keywords, a few dozen topics among them."""
    heads = ["coffee", "grinder", "kettle", "espresso", "filter", "beans", "mug", "roaster", "scale", "tamper"]
    uses = ["best", "cheap", "how to clean", "what is a", "small", "manual", "for office", "vintage"]
    lines = (
        f"{uses[n % 8]} {heads[n // 8 % 10]} {seed} {n // 80},Commercial,{n % 500 + 10},{n % 90},1.5"
        for n in range(number)
    )
    return "\n".join([HEADER, *lines])


async def sector_with_keywords(owner: Api, number: int) -> str:
    sector = await owner.sector()
    report = await owner.import_text(sector, keywords(number))
    assert (report["imported"], report["userErrors"]) == (number, [])
    return sector


async def tasks(place: Place, owner: Api, number: int) -> list[str]:
    """Ids of new tasks of a new sector."""
    await owner.sector()
    sql(
        place,
        "insert into task (account_id, site_id, sector_id, title) select s.account_id, s.site_id, s.id, 'Task ' || n "
        "from sector s, generate_series(1, %s) n where s.account_id = %s",
        number,
        account_of(place, owner),
    )
    ids: list[str] = []
    after = None
    while len(ids) < number:
        page = await owner.one(
            "query($a: String) { tasks(first: 100, after: $a) { nodes { id } pageInfo { endCursor } } }", a=after
        )
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    return ids


@dataclass(slots=True)
class ScriptedText:
    """Raises what is in `faults` first, a call each; `gate` holds calls up until it is set, and `fails` ends them."""

    faults: list[Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    fails: Exception | None = None
    asked: list[TextRequest] = field(default_factory=list)
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0
    inner: TextProvider = field(default_factory=OfflineText)

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        self.calls += 1
        self.asked.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.faults:
                raise self.faults.pop(0)
            if self.gate:
                await self.gate.wait()
            if self.fails:
                raise self.fails
            answer, report = await self.inner.answer(request)
            return answer, replace(report, output_tokens=45)
        finally:
            self.at_once -= 1


class ScriptedProviders(ProviderPool):
    """The offline ones, with a script before the text."""

    def __init__(self, text: TextProvider) -> None:
        super().__init__(Platform())
        self.scripted = text

    def text(self, choice: ProviderChoice) -> TextProvider:
        return self.scripted


AGAIN = ProviderError("The provider is busy.", retryable=True)
NEVER = ProviderError("The provider refused.", retryable=False)


@dataclass(slots=True)
class Bench:
    """A runner without a broker: messages are kept in `sent`."""

    place: Place
    units: Units
    runner: Runner
    writer: ScriptedText
    sent: list[Dispatch]
    told: list[Snapshot]

    async def work(self, account: UUID, queue: str = "text") -> None:
        """Until nothing can be claimed, pauses before another try skipped."""
        while True:
            sql(self.place, "update job_item set available_at = now() where status = 'WAITING'")
            open_items = "select count(*) from job_item where account_id = %s and queue = %s and status in "
            if not one(self.place, open_items + "('QUEUED', 'WAITING')", account, queue):
                return
            await self.runner.run(account, queue)


@asynccontextmanager
async def bench(place: Place, platform: Platform | None = None) -> AsyncIterator[Bench]:
    """`platform`: whom it asks, in place of the scripted text."""
    sent: list[Dispatch] = []
    told: list[Snapshot] = []

    async def dispatch(dispatches: list[Dispatch]) -> None:
        sent.extend(dispatches)

    async def publish(news: list[News]) -> None:
        told.extend(each for each in news if isinstance(each, Snapshot))

    database = await Database(place.database_url, WORKER_ROLE, size=40).open()
    units = Units(database, Vault([SECRET]), dispatch, publish)
    writer = ScriptedText()
    providers = ProviderPool(platform) if platform else ScriptedProviders(writer)
    runner = Runner(units, FUNCTIONS, tools_of(place, providers, units))
    try:
        yield Bench(place, units, runner, writer, sent, told)
    finally:
        await providers.close()
        await database.close()


def tools_of(place: Place, providers: Providers, units: Units) -> Tools:
    """As a worker has them; letters go into the outbox."""
    settings = place.settings
    mailer = mailer_of(None, settings.data / "outbox", settings.mail_from)
    return Tools(
        {
            Providers: providers,
            GrouperProcess: ChildGrouper(),
            Blobs: blobs_of(place),
            Answers: Answers(place.data / "answers"),
            Units: units,
            Mailer: mailer,
            Tokens: Tokens(settings.secrets()),
            PublicUrl: lambda: USUAL,
        }
    )
