-- There while the projection is made anew: whoever is not told of yet looks as if she never came, so nobody is written to
-- until it has ended. It stays where that broke off.
create table campaign.rebuild (
    one boolean not null default true constraint rebuild_pk primary key constraint rebuild_is_one check (one),
    begun_at timestamptz not null
);
