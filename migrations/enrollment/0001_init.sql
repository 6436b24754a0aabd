-- Enrollment: businesses, their people and devices, their customers, and who may do what.
-- The only schema that holds names and phones. Every row of a tenant names its business.

create table enrollment.business (
    business_id uuid constraint business_pk primary key,
    slug text not null constraint business_slug_unique unique,
    name text not null,
    time_zone text not null,
    language text not null constraint business_language_known check (language in ('es', 'en')),
    ruc text not null default '',
    version bigint not null default 1,
    created_at timestamptz not null
);

create table enrollment.location (
    location_id uuid constraint location_pk primary key,
    business_id uuid not null constraint location_business_fk references enrollment.business,
    name text not null,
    address text not null,
    created_at timestamptz not null,
    constraint location_of_business_unique unique (business_id, location_id)
);

-- A deleted member keeps her row, since the ledger and the audit log name her; her e-mail is free again.
create table enrollment.member (
    member_id uuid constraint member_pk primary key,
    business_id uuid not null constraint member_business_fk references enrollment.business,
    name text not null,
    email text constraint member_email_unique unique,
    password_hash text,
    pin_hash text,
    role text not null constraint member_role_known check (role in ('owner', 'manager', 'stamper')),
    location_id uuid,
    active boolean not null default true,
    created_at timestamptz not null,
    deleted_at timestamptz,
    constraint member_of_business_unique unique (business_id, member_id),
    constraint member_location_fk foreign key (business_id, location_id)
        references enrollment.location (business_id, location_id)
);

create table enrollment.recovery_code (
    code_hash bytea constraint recovery_code_pk primary key,
    business_id uuid not null,
    member_id uuid not null,
    used_at timestamptz,
    constraint recovery_code_member_fk foreign key (business_id, member_id)
        references enrollment.member (business_id, member_id)
);
create index recovery_code_member on enrollment.recovery_code (member_id);

create table enrollment.device (
    device_id uuid constraint device_pk primary key,
    business_id uuid not null constraint device_business_fk references enrollment.business,
    location_id uuid,
    name text not null,
    token_hash bytea not null constraint device_token_unique unique,
    -- P-256, uncompressed point; null for a till that never works offline.
    public_key bytea,
    paired_at timestamptz not null,
    last_seen_at timestamptz not null,
    unpaired_at timestamptz,
    constraint device_of_business_unique unique (business_id, device_id),
    constraint device_location_fk foreign key (business_id, location_id)
        references enrollment.location (business_id, location_id)
);

