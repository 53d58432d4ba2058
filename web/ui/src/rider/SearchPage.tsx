import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { Stop } from '../api/types'
import { useMe, useToday } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import { DayStrip } from './DayStrip'
import { PartyStepper } from './PartyStepper'
import { StopPicker } from './StopPicker'
import { useStop } from './stops'
import { TripList } from './TripList'
import { Upcoming } from './Upcoming'

export type Wish = { from: string | null; to: string | null; date: string; party: number }

/** The wish lives in the address: a search can be sent to a friend, and Back works. */
export function useWish(): [Wish, (w: Partial<Wish>) => void] {
  const { today } = useToday()
  const [, go] = useLocation()
  const q = new URLSearchParams(useSearch())
  const date = q.get('date')
  const party = Number(q.get('party'))
  const wish: Wish = {
    from: q.get('from'),
    to: q.get('to'),
    date: date && /^\d{4}-\d{2}-\d{2}$/.test(date) && date >= today ? date : today,
    party: Number.isInteger(party) && party >= 1 && party <= 9 ? party : 1,
  }
  const set = (change: Partial<Wish>) => {
    const w = { ...wish, ...change }
    const p = new URLSearchParams()
    if (w.from) p.set('from', w.from)
    if (w.to) p.set('to', w.to)
    p.set('date', w.date)
    p.set('party', String(w.party))
    go(`/?${p.toString()}`, { replace: true })
  }
  return [wish, set]
}

export function SearchPage() {
  const { t } = useTranslation()
  const me = useMe()
  const { today } = useToday()
  const [wish, set] = useWish()
  const [picking, setPicking] = useState<'from' | 'to' | null>(null)
  const from = useStop(wish.from)
  const to = useStop(wish.to)
  const first = me.name.split(' ')[0] ?? me.name
  const ready = wish.from !== null && wish.to !== null

  const pick = (end: 'from' | 'to', s: Stop) => {
    set({ [end]: s.id })
    // The one missing is asked for at once: two taps less.
    if (end === 'from' && !wish.to) setTimeout(() => setPicking('to'), 0)
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[minmax(0,25rem)_minmax(0,1fr)] lg:gap-10">
      <div className="flex flex-col gap-4 lg:sticky lg:top-20 lg:self-start">
        <h1 className="text-2xl font-bold tracking-tight">{t('search.hello', { name: first })}</h1>
        <section aria-label={t('search.title')} className="rounded-card border border-edge bg-surface p-4 shadow-card">
          <div className="relative flex flex-col">
            <StopButton label={t('search.from')} empty={t('search.choose')} stop={from.data} waiting={wish.from !== null && from.isPending} mark="from" onClick={() => setPicking('from')} />
            <div className="ms-12 me-14 border-t border-edge" />
            <StopButton label={t('search.to')} empty={t('search.choose')} stop={to.data} waiting={wish.to !== null && to.isPending} mark="to" onClick={() => setPicking('to')} />
            <span aria-hidden="true" className="absolute start-[1.4rem] top-[2.6rem] h-9 border-s-2 border-dotted border-control" />
            <IconButton icon="swap" label={t('search.swap')} className="absolute end-0 top-1/2 -translate-y-1/2 border border-control bg-raised" disabled={!wish.from && !wish.to} onClick={() => set({ from: wish.to, to: wish.from })} />
          </div>
          <DayStrip className="mt-3" today={today} value={wish.date} onChange={(date) => set({ date })} />
          <div className="mt-4 flex items-center justify-between">
            <span id="party-label" className="flex items-center gap-2 font-semibold">
              <Icon name="people" className="text-muted" />
              {t('search.party')}
            </span>
            <PartyStepper labelledBy="party-label" value={wish.party} onChange={(party) => set({ party })} />
          </div>
          {!ready && (
            <Button kind="primary" size="lg" className="mt-4 w-full" onClick={() => setPicking(wish.from ? 'to' : 'from')}>
              {wish.from ? t('search.chooseTo') : t('search.chooseFrom')}
            </Button>
          )}
        </section>
      </div>
      <div className="min-w-0">{ready ? <TripList wish={wish} /> : <Upcoming />}</div>
      <StopPicker open={picking === 'from'} title={t('search.from')} except={wish.to ?? undefined} onOpenChange={(o) => setPicking(o ? 'from' : null)} onPick={(s) => pick('from', s)} />
      <StopPicker open={picking === 'to'} title={t('search.to')} except={wish.from ?? undefined} onOpenChange={(o) => setPicking(o ? 'to' : null)} onPick={(s) => pick('to', s)} />
    </div>
  )
}

function StopButton({ label, empty, stop, waiting, mark, onClick }: { label: string; empty: string; stop: Stop | undefined; waiting: boolean; mark: 'from' | 'to'; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick} className="flex min-h-16 items-center gap-3 rounded-control py-1.5 ps-2 pe-14 text-start hover:bg-sunken">
      <span aria-hidden="true" className="grid size-7 place-items-center">
        <span className={cx('size-3.5 rounded-full border-[3px] border-brand', mark === 'to' && 'bg-brand')} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block text-sm text-muted">{label}</span>
        <bdi className={cx('line-clamp-2 text-lg leading-6 font-semibold', !stop && 'text-muted')}>{stop ? stop.name : waiting ? '…' : empty}</bdi>
      </span>
    </button>
  )
}
