import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { isProblem } from '../../api/problem'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { useFormats, useHttp, useMe } from '../../app/context'
import { digitsOf, minorOf } from '../../app/minor'
import { Button } from '../../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton, type Tone } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Icon } from '../../design/icons'
import { Sheet } from '../../design/Sheet'
import { CardPick, firstChoice } from '../../pay/CardPick'
import { cardName, useCards } from '../../pay/cards'
import type { Payment, PaymentStep, With } from '../../pay/payment'
import { Paying } from '../../pay/Paying'
import { NextSeller } from '../../pay/Seller'
import { disputeWord, lineWord, useWallet, type WalletLine } from './wallet'

export default function WalletPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const [open, setOpen] = useState(false)
  const [expect, setExpect] = useState<Payment | null>(null) // a payment whose payer has done their part and that is not here yet
  const [left, setLeft] = useState<Payment | null>(null) // a payment that was begun and left, to go on with
  const wallet = useWallet(expect !== null)
  const arrived = useCallback(() => setExpect(null), [])
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-6">
      <h1 className="text-2xl font-bold tracking-tight">{t('wallet.title')}</h1>
      {wallet.isError && <ErrorNote error={wallet.error} onRetry={() => void wallet.refetch()} />}
      <section aria-label={t('wallet.balance')} className="flex flex-wrap items-end justify-between gap-4 rounded-card bg-brand p-6 text-on-brand shadow-card">
        <div>
          <p className="font-medium">{t('wallet.balance')}</p>
          {wallet.available ? <p className="figures text-4xl font-bold" data-testid="balance" aria-live="polite">{f.money(wallet.available)}</p> : <Skeleton className="h-10 w-40" />}
          {wallet.owed !== undefined && wallet.owed.amount > 0 && <p className="mt-1 text-sm" data-testid="owed">{t('wallet.owed', { amount: f.money(wallet.owed) })}</p>}
        </div>
        <Button size="lg" icon="plus" onClick={() => setOpen(true)}>
          {t('wallet.topUp')}
        </Button>
      </section>
      <MyCards />
      {expect !== null && (
        <Paying
          key={expect.id}
          payment={expect.id}
          done
          said={t(saidOf(expect))}
          onPaid={arrived}
          onAgain={() => {
            setExpect(null)
            if (expect.subject.startsWith('wallet/')) setOpen(true)
          }}
        />
      )}
      <section aria-labelledby="lines">
        <h2 id="lines" className="mb-3 text-lg font-bold">{t('wallet.lines')}</h2>
        {wallet.isPending && <Loading><Skeleton className="h-40 rounded-card" /></Loading>}
        {wallet.data?.lines.length === 0 && <Empty icon="wallet" title={t('wallet.none')}>{t('wallet.noneHint')}</Empty>}
        {wallet.data && wallet.data.lines.length > 0 && (
          <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {wallet.data.lines.map((l, i) => <Line key={`${l.at}${i}`} line={l} />)}
          </ul>
        )}
      </section>
      <Receipts onGoOn={setLeft} />
      {open && (
        <TopUpSheet
          onClose={() => setOpen(false)}
          onPaid={(payment) => {
            setOpen(false)
            setExpect(payment)
          }}
        />
      )}
      {left !== null && (
        <GoOnSheet
          payment={left}
          onClose={() => setLeft(null)}
          onPaid={() => {
            setLeft(null)
            setExpect(left)
          }}
        />
      )}
    </div>
  )
}

/** The way to the cards, with how many there are. */
function MyCards() {
  const { t } = useTranslation()
  const cards = useCards()
  if (!cards.data?.keeps) return null
  const first = cards.data.items[0]
  return (
    <Link href="/wallet/cards" className="flex min-h-14 items-center gap-3 rounded-card border border-edge bg-surface px-4 py-3 hover:bg-sunken">
      <Icon name="card" className="text-muted" />
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{t('cards.title')}</span>
        <span className="block truncate text-sm text-muted">{first ? <bdi className="figures">{cardName(first)}</bdi> : t('cards.none')}</span>
      </span>
      <Icon name="next" size={18} className="text-muted" />
    </Link>
  )
}

