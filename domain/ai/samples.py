"""What a prompt is filled with to look at it: a small shop for coffee machines."""

from domain.ai.briefs import (
    ArticleBrief,
    ClusterBrief,
    Guidance,
    IdeasBrief,
    ImagePromptsBrief,
    IntentsBrief,
    NamesBrief,
)
from persistence.terms import ContentStructure, ContentType, PromptType

_KEYWORDS = (
    "espresso machine",
    "best espresso machine",
    "espresso machine under 500",
    "how to clean an espresso machine",
)
_GUIDANCE = Guidance(
    instructions="Prefer questions.",
    author="Ann: a barista of ten years",
    tone="friendly",
    language="English",
    sections=("What you need", "Step by step"),
)
_CLUSTER = ClusterBrief("Espresso machines", _KEYWORDS, "en")
SAMPLES: dict[PromptType, object] = {
    PromptType.NAME_CLUSTERS: NamesBrief(
        [_CLUSTER, ClusterBrief("Coffee grinders", ("coffee grinder", "burr grinder"), "en")], True, _GUIDANCE
    ),
    PromptType.CLASSIFY_INTENT: IntentsBrief(_KEYWORDS, _GUIDANCE),
    PromptType.GENERATE_IDEAS: IdeasBrief(_CLUSTER, 3, ["The best espresso machines"], _GUIDANCE),
    PromptType.GENERATE_CONTENT: ArticleBrief(
        title="How to clean an espresso machine",
        description="What to do every day, week and month.",
        content_type=ContentType.POST,
        content_structure=ContentStructure.GUIDE,
        keywords=_KEYWORDS[::-1],
        cluster_name=_CLUSTER.name,
        target_word_count=1200,
        language="en",
        guidance=_GUIDANCE,
    ),
    PromptType.GENERATE_IMAGE_PROMPTS: ImagePromptsBrief(
        "How to clean an espresso machine", "What to do every day, week and month.", ["Every day", "Every week"],
        _KEYWORDS, 1, _GUIDANCE,
    ),
}  # fmt: skip
