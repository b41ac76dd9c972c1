#!/bin/sh
# What `make run` does once everything is installed: the database with its demonstration, then the pages.
set -eu
cd "$(dirname "$0")/../.."
./yibiao init --demo
exec ./yibiao serve
