import type { Tone } from '../../design/feedback'
import type { Payment } from '../types'

/** What a list can be asked for. */
export const statuses = ['open', 'authorised', 'paid', 'cancelled', 'refunded', 'disputed', 'lost'] as const

/** What a payment can be shown as. */
export const shownAs = [...statuses, 'refunding', 'part', 'partLost'] as const
export type Shown = (typeof shownAs)[number]

/** What a payment is, first of all: money in dispute, lost or given back says more than that it was paid. Only what is all still there is paid. */
export function shown(p: Pick<Payment, 'status' | 'captured' | 'disputed' | 'won' | 'lost' | 'refunded' | 'refunding'>): Shown {
  if (p.disputed > p.won + p.lost) return 'disputed'
  if (p.lost > 0) return p.lost + p.refunded >= p.captured ? 'lost' : 'partLost'
  if (p.refunded > 0 && p.refunded >= p.captured) return 'refunded'
  if (p.refunding > p.refunded && p.refunding >= p.captured) return 'refunding'
  if (p.refunded > 0) return 'part'
  return p.status
}

export const tone: Record<Shown, Tone> = {
  open: 'held', authorised: 'brand', paid: 'good', cancelled: 'neutral', refunded: 'neutral', disputed: 'bad', lost: 'bad', refunding: 'held', part: 'brand', partLost: 'bad',
}

export const subjects = ['booking', 'wallet', 'session', 'pass', 'invoice'] as const
export type SubjectKind = (typeof subjects)[number]
export const kindOf = (subject: string) => subject.split('/')[0] as SubjectKind
