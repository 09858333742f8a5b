"""Turns and pictures of many runs in one worker, with made-up runs on a made-up CPU clock."""

from dataclasses import dataclass

import pytest

from playground.engine.job_pace import Pace
from playground.engine.job_pictures import BUSY, FREE, OWN, Crowd
from playground.engine.rota import LONGEST, MOST_DEBT, ROUND, Rota


@dataclass
class Fake:
    """A run whose smallest piece of work takes `unit` seconds; it wants `demand` of the CPU, or all it gets."""

    name: str
    unit: float
    demand: float = 1.0
    used: float = 0.0
    ended: float | None = None
    longest_wait: float = 0.0

    def wants_turn(self, now: float) -> bool:
        return self.used < self.demand * now

    def turn(self, seconds: float, now: float) -> float:
        if self.ended is not None:
            self.longest_wait = max(self.longest_wait, now - self.ended)
        spent = 0.0
        while spent < seconds and self.wants_turn(now + spent):
            spent += self.unit
            self.used += self.unit
        self.ended = now + spent
        return spent


def work(jobs: list[Fake], seconds: float) -> None:
    """Turns for so long, as the worker gives them."""
    rota, now = Rota(), 0.0
    while now < seconds:
        ready = {job.name: job for job in jobs if job.wants_turn(now)}
        if not ready:
            now += 0.001
            continue
        name = rota.next(ready)
        spent = ready[name].turn(Rota.turn(len(ready)), now)
        rota.charge(name, spent)
        now += spent


def jain(shares: list[float]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def test_thirty_runs_get_the_same_time_however_long_their_batches_take() -> None:
    jobs = [Fake(str(n), unit=0.0001 if n % 5 else 0.023) for n in range(30)]
    work(jobs, 30.0)
    assert jain([job.used for job in jobs]) > 0.99
    assert sum(job.used for job in jobs) == pytest.approx(30.0, rel=0.01)


def test_who_wants_little_gets_it_and_the_others_share_the_rest() -> None:
    modest = [Fake(f"m{n}", unit=0.0001, demand=0.01) for n in range(12)]
    greedy = [Fake(f"g{n}", unit=0.013) for n in range(3)]
    work([*modest, *greedy], 30.0)
    assert all(job.used == pytest.approx(0.3, rel=0.02) for job in modest)
    assert all(job.used == pytest.approx((30 - 12 * 0.3) / 3, rel=0.02) for job in greedy)


def test_nobody_waits_longer_than_a_round_and_everybody_elses_longest_batch() -> None:
    quick = [Fake(f"q{n}", unit=0.0001) for n in range(24)]
    slow = [Fake(f"s{n}", unit=0.013) for n in range(3)]
    work([*quick, *slow], 20.0)
    assert max(job.longest_wait for job in quick) <= ROUND + 3 * 0.013


def test_who_comes_back_is_served_before_those_who_never_stopped() -> None:
    rota, names = Rota(), [str(n) for n in range(30)]
    for _ in range(90):
        rota.charge(rota.next(names), 0.002)
    assert rota.next([*names, "late"]) == "late"


def test_waiting_saves_nothing_up() -> None:
    rota = Rota()
    for _ in range(1000):
        rota.charge(rota.next(["busy"]), 0.01)
    turns = []
    for _ in range(100):
        turns.append(rota.next(["busy", "rested"]))
        rota.charge(turns[-1], 0.01)
    assert turns.count("rested") in (50, 51)


def test_one_very_long_batch_is_held_against_a_run_for_a_while_only() -> None:
    rota = Rota()
    rota.next(["long", "other"])
    rota.charge("long", 60.0)
    others = 0.0
    while rota.next(["long", "other"]) == "other":
        rota.charge("other", 0.01)
        others += 0.01
    assert others == pytest.approx(MOST_DEBT, abs=0.03)


def test_a_round_is_short_with_many_runs_and_a_turn_with_few() -> None:
    assert Rota.turn(1) == LONGEST
    assert 30 * Rota.turn(30) == pytest.approx(ROUND)


def test_pictures_of_all_together_take_their_share_and_no_more() -> None:
    costs = [0.002] * 15
    for free, share in ((False, 1 / BUSY), (True, 1 / FREE)):
        rest = Crowd.of(costs).rest(0.002, free=free)
        assert sum(cost / rest for cost in costs) == pytest.approx(share)


def test_runs_are_drawn_equally_often_unless_a_picture_is_far_dearer_than_usual() -> None:
    costs = [0.002] * 12 + [0.008] * 3
    crowd = Crowd.of(costs)
    assert crowd.rest(0.008, free=False) == crowd.rest(0.002, free=False)
    dear = Crowd.of([*costs, 0.5])
    assert dear.rest(0.5, free=False) > 10 * dear.rest(0.002, free=False)
    assert dear.rest(0.002, free=False) < 1.3 * crowd.rest(0.002, free=False)


def test_one_run_alone_is_not_looked_at_all_the_time() -> None:
    assert Crowd.of([0.05]).rest(0.05, free=True) == pytest.approx(OWN * 0.05)


def test_a_pace_is_kept_and_steps_that_no_picture_could_show_are_made_together() -> None:
    for limit, together in ((5.0, 1), (100.0, 3)):
        pace, now, steps = Pace(), 0.0, []
        pace.set_limit(limit, now)
        pace.begin(now)
        while now < 20.0:
            if pace.may_step(now):
                assert pace.allowed is not None
                steps.append(pace.allowed)
                pace.count(steps[-1], now)
            assert pace.sleeps() >= 0
            now += max(pace.sleeps(), 0.001)
        assert max(steps) == together
        assert sum(steps) == pytest.approx(20 * limit, rel=0.02)


def test_what_a_busy_moment_left_undone_is_made_up_for_but_not_for_ever() -> None:
    pace = Pace()
    pace.set_limit(100.0, 0.0)
    pace.begin(0.0)
    assert pace.may_step(10.0)
    assert pace.allowed == 20
