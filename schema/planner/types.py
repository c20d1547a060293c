"""Keywords, clusters, ideas."""

from decimal import Decimal

from domain.planner.exports import keyword_key
from persistence import models as rows
from schema.graph.entity import Folded, column, entity, expression, relation

# As titles of columns: tools, and our own import, know them.
KEYWORD_FILE = """
    keyword country language volume difficulty intent cpc currency competition parentTopic serpFeatures clicks
    impressions position opportunity isBranded isLocal status source cluster.name sector.name site.name createdAt id
"""
CLUSTER_FILE = "name description status keywordsCount volume ideasCount sector.name site.name createdAt id"
IDEA_FILE = """
    ideaTitle description contentType contentStructure targetKeywords estimatedWordCount
    status cluster.name sector.name site.name createdAt id
"""


@entity(rows.Keyword, prefix="kw", export=KEYWORD_FILE)
class Keyword:
    """A search term of a market."""

    keyword = column(
        "The search term as people type it, 1 to 255 characters.",
        search=Folded("key", keyword_key),
        words="words",
        order=True,
    )
    country = column("Where it is searched: ISO 3166, such as US; null for no particular country.")
    language = column("What it is written in: BCP 47, such as en; null where that is not known.")
    volume = column("Searches a month; null where that is not known.", filter=True, order=True)
    difficulty = column("How hard it is to rank for, 0 to 100; null where that is not known.", filter=True, order=True)
    intent = column("What its searchers want; empty where that is not known.", filter=True)
    is_branded = column("Whether it names a brand; null where nobody said.", filter=True)
    is_local = column("Whether it is about a place; null where nobody said.", filter=True)
    cpc = expression(
        lambda a: f"({a}.cpc_micros * 0.000001)",
        Decimal | None,
        "What advertisers pay for a click, in currency; null where that is not known.",
    )
    currency = column("Of cpc: ISO 4217, such as USD; null where that is not known.")
    competition = column("How many advertisers want it, 0 to 100; null where that is not known.")
    parent_topic = column("The broader term that its tool puts it under; null where there is none.")
    serp_features = column("What else the results show, as its tool names it, at most 50.")
    clicks = column(
        "Visits from search results to the site, in its export's period; null where that is not known.", order=True
    )
    impressions = column(
        "How often the site was shown in search results, in its export's period; null where that is not known.",
        order=True,
    )
    position = expression(
        lambda a: f"({a}.position_hundredths * 0.01)",
        Decimal | None,
        "Average rank of the site, 1 the best; null where that is not known.",
    )
    opportunity = column(
        "0 to 100: many searches, little difficulty, a searcher who wants to buy; null where the volume is not known.",
        filter=True,
        order=True,
    )
    status = column("Whether it is placed in a cluster, or put aside.", filter=True)
    source = column("The tool whose export it came with; null where it was made by hand.", filter=True)
    site = relation("The website that it is a search term for.", filter=True)
    sector = relation("The topic that it belongs to.", filter=True)
    cluster = relation("The page's worth of keywords that it is in; null while it is in none.", filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Cluster, prefix="clu", export=CLUSTER_FILE)
class Cluster:
    """One page's worth of keywords."""

    name = column(
        "What the page would be about; of a cluster that a job made its strongest keyword, until it is named.",
        search=True,
        order=True,
    )
    description = column("What belongs on the page, in a few sentences; empty where nobody said.")
    status = column("Whether the cluster is put aside.", filter=True)
    keywords_count = column("How many keywords are in it.", filter=True, order=True)
    volume = column("Sum over its keywords, of searches a month.", filter=True, order=True)
    ideas_count = column("How many ideas were made for it.", filter=True, order=True)
    site = relation("The website that the page would be on.", filter=True)
    sector = relation("The topic that its keywords belong to.", filter=True)
    keywords = relation("The search terms that are in it.")
    ideas = relation("Pages that could be written for it.")
    tasks = relation("What is to be written for it.")
    contents = relation("Written for it.")
    content_map = relation("Further contents that speak of it.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Idea, prefix="idea", export=IDEA_FILE)
class Idea:
    """A page that could be written for a cluster."""

    idea_title = column("The page's working title, 1 to 255 characters.", search=True, order=True)
    description = column("What the page would say; empty where nobody said.")
    content_type = column("What the page would become on the site; POST when not chosen.", filter=True)
    content_structure = column("How the page would be built; ARTICLE when not chosen.", filter=True)
    target_keywords = column("Search terms that the page would aim at, the main one first.")
    estimated_word_count = column(
        "How long the page should be: 100 to 10,000 words; 1,000 when not chosen.", filter=True, order=True
    )
    status = column("Whether a task was made of it, or it was decided against.", filter=True)
    site = relation("The website that the page would be on.", filter=True)
    sector = relation("The topic that the page would belong to.", filter=True)
    cluster = relation("The cluster that it was made for; null for none.", filter=True)
    tasks = relation("The task that was made of it, if any.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")
