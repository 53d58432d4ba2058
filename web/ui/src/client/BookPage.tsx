import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useAction } from '../app/action'
import { useFormats, useHttp, useMe } from '../app/context'
import { minorOf } from '../app/minor'
import { Button } from '../design/Button'
import { Empty, ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import { currentLocale } from '../i18n'
import { firstChoice } from '../pay/CardPick'
import { cardName, useCards } from '../pay/cards'
import { useDraft } from './draft'
import { Moment, Times, useTimes, zoneHere } from './Times'
import type { Appointment, FreeTime } from './types'

/** What somebody was about to ask for, at a time of their choice; or, while the queue is closed, when it opens. */
export default function BookPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [, go] = useLocation()
  const { currency } = useMe().tenant
  const [draft, , forget] = useDraft({ step: 0, queue: '', needs: [], languages: [currentLocale()], modality: 'video', ceiling: '', minutes: 10, pay: 'wallet' })
  const [time, setTime] = useState<FreeTime | null>(null)
  const times = useTimes(draft.queue, 0)
  const cards = useCards()
  const minute = minorOf(draft.ceiling, currency)
  const book = useAction(useCallback((body: object, key: string) => http.post<Appointment>('/v1/appointments', { body, key }), [http]), 'book')
  if (!draft.queue || !minute) {
    return (
      <Empty icon="calendar" title={t('ask.describe')} action={<Back />} />
    )
  }
  const card = draft.pay === 'card' ? cards.data?.items.find((c) => c.id === (draft.card ?? firstChoice(cards.data)).method) : undefined
  const payable = draft.pay === 'wallet' || card !== undefined
  const submit = async (due: FreeTime | null) => {
    const { queue, needs, languages, modality, minutes } = draft
    const a = await book.act({ queue, needs, languages, modality, minutes, ceiling: minute, time_zone: zoneHere(), ...(card ? { method: card.id } : {}), ...(due ? { due_at: due.at } : {}) })
    if (!a) return void times.refetch()
    forget()
    go(`/advice/appointments/${a.id}`, { replace: true })
  }
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-5">
      <section className="flex flex-col gap-5 rounded-card border border-edge bg-surface p-5 shadow-card sm:p-6" aria-labelledby="book">
        <h1 id="book" className="text-2xl font-bold tracking-tight">
          {t('book.title')}
        </h1>
        <p className="rounded-control bg-sunken p-4 text-sm">
          {payable
            ? t('book.money', { amount: f.money({ amount: minute * draft.minutes, currency }), way: card ? t('book.card', { card: cardName(card) }) : t('book.wallet') })
            : t('book.needCard')}
        </p>
        {times.data?.opens && (
          <div className="flex flex-col gap-3 rounded-control border border-edge p-4">
            <p className="flex items-center gap-2 font-semibold">
              <Icon name="clock" /> {t('book.closed')}
            </p>
            <p className="text-sm text-muted">
              {t('book.opens', { here: f.moment(times.data.opens.here) })}
              {times.data.opens.here.slice(0, 16) !== times.data.opens.there.slice(0, 16) && <> · {t('book.opensThere', { there: f.moment(times.data.opens.there), zone: times.data.time_zone })}</>}
            </p>
            <Button size="lg" busy={book.busy} disabled={!payable} onClick={() => void submit(null)}>
              {t('book.callMe')}
            </Button>
            <p className="text-sm text-muted">{t('book.callMeHint')}</p>
          </div>
        )}
        <Times queue={draft.queue} value={time} onChange={setTime} />
        {time && times.data && (
          <p>
            <Moment time={time} zone={times.data.time_zone} />
          </p>
        )}
        {book.error !== null && <ErrorNote error={book.error} />}
        <Button kind="primary" size="lg" busy={book.busy} disabled={!time || !payable} onClick={() => time && void submit(time)}>
          {time ? t('book.book', { time: f.moment(time.here) }) : t('book.title')}
        </Button>
      </section>
      <Back />
    </div>
  )
}

const Back = () => {
  const { t } = useTranslation()
  return (
    <Link href="/advice" className="inline-flex min-h-11 items-center self-center font-semibold text-brand underline">
      {t('action.back')}
    </Link>
  )
}
