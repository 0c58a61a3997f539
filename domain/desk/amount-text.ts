import type { Unit } from '@presage/models/card/feature-schema'
import type { Currency } from '@presage/prisma/generated/client/client'

/** How a currency is written before an amount. */
const SYMBOLS: Record<Currency, string> = { TWD: 'NT$', USD: 'US$', EUR: '€' }

/** An amount as a letter has it: `NT$90,000`. */
export const amountText = (amount: number, currency: Currency): string =>
  `${amount < 0 ? '−' : ''}${SYMBOLS[currency]}${Math.abs(Math.round(amount)).toLocaleString('en')}`

/** The currency that a card's unit stands for; null = it is none. */
export const currencyOf = (unit: Pick<Unit, 'name'> | undefined): Currency | null =>
  unit && Object.hasOwn(SYMBOLS, unit.name) ? (unit.name as Currency) : null
