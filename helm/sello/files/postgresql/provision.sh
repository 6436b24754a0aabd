#!/bin/sh
# Roles and schemas by the provision.sql that lies beside it, on a server that may only be starting: it is waited for. Whatever else
# is wrong is said at once.
#   PATIENCE   how many seconds; less than the five minutes that Helm gives a job unless told otherwise
set -eu
end=$(($(date +%s) + ${PATIENCE:-240}))
until pg_isready --quiet; do
  test "$(date +%s)" -lt "$end" || { echo "PostgreSQL does not answer at $PGHOST" >&2; exit 1; }
  echo "PostgreSQL is not there yet at $PGHOST" >&2
  sleep 2
done
exec psql --no-psqlrc --file="$(dirname "$0")/provision.sql"
