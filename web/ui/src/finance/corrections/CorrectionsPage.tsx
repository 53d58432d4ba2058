import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { Segments } from '../../design/Segments'
import { isKnown } from '../findings/kinds'
import { useNews } from '../news'
import { ListPage } from '../Page'
import { Sure } from '../Sure'
import { SubjectRef } from '../SubjectRef'
import { useWhen } from '../when'
import { states, type Correction, type State } from './corrections'

/** Journals that correct findings: one person prepared each, another approves it. */
export default function CorrectionsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const pace = useNews('findings', ['finance', 'corrections'])
  const [state, setState] = useState<State>('draft')
  const q = useInfiniteQuery({
    queryKey: ['finance', 'corrections', state],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Correction>>('/v1/finance/corrections', { query: { state, cursor: pageParam || undefined, limit: 50 }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: pace,
  })
  return (
    <ListPage
      title={t('corrections.title')}
      label={t('corrections.title')}
      query={q}
      each={pace}
      icon="check"
      none={`${t('corrections.none')}. ${t('corrections.noneHint')}`}
      filters={<Segments legend={t('corrections.state')} hideLegend value={state} onChange={setState} options={states.map((s) => ({ value: s, label: t(`corrections.${s}`) }))} />}
    >
      {(items) => (
        <ul data-testid="corrections" className="flex flex-col gap-2">
          {items.map((c) => (
            <Card key={c.id} correction={c} />
          ))}
        </ul>
      )}
    </ListPage>
  )
}

function Card({ correction: c }: { correction: Correction }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const [sure, setSure] = useState(false)
  const step = useAction(
    useCallback(
      async (s: 'approve' | 'discard', key: string) => {
        const after = await http.post<Correction>(`/v1/finance/corrections/${c.id}/${s}`, { key })
        void cache.invalidateQueries({ queryKey: ['finance'] })
        return after
      },
      [http, c.id, cache],
    ),
  )
  const mine = c.made_by === me.id
  const journal = (
    <table className="w-full max-w-2xl text-sm">
      <thead>
        <tr className="text-muted">
          <th scope="col" className="pe-3 text-start font-semibold">
            {t('corrections.of')}
          </th>
          <th scope="col" className="pe-3 text-end font-semibold">
            {t('corrections.debit')}
          </th>
          <th scope="col" className="text-end font-semibold">
            {t('corrections.credit')}
          </th>
        </tr>
      </thead>
      <tbody>
        {c.entries.map((e) => (
          <tr key={e.account} className="align-top">
            <td className="pe-3">
              <code dir="ltr" className="break-all">
                {e.account}
              </code>
            </td>
            <td className="figures pe-3 text-end whitespace-nowrap">{e.debit && <bdi>{f.money({ amount: e.amount, currency: c.currency })}</bdi>}</td>
            <td className="figures text-end whitespace-nowrap">{!e.debit && <bdi>{f.money({ amount: e.amount, currency: c.currency })}</bdi>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
  return (
    <li className="flex flex-col gap-2 rounded-card border border-edge bg-surface px-4 py-3" data-correction={c.id}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h3 className="min-w-0 font-semibold break-words">
          <bdi>{c.reason}</bdi>
        </h3>
        {c.answers && <Chip>{t(`corrections.answer.${c.answers}`)}</Chip>}
      </div>
      <p className="text-sm">
        {isKnown(c.finding_kind) ? t(`kinds.finding.${c.finding_kind}`) : c.finding_kind} ·{' '}
        <SubjectRef subject={c.subject} />
      </p>
      {journal}
      <p className="text-sm text-muted">
        {t('corrections.by', { name: c.made_by_name, when: when.short(c.made_at) })}
        {c.happened && ` · ${t('corrections.on', { day: f.fullDate(c.happened) })}`}
        {c.decided_at && ` · ${t(c.state === 'approved' ? 'corrections.approvedBy' : 'corrections.discardedBy', { name: c.decided_by_name ?? '', when: when.short(c.decided_at) })}`}
      </p>
      {c.state === 'draft' && (
        <div className="flex flex-wrap items-center gap-2">
          {can(me, 'payout.approve') && (
            <Button kind="primary" size="sm" icon="check" className="min-h-11 sm:min-h-9" disabled={mine} aria-label={t('corrections.approveOf', { reason: c.reason })} onClick={() => setSure(true)}>
              {t('corrections.approve')}
            </Button>
          )}
          {can(me, 'finance.write') && (
            <Button size="sm" className="min-h-11 sm:min-h-9" busy={step.busy} aria-label={t('corrections.discardOf', { reason: c.reason })} onClick={() => void step.act('discard')}>
              {t('corrections.discard')}
            </Button>
          )}
          {mine && <p className="text-sm text-muted">{t('corrections.own')}</p>}
        </div>
      )}
      {!sure && step.error !== null && <ErrorNote error={step.error} />}
      {sure && (
        <Sure
          title={t('corrections.approve')}
          hint={t('corrections.sure')}
          act={t('corrections.approve')}
          busy={step.busy}
          error={step.error}
          onSure={async () => {
            if (await step.act('approve')) setSure(false)
          }}
          onClose={() => setSure(false)}
        >
          {journal}
        </Sure>
      )}
    </li>
  )
}
