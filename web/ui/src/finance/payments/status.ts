import type { Tone } from '../../design/feedback'
import type { Payment } from '../types'

export const statuses = ['open', 'authorised', 'paid', 'cancelled', 'refunded', 'disputed'] as const
export type Shown = (typeof statuses)[number]

/** What a payment is, first of all: money in dispute or given back says more than that it was paid. */
export function shown(p: Payment): Shown {
  if (p.disputed > p.won + p.lost) return 'disputed'
  if (p.refunded > 0 && p.refunded >= p.captured - p.lost) return 'refunded'
  return p.status
}

export const tone: Record<Shown, Tone> = { open: 'held', authorised: 'brand', paid: 'good', cancelled: 'neutral', refunded: 'neutral', disputed: 'bad' }

export const subjects = ['booking', 'wallet', 'session', 'pass', 'invoice'] as const
export type SubjectKind = (typeof subjects)[number]
export const kindOf = (subject: string) => subject.split('/')[0] as SubjectKind