create table enrollment.pairing (
    code_hash bytea constraint pairing_pk primary key,
    business_id uuid not null constraint pairing_business_fk references enrollment.business,
    location_id uuid,
    created_by uuid not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index pairing_expiry on enrollment.pairing (expires_at);

-- A family of refresh tokens: one sign-in, on one device of hers.
create table enrollment.session (
    session_id uuid constraint session_pk primary key,
    business_id uuid not null,
    member_id uuid not null,
    -- Set for a sign-in by PIN.
    device_id uuid,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null,
    constraint session_member_fk foreign key (business_id, member_id)
        references enrollment.member (business_id, member_id),
    constraint session_device_fk foreign key (business_id, device_id)
        references enrollment.device (business_id, device_id)
);
create index session_member on enrollment.session (member_id);
create index session_device on enrollment.session (device_id);
create index session_expiry on enrollment.session (expires_at);

-- The successor of a token is derived from it with a secret, so it can be given again without being stored.
create table enrollment.refresh_token (
    token_hash bytea constraint refresh_token_pk primary key,
    session_id uuid not null constraint refresh_token_session_fk references enrollment.session on delete cascade,
    successor_hash bytea,
    issued_at timestamptz not null,
    used_at timestamptz
);
create index refresh_token_session on enrollment.refresh_token (session_id);

-- Wrong tries at passwords and PINs. `subject` is a keyed hash for e-mails, an id for members and devices.
create table enrollment.sign_in_try (
    kind text not null constraint sign_in_try_kind_known check (kind in ('email', 'member', 'device')),
    subject bytea not null,
    wrong_in_row integer not null default 0,
    locked_until timestamptz,
    last_try_at timestamptz not null,
    constraint sign_in_try_pk primary key (kind, subject)
);
create index sign_in_try_age on enrollment.sign_in_try (last_try_at);

create table enrollment.signing_key (
    key_id text constraint signing_key_pk primary key,
    -- PKCS#8, Ed25519.
    private_key bytea not null,
    public_key bytea not null,
    made_at timestamptz not null
);

-- The one secret from which keyed hashes are made (phones kept after erasure, successors of refresh tokens).
create table enrollment.server_secret (
    only_row boolean constraint server_secret_pk primary key default true
        constraint server_secret_single check (only_row),
    value bytea not null
);

create table enrollment.api_key (
    api_key_id uuid constraint api_key_pk primary key,
    business_id uuid not null constraint api_key_business_fk references enrollment.business,
    name text not null,
    prefix text not null,
    key_hash bytea not null constraint api_key_hash_unique unique,
    created_at timestamptz not null,
    last_used_at timestamptz,
    deleted_at timestamptz
);
create index api_key_business on enrollment.api_key (business_id);

create table enrollment.audit (
    audit_id uuid constraint audit_pk primary key,
    business_id uuid not null constraint audit_business_fk references enrollment.business,
    -- Null where the operator acted, or the system itself.
    member_id uuid,
    action text not null,
    object_id uuid,
    at timestamptz not null
);
create index audit_business on enrollment.audit (business_id, audit_id desc);

-- A person as one business knows her. Erased or merged, the row stays as a tombstone without the person.
create table enrollment.customer (
    customer_id uuid constraint customer_pk primary key,
    business_id uuid not null constraint customer_business_fk references enrollment.business,
    name text,
    -- The name without accents and capitals, as it is searched.
    search_name text,
    phone text,
    birthday date,
    adult_declared boolean not null default false,
    language text not null constraint customer_language_known check (language in ('es', 'en')),
    source text not null constraint customer_source_known check (source in ('join', 'import', 'till')),
    location_id uuid,
    referral_code text,
    created_at timestamptz not null,
    erased_at timestamptz,
    -- A keyed hash, kept so that whoever opted out or was here before is known again by her number alone.
    former_phone_hash bytea,
    merged_into uuid,
    constraint customer_phone_unique unique (business_id, phone),
    constraint customer_referral_code_unique unique (business_id, referral_code),
    constraint customer_of_business_unique unique (business_id, customer_id),
    constraint customer_merged_fk foreign key (business_id, merged_into)
        references enrollment.customer (business_id, customer_id),
    constraint customer_location_fk foreign key (business_id, location_id)
        references enrollment.location (business_id, location_id),
    constraint customer_is_a_person_or_a_tombstone check (
        (erased_at is null and merged_into is null
            and name is not null and search_name is not null and phone is not null and referral_code is not null)
        or (name is null and search_name is null and phone is null and birthday is null and referral_code is null)
    )
);
create index customer_newest on enrollment.customer (business_id, customer_id desc) where phone is not null;
create index customer_merged on enrollment.customer (business_id, merged_into) where merged_into is not null;
create index customer_former_phone on enrollment.customer (business_id, former_phone_hash)
    where former_phone_hash is not null;

-- The cards whose ids were made here, and whose they are.
create table enrollment.customer_card (
    card_id uuid constraint customer_card_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    made_at timestamptz not null,
    constraint customer_card_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id)
);
create index customer_card_customer on enrollment.customer_card (business_id, customer_id);

-- What a customer's own phone holds: it opens one card.
create table enrollment.holder_token (
    token_hash bytea constraint holder_token_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    card_id uuid not null constraint holder_token_card_fk references enrollment.customer_card,
    made_at timestamptz not null,
    constraint holder_token_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id)
);
create index holder_token_customer on enrollment.holder_token (business_id, customer_id);

-- A one-use link that gives a new holder token to the phone that opens it.
create table enrollment.card_link (
    token_hash bytea constraint card_link_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    card_id uuid not null constraint card_link_card_fk references enrollment.customer_card,
    created_by uuid,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint card_link_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id)
);
create index card_link_expiry on enrollment.card_link (expires_at);
create index card_link_customer on enrollment.card_link (business_id, customer_id);

-- The texts a customer agrees to, every version of them. Placeholders in braces are filled when read.
create table enrollment.consent_text (
    purpose text not null constraint consent_text_purpose_known check (purpose in ('program', 'marketing')),
    language text not null constraint consent_text_language_known check (language in ('es', 'en')),
    version integer not null,
    short text not null,
    long text not null,
    constraint consent_text_pk primary key (purpose, language, version)
);

-- The ledger of consents. The newest version of (customer, purpose) holds; nothing is ever changed or removed.
create table enrollment.consent (
    consent_id uuid constraint consent_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    purpose text not null constraint consent_purpose_known check (purpose in ('program', 'marketing')),
    version bigint not null,
    state text not null constraint consent_state_known check (state in ('granted', 'pending', 'revoked')),
    text_version integer not null,
    language text not null,
    -- How it came: join, import, member, holder, service, merge, phone_changed.
    via text not null,
    member_id uuid,
    recorded_at timestamptz not null,
    constraint consent_version_unique unique (business_id, customer_id, purpose, version),
    constraint consent_customer_fk foreign key (business_id, customer_id)
        references enrollment.customer (business_id, customer_id),
    constraint consent_text_fk foreign key (purpose, language, text_version)
        references enrollment.consent_text (purpose, language, version)
);

