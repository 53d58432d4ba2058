import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useAction } from '../app/action'
import { useFormats, useHttp, useMe } from '../app/context'
import { majorOf, minorOf } from '../app/minor'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { Chip, ErrorNote, Loading, Skeleton, type Tone } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Icon } from '../design/icons'
import { Checks } from './Checks'
import { Days, inOrder } from './Days'
import { Licences } from './Licences'
import { usePractice, useSkills } from './practice'
import type { Hours, Modality, Practice, Rules, Skill } from './types'
import { Week } from './Week'
import { languageName } from './words'

const stateTone: Record<Practice['state'], Tone> = { applied: 'held', approved: 'good', refused: 'bad' }
const modalities: readonly Modality[] = ['audio', 'video', 'chat']
const offered = ['ar', 'en', 'fr', 'hi', 'ur', 'ru', 'zh', 'es', 'fa', 'tl']

/** What one offers: the first time it is an application. */
export function ProfilePage() {
  const practice = usePractice()
  const skills = useSkills()
  if (practice.isPending || skills.isPending)
    return (
      <Loading>
        <Skeleton className="h-96 rounded-card" />
      </Loading>
    )
  if (practice.data === undefined || !skills.data) return <ErrorNote error={practice.error ?? skills.error} onRetry={() => void (practice.refetch(), skills.refetch())} />
  return <Form key={practice.data ? 'known' : 'new'} practice={practice.data} skills={skills.data.items.filter((k) => k.active)} />
}

