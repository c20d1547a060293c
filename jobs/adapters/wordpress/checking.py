"""Trying a WordPress, stage by stage."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from domain.destinations import Checked, Connected, DestinationError
from jobs.adapters.wordpress import seo
from jobs.adapters.wordpress.api import Answer, Api, Root
from jobs.adapters.wordpress.failures import HEADER_LINE, SIGN_IN_ANEW, WRONG_PASSWORD, RefusedError, site_of
from jobs.adapters.wordpress.pages import head, where_the_api_is
from jobs.adapters.wordpress.redirects import final_address
from jobs.adapters.wordpress.site import (
    RANK_MATH,
    ROUTES,
    YOAST,
    Offer,
    ask_authors,
    ask_offer,
    ask_root,
    ask_user,
    may_upload,
    roles_of,
    site_from,
)
from jobs.adapters.wordpress.xmlrpc import accepts
from persistence.terms import CheckStage, RemoteEntityKind

NAMES = {YOAST: "Yoast SEO", RANK_MATH: "Rank Math"}
NEEDED = {"edit_posts": "write posts", "publish_posts": "publish posts"}
OPTIONAL = {
    "publish_pages": "publish pages",
    "edit_others_posts": "publish for other authors",
    "manage_categories": "make categories",
    "unfiltered_html": "send structured data",
}
EDITOR = "Give a user with the role of an editor."
UNSEEN = ("address_refused", "unknown_host", "bad_address")  # before any connection


class StageError(Exception):
    """A stage that failed: what was found, and what to do."""

    def __init__(self, stage: CheckStage, found: str, cure: str = "") -> None:
        super().__init__(found)
        self.stage, self.found, self.cure = stage, found, cure


class Checking:
    """One trial. `marks`: when a connection to the address was made, and when it was secure."""

    def __init__(self, api: Api, progress: Callable[[str, int, int], None]) -> None:
        self.api, self.progress = api, progress
        self.stages: list[Checked] = []
        self.began = time.monotonic()
        self.marks: dict[str, float] = {}

    async def run(self) -> Connected:
        """Whatever goes wrong is the failure of a stage."""
        self.progress("connecting", 0, len(CheckStage))
        try:
            return Connected(self.stages, await self._all())
        except StageError as error:
            self._passed(error.stage, error.found, error.cure, ok=False)
        except DestinationError as error:
            stage = list(CheckStage)[len(self.stages)]
            self._passed(stage, error.said, error.cure, ok=False)
        return Connected(self.stages)

    def _passed(self, stage: CheckStage, found: str, cure: str = "", *, ok: bool = True, at: float = 0) -> None:
        now = at or time.monotonic()
        self.stages.append(Checked(stage, ok, max(0, round((now - self.began) * 1000)), found, cure))
        self.began = max(now, self.began)
        self.progress("connecting", len(self.stages), len(CheckStage))

    async def _all(self) -> Mapping[str, Any]:
        await self._connection()
        root = await self._root()
        self._sign_in(root)
        user = await self._credentials()
        offers = {entity: await ask_offer(self.api, entity) for entity in ROUTES}
        authors = await self._authors()
        site = site_from(self.api, root, user, offers, authors)
        self._capabilities(site.roles, site.may, offers)
        await self._media(site.may)
        await self._seo(site.plugins, offers)
        return site.model_dump(mode="json")

    async def _connection(self) -> None:
        """ADDRESS and TLS by one request, whose answer is of no interest yet."""
        parts = urlsplit(self.api.url)
        host, secure = parts.hostname or "", parts.scheme == "https"

        async def trace(event: str, info: Mapping[str, Any]) -> None:
            self.marks.setdefault(event.rpartition("connection.")[2], time.monotonic())

        try:
            await self.api.send("HEAD", f"{self.api.url}/", signed=False, extensions={"trace": trace})
        except DestinationError as error:
            if error.code in UNSEEN:
                raise
            self._passed(CheckStage.ADDRESS, f"{host} is known.", at=self._mark("connect_tcp.complete"))
            if ("start_tls.complete" if secure else "connect_tcp.complete") not in self.marks:
                if error.code == "tls" or "connect_tcp.complete" not in self.marks:
                    raise
                said = f"{self.api.failures.host} makes no encrypted connection."
                raise StageError(CheckStage.TLS, said, "Have a certificate set up at the host.") from None
        else:
            self._passed(CheckStage.ADDRESS, f"{host} is known.", at=self._mark("connect_tcp.complete"))
        if secure:
            self._passed(CheckStage.TLS, "The certificate holds.", at=self._mark("start_tls.complete"))
        else:
            said = "Connected without encryption."
            self._passed(CheckStage.TLS, said, "Give the https address where there is one.")

    def _mark(self, event: str) -> float:
        return self.marks.get(event, time.monotonic())

    async def _root(self) -> Answer:
        try:
            root = await ask_root(self.api)
        except RefusedError as error:
            if error.name in WRONG_PASSWORD:
                self._passed(CheckStage.API, "WordPress's REST API answers.")
                self._passed(CheckStage.SIGN_IN, "Users are looked at before anything else.")
                raise StageError(CheckStage.CREDENTIALS, WRONG_PASSWORD[error.name], SIGN_IN_ANEW) from None
            if error.code[:1] == "3":
                found, cure = await final_address(self.api)
                raise StageError(CheckStage.API, found, cure) from None
            if error.name and error.code[:3] in ("401", "403", "404"):
                raise StageError(
                    CheckStage.API, f"The REST API is closed there ({error.code}), also to {self.api.username}.",
                    "Open it to users who are signed in: a security plugin has a setting for it. Check the password.",
                ) from None  # fmt: skip
            if error.retryable or error.name or error.is_shut:
                raise
            raise StageError(CheckStage.API, *await where_the_api_is(self.api, error)) from None
        found = f"WordPress's REST API answers, of “{self.api.failures.plain.line(root.fields.get('name') or '', 80)}”."
        if self.api.root is Root.QUERY:
            found += " Its permalinks are plain, or /wp-json is not let through; ?rest_route= is."
        home = site_of(str(root.fields.get("home") or self.api.url))
        self._passed(CheckStage.API, found, "" if home == self.api.url else f"Its own address is {home}: give that.")
        return root

    def _sign_in(self, root: Answer) -> None:
        """`authentication` is an empty list where there is none, not an object."""
        offered = root.fields.get("authentication")
        if isinstance(offered, dict) and "application-passwords" in offered:
            self._passed(CheckStage.SIGN_IN, "Application passwords are offered.")
            return
        if self.api.url.startswith("http:"):
            cure = "WordPress has them on https alone: give the site a certificate, and its https address here."
        else:
            cure = "Switch them on there: a security plugin, such as Wordfence, has a setting for it."
        raise StageError(CheckStage.SIGN_IN, "The site offers no application passwords.", cure)

    async def _credentials(self) -> Mapping[str, Any]:
        try:
            user = await ask_user(self.api)
        except RefusedError as error:
            if error.name == "rest_not_logged_in":
                raise await self._nobody() from None
            if error.name == "rest_no_route":
                cure = "A plugin hides /wp/v2/users: let users who are signed in see themselves."
                raise StageError(CheckStage.CREDENTIALS, "The site does not say who is signed in.", cure) from None
            raise
        roles = ", ".join(roles_of(user)) or "without a role"
        name = self.api.failures.plain.line(str(user.get("name") or ""), 80)
        self._passed(CheckStage.CREDENTIALS, f"Signed in as {name} ({roles}).")
        return user

    async def _nobody(self) -> StageError:
        """A wrong password, and a right one that its host keeps from WordPress, are answered the same. XML-RPC takes
        the password in the body, and tells the one from the other where it is switched on.
        """
        right = await accepts(self.api)
        stage, name = CheckStage.CREDENTIALS, self.api.username
        stripped = f"In .htaccess, above WordPress's lines, add: {HEADER_LINE}"
        if right:
            return StageError(
                stage, "The password is right, but the host keeps the Authorization header from WordPress.", stripped
            )
        if right is False:
            return StageError(stage, f"WordPress takes neither {name} nor the application password.", SIGN_IN_ANEW)
        return StageError(
            stage, f"WordPress takes {name} for nobody: user or application password are wrong, or the host keeps the "
            "Authorization header from it.", f"{SIGN_IN_ANEW} If they are right: {stripped}",
        )  # fmt: skip

    async def _authors(self) -> tuple[dict[str, int], bool]:
        try:
            return await ask_authors(self.api)
        except RefusedError as error:
            if error.retryable:
                raise
            return {}, True

    def _capabilities(self, roles: list[str], may: list[str], offers: Mapping[RemoteEntityKind, Offer]) -> None:
        missing = [what for name, what in NEEDED.items() if name not in may]
        if not missing and not offers[RemoteEntityKind.POST].creates:
            missing = [NEEDED["edit_posts"]]
        if missing:
            found = f"{self.api.username} ({', '.join(roles) or 'without a role'}) may not {' and '.join(missing)}."
            raise StageError(CheckStage.CAPABILITIES, found, EDITOR)
        without = [what for name, what in OPTIONAL.items() if name not in may]
        found = "May publish posts" + (f"; may not {', '.join(without)}." if without else ", and all that goes along.")
        self._passed(CheckStage.CAPABILITIES, found, EDITOR if without else "")

    async def _media(self, may: list[str]) -> None:
        if "upload_files" not in may or not await may_upload(self.api):
            raise StageError(CheckStage.MEDIA, f"{self.api.username} may not upload pictures.", EDITOR)
        self._passed(CheckStage.MEDIA, "Pictures may be uploaded.")

    async def _seo(self, plugins: list[str], offers: Mapping[RemoteEntityKind, Offer]) -> None:
        """What cannot be set is told and left out; it fails nothing."""
        runs = " and ".join(NAMES[name] for name in plugins)
        where = {entity: self._way(plugins, offer) for entity, offer in offers.items()}
        said = "; ".join(f"{entity.value.lower()}s: {way or 'not'}" for entity, way in where.items())
        found = f"Titles and descriptions can be set ({said})." if any(where.values()) else (
            "Titles and descriptions for search engines cannot be set."
        )  # fmt: skip
        found += f" {runs} runs." if runs else " No SEO plugin that is known runs."
        found += f" {await head(self.api)}"
        cure = "" if all(where.values()) and runs else (
            "Install Yoast SEO from 28.4 on or Rank Math; with the plugin IGNY8 Companion any of them will do."
        )  # fmt: skip
        self._passed(CheckStage.SEO_META, found, cure)

    def _way(self, plugins: list[str], offer: Offer) -> str:
        fields = {key for each in seo.KEYS.values() for key in each.values()}
        if fields & set(offer.meta):
            return "by wp/v2"
        return "by Rank Math's own route" if RANK_MATH in plugins else ""
