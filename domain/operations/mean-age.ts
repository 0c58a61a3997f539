import type { Db } from '@presage/prisma/client'

/** The average age that people gave to the bio-age model. */
export interface MeanAge {
  /** Years, in whole numbers. */
  years: number
  /** How many people it is the average of, a multiple of {@link SMALLEST_GROUP}. */
  people: number
}

/** Fewer people are never shown, and two averages shown differ by as many people. */
export const SMALLEST_GROUP = 20

/**
 * The mean of the first age that each person gave, over the people in the order of their first
 * prediction, in whole groups of 20: what one more person adds cannot be told from two readings.
 * Null while there are fewer than 20. It reads the whole history of the model.
 */
export async function meanAge(db: Pick<Db, 'pool'>): Promise<MeanAge | null> {
  const { rows } = await db.pool.query<{ years: number | null; people: number }>(
    `WITH given AS (
      SELECT DISTINCT ON (p.user_id) p.id, CASE jsonb_typeof(p.input -> 'age')
          WHEN 'number' THEN (p.input ->> 'age')::float8
          ELSE (p.input #>> '{age,value}')::float8 END AS age
      FROM predictions p
      WHERE p.model = 'bio-age' AND p.status = 'SUCCEEDED'
        AND (jsonb_typeof(p.input -> 'age') = 'number'
          OR jsonb_typeof(p.input #> '{age,value}') = 'number')
      ORDER BY p.user_id, p.id
    ), placed AS (
      SELECT age, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS people FROM given
    )
    SELECT round(avg(age))::int AS years, count(*)::int AS people FROM placed
    WHERE place <= people - people % $1`,
    [SMALLEST_GROUP],
  )
  const { years, people } = rows[0] ?? { years: null, people: 0 }
  return years === null ? null : { years, people }
}
