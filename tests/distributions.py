"""What pyproject.toml asks for, and all that is installed with it."""

import tomllib
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def declared(*extras: str) -> dict[str, Requirement]:
    """By canonical name: what the package itself requires, and what these extras do."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def installed_with(*extras: str) -> dict[str, Distribution]:
    """By canonical name: what `pip install igny8[extras]` brings to this machine, the package itself left out."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = list(declared(*extras).values())
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        found.setdefault(name, distribution(name))
        for extra in {"", *requirement.extras} - {extra for of, extra in seen if of == name}:
            seen.add((name, extra))
            further = map(Requirement, found[name].requires or [])
            waiting += [each for each in further if each.marker is None or each.marker.evaluate({"extra": extra})]
    return found


def told_licence(found: Distribution) -> str:
    """What its metadata say: the expression, else a name in a line, else the classifiers."""
    said = found.metadata
    named = (said.get("License") or "").strip().partition("\n")[0]
    if expression := said.get("License-Expression"):
        return str(expression)
    if named and not named.startswith("Copyright"):
        return named
    prefix = "License :: OSI Approved :: "
    return "; ".join(each.removeprefix(prefix) for each in said.get_all("Classifier") or [] if each.startswith(prefix))


def first_extra() -> dict[str, str]:
    """By canonical name of what is delivered: the extra that brings it, "" where the package alone does."""
    found = dict.fromkeys(installed_with(), "")
    for extra in ("workers", "embedded"):
        found = {**dict.fromkeys(installed_with(extra), extra), **found}
    return found
