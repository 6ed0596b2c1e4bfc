"""The commands of the course: their words, JupyterLab, the browser, and the counting of the test suite."""

import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tools import chromium, commands, course, lab, suite
from tools.environment import CourseError

ROOT = Path(course.ROOT)


class TestCommands:
    def test_make_and_the_launcher_have_the_same_commands(self):
        targets = re.search(r"^\.PHONY:(.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
        assert targets == list(commands.COMMANDS)

    def test_help_lists_every_command_and_option(self, capsys):
        assert commands.run([]) == 0
        shown = capsys.readouterr().out
        for name, command in commands.COMMANDS.items():
            assert f"make {name} " in shown
            assert command.summary in shown
            assert all(f"{option}=" in shown for option in [*command.options, *commands.SETUP])

    def test_every_benchmark_of_speed_runs_whatever_the_others_found_and_the_report_comes_last(self, monkeypatch):
        ran = []
        monkeypatch.setattr(commands, "python", lambda options, script: ran.append(Path(script).stem) or len(ran) == 1)
        assert commands.bench({}) == 1
        assert {"chapters", "growth", "peers", "time_to_99", "train_loop"} < set(ran)
        assert not set(commands.FINDINGS) & set(ran)
        assert ran[-1] == "report"
        ran.clear()
        commands.bench({"BENCHMARKS": "zoo imports"})
        assert ran == ["zoo", "imports", "report"]
        with pytest.raises(CourseError, match="no benchmark 'zo'"):
            commands.bench({"BENCHMARKS": "zo"})

    def test_options_come_from_the_line_or_the_environment(self, monkeypatch):
        monkeypatch.setenv("PORT", "9000")
        monkeypatch.setenv("STAGE", "unit")
        command, options = commands.parse(["lab", "TORCH=cpu"])
        assert command is commands.COMMANDS["lab"]
        assert (options["PORT"], options["TORCH"]) == ("9000", "cpu")
        assert "STAGE" not in options
        assert commands.parse(["lab", "PORT=9001"])[1]["PORT"] == "9001"

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["lap"], "no command 'lap'. Commands: setup, lab"),
            (["lab", "test"], "no command 'lab test'"),
            (["lab", "PROT=1"], "lab has no option PROT. It takes PORT"),
            (["setup", "SPACE=much"], "SPACE=much is no number"),
        ],
    )
    def test_wrong_words_are_answered_plainly(self, arguments, says, capsys):
        assert commands.run(arguments) == 1
        assert says in capsys.readouterr().err

    def test_ctrl_c_is_no_traceback(self, monkeypatch, capsys):
        def interrupted(options):
            raise KeyboardInterrupt

        monkeypatch.setitem(commands.COMMANDS, "data", commands.Command(interrupted, "", {}))
        assert commands.run(["data"]) == 130
        assert capsys.readouterr().err.strip() == "Stopped."


