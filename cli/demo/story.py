"""The main path as a newcomer walks it: from a keyword export to a published page, over the public API alone."""

import secrets
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.demo import documents, show
from cli.demo.client import ApiClient, DemoFailed, Json
from cli.demo.publishing import Destination

_SHOWN_CLUSTERS = 8
_WORKED_CLUSTERS = 3
_IDEAS_EACH = 2
_ARTICLES = 4


async def run_demo(base_url: str, keywords: Path, console: Console, destination: Destination) -> None:
    """Raises DemoFailed with the first thing that went wrong."""
    base_url = base_url.rstrip("/")
    async with ApiClient(base_url) as client:
        await _Story(base_url, client, console, destination).tell(keywords)


class _Story:
    def __init__(self, base_url: str, client: ApiClient, console: Console, destination: Destination) -> None:
        self._base_url, self._client, self._console = base_url, client, console
        self._destination, self._account, self._site = destination, "", ""
        self._name = f"demo-{secrets.token_hex(4)}"
        self._email = f"{self._name}@example.com"
        self._password = secrets.token_urlsafe(15)
        self._spent = 0

    async def tell(self, keywords: Path) -> None:
        await self._sign_up()
        sector = await self._sector()
        await self._import(sector, keywords)
        clusters = (await self._cluster(sector))[:_WORKED_CLUSTERS]
        ideas = await self._ideas(sector, [cluster["id"] for cluster in clusters])
        await self._articles(sector, ideas)
        await self._pictures(sector)
        await self._publish(sector)
        credits = (await self._client.run(documents.CREDITS))["account"]["credits"]
        show.show_end(self._console, self._base_url, credits, self._spent, self._email, self._password)

    async def _sign_up(self) -> None:
        self._step("Signing up")
        account = {"accountName": "Demo", "email": self._email, "password": self._password}
        signed_up = await self._do(documents.SIGN_UP, account)
        self._client.token, self._account = signed_up["accessToken"], signed_up["viewer"]["account"]["id"]

    async def _sector(self) -> str:
        self._step("Making a site and a sector in it")
        industry = _fitting((await self._client.run(documents.INDUSTRIES))["industries"])
        kind: Json = next(iter(industry["sectors"]), {"id": None, "name": "General"})
        site = {"name": "Demo site", "domain": f"{self._name}.example.com", "industryId": industry["id"]}
        self._site = (await self._do(documents.CREATE_SITE, site))["site"]["id"]
        sector = {"siteId": self._site, "name": kind["name"], "industrySectorId": kind["id"]}
        return str((await self._do(documents.CREATE_SECTOR, sector))["sector"]["id"])

    async def _import(self, sector: str, file: Path) -> None:
        self._step(f"Importing {file.name}")
        start = time.monotonic()
        data = await self._client.upload(documents.IMPORT_KEYWORDS, {"input": {"sectorId": sector}}, file)
        payload: Json = data["importKeywords"]
        state = await self._follow(payload["job"]["id"]) if payload["job"] else {}
        show.show_import(self._console, payload, state.get("message"), time.monotonic() - start)

    async def _cluster(self, sector: str) -> list[Json]:
        self._step("Clustering the keywords")
        start = time.monotonic()
        await self._work(documents.CLUSTER_KEYWORDS, {"sectorId": sector})
        seconds = time.monotonic() - start
        found = await self._clusters(sector)
        if not found["nodes"]:
            raise DemoFailed("clustering the keywords made no clusters")
        show.show_clusters(self._console, found["nodes"], found["totalCount"], seconds)
        return list(found["nodes"])

    async def _ideas(self, sector: str, clusters: list[str]) -> list[Json]:
        """One of each cluster before the second of any."""
        self._step(f"Generating ideas for the {len(clusters)} strongest clusters")
        await self._work(documents.GENERATE_IDEAS, {"clusterIds": clusters, "count": _IDEAS_EACH})
        nodes = (await self._clusters(sector))["nodes"]
        shelves = [node["ideas"]["nodes"] for node in nodes if node["id"] in clusters]
        ideas = [shelf[turn] for turn in range(_IDEAS_EACH) for shelf in shelves if turn < len(shelf)]
        if not ideas:
            raise DemoFailed("generating ideas made no ideas")
        show.show_ideas(self._console, ideas)
        return ideas

    async def _articles(self, sector: str, ideas: list[Json]) -> None:
        self._step("Making tasks of the ideas and writing the first articles")
        created = await self._do(documents.CREATE_TASKS, {"ideaIds": [idea["id"] for idea in ideas]})
        tasks = [task["id"] for task in created["tasks"]][:_ARTICLES]
        state = await self._work(documents.GENERATE_CONTENT, {"taskIds": tasks})
        articles = await self._written(sector)
        if not articles or (state["status"] == "SUCCEEDED" and len(articles) < len(tasks)):
            raise DemoFailed(f"{len(tasks)} articles were asked for, {len(articles)} written")
        show.show_articles(self._console, articles)

    async def _pictures(self, sector: str) -> None:
        self._step("Describing and drawing the articles' pictures")
        contents = [article["id"] for article in await self._written(sector)]
        await self._work(documents.GENERATE_IMAGE_PROMPTS, {"contentIds": contents})
        await self._work(documents.GENERATE_IMAGES, {"contentIds": contents})
        articles = await self._written(sector)
        if not any(image["status"] == "READY" for article in articles for image in article["images"]["nodes"]):
            raise DemoFailed("no picture was drawn")
        found = {id: (await self._client.run(documents.PREVIEW, {"content": id}))["contentPreview"] for id in contents}
        previews = {id: preview["url"] for id, preview in found.items() if preview}
        show.show_pictures(self._console, self._base_url, articles, previews)

    async def _publish(self, sector: str) -> None:
        """The first article, as if somebody had read and approved it."""
        name = self._destination.name
        self._step(f"Approving the first article and publishing it ({name})")
        made = {"siteId": self._site, "name": name, **self._destination.settings}
        integration = (await self._do(documents.CREATE_INTEGRATION, made))["integration"]["id"]
        await self._work(documents.TEST_CONNECTION, {"integrationId": integration})
        tried = (await self._client.run(documents.INTEGRATION, {"id": integration}))["integration"]
        if tried["status"] != "CONNECTED":
            raise DemoFailed(f"the connection test of {name} ended as {tried['status']}: {tried['error']}")
        article = (await self._written(sector))[0]
        await self._client.run(documents.APPROVE, {"id": article["id"]})
        wanted = {"contentIds": [article["id"]], "integrationId": integration, "status": "PUBLISHED"}
        state = await self._work(documents.PUBLISH, wanted)
        found = (await self._client.run(documents.PUBLICATIONS, {"content": article["id"]}))["content"]
        publication = next((each for each in found["publications"]["nodes"] if each["status"] == "PUBLISHED"), None)
        if publication is None:
            raise DemoFailed(f"the article was not published: {state['message'] or 'no reason given'}")
        address = self._destination.address(self._account, integration, publication)
        show.show_page(self._console, article, address, len(tried["checks"]))

    async def _written(self, sector: str) -> list[Json]:
        found = await self._client.run(documents.ARTICLES, {"sector": sector, "first": _ARTICLES})
        return list(found["sector"]["contents"]["nodes"])

    async def _clusters(self, sector: str) -> Json:
        variables = {"sector": sector, "first": _SHOWN_CLUSTERS}
        found: Json = (await self._client.run(documents.STRONGEST_CLUSTERS, variables))["sector"]["clusters"]
        return found

    async def _do(self, document: str, given: Json) -> Json:
        """The payload of a mutation, which is the only field of its document."""
        [payload] = (await self._client.run(document, {"input": given})).values()
        return dict(payload)

    async def _work(self, document: str, given: Json) -> Json:
        payload = await self._do(document, given)
        if not payload["job"]:
            raise DemoFailed("the API found nothing to do and started no job")
        return await self._follow(payload["job"]["id"])

    async def _follow(self, job: str) -> Json:
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task("waiting for a worker", total=None)

            def changed(state: Json) -> None:
                phase = str(state["phase"] or state["status"]).replace("_", " ").lower()
                progress.update(bar, description=phase, completed=state["done"] or 0, total=state["total"] or None)

            state = await self._client.follow(job, changed)
        self._spent += state["creditsSpent"] or 0
        if state["status"] == "PARTIAL":
            failed = await self._client.run(documents.FAILED_ITEMS, {"job": job})
            show.show_failures(self._console, failed["job"]["items"]["nodes"])
        elif state["status"] != "SUCCEEDED":
            reason = state["error"] or state["message"] or "no reason given"
            raise DemoFailed(f"{state['kind']} ended as {state['status']}: {reason}")
        return state

    def _step(self, title: str) -> None:
        self._console.print()
        self._console.print(title, style="bold cyan", markup=False)


def _fitting(industries: list[Json]) -> Json:
    """The sample is about coffee."""
    if not industries:
        raise DemoFailed("there are no industries to choose from: the database has not been seeded")
    return next((industry for industry in industries if "food" in industry["name"].lower()), industries[0])
