-- What must happen in the server without a word from the client in between.
--
-- Rows of tables are looked up one by one, in LATERAL subqueries that the planner can neither flatten
-- nor turn round, and changed by their ctid. A join would be planned once, while the tables are small,
-- as a walk through all of an index, and kept.

-- Takes or refuses commits, each on its own, and commits those that it takes: when it returns,
-- they are durable. Nobody waits for a client while the lock of feed_head is held.
--
-- Commits come sorted by stream, so that writers lock streams in one order. Of several commits to
-- one stream only the first is looked at (p_expected of the others is missing), or the first few
-- that follow one another and are taken as a whole: all with the p_expected of the first, which
-- has the number of events of all. For the others only the record of their command is looked up.
-- Events, messages, timers and index entries say by number (from 1) which commit they belong to.
--
-- Answers with the position before the first event and, for each commit, whether it was taken, the
-- version that its stream had, and the record of its command where that was taken before (missing
-- as a whole where no command was).
CREATE PROCEDURE commit_batch(
    p_stream text[], p_expected bigint[], p_events bigint[], p_command text[], p_digest bytea[],
    p_before bigint[], p_after bigint[], p_indexed boolean[],
    e_commit int[], e_version bigint[], e_header bytea[], e_payload bytea[],
    m_commit int[], m_id text[], m_kind text[], m_key text[], m_body bytea[], m_created_at bigint[],
    t_commit int[], t_owner text[], t_name text[], t_generation bigint[], t_fire_at bigint[],
    i_commit int[], i_name text[], i_partition text[], i_sort text[],
    OUT o_position bigint, OUT o_taken boolean[], OUT o_version bigint[],
    OUT o_digest bytea[], OUT o_before bigint[], OUT o_after bigint[]
)
LANGUAGE plpgsql AS $$
DECLARE
    commits      CONSTANT int := cardinality(p_stream);
    places       tid[];
    known        boolean;
    taken        bigint;
    moved        bigint;
    updated      bigint;
    created      bigint := 0;
    new_events   bigint;
    new_messages bigint := 0;
    sent         bigint;
BEGIN
    SELECT array_agg(c.taken), array_agg(c.version), array_agg(c.place),
           array_agg(c.digest), array_agg(c.version_before), array_agg(c.version_after),
           bool_or(c.digest IS NOT NULL),
           count(*) FILTER (WHERE c.taken),
           count(*) FILTER (WHERE c.taken AND c.changes),
           coalesce(sum(c.events) FILTER (WHERE c.taken), 0)
    INTO o_taken, o_version, places, o_digest, o_before, o_after, known, taken, moved, new_events
    FROM (
        SELECT k.digest, k.version_before, k.version_after,
               coalesce(s.version, 0) AS version, s.place, p_events[n] AS events,
               p_events[n] > 0 OR p_indexed[n] AS changes,
               k.digest IS NULL AND coalesce(s.version, 0) IS NOT DISTINCT FROM p_expected[n]
                   AS taken
        FROM generate_series(1, commits) AS n
        LEFT JOIN LATERAL (
            SELECT version, ctid AS place FROM streams WHERE stream = p_stream[n] LIMIT 1
        ) AS s ON true
        LEFT JOIN LATERAL (
            SELECT digest, version_before, version_after FROM commands
            WHERE stream = p_stream[n] AND command_id = p_command[n] LIMIT 1
        ) AS k ON true
        ORDER BY n
    ) AS c;
    IF known THEN
        -- Commits that are looked at in one stream follow each other, and are taken as a whole.
        o_taken := ARRAY(
            SELECT o_taken[n] AND p_stream[n] <> ALL (ARRAY(
                SELECT p_stream[k] FROM generate_series(1, commits) AS k
                WHERE p_expected[k] IS NOT NULL AND o_digest[k] IS NOT NULL))
            FROM generate_series(1, commits) AS n
            ORDER BY n);
        SELECT count(*), count(*) FILTER (WHERE p_events[n] > 0 OR p_indexed[n]),
               coalesce(sum(p_events[n]), 0)
        INTO taken, moved, new_events
        FROM generate_series(1, commits) AS n
        WHERE o_taken[n];
    ELSE
        o_digest := NULL;
        o_before := NULL;
        o_after := NULL;
    END IF;
    IF taken = 0 THEN
        RETURN;
    END IF;

    -- Locks each stream that changes. What another writer has changed since the look above ends the
    -- whole batch: it is tried anew. The place of a row is not given to another before this
    -- transaction is over.
    UPDATE streams AS s SET version = s.version + p_events[n]
    FROM generate_series(1, commits) AS n
    WHERE o_taken[n] AND (p_events[n] > 0 OR p_indexed[n])
      AND s.ctid = places[n] AND s.version = p_expected[n];
    GET DIAGNOSTICS updated = ROW_COUNT;
    IF updated < moved THEN
        INSERT INTO streams (stream, version)
        SELECT p_stream[n], p_events[n]
        FROM generate_series(1, commits) AS n
        WHERE o_taken[n] AND (p_events[n] > 0 OR p_indexed[n]) AND p_expected[n] = 0
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS created = ROW_COUNT;
    END IF;
    IF updated + created < moved THEN
        RAISE serialization_failure USING MESSAGE = 'a stream was changed meanwhile';
    END IF;
    INSERT INTO commands (stream, command_id, digest, version_before, version_after)
    SELECT p_stream[n], p_command[n], p_digest[n], p_before[n], p_after[n]
    FROM generate_series(1, commits) AS n
    WHERE o_taken[n];

    IF true = ANY (p_indexed) THEN
        CALL put_index(p_stream, p_indexed, o_taken, i_commit, i_name, i_partition, i_sort);
    END IF;
    IF cardinality(t_commit) > 0 THEN
        CALL change_timers(o_taken, t_commit, t_owner, t_name, t_generation, t_fire_at);
    END IF;
    IF cardinality(m_commit) > 0 THEN
        SELECT count(*) INTO new_messages FROM unnest(m_commit) AS c WHERE o_taken[c];
    END IF;

    IF new_events + new_messages > 0 THEN
        UPDATE feed_head SET position = position + new_events, messages = messages + new_messages
        RETURNING position - new_events, messages - new_messages INTO o_position, sent;
        INSERT INTO events (position, version, stream, header, payload)
        SELECT o_position + row_number() OVER (), e_version[n], p_stream[e_commit[n]], e_header[n],
               e_payload[n]
        FROM generate_series(1, cardinality(e_commit)) AS n
        WHERE o_taken[e_commit[n]];
    END IF;
    IF new_messages > 0 THEN
        INSERT INTO outbox (seq, created_at, effect_id, kind, key, body)
        SELECT sent + row_number() OVER (), m_created_at[n], m_id[n], m_kind[n], m_key[n], m_body[n]
        FROM generate_series(1, cardinality(m_commit)) AS n
        WHERE o_taken[m_commit[n]];
    END IF;
    COMMIT;
