#!/bin/sh
# What `make run` does once everything is installed: the database with its demonstration, then the pages,
# in one process, so that what is there already starts quickly.
set -eu
cd "$(dirname "$0")/../.."
exec ./yibiao serve --demo