function Line({ line: l }: { line: WalletLine }) {
  const { t } = useTranslation()
  const f = useFormats()
  const into = l.amount.amount > 0
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <span className={`grid size-9 shrink-0 place-items-center rounded-full ${into ? 'bg-good-soft text-good' : 'bg-sunken text-muted'}`}>
        <Icon name={into ? 'plus' : 'ticket'} size={18} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{t(`wallet.line.${lineWord(l.kind)}`)}</span>
        <span className="block text-sm text-muted">{f.moment(l.at)}</span>
      </span>
      <span className={`figures font-semibold ${into ? 'text-good' : ''}`}>
        <bdi>{into ? '+' : '−'}{f.money({ ...l.amount, amount: Math.abs(l.amount.amount) })}</bdi>
      </span>
    </li>
  )
}

/** What is left to do for a payment that was begun and left. */
function GoOnSheet({ payment: p, onClose, onPaid }: { payment: Payment; onClose: () => void; onPaid: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <Sheet bank open onOpenChange={(o) => !o && onClose()} title={t('wallet.goOn')} description={f.money(p.amount)}>
      <Paying payment={p.id} said={t(saidOf(p))} onDone={onPaid} onPaid={onPaid} onAgain={onClose} />
    </Sheet>
  )
}

const saidOf = (p: Payment) => (p.subject.startsWith('pass/') ? 'passes.paying' : 'wallet.expecting')

/** A payment that was begun: it is finished or called off, and only then does another one begin. */
function Begun({ payment: p, onGoOn }: { payment: Payment; onGoOn: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const off = useAction(useCallback((id: string, key: string) => http.post<Payment>(`/v1/me/payments/${id}/cancel`, { key }), [http]))
  const callOff = async () => {
    if (!(await off.act(p.id))) return
    void cache.invalidateQueries({ queryKey: ['payments'] })
    void cache.invalidateQueries({ queryKey: ['wallet'] })
  }
  return (
    <span className="flex w-full flex-wrap gap-2">
      {off.error !== null && <ErrorNote error={off.error} className="w-full" />}
      <Button size="sm" kind="primary" onClick={onGoOn}>{t('wallet.goOn')}</Button>
      <Button size="sm" busy={off.busy} onClick={() => void callOff()}>{t('wallet.callOff')}</Button>
    </span>
  )
}

function TopUpSheet({ onClose, onPaid }: { onClose: () => void; onPaid: (payment: Payment) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const currency = me.tenant.currency
  const digits = digitsOf(currency)
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState(false)
  const ask = useAction(useCallback((v: { amount: number } & With, key: string) => http.post<PaymentStep>('/v1/me/wallet/top-ups', { body: { ...v, amount: { amount: v.amount, currency } }, key }), [http, currency]), 'top-up')
  const cards = useCards()
  const [card, setCard] = useState<With | null>(null)
  const chosen = card ?? firstChoice(cards.data)
  const [step, setStep] = useState<PaymentStep | null>(null)
  const minor = minorOf(typed, currency)
  const [asked, setAsked] = useState<({ amount: number } & With) | null>(null)
  const unsure = isProblem(ask.error) && ask.error.unsure
  const locked = asked !== null && (unsure || ask.busy) // another amount or card would be another payment
  const submit = async () => {
    if (!minor) return setWrong(true)
    const wish = locked ? asked : { amount: minor, ...chosen }
    setAsked(wish)
    const r = await ask.act(wish)
    if (!r) return
    if (r.status === 'paid') onPaid(r) // a saved card that nobody asked about
    else setStep(r)
  }
  return (
    <Sheet bank open onOpenChange={(o) => !o && onClose()} title={t('wallet.topUp')} description={step ? f.money(step.amount) : t('wallet.topUpHint')}>
      {step ? (
        <Paying payment={step.id} first={step} said={t('wallet.expecting')} onDone={() => onPaid(step)} onPaid={() => onPaid(step)} onAgain={() => setStep(null)} />
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault()
            void submit()
          }}
        >
          <fieldset disabled={locked} className="flex min-w-0 flex-col gap-4 disabled:opacity-60">
            <div className="grid grid-cols-3 gap-2">
              {[50, 100, 200].map((n) => (
                <Button key={n} type="button" onClick={() => setTyped(String(n))}>
                  {f.money({ amount: n * 10 ** digits, currency })}
                </Button>
              ))}
            </div>
            <Field
              label={t('wallet.amount', { currency })}
              inputMode="decimal"
              autoComplete="off"
              value={typed}
              error={wrong ? t('wallet.amountWrong') : undefined}
              onChange={(e) => {
                setTyped(e.target.value)
                setWrong(false)
              }}
            />
            <CardPick value={card} onChange={setCard} />
            <NextSeller />
          </fieldset>
          {ask.error !== null && <ErrorNote error={ask.error} />}
          <Button kind="primary" size="lg" type="submit" icon="card" busy={ask.busy}>
            {unsure ? t('action.retry') : chosen.method && minor ? t('pay.submit', { amount: f.money({ amount: minor, currency }) }) : t(chosen.method ? 'wallet.topUp' : 'wallet.next')}
          </Button>
        </form>
      )}
    </Sheet>
  )
}

