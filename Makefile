# Every command is in tools/course.py, so that a machine without make has them too: py tools\course.py lab
# NAME=value after the target (PORT=8889, CHAPTERS="04 07") reaches it through the environment; `make help` lists them.
COURSE = "$(or $(PYTHON),python3)" tools/course.py

.DEFAULT_GOAL := help
.PHONY: setup lab test check build solutions data bench mutants present slides site publish help

setup lab test check build solutions data bench mutants present slides site publish help:
	@$(COURSE) $@
