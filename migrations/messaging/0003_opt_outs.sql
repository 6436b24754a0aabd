-- Which message said it first, so that the same word said twice counts once; and the businesses that it took her consent from,
-- so that ALTA gives back what BAJA took and nothing else. Null where it was said before this was kept: then all of them.
alter table messaging.opt_out
    add column inbound_id uuid,
    add column businesses uuid[];
