import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp, useNow } from '../app/context'
import { Button } from '../design/Button'
import { Chip, ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import { languageName } from './words'
import { useSkills } from './practice'
import { modalityIcon, type Ring } from './types'

/** Somebody asks for this expert: what for, what it pays, and how long there is to say yes. */
export function RingCard({ ring }: { ring: Ring }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const skills = useSkills()
  const [, go] = useLocation()
  const now = useNow(250)
  const accept = useAction(useCallback((id: string, key: string) => http.post(`/v1/offers/${id}/accept`, { key }), [http]))
  const decline = useAction(useCallback((id: string, key: string) => http.post(`/v1/offers/${id}/decline`, { key }), [http]))
  const total = Date.parse(ring.deadline) - Date.parse(ring.made_at)
  const left = Math.min(total, Math.max(0, Date.parse(ring.deadline) - now)) // now is of a moment before it rang
  const gone = isProblem(accept.error) && !accept.error.passing
  const needs = Object.entries(ring.needs)
  const take = async () => {
    if ((await accept.act(ring.id)) === undefined) return
    void cache.invalidateQueries({ queryKey: ['going'] })
    go(`/practice/session/${ring.beside ?? ring.id}`)
  }
  return (
    <article aria-labelledby={`ring-${ring.id}`} data-testid="ring" className="overflow-hidden rounded-card border-2 border-brand bg-surface shadow-float motion-safe:animate-rise">
      <div role="timer" aria-label={t('practice.secondsLeft', { n: f.n(Math.ceil(left / 5000) * 5) })} className="h-1.5 bg-sunken">
        <div className="h-full bg-held" style={{ inlineSize: `${Math.min(100, (100 * left) / total)}%` }} />
      </div>
      <div className="flex flex-col gap-3 p-4">
        <div className="flex items-start gap-3">
          <span className="grid size-12 shrink-0 place-items-center rounded-full bg-brand text-on-brand">
            <Icon name={modalityIcon[ring.modality]} size={24} />
          </span>
          <div className="min-w-0 flex-1">
            <h2 id={`ring-${ring.id}`} className="text-lg font-bold">
              {t(`practice.ring.${ring.modality}`)}
            </h2>
            <p className="figures font-semibold text-brand" data-testid="ring-pay">
              {t('practice.perMinute', { amount: f.exact(ring.pay) })}
            </p>
          </div>
          <span aria-hidden="true" className="figures text-3xl font-bold text-held" data-testid="ring-left">
            {f.n(Math.ceil(left / 1000))}
          </span>
        </div>
        {ring.beside !== undefined && <p className="text-sm font-semibold">{t('practice.beside')}</p>}
        {ring.about ? (
          <blockquote className="max-h-40 overflow-y-auto rounded-control bg-sunken px-3.5 py-2.5 whitespace-pre-wrap">
            <bdi>{ring.about}</bdi>
          </blockquote>
        ) : (
          <p className="text-sm text-muted">{t('practice.noAbout')}</p>
        )}
        {(needs.length > 0 || ring.languages.length > 0) && (
          <p className="flex flex-wrap gap-1.5">
            {needs.map(([skill, level]) => (
              <Chip key={skill} tone="brand">
                <bdi>{skills.names.get(skill) ?? '…'}</bdi> {t('practice.levelOf', { n: f.n(level) })}
              </Chip>
            ))}
            {ring.languages.map((l) => (
              <Chip key={l}>{languageName(l, i18n.language)}</Chip>
            ))}
          </p>
        )}
        {accept.error !== null && <ErrorNote error={accept.error} />}
        {decline.error !== null && <ErrorNote error={decline.error} />}
        {left === 0 && !accept.busy && <p className="font-semibold text-held">{t('practice.ringOver')}</p>}
        <div className="grid grid-cols-2 gap-3">
          <Button size="lg" icon="close" busy={decline.busy} disabled={accept.busy || left === 0 || gone} onClick={() => void decline.act(ring.id)}>
            {t('practice.decline')}
          </Button>
          <Button size="lg" kind="primary" icon="check" busy={accept.busy} disabled={decline.busy || left === 0 || gone} onClick={() => void take()} data-testid="accept">
            {t('practice.accept')}
          </Button>
        </div>
      </div>
    </article>
  )
}
