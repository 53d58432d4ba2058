import type { Doc } from './merge.js'
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

export type Modality = 'audio' | 'video' | 'chat'

/** A request for advice as its client sees it, on `request:ID` and, while it waits, on `me`. */
export type RequestDoc = {
  queue: string
  modality: Modality
  languages: string[]
  /** What the client wrote. */
  about?: string
  /** The most that a minute may cost. */
  ceiling: Money
  state: 'waiting' | 'matched' | 'cancelled'
  /** Somebody is asked at this moment. */
  ringing: boolean
  placed_at: string
  matched_at?: string
  ended_at?: string
  /** Who took it. */
  expert?: string
  /** The offer that was accepted; the session has its id. */
  offer?: string
  /** As the operator shows it. */
  expert_name?: string
  /** Its client is not there, and is called when their turn comes. */
  callback?: Callback
}

/** Where a client is who is called when their turn comes: `call_until` is of the latest call, and until then they may come. */
export type Callback = { since: string; calls: number; call_until?: string }

/** An expert who is rung for a request. */
export type Ring = { expert: string; reach: string; made_at: string; deadline: string }

/** A request as whoever runs its queue sees it: `queue:ID`. */
export type QueuedDoc = {
  queue: string
  client: string
  client_name: string
  modality: Modality
  languages: string[]
  about?: string
  ceiling: Money
  priority: number
  placed_at: string
  /** By offer. */
  rings: Record<string, Ring>
  /** Its client is not there, and is called when their turn comes. */
  callback?: Callback
}

/** An expert on duty, whatever they can do: `queue:ID` of every queue. `reach` is as it was last shown, within a second or two. */
export type OnDutyDoc = {
  name: string
  intent: 'available' | 'break' | 'off'
  /** Let a ring pass, and has not said since that they are there. */
  asked: boolean
  reach: 'connected' | 'suspect' | 'push' | 'gone'
  slots: number
  /** Hundredths of a star. */
  rating: number
  /** Of a minute. */
  price: Money
  /** Levels, by skill. */
  skills: Record<string, number>
}

/** A slot of an expert that is taken, of whichever queue: `queue:ID`, by offer. Rung, or in a conversation. */
export type TakenDoc = { expert: string; state: 'open' | 'accepted' }

/** A conversation that is not over as whoever runs its queue sees it: `queue:ID`. */
export type BoardTalkDoc = {
  queue: string
  client: string
  client_name?: string
  expert: string
  expert_name?: string
  state: SessionState
  modality: Modality
  /** Of a minute. */
  rate: Money
  /** Of when the document last changed: count on from `running_since` while it is there. */
  billed_s: number
  running_since?: string
  /** How many of the two have a connection. */
  here: number
  created_at: string
}

/** A time that a client has booked, on `me` until its request waits. `here` and `there` are `due_at` as the client's and the queue's clocks show it. */
export type AppointmentDoc = {
  queue: string
  kind: 'appointment' | 'callback'
  modality: Modality
  /** For which money is set aside shortly before. */
  minutes: number
  ceiling: Money
  due_at: string
  here: string
  there: string
  /** The queue's. */
  time_zone: string
  state: 'booked' | 'funded' | 'unfunded' | 'entered' | 'cancelled' | 'lapsed'
  /** Why no money was set aside: a code. */
  refused?: string
}

/** What an expert is rung for, on `me`. */
export type OfferDoc = {
  request: string
  queue: string
  modality: Modality
  languages: string[]
  /** What the client wrote. */
  about?: string
  /** Levels, by skill. */
  needs: Record<string, number>
  /** Of a minute. */
  pay: Money
  /** The conversation into which they are asked, beside another expert; not there: one of their own, under the offer's id. */
  beside?: string
  made_at: string
  deadline: string
}

export type SessionState = 'connecting' | 'live' | 'reconnecting' | 'interrupted' | 'wrap_up' | 'completed' | 'connect_failed' | 'no_show' | 'cancelled'

