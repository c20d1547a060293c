"""The API's main path in memory, just deep enough for the demo to walk it; it validates documents as the real one."""

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import build_schema, graphql_sync, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

SCHEMA = build_schema("""
scalar Upload
type UserError { code: String! message: String! field: [String!] }
type Named { id: ID! name: String! email: String sectors: [Named!] }
type Viewer { user: Named! account: Named! }
type Keyword { keyword: String! volume: Int }
type Keywords { nodes: [Keyword!]! }
type Idea { id: ID! ideaTitle: String! }
type Ideas { nodes: [Idea!]! }
enum Field { VOLUME }
enum Direction { DESC }
input Order { field: Field! direction: Direction! }
type Cluster {
  id: ID! name: String! keywordsCount: Int! volume: Int
  keywords(first: Int, orderBy: [Order!]): Keywords! ideas(first: Int): Ideas!
}
type Clusters { totalCount: Int! nodes: [Cluster!]! }
type Task { id: ID! title: String! }
type Image { imageType: String! status: String! width: Int height: Int url: String altText: String! }
type Images { nodes: [Image!]! }
enum ImageField { POSITION }
input ImageOrder { field: ImageField! }
type Content {
  id: ID! title: String! wordCount: Int! origin: String! htmlContent: String! task: Task
  images(first: Int, orderBy: [ImageOrder!]): Images!
}
enum ItemStatus { FAILED }
input ItemStatusFilter { in: [ItemStatus!] }
input ItemFilter { status: ItemStatusFilter }
type Item { attempts: Int! error: String }
type Items { nodes: [Item!]! }
type Preview { url: String! expiresAt: String! }
type Contents { nodes: [Content!]! }
type Sector { id: ID! clusters(first: Int, orderBy: [Order!]): Clusters! contents(first: Int): Contents! }
type Check { stage: String! isOk: Boolean! }
type Integration { id: ID! status: String! error: String checks: [Check!]! }
type Publication { status: String slug: String url: String }
type Publications { nodes: [Publication!]! }
type Published { id: ID! publications(first: Int): Publications! }
type Credits { balance: Int! held: Int! }
type Account { credits: Credits! }
type Job {
  id: ID! kind: String! status: String! phase: String done: Int! total: Int message: String error: String
  creditsSpent: Int! items(first: Int, filter: ItemFilter): Items!
}
type JobId { id: ID! }
type Row { line: Int! reason: String! }
type Payload {
  accessToken: String viewer: Viewer site: Named sector: Sector tasks: [Task!] job: JobId
  integration: Integration content: Published
  format: String imported: Int updated: Int skipped: Int rejected: Int rows: [Row!] userErrors: [UserError!]!
}
input SignUpInput { accountName: String! email: String! password: String! }
input CreateSiteInput { name: String! domain: String industryId: ID }
input CreateSectorInput { siteId: ID! name: String! industrySectorId: ID }
input ImportKeywordsInput { sectorId: ID! file: Upload! dryRun: Boolean }
input ClusterKeywordsInput { sectorId: ID! }
input GenerateIdeasInput { clusterIds: [ID!]! count: Int }
input CreateTasksFromIdeasInput { ideaIds: [ID!]! }
input GenerateContentInput { taskIds: [ID!]! }
input GenerateImagePromptsInput { contentIds: [ID!] }
input GenerateImagesInput { contentIds: [ID!] }
input FolderInput { root: String }
input WordPressInput { url: String username: String appPassword: String }
input CreateIntegrationInput { siteId: ID! name: String! folder: FolderInput wordPress: WordPressInput }
input TestConnectionInput { integrationId: ID! }
enum ContentStatus { APPROVED }
input UpdateContentInput { status: ContentStatus }
enum RemoteStatus { PUBLISHED }
input PublishContentInput { contentIds: [ID!]! integrationId: ID! status: RemoteStatus! }
type Query {
  integration(id: ID!): Integration content(id: ID!): Published
  industries: [Named!]! sector(id: ID!): Sector account: Account! job(id: ID!): Job
  contentPreview(contentId: ID!): Preview
}
type Mutation {
  signUp(input: SignUpInput!): Payload! createSite(input: CreateSiteInput!): Payload!
  createSector(input: CreateSectorInput!): Payload! importKeywords(input: ImportKeywordsInput!): Payload!
  clusterKeywords(input: ClusterKeywordsInput!): Payload! generateIdeas(input: GenerateIdeasInput!): Payload!
  createTasksFromIdeas(input: CreateTasksFromIdeasInput!): Payload!
  generateContent(input: GenerateContentInput!): Payload!
  generateImagePrompts(input: GenerateImagePromptsInput!): Payload!
  generateImages(input: GenerateImagesInput!): Payload!
  createIntegration(input: CreateIntegrationInput!): Payload! testConnection(input: TestConnectionInput!): Payload!
  updateContent(id: ID!, input: UpdateContentInput!): Payload! publishContent(input: PublishContentInput!): Payload!
}
type Subscription { jobProgress(id: ID!): Job! }
""")

ARTICLE = "<p>An outline.</p><h2>Ratio [by weight]</h2><h3>Grams</h3>"


