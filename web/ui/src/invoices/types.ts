import type { Money } from '../api/types'

export type Line = { n: string; source?: string; mirrors?: string; date: string; text: string; person?: string; cost_centre?: string; amount: number; tax_code: string }
export type Missing = 'name' | 'address' | 'tax_number' | 'country'
export type Invoice = {
  prices: 'gross' | 'net' // whether lines hold the tax
  id?: string
  kind: 'invoice' | 'credit_note'
  number?: string
  organisation: string
  organisation_name: string
  corrects?: string
  reason?: string // of a credit note
  month: string
  issued: string
  due: string
  state: 'draft' | 'finalised' | 'partly_paid' | 'overdue' | 'paid' | 'credited'
  po?: string
  net: Money
  tax: Money
  gross: Money
  open: Money
  from_credit?: number // what it got of its organisation's credit; below nothing: what it gave
  line_count: number
  part: number
  more?: boolean
  taxes: { code: string; rate: number; net: number; tax: number }[]
  lines?: Line[]
  missing?: Missing[] // of a preview: what nobody said of who bills
  credit_notes?: Invoice[]
  receipts?: { amount: Money; booked: string; payer: string; text: string; how: 'automatic' | 'manual' }[]
}
export type Saved = { name: string; type: string; data: string }

/** Hands a file that came as base64 to the browser. */
export function save(file: Saved) {
  const bytes = Uint8Array.from(atob(file.data), (c) => c.charCodeAt(0))
  keep(file.name, new Blob([bytes], { type: file.type }))
}

/** Hands a file to the browser. */
export function keep(name: string, file: Blob) {
  const url = URL.createObjectURL(file)
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  URL.revokeObjectURL(url)
}
