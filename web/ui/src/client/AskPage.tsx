import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import type { Page } from '../api/types'
import { useFormats, useHttp, useStored } from '../app/context'
import { useChannel } from '../app/live'
import { IconButton } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { currentLocale } from '../i18n'
import { CardStep } from './CardStep'
import { DescribeStep } from './DescribeStep'
import { DeviceStep } from './DeviceStep'
import { useDraft } from './draft'
import { Past } from './Past'
import { PriceStep } from './PriceStep'
import type { Appointment, Queue, Request, RequestDoc, SessionItem, Skill } from './types'
import { usePlace } from './usePlace'

const STEPS = 3
const titles = ['ask.describe', 'ask.price', 'ask.devices'] as const

/** From «I need someone» to a place in a queue; above it whatever goes on already, below it what there was. */
export function AskPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [, go] = useLocation()
  const queues = useQuery({ queryKey: ['queues'], queryFn: ({ signal }) => http.get<Page<Queue>>('/v1/queues', { signal }) })
  const skills = useQuery({ queryKey: ['skills'], queryFn: ({ signal }) => http.get<Page<Skill>>('/v1/skills', { signal }) })
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => http.get<Page<SessionItem>>('/v1/sessions', { query: { limit: 20 }, signal }) })
  const [ceiling, keepCeiling] = useStored('waymeet.ceiling', '')
  const [draft, change, forget] = useDraft({ step: 0, queue: '', needs: [], languages: [currentLocale()], modality: 'video', ceiling, minutes: 10, pay: 'wallet' })
  const open = useMemo(() => (queues.data?.items ?? []).filter((q) => (q.modalities ?? []).length > 0), [queues.data])
  const queue = open.find((q) => q.id === draft.queue && q.open) ?? open.find((q) => q.open)
  const place = usePlace()
  const arrived = (request: Request) => {
    keepCeiling(draft.ceiling)
    forget()
    go(`/advice/requests/${request.id}`)
  }
  const submit = async () => {
    const placed = queue && (await place.submit(draft, queue))
    if (placed?.request) arrived(placed.request)
    else if (placed) change({ pending: placed.funds.funds })
  }
  const { pending } = draft
  const goOn = async () => {
    const request = queue && pending && (await place.go(draft, queue, pending))
    if (request) arrived(request)
  }
  const [held, setHeld] = useState(false)
  const onHeld = useCallback(() => setHeld(true), [])
  const whenHeld = useEffectEvent(() => void goOn())
  const known = queue !== undefined
  useEffect(() => {
    if (held && known) whenHeld()
  }, [held, known])
  const giveUp = () => {
    if (pending) void place.back(pending)
    place.clear()
    setHeld(false)
    change({ pending: undefined, step: 1 })
  }
  const book = () => {
    change({ queue: queue?.id ?? '' })
    keepCeiling(draft.ceiling)
    go('/advice/appointments/new')
  }
  const failed = queues.error ?? skills.error
  const steps: ReactNode[] = queue
    ? [
        <DescribeStep key="0" queues={open} queue={queue} skills={skills.data?.items ?? []} draft={draft} onChange={change} onNext={() => change({ step: 1, queue: queue.id })} />,
        <PriceStep key="1" draft={draft} onChange={change} place={place} direct={draft.modality === 'chat'} onBook={book} onNext={() => (!queue.takes ? book() : draft.modality === 'chat' ? void submit() : change({ step: 2 }))} />,
        <DeviceStep key="2" modality={draft.modality} draft={draft} place={place} onSubmit={() => void submit()} onPrice={() => change({ step: 1 })} />,
      ]
    : []
  const of = draft.modality === 'chat' ? STEPS - 1 : STEPS
  const step = Math.min(draft.step, of - 1)
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current === step) return
    shown.current = step
    window.scrollTo({ top: 0 })
    heading.current?.focus({ preventScroll: true }) // the next step is read from its title on
  }, [step])
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-6">
      <GoesOn sessions={sessions.data?.items ?? []} />
      <section className="flex flex-col gap-5 rounded-card border border-edge bg-surface p-5 shadow-card sm:p-6" aria-labelledby="ask">
        <div className="flex items-center gap-2">
          {step > 0 && !pending && <IconButton icon="back" label={t('action.back')} className="-ms-2" onClick={() => change({ step: (step - 1) as 0 | 1 })} />}
          <div>
            <p className="text-sm font-semibold text-muted">{t('ask.steps', { n: f.n(step + 1), of: f.n(of) })}</p>
            <h1 id="ask" ref={heading} tabIndex={-1} className="text-2xl font-bold tracking-tight focus:outline-none">
              {t(pending ? 'ask.card' : (titles[step] ?? 'ask.title'))}
            </h1>
          </div>
        </div>
        {failed !== null && (
          <ErrorNote
            error={failed}
            onRetry={() => {
              void queues.refetch()
              void skills.refetch()
            }}
          />
        )}
        {failed === null && (queues.isPending || skills.isPending) && (
          <Loading>
            <div className="flex flex-col gap-3">
              <Skeleton className="h-14" />
              <Skeleton className="h-14" />
              <Skeleton className="h-24" />
            </div>
          </Loading>
        )}
        {queues.data && !queue && <Empty icon="clock" title={t('ask.noQueues')}>{t('ask.noQueuesHint')}</Empty>}
        {skills.data && queue && (pending ? <CardStep funds={pending} busy={place.busy} error={place.error} onHeld={onHeld} onAgain={() => void goOn()} onGiveUp={giveUp} /> : steps[step])}
      </section>
      <Past sessions={sessions} />
      <Link href="/advice/people" className="flex min-h-14 items-center gap-3 rounded-card border border-edge bg-surface px-4 font-semibold hover:bg-sunken">
        <Icon name="people" className="text-muted" />
        <span className="flex-1">{t('people.title')}</span>
        <Icon name="next" size={18} className="text-muted" />
      </Link>
    </div>
  )
}

