# Two commands do everything: `make run` and `make test`. See README.md.
.PHONY: soak run test setup check unit docs bench bench-callback bench-hall bench-memory clean
VENV := .venv/bin

run: setup
	@$(VENV)/zhiping demo

setup:
	@deploy/setup

.venv/.with-tests:
	@deploy/setup test

# The fast part: style, types, layers, pure tests. Under 30 seconds.
check: .venv/.with-tests
	@$(VENV)/ruff check . && $(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo 2>/dev/null || $(VENV)/lint-imports
	@PATH="$(CURDIR)/$(VENV):$$PATH" npm run --silent check
	@$(VENV)/pytest -q tests/unit tests/schemes tests/architecture -n 2

# The longest files first, so that no worker is left with one of them at the end.
test:
	@deploy/setup test
	@$(MAKE) --no-print-directory check
	@$(VENV)/pytest tests/e2e tests/faults tests/integration tests/contract $(wildcard tests/regressions/test_*.py) -n 2 --dist loadfile --no-loadscope-reorder

# Ratios against a bare handler, in one run of under 90 seconds: docs/performance.md.
bench-callback: setup
	@$(VENV)/python -m bench.callback

# 300 and 1,000 phones vote within a minute, by one and by two web processes; about ten minutes.
bench-hall: setup
	@$(VENV)/python -m bench.assembly

# 200,000 messages to one web process; about five minutes.
bench-memory: setup
	@$(VENV)/python -m bench.memory

# A day's reminders for 50,000 people under five schemes, planned and sent; about five minutes.
.PHONY: bench-reminders
bench-reminders: setup
	@$(VENV)/python -m bench.reminders

# Writes docs/chat.md and deploy/env.example anew from the product; a test fails where they are stale.
docs: .venv/.with-tests
	@$(VENV)/python -m docs.generate

# The faults and the fuzzing of the tests, only more of them: 100,000 callbacks, 1,000 schedules. About an hour and a half.
soak: .venv/.with-tests
	@$(VENV)/python -m tests.faults.soak --callbacks 100000 --schedules 1000

# The rules engine against the plainest loop of weighted sums; fails where it takes more than four times as long.
.PHONY: bench-scoring
bench-scoring: .venv/.with-tests
	@$(VENV)/python -m bench.scoring
