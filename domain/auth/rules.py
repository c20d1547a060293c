"""What a password must be."""

from domain.errors import bad_input

MIN_PASSWORD, MAX_PASSWORD = 10, 200


def check_password(password: str, *field: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or "\0" in password:
        raise bad_input(f"Give a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters.", *field)
    return password
