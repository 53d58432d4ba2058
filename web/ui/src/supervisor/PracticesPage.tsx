import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp, useMe } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Segments } from '../design/Segments'
import { Sheet } from '../design/Sheet'
import { useSkills } from '../expert/practice'
import type { Practice } from '../expert/types'
import { languageName } from '../expert/words'
import { cell, figure, Table } from '../finance/Table'
import { LicencesOf } from './LicencesOf'

type State = Practice['state']

/** Who may practise: applications first, then everybody, with what they can do. */
export function PracticesPage({ decides }: { decides: boolean }) {
  const { t, i18n } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const skills = useSkills()
  const [state, setState] = useState<State>('applied')
  const [picked, setPicked] = useState<Practice | null>(null)
  const q = useInfiniteQuery({
    queryKey: ['practices', 'all', state],
    queryFn: ({ signal, pageParam }) => http.get<{ items: Practice[]; next?: string }>('/v1/practices', { query: { state, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: 30_000,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-3">
      <h1 className="sr-only">{t('queues.experts')}</h1>
      <Segments
        className="self-start"
        legend={t('queues.state')}
        hideLegend
        value={state}
        onChange={setState}
        options={[
          { value: 'applied', label: t('queues.applied') },
          { value: 'approved', label: t('queues.approvedTab') },
          { value: 'refused', label: t('queues.refusedTab') },
        ]}
      />
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      )}
      {q.data && items.length === 0 && <Empty icon="people" title={t('queues.noPractices')} />}
      {items.length > 0 && (
        <Table label={t('queues.experts')} columns={[{ name: t('queues.name') }, { name: t('practice.skills') }, { name: t('practice.languages'), wide: true }, { name: t('queues.ceiling'), end: true, wide: true }, { name: '' }]}>
          {items.map((p) => (
            <tr key={p.id} className="border-b border-edge last:border-b-0">
              <td className={cell}>
                <bdi className="font-semibold">{p.name}</bdi>
                {p.suspended && (
                  <Chip tone="bad" className="ms-2">
                    {t('practice.suspended')}
                  </Chip>
                )}
              </td>
              <td className={cell}>
                <span className="flex flex-wrap gap-1">
                  {p.skills.map((s) => (
                    <Chip key={s.skill}>
                      <bdi>{skills.names.get(s.skill) ?? '…'}</bdi> {f.n(s.level)}
                    </Chip>
                  ))}
                </span>
              </td>
              <td className={`${cell} max-md:hidden`}>{p.languages.map((l) => languageName(l, i18n.language)).join(', ')}</td>
              <td className={`${figure} max-md:hidden`}>{f.exact(p.price)}</td>
              <td className={`${cell} text-end`}>
                {decides && (
                  <Button size="sm" aria-label={t('queues.decideOn', { name: p.name })} onClick={() => setPicked(p)}>
                    {t('queues.decide')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {q.hasNextPage && (
        <Button className="self-start" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('practice.more')}
        </Button>
      )}
      {picked && <Decide practice={picked} onClose={() => setPicked(null)} />}
    </div>
  )
}

function Decide({ practice: p, onClose }: { practice: Practice; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const cache = useQueryClient()
  const skills = useSkills()
  const [levels, setLevels] = useState(() => new Map(p.skills.map((s) => [s.skill, s.level])))
  const [why, setWhy] = useState('')
  const decide = useAction(
    useCallback(
      async (word: { state: State; suspended: boolean; why: string; skills: { skill: string; level: number }[] }) => {
        const now = await http.post<Practice>(`/v1/practices/${p.id}/decide`, { body: word })
        void cache.invalidateQueries({ queryKey: ['practices'] })
        return now
      },
      [http, p.id, cache],
    ),
  )
  const say = (state: State, suspended: boolean) => void decide.act({ state, suspended, why: suspended && !p.suspended ? why : '', skills: [...levels].map(([skill, level]) => ({ skill, level })) }).then((done) => done && onClose())
  const own = p.id === me.id
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={<bdi>{p.name}</bdi>} description={t('practice.perMinute', { amount: f.exact(p.price) })} place="side">
      <div className="flex flex-col gap-4">
        <p className="flex flex-wrap gap-1.5">
          {p.modalities.map((m) => (
            <Chip key={m}>{t(`practice.way.${m}`)}</Chip>
          ))}
          {p.rated > 0 && <Chip tone="brand">{t('practice.rated', { stars: (p.rating / 100).toFixed(1), n: f.n(p.rated) })}</Chip>}
        </p>
        <p className="text-sm text-muted">{t('queues.levelsHint')}</p>
        <ul className="divide-y divide-edge rounded-card border border-edge">
          {(skills.data?.items ?? []).map((k) => (
            <li key={k.id} className="flex min-h-12 items-center gap-3 px-3">
              <bdi className="min-w-0 flex-1">{k.name}</bdi>
              {k.licensed && <Chip>{t('practice.licensed')}</Chip>}
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
                    {f.n(n)}
                  </option>
                ))}
              </Select>
            </li>
          ))}
        </ul>
        <LicencesOf expert={p.id} names={skills.names} own={own} />
        {p.suspended && p.why && <bdi className="text-sm font-medium text-bad">{p.why}</bdi>}
        {!own && p.state === 'approved' && !p.suspended && <Field label={t('queues.suspendWhy')} value={why} maxLength={500} onChange={(e) => setWhy(e.target.value)} />}
        {decide.error !== null && <ErrorNote error={decide.error} />}
        {own ? (
          <p className="font-semibold text-held">{t('queues.ownHint')}</p>
        ) : (
          <div className="grid grid-cols-2 gap-3">
            {p.state !== 'refused' && (
              <Button busy={decide.busy} disabled={p.state === 'approved' && !p.suspended && why.trim() === ''} onClick={() => (p.state === 'approved' ? say('approved', !p.suspended) : say('refused', p.suspended))}>
                {t(p.state !== 'approved' ? 'queues.refuse' : p.suspended ? 'queues.resume' : 'queues.suspend')}
              </Button>
            )}
            <Button kind="primary" busy={decide.busy} onClick={() => say('approved', p.state === 'approved' ? p.suspended : false)}>
              {t(p.state === 'approved' ? 'queues.save' : 'queues.approve')}
            </Button>
          </div>
        )}
      </div>
    </Sheet>
  )
}
