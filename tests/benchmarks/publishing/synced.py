"""A look at thousands of posts that nobody has changed, beside a client that only turns the pages."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx2
import psutil

from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import sql
from tests.publishing.chaos import integration
from tests.publishing.wire import Wire
from tests.schema.articles import uuid_of
from tests.wordpress.places import Place as There
from tests.wordpress.places import in_database

POSTS = """
set max_recursive_iterations = 1000000;
insert into wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, post_status,
  comment_status, ping_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered,
  post_type)
with recursive n as (select 1 as n union all select n + 1 from n where n < {number})
select 1, '2026-01-02', '2026-01-02', repeat(concat('<p>It is number ', n, '.</p>'), 100), concat('Old ', n), '',
  'publish', 'open', 'open', concat('old-', n), '', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', '', 'post' from n;
"""
KNOWN = """
with s as (select id, account_id, site_id from sector where site_id = %s limit 1),
     c as (insert into content (account_id, site_id, sector_id, title, slug, html_content, origin, status)
           select s.account_id, s.site_id, s.id, 'Old ' || r, 'old-' || r, '<p>It.</p>', 'IMPORTED', 'PUBLISHED'
             from s, unnest(%s::text[]) r returning id, account_id, site_id, sector_id, slug)
insert into publication (account_id, site_id, sector_id, content_id, integration_id, entity, marker, wanted_status,
                         status, remote_id, modified_at)
select account_id, site_id, sector_id, id, %s, 'POST', 'igny8-' || slug, 'PUBLISHED', 'PUBLISHED', substr(slug, 5),
       '2026-01-02 03:04:05Z' from c
"""


@dataclass(frozen=True, slots=True)
class Look:
    """`rss`: megabytes, of the largest worker before and at its largest since."""

    posts: int
    pager: tuple[int, float]
    ours: tuple[int, float]
    rss: tuple[float, float]
    said: str

    def lines(self) -> str:
        return (
            f"{self.posts:,} posts that are known, none changed: {self.said}\n"
            f"  pager    {self.pager[0]:>5} requests {self.pager[1]:>7.1f} s\n"
            f"  igny8    {self.ours[0]:>5} requests {self.ours[1]:>7.1f} s   ({self.ours[0] / self.pager[0]:.2f}x) "
            f"  worker {self.rss[0]:.0f} -> {self.rss[1]:.0f} MB"
        )


async def paged(there: There, url: str) -> list[str]:
    """Ids of all posts; of pages too it is asked."""
    admin, ids = there.people["admin"], list[str]()
    async with httpx2.AsyncClient(auth=(admin.username, admin.password), trust_env=False, timeout=60) as client:
        for route in ("posts", "pages"):
            page, last = 1, 1
            while page <= last:
                params = {"per_page": 100, "page": page, "status": "any,trash", "context": "edit", "orderby": "id",
                          "_fields": "id,status,modified_gmt"}  # fmt: skip
                answer = (await client.get(f"{url}/wp-json/wp/v2/{route}", params=params)).raise_for_status()
                ids += [str(row["id"]) for row in answer.json()]
                last, page = int(answer.headers["x-wp-totalpages"]), page + 1
    return ids


async def looked(place: Place, owner: Api, there: There, workers: Sequence[int], number: int) -> Look:
    site = await owner.site("Old")
    await owner.sector(site)
    await asyncio.to_thread(in_database, there, POSTS.format(number=number))
    async with Wire(there.url) as wire:
        admin = there.people["admin"]
        given = {"url": wire.url, "username": admin.username, "appPassword": admin.password}
        id = await integration(owner, site, {"wordPress": given})
        wire.requests.clear()
        began = time.monotonic()
        ids = await paged(there, wire.url)
        pager = len(wire.requests), time.monotonic() - began
        sql(place, KNOWN, uuid_of(site), ids, uuid_of(id))
        sql(place, "analyze publication")
        wire.requests.clear()
        before, largest = rss(workers), 0.0
        began = time.monotonic()
        started = await owner.start("syncIntegration", integrationId=id)
        assert started["userErrors"] == [], started
        ending = asyncio.ensure_future(owner.finished(started["job"]["id"]))
        while not ending.done():
            largest = max(largest, rss(workers))
            await asyncio.sleep(0.05)
        last = ending.result()
        assert last["status"] == "SUCCEEDED", last
        ours = len(wire.requests), time.monotonic() - began
    return Look(len(ids), pager, ours, (before, largest), last["message"])


def rss(pids: Sequence[int]) -> float:
    found = [0.0]
    for pid in pids:
        with suppress(psutil.Error):
            found.append(psutil.Process(pid).memory_info().rss / 1e6)
    return max(found)
