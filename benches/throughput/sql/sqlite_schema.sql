-- Tables of the same shape as verifyd's, for the limits.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    app_id bigint NOT NULL,
    template_id varchar NOT NULL,
    target bigint NOT NULL,
    recipient blob NOT NULL,
    slot bigint,
    channel varchar NOT NULL,
    tag blob,
    attempts smallint NOT NULL,
    max_attempts smallint NOT NULL,
    verified_at bigint,
    last_guess bigint,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    custom_args text,
    session_id bigint,
    country varchar
);
CREATE INDEX message_session ON message (session_id, id) WHERE session_id IS NOT NULL;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    message_id bigint NOT NULL,
    app_id bigint NOT NULL,
    body blob NOT NULL,
    hop smallint NOT NULL,
    attempt smallint NOT NULL,
    claim bigint NOT NULL,
    due_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    claims smallint NOT NULL DEFAULT 0,
    done smallint NOT NULL DEFAULT 0
);
CREATE INDEX outbox_app_due ON outbox (app_id, due_at);
CREATE TABLE event (
    message_id bigint NOT NULL,
    id bigint NOT NULL,
    app_id bigint NOT NULL,
    kind varchar NOT NULL,
    channel varchar,
    provider varchar,
    error_code smallint NOT NULL,
    detail varchar,
    at bigint NOT NULL,
    delivery bigint,
    attempt smallint,
    published smallint,
    cost bigint,
    PRIMARY KEY (message_id, id)
);
CREATE INDEX event_unpublished ON event (id) WHERE published = 0;
CREATE TABLE send_window (
    slot INTEGER PRIMARY KEY,
    message_id bigint NOT NULL,
    until bigint NOT NULL,
    ended boolean NOT NULL DEFAULT FALSE
);
CREATE INDEX send_window_until ON send_window (until);
CREATE TABLE ledger (
    key INTEGER PRIMARY KEY,
    version bigint NOT NULL,
    previous bigint NOT NULL,
    log blob NOT NULL
);
