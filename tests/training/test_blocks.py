"""Blocks train like what they hold: pictures, edits, checkpoints and other weights see through them."""

from typing import Any

import pytest
import torch

from playground.core.edits import Replace, WriteWeight
from playground.training.fit import fit
from playground.training.frames import pack, unpack
from playground.training.probes import Watch, probe
from tests.training.experiments import advance, chain, dense, experiment, go_on, prepared, run_of, weights


def block(*inside: tuple[str, dict[str, Any]], repeat: int = 1) -> dict[str, Any]:
    return {"kind": "block", "drawing": chain(*inside), "repeat": repeat}


TWICE = chain(("enc", block(("hidden", dense(3, "tanh")), repeat=2)), ("last", dense(1)))


def test_a_block_learns_what_its_drawing_learns() -> None:
    state = advance(run_of(experiment(TWICE)), 20)
    plain = run_of(experiment(chain(("a", dense(3, "tanh")), ("b", dense(3, "tanh")), ("last", dense(1)))))
    plain.pause_at = 0
    ticks = fit(plain)
    go_on(ticks, lambda tick: tick.doing == "waiting")
    start = weights(advance(run_of(experiment(TWICE)), 0))
    for ours, theirs in (("a", "n1_r0_n1"), ("b", "n1_r1_n1"), ("last", "n2")):
        for name in ("weight", "bias"):
            values = start[f"model/{theirs}.linear.{name}"]
            for index in torch.cartesian_prod(*[torch.arange(n) for n in values.shape]).reshape(-1, values.dim()):
                place = tuple(int(n) for n in index)
                assert ticks.send(WriteWeight(path=ours, name=name, index=place, value=float(values[place]))).edited
    plain.pause_at = 20
    go_on(ticks, lambda tick: tick.step == 20)
    trained = weights(plain.state)
    for ours, theirs in (("n1", "n1_r0_n1"), ("n2", "n1_r1_n1"), ("n3", "n2")):
        torch.testing.assert_close(
            trained[f"model/{ours}.linear.weight"],
            weights(state)[f"model/{theirs}.linear.weight"],
            rtol=1e-4,
            atol=1e-5,
        )


def test_a_frame_of_a_network_with_blocks_can_be_drawn() -> None:
    header, arrays = unpack(pack(*probe(advance(run_of(experiment(TWICE)), 5))))
    assert arrays["picture/enc"].shape[0] == 3
    assert "enc" in header["nodes"]


def test_a_number_inside_a_block_is_set_by_its_path() -> None:
    run = run_of(experiment(TWICE))
    state = advance(run, 3, WriteWeight(path="enc[1].hidden", name="weight", index=(2, 0), value=7.5))
    assert state.networks["model"].part("enc[1].hidden").linear.weight[2, 0] == 7.5


@pytest.mark.parametrize("repeat", [1, 3])
def test_another_number_of_repetitions_keeps_the_weights_that_stay(repeat: int) -> None:
    before = experiment(TWICE)
    after = experiment(chain(("enc", block(("hidden", dense(3, "tanh")), repeat=repeat)), ("last", dense(1))))
    run = run_of(before)
    kept = advance(run, 10).networks["model"].part("enc[0].hidden").linear.weight.clone()
    last = run.state.networks["model"].part("last").linear.weight.clone()
    ticks = run_of(before)
    state = advance(ticks, 10, Replace(experiment=after))
    assert torch.equal(state.networks["model"].part("last").linear.weight, last)
    path = "enc[0].hidden" if repeat > 1 else "enc.hidden"
    assert torch.equal(state.networks["model"].part(path).linear.weight, kept)


def test_grouping_and_ungrouping_keep_every_weight_and_moment() -> None:
    plain = experiment(chain(("a", dense(3, "tanh")), ("b", dense(4, "tanh")), ("last", dense(1))))
    grouped = experiment(chain(("both", block(("a", dense(3, "tanh")), ("b", dense(4, "tanh")))), ("last", dense(1))))
    straight = weights(advance(run_of(plain), 20))
    run = run_of(plain)
    run.pause_at = 10
    ticks = fit(run)
    go_on(ticks, lambda tick: tick.step == 10 and tick.doing == "waiting")
    done = ticks.send(Replace(experiment=grouped)).edited
    assert (done.new, done.kept) == (0, 9 + 16 + 5)
    run.pause_at = 15
    go_on(ticks, lambda tick: tick.step == 15 and tick.doing == "waiting")
    assert ticks.send(Replace(experiment=plain)).edited.new == 0
    run.pause_at = 20
    go_on(ticks, lambda tick: tick.step == 20 and tick.doing == "waiting")
    for name, tensor in weights(run.state).items():
        torch.testing.assert_close(tensor, straight[name], rtol=1e-4, atol=1e-5)


def test_a_norm_inside_a_block_needs_company_in_the_batch() -> None:
    inside = block(("hidden", dense(3, "tanh")), ("norm", {"kind": "batch_norm"}))
    state = advance(run_of(experiment(chain(("enc", inside), ("last", dense(1))))), 2)
    assert state.smallest_batch == 2
    assert prepared(state.experiment) is not None


def test_only_what_somebody_sees_is_drawn() -> None:
    """A deep network has hundreds of nodes in its blocks."""
    state = advance(run_of(experiment(TWICE)), 5)

    def drawn(*inside: str) -> tuple[set[str], set[str]]:
        header, fields = probe(state, watch=Watch(inside=inside))
        return {field.name for field in fields if "/" in field.name}, set(header["nodes"])

    closed, nodes = drawn()
    assert {"picture/enc", "picture/last"} <= closed
    assert not [name for name in closed if "[" in name]
    assert not [path for path in nodes if "[" in path]
    opened, nodes = drawn("enc[0]")
    assert opened - closed == {"picture/enc[0].hidden", "weight/enc[0].hidden", "bias/enc[0].hidden"}
    assert "enc[0].hidden" in nodes
    assert "enc[1].hidden" not in nodes
    assert drawn() == (closed, nodes - {"enc[0].hidden"})
