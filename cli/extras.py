"""What the package's extras bring, and whether it is installed here."""

import re
from importlib.metadata import PackageNotFoundError, distribution, requires

from cli.failures import CannotRun

_REQUIREMENT = re.compile(r"""([\w.-]+).*;.*\bextra == ["']([\w-]+)["']""")


def missing(extra: str) -> list[str]:
    """The extra's own packages that are not installed."""
    return [name for name, of in _named() if of == extra and not _installed(name)]


def how_to_add(extra: str) -> str:
    return f"pip install 'igny8[{extra}]'"


def need_workers() -> None:
    """CannotRun where a worker process could not work."""
    if lacking := missing("workers"):
        raise CannotRun(f"a worker needs {', '.join(lacking)}: {how_to_add('workers')}")


def _named() -> list[tuple[str, str]]:
    found = (_REQUIREMENT.match(line) for line in requires("igny8") or [])
    return [(match[1], match[2]) for match in found if match]


def _installed(name: str) -> bool:
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False
