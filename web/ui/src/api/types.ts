import type { BookingState, LineTripDoc, Money, TripStatus } from '@waymeet/sdk'

// The documents of the API as this app reads them. Names and shapes follow /v1/openapi.json.
export type { BookingState, LineTripDoc, Money, TripStatus }

export type Locale = 'fr' | 'en' | 'ar'

export type Tenant = {
  slug: string
  name: string
  time_zone: string
  currency: string
  default_locale: Locale
  /** It has queues, or nothing of a commute. */
  advice: boolean
  /** The service date and the time of day there now, by the server: phones carry old zone data. */
  today?: string
  now?: string
  map?: { lat: number; lon: number; zoom: number; tile_url?: string }
}

export type Me = { id: string; name: string; email: string; locale: Locale; permissions: string[]; roles: string[]; tenant: Tenant }
export type SignedIn = { access_token: string; expires_in: number; user: Me }

export type Stop = { id: string; name: string; lat: number; lon: number }
export type LinePattern = { id: string; headsign: string }
export type Line = { id: string; name: string; short_name?: string; color?: string; agency?: string; patterns?: LinePattern[] }
export type PatternStop = { index: number; stop: string; name: string; lat: number; lon: number; arrive_s: number; depart_s: number }
export type Pattern = { id: string; line: string; headsign?: string; stops: PatternStop[]; shape?: string }

export type TripEnd = { stop: string; name: string; index: number; time: string; at: string }
export type TripOffer = {
  trip: string
  line: string
  line_name: string
  color?: string
  pattern: string
  headsign?: string
  date: string
  from: TripEnd
  to: TripEnd
  free: number
  status: TripStatus
  delay_s?: number
  fare?: Money
  duration_s?: number
}

export type TripDoc = {
  line: string
  pattern: string
  date: string
  dep: string
  departs_at: string
  status: TripStatus
  capacity: number
  free: number[]
  boarded?: number
  delay_s?: number
  reason?: string
  flags?: string[]
}
export type BoardDoc = TripDoc & {
  load?: number[]
  overload?: number[]
  held?: number
  booked?: number
  vehicle?: string
  driver?: string
  incident?: string
  line_name?: string
  headsign?: string
  color?: string
}

export type BookingEnd = { stop: string; name: string; time: string; at: string }
export type BookingDoc = {
  trip: string
  date: string
  line_name: string
  from: BookingEnd
  to: BookingEnd
  party: number
  state: BookingState
  expires_at?: string
  fare?: Money
  pay?: 'cash' | 'card' | 'wallet' | 'pass' | 'programme'
  refund?: Money
  subsidy?: Money
  payment?: string
  cancel_until?: string
  boarded_at?: string
  created_at?: string
  short?: string
}
export type Booking = BookingDoc & { id: string; v: number }
export type Ticket = { token: string; kid: string; expires_at: string }

export type ManifestItem = {
  booking: string
  name?: string
  party: number
  from: number
  to: number
  state: BookingState
  short?: string
  boarded_at?: string
}
export type ManifestStop = { index: number; stop: string; name: string; time: string; at: string }
export type Manifest = { trip: string; stops: ManifestStop[]; items: ManifestItem[] }

export type Boarding = { booking: string; name?: string; party: number; from: string; to: string; boarded_at: string; already: boolean }
export type TicketKey = { kid: string; public_key: string }

export type User = { id: string; name: string; email: string; roles: string[]; disabled: boolean; locale?: Locale; connections?: number }
export type FeedImport = {
  id: string
  source?: string
  state?: string
  started_at?: string
  finished_at?: string
  errors?: number
  warnings?: number
  counts?: Record<string, number>
}
export type Page<T> = { items: T[]; next?: string }