create function enrollment.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end
$$;
create trigger consent_append_only before update or delete or truncate on enrollment.consent
    for each statement execute function enrollment.refuse_change();
create trigger consent_text_append_only before update or delete or truncate on enrollment.consent_text
    for each statement execute function enrollment.refuse_change();
create trigger audit_append_only before update or delete or truncate on enrollment.audit
    for each statement execute function enrollment.refuse_change();

-- One invitation that led to a customer; paid once, at her first stamp.
create table enrollment.referral (
    referral_id uuid constraint referral_pk primary key,
    business_id uuid not null,
    referrer_customer_id uuid not null,
    friend_customer_id uuid not null,
    created_at timestamptz not null,
    paid_at timestamptz,
    constraint referral_friend_unique unique (business_id, friend_customer_id),
    constraint referral_not_self check (referrer_customer_id <> friend_customer_id),
    constraint referral_referrer_fk foreign key (business_id, referrer_customer_id)
        references enrollment.customer (business_id, customer_id),
    constraint referral_friend_fk foreign key (business_id, friend_customer_id)
        references enrollment.customer (business_id, customer_id)
);
create index referral_referrer on enrollment.referral (business_id, referrer_customer_id);

create table enrollment.outbox (
    event_id uuid constraint outbox_pk primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on enrollment.outbox (created_at) where published_at is null;
create table enrollment.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);

insert into enrollment.consent_text (purpose, language, version, short, long) values
('program', 'es', 1,
 'Acepto que {business} use mi nombre y mi celular para llevar mi tarjeta de sellos.',
 'Responsable de tus datos: {controller}. Qué guardamos: tu nombre, tu celular, tu cumpleaños si lo das, tus sellos y tus premios. '
 'Para qué: crear tu tarjeta, anotar tus sellos, entregarte tus premios y avisarte de lo que pasa con ella. Sin estos datos no hay tarjeta. '
 'Quién nos ayuda: {processor} guarda y procesa los datos por encargo del negocio. '
 'Fuera del Perú pueden recibir datos, solo para hacer ese trabajo: {recipients}. '
 'Cuánto tiempo: mientras tengas la tarjeta y hasta {retention_months} meses después de tu última visita; luego se borran. '
 'Tus derechos: puedes ver, corregir, llevarte o borrar tus datos, y retirar este permiso cuando quieras, desde tu tarjeta o pidiéndolo en el local. '
 'Declaras tener 14 años o más.'),
('program', 'en', 1,
 'I agree that {business} uses my name and phone number to keep my stamp card.',
 'Responsible for your data: {controller}. What is kept: your name, your phone number, your birthday if you give it, your stamps and your rewards. '
 'What for: to make your card, count your stamps, hand over your rewards and tell you what happens with it. Without these data there is no card. '
 'Who helps: {processor} keeps and processes the data on behalf of the business. '
 'Outside Peru these may receive data, only to do that work: {recipients}. '
 'For how long: while you have the card and up to {retention_months} months after your last visit; then they are erased. '
 'Your rights: you may see, correct, take with you or erase your data, and withdraw this permission at any time, from your card or by asking at the shop. '
 'You declare that you are 14 or older.'),
('marketing', 'es', 1,
 'Quiero recibir promociones de {business} por WhatsApp. Es opcional.',
 'Responsable de tus datos: {controller}. Si aceptas, {business} podrá escribirte por WhatsApp con promociones y novedades, como máximo una vez por semana. '
 'Es opcional: tu tarjeta funciona igual si dices que no. El permiso vale desde que lo confirmas con un mensaje desde tu propio celular. '
 'Quién nos ayuda: {processor} envía los mensajes por encargo del negocio. '
 'Fuera del Perú pueden recibir tu nombre y tu celular, solo para entregar los mensajes: {recipients}. '
 'Cuánto tiempo: hasta que retires el permiso, y como máximo {retention_months} meses después de tu última visita. '
 'Para dejar de recibirlos responde BAJA o cámbialo en tu tarjeta: vale de inmediato. '
 'Declaras tener 18 años o más.'),
('marketing', 'en', 1,
 'I want to receive promotions from {business} by WhatsApp. This is optional.',
 'Responsible for your data: {controller}. If you agree, {business} may write to you by WhatsApp with promotions and news, at most once a week. '
 'It is optional: your card works the same if you say no. The permission holds once you confirm it with a message from your own phone. '
 'Who helps: {processor} sends the messages on behalf of the business. '
 'Outside Peru these may receive your name and phone number, only to deliver the messages: {recipients}. '
 'For how long: until you withdraw the permission, and at most {retention_months} months after your last visit. '
 'To stop them answer BAJA or change it on your card: it takes effect at once. '
 'You declare that you are 18 or older.');
