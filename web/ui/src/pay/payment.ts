import type { Money } from '../api/types'

// The documents of payments as this app reads them. Names and shapes follow /v1/openapi.json.

export type NextStep = {
  kind: 'form' | 'approve' | 'page' | 'words'
  script?: string
  key?: string
  client_secret?: string
  url?: string
  method?: 'GET' | 'POST'
  fields?: Record<string, string>
  instructions?: string
}

export type Payment = {
  id: string
  subject: string
  status: 'open' | 'authorised' | 'paid' | 'cancelled'
  amount: Money
  captured: Money
  refunded: Money
  refunding: Money
  dispute?: { state: 'open' | 'won' | 'lost'; amount: Money }
  merchant?: string
  decline?: string
  closes_at: string
  created_at: string
}
export type PaymentStep = Payment & { next?: NextStep }

/** The card that a payment is made with: a saved one, or one that is typed and perhaps kept. */
export type With = { method?: string; keep?: boolean }
