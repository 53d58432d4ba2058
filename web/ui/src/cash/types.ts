import type { Money } from '../api/types'

export type CashRider = { id: string; name: string; hint: string }
export type Taking = { id: string; rider: string; name?: string; amount: Money; at: string; undone_at?: string }
export type MyShift = { id?: string; opened_at?: string; held: Money; taken: Money; number: number; takings: Taking[]; most: Money; most_held: Money; undo_s: number; places: string[] }
export type Shift = {
  id: string
  holder: string
  holder_name: string
  state: 'open' | 'closed' | 'confirmed'
  opened_at: string
  closed_at?: string
  held?: Money
  expected?: Money
  counted?: Money
  difference?: Money
  place?: string
  note?: string
  confirmed_at?: string
  confirmed_by?: string
  received?: Money
}
