"""Checkpoints: killed runs go on bit for bit; files that are damaged, foreign or malicious are refused."""

import io
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from tiny_training import TEST, TRAIN, Noise, press_stop, same_bits, tiny_net, tiny_split, weights
from torch import nn

from utils import train

KILLED = """
import sys
from tiny_training import Noise, die, tiny_net, tiny_split
from utils import train
train.fit(tiny_net(), tiny_split(), tiny_split(30, seed=1), epochs=4, batch_size=16, seed=5, optimizer="adamw",
          augment=Noise(batch=13, action=die), checkpoint=sys.argv[1])
"""


def fit(model, path, **options):
    options = {"epochs": 4, "batch_size": 16, "seed": 5, "optimizer": "adamw", "augment": Noise()} | options
    return train.fit(model, TRAIN, TEST, checkpoint=path, progress=False, **options)


def numbers(history):
    return {name: column for name, column in history.to_dict().items() if name not in ("seconds", "images_per_second")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run: (path of its checkpoint, weights, history)."""
    path, model = tmp_path_factory.mktemp("checkpoint") / "finished.pt", tiny_net()
    history = fit(model, path)
    return path, weights(model), history


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_in_the_middle_of_an_epoch_and_resumed_bit_for_bit(tmp_path, finished):
    path = tmp_path / "run.pt"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    killed = subprocess.run([sys.executable, "-c", KILLED, path], env=environment, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr  # in batch 3 of 5 of the third epoch
    assert [line[:9] for line in killed.stdout.splitlines()] in ([], ["epoch 1/4", "epoch 2/4"])
    augment, model = Noise(), tiny_net(seed=99)  # the weights that a new process happens to begin with don't matter
    history = fit(model, path, augment=augment)
    assert augment.calls == 10, "two epochs of five batches were left"
    assert same_bits(weights(model), finished[1])
    assert numbers(history) == numbers(finished[2])
    assert os.listdir(tmp_path) == ["run.pt"]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("schedule", ["onecycle", "cosine", "constant"])
def test_stopped_and_resumed_bit_for_bit(tmp_path, optimizer, schedule):
    chosen = {"optimizer": optimizer, "schedule": schedule}
    whole, model = tiny_net(), tiny_net()
    expected = fit(whole, None, **chosen)
    stopped = fit(model, tmp_path / "run.pt", augment=Noise(batch=7, action=press_stop), **chosen)
    assert "Call fit again with the same arguments" in stopped.stopped
    history = fit(model, str(tmp_path / "run.pt"), **chosen)
    assert same_bits(weights(model), weights(whole))
    assert numbers(history) == numbers(expected)


def test_finished_run_is_returned_at_once(finished):
    path, final, expected = finished
    augment, model, content = Noise(), tiny_net(seed=3), path.read_bytes()
    assert fit(model, path, augment=augment) == expected
    assert augment.calls == 0
    assert same_bits(weights(model), final)
    assert not model.training
    assert path.read_bytes() == content


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
def test_truncated_checkpoint(finished, tmp_path, keep):
    path, content = tmp_path / "half.pt", finished[0].read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    model = tiny_net()
    before = weights(model)
    with pytest.raises(train.CheckpointError, match=r"half\.pt \([\d,]+ bytes\) is damaged.*delete .*half\.pt"):
        fit(model, path)
    assert same_bits(weights(model), before)


def test_a_single_flipped_bit_is_found(finished, tmp_path):
    path, content = tmp_path / "flipped.pt", bytearray(finished[0].read_bytes())
    with zipfile.ZipFile(finished[0]) as archive:
        part = max(archive.infolist(), key=lambda part: part.file_size)
    content[part.header_offset + 200] ^= 1
    path.write_bytes(content)
    with pytest.raises(train.CheckpointError, match="damaged"):
        fit(tiny_net(), path)


class Malicious:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle", "in place of the weights"])
def test_malicious_checkpoint_never_runs(finished, tmp_path, form):
    path, trace, evil = tmp_path / "evil.pt", tmp_path / "i_was_here", Malicious(tmp_path / "i_was_here")
    if form == "pickle":
        path.write_bytes(pickle.dumps(evil))
    elif form == "in place of the weights":
        state = torch.load(finished[0], weights_only=True)
        torch.save(state | {"model": evil}, path)
    else:
        torch.save(evil, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(train.CheckpointError, match="not written by fit"):
        fit(tiny_net(), path)
    assert not trace.exists()
    if form == "zip":  # the trap does work where someone loads it carelessly
        torch.load(path, weights_only=False)
        assert trace.exists()


def test_a_file_of_something_else(tmp_path):
    path = tmp_path / "weights.pt"
    for content in (tiny_net().state_dict(), torch.zeros(3), {"format": "convnet-course checkpoint 0"}):
        torch.save(content, path)
        with pytest.raises(train.CheckpointError, match="something else than a checkpoint"):
            fit(tiny_net(), path)


def wider():
    model = tiny_net()
    model[6] = nn.Linear(36, 9)
    return model


def more_dropout():
    model = tiny_net()
    model[5].p = 0.4
    return model


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (wider, {}, r"out_features=4.*now it is.*out_features=9"),
        (more_dropout, {}, r"p=0.3.*now it is.*p=0.4"),
        (tiny_net, {"epochs": 6}, "epochs was 4, now it is 6"),
        (tiny_net, {"batch_size": 20}, "batch_size was 16, now it is 20"),
        (tiny_net, {"lr": 0.02}, r"lr=0.01, now it is lr=0.02"),
        (tiny_net, {"weight_decay": 0.5}, r"weight_decay=0.01, now it is weight_decay=0.5"),
        (tiny_net, {"optimizer": "sgd"}, "optimizer was AdamW, now it is SGD"),
        (tiny_net, {"schedule": "cosine"}, "schedule was onecycle, now it is cosine"),
        (tiny_net, {"augment": None}, "augment was Noise, now it is None"),
        (tiny_net, {"seed": 6}, "seed was 5, now it is 6"),
        (tiny_net, {"bf16": True}, "bf16 was False, now it is True"),
    ],
)
def test_checkpoint_of_another_run(finished, make, options, words):
    content, model = finished[0].read_bytes(), make()
    before = weights(model)
    with pytest.raises(train.CheckpointError, match=words):
        fit(model, finished[0], **options)
    assert same_bits(weights(model), before)
    assert finished[0].read_bytes() == content


def test_checkpoint_of_other_data(finished):
    options = {"epochs": 4, "batch_size": 16, "seed": 5, "optimizer": "adamw", "augment": Noise(), "progress": False}
    with pytest.raises(train.CheckpointError, match="train data was 70 images"):
        train.fit(tiny_net(), tiny_split(seed=8), TEST, checkpoint=finished[0], **options)
    with pytest.raises(train.CheckpointError, match=r"test data was 30 images.*now it is none"):
        train.fit(tiny_net(), TRAIN, checkpoint=finished[0], **options)


def test_a_write_that_fails_leaves_the_old_checkpoint(finished, tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    stopped = fit(tiny_net(), path, augment=Noise(batch=7, action=press_stop))
    content = path.read_bytes()

    def full_disk(state, file):
        file.write(b"the first bytes")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        fit(tiny_net(), path)
    assert len(stopped) == 1
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["run.pt"]


def test_checkpoint_holds_nothing_but_tensors_and_plain_values(finished):
    allowed = {"torch._utils _rebuild_tensor_v2", "collections OrderedDict"}
    with zipfile.ZipFile(finished[0]) as archive:
        content = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    names = {str(argument) for code, argument, _ in pickletools.genops(io.BytesIO(content)) if code.name == "GLOBAL"}
    assert {name for name in names if not name.endswith("Storage")} <= allowed
