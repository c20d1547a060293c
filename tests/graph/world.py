"""Rows to ask about: nulls, ties, many scripts, markup, control characters, empty lists, extremes; two accounts."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from domain.planner.exports import keyword_key
from domain.tokens import Identity, Tokens
from persistence.terms import Role
from tests.client import Api
from tests.conftest import Place

WORDS = [
    "coffee grinder", "Coffee Grinder", "café crème", "CAFÉ", "咖啡 机", "кофе", "☕ emoji 👩‍🍳", 'a "quoted" one',
    "it's", "back\\slash", "100% arabica", "under_score", "<b>bold</b> & <script>", "line\nbreak", "tab\tstop",
    "\u0001", "\u2028 \u2029", "Ωmega", "z", "a", "", " ", "𝒳 astral", "{}", "$1 :x %s", "\x7f",
]  # fmt: skip
INSTANTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 1, 31, 8, 30, tzinfo=UTC),
    datetime(2026, 1, 31, 8, 30, 0, 1, tzinfo=UTC),
    datetime(2026, 1, 31, 8, 30, 0, 999, tzinfo=UTC),
    datetime(2026, 1, 31, 8, 30, 0, 123999, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]
NUMBERS = [None, None, 0, 1, 10, 10, 10, 500, 500, 2**31 - 1]


@dataclass
class World:
    """An account with rows, its owner, an editor who sees one of its sites, and a stranger with rows of its own."""

    owner: Api
    editor: Api
    stranger: Api
    url: str
    place: Place

    def identity(self, api: Api) -> Identity:
        found = Tokens(self.place.settings.secrets()).read(api.token or "")
        assert found
        return found


class Sower:
    def __init__(self, connection: psycopg.Connection[Any], seed: int) -> None:
        self.connection, self.random = connection, random.Random(seed)
        self.taxonomies: dict[UUID, list[UUID]] = {}
        self.integrations: dict[UUID, list[UUID]] = {}

    def insert(self, table: str, **values: Any) -> UUID:
        values.setdefault("id", UUID(int=self.random.getrandbits(128), version=4))
        if table != "credit_balance":
            values.setdefault("created_at", self.random.choice(INSTANTS))
        columns = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        self.connection.execute(f"insert into {table} ({columns}) values ({marks})", list(values.values()))
        id: UUID = values["id"]
        return id

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def word(self) -> str:
        return self.random.choice(WORDS)

    def words(self) -> list[str]:
        return [self.word() for _ in range(self.random.choice([0, 0, 1, 3]))]

    def number(self) -> int | None:
        return self.random.choice(NUMBERS)

    def instant(self) -> datetime | None:
        return self.random.choice([None, *INSTANTS])

    def account(self, account: UUID, user: UUID, sites: int) -> list[UUID]:
        made = [self.site(account, n, user) for n in range(sites)]
        self.authors = [
            self.insert("author_profile", account_id=account, name=f"{self.word()} {n}", tone=self.word())
            for n in range(3)
        ]
        self.insert("strategy", account_id=account, name=self.word() or "-", section_logic=Jsonb({"GUIDE": ["é"]}))
        for n, site in enumerate(made):
            for m in range([3, 1, 0][n % 3]):
                self.sector(account, site, m, user)
            self.insert("site_user_access", account_id=account, site_id=site, user_id=user)
        self.jobs(account, made, user)
        for n in range(12):
            self.insert(
                "credit_transaction", account_id=account, transaction_type=self.pick("USAGE", "PURCHASE", "REFUND"),
                amount=self.pick(-3, 0, 2**31 - 1), balance_after=n, description=self.word(), key=f"k{n}",
            )  # fmt: skip
            self.insert(
                "audit_event", account_id=account, operation=self.pick("INSERT", "EVENT"), action=self.word(),
                entity="x", before=self.pick(None, Jsonb(None), Jsonb([]), Jsonb({"a": 1.10, "b": 'q"\n<é👍'})),
                after=self.pick(None, Jsonb({}), Jsonb("text"), Jsonb(12345678901234567890), Jsonb({"z": [1, {}]})),
            )  # fmt: skip
        return made

    def site(self, account: UUID, n: int, user: UUID) -> UUID:
        industry = self.connection.execute("select id from industry order by name limit 1").fetchone()
        site = self.insert(
            "site", account_id=account, name=self.word(), slug=f"s{n}", domain=self.pick(None, "example.com"),
            industry_id=self.pick(None, industry and industry[0]), is_active=self.pick(True, False),
            status=self.pick("ACTIVE", "ARCHIVED"),
        )  # fmt: skip
        self.calendar(account, site, user)
        taxonomies: list[UUID] = []
        for i in range(5):
            made = self.insert(
                "taxonomy", account_id=account, site_id=site, name=self.word(), slug=f"x{i}", description=self.word(),
                taxonomy_type=self.pick("TAG", "CATEGORY"), parent_id=self.pick(None, *taxonomies),
            )  # fmt: skip
            taxonomies.append(made)
        self.taxonomies[site] = taxonomies
        self.integrations[site] = [self.integration(account, site, n) for n in range(3)]
        for _ in range(6):
            self.insert(
                "event", account_id=account, site_id=self.pick(None, site, site), count=self.pick(1, 3),
                kind=self.pick("KEYWORD_CREATED", "JOB_FAILED"), subject_type=self.pick("Keyword", "Idea"),
                subject_id=self.pick(None, site), ids=self.pick(None, [site, account], [site]),
                actor_id=self.pick(None, user), payload=Jsonb({"é": [None, True, self.number()]}),
            )  # fmt: skip
        return site

    def calendar(self, account: UUID, site: UUID, user: UUID) -> None:
        """Made by a trigger."""
        made = self.connection.execute(
            "update publishing_calendar set time_zone = %s, max_per_day = %s, paused_at = %s, paused_by_id = %s "
            "where site_id = %s returning id",
            (self.pick("UTC", "Asia/Kathmandu"), self.pick(None, 3), self.instant(), self.pick(None, user), site),
        ).fetchone()
        assert made
        week = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
        for minute in self.random.sample([0, 9 * 60 + 5, 1440, 3000, 10_079], self.pick(1, 3)):
            self.insert(
                "publishing_slot", account_id=account, site_id=site, calendar_id=made[0], day=week[minute // 1440],
                minute=minute,
            )  # fmt: skip

    def integration(self, account: UUID, site: UUID, n: int) -> UUID:
        made = self.insert(
            "integration", account_id=account, site_id=site, kind="WORDPRESS", name=f"{self.word()} {n}",
            url=self.pick(None, "https://é.example/?a=1&b='"), config=Jsonb({"username": "é"}),
            secret=self.pick(None, b"sealed"), status=self.pick("UNTESTED", "CONNECTED", "FAILED"),
            error=self.pick(None, "no"), capabilities=Jsonb({"a": [1, None]}), checked_at=self.instant(),
        )  # fmt: skip
        for position, stage in enumerate(["ADDRESS", "TLS", "API"][: self.pick(0, 2, 3)]):
            self.insert(
                "connection_check", account_id=account, site_id=site, integration_id=made, position=position,
                stage=stage, is_ok=self.pick(True, False), ms=self.pick(0, 7), found=self.word(), cure=self.word(),
            )  # fmt: skip
        for n in range(self.pick(0, 1, 3)):
            self.insert(
                "sync_run", account_id=account, site_id=site, integration_id=made, listed=n, imported=self.pick(0, n),
                outcome=self.pick("DONE", "FAILED"), error=self.pick(None, "no"), ended_at=self.instant(),
            )  # fmt: skip
        return made

    def publications(self, own: dict[str, UUID], content: UUID) -> None:
        for integration in self.random.sample(self.integrations[own["site_id"]], self.pick(0, 1, 2)):
            there = {**own, "content_id": content, "integration_id": integration}
            publication = self.insert(
                "publication", **there, entity=self.pick("POST", "PAGE"), marker=f"igny8-{self.random.random()}",
                wanted_status=self.pick("DRAFT", "PUBLISHED", "SCHEDULED"),
                status=self.pick(None, "DRAFT", "PUBLISHED"), publish_at=self.instant(), published_at=self.instant(),
                remote_id=self.pick(None, str(self.random.random())), url=self.pick(None, self.word()),
                slug=self.pick(None, "é"), revision=self.pick(None, 2), is_stale=self.pick(True, False),
                error=self.pick(None, self.word()),
                is_held=self.pick(True, False),
            )  # fmt: skip
            for field in ("TITLE", "HTML")[: self.pick(0, 1, 2)]:
                self.insert(
                    "sync_conflict", **there, publication_id=publication, field=field, ours=self.word(),
                    theirs=self.word(), base=self.pick(None, self.word()), theirs_hash="",
                    status=self.pick("OPEN", "OURS"), resolved_at=self.instant(),
                )  # fmt: skip
            for n in range(self.pick(0, 2, 3)):
                self.insert(
                    "publishing_record", **there, publication_id=publication, revision=n, attempt=self.pick(1, 2),
                    action=self.pick("CREATE", "UPDATE"), outcome=self.pick("DONE", "LOST", "UNDER_WAY"),
                    remote_id=self.pick(None, "7"), url=self.pick(None, self.word()),
                    fields=Jsonb({"title": "SENT"}), error=self.pick(None, "no"), code=self.pick(None, "401"),
                    ended_at=self.instant(),
                )  # fmt: skip
            link = {**own, "integration_id": integration, "publication_id": publication}
            self.insert("publication_link", **link, target_content_id=content)

    def sector(self, account: UUID, site: UUID, n: int, user: UUID) -> None:
        sector = self.insert(
            "sector", account_id=account, site_id=site, name=self.word(), slug=f"t{n}", description=self.word(),
            is_active=self.pick(True, False),
        )  # fmt: skip
        own = {"account_id": account, "site_id": site, "sector_id": sector}
        clusters = [
            self.insert("cluster", **own, name=self.word(), status=self.pick("ACTIVE", "ARCHIVED")) for _ in range(4)
        ]
        for i in range(38):
            self.keyword(own, [None, *clusters[:3]], i)
        ideas = [
            self.insert(
                "content_idea", **own, cluster_id=self.pick(None, *clusters), idea_title=self.word(),
                content_structure=self.pick("ARTICLE", "GUIDE"), target_keywords=self.words(),
                estimated_word_count=self.pick(0, 1000, 1000, 2000), status=self.pick("NEW", "DONE"),
            )
            for _ in range(7)
        ]  # fmt: skip
        tasks = [
            self.insert(
                "task", **own, cluster_id=self.pick(None, *clusters), idea_id=idea, title=self.word(),
                keywords=self.words(), word_count=self.pick(1, 500, 500), status=self.pick("DRAFT", "REVIEW"),
                assignee_id=self.pick(None, user), due_at=self.instant(),
            )
            for idea in [*ideas[:4], None, None]
        ]  # fmt: skip
        for i, task in enumerate([*tasks[:4], None]):
            content = self.insert(
                "content", **own, author_profile_id=self.pick(None, *self.authors),
                task_id=task, cluster_id=self.pick(None, *clusters), title=self.word(),
                slug=f"c{n}-{i}", html_content=f"<p>{self.word()}</p>\n" * 3, word_count=self.pick(0, 7, 7),
                origin=self.pick("AI", "HUMAN"), published_at=self.instant(), meta_title=self.pick(None, "m"),
                secondary_keywords=self.words(),
                live_at=self.random.sample(self.integrations[own["site_id"]], self.pick(0, 1, 2)),
            )  # fmt: skip
            self.pictures(own, task, content, user)
            self.filed({**own, "content_id": content}, clusters)
            self.publications(own, content)
        self.insert(
            "strategy", **own, name=f"{self.word()} {sector}", description=self.word(),
            prompt_types=Jsonb({"GENERATE_IDEAS": self.word().replace("\0", "")}), is_active=self.pick(True, False),
        )  # fmt: skip
        self.insert("job", **own, user_id=self.pick(None, user), kind="GENERATE_IDEAS", status="QUEUED")

    def filed(self, own: dict[str, UUID], clusters: list[UUID]) -> None:
        for taxonomy in self.random.sample(self.taxonomies[own["site_id"]], self.pick(0, 1, 3)):
            self.insert("content_taxonomy_map", **own, taxonomy_id=taxonomy)
        for cluster in self.random.sample(clusters, self.pick(0, 1, 2)):
            self.insert("content_cluster_map", **own, cluster_id=cluster, role=self.pick("HUB", "SUPPORTING"))
        for name in self.random.sample(["colour", "size", "é"], self.pick(0, 2)):
            self.insert("content_attribute_map", **own, name=name, value=self.word())

    def pictures(self, own: dict[str, UUID], task: UUID | None, content: UUID, user: UUID) -> None:
        for n in range(self.pick(0, 2, 3)):
            self.insert(
                "content_revision", **own, content_id=content, number=n, reason=self.word(), origin="AI",
                title=self.word(), html_content="<p>é</p>", user_id=self.pick(None, user),
                meta_title=self.pick(None, ""),
            )  # fmt: skip
            key = self.pick(None, f"{self.random.getrandbits(128):032x}")
            self.insert(
                "image", **own, task_id=self.pick(None, task), content_id=self.pick(None, content), prompt=self.word(),
                image_type=self.pick("FEATURED", "IN_ARTICLE"), position=self.pick(0, 1, 1), alt_text=self.word(),
                status="READY" if key else self.pick("PROMPTED", "FAILED"), blob_key=key, width=self.number(),
                mime_type=self.pick(None, "image/webp"), origin=self.pick(None, "AI"), error=self.pick(None, "no"),
            )  # fmt: skip

    def keyword(self, own: dict[str, UUID], clusters: list[UUID | None], n: int) -> None:
        keyword = self.word() or "-"
        self.insert(
            "keyword", **own, cluster_id=self.pick(*clusters), keyword=keyword, key=keyword_key(f"{keyword} {n}"),
            country=self.pick(None, "US"), language=self.pick(None, "en", "en-us", "de", "de-at", "xx"),
            volume=self.number(), difficulty=self.pick(None, 0, 50, 50, 100),
            intent=self.random.sample(["INFORMATIONAL", "COMMERCIAL", "NAVIGATIONAL"], self.pick(0, 1, 2)),
            is_branded=self.pick(None, True, False), is_local=self.pick(None, False),
            cpc_micros=self.pick(None, 0, 1, 1_500_000, 2**63 - 1, -10), currency=self.pick(None, "USD"),
            serp_features=self.words(), clicks=self.number(), impressions=self.number(),
            position_hundredths=self.pick(None, 0, 100, 105, 1230), status=self.pick("NEW", "CLUSTERED"),
            source=self.pick(None, "GENERIC", "MOZ_LIST"), updated_at=self.random.choice(INSTANTS),
        )  # fmt: skip

    def jobs(self, account: UUID, sites: list[UUID], user: UUID) -> None:
        for _ in range(6):
            site = self.pick(None, *sites)
            job = self.insert(
                "job", account_id=account, site_id=site, user_id=self.pick(None, user), kind="IMPORT_KEYWORDS",
                status=self.pick("QUEUED", "FAILED"), message=self.word(), error=self.pick(None, "no"),
                started_at=self.instant(), finished_at=self.instant(),
            )  # fmt: skip
            for n in range(self.pick(0, 2, 3)):
                item = self.insert(
                    "job_item", account_id=account, site_id=site, job_id=job, position=n, queue="text",
                    status=self.pick("QUEUED", "APPLIED"), started_at=self.instant(),
                )  # fmt: skip
                for _ in range(self.pick(0, 2)):
                    self.insert(
                        "ai_call", account_id=account, site_id=site, job_item_id=item, function="f", provider="p",
                        model=self.word(), cost_micros=self.pick(None, 0, 1, 10, 2**63 - 1),
                        latency_ms=self.pick(None, 3),
                    )  # fmt: skip
                self.insert(
                    "credit_usage_log", account_id=account, operation_type="o", credits_used=self.pick(0, 1, 1),
                    cost_micros=self.pick(None, 0, 123_456_000), details=Jsonb({"é": [None, True]}), job_item_id=item,
                    site_id=site,
                )  # fmt: skip


def sow(place: Place, owner: Identity, stranger: Identity) -> tuple[UUID, UUID]:
    """The editor's user id and session id."""
    with psycopg.connect(place.database_url, autocommit=False) as connection:
        sower = Sower(connection, 7)
        sites = sower.account(owner.account_id, owner.user_id, 3)
        Sower(connection, 8).account(stranger.account_id, stranger.user_id, 2)
        editor = sower.insert(
            "app_user", account_id=owner.account_id, email="editor@example.com", password_hash="-", role="EDITOR"
        )
        sower.insert("site_user_access", account_id=owner.account_id, site_id=sites[0], user_id=editor)
        later = datetime.now(UTC) + timedelta(days=1)
        session = sower.insert(
            "user_session", account_id=owner.account_id, user_id=editor, last_used_at=later, expires_at=later
        )
    return editor, session


async def make_world(url: str, place: Place, owner: Api, editor: Api, stranger: Api) -> World:
    world = World(owner, editor, stranger, url, place)
    await owner.sign_up()
    await stranger.sign_up()
    who = world.identity(owner)
    user, session = sow(place, who, world.identity(stranger))
    editor.token = Tokens(place.settings.secrets()).access(session, user, who.account_id, Role.EDITOR)
    return world
