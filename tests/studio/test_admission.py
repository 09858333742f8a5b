"""How long a run will take, and what is offered when that is long."""

from __future__ import annotations

import math

import pytest

from playground.core.contracts import Template
from playground.core.files import read_project
from playground.engine.messages import Measured
from playground.studio.admission import (
    FEWEST_STEPS,
    SMALL_SECONDS,
    OwnSpeed,
    Work,
    about,
    long_run,
    one_run,
    small_version,
)
from playground.studio.checking import understand
from playground.studio.documents import from_template
from playground.templates import templates

SLOW = Measured(flops_per_second=1e9, seconds_per_step=1e-4)


def project(kind: str, **training: int):  # type: ignore[no-untyped-def]
    document = read_project(from_template(kind))
    experiment = document.experiment
    return document.with_(experiment=experiment.with_(training=experiment.training.with_(**training)))


def work_of(document) -> Work:  # type: ignore[no-untyped-def]
    work = Work.of(document.experiment, understand(document.experiment))
    assert work is not None
    return work


def test_the_work_of_a_network_is_counted_as_by_hand() -> None:
    # circle, 2-3-1 with tanh: 3 × (2 × 2 − 1 + 1) + 3 for tanh, then 2 × 3 − 1 + 1; 400 cases in batches of 10.
    work = work_of(project("circle"))
    assert work == Work(flops=3 * 4 + 3 + 6, batch=10, steps=40, judged=100, judged_at_the_end=500, lockstep=True)
    expected = 200 * (40 * (3 * 21 * 10 / 1e9 + 1e-4 / 5) + 100 * 21 / 1e9) + 500 * 21 / 1e9
    assert work.seconds(200, SLOW) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("template", list(templates), ids=lambda template: template.kind)
def test_which_networks_train_in_lockstep_is_what_training_says(template: type[Template]) -> None:
    from playground.core.shapes import check_experiment
    from playground.training.build import build
    from playground.training.plan import plan

    experiment = template().experiment()
    try:
        checked = check_experiment(experiment)
        work = Work.of(experiment, understand(experiment))
    except ValueError:
        pytest.skip("Its data are not here.")
    if work is None:
        pytest.skip("Its data are not here.")
    networks = {role: build(network) for role, network in checked.items()}
    assert work.lockstep == (plan(experiment, networks) == "lockstep")


def test_what_a_run_has_cost_so_far_counts_for_more_than_the_estimate() -> None:
    work = work_of(project("digits-mlp"))
    own = work.seconds(3, SLOW, own=0.5)
    assert own == pytest.approx(3 * work.steps * 0.5 + work.judged_at_the_end * work.flops / 1e9)
    assert work.seconds(3, None, own=0.5) == pytest.approx(3 * work.steps * 0.5)
    assert work.seconds(3, None) is None


def test_the_speed_of_a_run_is_known_after_steps_enough_and_forgotten_when_they_change() -> None:
    speed = OwnSpeed()
    assert speed.per_step is None
    speed.note(10, 10.0)
    assert speed.per_step is None, "ten steps tell little"
    speed.note(110, 30.0)
    assert speed.per_step == pytest.approx(30 / 110)
    speed.begin()
    assert speed.per_step is None
    speed.note(210, 31.0)
    assert speed.per_step == pytest.approx(0.01)
    speed.note(0, 31.0)
    assert speed.per_step is None, "rewound: what came before is another network"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "about 1 min"),
        (100, "about 2 min"),
        (560, "about 9 min"),
        (610, "about 10 min"),
        (2400, "about 40 min"),
        (3500, "about 1 h"),
        (5400, "about 1.5 h"),
        (3 * 3600, "about 3 h"),
        (30 * 3600, "about 30 h"),
        (100 * 3600, "about 4 days"),
    ],
)
def test_times_are_said_as_exactly_as_they_are_known(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_the_words_of_both_offers() -> None:
    assert long_run(2400) == {
        "text": "This run needs about 40 min of this machine. Start a small version, or queue it.",
        "buttons": [{"label": "Start a small version", "how": "small"}, {"label": "Queue it", "how": "queue"}],
    }
    assert one_run("Fashion CNN") == {
        "text": "Your run “Fashion CNN” is training. One run a person at a time on this server.",
        "buttons": [{"label": "Pause it and train this", "how": "instead"}, {"label": "Queue this", "how": "queue"}],
    }
    assert one_run(None)["text"].startswith("Another run of yours is training. One run")
    waiting = one_run("Spiral", waits=True)
    assert waiting["text"].startswith("Your run “Spiral” is in the queue. One run")
    assert [button["how"] for button in waiting["buttons"]] == ["instead"], "one place in the queue a person"


@pytest.mark.parametrize("flops", [1e8, 1e9, 1e10])
@pytest.mark.parametrize("kind", ["circle", "digits-mlp"])
def test_a_small_version_is_through_in_two_minutes_and_says_what_it_cut(kind: str, flops: float) -> None:
    whole = project(kind, epochs=100_000)
    measured = Measured(flops_per_second=flops, seconds_per_step=1e-3)
    small = small_version(whole, understand(whole.experiment), measured)
    cut = read_project(small.proposal.document)
    needs = work_of(cut).seconds(cut.experiment.training.epochs, measured)
    assert needs is not None
    assert 0.5 * SMALL_SECONDS < needs <= SMALL_SECONDS, "as much as fits"
    assert f"{cut.experiment.training.epochs:,} epochs instead of 100,000" in small.says
    assert "%" not in small.says, "fewer epochs were enough"
    assert cut.experiment.data == whole.experiment.data
    assert cut.title == whole.title
    assert small.says.endswith("Undo brings the whole run back.")


def test_where_one_epoch_is_too_long_a_part_of_the_training_cases_is_taken() -> None:
    whole = project("digits-mlp", epochs=50, batch_size=8)
    work = work_of(whole)
    # An epoch of five minutes; judging included, a fifth of it fits.
    measured = Measured(flops_per_second=3 * work.flops * work.batch * work.steps / 300, seconds_per_step=1e-9)
    small = small_version(whole, understand(whole.experiment), measured)
    cut = read_project(small.proposal.document)
    then = work_of(cut)
    share = cut.experiment.data.split.train / whole.experiment.data.split.train
    assert cut.experiment.training.epochs == 1
    assert share < 1
    assert then.steps >= FEWEST_STEPS
    assert (then.seconds(1, measured) or math.inf) <= SMALL_SECONDS
    assert cut.experiment.data.split.test == whole.experiment.data.split.test
    assert f"1 epoch instead of 50, {100 * share:.3g} % of the training pictures" in small.says


def test_a_run_that_has_begun_keeps_its_data_and_the_epochs_behind_it() -> None:
    whole = project("digits-mlp", epochs=50)
    work = work_of(whole)
    measured = Measured(flops_per_second=3 * work.flops * work.batch * work.steps / 300, seconds_per_step=1e-9)
    small = small_version(whole, understand(whole.experiment), measured, done=7)
    cut = read_project(small.proposal.document)
    assert cut.experiment.data == whole.experiment.data
    assert cut.experiment.training.epochs == 8
    assert "1 epoch instead of 43" in small.says
    assert "It still needs about" in small.says
