-- What a look into a dataset has left in the store. Looks of before this left nothing.

ALTER TABLE datasets ADD COLUMN artifacts jsonb NOT NULL DEFAULT '[]';
