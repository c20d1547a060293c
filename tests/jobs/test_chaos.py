"""The short form of `make bench-chaos`: every kind of fault once or twice."""

from tests.chaos import chaos


async def test_nothing_is_lost_or_done_twice_whatever_is_killed() -> None:
    report = await chaos(11, accounts=3, items=24, seconds=9, every=(0.8, 1.6))
    assert set(report.faults) == {"worker", "API", "Redis", "PostgreSQL", "network"}
