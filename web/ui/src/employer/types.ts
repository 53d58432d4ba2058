import type { Money } from '../api/types'

export type Unit = { id: string; name: string; above: string[]; active: boolean }
export type Organisation = {
  id: string
  name: string
  currency: string
  time_zone: string
  active: boolean
  members?: number
  today?: string
  units?: Unit[]
  managers?: Manager[]
}
export type Manager = { user: string; name: string; email: string; unit: string; unit_name: string }
export type Member = { id: string; number?: string; name: string; email?: string; unit_name: string; cost_centre?: string; joined: string; left?: string; account: boolean }
export type Terms = {
  name: string
  percent: number
  fixed?: number
  ride_cap?: number
  month_cap?: number
  month_rides?: number
  budget?: number
  lines?: string[]
  stops?: string[]
  weekdays?: number[]
  hours_from?: number
  hours_until?: number
  no_show?: 'as_booked' | 'rider_pays' | 'employer_pays'
  cost_centre?: string
  valid_from: string
  valid_until?: string
  active?: boolean
}
export type Programme = Terms & { id: string; unit: string; currency: string; time_zone: string; version: number }
export type Person = { line?: number; number?: string; name: string; email?: string; cost_centre?: string }
export type Preview = {
  id?: string
  on?: string
  rows: number
  unchanged: number
  alarming: boolean
  counts: { joiners: number; leavers: number; changes: number; conflicts: number }
  joiners: Person[]
  leavers: Person[]
  changes: { line: number; before: Person; after: Person; fields: string[] }[]
  conflicts: { code: string; line: number; other?: number; value?: string }[]
  findings: { code: string; line?: number; column?: number; field?: string; value?: string; warning?: boolean }[]
  errors: number
}
export type Applied = { joined: number; left: number; changed: number; unchanged: number; left_out: number; withdrawn: number }
export type Budget = { programme: string; name: string; granted: Money; budget?: Money; alerts: { percent: number; at: string; seen_at?: string }[] }
export type Spend = {
  month: string
  currency: string
  centres: { programme: string; cost_centre?: string; rides: number; fare: Money; subsidy: Money; reserved: Money }[]
  months: { month: string; rides: number; subsidy: Money }[]
  budgets: Budget[]
}
export type Ride = { booking: string; date: string; programme: string; member: string; number?: string; line: string; from: string; to: string; fare: Money; subsidy: Money; cost_centre?: string; state: 'reserved' | 'used' | 'no_show' }
