"""What the demo shows of what it finds. All text of the API goes through `Text`: rich would read markup in it."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.demo.client import Json
from domain.writer.html import headings

_REASONS = 3
_HEADINGS = 8


def show_import(console: Console, payload: Json, message: str | None, seconds: float) -> None:
    """`message`: of the job that went on with a large file."""
    counts = ", ".join(f"{payload.get(name) or 0} {name}" for name in ("imported", "updated", "skipped", "rejected"))
    console.print(Text(f"Read as {payload.get('format') or 'a file'}: {counts}, in {seconds:.1f} s."))
    if message:
        console.print(Text(f"  {message}"))
    for row in (payload.get("rows") or [])[:_REASONS]:
        console.print(Text(f"  line {row['line']}: {row['reason']}"))


def show_clusters(console: Console, clusters: list[Json], total: int, seconds: float) -> None:
    console.print(Text(f"{total} clusters in {seconds:.1f} s; the strongest:"))
    table = Table("Cluster", "Keywords", "Searches a month", "Strongest keywords")
    for cluster in clusters:
        strongest = ", ".join(keyword["keyword"] for keyword in cluster["keywords"]["nodes"])
        figures = (f"{cluster['keywordsCount']:,}", f"{int(cluster['volume'] or 0):,}")
        table.add_row(*(Text(cell) for cell in (cluster["name"], *figures, strongest)))
    console.print(table)


def show_ideas(console: Console, ideas: list[Json]) -> None:
    console.print(Text(f"{len(ideas)} ideas:"))
    for idea in ideas:
        console.print(Text(f"  {idea['ideaTitle']}"))


def show_failures(console: Console, items: list[Json]) -> None:
    for item in items:
        console.print(Text(f"  failed after {item['attempts']} attempts: {item['error']}", style="yellow"))


def show_articles(console: Console, articles: list[Json]) -> None:
    for article in articles:
        console.print(Text(f"{article['title']} ({article['wordCount']} words, {article['origin']})", style="bold"))
        found = headings(article["htmlContent"])
        for level, title in found[:_HEADINGS]:
            console.print(Text(f"{'  ' * level}{title}"))
        if len(found) > _HEADINGS:
            console.print(Text(f"    and {len(found) - _HEADINGS} more headings"))
    if any(article["origin"] == "OFFLINE_DRAFT" for article in articles):
        console.print("OFFLINE_DRAFT: outlines made without a language model, to be written out.")


def show_pictures(console: Console, base_url: str, articles: list[Json], previews: dict[str, str]) -> None:
    """Each article with its pictures, and where to look at it."""
    for article in articles:
        images = [image for image in article["images"]["nodes"] if image["status"] == "READY"]
        sizes = ", ".join(f"{i['imageType'].lower()} {i['width']}×{i['height']}" for i in images)
        console.print(Text(f"{article['title']}: {len(images)} images ({sizes})"))
        if article["id"] in previews:
            console.print(Text(f"  {base_url}{previews[article['id']]}", style="cyan"), soft_wrap=True)
    console.print("The links show the articles for ten minutes; contentPreview makes new ones.")


def show_page(console: Console, article: Json, address: str, stages: int) -> None:
    console.print(Text(f"The connection passed {stages} stages; {article['title']} is published:"))
    console.print(Text(f"  {address}", style="cyan"), soft_wrap=True)
    if article["origin"] == "OFFLINE_DRAFT":
        console.print("It is an OFFLINE_DRAFT: an outline made without a language model.")


def show_end(console: Console, base_url: str, credits: Json, spent: int, email: str, password: str) -> None:
    console.print(Text(f"Credits: {spent} spent, {credits['balance']} left, {credits['held']} held."))
    console.print(Text(f"Go on at {base_url}/ and {base_url}/graphiql"), soft_wrap=True)
    console.print(Text(f"Sign in as {email} with the password {password}"), soft_wrap=True)
