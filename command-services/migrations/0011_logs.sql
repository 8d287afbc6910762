-- Which log each partition of a topic is: the nonce of its first term. One that was made anew has another.
CREATE TABLE vault.logs (
    topic text NOT NULL,
    partition integer NOT NULL,
    log_id uuid NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);
