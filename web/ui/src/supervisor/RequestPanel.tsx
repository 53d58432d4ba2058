import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, ErrorNote } from '../design/feedback'
import { Select } from '../design/Field'
import { Icon } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { Bell } from '../expert/Bell'
import { useSkills } from '../expert/practice'
import { modalityIcon } from '../expert/types'
import { languageName } from '../expert/words'
import { parts, type BoardRequest, type BoardRing, type Queue } from './types'

/** One who waits: what they ask, who is rung and why that one; sooner, later, or elsewhere. */
export function RequestPanel({ request: r, gone, queue, queues, now, writes, onClose }: { request: BoardRequest; gone: boolean; queue: Queue; queues: Queue[]; now: number; writes: boolean; onClose: () => void }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const skills = useSkills()
  const fresh = useCallback(() => {
    void cache.invalidateQueries({ queryKey: ['queues'] })
  }, [cache])
  const rank = useAction(useCallback((priority: number, key: string) => http.post(`/v1/requests/${r.id}/priority`, { body: { priority }, key }).then(fresh).then(() => true), [http, r.id, fresh]))
  const move = useAction(useCallback((to: string, key: string) => http.post(`/v1/requests/${r.id}/move`, { body: { queue: to }, key }).then(fresh).then(() => true), [http, r.id, fresh]))
  const others = queues.filter((q) => q.id !== queue.id && q.open && q.modalities.includes(r.modality))
  const [to, setTo] = useState('')
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={<bdi>{r.client_name}</bdi>} description={t('queues.waitsSince', { time: f.span(now - Date.parse(r.placed_at)) })} place="side">
      <div className="flex flex-col gap-5">
        {gone && (
          <p role="status" className="rounded-control bg-good-soft px-3.5 py-2.5 font-semibold text-good">
            {t('queues.gone')}
          </p>
        )}
        <p className="flex flex-wrap gap-1.5">
          <Chip tone="brand">
            <Icon name={modalityIcon[r.modality]} size={14} />
            {t(`practice.way.${r.modality}`)}
          </Chip>
          {r.needs?.map((n) => (
            <Chip key={n.skill}>
              <bdi>{skills.names.get(n.skill) ?? '…'}</bdi> {t('practice.levelOf', { n: f.n(n.level) })}
            </Chip>
          ))}
          {r.languages.map((l) => (
            <Chip key={l}>{languageName(l, i18n.language)}</Chip>
          ))}
        </p>
        {r.about && (
          <blockquote className="rounded-control bg-sunken px-3.5 py-2.5 whitespace-pre-wrap">
            <bdi>{r.about}</bdi>
          </blockquote>
        )}
        <section aria-labelledby="why" className="flex flex-col gap-2">
          <h3 id="why" className="font-bold">
            {t('queues.rungNow')}
          </h3>
          {(gone || r.rings.length === 0) && <p className="text-muted">{t('queues.nobodyRung')}</p>}
          {!gone && r.rings.map((ring) => (
            <Why key={ring.offer} ring={ring} now={now} />
          ))}
        </section>
        {writes && !gone && (
          <section aria-labelledby="acts" className="flex flex-col gap-3 border-t border-edge pt-4">
            <h3 id="acts" className="font-bold">
              {t('queues.acts')}
            </h3>
            <div className="flex items-center gap-2">
              <span className="flex-1">{t('queues.priorityIs', { n: f.n(r.priority) })}</span>
              <Button size="sm" icon="minus" disabled={r.priority === 0 || rank.busy} aria-label={t('queues.later')} onClick={() => void rank.act(r.priority - 1)}>
                {t('queues.later')}
              </Button>
              <Button size="sm" icon="plus" disabled={r.priority === 9 || rank.busy} aria-label={t('queues.sooner')} onClick={() => void rank.act(r.priority + 1)}>
                {t('queues.sooner')}
              </Button>
            </div>
            {rank.error !== null && <ErrorNote error={rank.error} />}
            {others.length > 0 && (
              <div className="flex items-end gap-2">
                <Select className="flex-1" label={t('queues.moveTo')} value={to} onChange={(e) => setTo(e.target.value)}>
                  <option value="">–</option>
                  {others.map((q) => (
                    <option key={q.id} value={q.id}>
                      {q.name}
                    </option>
                  ))}
                </Select>
                <Button size="sm" className="min-h-9" busy={move.busy} disabled={to === ''} onClick={() => void move.act(to).then((ok) => ok && onClose())}>
                  {t('queues.move')}
                </Button>
              </div>
            )}
            <p className="text-sm text-muted">{t('queues.moveHint')}</p>
            {move.error !== null && <ErrorNote error={move.error} />}
          </section>
        )}
      </div>
    </Sheet>
  )
}

/** Why this expert: the parts of the score as bars, the greatest part the whole width. */
function Why({ ring, now }: { ring: BoardRing; now: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const why = ring.why ?? {}
  const most = Math.max(1, ...parts.map((p) => Math.abs(why[p] ?? 0)))
  return (
    <div className="rounded-control border border-edge p-3" data-testid="why">
      <p className="flex items-center gap-2 font-semibold">
        <bdi className="flex-1">{ring.name}</bdi>
        <Chip tone="held" className="figures">
          <Bell size={13} />
          {f.n(Math.max(0, Math.ceil((Date.parse(ring.deadline) - now) / 1000)))}
        </Chip>
      </p>
      <p className="text-sm text-muted">{t('queues.outOf', { n: f.n(why.candidates ?? 1), ring: f.n((why.ring ?? 0) + 1) })}</p>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-2 gap-y-1 text-sm">
        {parts
          .filter((p) => (why[p] ?? 0) !== 0)
          .map((p) => {
            const n = why[p] ?? 0
            return (
              <div key={p} className="contents">
                <dt>{t(`queues.part.${p}`)}</dt>
                <dd className="h-2 rounded-full bg-sunken" aria-hidden="true">
                  <div className={n < 0 ? 'h-full rounded-full bg-bad' : 'h-full rounded-full bg-brand'} style={{ inlineSize: `${(100 * Math.abs(n)) / most}%` }} />
                </dd>
                <dd className="figures text-end">{f.n(Math.round(n / 1000))}</dd>
              </div>
            )
          })}
      </dl>
    </div>
  )
}