@dataclass
class PlanningApi:
    """`refused`: the mutation that answers userErrors; `failed`, `partial`: whose job ends so; `broken`: why a
    connection test fails."""

    refused: str = ""
    failed: str = ""
    partial: str = ""
    broken: str = ""
    large: bool = False
    clusters: int = 5
    industries: tuple[str, ...] = ("Finance", "Food & drink")
    asked: dict[str, Any] = field(default_factory=dict)

    def app(self) -> Starlette:
        routes = [Route("/graphql", self._post, methods=["POST"]), WebSocketRoute("/graphql", self._converse)]
        return Starlette(routes=routes)

    async def _post(self, request: Request) -> JSONResponse:
        if request.headers["content-type"].startswith("multipart/form-data"):
            async with request.form() as form:
                body = json.loads(str(form["operations"]))
                body["variables"]["input"]["file"] = await form["0"].read()  # type: ignore[union-attr]
        else:
            body = await request.json()
        result = graphql_sync(SCHEMA, body["query"], self._root(), variable_values=body["variables"])
        return JSONResponse(result.formatted)

    async def _converse(self, socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack"})
        asked = (await socket.receive_json())["payload"]
        assert not validate(SCHEMA, parse(asked["query"]))
        for state in self._states(asked["variables"]["id"]):
            await socket.send_json({"id": "1", "type": "next", "payload": {"data": {"jobProgress": state}}})
        await socket.send_json({"id": "1", "type": "complete"})
        await socket.receive()

    def _states(self, kind: str) -> list[dict[str, Any]]:
        state = {
            "id": kind,
            "kind": kind,
            "phase": "",
            "done": 1,
            "total": 2,
            "message": f"{kind} is done",
            "error": None,
        }
        if kind == self.failed:
            return [{**state, "status": "FAILED", "error": "the worker is tired", "creditsSpent": 0}]
        last = "PARTIAL" if kind == self.partial else "SUCCEEDED"
        return [{**state, "status": status, "creditsSpent": 7} for status in ("QUEUED", "RUNNING", last)]

    def _root(self) -> dict[str, Any]:
        industries = [
            {"id": name, "name": name, "sectors": [{"id": "s", "name": f"{name}: all"}]} for name in self.industries
        ]
        items = [{"attempts": 4, "error": "the model [talked] nonsense"}]
        read = {
            "industries": industries,
            "sector": self._sector,
            "account": {"credits": {"balance": 479, "held": 0}},
            "job": {"items": {"nodes": items}},
            "integration": {
                "status": "FAILED" if self.broken else "CONNECTED",
                "error": self.broken or None,
                "checks": [{"stage": "ADDRESS", "isOk": True}],
            },
            "content": lambda info, id: {"publications": {"nodes": self._publications(id)}},
            "contentPreview": lambda info, contentId: {"url": f"/preview/{contentId}?token=t", "expiresAt": "soon"},
        }
        written = {name: self._mutation(name) for name in SCHEMA.mutation_type.fields} if SCHEMA.mutation_type else {}
        return read | written

    def _mutation(self, name: str) -> Any:
        def resolve(info: Any, input: dict[str, Any], **more: str) -> dict[str, Any]:
            self.asked[name] = {**input, **more}
            if name == self.refused:
                return {"userErrors": [{"code": "BAD_INPUT", "message": "Not today", "field": None}]}
            return self._payload(name, input) | {"userErrors": []}

        return resolve

    def _payload(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        who = {"id": "acct_x", "name": "x", "email": "x"}
        tasks = [{"id": f"task-{idea}", "title": idea} for idea in given.get("ideaIds", [])]
        made = {"accessToken": "t", "viewer": {"user": who, "account": who}, "site": who, "sector": {"id": "sec"}}
        made |= {"integration": {"id": "intg_i"}, "content": {"id": "c"}}
        counts = {"format": "GENERIC", "imported": 3, "updated": 0, "skipped": 1, "rejected": 1}
        rows = [{"line": 9, "reason": "no [keyword]"}]
        job = None if name == "importKeywords" and not self.large else {"id": name}
        return made | counts | {"rows": rows, "tasks": tasks, "job": job}

    def _publications(self, content: str) -> list[dict[str, str]]:
        there = content in self.asked["publishContent"]["contentIds"] and self.asked["updateContent"]["id"] == content
        return [{"status": "PUBLISHED", "slug": f"slug-{content}", "url": f"https://wp/{content}"}] if there else []

    def _sector(self, info: Any, id: str) -> dict[str, Any]:
        clusters = [self._cluster(f"c{number}") for number in range(self.clusters)]
        written = [
            {
                "id": task,
                "title": f"Article {task}",
                "wordCount": 6,
                "origin": "OFFLINE_DRAFT",
                "htmlContent": ARTICLE,
                "images": {"nodes": self._images()},
            }
            for task in self.asked.get("generateContent", {}).get("taskIds", [])
        ]
        return {"id": id, "clusters": {"totalCount": 41, "nodes": clusters}, "contents": {"nodes": written}}

    def _images(self) -> list[dict[str, Any]]:
        ready = {"status": "READY", "width": 1200, "height": 640, "url": "/files/k", "altText": "hills"}
        return [{"imageType": "FEATURED", **ready}] if "generateImages" in self.asked else []

    def _cluster(self, id: str) -> dict[str, Any]:
        wanted = self.asked.get("generateIdeas", {"clusterIds": [], "count": 0})
        ideas = range(wanted["count"] if id in wanted["clusterIds"] else 0)
        return {
            "id": id,
            "name": f"Cluster [{id}]",
            "keywordsCount": 1200,
            "volume": None,
            "keywords": {"nodes": [{"keyword": f"keyword {id}", "volume": 10}]},
            "ideas": {"nodes": [{"id": f"{id}-i{number}", "ideaTitle": f"Idea {id}-i{number}"} for number in ideas]},
        }
