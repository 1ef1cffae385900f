# make book: the site in _build/html.   make test: every test, every chapter, the site and its checks.
# make pdf: the whole book in _build/pdf, by XeLaTeX.
# make course: notebooks for students and instructors in _build/course.
# All make the environment first. Another Python: make clean, then make PYTHON=python3.12 book

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: book pdf course test clean

book: $(INSTALLED)
	$(BIN)/python -m book.build

pdf: $(INSTALLED)
	$(BIN)/python -m book.pdf

test: $(INSTALLED)
	$(BIN)/python -m pytest

course: $(INSTALLED)
	$(BIN)/python -m book.notebooks

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; (3, 10) <= sys.version_info < (3, 14) or sys.exit("Python 3.10 to 3.13 is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt -e .
	touch $@

clean:
	rm -rf .venv _build
