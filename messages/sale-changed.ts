import { z } from 'zod'

/** The core NATS subject on which servers tell each other that something else is on sale, or at another price. */
export const SALE_CHANGED_SUBJECT = 'hints.sale-changed.v1'

/** A lost one is made good within seconds, when each server next reads what is on sale. */
export const saleChangedSchema = z.object({ model: z.string() })
