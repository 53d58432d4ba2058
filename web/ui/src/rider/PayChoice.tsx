import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import type { Booking, Money, Page } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Icon, type IconName } from '../design/icons'
import { CardPick, firstChoice } from '../pay/CardPick'
import { useCards } from '../pay/cards'
import type { PaymentStep, With } from '../pay/payment'
import { Paying } from '../pay/Paying'
import { NextSeller } from '../pay/Seller'
import { Waiting } from '../pay/PayStep'
import type { Pass } from './passes/types'
import { useWallet } from './wallet/wallet'

type Way = 'card' | 'wallet' | 'pass' | 'cash'

const icons: Record<Way, IconName> = { card: 'card', wallet: 'wallet', pass: 'calendar', cash: 'cash' }

/** How the rider's share is paid: by card in the acquirer's form, from the wallet at once, or in cash to the driver. */
export function PayChoice({ booking: b, over }: { booking: Booking; over: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const wallet = useWallet()
  const passes = useQuery({ queryKey: ['passes', 'active'], queryFn: ({ signal }) => http.get<Page<Pass>>('/v1/passes', { query: { limit: 20 }, signal }) })
  const pass = passes.data?.items.find((p) => p.state === 'active')
  const [way, setWay] = useState<Way>(b.pay === 'card' ? 'card' : 'cash')
  const [paid, setPaid] = useState(false)
  const started = b.pay === 'card' && b.payment !== undefined
  const took = (r: Booking | undefined) => {
    if (r) cache.setQueryData(['booking', b.id], r)
    void cache.invalidateQueries({ queryKey: ['bookings'] })
    void cache.invalidateQueries({ queryKey: ['wallet'] })
  }
  const confirm = useAction(useCallback((pay: Way | 'programme', key: string) => http.post<Booking>(`/v1/bookings/${b.id}/confirm`, { body: { pay }, key }), [http, b.id]), `confirm ${b.id}`)
  const pay = useAction(useCallback((v: With, key: string) => http.post<{ booking: Booking; payment: PaymentStep }>(`/v1/bookings/${b.id}/pay`, { body: v, key }), [http, b.id]), `pay ${b.id}`)
  const cards = useCards()
  const [card, setCard] = useState<With | null>(null)
  const start = async () => {
    const r = await pay.act(card ?? firstChoice(cards.data))
    if (!r) return
    if (r.payment.status === 'paid') setPaid(true) // a saved card that nobody asked about
    cache.setQueryData(['payment', r.payment.id], r.payment)
    took(r.booking)
  }
  const share: Money | undefined = b.fare && { amount: b.fare.amount - (b.subsidy?.amount ?? 0), currency: b.fare.currency }
  const seen = useCallback(() => void cache.invalidateQueries({ queryKey: ['booking', b.id] }), [cache, b.id]) // should the socket be away
  const paying = (done: boolean) =>
    b.payment && <Paying key={b.payment} payment={b.payment} path={`/v1/bookings/${b.id}/payment`} done={done} said={t('pay.confirming')} onDone={() => setPaid(true)} onPaid={seen} />
  if (paid) return paying(true) ?? <Waiting>{t('pay.confirming')}</Waiting>
  if (share?.amount === 0) {
    return (
      <>
        {confirm.error !== null && <ErrorNote className="w-full" error={confirm.error} />}
        <Button kind="primary" size="lg" icon="check" className="w-full" busy={confirm.busy} disabled={over} onClick={() => void confirm.act(b.subsidy ? 'programme' : 'cash').then(took)}>
          {t('pay.covered')}
        </Button>
      </>
    )
  }
  const short = share !== undefined && wallet.available !== undefined && wallet.available.amount < share.amount
  const notSetUp = isProblem(pay.error) && pay.error.code === 'payment_not_set_up'
  return (
    <div className="flex w-full flex-col gap-4">
      {b.subsidy && share && (
        <p className="rounded-control bg-good-soft p-3 text-center font-medium text-good">{t('pay.shared', { employer: f.money(b.subsidy), rider: f.money(share) })}</p>
      )}
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-semibold">{t('pay.how')}</legend>
        <WayChoice way="card" icon="card" chosen={way} onChoose={setWay} label={t('pay.card')} note={t('pay.cardNote')} disabled={notSetUp} />
        <WayChoice way="wallet" icon="wallet" chosen={way} onChoose={setWay} label={t('pay.wallet')} note={wallet.available ? t(short ? 'pay.walletShort' : 'pay.walletHas', { amount: f.money(wallet.available) }) : ''} disabled={short} />
        {pass && <WayChoice way="pass" icon="calendar" chosen={way} onChoose={setWay} label={t('pay.pass')} note={pass.name} />}
        <WayChoice way="cash" icon="cash" chosen={way} onChoose={setWay} label={t('pay.cash')} note={t('pay.cashNote')} />
      </fieldset>
      {way === 'card' && !started && <CardPick value={card} onChange={setCard} />}
      {way === 'card' && !started && <NextSeller />}
      {(confirm.error ?? pay.error) !== null && <ErrorNote error={confirm.error ?? pay.error} />}
      {way === 'card' && started ? (
        paying(false)
      ) : (
        <Button
          kind="primary"
          size="lg"
          icon={icons[way]}
          className="w-full"
          busy={confirm.busy || pay.busy}
          disabled={over || (way === 'wallet' && short)}
          onClick={() => void (way === 'card' ? start() : confirm.act(way).then(took))}
        >
          {way === 'cash' ? t('booking.confirmCash') : way === 'pass' ? t('pay.usePass') : share ? t('pay.submit', { amount: f.money(share) }) : t('pay.card')}
        </Button>
      )}
    </div>
  )
}

function WayChoice({ way, icon, chosen, label, note, disabled = false, onChoose }: { way: Way; icon: IconName; chosen: Way; label: string; note: string; disabled?: boolean; onChoose: (w: Way) => void }) {
  const on = chosen === way
  return (
    <label
      className={cx(
        'relative flex min-h-14 items-center gap-3 rounded-control border px-3.5 py-2.5 has-focus-visible:outline-3 has-focus-visible:outline-focus',
        on ? 'border-brand bg-brand-soft' : 'border-control bg-raised',
        disabled ? 'opacity-60' : 'cursor-pointer',
      )}
    >
      <input type="radio" name="way" value={way} checked={on} disabled={disabled} onChange={() => onChoose(way)} className="absolute inset-0 cursor-pointer opacity-0" />
      <Icon name={icon} className={on ? 'text-brand' : 'text-muted'} />
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{label}</span>
        {note && <span className="block text-sm text-muted">{note}</span>}
      </span>
      <span aria-hidden="true" className={cx('size-5 rounded-full border-2', on ? 'border-[6px] border-brand' : 'border-control')} />
    </label>
  )
}
