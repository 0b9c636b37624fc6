-- Every view and the position they are at. Names are unqualified: the same file makes the schema of the live views and
-- that of a rebuild, whichever the connection's search_path names. No table holds anything that the log does not say.
-- No constraint may be one that a fact could break: a view that refuses a fact would stop for ever.

CREATE TABLE position (
    name     text PRIMARY KEY,
    sequence bigint NOT NULL,  -- the last event in the rows
    stream   text NOT NULL     -- which log; empty until the first projector comes
);

CREATE TABLE jobs (
    tenant            text NOT NULL,
    id                uuid NOT NULL,
    number            bigint NOT NULL,
    status            text NOT NULL,
    config            jsonb NOT NULL,
    config_hash       text NOT NULL,
    dataset           uuid NOT NULL,
    chat              uuid,
    owner             text,
    annotation        jsonb NOT NULL,
    pool              text,
    waiting_reason    text,
    waiting_because   jsonb NOT NULL,
    worker            text,
    attempt           bigint NOT NULL,
    token             bigint,
    batch_divisor     bigint NOT NULL,
    resumed_epoch     bigint NOT NULL,
    device            text,
    parameters        numeric,
    train_images      numeric,
    validation_images numeric,
    dataset_hash      text,
    classes           jsonb NOT NULL,
    resolved          jsonb NOT NULL,
    epochs_done       bigint NOT NULL,
    progress          double precision NOT NULL,
    "primary"         text,
    best_epoch        bigint,
    best              jsonb,
    last              jsonb,
    checkpoint        jsonb,
    failed_attempts   bigint NOT NULL,
    failure           jsonb,
    cancel_reason     text,
    cancel_because    jsonb NOT NULL,
    artifacts         jsonb NOT NULL,
    stopped_early     text,
    stopped_because   jsonb NOT NULL,
    deployed          boolean NOT NULL,
    requested_at      timestamptz NOT NULL,
    started_at        timestamptz,
    finished_at       timestamptz,
    spending          jsonb NOT NULL,
    quarantine jsonb,
    sequence          bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX jobs_by_number ON jobs (tenant, number DESC);

CREATE TABLE epochs (
    tenant        text NOT NULL,
    job           uuid NOT NULL,
    epoch         bigint NOT NULL,
    token         bigint NOT NULL,
    train         jsonb NOT NULL,
    validation    jsonb NOT NULL,
    is_best       boolean NOT NULL,
    learning_rate double precision NOT NULL,
    seconds       double precision NOT NULL,
    at            timestamptz NOT NULL,
    sequence      bigint NOT NULL,
    PRIMARY KEY (tenant, job, epoch)
);

CREATE TABLE leases (
    tenant   text NOT NULL,
    job      uuid NOT NULL,
    token    bigint NOT NULL,
    number   bigint NOT NULL,
    owner    text,
    worker   text,
    pool     text,
    device   text,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    currency text,
    hour     bigint,
    PRIMARY KEY (tenant, job, token)
);
CREATE INDEX leases_by_time ON leases (tenant, began_at);

CREATE TABLE chats (
    tenant     text NOT NULL,
    id         uuid NOT NULL,
    title      text NOT NULL,
    first      text NOT NULL,
    archived   boolean NOT NULL,
    language   text,
    proposal   jsonb,
    messages   bigint NOT NULL,
    created_at timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    quarantine jsonb,
    sequence   bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX chats_by_sequence ON chats (tenant, sequence DESC);

CREATE TABLE chat_messages (
    tenant   text NOT NULL,
    chat     uuid NOT NULL,
    sequence bigint NOT NULL,
    who      text NOT NULL,
    actor    text NOT NULL,
    kind     text NOT NULL,
    text     text NOT NULL,
    because  jsonb NOT NULL,
    choices  jsonb NOT NULL,
    shows    jsonb NOT NULL,
    intent   text,
    proposal jsonb,
    hash     text,
    erased   boolean NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, chat, sequence)
);

CREATE TABLE datasets (
    tenant        text NOT NULL,
    id            uuid NOT NULL,
    path          text NOT NULL,
    source        jsonb NOT NULL,
    task          text NOT NULL,
    status        text NOT NULL,
    inspection    bigint NOT NULL,
    profile       jsonb,
    problem       text,
    next_step     text,
    because       jsonb NOT NULL,
    advice        jsonb NOT NULL,
    report        jsonb NOT NULL,
    artifacts     jsonb NOT NULL,
    versions      jsonb NOT NULL,
    tags          jsonb NOT NULL,
    archived      boolean NOT NULL,
    bad_files     numeric NOT NULL,
    registered_at timestamptz NOT NULL,
    at            timestamptz NOT NULL,
    quarantine jsonb,
    sequence      bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX datasets_by_sequence ON datasets (tenant, sequence DESC);

CREATE TABLE endpoints (
    tenant   text NOT NULL,
    job      uuid NOT NULL,
    deployed boolean NOT NULL,
    weights  jsonb NOT NULL,
    classes  jsonb NOT NULL,
    since    timestamptz NOT NULL,
    quarantine jsonb,
    sequence bigint NOT NULL,
    PRIMARY KEY (tenant, job)
);
CREATE INDEX endpoints_by_sequence ON endpoints (tenant, sequence DESC);

CREATE TABLE models (
    tenant        text NOT NULL,
    id            uuid NOT NULL,
    name          text NOT NULL,
    versions      jsonb NOT NULL,
    aliases       jsonb NOT NULL,
    sampling      double precision NOT NULL,
    samples_deleted_at timestamptz,
    registered_at timestamptz NOT NULL,
    at            timestamptz NOT NULL,
    quarantine jsonb,
    sequence      bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX models_by_sequence ON models (tenant, sequence DESC);

CREATE TABLE tenants (
    tenant          text PRIMARY KEY,
    concurrent_jobs bigint,
    gpu_hours       bigint,
    dataset_bytes   numeric,
    month_budget    bigint,
    prices          jsonb NOT NULL,
    slots           jsonb NOT NULL,
    removed         jsonb NOT NULL,
    gpu_ms          bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    closed_at       timestamptz,
    quarantine jsonb,
    sequence        bigint NOT NULL
);

CREATE TABLE tokens (
    tenant     text NOT NULL,
    token_id   uuid NOT NULL,
    name       text NOT NULL,
    role       text NOT NULL,
    sha256     text NOT NULL,
    issued_at  timestamptz NOT NULL,
    revoked_at timestamptz,
    expires_at timestamptz,
    scope      jsonb NOT NULL,
    member     jsonb,
    replaced_by uuid,
    sequence   bigint NOT NULL,
    PRIMARY KEY (tenant, token_id)
);
-- Hash indexes take a value of any length.
CREATE INDEX tokens_by_hash ON tokens USING hash (sha256);

CREATE TABLE activity (
    sequence  bigint PRIMARY KEY,
    tenant    text NOT NULL,
    kind      text NOT NULL,
    aggregate text NOT NULL,
    actor     text NOT NULL,
    at        timestamptz NOT NULL,
    event     jsonb NOT NULL
);
CREATE INDEX activity_by_tenant ON activity (tenant, sequence DESC);
CREATE INDEX activity_by_aggregate ON activity (tenant, aggregate, sequence DESC);

-- What is kept back of histories that have an event which this binary cannot read, as it is stored.
CREATE TABLE held (
    sequence  bigint PRIMARY KEY,
    tenant    text NOT NULL,
    aggregate text NOT NULL,
    raw       bytea NOT NULL
);
CREATE INDEX held_by_aggregate ON held (tenant, aggregate);
