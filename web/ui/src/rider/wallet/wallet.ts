import { useQuery } from '@tanstack/react-query'
import type { Money } from '../../api/types'
import { useHttp } from '../../app/context'

export type WalletLine = { at: string; kind: string; subject?: string; amount: Money; after: Money }
export type Wallet = { balance: Money; available: Money; lines: WalletLine[] }

/** The person's own money. While something is on its way it is asked again every few seconds. */
export function useWallet(waiting = false) {
  const http = useHttp()
  return useQuery({
    queryKey: ['wallet'],
    queryFn: ({ signal }) => http.get<Wallet>('/v1/me/wallet', { signal }),
    refetchInterval: waiting ? 2_000 : false,
  })
}

/** What moved a wallet, in the few words that its owner needs. */
export function lineWord(kind: string): 'topUp' | 'seat' | 'back' | 'refund' | 'cash' | 'other' {
  switch (kind) {
    case 'payment_captured':
      return 'topUp'
    case 'cash_taken':
    case 'cash_undone':
      return 'cash'
    case 'seat_paid':
      return 'seat'
    case 'seat_given_up':
    case 'refund_refused':
    case 'payment_refund_returned':
      return 'back'
    case 'refund_asked':
      return 'refund'
    default:
      return 'other'
  }
}
