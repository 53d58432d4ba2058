import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats, useMe } from '../app/context'
import { majorOf, minorOf } from '../app/minor'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'
import { Icon, type IconName } from '../design/icons'
import { Segments } from '../design/Segments'
import { CardPick, firstChoice } from '../pay/CardPick'
import { useCards } from '../pay/cards'
import { NextSeller } from '../pay/Seller'
import { useWallet } from '../rider/wallet/wallet'
import type { Draft } from './draft'
import type { Placing } from './usePlace'

const spans = [5, 10, 20, 30] as const
// What a minute is commonly worth, in whole units of money.
const usual: Record<string, readonly number[]> = { KES: [50, 100, 200], NGN: [300, 600, 1200], EGP: [20, 40, 80] }

type Props = { draft: Draft; place: Placing; direct: boolean; onBook: () => void; onChange: (some: Partial<Draft>) => void; onNext: () => void }

/** The most that a minute may cost, for how long money is set aside, and where it comes from. */
export function PriceStep({ draft, place, direct, onBook, onChange, onNext }: Props) {
  const { t } = useTranslation()
  const f = useFormats()
  const { currency } = useMe().tenant
  const wallet = useWallet()
  const [tried, setTried] = useState(false)
  const minute = minorOf(draft.ceiling, currency)
  const good = minute !== undefined && minute > 0
  const aside = good ? { amount: minute * draft.minutes, currency } : undefined
  const cards = useCards()
  const short = draft.pay === 'wallet' && aside !== undefined && wallet.available !== undefined && wallet.available.amount < aside.amount
  const low = place.code === 'ceiling_too_low'
  return (
    <form
      className="flex flex-col gap-6"
      noValidate
      onSubmit={(e) => {
        e.preventDefault()
        setTried(true)
        if (!good || short) return
        place.clear()
        if (draft.pay === 'card' && draft.card === undefined) onChange({ card: firstChoice(cards.data) })
        onNext()
      }}
    >
      <div className="flex flex-col gap-3">
        <Field
          label={t('ask.ceiling', { currency })}
          hint={t('ask.ceilingHint')}
          inputMode="decimal"
          dir="ltr"
          value={draft.ceiling}
          error={tried && !good ? t('ask.ceilingWrong') : low ? t('ask.ceilingLow') : undefined}
          onChange={(e) => {
            place.clear()
            onChange({ ceiling: e.target.value })
          }}
        />
        <div className="flex flex-wrap gap-2">
          {(usual[currency] ?? [5, 10, 20]).map((n) => {
            const text = majorOf(n * 10 ** (majorOf(0, currency).split('.')[1]?.length ?? 0), currency)
            return (
              <Button
                key={n}
                size="sm"
                className="min-h-10"
                onClick={() => {
                  place.clear()
                  onChange({ ceiling: text })
                }}
              >
                {f.money({ amount: minorOf(text, currency) ?? 0, currency })}
              </Button>
            )
          })}
        </div>
      </div>
      <Segments legend={t('ask.minutes')} value={String(draft.minutes)} options={spans.map((n) => ({ value: String(n), label: t('ask.minutesOf', { n: f.n(n) }) }))} onChange={(n) => onChange({ minutes: Number(n) })} />
      <div className="rounded-control bg-sunken p-4">
        <div className="flex items-baseline justify-between gap-3">
          <span className="font-semibold">{t('ask.aside')}</span>
          <span className="figures text-2xl font-bold" data-testid="aside">
            {aside ? <bdi>{f.money(aside)}</bdi> : '–'}
          </span>
        </div>
        <p className="mt-1 text-sm text-muted">{t('ask.asideHint')}</p>
      </div>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-semibold">{t('pay.how')}</legend>
        <Way icon="wallet" on={draft.pay === 'wallet'} label={t('ask.wallet')} note={wallet.available ? t(short ? 'ask.walletShort' : 'pay.walletHas', { amount: f.money(wallet.available) }) : ''} onChoose={() => onChange({ pay: 'wallet' })} />
        <Way icon="card" on={draft.pay === 'card'} label={t('pay.card')} note={t('ask.cardNote')} onChoose={() => onChange({ pay: 'card' })} />
        {draft.pay === 'wallet' && (short || wallet.available?.amount === 0) && (
          <Link href="/wallet" className="inline-flex min-h-11 items-center self-start font-semibold text-brand underline">
            {t('ask.topUp')}
          </Link>
        )}
      </fieldset>
      {draft.pay === 'card' && (
        <div className="flex flex-col gap-3">
          <CardPick value={draft.card ?? null} onChange={(card) => onChange({ card })} />
          <NextSeller />
        </div>
      )}
      {wallet.isError && draft.pay === 'wallet' && <ErrorNote error={wallet.error} onRetry={() => void wallet.refetch()} />}
      {place.error !== null && !low && <ErrorNote error={place.error} />}
      <Button kind="primary" size="lg" type="submit" busy={place.busy} disabled={short}>
        {direct && aside ? t('ask.submit', { amount: f.money(aside) }) : t('ask.next')}
      </Button>
      <Button size="lg" icon="calendar" disabled={!good || place.busy} onClick={onBook}>
        {t('book.instead')}
      </Button>
    </form>
  )
}

function Way({ icon, on, label, note, onChoose }: { icon: IconName; on: boolean; label: string; note: string; onChoose: () => void }) {
  return (
    <label className={cx('relative flex min-h-14 cursor-pointer items-center gap-3 rounded-control border px-3.5 py-2.5 has-focus-visible:outline-3 has-focus-visible:outline-focus', on ? 'border-brand bg-brand-soft' : 'border-control bg-raised')}>
      <input type="radio" name="way" checked={on} onChange={onChoose} className="absolute inset-0 cursor-pointer opacity-0" />
      <Icon name={icon} className={on ? 'text-brand' : 'text-muted'} />
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{label}</span>
        {note && <span className="block text-sm text-muted">{note}</span>}
      </span>
      <span aria-hidden="true" className={cx('size-5 rounded-full border-2', on ? 'border-[6px] border-brand' : 'border-control')} />
    </label>
  )
}
