"""Weights in safetensors files: they come back exactly, and only into the network they were made for."""

import hashlib
import json
import os

import pytest
import torch
from tiny_training import same_bits, tiny_net, weights
from torch import nn

from utils import data, models, runtime, train


def test_weights_come_back_exactly(tmp_path):
    saved, loaded = tiny_net(seed=1), tiny_net(seed=2)
    saved(torch.rand(3, 1, 8, 8))  # moves the running statistics away from 0 and 1
    path = train.save_weights(saved.to(memory_format=torch.channels_last), tmp_path / "new" / "net.safetensors")
    assert train.load_weights(loaded, path) is loaded
    assert same_bits(weights(saved), weights(loaded))
    assert loaded.training
    assert os.listdir(path.parent) == ["net.safetensors"]
    train.load_weights(tiny_net(), str(path))


@pytest.mark.parametrize(
    ("saved", "loaded", "words"),
    [
        (tiny_net, lambda: tiny_net(classes=5), r"6\.weight is \(4, 36\) in the file, \(5, 36\) in the model; 6\.bias"),
        (
            lambda: models.create("lenet_bn"),
            lambda: models.create("lenet"),
            r"weights of tiny.*bn1\.bias is not in the model; .* and 17 more",
        ),
        (lambda: models.create("lenet"), lambda: models.create("lenet_bn"), "is not in the file; .* and 17 more"),
    ],
)
def test_weights_of_another_network(tmp_path, saved, loaded, words):
    path, model = train.save_weights(saved(), tmp_path / "w.safetensors", "tiny"), loaded()
    before = weights(model)
    with pytest.raises(ValueError, match=words):
        train.load_weights(model, path)
    assert same_bits(weights(model), before)


def test_the_class_is_named_where_no_architecture_was_given(tmp_path):
    path = train.save_weights(models.create("lenet"), tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match="weights of LeNet, and they do not fit this Sequential"):
        train.load_weights(tiny_net(), path)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_damaged_file(tmp_path, keep):
    path = train.save_weights(tiny_net(), tmp_path / "w.safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"w\.safetensors is damaged"):
        train.load_weights(tiny_net(), path)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.safetensors"):
        train.load_weights(tiny_net(), tmp_path / "nowhere.safetensors")
    with pytest.raises(FileNotFoundError, match=r"ships no file 'weights/nowhere\.safetensors'"):
        train.load_weights(tiny_net(), "nowhere")


def test_only_a_module_has_weights(tmp_path):
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        train.save_weights({"weight": torch.zeros(1)}, tmp_path / "w.safetensors")
    with pytest.raises(TypeError, match=r"Try Flatten\(\)"):
        train.load_weights(nn.Flatten, tmp_path / "w.safetensors")


def test_shipped_weights_are_checked(tmp_path, monkeypatch):
    path = train.save_weights(tiny_net(seed=4), tmp_path / "weights" / "tiny.safetensors")
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  weights/tiny.safetensors\n")
    monkeypatch.setattr(runtime, "shipped_dir", lambda: tmp_path)
    for name in ("tiny", "tiny.safetensors"):
        assert same_bits(weights(train.load_weights(tiny_net(), name)), weights(tiny_net(seed=4)))
    train.save_weights(tiny_net(seed=5), path)
    with pytest.raises(ValueError, match="its checksum is not"):
        train.load_weights(tiny_net(), "tiny")


def test_a_file_holds_no_code(tmp_path):
    content = train.save_weights(tiny_net(), tmp_path / "w.safetensors", "tiny").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert header["__metadata__"] == {"architecture": "tiny"}


def test_shipped_lenet_reads_digits():
    model = train.load_weights(models.create("lenet_bn"), "lenet")
    train_split, _ = data.mnist("embedded")
    assert train.evaluate(model, train_split.subset(500))["accuracy"] >= 0.99
    with pytest.raises(ValueError, match="weights of lenet_bn, and they do not fit this LeNet"):
        train.load_weights(models.create("lenet"), "lenet")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_may_read_the_file(tmp_path):
    umask = os.umask(0o022)
    try:
        path = train.save_weights(tiny_net(), tmp_path / "w.safetensors")
    finally:
        os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o644
