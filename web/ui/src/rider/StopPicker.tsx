import { useId, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Stop } from '../api/types'
import { useFormats } from '../app/context'
import { Button, Spinner } from '../design/Button'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { inputLook } from '../design/Field'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { metres, useRecentStops, useStopSearch } from './stops'

type Here = { lat: number; lon: number }
type Props = { open: boolean; title: string; onOpenChange: (o: boolean) => void; onPick: (s: Stop) => void; except?: string | undefined }

/** One input, one list: what was chosen lately, what is near, or what matches; arrows and Enter work as fingers do. */
export function StopPicker({ open, title, onOpenChange, onPick, except }: Props) {
  const { t } = useTranslation()
  const f = useFormats()
  const { recent, add } = useRecentStops()
  const [q, setQ] = useState('')
  const [near, setNear] = useState<Here | null>(null)
  const [locating, setLocating] = useState<'no' | 'asking' | 'refused'>('no')
  const [at, setAt] = useState(0)
  const list = useId()
  const search = useStopSearch(q, near, open)

  const showRecent = q.trim() === '' && near === null && recent.length > 0
  const found = (search.data?.items ?? []).filter((s) => s.id !== except)
  const recents = showRecent ? recent.filter((s) => s.id !== except) : []
  const all = [...recents, ...found.filter((s) => !recents.some((r) => r.id === s.id))]

  const pick = (s: Stop) => {
    add(s)
    setQ('')
    setAt(0)
    onPick(s)
    onOpenChange(false)
  }
  const onKey = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault()
      setAt((i) => Math.max(0, Math.min(all.length - 1, i + (e.key === 'ArrowDown' ? 1 : -1))))
    } else if (e.key === 'Enter' && all[at]) {
      e.preventDefault()
      pick(all[at])
    }
  }
  const locate = () => {
    setLocating('asking')
    navigator.geolocation.getCurrentPosition(
      (p) => {
        setNear({ lat: p.coords.latitude, lon: p.coords.longitude })
        setLocating('no')
      },
      () => setLocating('refused'),
      { timeout: 10_000, maximumAge: 60_000 },
    )
  }

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={title} place="full">
      <div className="sticky -top-4 z-10 -mx-5 -mt-4 bg-surface px-5 pt-4 pb-3">
        <div className="relative">
          <Icon name="search" className="pointer-events-none absolute start-3.5 top-3.5 text-muted" />
          <input
            type="search"
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={all[at] ? `${list}-${at}` : undefined}
            aria-autocomplete="list"
            aria-label={t('stops.search')}
            placeholder={t('stops.search')}
            className={cx(inputLook, 'ps-11')}
            value={q}
            onChange={(e) => {
              setQ(e.target.value)
              setAt(0)
            }}
            onKeyDown={onKey}
            autoComplete="off"
            enterKeyHint="search"
          />
          {search.isFetching && q && (
            <span className="absolute end-3.5 top-4 text-muted">
              <Spinner />
            </span>
          )}
        </div>
        {'geolocation' in navigator && near === null && (
          <Button kind="plain" size="sm" icon="near" className="mt-2 -ms-2.5 text-brand" busy={locating === 'asking'} onClick={locate}>
            {t('stops.near')}
          </Button>
        )}
        {locating === 'refused' && <p className="text-sm text-muted">{t('stops.nearRefused')}</p>}
      </div>
      {search.isError && <ErrorNote error={search.error} onRetry={() => void search.refetch()} />}
      {search.isPending && (
        <Loading>
          <div className="flex flex-col gap-2">
            {[0, 1, 2, 3].map((i) => (
              <Skeleton key={i} className="h-12" />
            ))}
          </div>
        </Loading>
      )}
      {search.isSuccess && all.length === 0 && (
        <Empty icon="pin" title={t('stops.none')}>
          {t('stops.noneHint')}
        </Empty>
      )}
      <div id={list} role="listbox" aria-label={title} className="-mx-2">
        {all.map((s, i) => (
          // Keys are handled by the input that owns the list (aria-activedescendant).
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={s.id}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            className={cx('flex min-h-13 cursor-pointer items-center gap-3 rounded-control px-2 py-2', i === at ? 'bg-brand-soft' : 'hover:bg-sunken')}
            onClick={() => pick(s)}
          >
            <span className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-muted">
              <Icon name={i < recents.length ? 'clock' : 'pin'} size={18} />
            </span>
            <bdi className="min-w-0 flex-1 font-medium">{s.name}</bdi>
            {near && <span className="figures text-sm text-muted">{t('stops.metres', { n: f.n(Math.round(metres(near, s) / 50) * 50) })}</span>}
          </div>
        ))}
      </div>
    </Sheet>
  )
}
