"""Keywords, clusters, ideas."""

from decimal import Decimal

from domain.planner.exports import keyword_key
from persistence import models as rows
from schema.entity import Folded, column, entity, expression, relation


@entity(rows.Keyword, prefix="kw")
class Keyword:
    """A search term of a market."""

    keyword = column(search=Folded("key", keyword_key), words="words", order=True)
    country = column()
    language = column()
    volume = column("Searches a month.", filter=True, order=True)
    difficulty = column("0 to 100.", filter=True, order=True)
    intent = column(filter=True)
    is_branded = column(filter=True)
    is_local = column(filter=True)
    cpc = expression(lambda a: f"({a}.cpc_micros * 0.000001)", Decimal | None, "Cost per click, in currency.")
    currency = column()
    competition = column("0 to 100.")
    parent_topic = column()
    serp_features = column()
    clicks = column(order=True)
    impressions = column(order=True)
    position = expression(lambda a: f"({a}.position_hundredths * 0.01)", Decimal | None, "Average rank.")
    opportunity = column(
        "0 to 100: many searches, little difficulty, a searcher who wants to buy; null where the volume is not known.",
        filter=True,
        order=True,
    )
    status = column(filter=True)
    source = column("The tool whose export it came with.", filter=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    cluster = relation(filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Cluster, prefix="clu")
class Cluster:
    """One page's worth of keywords."""

    name = column(search=True, order=True)
    description = column()
    status = column(filter=True)
    keywords_count = column(filter=True, order=True)
    volume = column("Sum over its keywords.", filter=True, order=True)
    ideas_count = column(filter=True, order=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    keywords = relation()
    ideas = relation()
    tasks = relation()
    contents = relation("Written for it.")
    content_map = relation("Further contents that speak of it.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.ContentIdea, prefix="idea")
class ContentIdea:
    """A page that could be written for a cluster."""

    idea_title = column(search=True, order=True)
    description = column()
    content_type = column(filter=True)
    content_structure = column(filter=True)
    target_keywords = column()
    estimated_word_count = column(filter=True, order=True)
    status = column(filter=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    cluster = relation(filter=True)
    tasks = relation()
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")