END
$$;

-- Puts streams under the entries of their commits, changing only what differs.
CREATE PROCEDURE put_index(
    p_stream text[], p_indexed boolean[], p_taken boolean[],
    i_commit int[], i_name text[], i_partition text[], i_sort text[]
)
LANGUAGE sql AS $$
    DELETE FROM stream_index WHERE ctid = ANY (ARRAY(
        SELECT i.place
        FROM generate_subscripts(p_stream, 1) AS c
        CROSS JOIN LATERAL (
            SELECT ctid AS place, name, partition_key, sort_key FROM stream_index
            WHERE stream = p_stream[c] OFFSET 0
        ) AS i
        WHERE p_taken[c] AND p_indexed[c]
          AND NOT EXISTS (
              SELECT FROM generate_subscripts(i_commit, 1) AS n
              WHERE i_commit[n] = c AND i_name[n] = i.name
                AND i_partition[n] = i.partition_key AND i_sort[n] = i.sort_key)));
    INSERT INTO stream_index (name, partition_key, sort_key, stream)
    SELECT i_name[n], i_partition[n], i_sort[n], p_stream[i_commit[n]]
    FROM generate_subscripts(i_commit, 1) AS n
    WHERE p_taken[i_commit[n]]
    ON CONFLICT DO NOTHING;
$$;

-- Sets timers, or removes those whose generation is missing, in their order.
CREATE PROCEDURE change_timers(
    p_taken boolean[], t_commit int[], t_owner text[], t_name text[], t_generation bigint[],
    t_fire_at bigint[]
)
LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..cardinality(t_commit) LOOP
        CONTINUE WHEN NOT p_taken[t_commit[n]];
        IF t_generation[n] IS NULL THEN
            DELETE FROM timers WHERE owner = t_owner[n] AND name = t_name[n];
        ELSE
            INSERT INTO timers (owner, name, generation, fire_at)
            VALUES (t_owner[n], t_name[n], t_generation[n], t_fire_at[n])
            ON CONFLICT (owner, name) DO UPDATE
            SET generation = excluded.generation, fire_at = excluded.fire_at
            WHERE excluded.generation >= timers.generation;
        END IF;
    END LOOP;
END
$$;

