"""The door of the course: `make X`, and where there is no make `py tools\\course.py X`, come in here.

A Python of any age may read this file, so it keeps to the syntax of Python 2.7: it must live to say which Python is
needed, or to hand over to one. What the commands do is in tools/commands.py.
"""

from __future__ import print_function

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 10), (3, 13)  # as requires-python in pyproject.toml

ADVICE = """This course needs Python {oldest} to {newest}, but {found} is Python {version}.

Install one of them:
    Debian, Ubuntu   sudo apt install python3 python3-venv
    macOS            brew install python@3.12
    Windows          winget install Python.Python.3.12
    any              https://www.python.org/downloads/
Then run the same command again, or name the Python: make setup PYTHON=/path/to/python3.12"""


def suits(version):
    """True if the course runs on `version`, a tuple that begins (major, minor)."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def candidates():
    """Commands that may start a Python that suits, newest first (list of lists of str)."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    return [["py", "-3.%d" % minor] if os.name == "nt" else ["python3.%d" % minor] for minor in minors]


def starts_one_that_suits(command):
    """True if `command` exists and starts such a Python."""
    probe = "import sys; sys.exit(not %r <= sys.version_info[:2] <= %r)" % (OLDEST, NEWEST)
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.call(command + ["-c", probe], stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def dotted(version):
    """(3, 10) as "3.10"."""
    return ".".join(str(part) for part in version)


def advice(version, executable):
    """What to tell the reader whose Python does not suit (str)."""
    return ADVICE.format(oldest=dotted(OLDEST), newest=dotted(NEWEST), found=executable, version=dotted(version[:3]))


def hand_over(command, environment=None):
    """Run `command` in this process's place, so that Ctrl-C and its exit status are its own. Does not return."""
    environment = dict(os.environ if environment is None else environment)
    sys.stdout.flush()
    if os.name != "nt":
        os.execvpe(command[0], command, environment)
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:  # Windows sends it to both: the command decides what it means
            pass


def main():
    """Run the command named on the command line with a Python that suits."""
    if suits(sys.version_info):
        sys.path[0] = ROOT  # not tools/: its modules are `tools.name`, and must not hide others
        from tools.commands import run

        sys.exit(run(sys.argv[1:]))
    chosen = os.environ.get("PYTHON")  # the reader named this one: taking another would not be what was asked
    for command in [] if chosen else candidates():
        if starts_one_that_suits(command):
            hand_over(command + sys.argv)
    sys.exit(advice(sys.version_info, sys.executable))


if __name__ == "__main__":
    main()
