import type { Snapshot } from './replica.js'

/**
 * The documents of each kind of channel, as the server builds them (internal/event). Absent means absent: there is no null.
 * Dates are `YYYY-MM-DD` service dates (after midnight still the day before's), instants RFC 3339 in UTC, `time` and `dep` what
 * is on the wall at the stop (`HH:MM`), `…_s` seconds, money minor units of its currency. A newer server may send more keys.
 */

export type TripStatus = 'scheduled' | 'boarding' | 'departed' | 'completed' | 'cancelled'

/** A trip as riders see it: `trip:ID`. */
export type TripDoc = {
  line: string
  pattern: string
  date: string
  dep: string
  departs_at: string
  status: TripStatus
  /** Seats. */
  capacity: number
  /** Seats free on each leg, a leg being from one stop of the pattern to the next. */
  free: number[]
  /** People on board. */
  boarded: number
  delay_s: number
  vehicle?: string
  /** Why it was cancelled. */
  reason?: string
}

/** A trip of a line's day, slim: `line:ID:DATE`. */
export type LineTripDoc = {
  pattern: string
  dep: string
  departs_at: string
  status: TripStatus
  /** Seats free all the way. */
  free_min: number
  delay_s: number
}

/** A trip as dispatchers see it: `board:DATE`. */
export type BoardDoc = Omit<TripDoc, 'reason'> & {
  /** Seats taken on each leg, also where there are more than seats. */
  load: number[]
  /** People beyond the seats on each leg; absent where there are none. */
  overload?: number[]
  /** Seats held and not yet confirmed. */
  held: number
  /** Seats booked. */
  booked: number
  driver?: string
  incident?: string
  /** The timetable no longer has it; it runs for its riders. */
  vanished?: boolean
}

export type BookingState = 'held' | 'confirmed' | 'boarded' | 'completed' | 'no_show' | 'cancelled' | 'expired'

/** `amount` is in the currency's minor unit. */
export type Money = { amount: number; currency: string }

/** Where a ride begins or ends. `index` counts the pattern's stops from 0. */
export type Halt = { stop: string; name: string; index: number; time: string; at: string }

/** A booking, on `booking:ID` and on `me`. */
export type BookingDoc = {
  trip: string
  date: string
  line_name: string
  from: Halt
  to: Halt
  /** Seats. */
  party: number
  state: BookingState
  /** While held: until then the seats are kept. */
  expires_at?: string
  /** How the rider's share is paid. */
  pay?: 'cash' | 'card' | 'wallet' | 'pass' | 'programme'
  fare: Money
  /** Of the fare, the employer's share. */
  subsidy?: Money
  /** The latest payment that was opened for it. */
  payment?: string
  /** What comes back, once cancelled. */
  refund?: Money
  /** Until then everything comes back. */
  cancel_until?: string
  boarded_at?: string
  /** What the rider says to the driver. */
  short: string
  created_at: string
}

/** The caller's own profile, on `me`. */
export type UserDoc = { email: string; name: string; locale?: string; status: string }

/** The caller's wallet in one currency, on `me` as `wallet/MAD`. There is none before something has moved it. */
export type WalletDoc = {
  balance: Money
  /** Of the balance: set aside, not to be spent. */
  held: Money
}

/** What the caller owes in one currency, on `me` as `owed/MAD`; the next top-up pays it. There is none before something was owed. */
export type OwedDoc = { owed: Money }

/**
 * The ride that an employer's programme pays for, on `booking:ID` for whoever may see the organisation's rides and not the booking. The
 * channel closes with `not_found` when the programme does not pay any more.
 */
export type RideDoc = {
  programme: string
  date: string
  line_name: string
  from: string
  to: string
  /** Of the employee's own seat. */
  fare: Money
  /** Of the fare, what the employer pays. */
  subsidy: Money
  /** As of the ride's date. */
  cost_centre?: string
  state: 'reserved' | 'used' | 'no_show'
}

/** One of finance's lists, on `finance` as `finance/payments`: how often it has changed. The list itself is asked for over HTTP. */
export type FinanceListDoc = { changes: number }

/** The signal `position` of a trip: degrees, `bearing` clockwise from north, `speed` in m/s. */
export type Position = { lat: number; lon: number; bearing?: number; speed?: number; vehicle?: string }

/** Entities of each kind of channel. */
export type TripKinds = { trip: TripDoc }
export type LineKinds = { trip: LineTripDoc }
export type BoardKinds = { trip: BoardDoc }
export type BookingKinds = { booking: BookingDoc; ride: RideDoc }
export type MeKinds = { user: UserDoc; booking: BookingDoc; wallet: WalletDoc; owed: OwedDoc }
export type FinanceKinds = { finance: FinanceListDoc }
export type FinanceList = 'payments' | 'events' | 'findings' | 'payouts'

/** What somebody has in one currency. */
export type Wallet = {
  balance: Money
  held: Money
  /** What can be spent: the balance less what is held. */
  available: Money
  owed: Money
}

/** The wallet in a snapshot of `me`: of nothing where nothing has moved yet; undefined while the set is not there. */
export function walletIn(me: Pick<Snapshot<MeKinds>, 'status' | 'entities'>, currency: string): Wallet | undefined {
  const w = me.entities.get(`wallet/${currency}`)?.d
  const o = me.entities.get(`owed/${currency}`)?.d
  if (!w && !o && me.status === 'loading') return undefined
  const none = { amount: 0, currency }
  const balance = w?.balance ?? none
  const held = w?.held ?? none
  return { balance, held, available: { amount: balance.amount - held.amount, currency }, owed: o?.owed ?? none }
}

/** A window of the board: trips that depart from `from` (included) to `to` (excluded), `HH:MM` on the wall; `from` > `to` goes past midnight. */
export type BoardWindow = { date: string; from?: string; to?: string; line?: string | readonly string[]; state?: TripStatus | readonly TripStatus[] }

/** The board's channel name; equal windows have equal names, so they share a subscription. */
export function boardChannel({ date, from, to, line, state }: BoardWindow): string {
  const list = (x: string | readonly string[] | undefined) => (typeof x === 'string' ? x : [...(x ?? [])].sort().join(','))
  const query = Object.entries({ from, to, line: list(line), state: list(state) })
    .flatMap(([k, v]) => (v ? [`${k}=${v}`] : []))
    .join('&')
  return `board:${date}${query && `?${query}`}`
}
