"""One line trains a network, alone or shared by several processes, and goes on after it was killed."""

import json
import os
import subprocess
import sys
import time

import pytest
import torch

from tests.processes import Together
from tools.course import ROOT
from utils import models, train, train_cli

LINE = [
    "small_convnet",
    "mnist",
    "--size",
    "embedded",
    "--device",
    "cpu",
    "--set",
    "dropout=0.0",
    "--batch-size",
    "250",
]


def under_torchrun(count, arguments):
    """What torchrun's processes print, started as the documentation says."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count), "-m", "utils.train_cli"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def started(count, log, *arguments):
    """Processes that train as the line says, and some more arguments."""
    return Together(count, log, train_cli.main, [*LINE, *map(str, arguments)])


@pytest.mark.slow
def test_one_two_and_four_processes_learn_the_same(tmp_path):
    found, weights = {}, {}
    for count in (1, 2, 4):
        files = {kind: tmp_path / f"{count}{kind}" for kind in (".json", ".safetensors")}
        arguments = ["--epochs", "1", "--history", str(files[".json"]), "--weights", str(files[".safetensors"])]
        out = under_torchrun(2, [*LINE, *arguments]) if count == 2 else None
        out = out or started(count, tmp_path / "log", *arguments).finish()
        assert out.count("epoch 1/1") == 1, "only the first process speaks"
        found[count] = train.History.from_dict(json.loads(files[".json"].read_text()))
        model = train.load_weights(models.create("small_convnet", dropout=0.0), files[".safetensors"])
        weights[count] = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    for count in (2, 4):
        assert found[count].train_loss == pytest.approx(found[1].train_loss, abs=1e-4)
        assert found[count].test_loss == pytest.approx(found[1].test_loss, abs=1e-3)
        torch.testing.assert_close(weights[count], weights[1], atol=1e-3, rtol=0)
    assert found[1].test_accuracy[-1] > 0.85


@pytest.mark.slow
def test_two_processes_go_on_from_their_checkpoint(tmp_path):
    whole, broken, log = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors", tmp_path / "log"
    line = ["--epochs", 2, "--set", "dropout=0.5"]
    started(2, log, *line, "--weights", whole).finish()
    line += ["--checkpoint", tmp_path / "run.pt"]
    killed = started(2, log, *line)
    while not (tmp_path / "run.pt").exists():
        assert all(process.is_alive() for process in killed.processes), log.read_text()
        time.sleep(0.02)
    killed.kill()
    started(2, log, *line, "--weights", broken).finish()
    assert broken.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["lenat"], "Did you mean lenet"),
        (["lenet", "colour_digits"], "does not take images of shape"),
        (["lenet", "colour_digits", "--size", "full"], "comes in one size"),
        (["lenet", "mnist", "--set", "width"], "NAME=VALUE"),
        (["lenet", "mnist", "--set", "widht=3"], "widht"),
        (["lenet", "mnist", "--lr", "-1"], "lr must be"),
    ],
)
def test_a_line_that_cannot_be_is_answered_in_one_line(line, message, capsys):
    assert train_cli.main(line) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_the_networks_are_listed(capsys):
    assert train_cli.main(["list"]) == 0
    assert capsys.readouterr().out.split() == models.names()


def test_options_of_a_network_are_read_as_python_values():
    pairs = ["batch_norm=True", "dropout=0.25", "widths=(8, 16)", "pool=max"]
    assert train_cli.network_options(pairs) == {
        "batch_norm": True,
        "dropout": 0.25,
        "widths": (8, 16),
        "pool": "max",
    }
