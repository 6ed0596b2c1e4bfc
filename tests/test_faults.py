"""What breaks around the course: disks, folders, clocks, memory. docs/faults.md tells what a user sees of each."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tests import tiny_training
from utils import train

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parents[1]
TABLE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ODD_FOLDER = "Übung 1 – Faltung"


def python(code, folder=ROOT, **variables):
    """Run code in a fresh interpreter that finds the course's `utils`: (exit status, all that it printed)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COURSE_OFFLINE": "1"} | variables
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


LEARN = """
from utils import data, models, train, viz
digits, _ = data.mnist("embedded")
history = train.fit(models.create("lenet"), digits.subset(256), epochs=1, progress=False)
viz.image_grid(digits.images[:4]).flat[0].figure.savefig("digits.png")
print("learnt from", len(digits))
"""


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 100 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("only root on Linux can make a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(not shutil.which("mount"), reason="no mount here")
def test_a_full_disk_is_named_and_the_older_checkpoint_stays(small_disk):
    path, model = small_disk / "run.pt", tiny_training.tiny_net()
    train.fit(model, tiny_training.TRAIN, epochs=1, checkpoint=path, progress=False)
    kept = path.read_bytes()
    path.unlink()
    (small_disk / "filling").write_bytes(bytes(100 * 1024 - 8192))
    with pytest.raises(OSError, match=r"could not be written: No space left on device.*Give a path with room"):
        train.fit(model, tiny_training.TRAIN, epochs=1, checkpoint=path, progress=False)
    assert os.listdir(small_disk) == ["filling"], "no half checkpoint"
    (small_disk / "filling").unlink()
    path.write_bytes(kept)
    with pytest.raises(OSError, match="No space left"):
        train.save_weights(torch.nn.Linear(300, 300), small_disk / "weights.safetensors")
    assert path.read_bytes() == kept
    assert os.listdir(small_disk) == ["run.pt"]


@pytest.fixture(scope="module")
def learnt_elsewhere(tmp_path_factory):
    """Folder and words of a program that learns in another folder than the course's, with no display and no home."""
    folder = tmp_path_factory.mktemp("elsewhere")
    homeless = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""}
    status, said = python(LEARN, folder, **homeless, DISPLAY="", WAYLAND_DISPLAY="", MPLBACKEND="")
    assert status == 0, said
    return folder, said


def test_a_home_that_cannot_be_written_to_does_not_matter(learnt_elsewhere):
    assert "learnt from 4000" in learnt_elsewhere[1]


def test_the_working_directory_does_not_matter(learnt_elsewhere):
    assert (learnt_elsewhere[0] / "digits.png").is_file()


def test_no_display_is_needed(learnt_elsewhere):
    assert (learnt_elsewhere[0] / "digits.png").stat().st_size > 1000


def test_spaces_and_letters_beyond_ascii_in_the_path(tmp_path):
    course = tmp_path / ODD_FOLDER
    for part in ("utils", "data", "benchmarks/results"):
        shutil.copytree(ROOT / part, course / part, ignore=shutil.ignore_patterns("__pycache__"))
    more = "import utils\nmodel = models.create('lenet')\ntrain.load_weights(model, 'lenet_32')\nprint(utils.__file__)"
    status, said = python(LEARN + more, course, PYTHONPATH=str(course))
    assert status == 0, said
    assert ODD_FOLDER in said
    assert (course / "digits.png").stat().st_size > 1000


def test_without_widgets_there_is_a_picture(tmp_path):
    code = (
        "from utils import widgets\nwidgets.conv_stepper().static().savefig('stepper.png')\n"
        "import sys\nassert 'tkinter' not in sys.modules"
    )
    status, said = python(code, tmp_path)
    assert status == 0, said
    assert (tmp_path / "stepper.png").stat().st_size > 5000


@pytest.mark.parametrize("clock", [0.0, 4e9])
def test_a_wrong_clock_does_not_matter(monkeypatch, clock, tmp_path):
    expected = train.fit(tiny_training.tiny_net(), tiny_training.TRAIN, epochs=2, progress=False)
    monkeypatch.setattr(time, "time", lambda: clock)
    path = tmp_path / "run.pt"
    train.fit(tiny_training.tiny_net(), tiny_training.TRAIN, epochs=2, checkpoint=path, progress=False)
    os.utime(path, (clock, clock))
    again = train.fit(tiny_training.tiny_net(), tiny_training.TRAIN, epochs=2, checkpoint=path, progress=False)
    assert again.train_loss == expected.train_loss


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_too_large_a_tensor_is_an_error_and_no_hang(tmp_path):
    code = (
        "import resource, torch\nresource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))\n"
        "try:\n    torch.ones(8 << 30)\nexcept RuntimeError as error:\n    print(error)\nprint('the kernel lives')"
    )
    status, said = python(code, tmp_path)
    assert status == 0, said
    assert "can't allocate memory" in said
    assert "the kernel lives" in said


def test_every_row_of_the_table_names_a_test_that_exists():
    rows = re.findall(r"^\|.*\| `(tests/[\w/.]+)::(\w+)` \|$", TABLE, flags=re.MULTILINE)
    assert len(rows) == len([line for line in TABLE.splitlines() if line.startswith("|")]) - 2
    missing = [name for file, name in rows if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")]
    assert not missing
