"""Rows that tests of writing start from, callers in other roles, and a desk whose provider is listened to."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.ports import CallReport, ProviderChoice, Providers, TextProvider, TextRequest
from jobs.adapters.offline import OfflineText
from tests.client import PASSWORD, Api, Json
from tests.conftest import Place
from tests.jobs.support import Bench, account_of, bench, one, sql, tasks

HTML = "<p>It begins.</p><h2>First</h2><p>One.</p><h2>Second</h2><p>Two.</p><h2>Third</h2><p>Three.</p>"


def uuid_of(id: str) -> UUID:
    return UUID(id.partition("_")[2])


async def clusters(place: Place, owner: Api, number: int = 1, *, sector: str | None = None) -> list[str]:
    """Ids of new clusters with three keywords each; of a new sector when none is given."""
    sector = sector or await owner.sector()
    rows = sql(
        place,
        "insert into cluster (account_id, site_id, sector_id, name) select account_id, site_id, id, 'Topic ' || n "
        "from sector, generate_series(1, %s) n where id = %s returning id",
        number,
        uuid_of(sector),
    )
    for (id,) in rows:
        sql(
            place,
            "insert into keyword (account_id, site_id, sector_id, cluster_id, keyword, key, status) select account_id, "
            "site_id, sector_id, id, w || ' ' || right(id::text, 6), w || id, 'CLUSTERED' "
            "from cluster, unnest(array['best mug', 'cheap mug', 'how to clean a mug']) w where id = %s",
            id,
        )
    return [f"clu_{id}" for (id,) in rows]


async def article(
    place: Place, owner: Api, html: str = HTML, *, title: str = "Cold brew", task: str | None = None, **more: Any
) -> str:
    """The id of a content, as if its task had been written; `more`: other columns."""
    (task,) = [task] if task else await tasks(place, owner, 1)
    columns = {"title": title, "slug": secrets.token_hex(4), "html_content": html, "origin": "AI", **more}
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    id = one(
        place,
        f"insert into content (account_id, site_id, sector_id, task_id, {names}) "
        f"select account_id, site_id, sector_id, id, {marks} from task where id = %s returning id",
        *columns.values(),
        uuid_of(task),
    )
    sql(place, "update task set status = 'REVIEW' where id = %s", uuid_of(task))
    return f"con_{id}"


def image(place: Place, content: str, *, key: str | None = None, **columns: Any) -> str:
    """The id of a picture that is described, and drawn when it has a file's `key`."""
    drawn = _drawn(key) if key else {}
    columns = {"image_type": "FEATURED", "prompt": "A quiet scene", **drawn, **columns}
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    id = one(
        place,
        f"insert into image (account_id, site_id, sector_id, content_id, task_id, {names}) "
        f"select account_id, site_id, sector_id, id, task_id, {marks} from content where id = %s returning id",
        *columns.values(),
        uuid_of(content),
    )
    return f"img_{id}"


def _drawn(key: str) -> dict[str, Any]:
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {"status": "READY", "blob_key": key, "mime_type": "image/png", "width": 8, "height": 6, "sha256": digest}


@asynccontextmanager
async def colleague(place: Place, owner: Api, role: str) -> AsyncIterator[Api]:
    """Another user of the owner's account, who sees all its sites."""
    email = f"{secrets.token_hex(6)}@example.com"
    id = one(
        place,
        "insert into app_user (account_id, email, password_hash, role) "
        "select account_id, %s, password_hash, %s from app_user where email = %s returning id",
        email,
        role,
        owner.email,
    )
    sql(
        place,
        "insert into site_user_access (account_id, user_id, site_id) select account_id, %s, id from site "
        "where account_id = %s",
        id,
        account_of(place, owner),
    )
    async with Api(owner.url) as api:
        payload = await api.one(
            "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { message } } }",
            i={"email": email, "password": PASSWORD},
        )
        assert payload["userErrors"] == []
        api.token, api.email = payload["accessToken"], email
        yield api


@dataclass(slots=True)
class Heard:
    """A provider that remembers what it was asked."""

    requests: list[TextRequest] = field(default_factory=list)
    choices: list[ProviderChoice] = field(default_factory=list)
    inner: OfflineText = field(default_factory=OfflineText)

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        self.requests.append(request)
        return await self.inner.answer(request)

    def text(self, choice: ProviderChoice) -> TextProvider:
        self.choices.append(choice)
        return self


@asynccontextmanager
async def listening(place: Place) -> AsyncIterator[tuple[Bench, Heard]]:
    async with bench(place) as desk:
        heard = Heard()
        desk.runner.tools[Providers].text = heard.text  # type: ignore[method-assign]
        yield desk, heard


async def run(desk: Bench, place: Place, owner: Api, mutation: str, queue: str = "text", **given: Any) -> Json:
    """Starts a job and does its work; the job as it ended."""
    payload = await owner.start(mutation, **given)
    assert payload["userErrors"] == []
    await desk.work(account_of(place, owner), queue)
    found: Json = await owner.one(
        "query($id: ID!) { job(id: $id) { id status error creditsSpent items { nodes { status error } } } }",
        id=payload["job"]["id"],
    )
    return found
