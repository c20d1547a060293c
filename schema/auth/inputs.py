"""What signing up and in takes."""

from datetime import datetime

import strawberry

from domain.access import Permission
from schema.mutation import described


@strawberry.input
class SignUpInput:
    account_name: str = described("What the new tenant is called, 1 to 100 characters with no address in them.")
    email: str = described("The address to sign in with; nobody on the platform may have it.")
    password: str = described("To sign in with, 10 to 200 characters.")


@strawberry.input
class SignInInput:
    email: str = described("The address that one signed up with, in any case.")
    password: str = described("The one that goes with the address.")


@strawberry.input
class RefreshSessionInput:
    refresh_token: str = described("The one that was given last; each serves once.")


@strawberry.input
class ChangePasswordInput:
    current_password: str = described("The one that is known now.")
    new_password: str = described("To sign in with from now on, 10 to 200 characters.")
    revoke_api_keys: bool = described("Those of the caller as well, at once.", False)


@strawberry.input
class RequestPasswordResetInput:
    email: str = described("The address whose user has forgotten the password.")


@strawberry.input
class ResetPasswordInput:
    token: str = described("Of the letter's link.")
    password: str = described("The new one, 10 to 200 characters.")
    revoke_api_keys: bool = described(
        "Those of the user as well, at once: whoever had the password may have made some.", True
    )


@strawberry.input
class VerifyEmailInput:
    token: str = described("Of the letter's link.")


@strawberry.input
class RequestEmailChangeInput:
    email: str = described("The new one.")
    password: str = described("The current one.")


@strawberry.input
class ChangeEmailInput:
    token: str = described("Of the letter's link.")


@strawberry.input
class AcceptInvitationInput:
    token: str = described("Of the letter's link.")
    password: str = described("To sign in with, 10 to 200 characters.")
    first_name: str | None = described("Given name, at most 100 characters with no address in them.", None)
    last_name: str | None = described("Family name, at most 100 characters with no address in them.", None)


@strawberry.input
class CreateApiKeyInput:
    name: str = described("What the program is called, 1 to 100 characters.")
    permissions: list[Permission] = described(
        "At most what the caller may do. Without READ a key reads nothing but what another of its "
        "permissions names, also of what it has made."
    )
    expires_at: datetime | None = described("Never, when not given.", None)
