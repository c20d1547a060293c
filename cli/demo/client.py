"""A small client of the API: documents over HTTP, uploads as multipart, a job's progress over WebSockets."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from cli.demo.answers import DemoFailed, Json, data_of
from cli.demo.watch import JobWatch

__all__ = ["ApiClient", "DemoFailed", "Json"]


class ApiClient:
    """`token` goes with every call once it is set; `patience`, `tries` and `pause` are JobWatch's."""

    def __init__(self, base_url: str, *, patience: float = 120, tries: int = 5, pause: float = 0.5) -> None:
        self.token: str | None = None
        self._base_url = base_url.rstrip("/")
        self._watching = {"patience": patience, "pause": pause}
        self._tries = tries
        # A proxy of the environment could not reach a server on this machine.
        self._http = httpx2.AsyncClient(base_url=self._base_url, timeout=120, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def run(self, document: str, variables: Json | None = None) -> Json:
        """The answer's `data`; raises DemoFailed for errors of any kind, the payloads' userErrors too."""
        return await self._post(json={"query": document, "variables": variables or {}})

    async def upload(self, document: str, variables: Json, file: Path) -> Json:
        """As `run`, with `file` as the variable `input.file` (GraphQL multipart request spec)."""
        variables = {**variables, "input": {**variables.get("input", {}), "file": None}}
        form = {
            "operations": json.dumps({"query": document, "variables": variables}),
            "map": json.dumps({"0": ["variables.input.file"]}),
        }
        content = await asyncio.to_thread(file.read_bytes)
        return await self._post(data=form, files={"0": (file.name, content, "text/csv")})

    async def follow(self, job: str, changed: Callable[[Json], None] = lambda state: None) -> Json:
        """The job's last state once it has ended, however often the socket drops; `changed` gets every new one."""
        watch = JobWatch(job, self._authorization(), changed, tries=self._tries, **self._watching)
        return await watch.until_ended(f"ws{self._base_url.removeprefix('http')}/graphql")

    async def _post(self, **content: Any) -> Json:
        headers = {
            "accept": "application/graphql-response+json, application/json",
            "graphql-require-preflight": "true",
            **self._authorization(),
        }
        try:
            response = await self._http.post("/graphql", headers=headers, **content)
        except httpx2.HTTPError as error:
            raise DemoFailed(f"cannot reach {self._base_url}: {error or type(error).__name__}") from error
        return data_of(response)

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}
