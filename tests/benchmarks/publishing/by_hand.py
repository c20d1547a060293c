"""What a careful person would script: each term and picture once, then the article whole, one request after another."""

from html import escape, unescape
from typing import Any

import httpx2

from tests.publishing.many import Many, Written
from tests.wordpress.places import Person


class Script:
    def __init__(self, url: str, person: Person) -> None:
        self.client = httpx2.Client(
            base_url=f"{url}/wp-json/wp/v2", auth=(person.username, person.password), trust_env=False, timeout=60
        )
        self.terms: dict[tuple[str, str], int] = {}
        self.pictures: dict[str, tuple[int, str]] = {}

    def publish(self, many: Many) -> None:
        with self.client:
            for article in many.articles:
                self._article(article, many)

    def _asked(self, method: str, path: str, **given: Any) -> Any:
        return self.client.request(method, path, **given).raise_for_status().json()

    def _article(self, article: Written, many: Many) -> None:
        featured, _ = self._picture(article.featured, many)
        _, address = self._picture(article.inside, many)
        first, second, *rest = article.html.partition("</p>")
        made = self._asked("POST", "/posts", json={
            "title": article.title, "slug": article.slug, "status": "publish", "featured_media": featured,
            "content": f'{first}{second}<figure><img src="{address}" alt=""></figure>{"".join(rest)}',
            "categories": [self._term("categories", name) for name in sorted(article.categories)],
            "tags": [self._term("tags", name) for name in sorted(article.tags)],
        })  # fmt: skip
        assert made["status"] == "publish"

    def _term(self, kind: str, name: str) -> int:
        if (kind, name) not in self.terms:
            found = self._asked("GET", f"/{kind}", params={"search": escape(name, quote=False), "per_page": 100})
            same = [row["id"] for row in found if unescape(row["name"]) == name]
            id = same[0] if same else self._asked("POST", f"/{kind}", json={"name": name})["id"]
            self.terms[kind, name] = id
        return self.terms[kind, name]

    def _picture(self, sha256: str, many: Many) -> tuple[int, str]:
        if sha256 not in self.pictures:
            made = self._asked(
                "POST", "/media", content=many.pictures[sha256], params={"title": "Tea", "alt_text": "Tea"},
                headers={"content-type": "image/png", "content-disposition": f'attachment; filename="{sha256}.png"'},
            )  # fmt: skip
            self.pictures[sha256] = made["id"], made["source_url"]
        return self.pictures[sha256]
