# make book: the site in _build/html.   make test: every test, every chapter, the site and its checks.
# make pdf: the whole book in _build/pdf, by XeLaTeX.
# make epub: the whole book in _build/epub, for readers of e-books.
# make course: notebooks for students and instructors in _build/course.
# All make the environment first. Another Python: make clean, then make PYTHON=python3.12 book
# make serve: the site while you write.   make lint: form, spelling, notebooks.   What else there is for those who change the book: CONTRIBUTING.md

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
DEV := .venv/installed-dev

.PHONY: book pdf epub course test serve lint locked lock test-oldest test-newest reliability clean

book: $(INSTALLED)
	$(BIN)/python -m book.build

pdf: $(INSTALLED)
	$(BIN)/python -m book.pdf

epub: $(INSTALLED)
	$(BIN)/python -m book.epub

test: $(INSTALLED)
	$(BIN)/python -m pytest tests --ignore tests/browser --ignore tests/book/test_site.py -n 2 --dist worksteal
	$(BIN)/python -m pytest chapters tests/book/test_site.py tests/browser

course: $(INSTALLED)
	$(BIN)/python -m book.notebooks

serve: $(DEV)
	$(BIN)/python -m book.serve

lint: $(DEV)
	$(BIN)/pre-commit run --all-files --show-diff-on-failure

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; (3, 10) <= sys.version_info < (3, 14) or sys.exit("Python 3.10 to 3.13 is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt -e .
	touch $@

# Exactly the versions of environments/locked.txt, hashes checked; PyTorch's CPU build is kept where it is installed.
locked:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r environments/locked.txt \
	  $$($(BIN)/python -m pip show --quiet torch 2>/dev/null || echo -r environments/locked-cuda.txt)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(INSTALLED)

lock: $(DEV)
	$(BIN)/python -m book.lock

# The oldest versions that should work (Python 3.10) and the newest (3.13): the fast tests, each in an environment of its own.
test-oldest test-newest: test-%:
	rm -rf _build/$*
	$(PYTHON) -m venv _build/$*
	_build/$*/bin/python -m pip install --quiet -r environments/$*.txt -e .
	_build/$*/bin/python -m pytest tests --ignore tests/browser --ignore tests/book/test_site.py --ignore tests/test_wrong_formulas.py

# Every chapter with 1 and 2 threads, with its own and with other seeds: two hours on two cores.
reliability: $(INSTALLED)
	$(BIN)/python -m book.reliability

$(DEV): $(INSTALLED) environments/dev.txt
	$(BIN)/python -m pip install --quiet -r environments/dev.txt -c constraints.txt
	touch $@

clean:
	rm -rf .venv _build