-- Destroys a key and every trace of it in the table's files: an UPDATE or a DELETE would leave the
-- old row behind until a vacuum, and its bytes longer. The part that holds the key is emptied into
-- a new file and what else it held is put back; the old file goes when this is committed.
CREATE FUNCTION destroy_key(p_subject text, p_at bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part         regclass;
    subjects     text[];
    keys         bytea[];
    destructions bigint[];
BEGIN
    -- One at a time: two that hold the same part and want it alone would wait for each other.
    PERFORM pg_advisory_xact_lock('keys'::regclass::oid::bigint);
    INSERT INTO keys (subject, destroyed_at) VALUES (p_subject, p_at)
    ON CONFLICT (subject) DO NOTHING;
    SELECT k.tableoid INTO part FROM keys AS k
    WHERE k.subject = p_subject AND k.destroyed_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part);
    EXECUTE format(
        'SELECT array_agg(subject), array_agg(CASE WHEN subject <> $1 THEN key END),
                array_agg(CASE WHEN subject = $1 THEN $2 ELSE destroyed_at END) FROM %s', part)
    INTO subjects, keys, destructions USING p_subject, p_at;
    EXECUTE format('TRUNCATE %s', part);
    EXECUTE format(
        'INSERT INTO %s (subject, key, destroyed_at) SELECT * FROM unnest($1, $2, $3)', part)
    USING subjects, keys, destructions;
END
$$;

-- Moves the checkpoint of a model from one place to another and writes rows, as one; false, and
-- nothing is written, when it does not stand where it should. Index entries say by number (from 1)
-- which row they belong to.
CREATE FUNCTION advance_model(
    p_name text, p_from bigint, p_from_hash bytea, p_to bigint, p_to_hash bytea,
    r_key text[], r_version bigint[], r_body bytea[], r_stream text[], r_reason text[],
    i_row int[], i_name text[], i_partition text[], i_sort text[]
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
BEGIN
    UPDATE models SET position = p_to, hash = p_to_hash
    WHERE name = p_name AND position = p_from AND hash = p_from_hash
    RETURNING model INTO id;
    IF NOT FOUND AND p_from = 0 THEN
        INSERT INTO models (name, position, hash) VALUES (p_name, p_to, p_to_hash)
        ON CONFLICT (name) DO NOTHING
        RETURNING model INTO id;
    END IF;
    IF id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO model_rows (model, key, version, body, parked_stream, parked_reason)
    SELECT id, r_key[n], r_version[n], r_body[n], r_stream[n], r_reason[n]
    FROM generate_subscripts(r_key, 1) AS n
    ON CONFLICT (model, key) DO UPDATE
    SET version = excluded.version, body = excluded.body,
        parked_stream = excluded.parked_stream, parked_reason = excluded.parked_reason;
    -- Changes only the entries that differ.
    DELETE FROM model_index WHERE ctid = ANY (ARRAY(
        SELECT i.place
        FROM generate_subscripts(r_key, 1) AS r
        CROSS JOIN LATERAL (
            SELECT ctid AS place, name, partition_key, sort_key FROM model_index
            WHERE model = id AND key = r_key[r] OFFSET 0
        ) AS i
        WHERE NOT EXISTS (
            SELECT FROM generate_subscripts(i_row, 1) AS n
            WHERE i_row[n] = r AND i_name[n] = i.name
              AND i_partition[n] = i.partition_key AND i_sort[n] = i.sort_key)));
    INSERT INTO model_index (model, name, partition_key, sort_key, key)
    SELECT id, i_name[n], i_partition[n], i_sort[n], r_key[i_row[n]]
    FROM generate_subscripts(i_row, 1) AS n
    ON CONFLICT DO NOTHING;
    RETURN true;
END
$$;

-- Gives the rows of one model to another name; the model that had the name has none then.
CREATE FUNCTION replace_model(p_name text, p_by text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM models WHERE name IN (p_name, p_by) ORDER BY name FOR UPDATE;
    IF NOT EXISTS (SELECT FROM models WHERE name = p_by) THEN
        RETURN false;
    END IF;
    IF p_name <> p_by THEN
        UPDATE models SET name = NULL WHERE name = p_name;
        UPDATE models SET name = p_name WHERE name = p_by;
    END IF;
    RETURN true;
END
$$;

-- Removes rows of a model that has no name any more, at most so many; false when there are none.
CREATE FUNCTION clear_models(p_limit bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    id      bigint;
    entries bigint;
    rows    bigint;
BEGIN
    SELECT model INTO id FROM models WHERE name IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM model_index WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM model_index WHERE model = id LIMIT p_limit));
    GET DIAGNOSTICS entries = ROW_COUNT;
    DELETE FROM model_rows WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM model_rows WHERE model = id LIMIT p_limit));
    GET DIAGNOSTICS rows = ROW_COUNT;
    IF entries < p_limit AND rows < p_limit THEN
        DELETE FROM models WHERE model = id;
    END IF;
    RETURN true;
END
$$;

-- Keeps letters, numbered on, and lets the oldest go. Of a batch of more than are kept, the
-- letters are the last ones.
CREATE FUNCTION bury(
    p_buried bigint, p_keep bigint, l_received_at bigint[], l_source text[], l_code text[],
    l_detail text[], l_payload bytea[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    UPDATE dead_letters_head SET id = id + p_buried RETURNING id INTO last;
    INSERT INTO dead_letters (id, received_at, source, code, detail, payload)
    SELECT last - cardinality(l_code) + n, l_received_at[n], l_source[n], l_code[n], l_detail[n],
           l_payload[n]
    FROM generate_subscripts(l_code, 1) AS n;
    DELETE FROM dead_letters WHERE id <= last - p_keep;
END
$$;
