# Every target sets up what it needs (system libraries, .venv) and works alone on a bare clone.
export OMP_NUM_THREADS ?= 1
BIN := .venv/bin

.PHONY: help demo test atomistic slow lint fuzz bench pins clean

help:
	@echo "make demo    field simulation -> law -> circuit -> report of the default case (results/kcl_slits)"
	@echo "make test    run the tests"
	@echo "make atomistic  install what ionspice electrolyte needs: extra, potential's venv (3 GB), CP2K"
	@echo "make slow    run ordinary cases from end to end (about a minute each)"
	@echo "make lint    ruff, mypy --strict, import-linter"
	@echo "make fuzz    feed every reader with 100 000 damaged files"
	@echo "make bench   run the benchmarks"
	@echo "make pins    resolve requirements.txt again from pyproject.toml (needs uv)"
	@echo "make clean   remove build products and caches (keeps .venv and results)"

demo:
	@tools/bootstrap.sh
	$(BIN)/ionspice run examples/kcl_slits.toml -o results/kcl_slits

test:
	@tools/bootstrap.sh tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

atomistic:
	@tools/bootstrap.sh
	$(BIN)/ionspice electrolyte setup

slow:
	@tools/bootstrap.sh tests
	$(BIN)/python -m pytest -m slow

lint:
	@tools/bootstrap.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p build/types && ln -sfn "$(CURDIR)" build/types/ionspice
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz:
	@tools/bootstrap.sh tests
	HOSTILE=100000 $(BIN)/python -m pytest tests/hostile -rP

bench:
	@tools/bootstrap.sh tests
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit; done

# What every machine gets; the extra atomistic has a file of its own, so that the others stay light.
EXTRAS := fem fit test simulators lint
# setuptools is pinned with the rest because ionspice itself is built without isolation.
pins:
	echo "setuptools>=77" | uv pip compile pyproject.toml - --quiet --upgrade --universal $(addprefix --extra ,$(EXTRAS)) \
	  --python-version 3.12 --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command "make pins" -o requirements.txt
	uv pip compile pyproject.toml --quiet --upgrade --universal --extra atomistic --constraint requirements.txt \
	  --python-version 3.12 --generate-hashes --no-annotate --no-emit-index-url \
	  $$(sed -n 's/^\([A-Za-z0-9_.-]*\)==.*/--no-emit-package \1/p' requirements.txt) \
	  --custom-compile-command "make pins" -o electrolytes/environment/atomistic.txt
	echo "deepmd-kit[cpu,lmp]>=3.2" | uv pip compile - --quiet --upgrade --python-version 3.12 \
	  --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command "make pins" -o electrolytes/environment/potential.txt

clean:
	rm -rf build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
