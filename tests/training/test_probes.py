"""What a slice looked like: pictures hold what a forward pass by hand gives, and looking changes nothing."""

import struct
from typing import Any

import numpy as np
import pytest
import torch

from playground.core.edits import Replace
from playground.training import health, pictures, probes
from playground.training.frames import Field, pack, unpack
from playground.training.prepared import plane_points
from playground.training.probes import Watch, data_frame, probe
from playground.training.state import RunState
from tests.training.experiments import (
    CIRCLE_231,
    CIRCLE_2331,
    DROPOUT,
    advance,
    chain,
    dense,
    experiment,
    run_of,
    same,
    weights,
)

CONV = chain(
    ("conv", {"kind": "conv2d", "channels": 8, "kernel": 3, "activation": {"kind": "relu"}}),
    ("norm", {"kind": "batch_norm"}),
    ("flat", {"kind": "flatten"}),
    ("drop", {"kind": "dropout", "rate": 0.5}),
    ("last", dense(10)),
)
DIGITS = {"dataset": {"kind": "digits"}, "loss": {"kind": "cross_entropy"}, "batch_size": 64}


def looked(state: RunState, watch: Watch | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Through the wire and back, as a browser sees it."""
    return unpack(pack(*probe(state, watch=watch)))


def by_hand(state: RunState, points: Any) -> tuple[Any, Any]:
    """Hidden answers and raw answer of the 2-3-1 network in numpy."""
    w = {name: tensor.numpy() for name, tensor in weights(state).items()}
    hidden = np.tanh(points @ w["model/n1.linear.weight"].T + w["model/n1.linear.bias"])
    return hidden, hidden @ w["model/n2.linear.weight"].T + w["model/n2.linear.bias"]


def test_the_picture_of_the_output_is_twice_the_chance_minus_one() -> None:
    state = advance(run_of(experiment()), 12)
    _, arrays = looked(state)
    _, raw = by_hand(state, plane_points((-6, 6), 100))
    expected = np.round((2 / (1 + np.exp(-raw[:, 0])) - 1) * 127 + 128).reshape(100, 100)
    assert np.abs(arrays["output"].astype(float) - expected).max() <= 1


def test_row_zero_of_a_picture_is_the_top_of_the_plane() -> None:
    state = advance(run_of(experiment()), 0)
    _, arrays = looked(state)
    columns, rows = arrays["picture/input"].astype(int)
    assert (np.diff(columns, axis=1) > 0).all()  # x₁ grows to the right
    assert (np.diff(rows, axis=0) < 0).all()  # x₂ grows to the top


def test_every_hidden_unit_has_its_picture_and_its_own_scale() -> None:
    state = advance(run_of(experiment()), 12)
    header, arrays = looked(state, Watch(focus=(("hidden", 2), ("hidden", 9), ("nobody", 0))))
    hidden, _ = by_hand(state, plane_points((-6, 6), 32))
    entry = next(entry for entry in header["arrays"] if entry["name"] == "picture/hidden")
    maximum = np.abs(hidden).max(axis=0)
    np.testing.assert_allclose(entry["maximum"], maximum, rtol=1e-5)
    expected = np.round(hidden / maximum * 127 + 128).T.reshape(3, 32, 32)
    assert np.abs(arrays["picture/hidden"].astype(float) - expected).max() <= 1
    large, _ = by_hand(state, plane_points((-6, 6), 100))
    focused = np.round(large[:, 2] / np.abs(large[:, 2]).max() * 127 + 128).reshape(100, 100)
    assert np.abs(arrays["focus/hidden/2"].astype(float) - focused).max() <= 1
    assert [name for name in arrays if name.startswith("focus")] == ["focus/hidden/2"]


def test_small_layers_show_their_weights() -> None:
    state = advance(run_of(experiment()), 5)
    _, arrays = looked(state)
    held = weights(state)
    for path, name in (("hidden", "n1"), ("last", "n2")):
        assert np.array_equal(arrays[f"weight/{path}"], held[f"model/{name}.linear.weight"].numpy())
        assert np.array_equal(arrays[f"bias/{path}"], held[f"model/{name}.linear.bias"].numpy())


def test_numbers_on_the_plane_are_in_the_unit_of_the_data() -> None:
    wanted = experiment(
        chain(("last", dense(1))),
        dataset={"kind": "regression-plane", "samples": 200},
        loss={"kind": "mean_squared_error"},
        preparation=[{"kind": "standardise_target"}],
        optimizer={"kind": "adam", "learning_rate": 0.1},
        metrics=[{"kind": "r2"}],
        epochs=40,
    )
    state = advance(run_of(wanted), 400)
    header, arrays = looked(state)
    entry = next(entry for entry in header["arrays"] if entry["name"] == "output")
    points = plane_points((-6, 6), 100)
    expected = np.clip(points.sum(axis=1) / 10 / entry["maximum"], -1, 1) * 127 + 128
    assert np.abs(arrays["output"].astype(float) - expected.reshape(100, 100)).max() <= 4
    truth, answer = arrays["scatter"].T
    np.testing.assert_allclose(truth, answer, atol=0.05)
    assert header["values"]["r2"] > 0.99


def test_pictures_take_their_way_through_a_convolution() -> None:
    state = advance(run_of(experiment(CONV, **DIGITS)), 14)  # type: ignore[arg-type]
    header, arrays = looked(state, Watch(sample=3))
    assert arrays["picture/conv"].shape[0] == 6
    entry = next(entry for entry in header["arrays"] if entry["name"] == "picture/conv")
    with torch.no_grad():
        module = state.networks["model"].part("conv")
        batch = state.feed["validation"].range(3, 4)
        maps = module.activation(module.conv(batch.inputs))[0]  # type: ignore[operator]
    order = maps.abs().mean((1, 2)).argsort(descending=True)[:6]
    assert entry["index"] == order.tolist()
    expected = (maps[order[0]] / maps[order[0]].abs().max() * 127 + 128).round()
    assert np.abs(arrays["picture/conv"][0].astype(float) - expected.numpy()).max() <= 1
    assert arrays["probabilities"].sum() == pytest.approx(1, abs=1e-5)
    assert arrays["histogram/last"].sum() == pytest.approx(1, abs=1e-5)
    assert arrays["gallery_answer"].shape == arrays["gallery_confidence"].shape == (36,)
    _, gallery = unpack(pack(*data_frame(state.source)))
    assert np.array_equal(gallery["gallery"][3], arrays["sample"])
    judged = state.judged
    assert judged is not None
    assert arrays["confusion"].sum() == len(judged.truth) <= 1_000
    assert np.trace(arrays["confusion"]) / len(judged.truth) == pytest.approx(
        state.values[f"{judged.part}_accuracy"], abs=0.2 if judged.part == "train" else 1e-5
    )


def test_more_than_two_kinds_on_the_plane_show_the_kind_and_how_sure_it_is() -> None:
    answers = torch.tensor([[0.2, 0.5, 0.3], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8]])
    counts = pictures.confusion(answers, torch.tensor([1, 1, 2]), 3)
    assert counts.tolist() == [[0, 0, 0], [1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(("network", "settings"), [(CIRCLE_231, {}), (DROPOUT, {}), (CONV, DIGITS)])
def test_looking_changes_nothing(network: dict[str, Any], settings: dict[str, Any]) -> None:
    def run(look: bool) -> tuple[RunState, torch.Tensor]:
        torch.manual_seed(5)
        run = run_of(experiment(network, epochs=1, **settings), slice_seconds=0.0)
        from playground.training.fit import fit

        for tick in fit(run):
            if look:
                probe(tick.state, watch=Watch(focus=(("hidden", 0),), sample=2))
                modes = {part.training for module in tick.state.modules.values() for part in module.modules()}
                assert modes == {True}
        assert run.state is not None
        return run.state, torch.get_rng_state()

    (seen, seen_random), (unseen, unseen_random) = run(True), run(False)
    assert same(weights(seen), weights(unseen))  # running means of batch norm among them
    assert torch.equal(seen_random, unseen_random)
    assert torch.equal(seen.randomness.states["cpu"], unseen.randomness.states["cpu"])


def test_units_that_stopped_working_are_counted() -> None:
    network = chain(("hidden", dense(4, "relu")), ("flat", dense(3, "tanh")), ("last", dense(1)))
    state = advance(run_of(experiment(network, metrics=[])), 0)
    with torch.no_grad():
        hidden, flat = (state.networks["model"].part(path).linear for path in ("hidden", "flat"))  # type: ignore[union-attr]
        hidden.bias[:2] = -1000.0  # type: ignore[index, operator]
        flat.bias[0] = 1000.0  # type: ignore[index, operator]
    header, _ = looked(state)
    assert header["nodes"]["hidden"] | {"new": None} == {
        "units": 4,
        "dead": 2,
        "saturated": 0,
        "nan": False,
        "new": None,
    }
    assert header["nodes"]["flat"]["saturated"] == 1
    assert header["nodes"]["last"]["dead"] == 0


def test_of_a_costly_network_few_cases_are_looked_at_in_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    network = chain(("hidden", dense(4, "relu")), ("last", dense(1)))
    state = advance(run_of(experiment(network, metrics=[])), 0)
    points = state.feed["train"].inputs[:, 0]
    size = int(points.argmax())  # a unit can be silent on so many cases, and not on the next one
    first, everything = points[:size].max(), points.max()
    monkeypatch.setattr(probes, "batch_size", lambda state: size)
    with torch.no_grad():
        hidden = state.networks["model"].part("hidden").linear
        hidden.weight.copy_(torch.tensor([[1.0, 0.0]] * 4))  # type: ignore[operator, union-attr]
        hidden.bias.copy_(torch.tensor([-1000.0, 1000.0, -(first + everything) / 2, 1000.0]))  # type: ignore[operator, union-attr]
    looks = -(-len(points) // size)
    dead = [looked(state)[0]["nodes"]["hidden"]["dead"] for _ in range(looks)]
    assert dead == [2] * (looks - 1) + [1]


def test_new_units_are_outlined_for_fifty_steps() -> None:
    run = run_of(experiment(CIRCLE_231))
    state = advance(run, 7, Replace(experiment=experiment(CIRCLE_2331)))
    assert looked(state)[0]["nodes"]["dense"]["new"] == [0, 1, 2]
    assert looked(state)[0]["nodes"]["hidden"]["new"] == []
    state.cursor.step = 57
    assert looked(state)[0]["nodes"]["dense"]["new"] == []


def test_a_network_full_of_nan_can_still_be_drawn() -> None:
    state = advance(run_of(experiment()), 3)
    with torch.no_grad():
        for parameter in state.modules["model"].parameters():
            parameter.fill_(float("nan"))
    header, arrays = looked(state)
    assert header["nodes"]["hidden"]["nan"]
    assert (arrays["output"] == 128).all()


def test_the_data_of_the_plane_come_with_their_parts() -> None:
    run = run_of(experiment())
    header, arrays = unpack(pack(*data_frame(run.prepared)))
    assert header["labels"] == ["orange", "blue"]
    assert header["domain"] == [-6.0, 6.0]
    assert arrays["points"].shape == (120, 2)
    assert [int((arrays["part"] == n).sum()) for n in range(3)] == [60, 30, 30]
    assert set(arrays["targets"]) == {0.0, 1.0}


def test_frames_are_laid_out_as_the_protocol_says() -> None:
    fields = [
        Field("a", np.arange(5, dtype=np.uint8), {"maximum": 2.5}),
        Field("b/ü", np.ones((2, 3), dtype=np.float32)),
        Field("c", np.array([-1], dtype=np.int32)),
    ]
    frame = pack({"type": "frame", "run": "r"}, fields)
    (length,) = struct.unpack_from("<I", frame)
    assert length % 4 == 0
    header, arrays = unpack(frame)
    assert header["run"] == "r"
    assert [(entry["dtype"], entry["offset"]) for entry in header["arrays"]] == [("u8", 0), ("f32", 8), ("i32", 32)]
    assert header["arrays"][0]["maximum"] == 2.5
    assert frame[4 + length :][:5] == bytes(range(5))
    assert len(frame) == 4 + length + 36
    for field in fields:
        assert np.array_equal(arrays[field.name], field.values)


def test_bytes_are_symmetric_around_zero() -> None:
    values = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0, 7.0, float("nan")])
    assert pictures.signed_bytes(values, torch.tensor(1.0)).tolist() == [1, 64, 128, 192, 255, 255, 128]


def test_each_unit_of_a_table_says_how_often_it_gives_each_answer() -> None:
    counted = pictures.unit_histograms(torch.tensor([[-1.0, 0.5], [1.0, 0.5], [1.0, 0.4]]), bins=4)
    assert counted is not None
    shares, (low, high) = counted
    assert (low, high) == (-1.0, 1.0)
    assert shares.sum(1) == pytest.approx([1, 1])
    assert shares[0] == pytest.approx([1 / 3, 0, 0, 2 / 3])
    assert pictures.unit_histograms(torch.tensor([[float("nan")]])) is None


def test_what_is_quickly_looked_at_is_looked_at_again_after_some_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "QUICK", 60.0)
    state = advance(run_of(experiment(chain(("hidden", dense(4, "relu")), ("last", dense(1))), metrics=[])), 0)
    assert looked(state)[0]["nodes"]["hidden"]["dead"] < 4
    with torch.no_grad():
        state.networks["model"].part("hidden").linear.bias[:] = -1000.0  # type: ignore[index, operator, union-attr]
    dead = [looked(state)[0]["nodes"]["hidden"]["dead"] for _ in range(health.PICTURES)]
    assert dead[-1] == 4
    assert dead[0] < 4
