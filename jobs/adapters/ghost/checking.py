"""A connection tried stage by stage; nothing is made or changed there."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from domain.destinations import Checked, Connected, DestinationError
from jobs.adapters.ghost.api import Api, json_of
from jobs.adapters.ghost.failures import causes, line, not_json, refused
from jobs.adapters.ghost.tokens import AdminKey
from persistence.terms import CheckStage

OLDEST = 5
WRITERS = {"Owner", "Administrator", "Editor", "Super Editor", "Author"}  # of a person's own token
Progress = Callable[[str, int, int], None]


async def check(api: Api, progress: Progress) -> Connected:
    return await _Check(api, progress).run()


class _Check:
    def __init__(self, api: Api, progress: Progress) -> None:
        self.api, self.progress = api, progress
        self.stages: list[Checked] = []
        self.capabilities: dict[str, Any] = {}

    async def run(self) -> Connected:
        if await self._reached():
            steps: list[tuple[CheckStage, Callable[[], Awaitable[str]]]] = [
                (CheckStage.SIGN_IN, self._key),
                (CheckStage.CREDENTIALS, self._credentials),
                (CheckStage.CAPABILITIES, self._rights),
                (CheckStage.MEDIA, self._media),
                (CheckStage.SEO_META, self._metas),
            ]
            for stage, step in steps:
                if not await self._tried(stage, step):
                    break
        return Connected(self.stages, self.capabilities if all(s.ok for s in self.stages) else {})

    def _said(self, stage: CheckStage, began: float, found: str, failure: DestinationError | None = None) -> None:
        ms = round((time.monotonic() - began) * 1000)
        self.stages.append(Checked(stage, failure is None, ms, found, failure.cure if failure else ""))
        self.progress(stage.value.lower().replace("_", " "), len(self.stages), len(CheckStage))

    async def _tried(self, stage: CheckStage, step: Callable[[], Awaitable[str]]) -> bool:
        began = time.monotonic()
        try:
            self._said(stage, began, await step())
        except DestinationError as error:
            self._said(stage, began, error.said, error)
        return self.stages[-1].ok

    async def _reached(self) -> bool:
        """One request tells of three stages: what it failed at says up to where it came."""
        began = time.monotonic()
        host = urlsplit(self.api.site).hostname or ""
        try:
            answer = await self.api.send("GET", f"{self.api.base}site/")
        except DestinationError as error:
            stage = _failed_at(error)
            if stage is not CheckStage.ADDRESS:
                self._said(CheckStage.ADDRESS, began, f"{host} may be called.")
            if stage is CheckStage.API:
                self._said(CheckStage.TLS, began, "Connected.")
            self._said(stage, began, error.said, error)
            return False
        self._said(CheckStage.ADDRESS, began, f"{host} may be called.")
        is_secure = urlsplit(self.api.site).scheme == "https"
        self._said(
            CheckStage.TLS, began, "Connected; its certificate holds." if is_secure else "Connected, unencrypted."
        )

        async def look() -> str:
            if not answer.is_success:
                raise refused(answer, makes=False)
            site = json_of(answer).get("site")
            if not isinstance(site, dict) or "version" not in site:
                raise not_json(answer, makes=False)
            return self._site(site)

        return await self._tried(CheckStage.API, look)

    def _site(self, site: dict[str, Any]) -> str:
        version, url = line(str(site["version"])), str(site.get("url") or self.api.site).rstrip("/")
        major = re.match(r"\d+", version)
        if not major or int(major[0]) < OLDEST:
            raise DestinationError(
                f"It is Ghost {version}.", f"Update it to Ghost {OLDEST} or later.", code="version_too_old"
            )
        self.capabilities |= {"version": version, "site": url, "title": line(str(site.get("title") or ""))}
        apart = urlsplit(url).netloc != urlsplit(self.api.site).netloc
        return f"Ghost {version}" + (f"; readers come to {line(url)}." if apart else ".")

    async def _key(self) -> str:
        return f"Signed with the Admin API key {AdminKey.of(self.api.connection.secret).id}."

    async def _credentials(self) -> str:
        await self.api.get("posts/", limit="1", fields="id")
        return "Ghost takes the key."

    async def _rights(self) -> str:
        """A person's own token has their role; a key of an integration may do all that publishing takes."""
        role = await self._role()
        if role and role not in WRITERS:
            raise DestinationError(
                f"The key is the token of a person whose role is {role}; they may not publish.",
                "Use the key of a custom integration, or of an author or more.",
                code="role",
            )
        for kind in ("pages", "tags"):
            await self.api.get(f"{kind}/", limit="1", fields="id")
        try:
            await self.api.get("users/", limit="1", fields="id")
            self.capabilities["authors"] = True
        except DestinationError as error:
            if not error.code.startswith("403"):
                raise
            self.capabilities["authors"] = False
        self.capabilities["role"] = role or "Integration"
        told = "" if self.capabilities["authors"] else "; authors cannot be looked up, so that posts are the key's own"
        return f"Posts, pages and tags are open to it{told}."

    async def _role(self) -> str | None:
        try:
            user = (await self.api.get("users/me/", include="roles"))["users"][0]
        except DestinationError as error:
            if error.code.startswith(("403", "404")):
                return None
            raise
        return next((line(str(role["name"])) for role in user.get("roles") or ()), None)

    async def _media(self) -> str:
        """An upload without a file: refused for the lack of one if uploads are open."""
        try:
            await self.api.call("POST", "images/upload/", {})
        except DestinationError as error:
            if not error.code.startswith("422"):
                raise
        return "Uploads are open to the key; none was made, since Ghost deletes no picture."

    async def _metas(self) -> str:
        self.capabilities["seo_meta"] = "native"
        return "Ghost has fields of its own for the title and the description."


def _failed_at(error: DestinationError) -> CheckStage:
    if error.code == "address_refused" or any("not known" in str(e) or "not resolved" in str(e) for e in causes(error)):
        return CheckStage.ADDRESS
    return CheckStage.TLS if error.code in ("tls", "unreachable") else CheckStage.API
