"""Mutations as a client calls them: by name, with what is given."""

from typing import Any

from tests.client import Api, Json

ERRORS = "userErrors { code message field }"


async def call(api: Api, mutation: str, answer: str, **variables: Any) -> Json:
    """The payload of a mutation with `id`, `ids` and `input`, as they are given."""
    kind = mutation[0].upper() + mutation[1:] + "Input!"
    types = {"id": "ID!", "ids": "[ID!]!", "input": kind}
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    passed = ", ".join(f"{name}: ${name}" for name in variables)
    payload: Json = await api.one(f"mutation({declared}) {{ {mutation}({passed}) {{ {answer} }} }}", **variables)
    return payload


async def refused(api: Api, mutation: str, **variables: Any) -> Json:
    """Its one user error."""
    (error,) = (await call(api, mutation, ERRORS, **variables))["userErrors"]
    return dict(error)
