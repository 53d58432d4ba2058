import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe, useToday } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { useMonth } from '../../invoices/Document'
import { keep } from '../../invoices/types'
import { Head, Shown } from '../Head'
import { monthsBack } from '../months'
import { Sure } from '../Sure'
import { OpeningCard } from './OpeningCard'

const EXPORTING = 30 * 60_000

type Period = { month: string; locked_at: string }

/** Months, each with its export for the accountant, locked one after the other; and what the books began with. */
export default function BooksPage() {
  const { t } = useTranslation()
  const me = useMe()
  const http = useHttp()
  const { today } = useToday()
  const q = useQuery({ queryKey: ['periods'], refetchInterval: 60_000, queryFn: ({ signal }) => http.get<{ items: Period[] }>('/v1/periods', { signal }) })
  const may = can(me, 'invoice.write')
  return (
    <section aria-label={t('office.books')} className="flex flex-col gap-6">
      <div>
        <Head title={t('office.books')} />
        <p className="mb-3 text-muted">{t('office.booksHint')}</p>
        <Shown query={q}>
          {(locks) => {
            const last = locks.items[0]?.month ?? ''
            return (
              <ul data-testid="months" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
                {monthsBack(today, 13).map((month, i) => (
                  <Month key={month} month={month} running={i === 0} locked={locks.items.find((l) => l.month === month)} before={month <= last} may={may} />
                ))}
              </ul>
            )
          }}
        </Shown>
      </div>
      {may && <OpeningCard />}
    </section>
  )
}

function Month({ month, running, locked, before, may }: { month: string; running: boolean; locked: Period | undefined; before: boolean; may: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const name = useMonth()(month)
  const cache = useQueryClient()
  const [asked, setAsked] = useState(false)
  const lock = useAction(
    useCallback(
      async (_: string, key: string) => {
        await http.post<void>('/v1/periods', { body: { month }, key })
        await cache.invalidateQueries({ queryKey: ['periods'] })
        return true
      },
      [http, month, cache],
    ),
  )
  const file = useAction( // a month may be hundreds of megabytes: it is written as it comes, and a torn one is an error, never half a file
    useCallback(
      async (format: string) =>
        keep(`journal-${month}.csv`, await http.get<Blob>(`/v1/periods/${month}/export`, { query: { format }, timeoutMs: EXPORTING, tries: 2, read: (res) => res.blob() })),
      [http, month],
    ),
  )
  const go = async () => {
    if (await lock.act(month)) setAsked(false)
  }
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <span className="min-w-0 flex-1 basis-44">
        <span className="block font-semibold">{name}</span>
        {locked && <span className="block text-sm text-muted">{t('office.lockedAt', { at: f.moment(locked.locked_at) })}</span>}
      </span>
      <Chip tone={before ? 'good' : running ? 'brand' : 'neutral'}>{t(before ? 'office.locked' : running ? 'office.runs' : 'office.unlocked')}</Chip>
      <span className="flex flex-wrap gap-2 max-sm:w-full">
        <Button size="sm" className="min-h-11 flex-1 whitespace-nowrap sm:min-h-9" busy={file.busy} aria-label={t('office.exportOf', { month: name })} onClick={() => void file.act('csv')}>
          {t('office.export')}
        </Button>
        <Button size="sm" className="min-h-11 flex-1 whitespace-nowrap sm:min-h-9" busy={file.busy} aria-label={t('office.exportExcelOf', { month: name })} onClick={() => void file.act('csv_excel')}>
          {t('office.exportExcel')}
        </Button>
        {may && !before && (
          <Button size="sm" icon="lock" className="min-h-11 flex-1 whitespace-nowrap sm:min-h-9" disabled={running} aria-label={t('office.lockOf', { month: name })} onClick={() => setAsked(true)}>
            {t('office.lock')}
          </Button>
        )}
      </span>
      {file.error !== null && <ErrorNote className="w-full" error={file.error} />}
      {asked && <Sure title={t('office.lockOf', { month: name })} hint={t('office.lockHint', { month: name })} act={t('office.lockSure')} busy={lock.busy} error={lock.error} onSure={() => void go()} onClose={() => setAsked(false)} />}
    </li>
  )
}
