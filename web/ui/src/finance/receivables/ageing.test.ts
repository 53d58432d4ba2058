import { expect, it } from 'vitest'
import { totals } from './ageing'

it('sums each currency by itself', () => {
  const row = (currency: string, total: number) => ({ currency, not_due: total, to_30: 0, to_60: 0, to_90: 0, older: 0, total })
  expect(totals([row('MAD', 5), row('EUR', 7), row('MAD', -2)]).map((s) => [s.currency, s.total])).toEqual([
    ['MAD', 3],
    ['EUR', 7],
  ])
})
