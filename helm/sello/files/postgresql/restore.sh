#!/bin/sh
# A copy that backup.sh took, back into a database that holds no business yet: all of it or nothing. It is run as an administrator,
# after provision.sql, while no service runs; NATS must be as empty as on its first day.
#   FOLDER    where copies lie              COPY    its name, sello-…; the newest where it is empty; none, where the database was
#                                                   recovered by other means, and only what comes after it is to be done
#   OBJECTS   where logos go, if they are to be put back
#   BEFORE    a command that brings copies from elsewhere: of COPY, or whichever it likes
set -eu
cd "$FOLDER"
test -z "${BEFORE:-}" || test "${COPY:-}" = none || sh -c "$BEFORE"
copy=${COPY:-$(ls -1 | sed -n 's/^\(sello-[0-9TZ]*\)\.json$/\1/p' | sort | tail -n 1)}
if test "$copy" = none; then
  MANIFEST='{"at_rest": false}'
else
  test -f "$copy.json" || { echo "there is no copy ${copy:-at all} in $FOLDER" >&2; exit 1; }
  MANIFEST=$(cat "$copy.json")
fi
export MANIFEST

ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1; }
field() { printf "\\\\getenv manifest MANIFEST\nselect :'manifest'::jsonb #>> '{%s}';\n" "$1" | ask; }
whole() {
  test "$(sha256sum <"$1" | cut -c 1-64)" = "$2" || { echo "$1 is not what was written then; take another copy" >&2; exit 1; }
}

alone() {
  cat <<'SQL'
begin;
\getenv manifest MANIFEST
select set_config('sello.manifest', :'manifest', true) \g /dev/null
do $$
begin
  if exists (select from pg_stat_activity
             where datname = current_database() and usename like 'sello\_%' and usename <> 'sello_backup') then
    raise 'services are connected to this database; stop them first';
  end if;
end
$$;
SQL
}

empty() {
  cat <<'SQL'
do $$
begin
  if to_regclass('enrollment.business') is not null then
    if exists (select from enrollment.business) then
      raise 'this database holds businesses; a copy goes into one that holds none';
    end if;
  end if;
end
$$;
set local client_min_messages = warning;
drop schema if exists analytics, campaign, enrollment, messaging, stamping, wallet_pass cascade;
SQL
}

after() {
  cat <<'SQL'
do $$
declare
  told constant jsonb := current_setting('sello.manifest');
  known record;
  counted bigint;
  newest timestamptz := '-infinity';
  latest timestamptz;
begin
  for known in select key as name, value::bigint as rows from jsonb_each_text(coalesce(told -> 'rows', '{}')) loop
    execute format('select count(*) from %s', to_regclass(known.name)) into counted;
    if counted <> known.rows then
      raise '% should have % rows and has %', known.name, known.rows, counted;
    end if;
  end loop;

  -- The stream of events is new. What the old one may have held for somebody who had not read it yet, seven days of it, is
  -- published again; whoever had read it knows it by its id, and must not forget that before it comes.
  for known in select schemaname as name from pg_tables where tablename = 'outbox' loop
    execute format('select greatest(max(created_at), max(published_at)) from %I.outbox', known.name) into latest;
    newest := greatest(newest, latest);
  end loop;
  for known in select schemaname as name from pg_tables where tablename = 'outbox' loop
    execute format('update %I.outbox set published_at = null where published_at > $1', known.name)
      using newest - interval '7 days 1 hour';
  end loop;
  for known in select schemaname as name from pg_tables where tablename = 'inbox' loop
    execute format('update %I.inbox set received_at = now() where received_at > $1', known.name)
      using newest - interval '7 days 1 hour';
  end loop;

  -- What waited to be sent, or was held by a pause, may have been sent by those who went on after the copy: it ends as expired,
  -- whatever else it waited for, where its owner sees it and cannot have it tried again. What was being handed over is asked
  -- about at the provider, as after any fall.
  if not (told -> 'at_rest')::boolean then
    update messaging.queue
    set state = 'waiting', claim_id = null, leased_until = null, next_at = now() + interval '1 day',
      reason = 'expired', good_until = least(good_until, now())
    where state in ('waiting', 'claimed', 'held');
    insert into messaging.inbox (consumer, event_id)
    select 'messaging', event_id from campaign.outbox
    where published_at is null and subject like 'sello.v1.%.campaign.send_requested'
    on conflict do nothing;
  end if;
end
$$;
commit;
\echo restored
SQL
}

if test "$copy" = none; then
  test "$({ alone; after; } | ask)" = restored
  echo 'what the stream of events held will be published again'
  exit
fi
whole "$copy.dump" "$(field dump,sha256)"
objects=$(field objects,sha256)
test -z "$objects" || whole "$copy.objects.tar" "$objects"
# Without what comes last, nothing is kept: a copy that cannot be read to its end leaves the database as it was.
done=$({ alone; empty; pg_restore --file=- "$copy.dump" && after; } | ask)
case $done in *restored) ;; *) echo "$copy.dump could not be read to its end; nothing was changed" >&2; exit 1 ;; esac
if test -n "$objects" && test -n "${OBJECTS:-}"; then
  mkdir -p "$OBJECTS"
  tar --extract --file="$copy.objects.tar" --directory="$OBJECTS"
fi
echo "$copy restored: all that was answered before $(field taken_at), $(field rows,stamping.stamp) entries of the ledger"