class TestLab:
    def test_opens_the_first_chapter(self, tmp_path):
        assert lab.first_page(tmp_path) == "/lab"
        (tmp_path / "chapters").mkdir()
        for name in ("01_b.ipynb", "00_a b.ipynb", "scratch.ipynb"):
            (tmp_path / "chapters" / name).touch()
        assert lab.first_page(tmp_path) == "/lab/tree/chapters/00_a%20b.ipynb"

    @pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "²"])
    def test_a_port_that_is_none(self, port):
        with pytest.raises(CourseError, match="is no port"):
            lab.free(port)

    def test_a_port_in_use(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = str(listener.getsockname()[1])
            with pytest.raises(CourseError, match=f"Port {port} cannot be used"):
                lab.free(port)
        assert lab.free(port) == int(port)


class TestChromium:
    def test_one_that_does_not_start_is_passed_over(self, monkeypatch):
        monkeypatch.setattr(chromium, "_candidates", lambda: ["/nonexistent", shutil.which("false"), sys.executable])
        assert chromium.find() == sys.executable

    def test_fetching_goes_on_to_the_next_way(self, monkeypatch, tmp_path):
        fetched = tmp_path / "chromium"
        fetch = f"open({str(fetched)!r}, 'w').write('#!/bin/sh'); import os; os.chmod({str(fetched)!r}, 0o755)"
        ways = [[sys.executable, "-c", "raise SystemExit(1)"], [sys.executable, "-c", fetch]]
        monkeypatch.setattr(chromium, "_candidates", lambda: [str(fetched)])
        monkeypatch.setattr(chromium, "_ways_to_fetch", lambda: ways[:1])
        assert chromium.find_or_fetch() is None
        monkeypatch.setattr(chromium, "_ways_to_fetch", lambda: ways)
        assert chromium.find_or_fetch() == str(fetched)


class TestSuite:
    REPORT = '<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2"/></testsuites>'

    @pytest.mark.parametrize(
        ("report", "status", "tally"),
        [
            (REPORT, 1, "5 passed, 2 failed, 2 skipped"),
            ('<testsuite tests="3"/>', 0, "3 passed, 0 failed, 0 skipped"),
            ('<testsuite tests="3"/>', 3, "2 passed, 1 failed, 0 skipped"),
            ('<testsuite tests="0"/>', 5, "0 passed, 0 failed, 0 skipped"),
            ("<testsu", 1, "0 passed, 1 failed, 0 skipped"),
            (None, 4, "0 passed, 1 failed, 0 skipped"),
        ],
    )
    def test_counts_come_from_the_report(self, tmp_path, report, status, tally):
        file = tmp_path / "report.xml"
        if report:
            file.write_text(report)
        assert str(suite.count(file, status)) == tally

    def run_suite(self, monkeypatch, capsys, **tallies):
        stages = {name: self.stage(tally) for name, tally in tallies.items()}
        monkeypatch.setattr(suite, "STAGES", stages)
        status = suite.run(Path(sys.executable))
        return status, capsys.readouterr().out.splitlines()[-1]

    @staticmethod
    def stage(tally):
        def run(runner):
            """A stage."""
            return tally

        return run

    def test_last_line_is_the_sum(self, monkeypatch, capsys):
        told = self.run_suite(monkeypatch, capsys, a=suite.Tally(3, 0, 1), b=suite.Tally(2))
        assert told == (0, "5 passed, 0 failed, 1 skipped")

    def test_a_failure_and_a_stage_without_tests_fail_the_suite(self, monkeypatch, capsys):
        assert self.run_suite(monkeypatch, capsys, a=suite.Tally(3, 1))[0] == 1
        assert self.run_suite(monkeypatch, capsys, a=suite.Tally(3), b=suite.Tally()) == (
            1,
            "3 passed, 1 failed, 0 skipped",
        )

    def test_stages_that_wait_run_beside_those_that_compute(self, monkeypatch, capsys):
        meeting = threading.Barrier(2, timeout=20)

        def stage(runner):
            """Met."""
            meeting.wait()
            return suite.Tally(int(not runner.run("-c", "print(6 * 7)")))

        monkeypatch.setattr(suite, "STAGES", {"unit": stage, "browser": stage})
        assert suite.run(Path(sys.executable)) == 0
        lines = capsys.readouterr().out.splitlines()
        assert {"unit      | === unit: Met.", "unit      | 42", "browser   | 42"} <= set(lines)
        assert lines[-1] == "2 passed, 0 failed, 0 skipped"

    def test_only_what_belongs_to_the_chapters_asked_for_is_run(self, monkeypatch):
        asked = []
        monkeypatch.setattr(suite.Runner, "pytest", lambda self, *arguments, **variables: asked.append(arguments))
        runner = suite.Runner(Path(sys.executable), {}, suite.chosen("04 7"))
        runner.tests("unit", "tests")
        runner.notebooks("notebooks", "chapters")
        assert "--chapters=4 7" in asked[0]
        assert [Path(word).name[:3] for word in asked[1] if word.endswith(".ipynb")] == ["04_", "07_"]
        runner = suite.Runner(Path(sys.executable), {}, suite.chosen(""))
        runner.notebooks("notebooks", "chapters")
        assert "chapters" in asked[2]

    @pytest.mark.parametrize(("option", "left"), [("", "1 2 plain"), ("2", "2 plain"), ("1 9", "1 plain")])
    def test_tests_of_other_chapters_are_left_out(self, tmp_path, option, left):
        body = "import pytest\n@pytest.mark.parametrize('chapter', [1, 2])\ndef test_a(chapter): pass\n"
        body += "@pytest.mark.chapter(2)\ndef test_b(): pass\ndef test_c(): pass\n"
        (tmp_path / "test_some.py").write_text(body)
        command = [sys.executable, "-m", "pytest", "--collect-only", "-qc", f"{course.ROOT}/pyproject.toml"]
        command += ["-p", "tests.conftest", f"--chapters={option}", str(tmp_path)]
        said = subprocess.run(command, cwd=course.ROOT, capture_output=True, text=True).stdout
        found = {"1": "test_a[1]", "2": "test_a[2]", "plain": "test_c"}
        assert {name for name, test in found.items() if f"::{test}" in said} == set(left.split())
        assert ("::test_b" in said) == ("2" in left)

    def test_a_chapter_that_is_not_there_is_told(self):
        with pytest.raises(CourseError, match="no chapter 99"):
            suite.chosen("99")

    @pytest.mark.parametrize(("ci", "failed"), [("true", 1), ("", 0)])
    @pytest.mark.parametrize("stage", [suite.browser, suite.launch])
    def test_skipped_tests_of_what_must_be_fetched_fail_in_ci_alone(self, monkeypatch, stage, ci, failed):
        monkeypatch.setenv("CI", ci)
        monkeypatch.setattr(suite.Runner, "run", lambda self, *arguments: 1)
        monkeypatch.setattr(suite.Runner, "pytest", lambda self, *arguments, **variables: suite.Tally(skipped=4))
        assert stage(suite.Runner(Path(sys.executable), {})).failed == failed

    def test_tests_see_nothing_of_the_machine(self, monkeypatch, tmp_path):
        monkeypatch.setenv("COURSE_DATA", "/somewhere")
        monkeypatch.setenv("PYTHONPATH", "/elsewhere")
        clean = suite.clean_environment(tmp_path, device="cuda")
        assert clean["COURSE_OFFLINE"] == "1"
        assert clean["COURSE_DEVICE"] == "cuda"
        assert list(Path(clean["COURSE_DATA"]).iterdir()) == []
        assert "PYTHONPATH" not in clean

    def test_unknown_stage(self):
        with pytest.raises(CourseError, match="no stage 'units'"):
            suite.run(Path(sys.executable), "units")
