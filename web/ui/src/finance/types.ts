// The documents of the finance API as these screens read them. Names and shapes follow /v1/openapi.json.
export type PaymentStatus = 'open' | 'authorised' | 'paid' | 'cancelled'
export type Payment = {
  id: string
  v: number
  payer: string
  payer_name: string
  subject: string
  gateway: string
  ref?: string
  status: PaymentStatus
  currency: string
  amount: number
  captured: number
  refunding: number
  returned: number
  refunded: number
  disputed: number
  lost: number
  won: number
  decline?: string
  declined?: string
  outcome?: string
  closes_at: string
  created_at: string
  updated_at: string
}
export type Asked = { op: string; n: number; amount: number; why?: string; state: 'waiting' | 'done' | 'refused'; tries: number; problem?: string; said?: string; ref?: string; asked_at: string; settled_at?: string }
export type Movement = { ref: string; what: string; amount: number; fee: number; currency: string; at: string }
export type Journal = { id: string; kind: string; reason?: string; at: string; lines: { account: string; currency: string; debit: number; credit: number }[] }
export type Act = { at: string; by?: string; action: string }
export type Story = Payment & { left: number; operations: Asked[]; events: GatewayEvent[]; movements: Movement[]; journals: Journal[]; acts: Act[]; findings: Finding[] }

export type CaseRefund = {
  case: string
  subject: string
  rider_name?: string
  amount: { amount: number; currency: string }
  state: 'requested' | 'done' | 'refused'
  answer?: string
  decided_by_name?: string
  decided_at: string
  payment?: string
  problem?: string
  said?: string
  settled_at?: string
}

export type Book = { code: string; kind: string; label?: string; owner?: string; class: string; currency: string; amount: number; available: number }
export type StatementLine = { at: string; effective_at: string; journal: string; kind: string; subject?: string; reason?: string; debit: number; credit: number; balance: number }
export type Statement = { owner?: string; code: string; currency: string; class: string; opening: number; items: StatementLine[]; next?: string }

export type EventState = 'waiting' | 'done' | 'ignored' | 'dead'
export type GatewayEvent = {
  id: string
  ref: string
  kind: string
  object: string
  object_id: string
  state: EventState
  tries: number
  replays: number
  problem?: string
  said?: string
  happened_at: string
  received_at: string
  settled_at?: string
}

export type FindingState = 'open' | 'explained' | 'resolved'
export type Finding = {
  id: string
  kind: string
  subject: string
  severity: 'notice' | 'warning' | 'serious'
  detail: Record<string, unknown>
  state: FindingState
  times: number
  first_seen: string
  last_seen: string
  decided_at?: string
  decided_by?: string
  reason?: string
}
