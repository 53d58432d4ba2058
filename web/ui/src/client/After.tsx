import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../api/types'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { inputLook, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import type { Favourite } from './people'

const reasons = ['abuse', 'fraud', 'unqualified', 'other'] as const

/** What the two are to each other from now on: a favourite, somebody not to be met again, somebody to be reported. */
export default function After({ session, expert }: { session: string; expert?: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [asking, setAsking] = useState<'block' | 'report' | null>(null)
  const [done, setDone] = useState<'blocked' | 'reported' | null>(null)
  const q = useQuery({ queryKey: ['favourites'], queryFn: ({ signal }) => http.get<Page<Favourite>>('/v1/me/favourites', { signal }), enabled: expert !== undefined })
  const liked = q.data?.items.some((x) => x.expert === expert) ?? false
  const like = useAction(
    useCallback(
      async (on: boolean) => {
        await http.post(on ? `/v1/sessions/${session}/favourite` : `/v1/me/favourites/${expert}/remove`)
        await cache.invalidateQueries({ queryKey: ['favourites'] })
        return true
      },
      [http, session, expert, cache],
    ),
  )
  const over = (what: 'blocked' | 'reported') => {
    setAsking(null)
    setDone(what)
    for (const list of ['favourites', 'blocks']) void cache.invalidateQueries({ queryKey: [list] }) // a report may block, too; a block ends a favourite
  }
  return (
    <section className="flex flex-col gap-3" aria-label={t('after.title')}>
      {expert !== undefined && done === null && (
        <Button icon={liked ? 'check' : 'star'} size="lg" aria-pressed={liked} busy={like.busy} onClick={() => void like.act(!liked)}>
          {t(liked ? 'after.favourite' : 'after.favour')}
        </Button>
      )}
      {like.error !== null && <ErrorNote error={like.error} />}
      {done !== null && (
        <p role="status" className="rounded-card bg-good-soft p-4 text-center font-semibold text-good">
          {t(done === 'blocked' ? 'after.blocked' : 'after.reported')}
        </p>
      )}
      <div className="flex flex-wrap justify-center gap-2">
        {done !== 'blocked' && (
          <Button size="sm" onClick={() => setAsking('block')}>
            {t('after.block')}
          </Button>
        )}
        {done !== 'reported' && (
          <Button size="sm" onClick={() => setAsking('report')}>
            {t('after.report')}
          </Button>
        )}
      </div>
      {asking === 'block' && <BlockSheet session={session} onClose={() => setAsking(null)} onDone={() => over('blocked')} />}
      {asking === 'report' && <ReportSheet session={session} onClose={() => setAsking(null)} onDone={() => over('reported')} />}
    </section>
  )
}

type Asked = { session: string; onClose: () => void; onDone: () => void }

function BlockSheet({ session, onClose, onDone }: Asked) {
  const { t } = useTranslation()
  const http = useHttp()
  const block = useAction(useCallback((_: null) => http.post(`/v1/sessions/${session}/block`).then(() => true), [http, session]))
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('after.block')} description={t('after.blockHint')}>
      <div className="flex flex-col gap-3">
        {block.error !== null && <ErrorNote error={block.error} />}
        <Button kind="danger" size="lg" busy={block.busy} onClick={() => void block.act(null).then((ok) => ok && onDone())}>
          {t('after.blockSubmit')}
        </Button>
      </div>
    </Sheet>
  )
}

function ReportSheet({ session, onClose, onDone }: Asked) {
  const { t } = useTranslation()
  const http = useHttp()
  const [reason, setReason] = useState<(typeof reasons)[number]>('abuse')
  const [words, setWords] = useState('')
  const [block, setBlock] = useState(true)
  const report = useAction(useCallback((body: { reason: string; words: string; block: boolean }, key: string) => http.post(`/v1/sessions/${session}/report`, { body, key }).then(() => true), [http, session]), `report ${session}`)
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('after.report')} description={t('after.reportHint')}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          void report.act({ reason, words, block }).then((ok) => ok && onDone())
        }}
      >
        <Select label={t('after.reason')} value={reason} onChange={(e) => setReason(e.target.value as typeof reason)}>
          {reasons.map((r) => (
            <option key={r} value={r}>
              {t(`after.reasons.${r}`)}
            </option>
          ))}
        </Select>
        <label className="flex flex-col gap-1.5 text-sm font-semibold">
          {t('after.words')}
          <textarea rows={4} maxLength={2000} required={reason === 'other'} value={words} onChange={(e) => setWords(e.target.value)} className={cx(inputLook, 'py-2 font-normal')} dir="auto" />
        </label>
        <label className="inline-flex min-h-11 items-center gap-2 font-semibold">
          <input type="checkbox" className="size-5 accent-brand" checked={block} onChange={(e) => setBlock(e.target.checked)} />
          {t('after.alsoBlock')}
        </label>
        {report.error !== null && <ErrorNote error={report.error} />}
        <Button kind="danger" size="lg" type="submit" busy={report.busy}>
          {t('after.reportSubmit')}
        </Button>
      </form>
    </Sheet>
  )
}
