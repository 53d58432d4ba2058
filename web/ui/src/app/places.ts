import type { Me } from '../api/types'
import type { IconName } from '../design/icons'
import { can } from './context'

type Place = { href: string; icon: IconName; label: 'nav.practice' | 'nav.queues' | 'nav.advice' | 'nav.search' | 'nav.bookings' | 'nav.wallet' | 'nav.board' | 'nav.drive' | 'nav.cash' | 'nav.passes' | 'nav.finance' | 'nav.company' | 'nav.admin' }

/** Where this person has work to do, most important first; the first is where they land. */
export function placesFor(me: Me): Place[] {
  const out: Place[] = []
  if (can(me, 'board.read')) out.push({ href: '/board', icon: 'board', label: 'nav.board' })
  if (can(me, 'boarding.write')) out.push({ href: '/drive', icon: 'bus', label: 'nav.drive' })
  if (can(me, 'booking.hold') && !can(me, 'board.read') && !can(me, 'boarding.write')) {
    out.push({ href: '/', icon: 'search', label: 'nav.search' }, { href: '/bookings', icon: 'ticket', label: 'nav.bookings' }, { href: '/wallet', icon: 'wallet', label: 'nav.wallet' })
    out.push({ href: '/passes', icon: 'calendar', label: 'nav.passes' })
  }
  if (can(me, 'advice.ask') && !can(me, 'queue.write')) {
    out.push({ href: '/advice', icon: 'chat', label: 'nav.advice' })
    if (!can(me, 'booking.hold')) out.push({ href: '/wallet', icon: 'wallet', label: 'nav.wallet' })
  }
  if (can(me, 'advice.give') && !can(me, 'queue.write')) out.push({ href: '/practice', icon: 'star', label: 'nav.practice' })
  if (can(me, 'queue.read') && me.tenant.advice) out.push({ href: '/queues', icon: 'people', label: 'nav.queues' })
  if (can(me, 'company.manage')) out.push({ href: '/company', icon: 'people', label: 'nav.company' })
  if (can(me, 'cash.take') || can(me, 'boarding.write')) out.push({ href: '/cash', icon: 'cash', label: 'nav.cash' })
  if (can(me, 'finance.read')) out.push({ href: '/finance', icon: 'cash', label: 'nav.finance' })
  if (can(me, 'user.read')) out.push({ href: '/admin', icon: 'settings', label: 'nav.admin' })
  return out
}
