-- The scan that a card was last stamped by, and how many stamps it has given: the limit of a visit is the scan's, however
-- many requests it takes.
alter table stamping.card
    add column visit_scan_id uuid,
    add column visit_stamps int not null default 0;
