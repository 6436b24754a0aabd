#!/bin/sh
# One whole copy of the database, and beside it what it is. A copy is what one transaction saw: everything answered before it
# began, and nothing after. Its manifest is written last, so that a copy that has one is whole.
#   FOLDER    where copies lie              KEEP    how many of them
#   OBJECTS   the folder of logos, where there is one          AT_REST   true where no service runs
#   KEYS      fingerprints of the keys that belong to it, as JSON
#   AFTER     a command that carries it elsewhere: NAME.json, NAME.dump, NAME.objects.tar. Whether or not it can, old copies go first
set -eu
umask 077
test -n "${KEYS:-}" || KEYS='{}'
NAME=${NAME:-sello-$(date -u +%Y%m%dT%H%M%SZ)} OBJECTS=${OBJECTS:-} AT_REST=${AT_REST:-false}
export NAME OBJECTS AT_REST KEYS
cd "$FOLDER"
test ! -e "$NAME.json" || { echo "there is a copy $NAME already" >&2; exit 1; }
trap 'rm -f "$NAME".*.part' EXIT
trap 'exit 1' HUP INT TERM
copies() {
  ls -1 | sed -n 's/^\(sello-[0-9TZ]*\)\.dump$/\1/p' | sort -r
}
remove() {
  rm -f "$1.json" "$1.dump" "$1.objects.tar" "$1.secrets.json" "uncarried.$1"
  echo "$1: removed"
}
keep() {
  copies | tail -n "+$((KEEP + 1))" | while read -r old; do
    remove "$old"
  done
}
# A volume that is full is not to stay so: what was left by a copy that was killed (none takes a day), and what KEEP gives up.
find . -maxdepth 1 -name 'sello-*.part' -mmin +1440 -exec rm -f {} +
keep
newest=$(copies | head -n 1)
if test -n "$newest"; then
  size=$(du -c -k "$newest".* | tail -n 1 | cut -f 1)
  room=$(df -P -k . | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
  test "$room" -gt $((size + size / 10)) || {
    echo "no room for another copy: $room KiB are free and $newest takes $size; make the volume larger or keep fewer copies" >&2
    exit 1
  }
fi
psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 <<'SQL'
\getenv name NAME
\getenv at_rest AT_REST
\getenv keys KEYS
begin isolation level repeatable read, read only;
set local idle_in_transaction_session_timeout = 0;
-- It began before it saw anything: what was answered by then is in the copy.
select pg_export_snapshot() as snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --no-password --format=custom --snapshot="$SNAPSHOT" --lock-wait-timeout=60s --file="$NAME.dump.part" </dev/null
\if :SHELL_ERROR
  \quit
\endif
-- After the rows that name them; what is there is never changed. Passes are made anew from what stamping says.
\! test -z "$OBJECTS" || tar --create --file="$NAME.objects.tar.part" --exclude=./pass --exclude='*#*' --directory="$OBJECTS" .
\if :SHELL_ERROR
  \quit
\endif
\set dump `sha256sum <"$NAME.dump.part" | cut -c 1-64`
\set dump_bytes `wc -c <"$NAME.dump.part"`
\set objects `if test -f "$NAME.objects.tar.part"; then sha256sum <"$NAME.objects.tar.part" | cut -c 1-64; fi`
select string_agg(format('select %L as name, max(version) as value from %I._sqlx_migrations', schemaname, schemaname), ' union all ')
  as ask
from pg_tables where tablename = '_sqlx_migrations' \gset
select jsonb_object_agg(name, value) as schemas from (:ask) as asked \gset
select string_agg(format('select %L as name, count(*) as value from %I.%I', schemaname || '.' || tablename, schemaname, tablename),
  ' union all ') as ask
from pg_tables
where (schemaname, tablename) in (('enrollment', 'business'), ('enrollment', 'customer'), ('stamping', 'card'),
  ('stamping', 'stamp'), ('stamping', 'reward'), ('messaging', 'message'), ('campaign', 'send')) \gset
select jsonb_object_agg(name, value) as rows from (:ask) as asked \gset
\set manifest :name '.json.part'
\o :manifest
select jsonb_pretty(jsonb_build_object(
  'format', 1,
  'name', :'name',
  'taken_at', now(),
  'at_rest', :'at_rest'::boolean,
  'postgresql', current_setting('server_version'),
  'schemas', :'schemas'::jsonb,
  'rows', :'rows'::jsonb,
  'keys', :'keys'::jsonb,
  'dump', jsonb_build_object('sha256', :'dump', 'bytes', :'dump_bytes'::bigint),
  'objects', case when :'objects' <> '' then jsonb_build_object('sha256', :'objects') end
));
\o
SQL
test -s "$NAME.json.part" || { echo 'no copy was made' >&2; exit 1; }
entries=$(pg_restore --list "$NAME.dump.part" | grep -c 'TABLE DATA')
sync "$NAME".*.part
mv "$NAME.dump.part" "$NAME.dump"
test ! -f "$NAME.objects.tar.part" || mv "$NAME.objects.tar.part" "$NAME.objects.tar"
mv "$NAME.json.part" "$NAME.json"
echo "$NAME: $(wc -c < "$NAME.dump") bytes, $entries tables"
# A job that cannot carry its copy away is tried again: of one day's such copies the newest takes the place of the others, so that
# they fill no volume and push no other day's out.
for mark in "uncarried.${NAME%T*}T"*; do
  test ! -f "$mark" || remove "${mark#uncarried.}"
done
keep
test -n "${AFTER:-}" || exit 0
# Before it is tried: who is killed while he waits for it marks nothing.
: >"uncarried.$NAME"
sh -c "$AFTER" || {
  echo "$NAME is whole and stays here; the command after it failed" >&2
  exit 1
}
rm "uncarried.$NAME"
