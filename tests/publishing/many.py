"""Many articles with pictures, categories and tags, some of which they share; and what of them has to be at the end."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.support import sql
from tests.schema.articles import article, image, uuid_of

CATEGORIES, TAGS = 6, 12
SHARED_PICTURES = 7
TASKS = """
insert into task (account_id, site_id, sector_id, title)
select s.account_id, s.site_id, s.id, 'Task ' || n from sector s, generate_series(1, %s) n where s.site_id = %s
returning id
"""
TERMS = """
insert into taxonomy (account_id, site_id, taxonomy_type, name, slug)
select s.account_id, s.id, %s, t.name, 'term-' || %s || n from site s, unnest(%s::text[]) with ordinality t (name, n)
 where s.id = %s returning taxonomy.id, taxonomy.name
"""
MAP = """
insert into content_taxonomy_map (account_id, site_id, sector_id, content_id, taxonomy_id)
select account_id, site_id, sector_id, id, t from content, unnest(%s::uuid[]) t where id = %s
"""


@dataclass(frozen=True, slots=True)
class Written:
    """An article as it has to stand there; `featured` and `inside` are the hashes of its pictures."""

    id: str
    title: str
    slug: str
    html: str
    categories: frozenset[str]
    tags: frozenset[str]
    featured: str
    inside: str


@dataclass(frozen=True, slots=True)
class Many:
    """Of one site."""

    site: str
    articles: Sequence[Written]
    pictures: Mapping[str, bytes]

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.articles]

    @property
    def terms(self) -> tuple[frozenset[str], frozenset[str]]:
        """Categories and tags that have to be there."""
        categories = frozenset[str]().union(*(each.categories for each in self.articles))
        return categories, frozenset[str]().union(*(each.tags for each in self.articles))


def drawn(number: int, series: str = "") -> bytes:
    """A small picture with bytes of its own."""
    file = BytesIO()
    told = PngInfo()
    told.add_text("series", series)
    Image.new("RGB", (64, 48), (number % 256, number // 256, 90)).save(file, "PNG", pnginfo=told)
    return file.getvalue()


async def many(place: Place, owner: Api, number: int, series: str = "") -> Many:
    """Approved, each with a picture of its own and one that others have as well, two categories and three tags. Of
    another `series` all of it is other.
    """
    site = await owner.site(f"Tea {series}")
    await owner.sector(site)
    names = {
        "CATEGORY": [f"Brewing & more {series}{n}" for n in range(CATEGORIES)],
        "TAG": [f"tag {series}{n}" for n in range(TAGS)],
    }
    terms = {
        kind: [(name, id) for id, name in sql(place, TERMS, kind, kind[:1], names[kind], uuid_of(site))]
        for kind in names
    }
    pictures: dict[str, bytes] = {}
    articles = [
        await _written(place, owner, series, n, task, terms, pictures)
        for n, (task,) in enumerate(sql(place, TASKS, number, uuid_of(site)))
    ]
    sql(place, "update task set status = 'APPROVED' where site_id = %s", uuid_of(site))
    return Many(site, articles, pictures)


async def _written(
    place: Place,
    owner: Api,
    series: str,
    n: int,
    task: UUID,
    terms: Mapping[str, Sequence[tuple[str, UUID]]],
    pictures: dict[str, bytes],
) -> Written:
    title, slug = f"Tea & toast {series}, part {n}", f"tea-and-toast{series and f'-{series}'}-{n}"
    html = "".join(f"<p>Of {title}.</p><h2>Step {step} of {n}</h2><p>{'Boil it. ' * 40}</p>" for step in range(5))
    html = html.replace("&", "&amp;")
    id = await article(
        place, owner, html, title=title, task=f"task_{task}", slug=slug, status="APPROVED", excerpt=f"How, {n}.",
        meta_title=f"For engines {n}", meta_description=f"All of it {n}.", primary_keyword="tea",
    )  # fmt: skip
    categories = [terms["CATEGORY"][at % CATEGORIES] for at in (n, n + 1 + n // CATEGORIES % (CATEGORIES - 1))]
    tags = [terms["TAG"][at % TAGS] for at in (n, n + 5, n + 7)]
    sql(place, MAP, [id for _, id in categories + tags], uuid_of(id))
    hashes = []
    for kind, number in (("FEATURED", 1000 + n), ("IN_ARTICLE", n % SHARED_PICTURES)):
        data = drawn(number, series)
        hashes.append(hashlib.sha256(data).hexdigest())
        pictures[hashes[-1]] = data
        image(
            place, id, key=await stored(place, data), image_type=kind, sha256=hashes[-1], width=64, height=48,
            alt_text=f"Picture {number}",
        )  # fmt: skip
    names = frozenset(name for name, _ in categories), frozenset(name for name, _ in tags)
    return Written(id, title, slug, html, *names, *hashes)
