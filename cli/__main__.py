"""python -m cli is igny8."""

from cli.main import main

main()
