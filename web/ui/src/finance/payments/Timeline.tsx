import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../app/context'
import type { Formats } from '../../i18n/format'
import { Chip, type Tone } from '../../design/feedback'
import { Icon, type IconName } from '../../design/icons'
import { problemOf, reasonOf, useKinds, type Of } from '../kinds'
import { useWhen } from '../when'
import type { Asked, Story } from '../types'

type Step = { at: string; icon: IconName; title: string; detail?: string; code?: string; chip?: { tone: Tone; text: string }; lines?: { account: string; debit: string; credit: string }[] }

const ops = ['pay', 'authorise', 'extend', 'capture', 'cancel', 'refund', 'transfer', 'reverse'] as const
const opTone: Record<Asked['state'], Tone> = { waiting: 'held', done: 'good', refused: 'bad' }

/** What happened to a payment, in the order of time, whoever tells it. */
export function stepsOf(s: Story, t: TFunction, f: Formats, say: (of: Of, kind: string) => string, has: (key: string) => boolean): Step[] {
  const m = (amount: number) => f.exact({ amount, currency: s.currency })
  const steps: Step[] = [{ at: s.created_at, icon: 'plus', title: t('finance.made'), detail: m(s.amount) }]
  for (const o of s.operations) {
    const op = ops.find((x) => x === o.op)
    const what = op ? t(`finance.op.${op}`) : ''
    const later = o.op === 'cancel' && o.state === 'waiting' && o.tries === 0 && o.why === 'abandoned' // called off when the payment's time is over, if it is still open then
    if (later && s.status !== 'open') continue
    const unasked = o.state === 'waiting' && o.tries === 0
    steps.push({
      at: later ? s.closes_at : o.asked_at,
      icon: later ? 'clock' : 'arrow',
      title: t(later ? 'finance.asksLater' : unasked ? 'finance.notAskedYet' : o.tries === 0 ? 'finance.neverAsked' : 'finance.asked', { what }),
      detail: [o.amount > 0 ? m(o.amount) : '', o.why ? reasonOf(say, has, o.why) : '', o.tries > 1 ? t('finance.tries', { n: f.n(o.tries) }) : '', problemOf(say, o)].filter(Boolean).join(' · '),
      chip: unasked ? { tone: 'neutral', text: t('finance.asking.scheduled') } : o.tries === 0 ? { tone: 'neutral', text: t('finance.asking.unneeded') } : { tone: opTone[o.state], text: t(`finance.asking.${o.state}`) },
    })
  }
  for (const e of s.events) steps.push({ at: e.received_at, icon: 'near', title: t('finance.toldWhat', { what: say('event', e.kind) }), ...(e.problem ? { detail: problemOf(say, e) } : {}), chip: { tone: eventTone[e.state], text: t(`finance.eventState.${e.state}`) } })
  for (const x of s.movements) steps.push({ at: x.at, icon: 'swap', title: t('finance.moved', { amount: f.exact({ amount: x.amount, currency: x.currency }) }), code: x.ref, detail: [say('moved', x.what), x.fee ? t('finance.fee', { amount: f.exact({ amount: x.fee, currency: x.currency }) }) : ''].filter(Boolean).join(' · ') })
  for (const j of s.journals) {
    steps.push({
      at: j.at,
      icon: 'list',
      title: t('finance.bookedWhat', { what: say('journal', j.kind) }),
      ...(j.reason ? { detail: reasonOf(say, has, j.reason) } : {}),
      lines: j.lines.map((l) => ({
        account: l.account,
        debit: l.debit ? f.exact({ amount: l.debit, currency: l.currency }) : '',
        credit: l.credit ? f.exact({ amount: l.credit, currency: l.currency }) : '',
      })),
    })
  }
  for (const a of s.acts) steps.push({ at: a.at, icon: 'user', title: say('act', a.action), detail: a.by ? t('finance.didPerson') : t('finance.didSystem') })
  return steps.map((x, i) => [x, i] as const).sort(([a, i], [b, j]) => Date.parse(a.at) - Date.parse(b.at) || i - j).map(([x]) => x)
}

export const eventTone = { waiting: 'held', done: 'good', ignored: 'neutral', dead: 'bad' } as const satisfies Record<string, Tone>

export function Timeline({ story }: { story: Story }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const say = useKinds()
  return (
    <ol data-testid="timeline" className="rounded-card border border-edge bg-surface px-4 py-2">
      {stepsOf(story, t, f, say, (k) => i18n.exists(k)).map((s, i) => (
        <li key={i} className="flex gap-3 border-b border-edge py-2.5 last:border-b-0">
          <span className="mt-0.5 text-muted">
            <Icon name={s.icon} size={18} />
          </span>
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <span className="font-semibold">{s.title}</span>
              {s.code && (
                <code dir="ltr" className="text-sm break-all text-muted">
                  {s.code}
                </code>
              )}
              {s.chip && <Chip tone={s.chip.tone}>{s.chip.text}</Chip>}
              <span className="figures ms-auto text-sm text-muted">
                <bdi>{when.full(s.at)}</bdi>
              </span>
            </div>
            {s.detail && <p className="figures text-sm break-words text-muted">{s.detail}</p>}
            {s.lines && (
              <table className="mt-1 w-full max-w-xl text-sm">
                <caption className="sr-only">{s.title}</caption>
                <thead className="sr-only">
                  <tr>
                    <th scope="col">{t('finance.account')}</th>
                    <th scope="col">{t('finance.debit')}</th>
                    <th scope="col">{t('finance.credit')}</th>
                  </tr>
                </thead>
                <tbody>
                  {s.lines.map((l, n) => (
                    <tr key={n} className="max-sm:grid max-sm:grid-cols-2">
                      <td className="pt-0.5 pe-3 break-all max-sm:col-span-2 sm:py-0.5">
                        <bdi>{l.account}</bdi>
                      </td>
                      <td className="figures py-0.5 text-end whitespace-nowrap sm:w-28">{l.debit}</td>
                      <td className="figures py-0.5 text-end whitespace-nowrap sm:w-28">{l.credit}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
