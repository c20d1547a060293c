"""What prompts are filled with to look at them: a small shop for coffee machines."""

from domain.ai.briefs import ClusterBrief, Guidance

KEYWORDS = (
    "espresso machine",
    "best espresso machine",
    "espresso machine under 500",
    "how to clean an espresso machine",
)
GUIDANCE = Guidance(
    instructions="Prefer questions.",
    author="Ann: a barista of ten years",
    tone="friendly",
    language="English",
    sections=("What you need", "Step by step"),
)
CLUSTER = ClusterBrief("Espresso machines", KEYWORDS, "en")
