"""Uploads: a form's files, put among the variables where its `map` says.

https://github.com/jaydenseric/graphql-multipart-request-spec
"""

from typing import Any

from cross_web import AsyncHTTPRequestAdapter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from schema.http.requests import Malformed, Parts, checked, read_json

SHOWN = 100  # characters of what a client wrote, in a message about it


async def of_form(request: AsyncHTTPRequestAdapter) -> Parts:
    """The request with its files. Malformed."""
    form = await _parsed(request)
    asked = checked(read_json(_text(form, "operations"), "operations"))
    places = read_json(_text(form, "map"), "map") if "map" in form else None
    if not isinstance(places, dict | None):
        raise Malformed('map must be an object, such as {"0": ["variables.input.file"]}.')
    for name, paths in (places or {}).items():
        file = _file(form, name)
        if not isinstance(paths, list):
            raise Malformed(f"map: {name[:SHOWN]} must have a list of paths.")
        for path in paths:
            _put(asked, path, file)
    return asked


async def _parsed(request: AsyncHTTPRequestAdapter) -> FormData:
    try:
        form: Any = (await request.get_form_data()).form
    except HTTPException as error:  # of Starlette inside an application
        raise Malformed(f"The multipart body cannot be read: {error.detail}") from None
    except MultiPartException as error:
        raise Malformed(f"The multipart body cannot be read: {error.message}") from None
    assert isinstance(form, FormData)
    return form


def _text(form: FormData, name: str) -> str:
    found = form.getlist(name)
    if len(found) != 1 or not isinstance(found[0], str):
        raise Malformed(f"Send {name} once, as a field of the form that is text and not a file.")
    return found[0]


def _file(form: FormData, name: str) -> UploadFile:
    found = form.getlist(name)
    if len(found) != 1 or not isinstance(found[0], UploadFile):
        raise Malformed(f"map: send the part {name[:SHOWN]} once, as a file: with a filename in its header.")
    return found[0]


def _put(asked: Parts, path: object, file: UploadFile) -> None:
    if not isinstance(path, str) or not path.startswith("variables."):
        raise Malformed("map: a path is text that begins with variables, such as variables.input.file.")
    *way, last = path.split(".")
    at: Any = asked
    for key in way:
        at = at[_key(at, key, path)]
    at[last if isinstance(at, dict) else _key(at, last, path)] = file


def _key(at: object, key: str, path: str) -> Any:
    """Of what is there: a file takes the place of a null."""
    if isinstance(at, dict) and key in at:
        return key
    if isinstance(at, list) and key.isascii() and key.isdecimal() and int(key[:9]) < len(at):
        return int(key[:9])
    raise Malformed(f"map: {path[:SHOWN]} leads nowhere in the variables.")
