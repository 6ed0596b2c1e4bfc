"""The rooms of `utils` that are mutated, and the tests that answer for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """Patterns of the files to mutate, and of the tests that answer for them, both relative to the course."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


# Without _clock.py, which looks at the frames between the learner's code and itself: mutmut puts its own there.
HARNESS = ("compare", "guard", "harness", "networks", "result", "shield", "values")
ROOMS = {
    "layers": Room(("utils/layers/*.py",), ("tests/test_layers*.py",)),
    "complexity": Room(("utils/complexity/*.py",), ("tests/test_complexity*.py",)),
    # test_train_cli.py starts processes for minutes; what it proves of utils.train the others prove too
    "train": Room(("utils/train/*.py",), tuple(f"tests/test_train{name}.py" for name in ("", "_[!c]*", "_checkpoint"))),
    "data": Room(("utils/data/*.py",), ("tests/test_data*.py",)),
    "harness": Room(tuple(f"utils/checks/_{name}.py" for name in HARNESS), ("tests/test_harness*.py",)),
    "checks": Room(("utils/checks/ch*.py", "utils/checks/_ch*.py"), ("tests/test_checks.py",)),
}
