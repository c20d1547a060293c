"""What pyproject.toml cannot say: the revisions of alembic/ are installed inside persistence, never beside it.

A folder `alembic` among the installed packages would be the library's own.
"""

from setuptools import find_packages, setup

ROOMS = ["cli", "domain", "jobs", "persistence", "schema"]
REVISIONS = {"persistence.alembic": "alembic", "persistence.alembic.versions": "alembic/versions"}

setup(packages=[*find_packages(include=[*ROOMS, *(f"{room}.*" for room in ROOMS)]), *REVISIONS], package_dir=REVISIONS)
