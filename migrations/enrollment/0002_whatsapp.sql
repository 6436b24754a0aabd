-- What WhatsApp needs: words that prove a number, the message that is a consent's evidence, and sign-ups that may be asked
-- for twice.

-- A one-use word that a customer sends from her own number. Only its keyed hash is kept.
create table enrollment.word (
    word_hash bytea constraint word_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    card_id uuid not null constraint word_card_fk references enrollment.customer_card,
    -- confirm: her number, and her marketing consent. recover: her number, for a link to her card.
    purpose text not null constraint word_purpose_known check (purpose in ('confirm', 'recover')),
    expires_at timestamptz not null,
    used_at timestamptz,
    -- The message that used it, by its id in messaging: that one is answered again, every other is told that it is used.
    message_id uuid,
    constraint word_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id),
    constraint word_used_by_a_message check ((used_at is null) = (message_id is null))
);
create index word_expiry on enrollment.word (expires_at);
create index word_customer on enrollment.word (business_id, customer_id);

-- Where she said it by WhatsApp: the message, by its id in messaging. When she said it is `recorded_at`.
alter table enrollment.consent add column evidence_message_id uuid;
-- The same message says a thing once, however often it is brought.
create unique index consent_evidence_unique
    on enrollment.consent (business_id, customer_id, purpose, evidence_message_id)
    where evidence_message_id is not null;

-- What a sign-up led to, by the operation id its client made; kept 90 days. Only hashes of the id and of the form are kept:
-- who has the id can be given the card again, so it is as good as a token.
create table enrollment.operation (
    business_id uuid not null constraint operation_business_fk references enrollment.business,
    operation_hash bytea not null,
    fingerprint bytea not null,
    -- Null where the number was known and nothing proved it: then nothing of hers is named here.
    customer_id uuid,
    -- She was a customer before, and proved it.
    was_known boolean not null default false,
    -- How her marketing consent stood then; null where she was never asked.
    marketing text,
    created_at timestamptz not null,
    constraint operation_pk primary key (business_id, operation_hash),
    constraint operation_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id)
);
create index operation_age on enrollment.operation (created_at);
