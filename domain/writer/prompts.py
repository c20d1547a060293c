"""Default prompts of writing: texts and the variables that may stand in them."""

from domain.ai.templates import PromptTemplate
from persistence.terms import PromptType

GENERATE_CONTENT = PromptTemplate(
    function=PromptType.GENERATE_CONTENT,
    version=1,
    variables={
        "title": "the working title",
        "description": "what the page has to cover",
        "content_type": "POST, PAGE, PRODUCT or TAXONOMY",
        "structure": "what kind of page it is: a guide, a comparison …",
        "form": "how such a page is built",
        "primary_keyword": "the keyword that the page is to be found for",
        "keywords": "further keywords, strongest first, one a line",
        "cluster": "the topic that the page belongs to",
        "word_count": "how many words are wanted",
        "language": "the language to write in",
        "guidance": "the account's strategy, its author's voice, the sections it wants",
    },
    system="""You write web pages that answer what people search for: concrete, correct, without filler or repetition.
You claim no experience, figures or sources that you do not have. You answer with JSON alone.""",
    prompt="""Write the page "{{title}}" in {{language}}, about {{word_count}} words long.

What it has to cover: {{description}}
Kind of page: {{structure}} ({{content_type}}). {{form}}
Topic: {{cluster}}
Main keyword: {{primary_keyword}}

{{guidance}}

html: the body alone as clean HTML of p, h2, h3, ul, ol, li, table, strong, em and blockquote; no h1, no images, no links.
Begin with a paragraph that answers the search at once. Give every section an h2.
title: at most 60 characters. meta_title: at most 60 characters. meta_description: at most 155 characters.
secondary_keywords: those of the list below that the page really answers, spelt as they stand there.

Further keywords:
{{keywords}}""",
)

GENERATE_IMAGE_PROMPTS = PromptTemplate(
    function=PromptType.GENERATE_IMAGE_PROMPTS,
    version=1,
    variables={
        "title": "the article's title",
        "summary": "how the article begins",
        "headings": "its headings, one a line",
        "keywords": "its keywords, one a line",
        "in_article": "how many images it may have besides the featured one",
        "guidance": "the account's strategy for this work",
    },
    system="""You choose pictures for articles and describe them for an image model: one subject, one scene, its light and
style; no text, logos or real people in the picture. You answer with JSON alone.""",
    prompt="""Describe the pictures for the article "{{title}}": exactly one FEATURED, and up to {{in_article}} IN_ARTICLE ones
that show what its sections are about. alt_text says in one sentence what is to be seen, for those who cannot see it.

{{guidance}}

It begins: {{summary}}

Headings:
{{headings}}

Keywords:
{{keywords}}""",
)

FORMS = {
    "ARTICLE": "Explain the subject from the general to the particular.",
    "GUIDE": "Go step by step; say what is needed and what can go wrong.",
    "COMPARISON": "Put the options side by side in a table and say whom each one suits.",
    "REVIEW": "Say what it does well, what not, and whom it suits.",
    "LISTICLE": "A numbered list of entries, each with the reason why it is there.",
    "LANDING_PAGE": "Say what is offered, for whom, why here, and what to do next.",
    "BUSINESS_PAGE": "Say who the business is, what it does and how to reach it.",
    "SERVICE_PAGE": "Say what the service includes, how it works, what it costs to ask for.",
    "CLUSTER_HUB": "An overview of the whole topic, a short section on each part of it.",
    "PRODUCT_PAGE": "Benefits first, then properties, uses and answers to objections.",
    "CATEGORY_ARCHIVE": "A short introduction to the category and how to choose within it.",
    "TAG_ARCHIVE": "A short introduction that says what entries under this tag share.",
    "ATTRIBUTE_ARCHIVE": "A short introduction that says what the attribute means and for whom it matters.",
}
