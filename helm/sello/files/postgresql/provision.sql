-- Roles and schemas of Sello: one role a service, which owns its schema and can touch no other, and one that reads everything for
-- backups. Run by psql (14 or newer) as an administrator of the database; passwords come from POSTGRES_PASSWORD_<SERVICE>. Run
-- again, it changes passwords and nothing else. Two platforms do not share a server.
\set ON_ERROR_STOP on
\set QUIET on

begin;
set local client_min_messages = warning;
-- Two at once would break each other on the catalogue's rows. The number is the one that `boot::database::provision` takes.
select pg_advisory_xact_lock(x'5e110001'::bigint) \g /dev/null

-- Roles are the whole server's. Whoever works with them in another database is another platform, and would be locked out by other
-- passwords. One that is just going is given two seconds.
do $$
declare
  elsewhere text;
begin
  for attempt in 1..20 loop
    perform pg_stat_clear_snapshot();
    select string_agg(distinct datname, ', ') into elsewhere from pg_stat_activity
    where datname <> current_database() and usename in
      ('sello_analytics', 'sello_campaign', 'sello_enrollment', 'sello_messaging', 'sello_stamping', 'sello_wallet_pass');
    exit when elsewhere is null;
    perform pg_sleep(0.1);
  end loop;
  if elsewhere is not null then
    raise 'a platform works in the database % of this server, with the same roles: a second one has a server of its own', elsewhere;
  end if;
end
$$;

\getenv analytics POSTGRES_PASSWORD_ANALYTICS
\getenv campaign POSTGRES_PASSWORD_CAMPAIGN
\getenv enrollment POSTGRES_PASSWORD_ENROLLMENT
\getenv messaging POSTGRES_PASSWORD_MESSAGING
\getenv stamping POSTGRES_PASSWORD_STAMPING
\getenv wallet_pass POSTGRES_PASSWORD_WALLET_PASS
\getenv backup POSTGRES_PASSWORD_BACKUP

create temporary table wanted (service text, password text) on commit drop;
insert into wanted values
  ('analytics', :'analytics'),
  ('campaign', :'campaign'),
  ('enrollment', :'enrollment'),
  ('messaging', :'messaging'),
  ('stamping', :'stamping'),
  ('wallet_pass', :'wallet_pass'),
  ('backup', :'backup');

select format('create role %I', 'sello_' || service)
from wanted where not exists (select from pg_roles where rolname = 'sello_' || service)
\gexec

select statement
from wanted,
  lateral (values
    (1, format('alter role %I login password %L', 'sello_' || service, password)),
    (2, format('grant connect on database %I to %I', current_database(), 'sello_' || service))
  ) as statements (step, statement)
order by service, step
\gexec

-- A schema is made for somebody by those who may act for her; where the administrator is no superuser, she must say so first.
select format('grant %I to current_user', 'sello_' || service)
from wanted
where service <> 'backup' and not (select rolsuper from pg_roles where rolname = current_user)
\gexec

select statement
from wanted,
  lateral (values
    (1, format('create schema if not exists %I authorization %I', service, 'sello_' || service)),
    (2, format('alter role %I in database %I set search_path = %I', 'sello_' || service, current_database(), service))
  ) as statements (step, statement)
where service <> 'backup'
order by service, step
\gexec

-- Managed servers let their administrator give this on; where one may not, a backup says so.
select 'grant pg_read_all_data to sello_backup'
where pg_has_role('pg_read_all_data', 'member with admin option')
  or (select rolsuper from pg_roles where rolname = current_user)
\gexec

revoke all on schema public from public;
commit;
