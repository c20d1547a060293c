"""All kinds of background work, and the prompts that some of them ask with: one line each."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.ai.function import AiFunction
from domain.ai.templates import PromptTemplate
from domain.functions import Function
from domain.mail.function import SendMail
from domain.planner.functions import CLASSIFY_INTENT, GENERATE_IDEAS, NAME_CLUSTERS
from domain.planner.work import ClusterKeywords, ImportKeywords
from domain.system.probes import ProbeImage, ProbeText
from domain.writer.functions import GENERATE_CONTENT, GENERATE_IMAGE_PROMPTS
from domain.writer.images import GenerateImages
from persistence.terms import JobKind, PromptType

_ALL: tuple[Function, ...] = (
    ImportKeywords(),
    ClusterKeywords(),
    NAME_CLUSTERS,
    CLASSIFY_INTENT,
    GENERATE_IDEAS,
    GENERATE_CONTENT,
    GENERATE_IMAGE_PROMPTS,
    GenerateImages(),
    SendMail(),
    ProbeText(),
    ProbeImage(),
)
FUNCTIONS: dict[JobKind, Function] = {function.kind: function for function in _ALL}
TEMPLATES: dict[PromptType, PromptTemplate] = {
    function.template.function: function.template for function in _ALL if isinstance(function, AiFunction)
}
VALUES: dict[PromptType, Callable[[Any], Mapping[str, str]]] = {
    function.template.function: function.values for function in _ALL if isinstance(function, AiFunction)
}
