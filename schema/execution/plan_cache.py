"""What a plan depends on: questions asked of a request's variables while planning, and their answers.

Equal answers lead to the same next question, so that the plans of a document form a tree: a cached request walks it
and does no work on the document.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, TypeVar

from persistence.graph.selection import BadArgument

MAX_QUESTIONS = 2000
Variables = Mapping[str, Any]
Question = Callable[[Variables], Hashable]
T = TypeVar("T")


@dataclass(slots=True)
class Decisions:
    """The questions of one planning. Raises BadArgument where an input has too many parts to make a statement of."""

    variables: Variables
    trail: list[tuple[Question, Hashable]] = field(default_factory=list)

    def ask(self, question: Question) -> Any:
        answer = question(self.variables)
        self.trail.append((question, answer))
        if len(self.trail) > MAX_QUESTIONS:
            raise BadArgument("The arguments have too many parts.")
        return answer


@dataclass(slots=True)
class Fork(Generic[T]):
    question: Question
    branches: "dict[Hashable, Fork[T] | Leaf[T]]" = field(default_factory=dict)


@dataclass(slots=True)
class Leaf(Generic[T]):
    value: T


@dataclass(slots=True)
class Tree(Generic[T]):
    """At most `bound` values: an input's shape is the client's choice, so that their number must have an end."""

    bound: int = 64
    size: int = 0
    root: Fork[T] | Leaf[T] | None = None

    def find(self, variables: Variables) -> T | None:
        node = self.root
        while isinstance(node, Fork):
            node = node.branches.get(node.question(variables))
        return node.value if node else None

    def put(self, trail: list[tuple[Question, Hashable]], value: T) -> bool:
        """False if it is full."""
        if self.size >= self.bound:
            return False
        self.size += 1
        leaf: Leaf[T] = Leaf(value)
        if not trail:
            self.root = leaf
            return True
        if not isinstance(self.root, Fork):
            self.root = Fork(trail[0][0])
        fork = self.root
        for (_, answer), (question, _) in pairwise(trail):
            below = fork.branches.get(answer)
            if not isinstance(below, Fork):
                below = fork.branches[answer] = Fork(question)
            fork = below
        fork.branches[trail[-1][1]] = leaf
        return True
