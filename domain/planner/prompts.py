"""Default prompts of planning: texts and the variables that may stand in them."""

from domain.ai.templates import PromptTemplate
from persistence.terms import PromptType

PLANNER = (
    "You plan search content for a website. You are exact: you use only what you are given, you invent no keyword, and "
    "you answer with JSON alone."
)

NAME_CLUSTERS = PromptTemplate(
    function=PromptType.NAME_CLUSTERS,
    version=1,
    variables={
        "clusters": "the numbered clusters, each with its strongest keywords",
        "merge_rule": "whether clusters may be put together",
        "guidance": "the account's strategy for this work",
    },
    system=PLANNER,
    prompt="""Below are numbered clusters of search keywords. Each is to become one page.
Give each a name of two to six words that says what its page is about, in the language of its keywords, and a description
of one sentence that says what a searcher wants to know. {{merge_rule}}
Every number must appear exactly once.

{{guidance}}

Clusters:
{{clusters}}""",
)

CLASSIFY_INTENT = PromptTemplate(
    function=PromptType.CLASSIFY_INTENT,
    version=1,
    variables={"keywords": "the numbered keywords", "guidance": "the account's strategy for this work"},
    system=PLANNER,
    prompt="""Say what a person who searches for each of these keywords wants: INFORMATIONAL (to learn), NAVIGATIONAL (to
reach a certain site or brand), COMMERCIAL (to compare before buying), TRANSACTIONAL (to buy or do now). A keyword has
one intent, seldom two, the stronger first. Every number must appear exactly once.

{{guidance}}

Keywords:
{{keywords}}""",
)

GENERATE_IDEAS = PromptTemplate(
    function=PromptType.GENERATE_IDEAS,
    version=1,
    variables={
        "cluster": "the cluster's name",
        "keywords": "the cluster's keywords, strongest first, one a line",
        "count": "how many ideas are wanted",
        "language": "the language of the keywords",
        "existing": "titles of ideas that are there already",
        "guidance": "the account's strategy for this work",
    },
    system=PLANNER,
    prompt="""Propose {{count}} different pages for the topic "{{cluster}}". Each answers another need of the searchers; no
two aim at the same main keyword. Take target keywords from the list alone, spelt as they stand there, the main one first.
Write titles and descriptions in {{language}}. A description says in two or three sentences what the page has to cover.
content_type is POST for articles and PAGE for pages that sell; estimated_word_count is what the topic needs, 600 to 2500.

{{guidance}}

There already, not to be repeated:
{{existing}}

Keywords:
{{keywords}}""",
)
