#!/bin/sh
# What `make fuzz` does: odd and hostile input for FUZZ_MINUTES (80): a quarter to the API as every role, the rest to
# sheets, formulas, forms, flows and drawings. What was found is told at the end, each way to fail once. Where a step
# hangs, its trace must reach the terminal as the run ends: so only Python's own output is kept back.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- tests/fuzz
FUZZ_MINUTES=${FUZZ_MINUTES:-80} exec .venv/bin/python -m pytest -p no:warnings --tb=short --capture=sys "$@"
