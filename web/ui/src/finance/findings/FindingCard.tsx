import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useFormats, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, type Tone } from '../../design/feedback'
import type { Finding, FindingState } from '../types'
import { useWhen } from '../when'
import { CorrectSheet } from '../corrections/CorrectSheet'
import { DecideSheet } from './DecideSheet'
import { useKinds } from '../kinds'
import { SubjectRef } from '../SubjectRef'
import { isKnown } from './kinds'

const severity: Record<Finding['severity'], Tone> = { notice: 'neutral', warning: 'held', serious: 'bad' }
const stateTone: Record<FindingState, Tone> = { open: 'bad', explained: 'brand', resolved: 'good' }

/** What of a finding's detail people read, in this order. */
export const factNames = ['status', 'amount', 'captured', 'refunded', 'returned', 'disputed', 'lost', 'won', 'billed', 'taken', 'wallet', 'short', 'total', 'events', 'tries', 'for', 'where', 'expected', 'found', 'object'] as const

type Sum = { what: string; currency: string; gateway: number; books: number }
const sumsOf = (f: Finding) => (Array.isArray(f.detail.differences) ? (f.detail.differences as Sum[]) : [])

export function FindingCard({ finding: x }: { finding: Finding }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const say = useKinds()
  const me = useMe()
  const [deciding, setDeciding] = useState(false)
  const [correcting, setCorrecting] = useState(false)
  const sums = sumsOf(x)
  const currency = typeof x.detail.currency === 'string' ? x.detail.currency : ''
  const facts = factNames.flatMap((k) => {
    const v = x.detail[k]
    if (typeof v === 'number') return [[k, k === 'events' || k === 'tries' || !currency ? f.n(v) : f.exact({ amount: v, currency })] as const]
    if (typeof v !== 'string' || v === '') return []
    return [[k, k === 'for' ? say('subject', v.split('/')[0] ?? '') : k === 'status' && i18n.exists(`finance.status.${v}`) ? t(`finance.status.${v as 'paid'}`) : v] as const]
  })
  return (
    <li className="rounded-card border border-edge bg-surface px-4 py-3" data-finding={x.id}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Chip tone={severity[x.severity]}>{t(`finance.severity.${x.severity}`)}</Chip>
        <h3 className="min-w-0 flex-1 basis-44 font-semibold">{isKnown(x.kind) ? t(`kinds.finding.${x.kind}`) : t('finance.otherFinding')}</h3>
        {x.state !== 'open' && <Chip tone={stateTone[x.state]}>{t(`finance.findingState.${x.state}`)}</Chip>}
        {can(me, 'finance.write') && x.state !== 'resolved' && (
          <Button data-row size="sm" className="ms-auto min-h-9" onClick={() => setDeciding(true)}>
            {t('finance.decide')}
          </Button>
        )}
      </div>
      <p className="mt-1 text-sm">
        <SubjectRef subject={x.subject} className="font-semibold" />
      </p>
      {sums.length > 0 && (
        <table className="mt-2 w-full max-w-xl text-sm">
          <thead>
            <tr className="text-muted">
              <th scope="col" className="pe-3 text-start font-semibold">
                {t('finance.what')}
              </th>
              <th scope="col" className="pe-3 text-end font-semibold">
                {t('finance.byGateway')}
              </th>
              <th scope="col" className="text-end font-semibold">
                {t('finance.byBooks')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sums.map((s) => (
              <tr key={s.what + s.currency}>
                <td className="pe-3">
                  {say('moved', s.what)}
                </td>
                <td className="figures pe-3 text-end">{f.exact({ amount: s.gateway, currency: s.currency })}</td>
                <td className="figures text-end">{f.exact({ amount: s.books, currency: s.currency })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {facts.length > 0 && (
        <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
          {facts.map(([k, v]) => (
            <div key={k} className="flex gap-1.5">
              <dt className="text-muted">
                {t(`kinds.fact.${k}`)}
              </dt>
              <dd className="figures font-semibold break-all">
                <bdi>{v}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="figures mt-2 text-sm text-muted">{t('finance.seen', { n: f.n(x.times), first: when.short(x.first_seen), last: when.short(x.last_seen) })}</p>
      {x.state !== 'open' && <p className="mt-1 text-sm">{x.decided_by ? t('finance.decidedBy', { reason: x.reason ?? '' }) : x.state === 'resolved' ? t('finance.passedAgain') : t('finance.decidedBy', { reason: x.reason ?? '' })}</p>}
      {can(me, 'finance.write') && x.state !== 'resolved' && x.kind !== 'ledger_difference' && (
        <Button size="sm" kind="plain" className="mt-1 min-h-11 text-brand sm:min-h-9" onClick={() => setCorrecting(true)}>
          {t('corrections.correct')}
        </Button>
      )}
      {correcting && <CorrectSheet finding={x} onClose={() => setCorrecting(false)} />}
      {deciding && <DecideSheet finding={x} onClose={() => setDeciding(false)} />}
    </li>
  )
}
