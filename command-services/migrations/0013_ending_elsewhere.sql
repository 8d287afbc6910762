-- When the account was last tried to be forgotten, or what is its to be ended in other contexts: those that cannot be
-- done do not keep the others from their turn.
ALTER TABLE vault.erasures ADD COLUMN tried_at timestamptz;
-- When all that ends with the account had ended in the other contexts: none of them holds up what the vault forgets.
ALTER TABLE vault.erasures ADD COLUMN ended_elsewhere_at timestamptz;
-- Until when something of the account's may come there. It is looked after until a try that began later succeeds, and
-- that is noted by NULL.
ALTER TABLE vault.erasures ADD COLUMN late_comers_until timestamptz;

-- Of those of before it is not known whether all has ended.
UPDATE vault.erasures SET late_comers_until = finished_at + interval '1 day' WHERE finished_at IS NOT NULL;

DROP INDEX vault.erasures_unfinished;
CREATE INDEX erasures_unfinished ON vault.erasures (tried_at NULLS FIRST) WHERE finished_at IS NULL;
DROP INDEX vault.erasures_finished;
CREATE INDEX erasures_looked_after ON vault.erasures (tried_at NULLS FIRST) WHERE late_comers_until IS NOT NULL;
