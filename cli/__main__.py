"""python -m cli is igny8."""

from cli import main

main()