const ended = new Set(['wrap_up', 'completed', 'connect_failed', 'no_show', 'cancelled'])

/** A place that is kept, or a call that goes on: found again from here, whatever was reloaded. */
function GoesOn({ sessions }: { sessions: readonly SessionItem[] }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useChannel('me')
  const waiting = [...me.entities].filter(([name, x]) => name.startsWith('request/') && (x.d as RequestDoc).state === 'waiting').map(([name]) => name.slice('request/'.length))
  const booked = [...me.entities].filter(([name]) => name.startsWith('appointment/')).map(([name, x]) => ({ id: name.slice('appointment/'.length), d: x.d as Pick<Appointment, 'here' | 'state'> }))
  const live = sessions.filter((s) => !ended.has(s.state))
  return (
    <>
      {live.map((s) => (
        <Banner key={s.id} href={`/advice/sessions/${s.id}`} icon="mic" title={t('ask.talks')} hint={t('ask.talksHint')} action={t('ask.rejoin')} />
      ))}
      {booked.map(({ id, d }) => (
        <Banner key={id} href={`/advice/appointments/${id}`} icon="clock" title={t(d.state === 'unfunded' ? 'book.unpaid' : 'book.banner')} hint={f.moment(d.here)} action={t('book.open')} />
      ))}
      {waiting.map((id) => (
        <Banner key={id} href={`/advice/requests/${id}`} icon="clock" title={t('ask.waits')} hint={t('ask.waitsHint')} action={t('ask.back')} />
      ))}
    </>
  )
}

function Banner({ href, icon, title, hint, action }: { href: string; icon: 'mic' | 'clock'; title: string; hint: string; action: string }) {
  return (
    <Link href={href} className="flex items-center gap-3 rounded-card bg-brand p-4 text-on-brand shadow-card hover:bg-brand-strong">
      <Icon name={icon} size={26} />
      <span className="min-w-0 flex-1">
        <span className="block font-bold">{title}</span>
        <span className="block text-sm">{hint}</span>
      </span>
      <span className="flex items-center gap-1 font-semibold">
        {action}
        <Icon name="next" size={18} />
      </span>
    </Link>
  )
}
