"""What signing up and in takes."""

import strawberry


@strawberry.input
class SignUpInput:
    account_name: str
    email: str
    password: str


@strawberry.input
class SignInInput:
    email: str
    password: str
