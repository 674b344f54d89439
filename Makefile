# Every target sets up what it needs first. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin

.PHONY: help call serve screenshots test check format bench bench-phone bench-web bench-understanding bench-marking bench-marking-telephone trainee-voices

help:
	@echo "make call    set up and take a call on this machine"
	@echo "make serve   set up and open the training room at localhost:8000"
	@echo "make test    all tests"
	@echo "make check   formatter, linter, types, call scripts"
	@echo "make format  mend what the formatter and the linter can"
	@echo "make bench   the figures as a table and in bench.json; LABELLED=FOLDER: your own labelled utterances"
	@echo "make bench-phone   the telephone line's figures through real sockets, in about six minutes"
	@echo "make bench-web   the pages' figures on a hundred thousand stored calls, in about two minutes"
	@echo "make bench-understanding   only how well utterances are understood: typed, and spoken over a telephone line"
	@echo "make bench-marking   how justly calls are marked: synthetic trainees take every call, typed"
	@echo "make bench-marking-telephone   the same spoken by telephone, on a sample, in ten minutes (needs flite)"
	@echo "make screenshots   pictures of every page in screenshots/ (needs chromium)"
	@echo "make trainee-voices   render the demo's trainees anew (needs flite)"

.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Right Call needs Python 3.11 or newer: install it, or name it with PYTHON=..."; exit 1; }
	@echo "Setting up .venv; this takes a few minutes the first time"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

call: .venv/ready
	@$(BIN)/rightcall call

serve: .venv/ready
	@$(BIN)/rightcall serve --open

test: .venv/ready
	@sh tests/system-packages.sh
	$(BIN)/python -m pytest

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/rightcall check

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready
	@$(BIN)/python -m bench

bench-phone: .venv/ready
	@$(BIN)/python -m bench phone

bench-web: .venv/ready
	@$(BIN)/python -m bench web

bench-understanding: .venv/ready
	@$(BIN)/python -m bench.labelled
	@$(BIN)/python -m bench labelled spoken

bench-marking: .venv/ready
	@$(BIN)/python -m bench.marking_trainees

bench-marking-telephone: .venv/ready
	@$(BIN)/python -m bench.marking_by_telephone

trainee-voices: .venv/ready
	$(BIN)/python -m server.trainee_voices

screenshots: .venv/ready
	@$(BIN)/python tests/screenshots.py screenshots
