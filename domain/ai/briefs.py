"""What the briefs of several AI functions are made of: typed inputs that prompts are rendered from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClusterBrief:
    """A cluster as a writer needs it: its keywords strongest first."""

    name: str
    keywords: Sequence[str]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the account wants of everything of a kind: its strategy's instructions, its author's voice."""

    instructions: str = ""
    author: str = ""
    tone: str = ""
    language: str = ""
    sections: Sequence[str] = ()


NO_GUIDANCE = Guidance()
