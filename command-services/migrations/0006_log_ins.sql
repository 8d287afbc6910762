-- The version of the account at which its sessions were ended last because it was deactivated or lost a role. An
-- instance that has read less of the account begins no session of it: it may not know of that yet.
ALTER TABLE vault.people ADD COLUMN least_version bigint NOT NULL DEFAULT 0;
