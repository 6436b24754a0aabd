"""Old code works on a new schema: migrations run before their release, and may run long before a release that is taken back."""

import re
import unittest

from chart import ROOT

# What takes away, or newly asks for, something that the release before still uses.
HARMS = {
    "drop table": r"\bdrop\s+table\b",
    "drop column": r"\bdrop\s+(column\b|(?!constraint\b|not\b|default\b|identity\b|expression\b)\w+\s*[,;])",
    "rename": r"\brename\b",
    "set not null": r"\bset\s+not\s+null\b",
    "a column that must be given": r"\badd\s+(column\s+)?(if\s+not\s+exists\s+)?\w+\s+[^,;]*\bnot\s+null\b",
    "another type": r"\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b",
}
MARKER = re.compile(r"^--\s*unused since (\d+)\.(\d+)\.(\d+)$", re.M)
VERSION = tuple(map(int, re.search(r'^version = "(\d+)\.(\d+)\.(\d+)"', (ROOT / "Cargo.toml").read_text(), re.M).groups()))


def statements(text):
    """Each statement with the comments before and in it. Bodies of functions are left out: they change no table."""
    text = re.sub(r"(\$\w*\$).*?\1", "''", text, flags=re.S)
    return [part + ";" for part in text.split(";") if part.strip()]


def harms(text, version=VERSION):
    """What a migration does that the release before does not survive, and that nobody answers for."""
    found = []
    for statement in statements(text):
        bare = re.sub(r"--[^\n]*", "", statement).lower()
        bare = re.sub(r"'(?:[^']|'')*'", "''", bare)
        since = MARKER.search(statement)
        if since and tuple(map(int, since.groups())) < version:
            continue
        for name, pattern in HARMS.items():
            for match in re.finditer(pattern, bare):
                if name != "a column that must be given" or not re.search(r"\bdefault\b|\bgenerated\b", match[0] + tail(bare, match.end())):
                    found.append(name)
    return found


def tail(text, at):
    """What still belongs to the column that a match ends in."""
    return re.split(r"[,;]", text[at:])[0]


class Expand(unittest.TestCase):
    def test_no_migration_takes_away_what_the_release_before_uses(self):
        files = sorted((ROOT / "migrations").rglob("*.sql"))
        self.assertGreater(len(files), 20)
        for file in files:
            # The first of each folder makes what was not there.
            if not file.name.startswith("0001"):
                self.assertEqual(harms(file.read_text()), [], file.relative_to(ROOT))

    def test_what_does_harm_is_found_however_it_is_written(self):
        for name, text in (
            ("drop table", "DROP TABLE stamping.visit;"),
            ("drop table", "drop  table if exists a,\n b cascade;"),
            ("drop column", "alter table a drop column b;"),
            ("drop column", "alter table a add column c int, drop b;"),
            ("rename", "alter table a rename to b;"),
            ("rename", "alter table a rename column b to c;"),
            ("set not null", "alter table a alter column b set not null;"),
            ("a column that must be given", "alter table a add column b text not null;"),
            ("a column that must be given", "alter table a add b numeric(3) not null, add column c int default 1;"),
            ("another type", "alter table a alter column b type bigint;"),
            ("another type", "alter table a alter b set data type bigint;"),
        ):
            with self.subTest(text):
                self.assertEqual(harms(text), [name])

    def test_what_only_adds_passes(self):
        for text in (
            "create table a (b int not null, c text not null default '');",
            "alter table a add column b text not null default '', add column c int;",
            "alter table a add column b bigint not null generated always as (c + 1) stored;",
            "alter table a drop constraint b, alter column c drop not null, alter d drop default;",
            "drop index if exists a; create index a on b (c) where d is not null;",
            "-- Nobody may rename or drop table or column here.\nselect 'drop table a';",
            "create function f() returns trigger language plpgsql as $$ begin drop table if exists t; end $$;",
        ):
            with self.subTest(text):
                self.assertEqual(harms(text), [])

    def test_whoever_names_the_release_that_used_it_last_may_a_release_later(self):
        text = "-- unused since 0.2.0\nalter table a drop column b;"
        self.assertEqual(harms(text, (0, 3, 0)), [])
        # Not in the release that only stops using it: the one before still does.
        self.assertEqual(harms(text, (0, 2, 0)), ["drop column"])
        # A statement answers for itself alone.
        self.assertEqual(harms(text + "\nalter table a drop column c;", (0, 3, 0)), ["drop column"])


if __name__ == "__main__":
    unittest.main()