/** A conversation as those who take part see it: `session:ID`. */
export type SessionDoc = {
  request: string
  queue: string
  state: SessionState
  /** Why it stands so, or ended. */
  reason?: string
  modality: Modality
  provider: string
  /** Of the media: what belongs to another is dropped. */
  generation: number
  /** Those who take part never learn each other's addresses. */
  relay_only?: boolean
  /** Who gives way when both offer at once. */
  polite: string
  /** Of a minute. */
  rate: Money
  meter: SessionMeter
  /** By user. */
  participants: Record<string, Participant>
  /** Once it has ended. */
  receipt?: SessionReceipt
  /** The handover to another expert that was asked for last. */
  transfer?: SessionTransfer
  /** The second expert beside the first who was asked for last. */
  second?: SessionSecond
  created_at: string
  ended_at?: string
}

/** `session` follows, once somebody has taken it: its client joins it when the state is `here`. `reason` is why it is off. */
export type SessionTransfer = { id: string; state: string; queue: string; session?: string; reason?: string }

/** Who has the part is among the participants while the state is `taken` or `here`. `reason` is why it is `off` or `done`. */
export type SessionSecond = { id: string; state: string; queue: string; reason?: string }

/** `billed_s` is of when the document last changed: count on from `running_since` while it is there. */
export type SessionMeter = { billed_s: number; running_since?: string; funded_s: number; free_s: number; warned: boolean }

/** A second is an expert beside the first. An observer listens, a whisperer speaks to the expert alone, a supervisor with both. Of two who offer at once, whose `order` is less gives way. */
export type Participant = { role: 'client' | 'expert' | 'second' | 'observer' | 'whisperer' | 'supervisor'; here: boolean; name?: string; epoch: number; order: number }
export type SessionReceipt = { charged_s: number; cost: Money }

/** What somebody wrote in a conversation, on `session:ID`. It is never changed. */
export type MessageDoc = { session: string; n: number; by: string; body: string; at: string; file?: MessageFile }

/** What is shown of a file: its kind as it was sniffed, and its bytes. Its name is the message's body. */
export type MessageFile = { kind: string; size: number }

/** A conversation that is not over, on its client's and its expert's `me`: enough to find the way back. */
export type TalkDoc = { request: string; state: SessionState; modality: Modality; client: string; expert: string; created_at: string }

/** The signal `wait` of a request, from the node that owns its queue: without a range, too little is known; `callback`: they may ask to be called when their turn comes. */
export type Wait = { position: number; low_s?: number; high_s?: number; callback?: boolean }

/** The signal `quality` of a queue, when it changes and every few seconds: how well one of two who talk hears the other. */
export type Hearing = { session: string; role: 'client' | 'expert'; level: 'good' | 'fair' | 'poor' }

/** The signals `sdp` and `ice` of a session, with one of the last three: told to `to` alone, and only of the session's own generation. */
export type PeerSignal = {
  to: string
  generation: number
  description?: { type: 'offer' | 'answer'; sdp: string }
  /** As RTCIceCandidate's toJSON has it; an empty one says that there are no more. */
  candidate?: { candidate: string; sdpMid?: string; sdpMLineIndex?: number; usernameFragment?: string }
  bye?: true
}

/** The signal `position` of a trip: degrees, `bearing` clockwise from north, `speed` in m/s. */
export type Position = { lat: number; lon: number; bearing?: number; speed?: number; vehicle?: string }

/** Entities of each kind of channel. */
export type TripKinds = { trip: TripDoc }
export type LineKinds = { trip: LineTripDoc }
export type BoardKinds = { trip: BoardDoc }
export type BookingKinds = { booking: BookingDoc; ride: RideDoc }
export type MeKinds = { user: UserDoc; booking: BookingDoc; wallet: WalletDoc; owed: OwedDoc; request: RequestDoc; appointment: AppointmentDoc; offer: OfferDoc; session: TalkDoc }
export type RequestKinds = { request: RequestDoc }
export type QueueKinds = { request: QueuedDoc; session: BoardTalkDoc; expert: OnDutyDoc; offer: TakenDoc }
export type SessionKinds = { session: SessionDoc; message: MessageDoc }
export type FinanceKinds = { finance: FinanceListDoc }
export type FinanceList = 'payments' | 'events' | 'findings' | 'payouts'

/** Signals of each kind of channel that has some: any JSON object where nothing is said. */
export type TripSignals = { position: Position; msg: Doc }
export type RequestSignals = { wait: Wait }
export type QueueSignals = { quality: Hearing }
export type SessionSignals = { sdp: PeerSignal; ice: PeerSignal; quality: Doc; msg: Doc }

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
