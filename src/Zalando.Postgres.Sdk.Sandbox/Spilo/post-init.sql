-- What the operator expects in a new cluster besides what Patroni creates: group roles and statistics.
\set ON_ERROR_STOP on
set synchronous_commit = 'local';
set log_statement = 'none';

select format('create role %I %s', r.name, r.options)
from (values ('admin', 'createdb nologin'), ('cron_admin', 'nologin'), ('robot_zmon', 'nologin'), (:'human_role', 'nologin')) as r (name, options)
where r.name <> '' and not exists (select from pg_catalog.pg_roles where rolname = r.name)
\gexec

create extension if not exists pg_stat_statements with schema public;
\connect template1
create extension if not exists pg_stat_statements with schema public;