const tones: Record<Payment['status'], Tone> = { open: 'held', authorised: 'held', paid: 'good', cancelled: 'neutral' }

/** What was paid by card, with what came back. */
function Receipts({ onGoOn }: { onGoOn: (payment: Payment) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const q = useInfiniteQuery({
    queryKey: ['payments'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Payment>>('/v1/me/payments', { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    getNextPageParam: (p) => p.next,
    refetchInterval: 4_000, // a refund is on its way for a moment
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  if (q.isError) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (items.length === 0) return null
  return (
    <section aria-labelledby="receipts">
      <h2 id="receipts" className="mb-3 text-lg font-bold">{t('wallet.receipts')}</h2>
      <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {items.map((p) => (
          <li key={p.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
            <span className="min-w-0 flex-1">
              <span className="block font-semibold">{t(p.subject.startsWith('wallet/') ? 'wallet.for.wallet' : p.subject.startsWith('booking/') ? 'wallet.for.booking' : p.subject.startsWith('pass/') ? 'wallet.for.pass' : 'wallet.for.other')}</span>
              <span className="block text-sm text-muted">{f.moment(p.created_at)}</span>
              {p.merchant && <bdi className="block text-sm break-words text-muted">{p.merchant}</bdi>}
              {p.refunded.amount + p.refunding.amount > 0 && (
                <span className="block text-sm text-muted">
                  {t(p.refunding.amount > 0 ? 'wallet.refunding' : 'wallet.refunded', { amount: f.money({ ...p.amount, amount: p.refunded.amount + p.refunding.amount }) })}
                </span>
              )}
              {p.dispute && <span className="block text-sm font-medium" data-dispute={p.dispute.state}>{t(disputeWord(p), { amount: f.money(p.dispute.amount) })}</span>}
            </span>
            <Chip tone={tones[p.status]}>{t(`wallet.status.${p.status}`)}</Chip>
            <span className="figures font-semibold">{f.money(p.status === 'paid' ? p.captured : p.amount)}</span>
            {p.status === 'open' && !p.subject.startsWith('booking/') && <Begun payment={p} onGoOn={() => onGoOn(p)} />}
          </li>
        ))}
      </ul>
      {q.hasNextPage && (
        <Button className="mt-3 w-full" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('wallet.more')}
        </Button>
      )}
    </section>
  )
}
