#!/bin/sh
# One whole copy of the database, read back before it counts, and no more than KEEP of them. A copy is what one transaction saw:
# everything committed before it began, and nothing after.
set -eu
umask 077
name="sello-$(date -u +%Y%m%dT%H%M%SZ).dump"
cd "$FOLDER"
trap 'rm -f "$name.part"' EXIT
pg_dump --no-password --format=custom --lock-wait-timeout=60s --file="$name.part"
entries=$(pg_restore --list "$name.part" | grep -c 'TABLE DATA')
test "$entries" -gt 0
sync "$name.part"
mv "$name.part" "$name"
echo "$name: $(wc -c < "$name") bytes, $entries tables"
ls -1 | grep '^sello-[0-9TZ]*\.dump$' | sort -r | tail -n "+$((KEEP + 1))" | while read -r old; do
  rm -f "$old"
  echo "$old: removed"
done
