-- When a token stops opening anything by itself. Tokens of before this never do.

ALTER TABLE tokens ADD COLUMN expires_at timestamptz;
