import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import type { Modality } from '../call'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { Icon, type IconName } from '../design/icons'
import { Segments } from '../design/Segments'
import { currentLocale } from '../i18n'
import type { Draft } from './draft'
import type { Queue, Skill } from './types'

const MOST_NEEDS = 8 // with the queue's own
const tongues = ['ar', 'en', 'fr', 'ur', 'hi', 'bn', 'fa', 'tl', 'es', 'pt', 'sw', 'ru', 'zh'] as const
const MOST_TONGUES = 8
const looks: Record<Modality, IconName> = { audio: 'mic', video: 'camera', chat: 'chat' }

type Props = { queues: readonly Queue[]; queue: Queue; skills: readonly Skill[]; draft: Draft; onChange: (some: Partial<Draft>) => void; onNext: () => void }

/** Which queue, what the expert should know, in which languages, and how one wants to talk. */
export function DescribeStep({ queues, queue, skills, draft, onChange, onNext }: Props) {
  const { t } = useTranslation()
  const f = useFormats()
  const names = new Intl.DisplayNames([currentLocale()], { type: 'language' })
  const own = queue.needs ?? []
  const fixed = new Set(own.map((n) => n.skill))
  const free = skills.filter((s) => s.active && !fixed.has(s.id))
  const needs = draft.needs.filter((n) => free.some((s) => s.id === n.skill))
  const ways = queue.modalities ?? []
  const modality = ways.includes(draft.modality) ? draft.modality : (ways[0] ?? 'audio')
  const need = (skill: string, on: boolean) => onChange({ needs: on ? [...needs, { skill, level: 3 }] : needs.filter((n) => n.skill !== skill) })
  return (
    <form
      className="flex flex-col gap-6"
      onSubmit={(e) => {
        e.preventDefault()
        onChange({ modality, needs })
        onNext()
      }}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-semibold">{t('ask.queue')}</legend>
        {queues.map((q) => (
          <label
            key={q.id}
            className={cx(
              'relative flex min-h-14 items-center gap-3 rounded-control border px-3.5 py-2 has-focus-visible:outline-3 has-focus-visible:outline-focus',
              q.id === queue.id ? 'border-brand bg-brand-soft' : 'border-control bg-raised',
              q.open ? 'cursor-pointer' : 'opacity-60',
            )}
          >
            <input type="radio" name="queue" value={q.id} checked={q.id === queue.id} disabled={!q.open} onChange={() => onChange({ queue: q.id })} className="absolute inset-0 cursor-pointer opacity-0" />
            <bdi className="min-w-0 flex-1 font-semibold">{q.name}</bdi>
            <Chip tone={!q.takes ? 'neutral' : q.waiting === 0 ? 'good' : 'held'}>{!q.takes ? t('ask.closed') : q.waiting === 0 ? t('ask.free') : t('ask.waiting', { count: q.waiting, n: f.n(q.waiting) })}</Chip>
          </label>
        ))}
      </fieldset>
      {own.length > 0 && (
        <div>
          <p className="mb-2 text-sm font-semibold">{t('ask.always')}</p>
          <ul className="flex flex-wrap gap-2">
            {own.map((n) => (
              <li key={n.skill}>
                <Chip tone="brand">
                  <Icon name="check" size={14} />
                  <bdi>{skills.find((s) => s.id === n.skill)?.name ?? '–'}</bdi>
                </Chip>
              </li>
            ))}
          </ul>
        </div>
      )}
      {free.length > 0 && (
        <fieldset className="flex flex-col gap-3">
          <legend className="font-semibold">{t('ask.skills')}</legend>
          <p className="text-sm text-muted">{t('ask.skillsHint')}</p>
          <div className="flex flex-wrap gap-2">
            {free.map((s) => {
              const on = needs.some((n) => n.skill === s.id)
              return <Pick key={s.id} on={on} disabled={!on && needs.length + own.length >= MOST_NEEDS} label={s.name} onChange={(v) => need(s.id, v)} />
            })}
          </div>
          {needs.map((n) => (
            <div key={n.skill} className="flex flex-wrap items-center justify-between gap-2 rounded-control bg-sunken p-2 ps-3.5">
              <bdi className="font-semibold">{free.find((s) => s.id === n.skill)?.name}</bdi>
              <Segments
                hideLegend
                legend={t('ask.levelOf', { skill: free.find((s) => s.id === n.skill)?.name ?? '' })}
                value={String(n.level) as '1' | '3' | '5'}
                options={(['1', '3', '5'] as const).map((value) => ({ value, label: t(`ask.levels.${value}`) }))}
                onChange={(level) => onChange({ needs: needs.map((x) => (x.skill === n.skill ? { ...x, level: Number(level) } : x)) })}
              />
            </div>
          ))}
        </fieldset>
      )}
      <fieldset className="flex flex-col gap-3">
        <legend className="font-semibold">{t('ask.languages')}</legend>
        <p className="text-sm text-muted">{t('ask.languagesHint')}</p>
        <div className="flex flex-wrap gap-2">
          {tongues.map((l) => {
            const on = draft.languages.includes(l)
            return <Pick key={l} on={on} disabled={!on && draft.languages.length >= MOST_TONGUES} label={names.of(l) ?? l} onChange={(v) => onChange({ languages: v ? [...draft.languages, l] : draft.languages.filter((x) => x !== l) })} />
          })}
        </div>
      </fieldset>
      <Segments legend={t('ask.modality')} value={modality} options={ways.map((value) => ({ value, label: t(`ask.modalities.${value}`), content: <Icon name={looks[value]} size={18} /> }))} onChange={(m) => onChange({ modality: m })} />
      <Button kind="primary" size="lg" type="submit">
        {t('ask.next')}
      </Button>
    </form>
  )
}

function Pick({ on, label, disabled, onChange }: { on: boolean; label: string; disabled: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className={cx('relative inline-flex min-h-10 items-center gap-1.5 rounded-full border px-3.5 text-sm font-semibold has-focus-visible:outline-3 has-focus-visible:outline-focus', on ? 'border-brand bg-brand text-on-brand' : 'border-control bg-raised text-ink', disabled ? 'opacity-60' : 'cursor-pointer')}>
      <input type="checkbox" checked={on} disabled={disabled} onChange={(e) => onChange(e.target.checked)} className="absolute inset-0 cursor-pointer opacity-0" />
      {on && <Icon name="check" size={15} />}
      <bdi>{label}</bdi>
    </label>
  )
}
