"""What signing up and in takes."""

from datetime import datetime

import strawberry

from domain.access import Permission


@strawberry.input
class SignUpInput:
    account_name: str
    email: str
    password: str


@strawberry.input
class SignInInput:
    email: str
    password: str


@strawberry.input
class ChangePasswordInput:
    current_password: str
    new_password: str
    end_api_keys: bool = strawberry.field(description="Those of the caller as well, at once.", default=False)


@strawberry.input
class RequestPasswordResetInput:
    email: str


@strawberry.input
class ResetPasswordInput:
    token: str = strawberry.field(description="Of the letter's link.")
    password: str
    end_api_keys: bool = strawberry.field(
        description="Those of the user as well, at once: whoever had the password may have made some.", default=True
    )


@strawberry.input
class VerifyEmailInput:
    token: str = strawberry.field(description="Of the letter's link.")


@strawberry.input
class RequestEmailChangeInput:
    email: str = strawberry.field(description="The new one.")
    password: str = strawberry.field(description="The current one.")


@strawberry.input
class ChangeEmailInput:
    token: str = strawberry.field(description="Of the letter's link.")


@strawberry.input
class AcceptInvitationInput:
    token: str = strawberry.field(description="Of the letter's link.")
    password: str
    first_name: str | None = None
    last_name: str | None = None


@strawberry.input
class CreateApiKeyInput:
    name: str
    permissions: list[Permission] = strawberry.field(
        description="At most what the caller may do. Without READ a key reads nothing but what another of its "
        "permissions names, also of what it has made."
    )
    expires_at: datetime | None = strawberry.field(description="Never, when not given.", default=None)
