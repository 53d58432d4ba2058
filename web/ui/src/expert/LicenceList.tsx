import { useCallback, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, ErrorNote, type Tone } from '../design/feedback'
import type { Licence } from './types'

const soon = 30

/** How a licence stands: one that ends within the month says so before it does. */
export function standing(x: Licence) {
  const as = (tone: Tone, word: 'refused' | 'expired' | 'ending' | 'accepted' | 'submitted') => ({ tone, word: `practice.licence.${word}` as const })
  if (x.state === 'refused') return as('bad', 'refused')
  if (x.expired) return as('bad', 'expired')
  if (x.days <= soon) return as('held', 'ending')
  return x.state === 'accepted' ? as('good', 'accepted') : as('held', 'submitted')
}

/** Licences, each with its file; from: the path below which its link is. */
export function LicenceList({ all, names, from, act }: { all: Licence[]; names: Map<string, string>; from: string; act?: (x: Licence) => ReactNode }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const fetching = useAction(useCallback(async (x: Licence) => void window.location.assign((await http.get<{ url: string }>(`${from}/${x.id}/link`)).url), [http, from]))
  return (
    <>
      <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {all.map((x) => {
          const { tone, word } = standing(x)
          return (
            <li key={x.id} className="flex flex-col gap-1.5 px-4 py-3">
              <span className="flex flex-wrap items-center gap-2">
                <bdi className="min-w-0 flex-1 font-semibold">{names.get(x.skill) ?? '…'}</bdi>
                <Chip tone={tone}>{t(word, { days: f.n(x.days) })}</Chip>
                {x.state === 'submitted' && word !== 'practice.licence.submitted' && <Chip tone="held">{t('practice.licence.submitted')}</Chip>}
              </span>
              <span className="text-sm text-muted">
                {t('practice.licence.until', { date: f.fullDate(x.until) })} · <bdi>{x.number}</bdi>
              </span>
              {x.why && <bdi className="text-sm font-medium text-bad">{x.why}</bdi>}
              <span className="flex flex-wrap gap-2">
                <Button size="sm" busy={fetching.busy} onClick={() => void fetching.act(x)}>
                  <bdi>{x.name || t('practice.licence.file')}</bdi>
                </Button>
                {act?.(x)}
              </span>
            </li>
          )
        })}
      </ul>
      {fetching.error !== null && <ErrorNote error={fetching.error} />}
    </>
  )
}
