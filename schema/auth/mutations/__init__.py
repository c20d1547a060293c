"""Mutations of sign-in: none of them is for API keys."""

import strawberry

from schema.auth.mutations.addresses import AddressMutation
from schema.auth.mutations.api_keys import ApiKeyMutation
from schema.auth.mutations.sessions import SessionMutation


@strawberry.type
class AuthMutation(SessionMutation, AddressMutation, ApiKeyMutation):
    pass
