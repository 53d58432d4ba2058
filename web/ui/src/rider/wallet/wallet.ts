import { useQuery, useQueryClient } from '@tanstack/react-query'
import { walletIn, type MeKinds, type Snapshot } from '@waymeet/sdk'
import { useEffect } from 'react'
import type { Money } from '../../api/types'
import type { Payment } from '../../pay/payment'
import { useHttp, useMe } from '../../app/context'
import { useChannel } from '../../app/live'

export type WalletLine = { at: string; kind: string; subject?: string; amount: Money; after: Money }
export type Wallet = { balance: Money; available: Money; lines: WalletLine[] }

/** The person's own money, as `me` tells it; what moved it is asked for whenever that changes, and every few seconds while nobody tells. */
export function useWallet(waiting = false) {
  const http = useHttp()
  const cache = useQueryClient()
  const { currency } = useMe().tenant
  const me = useChannel('me') as unknown as Snapshot<MeKinds>
  const version = me.entities.get(`wallet/${currency}`)?.v
  useEffect(() => {
    if (version === undefined) return
    void cache.invalidateQueries({ queryKey: ['wallet'] })
    void cache.invalidateQueries({ queryKey: ['payments'] })
  }, [version, cache])
  const q = useQuery({
    queryKey: ['wallet'],
    queryFn: ({ signal }) => http.get<Wallet>('/v1/me/wallet', { signal }),
    refetchInterval: me.stale ? (waiting ? 2_000 : 15_000) : false,
  })
  const live = me.stale ? undefined : walletIn(me, currency)
  return { ...q, available: live?.available ?? q.data?.available, owed: walletIn(me, currency)?.owed }
}

/** What moved a wallet, in the few words that its owner needs. */
export function lineWord(kind: string): 'topUp' | 'seat' | 'pass' | 'advice' | 'back' | 'here' | 'refund' | 'cash' | 'disputed' | 'restored' | 'debt' | 'goodwill' | 'corrected' | 'opening' | 'other' {
  if (kind.startsWith('correction')) return 'corrected'
  switch (kind) {
    case 'payment_captured':
      return 'topUp'
    case 'cash_taken':
    case 'cash_undone':
      return 'cash'
    case 'seat_paid':
      return 'seat'
    case 'pass_bought':
      return 'pass'
    case 'session_paid':
      return 'advice'
    case 'goodwill':
      return 'goodwill'
    case 'opening_balance':
      return 'opening'
    case 'seat_given_up':
    case 'seat_missed':
    case 'pass_refunded':
    case 'pass_returned':
    case 'refund_refused':
    case 'refund_to_wallet':
      return 'back'
    case 'payment_refund_returned':
    case 'refund_redirected':
      return 'here'
    case 'dispute_taken':
      return 'disputed'
    case 'dispute_restored':
      return 'restored'
    case 'recovered':
    case 'pass_lost':
      return 'debt'
    case 'refund_asked':
      return 'refund'
    default:
      return 'other'
  }
}

/** What a dispute of a payment means for its payer: of a top-up or a pass, what they had already is owed. */
export function disputeWord(p: Pick<Payment, 'subject' | 'dispute'>): 'wallet.dispute.open' | 'wallet.dispute.kept' | 'wallet.dispute.won' | 'wallet.dispute.lost' | 'wallet.dispute.owed' {
  const had = !p.subject.startsWith('booking/') && !p.subject.startsWith('session/')
  switch (p.dispute?.state) {
    case 'won':
      return 'wallet.dispute.won'
    case 'lost':
      return had ? 'wallet.dispute.owed' : 'wallet.dispute.lost'
    default:
      return p.subject.startsWith('wallet/') ? 'wallet.dispute.kept' : 'wallet.dispute.open'
  }
}
