import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { isProblem } from '../../api/problem'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Segments } from '../../design/Segments'
import { Sheet } from '../../design/Sheet'
import { CardPick, firstChoice } from '../../pay/CardPick'
import { useCards } from '../../pay/cards'
import type { With } from '../../pay/payment'
import { Paying } from '../../pay/Paying'
import { NextSeller } from '../../pay/Seller'
import { useWallet } from '../wallet/wallet'
import { Terms } from './Terms'
import type { PassBought, PassProduct } from './types'

type Way = 'wallet' | 'card'
type Wish = { product: string; pay: Way } & With

/** Paid from the wallet, a pass is good at once; by card, when the acquirer has the money. */
export function BuySheet({ product: p, onClose }: { product: PassProduct; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const wallet = useWallet()
  const cards = useCards()
  const short = wallet.available !== undefined && wallet.available.amount < p.price.amount
  const [chosen, setWay] = useState<Way | null>(null)
  const [card, setCard] = useState<With | null>(null)
  const [bought, setBought] = useState<PassBought | null>(null)
  const buy = useAction(useCallback((v: Wish, key: string) => http.post<PassBought>('/v1/passes', { body: v, key }), [http]), 'pass')
  const over = useCallback(
    (pass: string) => {
      void cache.invalidateQueries({ queryKey: ['passes'] })
      void cache.invalidateQueries({ queryKey: ['wallet'] })
      go(`/passes/${pass}`)
      onClose()
    },
    [cache, go, onClose],
  )
  const paid = useCallback(() => bought && over(bought.pass), [bought, over])
  const [asked, setAsked] = useState<Wish | null>(null)
  const unsure = isProblem(buy.error) && buy.error.unsure
  const locked = asked !== null && (unsure || buy.busy) // perhaps it is bought: another way or card would be another pass
  const way = locked ? asked.pay : (chosen ?? (short ? 'card' : 'wallet'))
  const submit = async () => {
    const wish = locked ? asked : { product: p.id, pay: way, ...(way === 'card' ? (card ?? firstChoice(cards.data)) : {}) }
    setAsked(wish)
    const done = await buy.act(wish)
    if (!done) return
    if (done.payment) setBought(done)
    else over(done.pass)
  }
  return (
    <Sheet bank open onOpenChange={(o) => !o && onClose()} title={<bdi>{p.name}</bdi>} description={t('passes.goodFrom')}>
      {bought ? (
        <Paying payment={bought.payment ?? ''} said={t('passes.paying')} onPaid={paid} onAgain={() => setBought(null)} />
      ) : (
        <div className="flex flex-col gap-4">
          <Terms of={p} />
          {p.refund_days > 0 && <p className="text-sm text-muted">{t('passes.refundIn', { n: f.n(p.refund_days) })}</p>}
          <fieldset disabled={locked} className="flex min-w-0 flex-col gap-4 disabled:opacity-60">
            <Segments<Way>
              legend={t('pay.how')}
              value={way}
              onChange={setWay}
              options={[
                { value: 'wallet', label: t('pay.wallet') },
                { value: 'card', label: t('pay.card') },
              ]}
            />
            {way === 'wallet' && wallet.available && !locked && <p className={short ? 'text-bad' : 'text-muted'}>{t(short ? 'pay.walletShort' : 'pay.walletHas', { amount: f.money(wallet.available) })}</p>}
            {way === 'card' && <CardPick value={card} onChange={setCard} />}
            {way === 'card' && <NextSeller />}
          </fieldset>
          {buy.error !== null && <ErrorNote error={buy.error} />}
          <Button kind="primary" size="lg" busy={buy.busy} disabled={!locked && way === 'wallet' && short} onClick={() => void submit()}>
            {unsure ? t('action.retry') : t('passes.pay', { amount: f.money(p.price) })}
          </Button>
        </div>
      )}
    </Sheet>
  )
}
