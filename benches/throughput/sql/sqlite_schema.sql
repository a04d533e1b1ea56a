-- Tables of the shape of verifyd's, for the limits.
CREATE TABLE message (
    id integer PRIMARY KEY,
    app bigint NOT NULL,
    template text NOT NULL,
    recipient blob NOT NULL,
    channel text NOT NULL,
    status smallint NOT NULL,
    attempts smallint NOT NULL,
    max_attempts smallint NOT NULL,
    code_tag blob NOT NULL,
    key_id smallint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    delivery smallint NOT NULL,
    verified_at bigint
);
CREATE INDEX message_app_created ON message (app, created_at);
CREATE TABLE outbox (
    message integer PRIMARY KEY,
    app bigint NOT NULL,
    next_at bigint NOT NULL,
    attempts smallint NOT NULL,
    expires_at bigint NOT NULL,
    sealed blob NOT NULL
);
CREATE INDEX outbox_next ON outbox (next_at);
CREATE TABLE event (
    id integer PRIMARY KEY,
    message bigint NOT NULL,
    app bigint NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE send_window (
    app bigint NOT NULL,
    template text NOT NULL,
    recipient blob NOT NULL,
    message bigint NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (app, template, recipient)
);
