import { useQuery } from '@tanstack/react-query'
import { useHttp } from '../app/context'
import type { NextStep } from './payment'

export type SavedCard = { id: string; brand: string; last4: string; exp_month: number; exp_year: number; preferred: boolean; added_at: string }
export type SavedCards = { items: SavedCard[]; keeps: boolean; merchant?: string }
export type CardSetup = { id: string; state: 'open' | 'done' | 'cancelled'; method?: string; next?: NextStep }

/** What the person keeps at the acquirer. */
export function useCards() {
  const http = useHttp()
  return useQuery({ queryKey: ['cards'], queryFn: ({ signal }) => http.get<SavedCards>('/v1/me/methods', { signal }) })
}

const names: Record<string, string> = { visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express', unionpay: 'UnionPay', jcb: 'JCB', discover: 'Discover', diners: 'Diners Club' }

/** A card as its owner knows it: Visa •••• 4242. */
export function cardName(c: SavedCard): string {
  return `${names[c.brand] ?? c.brand} •••• ${c.last4}`
}

export function expiry(c: SavedCard): string {
  return `${String(c.exp_month).padStart(2, '0')}/${String(c.exp_year % 100).padStart(2, '0')}`
}

/** A card is good until the end of its month. */
export function expired(c: SavedCard, now = new Date()): boolean {
  return c.exp_year * 12 + c.exp_month < now.getFullYear() * 12 + now.getMonth() + 1
}
