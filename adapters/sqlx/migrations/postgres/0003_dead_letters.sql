-- Whose message a dead letter is and how it is written, so that it can be taken again.
ALTER TABLE dead_letters ADD COLUMN partner TEXT;
ALTER TABLE dead_letters ADD COLUMN form TEXT NOT NULL DEFAULT 'canonical';

DROP FUNCTION bury(bigint, bigint, bigint[], text[], text[], text[], bytea[]);

-- Keeps letters, numbered on, and lets the oldest go. Of a batch of more than are kept, the
-- letters are the last ones.
CREATE FUNCTION bury(
    p_buried bigint, p_keep bigint, l_received_at bigint[], l_source text[], l_partner text[],
    l_form text[], l_code text[], l_detail text[], l_payload bytea[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    UPDATE dead_letters_head SET id = id + p_buried RETURNING id INTO last;
    INSERT INTO dead_letters (id, received_at, source, partner, form, code, detail, payload)
    SELECT last - cardinality(l_code) + n, l_received_at[n], l_source[n], l_partner[n], l_form[n],
           l_code[n], l_detail[n], l_payload[n]
    FROM generate_subscripts(l_code, 1) AS n;
    DELETE FROM dead_letters WHERE id <= last - p_keep;
END
$$;
