#!/bin/sh
# setup.sh [run|test]: all that Yibiao (or its tests) needs on this machine, and nothing twice.
set -eu
cd "$(dirname "$0")/../.."
. admin/setup/steps.sh
. admin/setup/system.sh
. admin/setup/python.sh
. admin/setup/ui.sh

purpose=${1:-run}
began=$(date +%s.%N)
find_python
if [ "$purpose" = test ]; then
    system_packages missing_for_run missing_for_test
else
    system_packages missing_for_run
fi
python_packages "$purpose"
pages
say "✓ 准备就绪 · ready: $(seconds_since "$began")"
