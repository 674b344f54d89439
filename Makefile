# Every target sets up what it needs first. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin

.PHONY: call test check format bench trainee-voices

.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Right Call needs Python 3.11 or newer: install it, or name it with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

call: .venv/ready
	@$(BIN)/rightcall call

test: .venv/ready
	@sh tests/system-packages.sh
	$(BIN)/python -m pytest

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready
	$(BIN)/python -m bench

# The synthetic trainees' sentences, as they come with the program: run after changing a rehearsal. Needs flite.
trainee-voices: .venv/ready
	$(BIN)/python -m server.trainee_voices
