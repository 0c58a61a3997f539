import type { Origin } from '@presage/messages/origin'

/** What a line of the log says of a job, or of its result. */
export const tagOf = ({ id, origin }: { id: string; origin?: Origin | undefined }) => ({
  id,
  correlationId: origin?.correlationId,
})