function Form({ practice, skills }: { practice: Practice | null; skills: Skill[] }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const cache = useQueryClient()
  const currency = practice?.price.currency ?? me.tenant.currency
  const [price, setPrice] = useState(practice ? majorOf(practice.price.amount, currency) : '')
  const [slots, setSlots] = useState(practice?.slots ?? 1)
  const [ways, setWays] = useState<Modality[]>(practice?.modalities ?? ['audio', 'chat'])
  const [languages, setLanguages] = useState<string[]>(practice?.languages ?? [me.locale])
  const [levels, setLevels] = useState(() => new Map((practice?.skills ?? []).map((s) => [s.skill, s.level])))
  const [hours, setHours] = useState<Hours[]>(practice?.hours ?? [])
  const [days, setDays] = useState(practice?.days ?? [])
  const today = new Date().toLocaleDateString('sv', { timeZone: practice?.time_zone ?? me.tenant.time_zone })
  const [wrong, setWrong] = useState<{ price?: string; ways?: string }>({})
  const [kept, setKept] = useState(false)
  const save = useAction(
    useCallback(
      async (rules: Rules) => {
        const now = await http.put<Practice>('/v1/me/practice', { body: rules })
        cache.setQueryData(['practice'], now)
        return now
      },
      [http, cache],
    ),
  )
  const decided = practice?.state === 'approved'
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setKept(false)
    const amount = minorOf(price, currency)
    const flaws = { ...(amount && amount > 0 ? {} : { price: t('practice.priceWrong') }), ...(ways.length > 0 ? {} : { ways: t('practice.waysWrong') }) }
    setWrong(flaws)
    if (!amount || Object.keys(flaws).length > 0) return
    const rules: Rules = {
      price: { amount, currency },
      slots,
      modalities: ways,
      languages,
      time_zone: practice?.time_zone ?? me.tenant.time_zone,
      skills: decided ? practice.skills : [...levels].map(([skill, level]) => ({ skill, level })),
      hours: hours.map((h) => (h.until > h.from ? h : { ...h, until: h.until + 1440 })),
      days: inOrder(days.filter((d) => d.date >= today)),
    }
    if (await save.act(rules)) setKept(true)
  }
  const known = [...new Set([...offered, ...(practice?.languages ?? [])])]
  return (
    <div className="flex flex-col gap-8">
    <form className="flex flex-col gap-5" onSubmit={(e) => void submit(e)} noValidate>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-bold tracking-tight">{t('practice.profile')}</h1>
        {practice && <Chip tone={stateTone[practice.state]}>{t(`practice.application.${practice.state}`)}</Chip>}
        {practice?.suspended && <Chip tone="bad">{t('practice.suspended')}</Chip>}
        {practice?.why && <bdi className="text-sm font-medium text-bad">{practice.why}</bdi>}
        {practice && practice.rated > 0 && (
          <span className="figures ms-auto inline-flex items-center gap-1 font-semibold">
            <Icon name="star" size={18} />
            {t('practice.rated', { stars: (practice.rating / 100).toLocaleString(f.tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 }), n: f.n(practice.rated) })}
          </span>
        )}
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('practice.price', { currency })} inputMode="decimal" value={price} onChange={(e) => setPrice(e.target.value)} error={wrong.price} dir="ltr" />
        <Field label={t('practice.slots')} hint={t('practice.slotsHint')} type="number" min={1} max={20} value={slots} onChange={(e) => setSlots(Math.min(20, Math.max(1, Math.round(Number(e.target.value)) || 1)))} />
      </div>
      <Checks legend={t('practice.ways')} error={wrong.ways} options={modalities.map((m) => [m, t(`practice.way.${m}`)])} chosen={ways} onChange={(all) => setWays(all as Modality[])} />
      <Checks legend={t('practice.languages')} options={known.map((l) => [l, languageName(l, i18n.language)])} chosen={languages} onChange={setLanguages} most={8} />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-semibold">{t('practice.skills')}</legend>
        {decided && <p className="text-sm text-muted">{t('practice.skillsDecided')}</p>}
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {skills
            .filter((k) => !decided || levels.has(k.id))
            .map((k) => (
              <li key={k.id} className="flex min-h-12 items-center gap-3 px-4 py-1.5">
                <bdi className="min-w-0 flex-1">{k.name}</bdi>
                {k.licensed && <Chip>{t('practice.licensed')}</Chip>}
                {decided ? (
                  <span className="figures font-semibold">{t('practice.levelOf', { n: f.n(levels.get(k.id) ?? 0) })}</span>
                ) : (
                  <Select
                    label={t('practice.levelIn', { skill: k.name })}
                    hideLabel
                    value={levels.get(k.id) ?? 0}
                    onChange={(e) => {
                      const next = new Map(levels)
                      if (e.target.value === '0') next.delete(k.id)
                      else next.set(k.id, Number(e.target.value))
                      setLevels(next)
                    }}
                  >
                    <option value={0}>–</option>
                    {[1, 2, 3, 4, 5].map((n) => (
                      <option key={n} value={n}>
                        {t('practice.levelOf', { n: f.n(n) })}
                      </option>
                    ))}
                  </Select>
                )}
              </li>
            ))}
        </ul>
      </fieldset>
      <Week legend={t('practice.hours')} hint={t('practice.hoursHint')} hours={hours} onChange={setHours} />
      <Days days={days} today={today} onChange={setDays} />
      {save.error !== null && <ErrorNote error={save.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" kind="primary" size="lg" busy={save.busy}>
          {t(practice ? 'practice.save' : 'practice.apply')}
        </Button>
        <span role="status" className={cx('inline-flex items-center gap-1.5 font-semibold text-good', !kept && 'invisible')}>
          {kept && (
            <>
              <Icon name="check" size={18} />
              {t('practice.saved')}
            </>
          )}
        </span>
      </div>
    </form>
    {practice && skills.length > 0 && <Licences skills={skills} today={today} />}
    {practice && (
      <Link href="/practice/people" className="flex min-h-14 items-center gap-3 rounded-card border border-edge bg-surface px-4 font-semibold hover:bg-sunken">
        <Icon name="people" className="text-muted" />
        <span className="flex-1">{t('practice.blocked')}</span>
        <Icon name="next" size={18} className="text-muted" />
      </Link>
    )}
    </div>
  )
}
