"""Kinds of work: each is declared once, under its own name, and everything that lists them has it."""

import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest

from domain.ai.answers import Answer
from domain.ai.function import AiFunction
from domain.ai.templates import render
from domain.registry import AI_FUNCTIONS, FUNCTIONS, OFFLINE
from domain.settings import Settings
from jobs.worker import at_once
from persistence.models.base import Row
from persistence.terms import JobKind, PromptType, Queue
from schema import build_schema
from schema.jobs.actions import STARTED

ROOT = Path(__file__).parents[2]


def test_every_kind_has_its_function_in_a_file_of_its_name() -> None:
    files = {path.stem.upper() for path in ROOT.glob("domain/*/work/*.py")} - {"__INIT__"}

    assert set(FUNCTIONS) == set(JobKind)
    assert files == {kind.value for kind in JobKind}


def test_every_prompt_is_that_of_a_function_of_its_name() -> None:
    assert set(AI_FUNCTIONS) == set(PromptType)
    assert {kind.value for kind in AI_FUNCTIONS} == {function.kind.value for function in AI_FUNCTIONS.values()}


def test_a_worker_has_a_number_for_every_queue() -> None:
    numbers = at_once(Settings())

    assert set(numbers) == set(Queue)
    assert all(1 <= number.calls <= number.items for number in numbers.values())


def test_what_is_started_is_a_mutation_of_its_name() -> None:
    mutations = build_schema()._schema.mutation_type
    assert mutations
    by_name = {started.operation: started for started in STARTED.values()}

    assert by_name.keys() <= mutations.fields.keys()
    for name, started in by_name.items():
        given = mutations.fields[name].args["input"].type
        assert str(given) == f"{started.input.__name__}!", name
    assert {started.action.kind for started in STARTED.values()} <= set(FUNCTIONS)


@pytest.mark.parametrize("function", AI_FUNCTIONS.values(), ids=lambda function: function.kind.value)
def test_what_a_kind_asks_and_how_it_judges_an_answer_is_pure(function: AiFunction[Any, Any, Any]) -> None:
    """Its file imports rows, for what it reads and makes; these get none, and wait for nothing."""
    told = (function.values, function.checks, function.price, function.output_tokens, function.again, function.offline)
    for pure in filter(None, told):
        names = set(pure.__code__.co_names)
        assert not inspect.iscoroutinefunction(pure), pure
        assert not names & {"unit", "session", "select", "execute", "open", "time", "now", "random"}, pure
    assert function.sample.__dataclass_params__.frozen, "what was asked does not change"
    assert not any(isinstance(getattr(function.sample, f.name), Row) for f in dataclasses.fields(function.sample))
    assert issubclass(function.answer, Answer)


@pytest.mark.parametrize("function", AI_FUNCTIONS.values(), ids=lambda function: function.kind.value)
def test_a_sample_fills_every_variable_and_is_answered_offline(function: AiFunction[Any, Any, Any]) -> None:
    values = function.values(function.sample)

    assert values.keys() == function.template.variables.keys()
    assert "{{" not in render(function.template.prompt, values)
    assert isinstance(OFFLINE[function.kind.value](function.sample), function.answer)
