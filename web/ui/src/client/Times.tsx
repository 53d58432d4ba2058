import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { dateOf, timeOf } from '../i18n/format'
import type { FreeTime, QueueTimes } from './types'

const DAYS = 7
const MOST_DAYS = 90

/** The zone whose clocks are in front of whoever reads this. */
export const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

export function useTimes(queue: string, week: number) {
  const http = useHttp()
  return useQuery({
    queryKey: ['times', queue, week],
    enabled: queue !== '',
    staleTime: 15_000,
    queryFn: ({ signal }) => {
      const from = Date.now() + week * DAYS * 86_400_000
      return http.get<QueueTimes>(`/v1/queues/${queue}/times`, { query: { from: new Date(from).toISOString(), until: new Date(from + DAYS * 86_400_000).toISOString(), zone: zoneHere() }, signal })
    },
  })
}

/** Days, and the free times of one of them: as they are on the clocks of whoever chooses. */
export function Times({ queue, value, onChange }: { queue: string; value: FreeTime | null; onChange: (t: FreeTime | null) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const [week, setWeek] = useState(0)
  const [chosen, setDay] = useState('')
  const q = useTimes(queue, week)
  const items = q.data?.items ?? []
  const days = [...new Set(items.map((x) => dateOf(x.here)))]
  const day = days.includes(chosen) ? chosen : days[0]
  const turn = (n: number) => {
    setWeek(week + n)
    onChange(null)
  }
  return (
    <div className="flex flex-col gap-4">
      {q.isPending && (
        <Loading>
          <Skeleton className="h-40 rounded-control" />
        </Loading>
      )}
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.data && q.data.time_zone !== zoneHere() && <p className="text-sm text-muted">{t('book.zoneHint', { zone: q.data.time_zone })}</p>}
      {q.data && day === undefined && <Empty icon="calendar" title={t('book.none')} />}
      {day !== undefined && (
        <>
          <fieldset>
            <legend className="mb-2 font-semibold">{t('book.pickDay')}</legend>
            <div className="flex flex-wrap gap-2">
              {days.map((d) => (
                <Pick key={d} name="day" on={d === day} onChoose={() => (setDay(d), onChange(null))}>
                  <span className="block text-xs">{f.weekday(d)}</span>
                  <span className="block font-semibold">{f.dayMonth(d)}</span>
                </Pick>
              ))}
            </div>
          </fieldset>
          <fieldset>
            <legend className="mb-2 font-semibold">{t('book.pickTime')}</legend>
            <div className="grid grid-cols-[repeat(auto-fill,minmax(4.75rem,1fr))] gap-2" data-testid="times">
              {items
                .filter((x) => dateOf(x.here) === day)
                .map((x) => (
                  <Pick key={x.at} name="time" on={value?.at === x.at} onChoose={() => onChange(x)}>
                    <bdi className="figures font-semibold">{f.time(timeOf(x.here))}</bdi>
                  </Pick>
                ))}
            </div>
          </fieldset>
        </>
      )}
      <div className="flex justify-between gap-2">
        {week > 0 ? (
          <Button size="sm" onClick={() => turn(-1)}>
            {t('book.earlier')}
          </Button>
        ) : (
          <span />
        )}
        {(week + 1) * DAYS < MOST_DAYS && (
          <Button size="sm" onClick={() => turn(1)}>
            {t('book.later')}
          </Button>
        )}
      </div>
    </div>
  )
}

function Pick({ name, on, onChoose, children }: { name: string; on: boolean; onChoose: () => void; children: React.ReactNode }) {
  return (
    <label className={cx('relative flex min-h-11 cursor-pointer flex-col items-center justify-center rounded-control border px-3 py-1.5 text-center has-focus-visible:outline-3 has-focus-visible:outline-focus', on ? 'border-brand bg-brand text-on-brand' : 'border-control bg-raised')}>
      <input type="radio" name={name} checked={on} onChange={onChoose} className="absolute inset-0 cursor-pointer opacity-0" />
      {children}
    </label>
  )
}

/** A time here and, where they differ, where the queue is. */
export function Moment({ time, zone }: { time: Pick<FreeTime, 'here' | 'there'>; zone: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <>
      <bdi className="figures block text-xl font-bold">{f.moment(time.here)}</bdi>
      {time.here.slice(0, 16) !== time.there.slice(0, 16) && <span className="block text-sm text-muted">{t('book.there', { there: f.moment(time.there), zone })}</span>}
    </>
  )
}
